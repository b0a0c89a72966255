/* SPDX-License-Identifier: MIT */
#include "webhook/extra.h"

#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/text.h"

/* Reserved names, with the reason. A "-" at the end of a name stands for all names that
 * begin so. */
static const struct {
    const char *name, *problem;
} taken[] = {
    {"webhook-", "is a header that the request has already"},
    {"dockbell-", "is a header that the request has already"},
    {"content-type", "is a header that the request has already"},
    {"content-length", "is a header that the request has already"},
    {"traceparent", "is a header that the request has already"},
    {"accept-encoding", "would ask for an answer that cannot be read"},
    {"content-encoding", "would say that the body is compressed, which it is not"},
    {"host", "is a header that the request has already"},
    {"user-agent", "is a header that the request has already"},
    {"expect", "makes receivers wait for what is never sent"},
    {"connection", "belongs to the connection, which is not the receiver's matter"},
    {"proxy-connection", "belongs to the connection, which is not the receiver's matter"},
    {"keep-alive", "belongs to the connection, which is not the receiver's matter"},
    {"te", "belongs to the connection, which is not the receiver's matter"},
    {"trailer", "belongs to the connection, which is not the receiver's matter"},
    {"transfer-encoding", "belongs to the connection, which is not the receiver's matter"},
    {"upgrade", "belongs to the connection, which is not the receiver's matter"},
    {"proxy-authenticate", "is for a proxy, and would go to the receiver"},
    {"proxy-authorization", "is for a proxy, and would go to the receiver"},
};

static bool is_token(const char *name)
{
    for (const char *at = name; *at; at++)
        if ((unsigned char)*at > 0x7e ||
            (!isalnum((unsigned char)*at) && !strchr("!#$%&'*+-.^_`|~", *at)))
            return false;
    return name[0] != '\0' && strlen(name) <= WEBHOOK_EXTRA_NAME_MAX;
}

const char *webhook_extra_problem(const char *name)
{
    if (!is_token(name))
        return "is not the name of a header: letters, digits and !#$%&'*+-.^_`|~, at most 64";
    for (size_t i = 0; i < ELEMENTS(taken); i++) {
        size_t size = strlen(taken[i].name);
        bool prefix = taken[i].name[size - 1] == '-';
        if (strncasecmp(name, taken[i].name, prefix ? size : size + 1) == 0)
            return taken[i].problem;
    }
    return NULL;
}

static bool is_blank(char c)
{
    return c == ' ' || c == '\t';
}

int webhook_extra_check_value(const struct secret *value, struct error *error)
{
    const char *problem = NULL;
    if (value->size == 0 || value->size > WEBHOOK_EXTRA_VALUE_MAX)
        problem = value->size ? "is longer than 4096 bytes" : "is empty";
    else if (is_blank(value->data[0]) || is_blank(value->data[value->size - 1]))
        problem = "begins or ends with a blank, which would be lost on the way";
    for (size_t i = 0; i < value->size && !problem; i++)
        if (value->data[i] != '\t' && (value->data[i] < 0x20 || value->data[i] > 0x7e))
            problem = "has characters that cannot be in a header: only ASCII can";
    return problem ? error_set(error, ERROR_CONFIG, "the value %s", problem) : 0;
}

int webhook_extra_add(struct webhook_extra *extra, const char *name, const struct secret *value,
                      struct error *error)
{
    struct error why;
    const char *problem = webhook_extra_problem(name);
    if (problem)
        return error_set(error, ERROR_CONFIG, "%.64s %s", name, problem);
    if (webhook_extra_check_value(value, &why))
        return error_set(error, ERROR_CONFIG, "%s: %s", name, why.text);
    if (extra->count == WEBHOOK_EXTRA_MAX)
        return error_set(error, ERROR_CONFIG, "more than %d headers", WEBHOOK_EXTRA_MAX);
    AUTOFREE char *line = memory_format("%s: %s", name, value->data);
    secret_set(&extra->lines[extra->count++], line, strlen(line));
    explicit_bzero(line, strlen(line));
    return 0;
}

void webhook_extra_clear(struct webhook_extra *extra)
{
    for (size_t i = 0; i < extra->count; i++)
        secret_clear(&extra->lines[i]);
    *extra = (struct webhook_extra){0};
}
