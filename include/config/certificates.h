/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CERTIFICATES_H
#define CONFIG_CERTIFICATES_H

#include <systemd/sd-event.h>

#include "config/config.h"

/*
 * The certificates that webhooks' sections name: the client certificate, which is shown to the
 * receiver, and the authorities that may have signed the receiver's certificate. They are checked
 * when the config is read, once a day, and when one of them gets closer to its end. If a state
 * changes, there is an event; a reload does not repeat it.
 */

/* How long before its end a certificate should have been renewed. */
#define CERTIFICATE_WARN_USEC (30 * 24 * 3600 * 1000000ULL)

enum certificate_kind { CERTIFICATE_CLIENT, CERTIFICATE_AUTHORITY };

/* From good to useless, in the steps that are reported. */
enum certificate_state {
    CERTIFICATE_UNKNOWN, /* not checked yet */
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
    sd_event_source *timer; /* for the next check; NULL before the first */
    void (*looked)(const struct certificate *certificate, void *userdata); /* after each check */
    void *userdata;
};

/* Return "client certificate" or "authority in ca_file". */
const char *certificate_kind_name(enum certificate_kind kind);

/* Check one file. Returns when it ends and sets *ret_state. For CERTIFICATE_UNREADABLE it returns
 * 0, with the reason in *error. A client certificate ends when the first of its chain ends,
 * authorities when the last of them ends. */
uint64_t certificate_look(const char *path, enum certificate_kind kind, uint64_t now_usec,
                          enum certificate_state *ret_state, struct error *error);

/* Replace the certificates by those of a config, and check them. If a certificate is still there,
 * its reported state is not reported again. `looked` and userdata must be set before. 0 or negative
 * errno. */
int certificates_set(struct certificates *certificates, sd_event *event,
                     const struct config *config);

/* Free the list and the timer. */
void certificates_clear(struct certificates *certificates);

/* Find a certificate of a webhook, with the state of the last check; NULL: its section names
 * none. */
const struct certificate *certificates_find(const struct certificates *certificates,
                                            const char *webhook, enum certificate_kind kind);

#endif
