/* SPDX-License-Identifier: MIT */
#include "sigcheck.h"

#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/memory.h"
#include "canonical.h"

#define ALGORITHM      "AWS4-HMAC-SHA256"
#define WINDOW_S       (15 * 60)
#define FIELD_MAX      512 /* bytes of one parameter of the Authorization header */
#define SIGNATURE_SIZE 32

struct authorization {
    char credential[FIELD_MAX], signed_headers[FIELD_MAX], signature[FIELD_MAX];
    char *key_id, *date, *region, *service, *end; /* parts of credential */
};

static EVP_MAC_CTX *mac_with_key(const void *key, size_t size)
{
    EVP_MAC *mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    EVP_MAC_CTX *context = mac ? EVP_MAC_CTX_new(mac) : NULL;
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {OSSL_PARAM_construct_utf8_string("digest", digest, 0),
                           OSSL_PARAM_construct_end()};
    if (!context || EVP_MAC_init(context, key, size, params) != 1)
        abort();
    EVP_MAC_free(mac);
    return context;
}

static void mac_run(EVP_MAC_CTX *context, const void *bytes, size_t size,
                    unsigned char out[SIGNATURE_SIZE])
{
    size_t length = 0;
    if (EVP_MAC_init(context, NULL, 0, NULL) != 1 || EVP_MAC_update(context, bytes, size) != 1 ||
        EVP_MAC_final(context, out, &length, SIGNATURE_SIZE) != 1 || length != SIGNATURE_SIZE)
        abort();
}

static void hmac(unsigned char out[SIGNATURE_SIZE], const void *key, size_t size, const char *text)
{
    EVP_MAC_CTX *context = mac_with_key(key, size);
    mac_run(context, text, strlen(text), out);
    EVP_MAC_CTX_free(context);
}

static EVP_MAC_CTX *derive(const char *secret, const struct authorization *authorization)
{
    unsigned char key[SIGNATURE_SIZE];
    AUTOFREE char *start = memory_format("AWS4%s", secret);
    hmac(key, start, strlen(start), authorization->date);
    hmac(key, key, sizeof(key), authorization->region);
    hmac(key, key, sizeof(key), authorization->service);
    hmac(key, key, sizeof(key), authorization->end);
    return mac_with_key(key, sizeof(key));
}

static EVP_MAC_CTX *signing_key(struct sigcheck *check, const char *secret,
                                const struct authorization *authorization)
{
    struct sigcheck_signing_key *row;
    AUTOFREE char *scope = memory_format("%s/%s/%s/%s", authorization->key_id, authorization->date,
                                         authorization->region, authorization->service);
    for (row = check->cache; row < check->cache + SIGCHECK_CACHE; row++)
        if (row->mac && text_equal(row->scope, scope))
            return row->mac;
    row = &check->cache[check->cache_next++ % SIGCHECK_CACHE];
    EVP_MAC_CTX_free(row->mac);
    row->mac = derive(secret, authorization);
    row->scope[0] = '\0';
    if (strlen(scope) < sizeof(row->scope))
        memcpy(row->scope, scope, strlen(scope) + 1);
    return row->mac;
}

/* Copy the value of "Name=value" out of the header. Return false if it is absent. */
static bool field(char out[FIELD_MAX], const char *header, const char *name)
{
    size_t name_size = strlen(name);
    for (const char *at = header; (at = strstr(at, name)) != NULL; at += name_size) {
        if (at[name_size] != '=' || (at > header && at[-1] != ' ' && at[-1] != ','))
            continue;
        const char *value = at + name_size + 1;
        size_t size = strcspn(value, ", ");
        if (size == 0 || size >= FIELD_MAX)
            return false;
        memcpy(out, value, size);
        out[size] = '\0';
        return true;
    }
    return false;
}

static bool split_credential(struct authorization *authorization)
{
    char *rest = authorization->credential;
    authorization->key_id = strsep(&rest, "/");
    authorization->date = strsep(&rest, "/");
    authorization->region = strsep(&rest, "/");
    authorization->service = strsep(&rest, "/");
    authorization->end = strsep(&rest, "/");
    return authorization->end && !rest;
}

static enum sigcheck_result read_authorization(struct authorization *ret, const char *header,
                                               const char *date, struct text *why)
{
    if (strncmp(header, ALGORITHM " ", sizeof(ALGORITHM)) != 0) {
        text_append_string(why, "Unsupported AWS 'algorithm': only " ALGORITHM " is known here.");
        return SIGCHECK_INCOMPLETE;
    }
    bool credential = field(ret->credential, header, "Credential");
    bool signature = field(ret->signature, header, "Signature");
    bool signed_headers = field(ret->signed_headers, header, "SignedHeaders");
    if (!credential)
        text_append_string(why, "Authorization header requires 'Credential' parameter. ");
    if (!signature)
        text_append_string(why, "Authorization header requires 'Signature' parameter. ");
    if (!signed_headers)
        text_append_string(why, "Authorization header requires 'SignedHeaders' parameter. ");
    if (!date)
        text_append_string(why, "Authorization header requires existence of either a 'X-Amz-Date' "
                                "or a 'Date' header. ");
    if (why->size > 0)
        text_append_string(why, "Authorization=" ALGORITHM);
    else if (!split_credential(ret))
        text_append_string(why, "Credential must have exactly 5 slash-delimited elements, e.g. "
                                "keyid/date/region/service/term.");
    return why->size > 0 ? SIGCHECK_INCOMPLETE : SIGCHECK_OK;
}

static const struct sigcheck_key *find_key(const struct sigcheck *check, const char *id,
                                           const char *token)
{
    for (size_t i = 0; i < check->key_count; i++) {
        const struct sigcheck_key *key = &check->keys[i];
        if (!text_equal(key->id, id))
            continue;
        bool fits = token ? text_equal(key->session_token, token) : !key->token_required;
        return fits ? key : NULL;
    }
    return NULL;
}

static void stamp(char out[17], time_t seconds)
{
    struct tm tm;
    gmtime_r(&seconds, &tm);
    strftime(out, 17, "%Y%m%dT%H%M%SZ", &tm);
}

/* Read "20250404T114540Z" as seconds. -1 if it is not such a date. */
static time_t read_stamp(const char *text)
{
    struct tm tm = {0};
    const char *end = strptime(text, "%Y%m%dT%H%M%SZ", &tm);
    return end && !*end && strlen(text) == 16 ? timegm(&tm) : -1;
}

static enum sigcheck_result check_date(const char *date, const struct authorization *authorization,
                                       time_t now, struct text *why)
{
    time_t then = read_stamp(date);
    char signed_at[17], now_text[17], edge[17], day[9];
    if (then < 0) {
        text_appendf(why,
                     "Date must be in ISO-8601 'basic format'. Got '%s'. See "
                     "http://en.wikipedia.org/wiki/ISO_8601",
                     date);
        return SIGCHECK_INCOMPLETE;
    }
    stamp(signed_at, then);
    stamp(now_text, now);
    snprintf(day, sizeof(day), "%.8s", signed_at);
    stamp(edge, then < now ? now - WINDOW_S : now + WINDOW_S);
    if (then < now - WINDOW_S)
        text_appendf(why, "Signature expired: %s is now earlier than %s (%s - 15 min.)", signed_at,
                     edge, now_text);
    else if (then > now + WINDOW_S)
        text_appendf(why, "Signature not yet current: %s is still later than %s (%s + 15 min.)",
                     signed_at, edge, now_text);
    else if (!text_equal(authorization->date, day))
        text_appendf(why,
                     "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of "
                     "date from HTTP: '%s' != '%s', from '%s'.",
                     authorization->date, day, date);
    return why->size > 0 ? SIGCHECK_MISMATCH : SIGCHECK_OK;
}

static enum sigcheck_result check_scope(const struct sigcheck *check,
                                        const struct authorization *authorization, struct text *why)
{
    if (!text_equal(authorization->region, check->region))
        text_appendf(why, "Credential should be scoped to a valid region, not '%s'. ",
                     authorization->region);
    if (!text_equal(authorization->service, check->service))
        text_appendf(why, "Credential should be scoped to correct service: '%s'. ", check->service);
    if (!text_equal(authorization->end, "aws4_request"))
        text_appendf(why,
                     "Credential should be scoped with a valid terminator: 'aws4_request', not "
                     "'%s'. ",
                     authorization->end);
    return why->size > 0 ? SIGCHECK_MISMATCH : SIGCHECK_OK;
}

static bool is_listed(const char *list, const char *name)
{
    size_t size = strlen(name);
    for (const char *at = list; at; at = strchr(at, ';')) {
        at += *at == ';';
        if (strncmp(at, name, size) == 0 && (at[size] == ';' || !at[size]))
            return true;
    }
    return false;
}

static bool is_sorted(const char *list)
{
    AUTOFREE char *names = memory_string(list);
    char *rest = names;
    const char *before = "";
    for (char *name; (name = strsep(&rest, ";")) != NULL; before = name) {
        if (strcmp(before, name) >= 0)
            return false;
        for (const char *at = name; *at; at++)
            if (*at >= 'A' && *at <= 'Z')
                return false;
    }
    return true;
}

/* Check the list of signed headers. AWS wants the host and every x-amz- header in it, in order. */
static enum sigcheck_result check_signed_headers(const struct sigcheck_request *request,
                                                 const char *list, struct text *why)
{
    static const char *const wanted[] = {"x-amz-date", "x-amz-target", "x-amz-security-token",
                                         "x-amz-content-sha256"};
    if (!is_sorted(list))
        text_append_string(why, "'SignedHeaders' must be in lower case and in order.");
    else if (!is_listed(list, "host"))
        text_append_string(why, "'Host' must be a 'SignedHeader' in the AWS Authorization.");
    for (size_t i = 0; i < ELEMENTS(wanted) && why->size == 0; i++)
        if (request->header(request->userdata, wanted[i]) && !is_listed(list, wanted[i]))
            text_appendf(why, "There were headers present in the request which were not signed: %s",
                         wanted[i]);
    return why->size > 0 ? SIGCHECK_MISMATCH : SIGCHECK_OK;
}

static enum sigcheck_result mismatch(const struct sigcheck *check, struct text *why)
{
    text_appendf(why,
                 "The request signature we calculated does not match the signature you provided. "
                 "Check your AWS Secret Access Key and signing method. Consult the service "
                 "documentation for details.\n\nThe Canonical String for this request should have "
                 "been\n'%s'\n\nThe String-to-Sign should have been\n'%s'\n",
                 check->canonical.data, check->to_sign.data);
    return SIGCHECK_MISMATCH;
}

static enum sigcheck_result check_signature(struct sigcheck *check,
                                            const struct sigcheck_request *request,
                                            const struct authorization *authorization,
                                            const char *secret, const char *date, struct text *why)
{
    struct canonical_request canonical = {request->method,
                                          request->target,
                                          request->header,
                                          request->userdata,
                                          authorization->signed_headers,
                                          request->body,
                                          request->body_size};
    text_reset(&check->canonical);
    text_reset(&check->to_sign);
    if (canonical_write(&check->canonical, &canonical) < 0) {
        text_append_string(why, "A header named in 'SignedHeaders' is not in the request.");
        return SIGCHECK_INCOMPLETE;
    }
    text_appendf(&check->to_sign, ALGORITHM "\n%s\n%s/%s/%s/%s\n", date, authorization->date,
                 authorization->region, authorization->service, authorization->end);
    canonical_hash(&check->to_sign, check->canonical.data, check->canonical.size);

    unsigned char signature[SIGNATURE_SIZE];
    char hex[2 * SIGNATURE_SIZE + 1];
    mac_run(signing_key(check, secret, authorization), check->to_sign.data, check->to_sign.size,
            signature);
    text_hex(hex, signature, sizeof(signature));
    if (strlen(authorization->signature) != sizeof(hex) - 1 ||
        CRYPTO_memcmp(hex, authorization->signature, sizeof(hex) - 1) != 0)
        return mismatch(check, why);
    return SIGCHECK_OK;
}

enum sigcheck_result sigcheck_verify(struct sigcheck *check, const struct sigcheck_request *request,
                                     uint64_t now_wall_usec, struct text *why)
{
    void *userdata = request->userdata;
    const char *header = request->header(userdata, "authorization");
    const char *date = request->header(userdata, "x-amz-date");
    struct authorization authorization = {.key_id = NULL};
    if (!date)
        date = request->header(userdata, "date");
    if (!header) {
        text_append_string(why, "Request is missing Authentication Token");
        return SIGCHECK_MISSING;
    }
    enum sigcheck_result r = read_authorization(&authorization, header, date, why);
    if (r != SIGCHECK_OK)
        return r;
    const struct sigcheck_key *key =
        find_key(check, authorization.key_id, request->header(userdata, "x-amz-security-token"));
    if (!key) {
        text_append_string(why, "The security token included in the request is invalid.");
        return SIGCHECK_UNKNOWN;
    }
    r = check_scope(check, &authorization, why);
    if (r == SIGCHECK_OK)
        r = check_date(date, &authorization, (time_t)(now_wall_usec / 1000000), why);
    if (r == SIGCHECK_OK)
        r = check_signed_headers(request, authorization.signed_headers, why);
    if (r == SIGCHECK_OK)
        r = check_signature(check, request, &authorization, key->secret, date, why);
    return r;
}

void sigcheck_clear(struct sigcheck *check)
{
    for (size_t i = 0; i < SIGCHECK_CACHE; i++)
        EVP_MAC_CTX_free(check->cache[i].mac);
    text_clear(&check->canonical);
    text_clear(&check->to_sign);
    memset(check->cache, 0, sizeof(check->cache));
}
