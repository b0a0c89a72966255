/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "webhook/auth.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

/* What a token endpoint may answer: a token that is fit for a header line and a time to use it, or
 * words that are fit for a log and repeat no secret. Input: the status and Retry-After, a line
 * each; the rest is the answer's body. */

static void require(bool condition)
{
    if (!condition)
        abort();
}

static void require_sayable(const struct error *error, const struct secret *secret)
{
    require(error->kind != ERROR_NONE && error->text[0]);
    require(error->retry_after_usec <= RETRY_AFTER_MAX_USEC);
    require(text_is_utf8(error->text, strlen(error->text)));
    require(!strstr(error->text, secret->data));
    for (const char *at = error->text; *at; at++)
        require((unsigned char)*at >= 0x20);
}

static const char *take_line(char *out, size_t room, const char *at, const char *end)
{
    const char *newline = memchr(at, '\n', (size_t)(end - at));
    const char *stop = newline ? newline : end;
    snprintf(out, room, "%.*s", (int)(stop - at), at);
    return newline ? newline + 1 : end;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct http_answer answer = {.status = 0};
    struct webhook_auth auth = {
        .oauth = {.url = memory_string("https://auth.example/token?key=1")}};
    struct secret token = {0};
    struct error error = {.kind = ERROR_NONE};
    uint64_t use_s = 0;
    char number[16];
    char *bytes = memory_copy(data, size);
    const char *end = bytes + size, *at = take_line(number, sizeof(number), bytes, end);

    answer.status = atoi(number);
    at = take_line(answer.retry_after, sizeof(answer.retry_after), at, end);
    answer.body_size = (size_t)(end - at);
    answer.body = memory_copy(at, answer.body_size);
    secret_set(&auth.oauth.client_secret, "s3cret", 6);
    if (webhook_oauth_read(&auth.oauth, "wms", &answer, 1748852130000000, &token, &use_s, &error)) {
        require(!token.data);
        require_sayable(&error, &auth.oauth.client_secret);
    } else {
        require(use_s >= 1 && use_s <= WEBHOOK_OAUTH_LIFETIME_MAX_S);
        require(webhook_auth_bearer(&auth, &token, &error) == 0);
        require(!strpbrk(auth.authorization.data, "\r\n"));
    }
    free(answer.body);
    free(bytes);
    secret_clear(&token);
    webhook_auth_clear(&auth);
    return 0;
}
