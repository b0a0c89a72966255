/* SPDX-License-Identifier: MIT */
#include "http_memory.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

/* Bytes of a block that are overwritten usually. */
#define HEAD_SIZE ((size_t)4096)

static unsigned secret_calls;

static void wipe_and_free(void *block)
{
    if (!block) /* curl frees each string that an option has not set: six of seven calls */
        return;
    size_t size = malloc_usable_size(block);
    explicit_bzero(block, secret_calls || size < HEAD_SIZE ? size : HEAD_SIZE);
    free(block);
}

/* realloc may move the bytes and leave the old ones behind. */
static void *wipe_and_resize(void *block, size_t size)
{
    size_t room = block ? malloc_usable_size(block) : 0;
    if (block && size <= room)
        return block;
    void *fresh = malloc(size);
    if (!fresh)
        return NULL;
    if (block)
        memcpy(fresh, block, room);
    wipe_and_free(block);
    return fresh;
}

void http_memory_begin_secret(void)
{
    secret_calls++;
}

void http_memory_end_secret(void)
{
    secret_calls--;
}

int http_memory_init(void)
{
    CURLcode result = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free,
                                           wipe_and_resize, strdup, calloc);
    return result == CURLE_OK ? 0 : -ENOSYS;
}
