/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SCRIPTED_HTTP_H
#define TESTS_SCRIPTED_HTTP_H

#include "wire/http.h"

/*
 * An HTTP client without a network: a test that includes this file gets it in place of wire/http.c.
 * Answers are data. Each call takes the first rule that is not used up and whose `expect` is part
 * of the request as text:
 *
 *     POST https://host/path
 *     Name: value
 *
 *     body
 *
 * A call without a rule stays in flight. Answers come from the loop, one turn after the call.
 */
struct scripted_rule {
    const char *expect;   /* NULL: any request */
    int times;            /* 0: once; negative: always */
    enum error_kind fail; /* not ERROR_NONE: the transport fails so */
    int status;           /* 0: 200 */
    const char *body;     /* NULL: none */
    size_t body_size;     /* 0: strlen(body) */
    uint64_t date_usec;
    const char *retry_after, *location, *request_id, *query_error, *rate_limit, *content_type;
};

/* Adds rules behind those that are there; copied, the strings are borrowed. */
void scripted_rules(struct http *http, const struct scripted_rule *rules, size_t count);

/* One rule: scripted_rule(http, .expect = "...", .status = 403); */
#define scripted_rule(http, ...) scripted_rules(http, &(struct scripted_rule){__VA_ARGS__}, 1)

/* The n-th request since the start as text; NULL when there were fewer. Borrowed. */
const char *scripted_request(const struct http *http, size_t n);
size_t scripted_request_count(const struct http *http);

/* What the n-th request asked for besides: its deadline and answer limit. */
struct http_request scripted_limits(const struct http *http, size_t n);

/* Calls that no rule has answered yet, and the answer for the oldest of them. */
size_t scripted_waiting(const struct http *http);
void scripted_answer(struct http *http, const struct scripted_rule *rule);

/* Rules that were to be used up and are not. */
size_t scripted_unused(const struct http *http);

#endif
