/* SPDX-License-Identifier: MIT */
#ifndef CAPTURE_H
#define CAPTURE_H

/* Takes what is written to a descriptor (stdout, stderr) away from it. One at a time for each. */
void capture_start(int fd);

/* Ends it and returns what was written; the caller frees it. */
char *capture_end(int fd);

#endif
