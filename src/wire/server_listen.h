/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_SERVER_LISTEN_H
#define SRC_WIRE_SERVER_LISTEN_H

#include <stdint.h>

/* Open a listening socket for an address in the form of server_options.listen.
 * libmicrohttpd does not report why it could not get one. *ret_path: the file of a Unix
 * socket, owned by the caller, which removes it with server_unlisten; NULL for other
 * sockets. Return the socket, or a negative errno. */
int server_listen(const char *listen, char **ret_path);

/* Remove the file of a Unix socket and free its name. NULL is allowed. */
void server_unlisten(char *path);

/* Return the port that a socket is bound to. 0 if it has none. */
uint16_t server_bound_port(int fd);

#endif
