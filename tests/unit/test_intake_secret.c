/* SPDX-License-Identifier: MIT */
/* Messages about the client secret: a new one stays in the queue until it is kept. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "receiving.h"

/* All receipts of the messages so far have been deleted. */
static void assert_deleted(struct receiving *r)
{
    receiving_run(r, USEC_PER_SEC);
    AUTOFREE char *last = memory_format("receipt-%u.", r->messages - 1);
    assert_part(receiving_call(r, "DeleteMessageBatch"), last);
}

/* Law 8: left in the queue and out of everything else. */
static void a_client_secret_stays_in_the_queue(void **state)
{
    struct receiving *r = *state;
    receiving_start(r);
    ear_open();
    receiving_bring(r, "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\",\"payload\":{"
                       "\"applicationOAuthClientNewSecret\":{\"newClientSecret\":\"hush\"}},"
                       "\"notificationMetadata\":{\"notificationId\":\"n-1\"}}");
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "has sent a new client secret"), 1);
    assert_no_part(said, "hush");
    const char *hide = receiving_call(r, "ChangeMessageVisibility");
    assert_part(hide, "\"ReceiptHandle\":\"receipt-0.\"");
    assert_part(hide, "\"VisibilityTimeout\":43140");
    receiving_run(r, USEC_PER_MIN);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
    assert_int_equal(workshop_row(&r->shop, 1).id, 0);
    assert_int_equal(workshop_counter(&r->shop, "received"), 0);
    assert_int_equal(r->room.held, 0);
    /* The others of its batch are not touched by it. */
    AUTOFREE char *order = receiving_order("n-2", ACME_ID, "408-1");
    receiving_bring(r, "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\"}", order);
    assert_string_equal(workshop_row(&r->shop, 1).notification_id, "n-2");
    assert_deleted(r);
}

#define WHOLE_SECRET                                                                               \
    "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_NEW_SECRET\",\"eventTime\":"                 \
    "\"2026-01-11T00:09:53.109Z\",\"payload\":{\"applicationOAuthClientNewSecret\":{"              \
    "\"clientId\":\"ours\",\"newClientSecret\":\"hush\",\"newClientSecretExpiryTime\":"            \
    "\"2026-07-10T00:09:53.109Z\",\"oldClientSecretExpiryTime\":\"2026-01-18T00:09:53.109Z\"}}}"

struct offered {
    struct receiver *receiver;
    char *receipt, *secret;
    struct client_secret_expiry expiry;
};

static void on_new_secret(struct receiver *receiver, const char *receipt,
                          struct new_client_secret *secret, void *userdata)
{
    struct offered *offered = userdata;
    free(offered->receipt);
    free(offered->secret);
    *offered = (struct offered){.receiver = receiver,
                                .receipt = memory_string(receipt),
                                .secret = memory_string(secret->secret.data)};
}

static void on_expiry(const struct client_secret_expiry *expiry, void *userdata)
{
    struct offered *offered = userdata;
    offered->expiry = *expiry;
}

/* It is neither deleted nor hidden before it is decided what becomes of it. */
static void a_client_secret_is_handed_on(void **state)
{
    struct receiving *r = *state;
    struct offered offered = {0};
    r->options.hooks.new_secret = on_new_secret;
    r->options.hooks.answered = NULL; /* it takes other userdata */
    r->options.hooks.userdata = &offered;
    receiving_start(r);
    receiving_bring(r, WHOLE_SECRET);
    assert_string_equal(offered.secret, "hush");
    receiving_run(r, USEC_PER_MIN);
    assert_int_equal(receiving_calls(r, "ChangeMessageVisibility"), 0);
    assert_int_equal(receiving_calls(r, "DeleteMessageBatch"), 0);
    assert_int_equal(workshop_counter(&r->shop, "received"), 0);
    ear_open();
    receiver_secret_done(offered.receiver, offered.receipt, 600, "it does not work");
    receiver_secret_done(offered.receiver, offered.receipt, 1200, "it does not work");
    receiving_rest(r);
    AUTOFREE char *said = ear_heard();
    assert_int_equal(count_parts(said, "left in the queue: it does not work"), 1);
    assert_part(receiving_call(r, "ChangeMessageVisibility"), "\"VisibilityTimeout\":1200");
    receiver_secret_done(offered.receiver, offered.receipt, 0, NULL);
    assert_deleted(r);
    free(offered.receipt);
    free(offered.secret);
}

/* Stored and forwarded like any other, and told. */
static void the_end_of_a_client_secret_is_told(void **state)
{
    struct receiving *r = *state;
    struct offered offered = {0};
    r->options.hooks.secret_expiry = on_expiry;
    r->options.hooks.answered = NULL; /* it takes other userdata */
    r->options.hooks.userdata = &offered;
    receiving_start(r);
    receiving_bring(r,
                    "{\"notificationType\":\"APPLICATION_OAUTH_CLIENT_SECRET_EXPIRY\",\"payload\":"
                    "{\"applicationOAuthClientSecretExpiry\":{\"clientId\":\"ours\","
                    "\"clientSecretExpiryTime\":\"2026-04-11T00:09:53.109Z\"}},"
                    "\"notificationMetadata\":{\"notificationId\":\"n-1\"}}");
    assert_string_equal(workshop_row(&r->shop, 1).notification_id, "n-1");
    assert_string_equal(offered.expiry.client_id, "ours");
    assert_deleted(r);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_RECEIVING(a_client_secret_stays_in_the_queue),
        IN_RECEIVING(a_client_secret_is_handed_on),
        IN_RECEIVING(the_end_of_a_client_secret_is_told),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
