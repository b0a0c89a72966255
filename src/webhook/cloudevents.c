/* SPDX-License-Identifier: MIT */
/* CloudEvents 1.0.2 (github.com/cloudevents/spec): attributes as in spec.md, written as in section
 * 3 of json-format.md. docs/decisions/0017-formats.md has the reasons for these attributes. */
#include "cloudevents.h"

#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "event_type.h"

/* A head is usually shorter than this, so the text grows once. */
#define HEAD_USUAL 384

/* The source of an event. The seller follows if Amazon names one. */
#define SOURCE        "urn:amazon:sp-api"
#define SOURCE_SELLER ":seller:"

static bool is_unreserved(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           (c && strchr("-._~", c));
}

/* Append the source. Only the unreserved characters of RFC 3986 are written unescaped into the URI.
 */
static void append_source(struct text *out, const char *seller_id)
{
    json_raw(out, "source", "\"" SOURCE, strlen("\"" SOURCE));
    if (seller_id)
        text_append_string(out, SOURCE_SELLER);
    for (const char *c = seller_id; c && *c; c++) {
        if (is_unreserved(*c))
            text_append_char(out, *c);
        else
            text_appendf(out, "%%%02X", (unsigned char)*c);
    }
    text_append_char(out, '"');
}

/* Return the code point at *at and move *at behind it. The text is valid UTF-8. */
static uint32_t next_character(const char **at)
{
    unsigned char first = (unsigned char)*(*at)++;
    unsigned more = first >= 0xf0 ? 3 : first >= 0xe0 ? 2 : first >= 0xc0 ? 1 : 0;
    uint32_t character = more ? first & (0x3fU >> more) : first;
    while (more--)
        character = character << 6 | ((unsigned char)*(*at)++ & 0x3fU);
    return character;
}

/* Whether a text may be the value of an attribute. It must not be empty, and must not have control
 * characters or code points that Unicode reserves as noncharacters. */
static bool is_string(const char *text)
{
    if (!text || !*text)
        return false;
    while (*text) {
        uint32_t c = next_character(&text);
        if (c < 0x20 || (c >= 0x7f && c <= 0x9f) || (c >= 0xfdd0 && c <= 0xfdef) ||
            (c & 0xfffe) == 0xfffe)
            return false;
    }
    return true;
}

void cloudevents_head(struct text *out, const struct webhook_body *body)
{
    char id[WEBHOOK_ID_MAX];
    webhook_id(id, body->id);
    text_reserve(out, HEAD_USUAL);
    json_open(out, NULL, '{');
    json_string(out, "specversion", "1.0");
    json_string(out, "id", id);
    append_source(out, body->seller_id);
    event_type_append(out, body->type);
    if (body->event_usec)
        json_time(out, "time", body->event_usec);
    if (is_string(body->order_id))
        json_string(out, "subject", body->order_id);
    json_string(out, "datacontenttype", "application/json");
    text_append_char(out, ',');
}
