/* SPDX-License-Identifier: MIT */
/* ReceiveMessage, and the long polls that wait for messages. */
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "handle.h"
#include "identity.h"
#include "sqs_internal.h"

#define ANSWER_KEEP (4 * 1024 * 1024) /* above it the answer's memory is freed */

enum {
    ASK_SENDER = 1,
    ASK_SENT = 2,
    ASK_COUNT = 4,
    ASK_FIRST = 8,
    ASK_ALL = ASK_SENDER | ASK_SENT | ASK_COUNT | ASK_FIRST,
    ASK_NOTHING = 16, /* an attribute that messages of a standard queue here never have */
};

struct receive {
    uint32_t max, wait_s, visibility_s;
    unsigned asked; /* ASK_* */
};

struct poll;

/* The polls of one queue, oldest first, and the timer for its next hidden message. */
struct poll_list {
    struct sqs *sqs;
    struct queue *queue;
    struct poll *first, *last;
    sd_event_source *due; /* the next hidden message becomes visible */
    unsigned count;
};

/* A ReceiveMessage that waits. With a GHOST fault it stays after its client has gone, as at Amazon,
 * and takes the next messages. */
struct poll {
    struct call_waiting waiting; /* first: the exchange's context */
    struct poll_list *list;
    struct poll *previous, *next;
    struct call call;
    struct receive receive;
    sd_event_source *over;
    bool ghost; /* the client has gone; call.exchange does not exist any more */
};

static unsigned asked_for(const char *name)
{
    static const struct {
        const char *name;
        unsigned bit;
    } known[] = {
        {"All", ASK_ALL},
        {"SenderId", ASK_SENDER},
        {"SentTimestamp", ASK_SENT},
        {"ApproximateReceiveCount", ASK_COUNT},
        {"ApproximateFirstReceiveTimestamp", ASK_FIRST},
        {"SequenceNumber", ASK_NOTHING},
        {"MessageDeduplicationId", ASK_NOTHING},
        {"MessageGroupId", ASK_NOTHING},
        {"AWSTraceHeader", ASK_NOTHING},
        {"DeadLetterQueueSourceArn", ASK_NOTHING},
    };
    for (size_t i = 0; i < ELEMENTS(known); i++)
        if (text_equal(known[i].name, name))
            return known[i].bit;
    return 0;
}

/* Read the requested attributes, under their new name or the deprecated one. False: the
 * call is answered. */
static bool read_asked(struct call *call, const cJSON *in, unsigned *ret)
{
    static const char *const members[] = {"MessageSystemAttributeNames", "AttributeNames"};
    for (size_t i = 0; i < ELEMENTS(members); i++) {
        const cJSON *item;
        cJSON_ArrayForEach(item, json_get_array(in, members[i])) {
            unsigned bits = asked_for(item->valuestring);
            if (!bits) {
                sqs_refuse(call, SQS_ATTRIBUTE_BAD, "Unknown Attribute %s.",
                           item->valuestring ? item->valuestring : "");
                return false;
            }
            *ret |= bits;
        }
    }
    *ret &= ASK_ALL;
    return true;
}

static void append_literal(struct text *out, const char *literal)
{
    text_append_string(out, literal);
}

static void append_attributes(struct text *out, const struct message *message, unsigned asked)
{
    const char *comma = "";
    append_literal(out, "\"Attributes\":{");
    if (asked & ASK_SENDER) {
        append_literal(out, "\"SenderId\":\"" IDENTITY_SENDER "\"");
        comma = ",";
    }
    if (asked & ASK_FIRST) {
        text_appendf(out, "%s\"ApproximateFirstReceiveTimestamp\":\"%llu\"", comma,
                     (unsigned long long)(message->first_receive_wall_usec / USEC_PER_MSEC));
        comma = ",";
    }
    if (asked & ASK_COUNT) {
        text_appendf(out, "%s\"ApproximateReceiveCount\":\"%u\"", comma, message->receives);
        comma = ",";
    }
    if (asked & ASK_SENT)
        text_appendf(out, "%s\"SentTimestamp\":\"%llu\"", comma,
                     (unsigned long long)(message->sent_wall_usec / USEC_PER_MSEC));
    append_literal(out, "},");
}

/* Write one message. The body was escaped when it was sent, so it is only copied here. */
static void append_message(struct text *out, const struct queue *queue,
                           const struct message *message, unsigned asked, bool wrong_md5)
{
    char handle[HANDLE_CHARS + 1];
    queue_handle(queue, message, handle);
    text_reserve(out, message->escaped_size + HANDLE_CHARS + 512);
    append_literal(out, "{");
    if (asked)
        append_attributes(out, message, asked);
    append_literal(out, "\"Body\":\"");
    text_append(out, message->escaped, message->escaped_size);
    append_literal(out, "\",\"MD5OfBody\":\"");
    text_append(out, wrong_md5 ? "00000000000000000000000000000000" : message->md5, 32);
    append_literal(out, "\",\"MessageId\":\"");
    text_append(out, message->id, 36);
    append_literal(out, "\",\"ReceiptHandle\":\"");
    text_append(out, handle, HANDLE_CHARS);
    append_literal(out, "\"}");
}

/* Receive up to max messages, and write the whole answer into sqs->out. Return their number. */
static unsigned receive(struct sqs *sqs, struct queue *queue, const struct receive *what,
                        enum fault_kind fault)
{
    uint64_t now_usec = simclock_passed_usec(sqs->office->clock);
    uint64_t wall_usec = simclock_wall_usec(sqs->office->clock);
    struct text *out = &sqs->out;
    unsigned count = 0;
    if (out->allocated > ANSWER_KEEP)
        text_clear(out);
    text_reset(out);
    append_literal(out, "{\"Messages\":[");
    while (count < what->max) {
        struct message *message = queue_receive(queue, what->visibility_s, now_usec, wall_usec);
        if (!message)
            break;
        if (count++ > 0)
            append_literal(out, ",");
        append_message(out, queue, message, what->asked, fault == FAULT_MD5);
        if (fault == FAULT_DUPLICATE && count < what->max) {
            count++;
            message->receives++; /* a second delivery with a handle of its own */
            append_literal(out, ",");
            append_message(out, queue, message, what->asked, false);
        }
    }
    append_literal(out, "]}");
    return count;
}

static struct poll_list *list_of(struct sqs *sqs, struct queue *queue)
{
    struct poll_list *list = queue->waiters;
    if (!list) {
        list = NEW(struct poll_list);
        list->sqs = sqs;
        list->queue = queue;
        queue->waiters = list;
    }
    return list;
}

static void poll_free(struct poll *poll)
{
    struct poll_list *list = poll->list;
    if (poll->previous)
        poll->previous->next = poll->next;
    else
        list->first = poll->next;
    if (poll->next)
        poll->next->previous = poll->previous;
    else
        list->last = poll->previous;
    list->count--;
    sd_event_source_disable_unref(poll->over);
    free(poll);
}

static void poll_gone(struct call_waiting *waiting)
{
    struct poll *poll = (struct poll *)waiting;
    if (poll->call.fault.kind == FAULT_GHOST)
        poll->ghost = true;
    else
        poll_free(poll);
}

static int on_poll_over(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    struct poll *poll = userdata;
    struct call call = poll->call;
    bool ghost = poll->ghost;
    poll_free(poll);
    if (ghost)
        return 0;
    exchange_set_context(call.exchange, NULL);
    sqs_answer_empty(&call);
    return 0;
}

static int on_due(sd_event_source *source, uint64_t usec, void *userdata)
{
    (void)source, (void)usec;
    struct poll_list *list = userdata;
    sqs_wake(list->sqs, list->queue);
    return 0;
}

/* Set the timer for the next hidden message, as long as polls wait. */
static int arm(struct poll_list *list)
{
    uint64_t due_usec = queue_next_due(list->queue);
    uint64_t now_usec = simclock_passed_usec(list->sqs->office->clock);
    list->due = sd_event_source_disable_unref(list->due);
    if (!list->first || !due_usec)
        return 0;
    return sd_event_add_time_relative(list->sqs->office->event, &list->due, CLOCK_MONOTONIC,
                                      due_usec > now_usec ? due_usec - now_usec : 0, USEC_PER_MSEC,
                                      on_due, list);
}

static int wait_for_messages(struct sqs *sqs, struct queue *queue, const struct call *call,
                             const struct receive *what)
{
    struct poll_list *list = list_of(sqs, queue);
    struct poll *poll = NEW(struct poll);
    poll->waiting.gone = poll_gone;
    poll->list = list;
    poll->call = *call;
    poll->receive = *what;
    poll->previous = list->last;
    if (list->last)
        list->last->next = poll;
    else
        list->first = poll;
    list->last = poll;
    list->count++;
    int r =
        sd_event_add_time_relative(sqs->office->event, &poll->over, CLOCK_MONOTONIC,
                                   what->wait_s * USEC_PER_SEC, USEC_PER_MSEC, on_poll_over, poll);
    if (r >= 0)
        r = arm(list);
    if (r < 0) {
        poll_free(poll);
        return r;
    }
    exchange_set_context(call->exchange, poll);
    return 0;
}

void sqs_wake(struct sqs *sqs, struct queue *queue)
{
    struct poll_list *list = queue->waiters;
    if (!list || !list->first)
        return;
    queue_advance(queue, simclock_passed_usec(sqs->office->clock));
    for (struct poll *poll = list->first, *next; poll && queue->first; poll = next) {
        next = poll->next;
        struct call call = poll->call;
        bool ghost = poll->ghost;
        unsigned count = receive(sqs, queue, &poll->receive, call.fault.kind);
        if (count == 0)
            break; /* too many in flight */
        poll_free(poll);
        if (ghost) {
            sqs->lost += count;
            continue;
        }
        exchange_set_context(call.exchange, NULL);
        sqs_answer(&call, &sqs->out);
    }
    if (arm(list) < 0)
        sqs_end_waiters(queue);
}

void sqs_time_moved(struct sqs *sqs)
{
    for (size_t i = 0; i < sqs->queue_count; i++)
        sqs_wake(sqs, sqs->queues[i]);
}

void sqs_end_waiters(struct queue *queue)
{
    struct poll_list *list = queue->waiters;
    if (!list)
        return;
    for (struct poll *poll = list->first, *next; poll; poll = next) {
        next = poll->next;
        struct call call = poll->call;
        bool ghost = poll->ghost;
        poll_free(poll);
        if (ghost)
            continue;
        exchange_set_context(call.exchange, NULL);
        sqs_refuse(&call, SQS_NO_QUEUE, "The specified queue does not exist.");
    }
    sd_event_source_disable_unref(list->due);
    free(list);
    queue->waiters = NULL;
}

unsigned sqs_waiters(const struct queue *queue)
{
    const struct poll_list *list = queue->waiters;
    return list ? list->count : 0;
}

void sqs_receive_message(struct sqs *sqs, struct call *call, const cJSON *in)
{
    struct queue *queue = sqs_input_queue(sqs, call, in);
    if (!queue)
        return;
    struct receive what = {1, queue->wait_s, queue->visibility_s, 0};
    if (!read_asked(call, in, &what.asked) ||
        !sqs_input_number(call, in, "MaxNumberOfMessages", 1, SQS_BATCH_MAX, &what.max) ||
        !sqs_input_number(call, in, "WaitTimeSeconds", 0, 20, &what.wait_s) ||
        !sqs_input_number(call, in, "VisibilityTimeout", 0, QUEUE_VISIBILITY_MAX_S,
                          &what.visibility_s))
        return;
    if (call->fault.kind == FAULT_EMPTY) {
        sqs_answer_empty(call);
        return;
    }
    queue_advance(queue, simclock_passed_usec(sqs->office->clock));
    if (queue->first && receive(sqs, queue, &what, call->fault.kind) > 0)
        sqs_answer(call, &sqs->out);
    else if (what.wait_s == 0)
        sqs_answer_empty(call);
    else if (wait_for_messages(sqs, queue, call, &what) < 0)
        sqs_refuse(call, SQS_INTERNAL, "We encountered an internal error. Please try again.");
}
