/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_MEMORY_H
#define SRC_WIRE_HTTP_MEMORY_H

/* Starts libcurl with an allocator that overwrites the blocks that it frees: requests and answers
 * have tokens, keys and secrets in them, and libcurl wipes nothing. 0, or -ENOSYS. */
int http_memory_init(void);

/* A call with secrets in its body begins, or has ended. Meanwhile whole blocks are overwritten,
 * otherwise their first bytes: the header of a request stands there, and the buffers behind it are
 * large. */
void http_memory_begin_secret(void);
void http_memory_end_secret(void);

#endif
