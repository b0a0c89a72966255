/* SPDX-License-Identifier: MIT */
#include "aws/sigv4.h"

#include <assert.h>
#include <stdbool.h>
#include <string.h>

#include "base/clock.h"
#include "base/digest.h"
#include "base/memory.h"

#define ALGORITHM  "AWS4-HMAC-SHA256"
#define DATE_SIZE  8
#define HEX_SIZE   (2 * SHA256_SIZE + 1)
#define SECRET_MAX 256 /* bytes of a secret access key; Amazon's have 40 */

struct sigv4 {
    char *region, *service;
    /* The key of one day, and the date and secret it was derived from (besides region
     * and service). */
    unsigned char key[SHA256_SIZE];
    unsigned char secret_sum[SHA256_SIZE];
    char date[DATE_SIZE + 1];
};

struct sigv4 *sigv4_new(const char *region, const char *service)
{
    struct sigv4 *signer = NEW(struct sigv4);
    signer->region = memory_string(region);
    signer->service = memory_string(service);
    return signer;
}

void sigv4_free(struct sigv4 *signer)
{
    if (!signer)
        return;
    free(signer->region);
    free(signer->service);
    explicit_bzero(signer, sizeof(*signer));
    free(signer);
}

static void hmac_string(unsigned char out[SHA256_SIZE], const unsigned char key[SHA256_SIZE],
                        const char *string)
{
    digest_hmac_sha256(out, key, SHA256_SIZE, string, strlen(string));
}

/* Return the signing key for the day in `date`. A hash of the secret is kept with it, so that
 * renewed credentials derive a new key. */
static const unsigned char *key_of_day(struct sigv4 *signer, const struct secret *secret,
                                       const char *date)
{
    unsigned char sum[SHA256_SIZE], step[SHA256_SIZE];
    char first[4 + SECRET_MAX];
    size_t size = secret->size < SECRET_MAX ? secret->size : SECRET_MAX;

    digest_sha256(sum, secret->data, secret->size);
    if (strcmp(signer->date, date) == 0 && memcmp(signer->secret_sum, sum, sizeof(sum)) == 0)
        return signer->key;
    memcpy(first, "AWS4", 4);
    if (size)
        memcpy(first + 4, secret->data, size);
    digest_hmac_sha256(step, first, 4 + size, date, DATE_SIZE);
    hmac_string(step, step, signer->region);
    hmac_string(step, step, signer->service);
    hmac_string(signer->key, step, "aws4_request");
    memcpy(signer->secret_sum, sum, sizeof(sum));
    memcpy(signer->date, date, sizeof(signer->date));
    explicit_bzero(first, sizeof(first));
    explicit_bzero(step, sizeof(step));
    return signer->key;
}

/* Write the indices of the headers in the order of their names. Equal names keep their order. */
static void sort_headers(const struct sigv4_request *request, size_t order[SIGV4_HEADERS_MAX])
{
    assert(request->header_count <= SIGV4_HEADERS_MAX);
    for (size_t i = 0; i < request->header_count; i++) {
        size_t at = i;
        while (at > 0 &&
               strcmp(request->headers[order[at - 1]].name, request->headers[i].name) > 0) {
            order[at] = order[at - 1];
            at--;
        }
        order[at] = i;
    }
}

/* Append the value trimmed, with one space for each run of spaces. */
static void append_value(struct text *out, const char *value)
{
    const char *end = value + strlen(value);
    while (*value == ' ')
        value++;
    while (end > value && end[-1] == ' ')
        end--;
    for (const char *at = value; at < end; at++)
        if (*at != ' ' || at[-1] != ' ')
            text_append_char(out, *at);
}

/* Append "name:value" lines, one for each distinct name. */
static void append_headers(struct text *out, const struct sigv4_request *request,
                           const size_t order[])
{
    for (size_t i = 0; i < request->header_count; i++) {
        const struct sigv4_header *header = &request->headers[order[i]];
        bool repeated = i > 0 && strcmp(header->name, request->headers[order[i - 1]].name) == 0;
        if (repeated) {
            out->data[out->size - 1] = ',';
        } else {
            text_append_string(out, header->name);
            text_append_char(out, ':');
        }
        append_value(out, header->value);
        text_append_char(out, '\n');
    }
}

/* Append "name;name;name". */
static void append_names(struct text *out, const struct sigv4_request *request,
                         const size_t order[])
{
    const char *last = "";
    for (size_t i = 0; i < request->header_count; i++) {
        const char *name = request->headers[order[i]].name;
        if (strcmp(name, last) == 0)
            continue;
        if (last[0])
            text_append_char(out, ';');
        text_append_string(out, name);
        last = name;
    }
}

void sigv4_canonical_request(struct text *out, const struct sigv4_request *request)
{
    size_t order[SIGV4_HEADERS_MAX];
    unsigned char sum[SHA256_SIZE];
    char hex[HEX_SIZE];

    sort_headers(request, order);
    text_append_string(out, request->method);
    text_append_char(out, '\n');
    text_append_string(out, request->path);
    text_append_string(out, "\n\n"); /* and the query, which is empty */
    append_headers(out, request, order);
    text_append_char(out, '\n');
    append_names(out, request, order);
    text_append_char(out, '\n');
    digest_sha256(sum, request->body, request->body_size);
    text_hex(hex, sum, sizeof(sum));
    text_append_string(out, hex);
}

static void append_scope(struct text *out, const struct sigv4 *signer, const char *date)
{
    text_append(out, date, DATE_SIZE);
    text_append_char(out, '/');
    text_append_string(out, signer->region);
    text_append_char(out, '/');
    text_append_string(out, signer->service);
    text_append_string(out, "/aws4_request");
}

void sigv4_authorization(struct text *out, struct sigv4 *signer,
                         const struct aws_credentials *credentials,
                         const struct sigv4_request *request, uint64_t now_usec)
{
    AUTOTEXT struct text canonical = {0}, to_sign = {0};
    size_t order[SIGV4_HEADERS_MAX];
    unsigned char sum[SHA256_SIZE];
    char stamp[17], date[DATE_SIZE + 1], hex[HEX_SIZE];

    clock_aws_stamp(stamp, now_usec);
    memcpy(date, stamp, DATE_SIZE);
    date[DATE_SIZE] = '\0';
    sigv4_canonical_request(&canonical, request);
    digest_sha256(sum, canonical.data, canonical.size);
    text_hex(hex, sum, sizeof(sum));
    text_append_string(&to_sign, ALGORITHM "\n");
    text_append_string(&to_sign, stamp);
    text_append_char(&to_sign, '\n');
    append_scope(&to_sign, signer, date);
    text_append_char(&to_sign, '\n');
    text_append_string(&to_sign, hex);
    digest_hmac_sha256(sum, key_of_day(signer, &credentials->secret_access_key, date), SHA256_SIZE,
                       to_sign.data, to_sign.size);
    text_hex(hex, sum, sizeof(sum));

    sort_headers(request, order);
    text_append_string(out, ALGORITHM " Credential=");
    text_append_string(out, credentials->access_key_id ? credentials->access_key_id : "");
    text_append_char(out, '/');
    append_scope(out, signer, date);
    text_append_string(out, ", SignedHeaders=");
    append_names(out, request, order);
    text_append_string(out, ", Signature=");
    text_append_string(out, hex);
}
