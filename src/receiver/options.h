/* SPDX-License-Identifier: MIT */
#ifndef SRC_RECEIVER_OPTIONS_H
#define SRC_RECEIVER_OPTIONS_H

#include <stdint.h>

struct options {
    const char *listen;
    const char *port_file;   /* NULL: none */
    const char *secret_file; /* NULL: signatures are not checked */
    const char *log;         /* NULL: none */
    const char *keep_first;  /* NULL: none */
    uint64_t latency_ms;
};

/* Read the command line. Ends the process for --help (0) and for wrong usage (2). */
void options_read(struct options *options, int argc, char **argv);

#endif
