/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_MEMORY_H
#define WIRE_HTTP_MEMORY_H

/* Starts libcurl with an allocator that overwrites what it frees: requests and answers have tokens,
 * keys and secrets in them, and libcurl wipes nothing. 0, or -ENOSYS. */
int http_memory_init(void);

#endif
