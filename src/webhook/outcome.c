/* SPDX-License-Identifier: MIT */
#include "webhook/outcome.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "wire/retry_after.h"

/* Bytes of a redirect's target, or of an error's text, that go into a reason. */
#define FOREIGN_MAX 160

/* The error class if the body of a success reports an error. */
#define ANSWER_REFUSES "answer"

/* The error class if a rule needs the body of an answer and cannot read it. */
#define UNREADABLE "unreadable"

/* The error class if the request had no access token. */
#define NO_TOKEN "token"

/* The meaning of each status. The first row with the status decides. */
static const struct row {
    int first, last;
    enum outcome_class class;
    const char *error_class;
} rows[] = {
    {200, 299, OUTCOME_DELIVERED, NULL},
    {300, 399, OUTCOME_DESTINATION_FAULT, "http_3xx"},
    {401, 408, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* access, route, method, proxy, time */
    {410, 410, OUTCOME_GONE, "http_4xx"},
    {421, 421, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* another host's connection */
    {423, 423, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* locked, for now */
    {425, 426, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* too early; another protocol */
    {428, 428, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* another kind of request */
    {429, 429, OUTCOME_THROTTLED, "http_4xx"},
    {431, 431, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* our headers, not the event */
    {451, 451, OUTCOME_DESTINATION_FAULT, "http_4xx"}, /* a filter on the way */
    {400, 499, OUTCOME_EVENT_FAULT, "http_4xx"},
    {500, 599, OUTCOME_DESTINATION_FAULT, "http_5xx"},
    {0, 0, OUTCOME_DESTINATION_FAULT, "http_other"}, /* any other */
};

/* Reason phrases of RFC 9110 and 6585, for statuses that receivers send. */
static const struct {
    int status;
    const char *phrase;
} phrases[] = {
    {301, "Moved Permanently"},
    {302, "Found"},
    {303, "See Other"},
    {304, "Not Modified"},
    {307, "Temporary Redirect"},
    {308, "Permanent Redirect"},
    {400, "Bad Request"},
    {401, "Unauthorized"},
    {402, "Payment Required"},
    {403, "Forbidden"},
    {404, "Not Found"},
    {405, "Method Not Allowed"},
    {406, "Not Acceptable"},
    {407, "Proxy Authentication Required"},
    {408, "Request Timeout"},
    {409, "Conflict"},
    {410, "Gone"},
    {411, "Length Required"},
    {412, "Precondition Failed"},
    {413, "Content Too Large"},
    {414, "URI Too Long"},
    {415, "Unsupported Media Type"},
    {421, "Misdirected Request"},
    {422, "Unprocessable Content"},
    {423, "Locked"},
    {425, "Too Early"},
    {426, "Upgrade Required"},
    {428, "Precondition Required"},
    {429, "Too Many Requests"},
    {431, "Request Header Fields Too Large"},
    {451, "Unavailable For Legal Reasons"},
    {500, "Internal Server Error"},
    {501, "Not Implemented"},
    {502, "Bad Gateway"},
    {503, "Service Unavailable"},
    {504, "Gateway Timeout"},
    {507, "Insufficient Storage"},
};

static const struct row *find_row(int status)
{
    const struct row *row = rows;
    while (row->first != 0 && (status < row->first || status > row->last))
        row++;
    return row;
}

/* Set the reason. If it is too long, cut it between two characters. */
static void set_reason(struct outcome *outcome, const struct text *reason)
{
    size_t size = reason->size;
    if (size >= sizeof(outcome->reason))
        for (size = sizeof(outcome->reason) - 1;
             ((unsigned char)reason->data[size] & 0xc0) == 0x80;)
            size--;
    memcpy(outcome->reason, reason->data, size);
    outcome->reason[size] = '\0';
}

/* Describe a status: "HTTP 302 Found to https://wms.example/login". The target of a redirect has no
 * query, because that may contain a token. */
static void describe_status(struct outcome *outcome, const struct http_answer *answer)
{
    AUTOTEXT struct text reason = {0};
    text_append_string(&reason, "HTTP ");
    text_append_number(&reason, (uint64_t)answer->status);
    for (size_t i = 0; i < ELEMENTS(phrases); i++)
        if (phrases[i].status == answer->status)
            text_appendf(&reason, " %s", phrases[i].phrase);
    if (answer->status / 100 == 3 && answer->location[0]) {
        text_append_string(&reason, " to ");
        text_append_escaped(&reason, answer->location, strcspn(answer->location, "?#"),
                            FOREIGN_MAX);
    }
    set_reason(outcome, &reason);
}

static void read_error(struct outcome *outcome, const struct error *error, size_t limit)
{
    AUTOTEXT struct text reason = {0};
    const char *text = error->text[0] ? error->text : error_kind_name(error->kind);
    outcome->class = OUTCOME_DESTINATION_FAULT;
    outcome->error_class = error_kind_name(error->kind);
    outcome->opens_breaker = error->kind == ERROR_CONNECT || error->kind == ERROR_DNS ||
                             error->kind == ERROR_TLS || error->kind == ERROR_NO_TLS;
    text_append_escaped(&reason, text, strlen(text), limit);
    set_reason(outcome, &reason);
}

void outcome_no_token(struct outcome *ret, const struct error *error)
{
    *ret = (struct outcome){0};
    read_error(ret, error, sizeof(ret->reason));
    ret->error_class = NO_TOKEN;
    ret->opens_breaker = true;
    ret->retry_after_usec = error->retry_after_usec;
}

/* Whether the status alone shows that the event is not the cause. Then the body is not needed. */
static bool explains_itself(int status)
{
    enum outcome_class class = find_row(status)->class;
    return class != OUTCOME_DELIVERED && class != OUTCOME_EVENT_FAULT;
}

/* Return the config key that needs the body. */
static const char *reader_of(const struct success_rule *rule, int status)
{
    if (rule->done_if.pointer && status / 100 != 2)
        return "done_if";
    return rule->accept_if.pointer ? "accept_if" : "refuse_if";
}

/* Whether the webhook's rule decides, and not the table of statuses. Fill *outcome in this case. */
static bool read_rule(struct outcome *outcome, const struct http_answer *answer,
                      const struct success_rule *rule)
{
    AUTOTEXT struct text reason = {0};
    enum success success = success_judge(rule, answer->status, answer->body, answer->body_size);
    if (success == SUCCESS_BY_STATUS ||
        (success == SUCCESS_UNREADABLE && explains_itself(answer->status)))
        return false;
    const struct success_test *test =
        success == SUCCESS_ACCEPT_IF ? &rule->accept_if : &rule->refuse_if;
    text_appendf(&reason, "HTTP %d", answer->status);
    if (success == SUCCESS_YES) {
        outcome->class = OUTCOME_DELIVERED;
    } else if (success == SUCCESS_NOT_ACCEPTED) {
        outcome->class = OUTCOME_DESTINATION_FAULT;
        outcome->error_class = "not_accepted";
        text_append_string(&reason, ", which accept does not name");
    } else if (success == SUCCESS_UNREADABLE) {
        outcome->class = OUTCOME_DESTINATION_FAULT;
        outcome->error_class = UNREADABLE;
        text_appendf(&reason, ", but the answer is not JSON of at most %zu KiB, which %s needs",
                     SUCCESS_BODY_MAX / 1024, reader_of(rule, answer->status));
    } else {
        outcome->class = OUTCOME_EVENT_FAULT;
        outcome->error_class = ANSWER_REFUSES;
        text_append_string(&reason, ", but in the answer ");
        text_append_escaped(&reason, test->pointer, strlen(test->pointer), FOREIGN_MAX / 2);
        text_append_string(&reason, success == SUCCESS_ACCEPT_IF ? " is not " : " is ");
        text_append_escaped(&reason, test->value, strlen(test->value), FOREIGN_MAX / 2);
    }
    set_reason(outcome, &reason);
    return true;
}

void outcome_read(struct outcome *ret, const struct http_answer *answer,
                  const struct success_rule *rule, uint64_t now_usec)
{
    *ret = (struct outcome){0};
    if (answer->error.kind != ERROR_NONE) {
        read_error(ret, &answer->error, FOREIGN_MAX);
        return;
    }
    if (!read_rule(ret, answer, rule)) {
        const struct row *row = find_row(answer->status);
        ret->class = row->class;
        ret->error_class = row->error_class;
        describe_status(ret, answer);
    }
    if (ret->class == OUTCOME_DELIVERED)
        return;
    bool asked = retry_after_read(answer, now_usec, &ret->retry_after_usec);
    ret->may_throttle = asked && answer->status == 503 && ret->class == OUTCOME_DESTINATION_FAULT;
    ret->opens_breaker = ret->may_throttle;
}

enum outcome_class outcome_class_of(int status, const char *error_class)
{
    if (!error_class)
        return OUTCOME_DELIVERED;
    if (strcmp(error_class, ANSWER_REFUSES) == 0 || strcmp(error_class, OUTCOME_NO_BODY) == 0)
        return OUTCOME_EVENT_FAULT;
    return text_starts(error_class, "http_") ? find_row(status)->class : OUTCOME_DESTINATION_FAULT;
}

const char *outcome_class_name(enum outcome_class class)
{
    static const char *const names[] = {
        [OUTCOME_DELIVERED] = "delivered",
        [OUTCOME_EVENT_FAULT] = "event fault",
        [OUTCOME_DESTINATION_FAULT] = "destination fault",
        [OUTCOME_GONE] = "gone",
        [OUTCOME_THROTTLED] = "throttled",
    };
    return names[class];
}
