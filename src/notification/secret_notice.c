/* SPDX-License-Identifier: MIT */
#include "notification/secret_notice.h"

#include <errno.h>
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "reader.h"

#define FRESH(member)  "payload.applicationOAuthClientNewSecret." member
#define EXPIRY(member) "payload.applicationOAuthClientSecretExpiry." member

/* An escaped character takes at most six bytes. The quotes are added. */
#define RAW_MAX(size) (6 * (size) + 2)

/* Whether the text has only visible ASCII, because it goes into forms and into a file of lines. */
static bool is_plain(const char *text, size_t size)
{
    for (size_t i = 0; i < size; i++)
        if (text[i] <= 0x20 || text[i] >= 0x7f)
            return false;
    return size > 0;
}

/* Decode a string of 1 to NOTIFICATION_FIELD_MAX visible characters. */
static int read_word(char out[NOTIFICATION_FIELD_MAX + 1], struct notification_raw raw)
{
    char text[RAW_MAX(NOTIFICATION_FIELD_MAX)];
    if (!reader_is_string(raw) || raw.size > sizeof(text))
        return -EINVAL;
    size_t size = reader_decode(text, raw, NULL);
    if (size > NOTIFICATION_FIELD_MAX || !is_plain(text, size))
        return -EINVAL;
    memcpy(out, text, size);
    out[size] = '\0';
    return 0;
}

static int read_time(uint64_t *ret_usec, struct notification_raw raw)
{
    char word[NOTIFICATION_FIELD_MAX + 1];
    int r = read_word(word, raw);
    return r ? r : clock_parse_rfc3339(word, strlen(word), ret_usec);
}

static int read_secret(struct secret *ret, struct notification_raw raw)
{
    char text[RAW_MAX(SECRET_NOTICE_MAX)];
    if (!reader_is_string(raw) || raw.size > sizeof(text))
        return -EINVAL;
    size_t size = reader_decode(text, raw, NULL);
    bool plain = size <= SECRET_NOTICE_MAX && is_plain(text, size);
    if (plain)
        secret_set(ret, text, size);
    explicit_bzero(text, sizeof(text));
    return plain ? 0 : -EINVAL;
}

int new_client_secret_read(struct new_client_secret *ret, const struct notification *n)
{
    struct notification_raw client = {0}, secret = {0}, expires = {0}, old_expires = {0};
    const struct reader_want wants[] = {
        {FRESH("clientId"), &client},
        {FRESH("newClientSecret"), &secret},
        {FRESH("newClientSecretExpiryTime"), &expires},
        {FRESH("oldClientSecretExpiryTime"), &old_expires},
    };
    *ret = (struct new_client_secret){.issued_usec = n->event_usec / USEC_PER_MSEC * USEC_PER_MSEC};
    if (n->problem || !text_equal(n->type, SECRET_NOTICE_NEW) || !ret->issued_usec)
        return -EINVAL;
    reader_find(n->bytes, wants, ELEMENTS(wants));
    int r = read_word(ret->client_id, client);
    if (!r)
        r = read_time(&ret->expires_usec, expires);
    if (!r)
        r = read_time(&ret->old_expires_usec, old_expires);
    return r ? r : read_secret(&ret->secret, secret);
}

void new_client_secret_clear(struct new_client_secret *secret)
{
    secret_clear(&secret->secret);
}

int client_secret_expiry_read(struct client_secret_expiry *ret, const struct notification *n)
{
    struct notification_raw client = {0}, expires = {0}, reason = {0};
    const struct reader_want wants[] = {
        {EXPIRY("clientId"), &client},
        {EXPIRY("clientSecretExpiryTime"), &expires},
        {EXPIRY("clientSecretExpiryReason"), &reason},
    };
    *ret = (struct client_secret_expiry){.expires_usec = 0};
    if (n->problem || !text_equal(n->type, SECRET_NOTICE_EXPIRY))
        return -EINVAL;
    reader_find(n->bytes, wants, ELEMENTS(wants));
    if (read_word(ret->reason, reason))
        ret->reason[0] = '\0';
    int r = read_word(ret->client_id, client);
    return r ? r : read_time(&ret->expires_usec, expires);
}
