/* SPDX-License-Identifier: MIT */
#include "http_memory.h"

#include <curl/curl.h>
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>

static void wipe_and_free(void *block)
{
    if (block)
        explicit_bzero(block, malloc_usable_size(block));
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

int http_memory_init(void)
{
    CURLcode result = curl_global_init_mem(CURL_GLOBAL_DEFAULT, malloc, wipe_and_free,
                                           wipe_and_resize, strdup, calloc);
    return result == CURLE_OK ? 0 : -ENOSYS;
}
