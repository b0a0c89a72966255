/* SPDX-License-Identifier: MIT */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "webhook/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define NOW_S 1748852130

/* Input: header lines, an empty line, the body. What is genuine must be so by a signature that is
 * made anew. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
    const char *text = (const char *)data;
    const char *gap = size ? memmem(text, size, "\n\n", 2) : NULL;
    size_t head = gap ? (size_t)(gap - text) : size;
    struct webhook_part body = {gap ? gap + 2 : "", gap ? size - head - 2 : 0};
    struct webhook_claim claim = {0};
    struct webhook_keys keys;
    struct secret value = {0};

    secret_set(&value, secret, strlen(secret));
    if (webhook_keys_parse(&keys, &value, NULL))
        abort();
    webhook_claim_read(&claim, text, head);
    enum webhook_verdict verdict = webhook_verify(&keys, &claim, NOW_S, WEBHOOK_TOLERANCE_S, body);
    if ((verdict == WEBHOOK_GENUINE) != (webhook_verdict_text(verdict) == NULL))
        abort();
    if (verdict == WEBHOOK_GENUINE || verdict >= WEBHOOK_FORGED) {
        AUTOTEXT struct text right = {0};
        webhook_sign(&right, &keys, claim.id, strtoull(claim.timestamp, NULL, 10), &body, 1);
        if ((strstr(claim.signature, right.data) != NULL) < (verdict == WEBHOOK_GENUINE))
            abort();
    }
    webhook_keys_clear(&keys);
    secret_clear(&value);
    return 0;
}
