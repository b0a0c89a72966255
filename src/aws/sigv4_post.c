/* SPDX-License-Identifier: MIT */
#include <string.h>

#include "aws/sigv4.h"
#include "base/clock.h"
#include "base/memory.h"

/* Append "Name: value" with its NUL. Return the offset of its beginning. */
static size_t append_line(struct text *text, const char *name, const char *value)
{
    size_t start = text->size;
    text_append_string(text, name);
    text_append(text, ": ", 2);
    text_append(text, value, strlen(value) + 1);
    return start;
}

void sigv4_sign_post(struct sigv4_lines *ret, struct sigv4 *signer,
                     const struct aws_credentials *credentials, const struct sigv4_post *post,
                     uint64_t now_usec)
{
    const char *token = credentials->session_token.data;
    AUTOTEXT struct text authorization = {0};
    size_t starts[ELEMENTS(ret->lines)], count = 0;
    char stamp[17];

    clock_aws_stamp(stamp, now_usec);
    struct sigv4_header headers[5] = {
        {"content-type", post->content_type},
        {"host", post->host},
        {"x-amz-date", stamp},
    };
    size_t used = 3;
    if (post->target)
        headers[used++] = (struct sigv4_header){"x-amz-target", post->target};
    if (token)
        headers[used++] = (struct sigv4_header){"x-amz-security-token", token};
    const struct sigv4_request request = {
        .method = "POST",
        .path = "/",
        .headers = headers,
        .header_count = used,
        .body = post->body,
        .body_size = post->body_size,
    };
    sigv4_authorization(&authorization, signer, credentials, &request, now_usec);

    *ret = (struct sigv4_lines){0};
    text_reserve(&ret->text,
                 512 + authorization.size + (token ? credentials->session_token.size : 0));
    starts[count++] = append_line(&ret->text, "Content-Type", post->content_type);
    if (post->target)
        starts[count++] = append_line(&ret->text, "X-Amz-Target", post->target);
    starts[count++] = append_line(&ret->text, "X-Amz-Date", stamp);
    if (token)
        starts[count++] = append_line(&ret->text, "X-Amz-Security-Token", token);
    starts[count++] = append_line(&ret->text, "Authorization", authorization.data);
    for (size_t i = 0; i < count; i++)
        ret->lines[i] = ret->text.data + starts[i];
}

void sigv4_lines_clear(struct sigv4_lines *lines)
{
    if (lines->text.data)
        explicit_bzero(lines->text.data, lines->text.size);
    text_clear(&lines->text);
    *lines = (struct sigv4_lines){0};
}
