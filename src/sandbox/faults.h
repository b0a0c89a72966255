/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_FAULTS_H
#define SRC_SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* Faults on demand: the rules set by POST /_sandbox/faults. */

enum fault_kind {
    FAULT_NONE,
    FAULT_DELAY,     /* only late */
    FAULT_ERROR_500, /* this and the next 10 refuse in the service's own words */
    FAULT_ERROR_503,
    FAULT_THROTTLE,
    FAULT_ACCESS_DENIED,
    FAULT_EXPIRED_TOKEN,
    FAULT_INVALID_CLIENT,
    FAULT_INVALID_GRANT,
    FAULT_UNAUTHORIZED_CLIENT,
    FAULT_EXPIRED_SECRET,
    FAULT_NOT_FOUND,
    FAULT_NO_DESTINATION,
    FAULT_FORBIDDEN, /* these two answer as a gateway or firewall in front of the service */
    FAULT_XML,
    FAULT_HANG, /* these four give no answer, or an unreadable one */
    FAULT_CLOSE,
    FAULT_GARBAGE,
    FAULT_BLANK,
    FAULT_HALF, /* these two give the real answer, badly */
    FAULT_SLOW,
    FAULT_PARTIAL, /* these change the answer of one operation */
    FAULT_EMPTY,
    FAULT_MD5,
    FAULT_DUPLICATE,
    FAULT_GHOST,
    FAULT_SKEW, /* Amazon's clock is off for this request */
    FAULT_KINDS,
};

/* A fault that hits one request; by value. */
struct fault {
    enum fault_kind kind;
    bool after;          /* the operation is done first, only its answer is lost */
    uint64_t delay_usec; /* before the answer; for SLOW between two pieces */
};

#define FAULT_RULES_MAX 64
#define FAULT_OP_MAX    40

struct fault_rule {
    char op[FAULT_OP_MAX]; /* "*": every operation */
    struct fault fault;
    bool counted; /* ends when `left` is used up */
    uint64_t left;
    double rate; /* share of the requests that are hit; 1: all */
    uint64_t hits;
};

struct faults {
    struct fault_rule rules[FAULT_RULES_MAX];
    size_t count;
    uint64_t random;
};

/* Return the kind with this name in JSON. FAULT_NONE for an unknown name. */
enum fault_kind faults_kind(const char *name);

/* Return the name of the kind in JSON. */
const char *faults_kind_name(enum fault_kind kind);

/* Add a rule. Return 0, or -ENOSPC. */
int faults_add(struct faults *faults, const struct fault_rule *rule);

/* Remove the rules of an operation. NULL: all rules. */
void faults_clear(struct faults *faults, const char *op);

/* Return the fault for this call of `op`, by the oldest rule that applies, and count the hit. */
struct fault faults_take(struct faults *faults, const char *op);

/* Write the rules as a JSON array. */
void faults_write(const struct faults *faults, struct text *out, const char *key);

#endif
