/* SPDX-License-Identifier: MIT */
/* A daemon that hears of no ended request any more from the moment that a file is there: what a
 * lost completion would be, which no network can bring about. Loaded before libcurl. */
#include <dlfcn.h>
#include <unistd.h>

#define SWITCH "/etc/dockbell/deaf"

/* curl/curl.h would declare it with types that do not matter here. */
__attribute__((visibility("default"))) void *curl_multi_info_read(void *multi, int *left);

void *curl_multi_info_read(void *multi, int *left)
{
    void *(*real)(void *, int *) =
        (void *(*)(void *, int *))dlsym(RTLD_NEXT, "curl_multi_info_read");
    if (real && access(SWITCH, F_OK))
        return real(multi, left);
    *left = 0;
    return NULL;
}
