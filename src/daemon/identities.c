/* SPDX-License-Identifier: MIT */
#include "aws/identity.h"

#include "base/clock.h"
#include "base/text.h"
#include "daemon.h"
#include "journal/events.h"

static void note(struct identity *identity, void *userdata)
{
    struct daemon *d = userdata;
    const char *name = identity_name(identity);
    char end[CLOCK_TEXT_MAX];
    uint64_t expires = identity_expires_usec(identity);
    clock_rfc3339(end, expires);
    daemon_note(d, "aws", name, "source", identity_place(identity));
    daemon_note(d, "aws", name, "expires", expires ? end : NULL);
    daemon_note(d, "aws", name, "problem",
                identity_failures(identity) ? identity_failure(identity)->text : NULL);
}

void daemon_note_identities(struct daemon *d)
{
    identities_each(d->parts->identities, note, d);
}

void daemon_identity_changed(struct identity *identity, void *userdata)
{
    struct daemon *d = userdata;
    const char *name = identity_name(identity);
    uint64_t expires = identity_expires_usec(identity);
    bool told = daemon_has_alarm(d, ID_CREDENTIALS_EXPIRE, name);
    if (identity_is_ending(identity) && !told)
        event_credentials_expire(name, expires, identity_failures(identity),
                                 identity_failure(identity));
    else if (!identity_failures(identity) && told)
        event_credentials_renewed(name, expires);
    note(identity, d);
}

struct search {
    const char *name;
    struct identity *found;
};

static void match(struct identity *identity, void *userdata)
{
    struct search *search = userdata;
    if (text_equal(identity_name(identity), search->name))
        search->found = identity;
}

const char *daemon_identity_is_good(struct daemon *d, const char *name)
{
    struct search search = {.name = name};
    identities_each(d->parts->identities, match, &search);
    if (!search.found)
        return "no queue uses these credentials";
    return !identity_failures(search.found) && identity_credentials(search.found)
               ? "there are valid credentials"
               : NULL;
}
