/* SPDX-License-Identifier: MIT */
#ifndef BARE_SCAN_H
#define BARE_SCAN_H

#include <stddef.h>

#define SCAN_MESSAGES 10

/* A message found in a ReceiveMessage answer; `handle` points into the answer. */
struct scan_message {
    const char *handle;
    size_t handle_size;
    char *body; /* unescaped in place, inside the answer */
    size_t body_size;
};

/* Finds the messages by strstr, no more parsing than that. Changes the answer (bodies are unescaped
 * where they lie). Returns how many there are. */
size_t scan_messages(char *answer, struct scan_message messages[SCAN_MESSAGES]);

/* Finds the NotificationId in a body; NULL when there is none. */
const char *scan_id(const char *body, size_t *ret_size);

#endif
