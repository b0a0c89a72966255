/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_OPTIONS_H
#define SRC_SANDBOX_OPTIONS_H

#include "sandbox.h"

/* The command line. */

struct options {
    struct sandbox_options sandbox;
    const char *port_file; /* NULL: none */
};

enum options_result {
    OPTIONS_RUN,
    OPTIONS_DONE,  /* --help or --version was printed */
    OPTIONS_WRONG, /* reported on stderr */
};

/* Read the command line. */
enum options_result options_parse(struct options *ret, int argc, char **argv);

#endif
