/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_SUCCESS_H
#define WEBHOOK_SUCCESS_H

#include <stdbool.h>
#include <stddef.h>

#include "base/error.h"

/*
 * When an answer counts as success, where a receiver does not mean what its status says: it answers
 * 200 with an error inside, or 409 to what it has already.
 */

/* Bytes of an answer that are read when a rule looks into it. A longer one is unreadable. */
#define SUCCESS_BODY_MAX ((size_t)64 * 1024)

/* "The value at this JSON pointer (RFC 6901) is this one." */
struct success_test {
    char *pointer; /* NULL: there is no test */
    char *value;   /* of a string its text; of a number, true, false or null how JSON writes it */
};

/* Reads "POINTER = VALUE", as in `/status = ok`; replaces what is there. 0, or -EIO. Ended with
 * success_test_clear. */
int success_test_parse(struct success_test *test, const char *text, struct error *error);
void success_test_clear(struct success_test *test);

/* Whether the body is JSON in which it is so. Of members with the same name the last counts. */
bool success_test_holds(const struct success_test *test, const char *body, size_t size);

/* What holds for one webhook; the lists end with NULL. {0}: any 2xx, and nothing else. */
struct success_rule {
    char **accept;                 /* statuses that mean success; NULL: any 2xx */
    char **already_done;           /* others that do: 409 */
    struct success_test accept_if; /* a success by its status is one only if so */
    struct success_test refuse_if; /* ... and is none if so */
    struct success_test done_if;   /* success, whatever the status */
};

/* Whether the rule looks into bodies. */
bool success_rule_reads(const struct success_rule *rule);

/* What a rule makes of an answer. An empty body refuses nothing and is no "done"; it is unreadable
 * only for accept_if. */
enum success {
    SUCCESS_BY_STATUS, /* the table of statuses decides */
    SUCCESS_YES,
    SUCCESS_NOT_ACCEPTED, /* a 2xx that `accept` does not name */
    SUCCESS_ACCEPT_IF,    /* refused by its body */
    SUCCESS_REFUSE_IF,
    SUCCESS_UNREADABLE, /* its body is not JSON, and would have had a say */
};
enum success success_judge(const struct success_rule *rule, int status, const char *body,
                           size_t size);

#endif
