/* SPDX-License-Identifier: MIT */
/* Answers with credentials: of a program, a container's endpoint, EC2's, and STS. They are taken
 * whole or refused, and a refusal repeats nothing of them. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/aws/fetch.h"
#include "aws/credentials.h"
#include "base/text.h"
#include "must.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(int result, const struct aws_session *session)
{
    bool has_keys =
        session->credentials.access_key_id && session->credentials.secret_access_key.data;
    must(result < 0 || has_keys);
}

/* Input: a byte that chooses the reader, then the answer. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct aws_session session = {0};
    struct error error = {0};
    if (size == 0)
        return 0;
    const char *bytes = (const char *)data + 1;
    unsigned which = data[0] % 5;
    size--;
    if (which < 3) {
        check(session_parse(&session, which, bytes, size, &error), &session);
        must(!session.credentials.access_key_id || error.kind == ERROR_NONE);
    } else if (which == 3) {
        check(sts_session_parse(&session, "AssumeRole", bytes, size), &session);
        char *arn = sts_arn_parse(bytes, size);
        must(!arn || strlen(arn) <= size);
        free(arn);
    } else {
        sts_error_parse(&error, 403, bytes, size);
        must(error.kind != ERROR_NONE && error.text[0]);
        must(text_is_utf8(error.text, strlen(error.text)));
    }
    aws_session_clear(&session);
    return 0;
}
