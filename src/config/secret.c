/* SPDX-License-Identifier: MIT */
#include "secret.h"

#include <ctype.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/memory.h"
#include "draft.h"
#include "values.h"

#define CREDENTIAL "credential:"
#define FILE_PATH  "file:"
#define VARIABLE   "env:"

/* Whether the second of two secrets begins here. A comma inside a literal then separates
 * nothing. */
static bool begins_a_secret(const char *text)
{
    return text_starts(text, CREDENTIAL) || text_starts(text, FILE_PATH) ||
           text_starts(text, VARIABLE) || text_starts(text, "whsec_");
}

bool config_secret_is_literal(const char *reference)
{
    return !text_starts(reference, CREDENTIAL) && !text_starts(reference, FILE_PATH) &&
           !text_starts(reference, VARIABLE);
}

/* Cut the first reference off *rest and return it; the caller frees it. NULL: none is left. */
static char *next_reference(const char **rest, bool whole)
{
    const char *start = *rest, *comma = start;
    if (!start)
        return NULL;
    while (!whole && (comma = strchr(comma, ',')) != NULL) {
        const char *next = comma + 1;
        while (isspace((unsigned char)*next))
            next++;
        if (begins_a_secret(next)) {
            *rest = next;
            size_t size = (size_t)(comma - start);
            while (size > 0 && isspace((unsigned char)start[size - 1]))
                size--;
            return memory_copy(start, size);
        }
        comma++;
    }
    *rest = NULL;
    return memory_string(start);
}

/* Whether it looks like "word:...". No secret of Amazon or of Dockbell has a colon in such a
 * place. */
static bool looks_like_a_reference(const char *literal)
{
    size_t size = strspn(literal, "abcdefghijklmnopqrstuvwxyz");
    return size > 0 && literal[size] == ':';
}

#define REQUIRED "visible ASCII without blanks is required"

/* Return why these bytes cannot be the intended secret, if they contain something invisible; NULL:
 * they do not. */
static const char *invisible_problem(const char *bytes, size_t size, bool blanks)
{
    bool blank = size && (bytes[0] == ' ' || bytes[size - 1] == ' ');
    if (size >= 3 && memcmp(bytes, "\xef\xbb\xbf", 3) == 0)
        return "begins with a byte order mark, which some editors write: " REQUIRED;
    if (blank)
        return "begins or ends with a blank: " REQUIRED;
    for (size_t i = 0; i < size && !blanks; i++) {
        unsigned char c = (unsigned char)bytes[i];
        if (c == ' ' && i + 1 < size && bytes[i + 1] == '#')
            return "has a blank in it (a comment needs a line of its own): " REQUIRED;
        if (c == ' ')
            return "has a blank in it: " REQUIRED;
        if (c > '~')
            return "has a character in it that is not ASCII: " REQUIRED;
    }
    return NULL;
}

static const char *literal_problem(const char *literal, bool blanks)
{
    for (const char *at = literal; *at; at++)
        if (iscntrl((unsigned char)*at))
            return "the secret has a control character in it";
    return looks_like_a_reference(literal)
               ? "begins like a reference, but only credential:, file: and env: are known"
               : invisible_problem(literal, strlen(literal), blanks);
}

const char *config_reference_problem(const char *reference)
{
    const char *colon = strchr(reference, ':');
    if (text_starts(reference, FILE_PATH))
        return colon[1] == '/' ? NULL : "file: needs an absolute path";
    if (colon[1] == '\0')
        return "there is no name behind the colon";
    if (text_starts(reference, CREDENTIAL))
        return strchr(colon, '/') || strlen(colon + 1) > 255 || colon[1] == '.'
                   ? "credential: needs the name of a credential, not a path"
                   : NULL;
    return strpbrk(colon + 1, "= $") ? "env: needs the name of a variable" : NULL;
}

/* Whether the secret may be any text: neither Amazon nor Dockbell has made it. */
static bool is_any_text(const char *key)
{
    static const char *const keys[] = {"password", "hmac_secret", "oauth_client_secret",
                                       "token_key"};
    for (size_t i = 0; i < ELEMENTS(keys); i++)
        if (strcmp(key, keys[i]) == 0)
            return true;
    return false;
}

CONFIG_PARSER(config_parse_secret)
{
    struct config_secret *secret = target;
    const char *rest = value;
    bool blanks = is_any_text(key->name);
    for (char *one; (one = next_reference(&rest, false)) != NULL; secret_free_string(one)) {
        const char *problem = config_secret_is_literal(one) ? literal_problem(one, blanks)
                                                            : config_reference_problem(one);
        if (!problem)
            continue;
        secret_free_string(one);
        return error_set(error, ERROR_CONFIG, "%s", problem);
    }
    secret_free_string(secret->reference);
    *secret = (struct config_secret){
        .reference = memory_string(value),
        .place = *place,
        .blanks = blanks,
    };
    return 0;
}

int secret_take_variable(struct secret *ret, const char *name)
{
    static struct taken {
        char *name;
        struct secret value;
        struct taken *next;
    } * all;
    for (struct taken *taken = all; taken; taken = taken->next)
        if (strcmp(taken->name, name) == 0) {
            secret_set(ret, taken->value.data, taken->value.size);
            return 0;
        }
    char *value = getenv(name);
    if (!value)
        return -ENOENT;
    struct taken *taken = NEW(struct taken);
    taken->name = memory_string(name);
    taken->next = all;
    all = taken;
    secret_set(&taken->value, value, strlen(value));
    secret_set(ret, value, strlen(value));
    /* Wiped in place as well: /proc/PID/environ shows the memory, also after unsetenv. */
    explicit_bzero(value, strlen(value));
    (void)unsetenv(name);
    return 0;
}

static int fetch(struct secret *ret, const char *reference, struct error *error)
{
    const char *name = strchr(reference, ':');
    if (config_secret_is_literal(reference)) {
        secret_set(ret, reference, strlen(reference));
        return 0;
    }
    if (text_starts(reference, CREDENTIAL))
        return credential_find(ret, name + 1, error);
    if (text_starts(reference, VARIABLE))
        return secret_take_variable(ret, name + 1) == 0
                   ? 0
                   : error_set(error, ERROR_CONFIG, "there is no such environment variable");
    int r = secret_read_file(ret, name + 1);
    return r < 0 ? error_set(error, ERROR_CONFIG, "cannot be read: %s",
                             r == -EINVAL  ? "not a regular file"
                             : r == -EFBIG ? "more than 64 K"
                                           : strerror(-r))
                 : 0;
}

/* Remove one line end. Returns the problem of the rest; NULL: none. */
static const char *clean(struct secret *secret, const struct config_secret *rules)
{
    size_t size = secret->size;
    if (size > 0 && secret->data[size - 1] == '\n')
        size--;
    if (size > 0 && size < secret->size && secret->data[size - 1] == '\r')
        size--;
    struct secret whole = *secret;
    *secret = (struct secret){0};
    secret_set(secret, whole.data, size);
    secret_clear(&whole);
    if (size == 0)
        return "is empty";
    for (size_t i = 0; i < size; i++)
        if (iscntrl((unsigned char)secret->data[i]) && !(rules->whole && secret->data[i] == '\t'))
            return "has more than one line, or control characters";
    return rules->whole ? NULL : invisible_problem(secret->data, size, rules->blanks);
}

/* Return the name of the reference in errors: never the secret itself. */
static const char *shown(const char *reference)
{
    return config_secret_is_literal(reference) ? "the secret" : reference;
}

static int fetch_clean(struct secret *ret, const char *reference, const struct config_secret *rules,
                       struct error *error)
{
    struct error why;
    int r = fetch(ret, reference, &why);
    const char *problem = r < 0 ? why.text : clean(ret, rules);
    if (!problem)
        return 0;
    secret_clear(ret);
    return error_set(error, ERROR_CONFIG, "%s: %s", shown(reference), problem);
}

/* Append ",more" to a secret, or make it the first. */
static void join(struct secret *secret, const struct secret *more)
{
    if (!secret->data) {
        secret_set(secret, more->data, more->size);
        return;
    }
    size_t size = secret->size + 1 + more->size;
    char *both = memory_new(size);
    memcpy(both, secret->data, secret->size);
    both[secret->size] = ',';
    memcpy(both + secret->size + 1, more->data, more->size);
    secret_set(secret, both, size);
    explicit_bzero(both, size);
    free(both);
}

int config_secret_fetch(struct secret *ret, const struct config_secret *reference,
                        struct error *error)
{
    struct secret joined = {0};
    const char *rest = reference->reference;
    int r = rest ? 0 : error_set(error, ERROR_CONFIG, "the secret is not set");
    for (char *one; r == 0 && (one = next_reference(&rest, reference->whole)) != NULL;
         secret_free_string(one)) {
        struct secret part = {0};
        r = fetch_clean(&part, one, reference, error);
        if (r == 0)
            join(&joined, &part);
        secret_clear(&part);
    }
    secret_clear(r == 0 ? ret : &joined);
    if (r == 0)
        *ret = joined;
    return r;
}

int config_secret_resolve(struct secret *ret, const struct config_secret *reference,
                          struct error *error)
{
    struct error why;
    const struct config_place *place = &reference->place;
    if (config_secret_fetch(ret, reference, &why) == 0)
        return 0;
    return error_set(error, ERROR_CONFIG, "%s:%u: %s%s%s", place->file, place->line,
                     reference->label ? reference->label : "", reference->label ? ": " : "",
                     why.text);
}

void config_secret_each_reference(const struct config_secret *secret,
                                  void (*each)(const struct config_secret *secret,
                                               const char *reference, void *userdata),
                                  void *userdata)
{
    const char *rest = secret->reference;
    for (char *one; (one = next_reference(&rest, secret->whole)) != NULL; secret_free_string(one))
        each(secret, one, userdata);
}
