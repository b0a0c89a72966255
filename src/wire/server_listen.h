/* SPDX-License-Identifier: MIT */
#ifndef SERVER_LISTEN_H
#define SERVER_LISTEN_H

#include <stdint.h>

/* A listening socket for an address as server_options.listen has it; libmicrohttpd does not say why
 * it could not get one. *ret_path: the file of a Unix socket, owned by the caller, who removes it
 * with server_unlisten; NULL for others. The socket, or negative errno. */
int server_listen(const char *listen, char **ret_path);

/* Removes the file of a Unix socket and frees its name. NULL is fine. */
void server_unlisten(char *path);

/* The port that a socket is bound to; 0: it has none. */
uint16_t server_bound_port(int fd);

#endif
