/* SPDX-License-Identifier: MIT */
#include "canonical.h"

#include <ctype.h>
#include <errno.h>
#include <openssl/evp.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"

#define QUERY_PARAMETERS_MAX 64

static bool is_unreserved(unsigned char c)
{
    return isalnum(c) || c == '-' || c == '.' || c == '_' || c == '~';
}

static void encode(struct text *out, const char *bytes, size_t size, const char *keep)
{
    for (size_t i = 0; i < size; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (is_unreserved(c) || strchr(keep, c))
            text_append_char(out, (char)c);
        else
            text_appendf(out, "%%%02X", c);
    }
}

static int hex_value(char c)
{
    if (c >= '0' && c <= '9')
        return c - '0';
    c = (char)tolower((unsigned char)c);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Decode a name or value of the query first, so that only one form of encoding remains. */
static char *normalise(const char *bytes, size_t size)
{
    AUTOTEXT struct text plain = {0};
    for (size_t i = 0; i < size; i++) {
        int high = i + 2 < size && bytes[i] == '%' ? hex_value(bytes[i + 1]) : -1;
        int low = high >= 0 ? hex_value(bytes[i + 2]) : -1;
        if (low >= 0)
            i += 2;
        text_append_char(&plain, low >= 0 ? (char)(high * 16 + low) : bytes[i]);
    }
    struct text out = {0};
    encode(&out, plain.data ? plain.data : "", plain.size, "");
    text_append(&out, "", 0);
    return text_take(&out);
}

struct parameter {
    char *name, *value;
};

static int compare_parameters(const void *a, const void *b)
{
    const struct parameter *left = a, *right = b;
    int by_name = strcmp(left->name, right->name);
    return by_name ? by_name : strcmp(left->value, right->value);
}

static void write_query(struct text *out, const char *query)
{
    struct parameter parameters[QUERY_PARAMETERS_MAX];
    size_t count = 0;
    while (*query && count < QUERY_PARAMETERS_MAX) {
        size_t size = strcspn(query, "&");
        const char *equals = memchr(query, '=', size);
        size_t name_size = equals ? (size_t)(equals - query) : size;
        if (size > 0) {
            struct parameter *parameter = &parameters[count++];
            parameter->name = normalise(query, name_size);
            parameter->value =
                equals ? normalise(equals + 1, size - name_size - 1) : memory_string("");
        }
        query += size + (query[size] == '&');
    }
    qsort(parameters, count, sizeof(parameters[0]), compare_parameters);
    for (size_t i = 0; i < count; i++) {
        text_appendf(out, "%s%s=%s", i ? "&" : "", parameters[i].name, parameters[i].value);
        free(parameters[i].name);
        free(parameters[i].value);
    }
}

/* Append a value without leading and trailing blanks; a run of blanks becomes one. */
static void write_value(struct text *out, const char *value)
{
    bool blank = false, any = false;
    for (; *value; value++) {
        if (*value == ' ' || *value == '\t') {
            blank = any;
            continue;
        }
        if (blank)
            text_append_char(out, ' ');
        text_append_char(out, *value);
        blank = false;
        any = true;
    }
}

static int write_headers(struct text *out, const struct canonical_request *request)
{
    AUTOFREE char *names = memory_string(request->signed_headers);
    char *rest = names;
    for (char *name; (name = strsep(&rest, ";")) != NULL;) {
        const char *value = request->header(request->userdata, name);
        if (!value)
            return -EINVAL;
        text_appendf(out, "%s:", name);
        write_value(out, value);
        text_append_char(out, '\n');
    }
    return 0;
}

void canonical_hash(struct text *out, const void *bytes, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    char hex[2 * EVP_MAX_MD_SIZE + 1];
    unsigned length = 0;
    if (EVP_Digest(bytes, size, digest, &length, EVP_sha256(), NULL) != 1)
        abort();
    text_hex(hex, digest, length);
    text_append(out, hex, 2 * length);
}

int canonical_write(struct text *out, const struct canonical_request *request)
{
    size_t path_size = strcspn(request->target, "?");
    const char *query = request->target + path_size;
    text_appendf(out, "%s\n", request->method);
    encode(out, request->target, path_size, "/");
    text_append_char(out, '\n');
    write_query(out, *query ? query + 1 : query);
    text_append_char(out, '\n');
    int r = write_headers(out, request);
    if (r < 0)
        return r;
    text_appendf(out, "\n%s\n", request->signed_headers);
    canonical_hash(out, request->body, request->body_size);
    return 0;
}
