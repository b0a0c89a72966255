/* SPDX-License-Identifier: MIT */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/text.h"

/* What can go wrong on demand: the rules set by POST /_sandbox/faults. */

enum fault_kind {
    FAULT_NONE,
    FAULT_DELAY,     /* only late */
    FAULT_ERROR_500, /* the next 11 replace the answer by a refusal in the service's own words */
    FAULT_ERROR_503, /* */
    FAULT_THROTTLE,  /* */
    FAULT_ACCESS_DENIED, /* */
    FAULT_EXPIRED_TOKEN, /* */
    FAULT_INVALID_CLIENT,
    FAULT_INVALID_GRANT,
    FAULT_UNAUTHORIZED_CLIENT,
    FAULT_EXPIRED_SECRET,
    FAULT_NOT_FOUND,
    FAULT_NO_DESTINATION,
    FAULT_FORBIDDEN, /* these two in the words of what stands before the service */
    FAULT_XML,
    FAULT_HANG, /* these four replace it by none, or by nothing readable */
    FAULT_CLOSE,
    FAULT_GARBAGE,
    FAULT_BLANK,
    FAULT_HALF, /* these two bring the real answer, badly */
    FAULT_SLOW,
    FAULT_PARTIAL, /* these change what one operation answers */
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
    bool after;          /* the operation is carried out first, only its answer is lost */
    uint64_t delay_usec; /* before the answer; for SLOW between two pieces */
};

#define FAULT_RULES_MAX 64
#define FAULT_OP_MAX    40

struct fault_rule {
    char op[FAULT_OP_MAX]; /* "*": every operation */
    struct fault fault;
    bool counted; /* ends when `left` is used up */
    uint64_t left;
    double rate; /* share of the requests it hits; 1: all */
    uint64_t hits;
};

struct faults {
    struct fault_rule rules[FAULT_RULES_MAX];
    size_t count;
    uint64_t random;
};

/* The kind named so in JSON, FAULT_NONE for an unknown name. */
enum fault_kind faults_kind(const char *name);
const char *faults_kind_name(enum fault_kind kind);

/* Adds a rule. 0, or -ENOSPC. */
int faults_add(struct faults *faults, const struct fault_rule *rule);

/* Forgets the rules of an operation; NULL: all. */
void faults_clear(struct faults *faults, const char *op);

/* What hits this call of `op`: the oldest rule that applies, used once. */
struct fault faults_take(struct faults *faults, const char *op);

/* The rules as a JSON array. */
void faults_write(const struct faults *faults, struct text *out, const char *key);

#endif
