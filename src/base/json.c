/* SPDX-License-Identifier: MIT */
#include "base/json.h"

#include <string.h>

#include "base/clock.h"
#include "text_utf8.h"

/* Begin a value. It needs a comma unless something was just opened; the last byte of
 * the text shows that. */
static void begin(struct text *out, const char *key)
{
    size_t size = key ? strlen(key) : 0;
    text_reserve(out, size + strlen(",\"\":"));
    char *to = out->data + out->size, last = out->size ? to[-1] : '{';
    if (last != '{' && last != '[' && last != '\n')
        *to++ = ',';
    if (key) {
        *to++ = '"';
        to = mempcpy(to, key, size);
        to = mempcpy(to, "\":", 2);
    }
    *to = '\0';
    out->size = (size_t)(to - out->data);
}

void json_open(struct text *out, const char *key, char bracket)
{
    begin(out, key);
    text_append_char(out, bracket);
}

void json_close(struct text *out, char bracket)
{
    text_append_char(out, bracket);
}

/* Bytes that stand for themselves in a string, whatever is beside them. */
__extension__ static const bool plain[256] = {
    [0x20 ... 0x21] = true,
    [0x23 ... 0x5b] = true,
    [0x5d ... 0x7e] = true,
};

/* A character of two or three bytes that terminals obey. */
static void append_wide_control(struct text *out, const char *at, size_t length)
{
    unsigned low = (unsigned char)at[length - 1] & 0x3f;
    unsigned high = length == 2 ? 0x80 : 0x2000 | ((unsigned char)at[1] & 0x3fU) << 6;
    text_appendf(out, "\\u%04x", high | low);
}

static void append_control(struct text *out, unsigned char c)
{
    static const char names[] = "btn.fr"; /* from 8 on; 11 has no short form */
    if (c == '"' || c == '\\')
        text_appendf(out, "\\%c", c);
    else if (c >= 8 && c <= 13 && c != 11)
        text_appendf(out, "\\%c", names[c - 8]);
    else
        text_appendf(out, "\\u%04x", c);
}

void json_bytes(struct text *out, const char *key, const char *bytes, size_t size)
{
    begin(out, key);
    text_append_char(out, '"');
    size_t copied = 0; /* start of what may be copied as it is */
    for (size_t i = 0; i < size;) {
        unsigned char c = (unsigned char)bytes[i];
        if (plain[c]) {
            i++;
            continue;
        }
        size_t length = text_utf8_length(bytes + i, size - i);
        if (length > 1 && !text_is_control(bytes + i, length)) {
            i += length;
            continue;
        }
        text_append(out, bytes + copied, i - copied);
        if (length == 0)
            text_append_string(out, "\xef\xbf\xbd");
        else if (length > 1)
            append_wide_control(out, bytes + i, length);
        else
            append_control(out, c);
        i += length ? length : 1;
        copied = i;
    }
    text_append(out, bytes + copied, size - copied);
    text_append_char(out, '"');
}

void json_string(struct text *out, const char *key, const char *value)
{
    if (value)
        json_bytes(out, key, value, strlen(value));
    else
        json_null(out, key);
}

void json_number(struct text *out, const char *key, int64_t value)
{
    begin(out, key);
    text_appendf(out, "%lld", (long long)value);
}

void json_bool(struct text *out, const char *key, bool value)
{
    begin(out, key);
    text_append_string(out, value ? "true" : "false");
}

void json_null(struct text *out, const char *key)
{
    begin(out, key);
    text_append(out, "null", 4);
}

void json_time(struct text *out, const char *key, uint64_t usec)
{
    char time[CLOCK_TEXT_MAX];
    if (usec == 0) {
        json_null(out, key);
        return;
    }
    clock_rfc3339(time, usec);
    json_string(out, key, time);
}

void json_raw(struct text *out, const char *key, const char *json, size_t size)
{
    begin(out, key);
    text_append(out, json, size);
}

void json_spread(struct text *out, const char *json, size_t size)
{
    bool quoted = false;
    text_reserve(out, size + size / 8);
    for (size_t i = 0; i < size; i++) {
        if (quoted && json[i] == '\\' && i + 1 < size)
            text_append_char(out, json[i++]);
        else if (json[i] == '"')
            quoted = !quoted;
        else if (!quoted && json[i] == ':')
            text_append_char(out, ' ');
        text_append_char(out, json[i]);
        if (!quoted && (json[i] == ':' || json[i] == ','))
            text_append_char(out, ' ');
    }
}

const char *json_get_string(const cJSON *object, const char *key)
{
    return cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, key));
}

const cJSON *json_get_object(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsObject(member) ? member : NULL;
}

const cJSON *json_get_array(const cJSON *object, const char *key)
{
    const cJSON *member = cJSON_GetObjectItemCaseSensitive(object, key);
    return cJSON_IsArray(member) ? member : NULL;
}

cJSON *json_parse(const char *bytes, size_t size, size_t limit)
{
    const char *end;
    if (!bytes || size == 0 || size > limit)
        return NULL;
    cJSON *json = cJSON_ParseWithLengthOpts(bytes, size, &end, false);
    if (!json)
        return NULL;
    while (end < bytes + size && *end && strchr(" \t\r\n", *end))
        end++;
    if (end != bytes + size) {
        cJSON_Delete(json);
        return NULL;
    }
    return json;
}
