/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_SUCCESS_H
#define WEBHOOK_SUCCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * Rules for receivers whose status does not show whether they succeeded: they answer 200 with an
 * error inside, or 409 to an event that they have already.
 */

/* The longest answer, in bytes, that a rule reads. A longer one is unreadable. */
#define SUCCESS_BODY_MAX ((size_t)64 * 1024)

/* A test: the value at this JSON pointer (RFC 6901) is this one. */
struct success_test {
    char *pointer; /* NULL: there is no test */
    char *value;   /* the text of a string; else as JSON writes it: a number, true, false or null */
};

/* Read "POINTER = VALUE", as in `/status = ok`; it replaces the old test. 0, or -EIO.
 * success_test_clear ends it. */
int success_test_parse(struct success_test *test, const char *text, struct error *error);
void success_test_clear(struct success_test *test);

/* Whether the body is JSON for which the test holds. Of members with the same name the last
 * counts. */
bool success_test_holds(const struct success_test *test, const char *body, size_t size);

/* The rule of one webhook; the lists end with NULL. {0}: any 2xx is a success, and nothing else. */
struct success_rule {
    char **accept;                 /* statuses that mean success; NULL: any 2xx */
    char **already_done;           /* further ones that mean success, such as 409 */
    struct success_test accept_if; /* a success by its status must pass this test */
    struct success_test refuse_if; /* a success by its status must not pass this test */
    struct success_test done_if;   /* an answer that passes is a success, whatever its status */
};

/* Whether the rule reads bodies. */
bool success_rule_reads(const struct success_rule *rule);

/* The result of a rule for an answer. An empty body does not pass refuse_if or done_if; it is
 * unreadable only for accept_if. */
enum success {
    SUCCESS_BY_STATUS, /* the table of statuses decides */
    SUCCESS_YES,
    SUCCESS_NOT_ACCEPTED, /* a 2xx that `accept` does not name */
    SUCCESS_ACCEPT_IF,    /* refused by its body */
    SUCCESS_REFUSE_IF,
    SUCCESS_UNREADABLE, /* a test needs its body, which is not JSON */
};

/* Apply a rule to an answer. */
enum success success_judge(const struct success_rule *rule, int status, const char *body,
                           size_t size);

#endif
