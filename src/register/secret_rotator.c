/* SPDX-License-Identifier: MIT */
#include "register/secret_rotator.h"

#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/durable.h"
#include "base/memory.h"
#include "spapi/applications.h"

struct secret_rotator {
    struct secret_rotator_options options;
    struct lwa_call *token_call;
    struct applications_call *call;
    struct secret token; /* for the call under way */
    bool refreshed;      /* the second token has been asked for */
};

static void finish(struct secret_rotator *r, const struct error *error, bool asked)
{
    r->options.done(error, asked, r->options.userdata);
}

static int get_token(struct secret_rotator *r);

static void on_rotated(const struct error *error, void *userdata)
{
    struct secret_rotator *r = userdata;
    r->call = NULL;
    if (error->kind == ERROR_CREDENTIALS && !r->refreshed) {
        r->refreshed = true;
        lwa_forget(r->options.lwa, r->token.data);
        if (get_token(r) == 0)
            return;
    }
    finish(r, error, true);
}

static int write_down(const struct secret_rotator *r)
{
    char text[CLOCK_TEXT_MAX + 1];
    clock_rfc3339(text, r->options.now_usec);
    strcat(text, "\n");
    return durable_write(r->options.directory, SECRET_ROTATOR_FILE, text, strlen(text));
}

static void on_token(const char *token, const struct error *error, void *userdata)
{
    struct secret_rotator *r = userdata;
    struct error why;
    r->token_call = NULL;
    if (error->kind != ERROR_NONE) {
        finish(r, error, false);
        return;
    }
    secret_set(&r->token, token, strlen(token));
    int result = write_down(r);
    if (result < 0)
        error_set(&why, ERROR_STORE, "%s/" SECRET_ROTATOR_FILE " cannot be written: %s",
                  r->options.directory, strerror(-result));
    else if ((result = applications_rotate_secret(r->options.http, r->options.endpoint, token,
                                                  on_rotated, r, &r->call)) < 0)
        error_set(&why, ERROR_CONFIG, "the call could not be started: %s", strerror(-result));
    if (result < 0)
        finish(r, &why, true);
}

static int get_token(struct secret_rotator *r)
{
    return lwa_rotation(r->options.lwa, on_token, r, &r->token_call);
}

int secret_rotator_new(struct secret_rotator **ret, const struct secret_rotator_options *options)
{
    struct secret_rotator *r = NEW(struct secret_rotator);
    r->options = *options;
    int result = get_token(r);
    if (result < 0) {
        secret_rotator_free(r);
        return result;
    }
    *ret = r;
    return 0;
}

void secret_rotator_free(struct secret_rotator *r)
{
    if (!r)
        return;
    lwa_cancel(r->token_call);
    applications_cancel(r->call);
    secret_clear(&r->token);
    free(r);
}

uint64_t secret_rotator_last(const char *directory)
{
    AUTOFREE char *path = memory_format("%s/" SECRET_ROTATOR_FILE, directory);
    char line[CLOCK_TEXT_MAX + 2] = "";
    uint64_t usec = 0;
    FILE *file = fopen(path, "re");
    if (!file)
        return 0;
    if (!fgets(line, sizeof(line), file) ||
        clock_parse_rfc3339(line, strcspn(line, "\n"), &usec) < 0)
        usec = 0;
    fclose(file);
    return usec;
}
