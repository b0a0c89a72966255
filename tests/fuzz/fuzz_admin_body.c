/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../../src/daemon/admin/body.h"
#include "aws/sqs_arn.h"
#include "base/memory.h"
#include "base/text.h"
#include "config/seller_token.h"

/* What the admin endpoint is sent: a body is taken or refused with a reason that can be printed; no
 * token that was not made with the key is taken. */

static void require(int condition)
{
    if (!condition)
        abort();
}

static void require_sayable(const char *why)
{
    require(why[0] && text_is_utf8(why, strlen(why)));
    for (const char *at = why; *at; at++)
        require((unsigned char)*at >= 0x20);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct admin_body body;
    char why[320] = "", seller[CONFIG_NAME_MAX + 1];
    struct secret key = {(char[]){"0123456789abcdef0123456789abcdef"}, 32};
    struct error error;
    AUTOFREE char *bytes = memory_copy(data, size);
    if (admin_body_parse(bytes, size, &body, why) == 0) {
        require(sqs_arn_check(body.arn, NULL) == 0);
        free(body.arn);
    } else {
        require_sayable(why);
    }
    if (seller_token_verify(&key, bytes, 1, seller, &error) < 0)
        require_sayable(error.text);
    else
        require(seller[0]);
    return 0;
}
