/* SPDX-License-Identifier: MIT */
#ifndef CERTIFICATES_H
#define CERTIFICATES_H

#include <systemd/sd-event.h>

#include "daemon/config.h"

/*
 * The certificates that webhooks' sections name: the one shown to the receiver, and the authorities
 * that may have signed his. They are looked at when the config is read, once a day, and when one of
 * them gets closer to its end. Events come when that changes, and are not repeated by a reload.
 */

/* How long before its end a certificate should have been renewed. */
#define CERTIFICATE_WARN_USEC (30 * 24 * 3600 * 1000000ULL)

enum certificate_kind { CERTIFICATE_CLIENT, CERTIFICATE_AUTHORITY };

/* From good to useless, in the steps that are told. */
enum certificate_state {
    CERTIFICATE_UNKNOWN, /* not looked at yet */
    CERTIFICATE_GOOD,
    CERTIFICATE_MONTH, /* ends within CERTIFICATE_WARN_USEC */
    CERTIFICATE_WEEK,
    CERTIFICATE_DAY,
    CERTIFICATE_EXPIRED,
    CERTIFICATE_UNREADABLE,
};

struct certificate {
    char *webhook, *path;
    enum certificate_kind kind;
    enum certificate_state state;
    uint64_t ends_usec; /* wall time; 0: it cannot be read */
};

struct certificates {
    struct certificate *list;
    size_t count;
    sd_event_source *timer; /* the next look; NULL before the first */
    void (*looked)(const struct certificate *certificate, void *userdata); /* after each look */
    void *userdata;
};

/* "client certificate", "authority in ca_file". */
const char *certificate_kind_name(enum certificate_kind kind);

/* Looks at one file: its state into *ret_state, and when it ends, 0 for CERTIFICATE_UNREADABLE with
 * the reason in *error. The client's ends with the first of its chain, the authorities with the
 * last of them. */
uint64_t certificate_look(const char *path, enum certificate_kind kind, uint64_t now_usec,
                          enum certificate_state *ret_state, struct error *error);

/* Takes the certificates of a config in place of those before, and looks at them. What was told of
 * one that is still there is not told again. `looked` and userdata are set before. 0 or negative
 * errno. */
int certificates_set(struct certificates *certificates, sd_event *event,
                     const struct config *config);
void certificates_clear(struct certificates *certificates);

/* The one of a webhook, as it was seen last; NULL: its section names none. */
const struct certificate *certificates_find(const struct certificates *certificates,
                                            const char *webhook, enum certificate_kind kind);

#endif
