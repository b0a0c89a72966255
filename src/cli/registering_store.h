/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_REGISTERING_STORE_H
#define SRC_CLI_REGISTERING_STORE_H

#include <stddef.h>

#include "register/registrar.h"

/* The subscriptions that a command found, created or deleted. registering_store_end frees them. */
struct registering_store {
    struct registered_subscription {
        char *seller, *type, *id;
        enum subscription_event event;
    } * all;
    size_t count;
};

/* Note one of them. A hook of the registrar has these parameters. */
void registering_store_add(struct registering_store *list, const char *seller, const char *type,
                           const char *id, enum subscription_event event);

/* Write them into the store of the state directory and wake the daemon, so that it knows whose
 * their notifications are and releases those that it holds. If there is no store, or one that the
 * daemon will migrate, do nothing: its start registers. If the store cannot be written, report it:
 * the daemon finds the subscriptions itself, but later. Free the list. */
void registering_store_end(struct registering_store *list, const char *state_directory);

#endif
