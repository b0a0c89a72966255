/* SPDX-License-Identifier: MIT */
#ifndef AWS_SIGV4_H
#define AWS_SIGV4_H

#include <stddef.h>
#include <stdint.h>

#include "aws/credentials.h"
#include "base/text.h"

/*
 * AWS Signature Version 4 for the calls that SQS accepts: a path without anything to encode and no
 * query. The time is an argument, so that a wrong clock can be corrected and tests can use a fixed
 * one.
 * https://docs.aws.amazon.com/IAM/latest/UserGuide/reference_sigv-create-signed-request.html
 */

/* A signer for one region and service. It keeps the day's derived key, which takes four HMACs. */
struct sigv4;

/* Make a signer. Both names are copied. The caller owns the signer (sigv4_free, NULL is fine). */
struct sigv4 *sigv4_new(const char *region, const char *service);
void sigv4_free(struct sigv4 *signer);

struct sigv4_header {
    const char *name; /* lower case */
    const char *value;
};

/* The signed parts of a request. All pointers are borrowed. */
struct sigv4_request {
    const char *method;
    const char *path;
    const struct sigv4_header *headers; /* in any order; x-amz-date and host are among them */
    size_t header_count;                /* at most SIGV4_HEADERS_MAX */
    const void *body;
    size_t body_size;
};
#define SIGV4_HEADERS_MAX 16

/* Append the canonical request: the text that both sides hash. Repeated names are joined, runs of
 * spaces become one. */
void sigv4_canonical_request(struct text *out, const struct sigv4_request *request);

/* Append the value of the Authorization header. */
void sigv4_authorization(struct text *out, struct sigv4 *signer,
                         const struct aws_credentials *credentials,
                         const struct sigv4_request *request, uint64_t now_usec);

/* A POST to "/" of the AWS JSON and query protocols. */
struct sigv4_post {
    const char *host; /* with the port where it is not the scheme's own */
    const char *content_type;
    const char *target; /* X-Amz-Target: "AmazonSQS.ReceiveMessage"; NULL: none (query protocol) */
    const void *body;
    size_t body_size;
};

/* Header lines "Name: value", NULL-terminated, as in struct http_request: Content-Type,
 * X-Amz-Target, X-Amz-Date, X-Amz-Security-Token if there is one, Authorization. */
struct sigv4_lines {
    const char *lines[6];
    struct text text; /* the memory of the lines */
};

/* Sign the POST at now_usec. The caller owns the lines (sigv4_lines_clear, which wipes them). */
void sigv4_sign_post(struct sigv4_lines *ret, struct sigv4 *signer,
                     const struct aws_credentials *credentials, const struct sigv4_post *post,
                     uint64_t now_usec);
void sigv4_lines_clear(struct sigv4_lines *lines);

#endif
