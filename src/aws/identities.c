/* SPDX-License-Identifier: MIT */
/* The set of identities: one for each different setting of a queue. */
#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "identity_private.h"

/* Interval at which files are looked at, and the time by which it may be longer: an idle daemon
 * should rarely wake up. */
#define LOOK_USEC       (15 * USEC_PER_SEC)
#define LOOK_SLACK_USEC (15 * USEC_PER_SEC)

static int on_look(sd_event_source *source, uint64_t usec, void *userdata)
{
    struct identities *set = userdata;
    struct identity *identity;
    (void)usec;
    bool any = false;
    TAILQ_FOREACH(identity, &set->all, link) {
        any = any || identity->files.count;
        identity_look_at_files(identity);
    }
    if (!any) /* static keys: an idle daemon must not wake up for nothing */
        return 0;
    sd_event_source_set_time_relative(source, LOOK_USEC);
    sd_event_source_set_enabled(source, SD_EVENT_ONESHOT);
    return 0;
}

int identities_get(struct identities *set, const struct identity_want *want, struct identity **ret,
                   struct error *error)
{
    struct identity *identity;
    TAILQ_FOREACH(identity, &set->all, link)
        if (text_equal(identity->profile, want->profile) &&
            text_equal(identity->role_arn, want->role_arn) &&
            text_equal(identity->external_id, want->external_id)) {
            *ret = identity;
            return 0;
        }
    return identity_make(set, want, ret, error);
}

int identities_new(struct identities **ret, const struct identities_options *options,
                   struct error *error)
{
    struct identities *set = NEW(struct identities);
    struct identity *first;
    set->options = *options;
    set->direct = http_transport_new(&(struct http_transport_options){.environment = false});
    TAILQ_INIT(&set->all);
    int r = sd_event_add_time_relative(options->event, &set->look, CLOCK_BOOTTIME, LOOK_USEC,
                                       LOOK_SLACK_USEC, on_look, set);
    if (r < 0)
        error_set(error, ERROR_CONFIG, "the event loop: %s", strerror(-r));
    if (r >= 0)
        r = identity_make(set, &(struct identity_want){0}, &first, error);
    if (r >= 0)
        *ret = TAKE(set);
    identities_free(set);
    return r < 0 ? r : 0;
}

void identities_free(struct identities *set)
{
    struct identity *identity;
    if (!set)
        return;
    /* Children first: they wait for their parent. */
    while ((identity = TAILQ_LAST(&set->all, identity_list)) != NULL) {
        TAILQ_REMOVE(&set->all, identity, link);
        identity_free(identity);
    }
    sd_event_source_disable_unref(set->look);
    http_transport_free(set->direct);
    free(set);
}

void identities_each(const struct identities *set,
                     void (*each)(struct identity *identity, void *userdata), void *userdata)
{
    struct identity *identity;
    TAILQ_FOREACH(identity, &set->all, link)
        each(identity, userdata);
}
