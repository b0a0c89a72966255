/* SPDX-License-Identifier: MIT */
/* Answers of the admin endpoint in the form of registerNotification. */
#include "admin.h"

#include "base/json.h"

void admin_say(struct exchange *exchange, const char *text)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_string(&out, "message", text);
    json_close(&out, '}');
    exchange_answer(exchange, 200, ADMIN_JSON_TYPE, out.data, out.size);
}

static void put_amazon(struct text *out, const struct error *error)
{
    json_open(out, "amazon_response", '{');
    json_open(out, "errors", '[');
    json_open(out, NULL, '{');
    json_string(out, "code", error->code[0] ? error->code : error_kind_name(error->kind));
    json_string(out, "message", error->words[0] ? error->words : error->text);
    json_close(out, '}');
    json_close(out, ']');
    json_close(out, '}');
}

void admin_refuse(struct exchange *exchange, int status, const char *message,
                  const struct error *error)
{
    AUTOTEXT struct text out = {0};
    json_open(&out, NULL, '{');
    json_bool(&out, "is_adb_error", true);
    json_bool(&out, "success", false);
    json_open(&out, "error", '{');
    json_string(&out, "message", message);
    if (error)
        put_amazon(&out, error);
    else
        json_null(&out, "amazon_response");
    json_close(&out, '}');
    json_close(&out, '}');
    if (status == 429 || status == 503)
        exchange_add_header(exchange, "Retry-After", "1");
    exchange_answer(exchange, status, ADMIN_JSON_TYPE, out.data, out.size);
}
