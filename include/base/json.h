/* SPDX-License-Identifier: MIT */
#ifndef BASE_JSON_H
#define BASE_JSON_H

#include <cjson/cJSON.h>
#include <stdbool.h>
#include <stdint.h>

#include "base/text.h"

/*
 * Writing JSON: members are appended in order; commas are added automatically.
 *
 *     json_open(&t, NULL, '{');
 *     json_string(&t, "seller", name);
 *     json_close(&t, '}');
 *
 * `key` is NULL inside an array and at the top. Keys are our own constants and are not escaped;
 * values are. Bytes that are not UTF-8 appear as U+FFFD.
 */
void json_open(struct text *out, const char *key, char bracket);
void json_close(struct text *out, char bracket);
void json_string(struct text *out, const char *key, const char *value); /* NULL: null */
void json_bytes(struct text *out, const char *key, const char *bytes, size_t size);
void json_number(struct text *out, const char *key, int64_t value);
void json_bool(struct text *out, const char *key, bool value);
void json_null(struct text *out, const char *key);
void json_time(struct text *out, const char *key, uint64_t usec); /* RFC 3339; 0: null */
void json_raw(struct text *out, const char *key, const char *json, size_t size);

/* Append a JSON text with blanks around its colons and after its commas, as in Amazon's samples. No
 * JSON library writes these bytes, so receivers that check a signature over re-written JSON notice
 * their mistake. */
void json_spread(struct text *out, const char *json, size_t size);

/* Reading, with cJSON; keys are case-sensitive. All return borrowed values of `object`. */

/* Return the string member, or NULL if it is absent or no string. `object` may be NULL. */
const char *json_get_string(const cJSON *object, const char *key);

/* Return the object member, or NULL. */
const cJSON *json_get_object(const cJSON *object, const char *key);

/* Return the array member, or NULL. */
const cJSON *json_get_array(const cJSON *object, const char *key);

/* Parse a document from outside that is not a notification (API answers, small files): strict about
 * its end, at most `limit` bytes. The caller frees it with cJSON_Delete; NULL: not JSON. */
cJSON *json_parse(const char *bytes, size_t size, size_t limit);

/* Free the variable that AUTOJSON is put on. */
static inline void json_delete_p(cJSON **json)
{
    cJSON_Delete(*json);
}
#define AUTOJSON CLEANUP(json_delete_p)

#endif
