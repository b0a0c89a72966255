/* SPDX-License-Identifier: MIT */
#include "base/secret.h"

#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "base/memory.h"

/* Return the size in whole pages. A secret has pages of its own, so that the kernel can leave them
 * out of core dumps. */
static size_t pages_for(size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    return (size + 1 + page - 1) / page * page;
}

void secret_set(struct secret *secret, const void *bytes, size_t size)
{
    size_t room = pages_for(size);
    char *fresh = mmap(NULL, room, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (fresh == MAP_FAILED)
        abort();
    /* Both calls are optional. If they fail, the secret still works. */
    (void)madvise(fresh, room, MADV_DONTDUMP);
    (void)mlock(fresh, room);
    if (size)
        memcpy(fresh, bytes, size);
    secret_clear(secret);
    *secret = (struct secret){fresh, size};
}

void secret_clear(struct secret *secret)
{
    if (secret->data) {
        explicit_bzero(secret->data, secret->size);
        munmap(secret->data, pages_for(secret->size));
    }
    *secret = (struct secret){0};
}

void secret_free_string(char *string)
{
    if (string)
        explicit_bzero(string, strlen(string));
    free(string);
}

void secret_protect_process(void)
{
    (void)prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
    (void)setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
}
