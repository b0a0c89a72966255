/* SPDX-License-Identifier: MIT */
#ifndef TESTS_EAR_H
#define TESTS_EAR_H

/* Events of the journal, as they go to stderr. Between ear_open and ear_heard they are caught
 * (informational ones and more urgent); after ear_heard, and after ear_close, they are silent. */
void ear_open(void);

/* What was said, a line for each event; the caller frees it. */
char *ear_heard(void);

/* Forgets what was said; fine when nobody listens. */
void ear_close(void);

#endif
