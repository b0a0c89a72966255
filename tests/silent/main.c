/* SPDX-License-Identifier: MIT */
/* A host that does not answer, for tests: `dockbell-silent-host [PORT]` prints its port and stays
 * silent until its input ends. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "silent_host.h"

int main(int argc, char **argv)
{
    struct silent_host host;
    unsigned long port = argc > 1 ? strtoul(argv[1], NULL, 10) : 0;
    int r = silent_host_begin(&host, (uint16_t)port);
    if (r < 0) {
        fprintf(stderr, "no silent host: %s\n", strerror(-r));
        return EXIT_FAILURE;
    }
    printf("%u\n", host.port);
    fflush(stdout);
    while (getchar() != EOF)
        ;
    silent_host_end(&host);
    return EXIT_SUCCESS;
}
