/* SPDX-License-Identifier: MIT */
/* Notifications from unknown senders: reports many at once, and leaves messages in SQS. */
#include "base/text.h"
#include "hidden.h"
#include "journal/events.h"
#include "receiver_private.h"

static enum unknown_fate fate_of(const struct receiver *r, const struct accept *accept)
{
    switch (accept->result) {
    case ACCEPTED_OVER_LIMIT:
        return r->options.unknown_seller == UNKNOWN_DROP ? UNKNOWN_DROPPED : UNKNOWN_COUNTED;
    case ACCEPTED_LEFT:
        return UNKNOWN_LEFT;
    default:
        return r->options.unknown_seller == UNKNOWN_FORWARD ? UNKNOWN_FORWARDED : UNKNOWN_HELD;
    }
}

/* Whether the sender differs from the last reported one. An unknown sender that publishes a
 * thousand times is reported once. */
static bool is_new(struct receiver *r, const char *seller_id)
{
    const char *id = seller_id ? seller_id : "";
    if (r->unknown_told && text_equal(r->unknown_seller, id))
        return false;
    r->unknown_told = true;
    text_copy(r->unknown_seller, sizeof(r->unknown_seller), id);
    return true;
}

static void tell_limit(struct receiver *r)
{
    if (r->options.room->strangers)
        return;
    r->options.room->strangers = true;
    event_unknown_limit(r->queue, r->options.unknown_limits.count, r->options.unknown_limits.bytes);
}

void receiver_tell_stranger(struct receiver *r, const struct notification *n,
                            const struct accept *accept)
{
    const struct receiver_hooks *hooks = &r->options.hooks;
    bool away = accept->result == ACCEPTED_OVER_LIMIT || accept->result == ACCEPTED_LEFT;
    struct event_subject subject = {
        .queue = accept->queue,
        .notification_id = accept->id,
        .order_id = accept->order_id,
        .type = accept->type,
    };
    if (accept->result == ACCEPTED_COPY)
        return;
    if (!accept->unreadable && is_new(r, accept->seller_id))
        event_unknown_seller(&subject, accept->seller_id, n->subscription_id, fate_of(r, accept));
    if (away && (accept->unreadable || r->options.unknown_seller == UNKNOWN_HOLD))
        tell_limit(r);
    if (accept->sender == SENDER_NAMELESS && n->subscription_id && hooks->unknown_subscription)
        hooks->unknown_subscription(n->type, hooks->userdata);
}

static void on_left(const struct error *error, void *userdata)
{
    /* If it failed, the message comes again in a minute and is hidden then. */
    (void)error;
    (void)userdata;
}

void receiver_leave(struct receiver *r, const char *receipt)
{
    hidden_add(&r->tally->hidden);
    sqs_hide(r->sqs, receipt, RECEIVER_HIDE_S, on_left, NULL, NULL);
}
