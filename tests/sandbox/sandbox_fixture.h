/* SPDX-License-Identifier: MIT */
#ifndef TESTS_SANDBOX_FIXTURE_H
#define TESTS_SANDBOX_FIXTURE_H

#include "sandbox.h"
#include "wire/http.h"

/* The sandbox inside this process, and a client that knows what it heard last. */
struct fixture {
    sd_event *event;
    struct sandbox *sandbox;
    struct http *http;
    char host[32];
    bool done;
    int status;
    struct text body;
    char request_id[128], rate_limit[32], query_error[128];
    char grantless[512], seller[512], destination[64];
};

int fixture_setup(void **state);
int fixture_teardown(void **state);

/* One call, waited for. */
void fixture_call(struct fixture *f, const char *method, const char *path,
                  const char *const *headers, const char *body);

/* Login with Amazon. */
#define FIXTURE_CLIENT "&client_id=" IDENTITY_CLIENT_ID "&client_secret=" IDENTITY_CLIENT_SECRET
void fixture_token_call(struct fixture *f, const char *form);
void fixture_get_token(struct fixture *f, const char *form, char *out, size_t size);
void fixture_make_tokens(struct fixture *f);

/* The Notifications API; `path` follows /notifications/v1/. */
void fixture_sp_call(struct fixture *f, const char *method, const char *path, const char *token,
                     const char *body);

/* The answer has this status and holds this text. */
void fixture_expect(struct fixture *f, int status, const char *text);

/* Both tokens, and a destination for the default queue. */
void fixture_make_destination(struct fixture *f);

#endif
