/* SPDX-License-Identifier: MIT */
#include "webhook/verify.h"

#include <openssl/crypto.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "rewritten.h"

#define VERSION "v1,"

/* Limit for the digits of a time in seconds. A real time has fewer. */
#define TIMESTAMP_DIGITS 12

static const struct {
    const char *name, *text;
} verdicts[] = {
    [WEBHOOK_GENUINE] = {"ok", NULL},
    [WEBHOOK_NO_ID] = {"no_id", "there is no webhook-id"},
    [WEBHOOK_NO_TIMESTAMP] = {"no_timestamp", "there is no webhook-timestamp"},
    [WEBHOOK_NO_SIGNATURE] = {"no_signature", "there is no webhook-signature: a webhook without "
                                              "a secret in the configuration is not signed"},
    [WEBHOOK_BAD_TIMESTAMP] = {"bad_timestamp",
                               "webhook-timestamp is not a whole number of seconds since 1970"},
    [WEBHOOK_TOO_OLD] = {"too_old", "webhook-timestamp is too old: the request was recorded "
                                    "earlier, or one of the two clocks is wrong"},
    [WEBHOOK_TOO_NEW] = {"too_new", "webhook-timestamp lies in the future: one of the two clocks "
                                    "is wrong"},
    [WEBHOOK_BAD_SIGNATURE] = {"bad_signature",
                               "webhook-signature has no entry of the form v1,BASE64"},
    [WEBHOOK_FORGED] = {"wrong_signature",
                        "the signature was made with another secret, or over other bytes. A line "
                        "end that was added is not the cause. Compare the secret on both sides, "
                        "and take the body exactly as it was received"},
    [WEBHOOK_LINE_END] = {"line_end_added",
                          "the signature is right for the body without the line end at its end: "
                          "whatever stored the body has added one"},
    [WEBHOOK_REWRITTEN] = {"rewritten",
                           "the body is JSON that was parsed and written again, so its bytes are "
                           "others: verify the raw body, before any parser"},
};

/* Copy a value without the blanks around it. If it is too long, it counts as absent. */
static void take_value(char out[WEBHOOK_VALUE_MAX], const char *value, size_t size)
{
    while (size > 0 && strchr(" \t", *value))
        value++, size--;
    while (size > 0 && strchr(" \t\r", value[size - 1]))
        size--;
    size = size < WEBHOOK_VALUE_MAX && !memchr(value, '\0', size) ? size : 0;
    memcpy(out, value, size);
    out[size] = '\0';
}

static void read_line(struct webhook_claim *claim, const char *line, size_t size)
{
    const struct {
        const char *name;
        char *value;
    } fields[] = {
        {"webhook-id:", claim->id},
        {"webhook-timestamp:", claim->timestamp},
        {"webhook-signature:", claim->signature},
    };
    for (size_t i = 0; i < ELEMENTS(fields); i++) {
        size_t name = strlen(fields[i].name);
        if (size >= name && strncasecmp(line, fields[i].name, name) == 0)
            take_value(fields[i].value, line + name, size - name);
    }
}

void webhook_claim_read(struct webhook_claim *claim, const char *lines, size_t size)
{
    for (const char *end = lines + size; lines < end;) {
        const char *newline = memchr(lines, '\n', (size_t)(end - lines));
        const char *stop = newline ? newline : end;
        read_line(claim, lines, (size_t)(stop - lines));
        lines = newline ? newline + 1 : end;
    }
}

static enum webhook_verdict check_time(uint64_t then_s, uint64_t now_s, uint64_t tolerance_s)
{
    if (tolerance_s == 0)
        return WEBHOOK_GENUINE;
    if (then_s < now_s && now_s - then_s > tolerance_s)
        return WEBHOOK_TOO_OLD;
    return then_s > now_s && then_s - now_s > tolerance_s ? WEBHOOK_TOO_NEW : WEBHOOK_GENUINE;
}

/* Whether the list has this entry. Entries are separated by spaces. The time is constant for the
 * entry's length. */
static bool has_entry(const char *list, const char *entry, size_t size)
{
    while (*list) {
        size_t length = strcspn(list, " ");
        if (length == size && CRYPTO_memcmp(list, entry, size) == 0)
            return true;
        list += length + (list[length] == ' ');
    }
    return false;
}

static bool has_version(const char *list)
{
    const char *at = strstr(list, VERSION);
    while (at && at != list && at[-1] != ' ')
        at = strstr(at + 1, VERSION);
    return at != NULL;
}

static enum webhook_verdict check_signature(const struct webhook_keys *keys,
                                            const struct webhook_claim *claim, uint64_t then_s,
                                            struct webhook_part body)
{
    AUTOTEXT struct text right = {0};
    if (!has_version(claim->signature))
        return WEBHOOK_BAD_SIGNATURE;
    webhook_sign(&right, keys, claim->id, then_s, &body, 1);
    for (const char *at = right.data; *at;) {
        size_t size = strcspn(at, " ");
        if (has_entry(claim->signature, at, size))
            return WEBHOOK_GENUINE;
        at += size + (at[size] == ' ');
    }
    return WEBHOOK_FORGED;
}

static bool is_genuine(const struct webhook_keys *keys, const struct webhook_claim *claim,
                       uint64_t then_s, struct webhook_part body)
{
    return check_signature(keys, claim, then_s, body) == WEBHOOK_GENUINE;
}

/* Return the body without line ends at its end. */
static struct webhook_part without_line_end(struct webhook_part body)
{
    const char *bytes = body.bytes;
    while (body.size && strchr("\r\n", bytes[body.size - 1]) && bytes[body.size - 1])
        body.size--;
    return body;
}

static bool is_rewritten(const struct webhook_keys *keys, const struct webhook_claim *claim,
                         uint64_t then_s, struct webhook_part body)
{
    for (unsigned form = 0; form < REWRITTEN_FORMS; form++) {
        AUTOTEXT struct text other = {0};
        rewritten_form(&other, form, body);
        if (other.size &&
            is_genuine(keys, claim, then_s, (struct webhook_part){other.data, other.size}))
            return true;
    }
    return rewritten_begins_otherwise(body);
}

static enum webhook_verdict find_cause(const struct webhook_keys *keys,
                                       const struct webhook_claim *claim, uint64_t then_s,
                                       struct webhook_part body)
{
    struct webhook_part shorter = without_line_end(body);
    if (shorter.size < body.size && is_genuine(keys, claim, then_s, shorter))
        return WEBHOOK_LINE_END;
    return is_rewritten(keys, claim, then_s, body) ? WEBHOOK_REWRITTEN : WEBHOOK_FORGED;
}

enum webhook_verdict webhook_verify(const struct webhook_keys *keys,
                                    const struct webhook_claim *claim, uint64_t now_s,
                                    uint64_t tolerance_s, struct webhook_part body)
{
    uint64_t then_s;
    if (!claim->id[0])
        return WEBHOOK_NO_ID;
    if (!claim->timestamp[0])
        return WEBHOOK_NO_TIMESTAMP;
    if (!claim->signature[0])
        return WEBHOOK_NO_SIGNATURE;
    if (strlen(claim->timestamp) > TIMESTAMP_DIGITS || text_to_u64(claim->timestamp, &then_s) < 0)
        return WEBHOOK_BAD_TIMESTAMP;
    enum webhook_verdict verdict = check_time(then_s, now_s, tolerance_s);
    if (verdict == WEBHOOK_GENUINE)
        verdict = check_signature(keys, claim, then_s, body);
    return verdict == WEBHOOK_FORGED ? find_cause(keys, claim, then_s, body) : verdict;
}

const char *webhook_verdict_name(enum webhook_verdict verdict)
{
    return verdicts[verdict].name;
}

const char *webhook_verdict_text(enum webhook_verdict verdict)
{
    return verdicts[verdict].text;
}
