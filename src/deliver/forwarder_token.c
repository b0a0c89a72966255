/* SPDX-License-Identifier: MIT */
/* The access token of a forwarder whose webhook wants one. Due deliveries wait for the token in the
 * store, and so do deliveries that were refused with an old token. While no token can be had,
 * nothing is sent. */
#include <string.h>

#include "base/clock.h"
#include "base/text.h"
#include "forwarder_private.h"
#include "journal/events.h"

bool forwarder_authorize(struct forwarder *f)
{
    if (access_token_is_good(&f->token))
        return true;
    access_token_ask(&f->token);
    return false;
}

void forwarder_ask_if_wanted(struct forwarder *f)
{
    if (f->wants_token && !f->stopping)
        access_token_ask(&f->token);
    f->wants_token = false;
}

bool forwarder_replaces_token(struct forwarder *f, const struct attempt *attempt,
                              const struct http_answer *answer)
{
    return access_token_is_wanted(&f->token) && answer->error.kind == ERROR_NONE &&
           answer->status == 401 && access_token_refuse(&f->token, attempt->token);
}

/* ---- the token endpoint has answered ---- */

static void tell_failure(struct forwarder *f, const struct error *error)
{
    const struct error *before = &f->token_error;
    bool known = before->kind == error->kind && before->status == error->status &&
                 text_equal(before->code, error->code);
    if (before->kind == ERROR_NONE)
        f->token_failed_usec = clock_boot_usec();
    f->token_error = *error;
    if (!known)
        event_token_failed(f->name, error);
}

static void tell_success(struct forwarder *f)
{
    if (f->token_error.kind != ERROR_NONE)
        event_token_works_again(f->name, clock_boot_usec() - f->token_failed_usec);
    f->token_error.kind = ERROR_NONE;
}

/* Called by access_token when a request for a token has ended. */
void forwarder_on_token(const struct error *error, void *userdata)
{
    struct forwarder *f = userdata;
    if (error) {
        tell_failure(f, error);
        forwarder_cannot_send(f, error);
    } else {
        tell_success(f);
        f->more = true;
    }
    turn_request(f->turn);
    forwarder_send_more(f);
    forwarder_schedule(f);
}
