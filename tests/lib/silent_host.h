/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SILENT_HOST_H
#define TESTS_SILENT_HOST_H

#include <stdint.h>

/*
 * A host that does not answer: a listener on loopback that never accepts and whose backlog is full,
 * so that the kernel drops every further SYN, as a firewall or a host without power would.
 */
#define SILENT_HOST_FILLERS 16

struct silent_host {
    int listener;
    int fillers[SILENT_HOST_FILLERS];
    unsigned n_fillers;
    uint16_t port;
};

/* On this port, 0: on a free one. 0 or negative errno; silent_host_end also after a failure. */
int silent_host_begin(struct silent_host *host, uint16_t port);
void silent_host_end(struct silent_host *host);

#endif
