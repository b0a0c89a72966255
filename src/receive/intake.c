/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "attribution.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "hidden.h"
#include "journal/events.h"
#include "receiver_private.h"
#include "webhook/body.h"

struct intake_batch;

/* One message on its way into the store. It lives until the turn has answered. */
struct intake {
    struct intake_batch *batch;
    const struct sqs_message *message;
    struct attribution whose;
    struct notification notification;
    struct accept accept;
    struct accept_target *targets;
    struct text prefix;
    char id[64]; /* the dedupe key if Amazon gave none */
};

/* The messages of one answer. They are freed together, after the last of them. */
struct intake_batch {
    struct receiver *receiver;
    struct sqs_batch *sqs;
    size_t open, bytes;
    uint64_t received_usec; /* Amazon's time at the receipt */
    struct intake intakes[SQS_BATCH_MAX];
};

static void end_batch(struct intake_batch *batch)
{
    struct receiver *receiver = batch->receiver;
    size_t bytes = batch->bytes;
    sqs_batch_free(batch->sqs);
    free(batch);
    receiver_batch_done(receiver, bytes);
}

static void end_intake(struct intake *intake)
{
    struct intake_batch *batch = intake->batch;
    notification_clear(&intake->notification);
    text_clear(&intake->prefix);
    free(intake->targets);
    if (--batch->open == 0)
        end_batch(batch);
}

static struct event_subject subject_of(const struct intake *intake)
{
    return (struct event_subject){
        .queue = intake->accept.queue,
        .seller = intake->accept.seller,
        .notification_id = intake->accept.id,
        .order_id = intake->accept.order_id,
        .type = intake->accept.type,
    };
}

/* ---- the webhooks that want it ---- */

static void add_target(struct intake *intake, struct accept_target target)
{
    intake->targets[intake->accept.n_targets++] = target;
}

static void aim(struct intake *intake, struct accept_target model)
{
    const struct receiver *r = intake->batch->receiver;
    const struct notification *n = &intake->notification;
    for (size_t i = 0; i < r->options.n_webhooks; i++) {
        const struct receiver_webhook *webhook = &r->options.webhooks[i];
        model.webhook = webhook->id;
        model.format = webhook->format;
        if (receiver_wants(webhook, n, intake->accept.seller))
            add_target(intake, model);
    }
    if (intake->accept.n_targets)
        return;
    model.webhook = 0;
    model.format = WEBHOOK_STANDARD;
    if (model.state == DELIVERY_READY) {
        model.state = DELIVERY_FILTERED;
        model.reason = "no webhook wants it";
    }
    add_target(intake, model);
}

static void choose_targets(struct intake *intake)
{
    const struct receiver *r = intake->batch->receiver;
    bool forward = r->options.unknown_seller == UNKNOWN_FORWARD;
    intake->targets = memory_new((r->options.n_webhooks + 1) * sizeof(*intake->targets));
    intake->accept.targets = intake->targets;
    intake->accept.n_targets = 0;
    if (intake->accept.unreadable)
        add_target(intake, (struct accept_target){
                               .state = DELIVERY_DEAD,
                               .cause = DEAD_UNREADABLE,
                               .reason = intake->notification.why,
                           });
    else if (intake->whose.sender != SENDER_OURS && !forward)
        aim(intake, (struct accept_target){.state = DELIVERY_HELD, .reason = "unknown seller"});
    else
        aim(intake, (struct accept_target){.state = DELIVERY_READY});
}

/* ---- from message to accept ---- */

static const char *dedupe_id(struct intake *intake)
{
    if (intake->notification.id)
        return intake->notification.id;
    /* SQS's own id is a UUID. A longer id is replaced by its hash. */
    if (strlen(intake->message->id) < sizeof(intake->id) - 5)
        snprintf(intake->id, sizeof(intake->id), "sqs-%s", intake->message->id);
    else
        snprintf(intake->id, sizeof(intake->id), "sqs-%016llx",
                 (unsigned long long)digest_key64(&intake->message->id, 1));
    return intake->id;
}

/* Return the time that orders notifications and makes older ones stale. It is Amazon's own time,
 * unless it is so much later than the moment when Amazon sent the message that a clock there must
 * be wrong. One such event would make all later events of its order stale. */
static uint64_t event_usec(const struct intake *intake)
{
    uint64_t event = intake->notification.event_usec, sent = intake->message->sent_usec;
    bool believed = event && (!sent || event <= sent + RECEIVER_AHEAD_USEC);
    if (believed)
        return event;
    return sent ? sent : clock_trusted_usec();
}

static void fill_bytes(struct intake *intake)
{
    const struct notification *n = &intake->notification;
    struct accept *accept = &intake->accept;
    accept->bytes = n->bytes;
    accept->bytes_size = n->size;
    if (n->size != intake->message->body_size) {
        accept->raw = intake->message->body;
        accept->raw_size = intake->message->body_size;
    }
    if (accept->unreadable)
        return;
    webhook_body_prefix(&intake->prefix, n, accept->id, accept->seller,
                        n->event_usec ? n->event_usec : accept->event_usec);
    accept->prefix = intake->prefix.data;
    accept->prefix_size = intake->prefix.size;
}

static void tell_expiry(const struct receiver *r, const struct notification *n)
{
    const struct receiver_hooks *hooks = &r->options.hooks;
    struct client_secret_expiry expiry;
    if (hooks->secret_expiry && client_secret_expiry_read(&expiry, n) == 0)
        hooks->secret_expiry(&expiry, hooks->userdata);
}

/* Whether webhooks get it: it is neither held nor a dead letter from the beginning. */
static bool is_for_webhooks(const struct intake *intake)
{
    const struct receiver_options *o = &intake->batch->receiver->options;
    return !intake->accept.unreadable &&
           (intake->whose.sender == SENDER_OURS || o->unknown_seller == UNKNOWN_FORWARD);
}

/* Learn the id of a seller without one, from the first notification of one of the seller's
 * subscriptions. */
static void learn(const struct intake *intake)
{
    const struct receiver_hooks *hooks = &intake->batch->receiver->options.hooks;
    if (intake->whose.by_subscription && hooks->learn)
        hooks->learn(intake->whose.seller->name, intake->notification.seller_id, hooks->userdata);
}

static void tell_new(struct receiver *r, const struct intake *intake)
{
    struct event_subject subject = subject_of(intake);
    const struct accept *accept = &intake->accept;
    if (accept->sender == SENDER_OURS && !accept->replaces) {
        r->message_usec = clock_trusted_usec();
        r->dirty = true;
        receiver_judge_lag(
            r, accept->published_usec ? accept->published_usec : intake->notification.event_usec,
            intake->batch->received_usec);
    }
    learn(intake);
    event_accepted(&subject);
    if (is_for_webhooks(intake))
        receiver_note_filters(r, &intake->notification, accept->seller);
}

static void count(const struct intake *intake)
{
    struct queue_tally *queue = intake->batch->receiver->tally;
    const struct accept *accept = &intake->accept;
    const struct receiver_seller *whose = intake->whose.seller;
    struct seller_tally *seller = whose ? whose->tally : &queue->strangers;
    uint64_t published = accept->published_usec, received = accept->received_usec;
    queue->results[accept->result]++;
    if (accept->result != ACCEPTED_NEW)
        return;
    if (published && accept->sender == SENDER_OURS)
        histogram_add(&queue->lag, received > published ? received - published : 0);
    if (!seller)
        return;
    seller->accepted++;
    seller->last_usec = received;
}

static void tell(const struct intake *intake)
{
    struct event_subject subject = subject_of(intake);
    struct receiver *r = intake->batch->receiver;
    if (intake->accept.sender != SENDER_OURS)
        receiver_tell_stranger(r, &intake->notification, &intake->accept);
    if (intake->accept.result != ACCEPTED_COPY && !intake->accept.replaces)
        tell_expiry(r, &intake->notification);
    switch (intake->accept.result) {
    case ACCEPTED_NEW:
        tell_new(r, intake);
        break;
    case ACCEPTED_COPY:
    case ACCEPTED_OVER_LIMIT:
    case ACCEPTED_LEFT:
        break;
    case ACCEPTED_REVIVED:
        event_revived(&subject, (unsigned)intake->accept.revived);
        break;
    case ACCEPTED_REJECTED:
        if (intake->accept.unreadable)
            event_unreadable(&subject, intake->notification.why);
        else
            event_id_conflict(&subject);
        break;
    }
}

/* End a message: delete it from SQS or leave it there, or count a released one from the store. If
 * it was stored, it is ours now. */
static void end_message(struct intake *intake)
{
    struct receiver *r = intake->batch->receiver;
    const struct accept *accept = &intake->accept;
    if (accept->replaces)
        receiver_released(r, accept->result == ACCEPTED_NEW);
    else if (accept->result == ACCEPTED_LEFT)
        receiver_leave(r, intake->message->receipt);
    else
        deleter_add(r->deleter, intake->message->receipt);
}

/* The turn's answer. If the message was not committed, SQS sends it again when its visibility
 * timeout ends. */
static void on_accepted(struct accept *accept, int result)
{
    struct intake *intake = accept->userdata;
    struct receiver *r = intake->batch->receiver;
    if (result == 0 && !accept->replaces)
        count(intake);
    if (result == 0) {
        tell(intake);
        end_message(intake);
    } else if (accept->replaces) {
        receiver_released(r, false); /* the next start looks at it again */
    }
    end_intake(intake);
}

/* Return the limits for notifications that are not ours; NULL: there is no limit. */
static const struct accept_limits *limits_of(const struct intake *intake)
{
    static const struct accept_limits nothing = {0};
    const struct receiver_options *options = &intake->batch->receiver->options;
    if (intake->whose.sender == SENDER_OURS)
        return NULL;
    if (intake->accept.unreadable || options->unknown_seller == UNKNOWN_HOLD)
        return &options->unknown_limits;
    return options->unknown_seller == UNKNOWN_DROP ? &nothing : NULL;
}

/* Note that queue and seller are not quiet. Only our own notifications end a silence. */
static void hear(const struct intake *intake)
{
    struct receiver *r = intake->batch->receiver;
    const struct receiver_seller *seller = intake->whose.seller;
    if (!seller || intake->accept.replaces)
        return;
    quiet_heard(r->options.quiet, intake->batch->received_usec);
    quiet_heard(seller->quiet, intake->batch->received_usec);
}

/* Fill in everything that follows from the attribution. Called again if the attribution changes. */
static void assign(struct intake *intake, struct attribution whose)
{
    struct receiver *r = intake->batch->receiver;
    struct accept *accept = &intake->accept;
    intake->whose = whose;
    accept->sender = whose.sender;
    accept->seller = whose.seller ? whose.seller->name : NULL;
    accept->limits = limits_of(intake);
    accept->may_leave = !accept->replaces && r->options.unknown_seller != UNKNOWN_DROP &&
                        hidden_has_room(&r->tally->hidden);
    hear(intake);
    free(intake->targets);
    text_reset(&intake->prefix);
    choose_targets(intake);
    fill_bytes(intake);
}

/* Inside the transaction: look again whether the subscription is known by now. */
static int look_again(struct accept *accept)
{
    struct intake *intake = accept->userdata;
    const struct receiver *r = intake->batch->receiver;
    const struct receiver_hooks *hooks = &r->options.hooks;
    const char *subscription = intake->notification.subscription_id;
    if (!subscription || !hooks->look_up)
        return 0;
    const char *subscriber = hooks->look_up(subscription, hooks->userdata);
    struct attribution whose = attribution_of(r, &intake->notification, subscriber);
    if (whose.sender == SENDER_OURS)
        assign(intake, whose);
    return 0;
}

static struct attribution attribute(const struct intake *intake)
{
    const struct receiver *r = intake->batch->receiver;
    const struct receiver_hooks *hooks = &r->options.hooks;
    const char *subscription = intake->notification.subscription_id, *subscriber = NULL;
    if (subscription && hooks->seller_of)
        subscriber = hooks->seller_of(subscription, hooks->userdata);
    return attribution_of(r, &intake->notification, subscriber);
}

static void fill(struct intake *intake, int64_t replaces)
{
    struct receiver *r = intake->batch->receiver;
    const struct notification *n = &intake->notification;
    intake->accept = (struct accept){
        .id = dedupe_id(intake),
        .queue = r->queue,
        .message_id = intake->message->id,
        .seller_id = n->seller_id,
        .type = n->type,
        .order_id = n->order_id,
        .marketplace_id = n->marketplace_id,
        .is_state = n->is_state,
        .event_usec = event_usec(intake),
        .published_usec = n->published_usec,
        .sent_usec = intake->message->sent_usec,
        .received_usec = clock_trusted_usec(),
        .unreadable = n->problem != NOTIFICATION_FINE,
        .replaces = replaces,
        .look_again = look_again,
        .done = on_accepted,
        .userdata = intake,
    };
    memcpy(intake->accept.payload_sha256, n->payload_sha256, SHA256_SIZE);
}

static void on_hidden(const struct error *error, void *userdata)
{
    /* If it failed, the message comes again in a minute and is hidden then. */
    (void)error;
    (void)userdata;
}

void receiver_secret_done(struct receiver *r, const char *receipt, unsigned hide_s, const char *why)
{
    bool told = text_equal(r->secret_why, why);
    free(r->secret_why);
    r->secret_why = memory_string(why);
    if (!hide_s) {
        deleter_add(r->deleter, receipt);
        return;
    }
    if (!told)
        event_client_secret_left(r->queue, why);
    sqs_hide(r->sqs, receipt, hide_s, on_hidden, NULL, NULL);
}

static void take_secret(struct receiver *r, const struct intake *intake)
{
    const struct receiver_hooks *hooks = &r->options.hooks;
    struct new_client_secret secret;
    if (new_client_secret_read(&secret, &intake->notification) < 0)
        receiver_secret_done(r, intake->message->receipt, RECEIVER_HIDE_S,
                             "the message cannot be read");
    else if (hooks->new_secret)
        hooks->new_secret(r, intake->message->receipt, &secret, hooks->userdata);
    else
        receiver_secret_done(r, intake->message->receipt, RECEIVER_HIDE_S, "nothing here uses it");
    new_client_secret_clear(&secret);
}

static void take_message(struct intake *intake)
{
    const struct sqs_message *message = intake->message;
    notification_parse(&intake->notification, message->body, message->body_size);
    if (intake->notification.client_secret) {
        take_secret(intake->batch->receiver, intake);
        end_intake(intake);
        return;
    }
    fill(intake, 0);
    assign(intake, attribute(intake));
    turn_accept(intake->batch->receiver->options.turn, &intake->accept);
}

size_t receiver_size_of(const struct sqs_batch *sqs)
{
    size_t bytes = 0;
    for (size_t i = 0; i < sqs->count; i++)
        bytes += sqs->messages[i].body_size;
    return bytes;
}

static struct intake_batch *open_batch(struct receiver *r, struct sqs_batch *sqs)
{
    struct intake_batch *batch = NEW(struct intake_batch);
    batch->receiver = r;
    batch->sqs = sqs;
    batch->bytes = receiver_size_of(sqs);
    /* One more than messages, so that the batch is not freed before the caller has done with it. */
    batch->open = sqs->count + 1;
    r->options.room->held += batch->bytes;
    r->pending++;
    batch->received_usec = clock_trusted_usec();
    for (size_t i = 0; i < sqs->count; i++) {
        batch->intakes[i].batch = batch;
        batch->intakes[i].message = &sqs->messages[i];
    }
    return batch;
}

static void close_batch(struct intake_batch *batch)
{
    if (--batch->open == 0)
        end_batch(batch);
}

void receiver_take(struct receiver *r, struct sqs_batch *sqs)
{
    struct intake_batch *batch = open_batch(r, sqs);
    for (size_t i = 0; i < sqs->count; i++)
        take_message(&batch->intakes[i]);
    close_batch(batch);
}

bool receiver_take_again(struct receiver *r, struct sqs_batch *sqs, int64_t notification)
{
    struct intake_batch *batch = open_batch(r, sqs);
    struct intake *intake = &batch->intakes[0];
    notification_parse(&intake->notification, intake->message->body, intake->message->body_size);
    fill(intake, notification);
    intake->whose = attribute(intake);
    if (intake->whose.sender != SENDER_OURS)
        look_again(&intake->accept);
    bool ours = intake->whose.sender == SENDER_OURS;
    if (ours) {
        assign(intake, intake->whose);
        turn_accept(r->options.turn, &intake->accept);
    } else {
        end_intake(intake);
    }
    close_batch(batch);
    return ours;
}
