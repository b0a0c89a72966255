/* SPDX-License-Identifier: MIT */
/* The access token of a forwarder, where its webhook wants one: what is due waits for it in the
 * store, what was refused with an old one waits for a new one in its slot, and when there is none
 * to be had nothing goes out. */
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

/* ---- 401 ---- */

static bool is_refused(const struct forwarder *f, const struct http_answer *answer)
{
    struct outcome outcome;
    if (answer->error.kind != ERROR_NONE || answer->status != 401)
        return false;
    outcome_read(&outcome, answer, &f->success, clock_trusted_usec());
    return outcome.class != OUTCOME_DELIVERED;
}

bool forwarder_keeps_refused(struct forwarder *f, struct attempt *attempt,
                             const struct http_answer *answer)
{
    if (!access_token_is_wanted(&f->token) || attempt->again || !is_refused(f, answer) ||
        !access_token_refuse(&f->token, attempt->token))
        return false;
    attempt->again = true;
    attempt_push(&f->refused, attempt);
    return true;
}

void forwarder_send_refused(struct forwarder *f)
{
    while (f->refused && forwarder_has_turn(f) && forwarder_authorize(f)) {
        struct attempt *attempt = f->refused;
        attempt_unlink(attempt);
        forwarder_gave_slot(f, attempt);
        attempt->late = false;
        forwarder_send(f, attempt);
    }
}

/* Their 401 stands, and there is nothing to send them again with. */
static void give_up_refused(struct forwarder *f, const struct error *error)
{
    while (f->refused) {
        struct attempt *attempt = f->refused;
        struct http_answer answer = {
            .error = *error, .status = 401, .started_usec = attempt->started_usec};
        attempt_unlink(attempt);
        attempt->no_token = true;
        forwarder_gave_slot(f, attempt);
        forwarder_judge(f, attempt, &answer);
        attempt_end(f, attempt);
    }
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

/* From access_token, when a request for one has ended. */
void forwarder_on_token(const struct error *error, void *userdata)
{
    struct forwarder *f = userdata;
    if (error) {
        tell_failure(f, error);
        forwarder_cannot_send(f, error);
        give_up_refused(f, error);
    } else {
        tell_success(f);
        f->more = true;
        forwarder_send_refused(f);
    }
    turn_request(f->turn);
    forwarder_send_more(f);
    forwarder_schedule(f);
}
