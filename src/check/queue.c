/* SPDX-License-Identifier: MIT */
/* Queues: all checks that one GetQueueAttributes allows. */
#include <errno.h>
#include <string.h>

#include "aws/queue_policy.h"
#include "aws/sqs.h"
#include "base/clock.h"
#include "base/memory.h"
#include "doctor.h"

/* SQS's longest retention, which a long outage needs. */
#define RETENTION_MAX_S (14 * 86400ULL)

/* If the clock is this far off, there is a warning. Beyond the second limit, receivers refuse the
 * signatures (Standard Webhooks: five minutes). */
#define CLOCK_WARN_USEC (30 * USEC_PER_SEC)
#define CLOCK_FAIL_USEC (5 * USEC_PER_MIN)

/* The key that AWS makes for SQS in every account; its policy cannot be changed. */
#define AWS_MANAGED_KEY "alias/aws/sqs"

/* The check of one queue. */
struct look {
    struct doctor_subject *subject;
    const struct config_queue *queue;
    struct sqs *sqs;
};

struct doctor_queues {
    struct look *looks;
    size_t count;
};

static void look_at_clock(const struct look *look)
{
    int64_t offset = clock_offset_usec();
    char span[TEXT_SPAN_MAX];
    if (!sqs_is_dated(look->sqs))
        return;
    uint64_t size = offset < 0 ? -(uint64_t)offset : (uint64_t)offset;
    text_span(span, size);
    if (size < CLOCK_WARN_USEC)
        doctor_say(look->subject, DOCTOR_OK, "clock", NULL, "agrees with Amazon's");
    else
        doctor_say(look->subject, size < CLOCK_FAIL_USEC ? DOCTOR_WARN : DOCTOR_FAIL, "clock",
                   "let this machine's clock be set: timedatectl set-ntp true",
                   "this machine's clock is %s %s Amazon's", span,
                   offset < 0 ? "ahead of" : "behind");
}

static void look_at_kind(const struct look *look, const struct sqs_queue_attributes *attributes)
{
    if (attributes->fifo)
        doctor_say(look->subject, DOCTOR_FAIL, "queue",
                   "make a standard queue and put its ARN in the configuration",
                   "it is a FIFO queue, to which SP-API does not publish");
    else
        doctor_say(look->subject, DOCTOR_OK, "queue", NULL,
                   "a standard queue; %llu messages wait, %llu are in flight",
                   (unsigned long long)attributes->depth,
                   (unsigned long long)attributes->not_visible);
}

static void look_at_policy(const struct look *look, const char *policy, const char *action)
{
    static const enum doctor_state states[] = {
        [QUEUE_POLICY_ALLOWS] = DOCTOR_OK,       [QUEUE_POLICY_DEPENDS] = DOCTOR_WARN,
        [QUEUE_POLICY_SILENT] = DOCTOR_FAIL,     [QUEUE_POLICY_DENIES] = DOCTOR_FAIL,
        [QUEUE_POLICY_UNREADABLE] = DOCTOR_FAIL,
    };
    struct queue_policy_judgement judgement = queue_policy_judge(policy, action, look->queue->arn);
    AUTOFREE char *remedy = NULL;
    if (judgement.verdict == QUEUE_POLICY_DEPENDS)
        remedy = memory_string("make sure that the condition holds for SP-API, or take it out");
    else if (judgement.verdict == QUEUE_POLICY_DENIES)
        remedy = memory_string("take this account out of what the statement denies");
    else if (judgement.verdict != QUEUE_POLICY_ALLOWS)
        remedy = memory_format("set the policy that dockbell policy %s prints; until then nothing "
                               "comes, and Amazon does not say so",
                               look->queue->name);
    doctor_say(look->subject, states[judgement.verdict], "policy", remedy,
               "%s for SP-API (" QUEUE_POLICY_PUBLISHER "): %s", action, judgement.text);
}

static void look_at_senders(const struct look *look, const char *policy)
{
    static const enum doctor_state states[] = {
        [QUEUE_POLICY_CLOSED] = DOCTOR_OK,
        [QUEUE_POLICY_SHARED] = DOCTOR_WARN,
        [QUEUE_POLICY_OPEN] = DOCTOR_FAIL,
    };
    struct queue_policy_opening opening = queue_policy_opening(policy, look->queue->arn);
    bool closed = opening.senders == QUEUE_POLICY_CLOSED;
    AUTOFREE char *remedy =
        memory_format("they can forge orders, as seller ids are public: remove that statement; "
                      "dockbell policy %s prints what is needed",
                      look->queue->name);
    doctor_say(look->subject, states[opening.senders], "senders", closed ? NULL : remedy, "%s%s",
               opening.text, closed ? " may send" : "");
}

static void look_at_encryption(const struct look *look, const char *key)
{
    if (!key) {
        doctor_say(look->subject, DOCTOR_OK, "encryption", NULL, "no KMS key of its own");
        return;
    }
    bool managed = strstr(key, AWS_MANAGED_KEY) != NULL;
    AUTOTEXT struct text shown = {0};
    text_append_escaped(&shown, key, strlen(key), 200);
    AUTOFREE char *remedy =
        managed ? memory_string("encrypt it with SSE-SQS, or with a key of your own")
                : memory_format("make sure that the key's policy has the statement that dockbell "
                                "policy %s prints; it cannot be seen from here",
                                look->queue->name);
    doctor_say(look->subject, managed ? DOCTOR_FAIL : DOCTOR_WARN, "encryption", remedy,
               managed ? "the KMS key %s is AWS's, whose policy cannot let SP-API use it"
                       : "with the KMS key %s, which SP-API must be allowed to use",
               shown.data);
}

static void look_at_times(const struct look *look, const struct sqs_queue_attributes *attributes)
{
    char kept[TEXT_SPAN_MAX], hidden[TEXT_SPAN_MAX];
    text_span(kept, attributes->retention_s * USEC_PER_SEC);
    text_span(hidden, attributes->visibility_s * USEC_PER_SEC);
    if (attributes->retention_s < RETENTION_MAX_S)
        doctor_say(look->subject, DOCTOR_WARN, "retention",
                   "set MessageRetentionPeriod to 1209600 (14 days)",
                   "messages are kept for %s: what is not received by then is lost", kept);
    else
        doctor_say(look->subject, DOCTOR_OK, "retention", NULL, "messages are kept for %s", kept);
    doctor_say(look->subject, DOCTOR_OK, "visibility", NULL,
               "the queue's is %s; dockbell asks for its own at every receive", hidden);
}

static void look_at_redrive(const struct look *look, const struct sqs_queue_attributes *attributes)
{
    AUTOTEXT struct text arn = {0};
    if (!attributes->max_receive_count) {
        doctor_say(look->subject, DOCTOR_OK, "redrive", NULL,
                   "no dead-letter queue takes messages");
        return;
    }
    text_append_escaped(&arn, attributes->dead_letter_arn, strlen(attributes->dead_letter_arn),
                        200);
    doctor_say(
        look->subject, DOCTOR_WARN, "redrive",
        "watch that queue, or take the redrive policy away: dockbell keeps dead letters itself",
        "after %llu receives SQS moves a message to %s, where dockbell does not see it",
        (unsigned long long)attributes->max_receive_count, arn.data);
}

static const char *remedy_for(const struct error *error)
{
    if (strstr(error->code, "NonExistent") || strstr(error->code, "DoesNotExist"))
        return "compare region, account and name in arn with the queue";
    if (error->kind == ERROR_CREDENTIALS)
        return "compare [aws] with the access key; docs/aws.md explains each source of credentials";
    if (error->kind == ERROR_REFUSED)
        return "allow sqs:GetQueueAttributes, sqs:ReceiveMessage, sqs:DeleteMessage and "
               "sqs:ChangeMessageVisibility to the access key's user";
    if (error_is_transport(error->kind))
        return "look at the network between this machine and SQS, and at endpoint";
    return "try again later";
}

static void on_attributes(const struct sqs_queue_attributes *attributes, const struct error *error,
                          void *userdata)
{
    const struct look *look = userdata;
    look_at_clock(look);
    if (!attributes) {
        doctor_say(look->subject, DOCTOR_FAIL, "queue", remedy_for(error), "%s", error->text);
        doctor_close(look->subject);
        return;
    }
    look_at_kind(look, attributes);
    look_at_policy(look, attributes->policy, QUEUE_POLICY_SEND);
    look_at_policy(look, attributes->policy, QUEUE_POLICY_LOOK);
    look_at_senders(look, attributes->policy);
    look_at_encryption(look, attributes->kms_key);
    look_at_times(look, attributes);
    look_at_redrive(look, attributes);
    doctor_close(look->subject);
}

static void start(struct look *look, struct http *http, struct identity *identity,
                  const struct error *no_credentials)
{
    int r = -EINVAL;
    if (identity)
        r = sqs_new(&look->sqs, http,
                    &(struct sqs_options){
                        .name = look->queue->name,
                        .arn = look->queue->arn,
                        .endpoint = look->queue->endpoint,
                        .identity = identity,
                    });
    if (!r)
        r = sqs_attributes(look->sqs, on_attributes, look, NULL);
    if (!r)
        return;
    doctor_say(look->subject, DOCTOR_FAIL, "queue", "see what the configuration says in [aws]",
               "%s", identity ? strerror(-r) : no_credentials->text);
    doctor_close(look->subject);
}

struct doctor_queues *doctor_look_at_queues(struct doctor *doctor)
{
    const struct doctor_options *options = doctor_options(doctor);
    const struct config *config = options->config;
    struct doctor_queues *queues = NEW(struct doctor_queues);
    queues->count = config->n_queues;
    queues->looks = memory_new((queues->count + 1) * sizeof(*queues->looks));
    for (size_t i = 0; i < queues->count; i++) {
        struct look *look = &queues->looks[i];
        look->queue = &config->queues[i];
        look->subject = doctor_open(doctor, "queue", look->queue->name, "queue");
        struct error error = {0};
        struct identity *identity = doctor_identity(doctor, look->queue, &error);
        start(look, options->http, identity, &error);
    }
    return queues;
}

void doctor_queues_free(struct doctor_queues *queues)
{
    if (!queues)
        return;
    for (size_t i = 0; i < queues->count; i++)
        sqs_free(queues->looks[i].sqs);
    free(queues->looks);
    free(queues);
}
