/* SPDX-License-Identifier: MIT */
#include "sts.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "aws/sigv4.h"
#include "aws/variables.h"
#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "sqs_endpoint.h"

#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         10000
#define CONTENT_TYPE       "application/x-www-form-urlencoded; charset=utf-8"

/* Longest name of a session that STS takes. */
#define SESSION_NAME_MAX 64

/* If the clock is known to be wrong by more than this, it explains a refusal. */
#define SKEW_MIN_USEC ((int64_t)(4 * USEC_PER_MIN))

struct sts_call {
    struct http_slot *slot;
    const char *action;
    char *role;
    struct text form; /* the body; may hold a token */
    sts_session_fn session_done;
    sts_arn_fn arn_done;
    void *userdata;
};

static void call_free(struct sts_call *call)
{
    if (call->form.data)
        explicit_bzero(call->form.data, call->form.size);
    text_clear(&call->form);
    free(call->role);
    free(call);
}

void sts_cancel(struct sts_call *call)
{
    if (!call)
        return;
    http_cancel(call->slot);
    call_free(call);
}

/* ---- requests ---- */

static void add(struct sts_call *call, const char *name, const char *value)
{
    if (!value)
        return;
    text_appendf(&call->form, "%s%s=", call->form.size ? "&" : "", name);
    text_append_percent(&call->form, value, strlen(value));
}

/* role_arn: NULL if the action has no role. */
static struct sts_call *call_new(const char *action, const char *role_arn, size_t room)
{
    struct sts_call *call = NEW(struct sts_call);
    call->action = action;
    call->role = memory_string(role_arn);
    text_reserve(&call->form, room); /* so that no copy of a token is left behind */
    add(call, "Action", action);
    add(call, "Version", "2011-06-15");
    return call;
}

/* Append the name of the session: of the configuration, or dockbell-HOST. It appears in
 * CloudTrail. */
static void add_session_name(struct sts_call *call, const char *configured)
{
    char host[SESSION_NAME_MAX] = "", name[SESSION_NAME_MAX + 1] = "dockbell-";
    size_t size = strlen(name);
    if (configured && configured[0]) {
        add(call, "RoleSessionName", configured);
        return;
    }
    (void)gethostname(host, sizeof(host) - 1);
    for (const char *at = host; *at && size < SESSION_NAME_MAX; at++)
        name[size++] = isalnum((unsigned char)*at) || strchr("=,.@_-", *at) ? *at : '-';
    name[size] = '\0';
    add(call, "RoleSessionName", name);
}

static void add_role(struct sts_call *call, const struct credential_role *role)
{
    char seconds[TEXT_NUMBER_MAX];
    add(call, "RoleArn", role->arn);
    add_session_name(call, role->session_name);
    add(call, "ExternalId", role->external_id);
    text_number(seconds, role->duration_s);
    if (role->duration_s)
        add(call, "DurationSeconds", seconds);
}

/* Whether plain http is acceptable: only to this machine, for tests and proxies. */
static bool is_acceptable(const char *url)
{
    static const char *const loopbacks[] = {"http://127.", "http://localhost", "http://[::1]"};
    for (size_t i = 0; i < ELEMENTS(loopbacks); i++)
        if (text_starts(url, loopbacks[i]))
            return true;
    return text_starts(url, "https://");
}

static int find_endpoint(struct sqs_endpoint *ret, const char *region)
{
    const char *named = aws_variable("AWS_ENDPOINT_URL_STS");
    struct sqs_arn arn = {0};
    text_copy(arn.region, sizeof(arn.region), region);
    AUTOFREE char *own = memory_format("https://sts.%s.amazonaws.com", region);
    const char *url = named && named[0] ? named : own;
    return is_acceptable(url) ? sqs_endpoint_set(ret, url, &arn) : -EINVAL;
}

static void on_answer(struct http_answer *answer, void *userdata);

/* Send the call, signed if there are credentials. After a failure it is freed. */
static int send_call(struct sts_call **ret, const struct sts_place *place, struct sts_call *call,
                     const struct aws_credentials *credentials)
{
    static const char *const unsigned_headers[] = {"Content-Type: " CONTENT_TYPE, NULL};
    struct sqs_endpoint endpoint = {0};
    struct sigv4_lines lines = {0};
    int r = find_endpoint(&endpoint, place->region);
    struct sigv4 *signer = sigv4_new(place->region, "sts");
    const struct sigv4_post post = {
        .host = endpoint.host,
        .content_type = CONTENT_TYPE,
        .body = call->form.data,
        .body_size = call->form.size,
    };
    if (r == 0 && credentials)
        sigv4_sign_post(&lines, signer, credentials, &post, clock_trusted_usec());
    const struct http_request request = {
        .url = endpoint.url,
        .headers = credentials ? lines.lines : unsigned_headers,
        .body = call->form.data,
        .body_size = call->form.size,
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .answer_limit = STS_ANSWER_MAX,
        .secret = true,
    };
    if (r == 0)
        r = http_call(place->http, &request, on_answer, call, &call->slot);
    sigv4_lines_clear(&lines);
    sigv4_free(signer);
    sqs_endpoint_clear(&endpoint);
    if (r < 0)
        call_free(call);
    else
        *ret = call;
    return r;
}

int sts_assume(struct sts_call **ret, const struct sts_place *place,
               const struct credential_role *role, const struct aws_credentials *credentials,
               sts_session_fn done, void *userdata)
{
    struct sts_call *call = call_new("AssumeRole", role->arn, 0);
    call->session_done = done;
    call->userdata = userdata;
    add_role(call, role);
    return send_call(ret, place, call, credentials);
}

int sts_assume_with_token(struct sts_call **ret, const struct sts_place *place,
                          const struct credential_role *role, const struct secret *token,
                          sts_session_fn done, void *userdata)
{
    size_t room = 3 * (token->size + strlen(role->arn)) + 1024;
    struct sts_call *call = call_new("AssumeRoleWithWebIdentity", role->arn, room);
    call->session_done = done;
    call->userdata = userdata;
    add_role(call, role);
    add(call, "WebIdentityToken", token->data);
    return send_call(ret, place, call, NULL);
}

int sts_caller_identity(struct sts_call **ret, const struct sts_place *place,
                        const struct aws_credentials *credentials, sts_arn_fn done, void *userdata)
{
    struct sts_call *call = call_new("GetCallerIdentity", NULL, 0);
    call->arn_done = done;
    call->userdata = userdata;
    return send_call(ret, place, call, credentials);
}

/* ---- answers ---- */

/* Put the action and the role in front of the text, and the clock if it may be the reason. */
static void put_in_context(const struct sts_call *call, struct error *error)
{
    struct error inner = *error;
    char span[TEXT_SPAN_MAX];
    int64_t offset = clock_offset_usec();
    bool far = offset > SKEW_MIN_USEC || offset < -SKEW_MIN_USEC;
    text_span(span, (uint64_t)(offset < 0 ? -offset : offset));
    bool clock = far && inner.kind == ERROR_CREDENTIALS;
    error_set(error, inner.kind, "STS %s%s%s: %s%s%s%s", call->action, call->role ? " of " : "",
              call->role ? call->role : "", inner.text, clock ? "; our clock is " : "",
              clock ? span : "", clock ? " off: timedatectl" : "");
    error->status = inner.status;
    memcpy(error->code, inner.code, sizeof(error->code));
}

static void finish(struct sts_call *call, struct aws_session *session, const char *arn,
                   struct error *error)
{
    if (error->kind != ERROR_NONE)
        put_in_context(call, error);
    if (call->session_done)
        call->session_done(session, error, call->userdata);
    else
        call->arn_done(error->kind == ERROR_NONE ? arn : NULL, error, call->userdata);
    call_free(call);
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct sts_call *call = userdata;
    struct aws_session session = {0};
    struct error error = answer->error;
    const char *body = answer->body ? answer->body : "";
    AUTOFREE char *arn = NULL;
    call->slot = NULL;
    if (answer->date_usec)
        clock_learn(answer->date_usec, answer->duration_usec);
    if (error.kind == ERROR_NONE && answer->status != 200)
        sts_error_parse(&error, answer->status, body, answer->body_size);
    else if (error.kind == ERROR_NONE && call->session_done) {
        if (sts_session_parse(&session, call->action, body, answer->body_size) < 0)
            error_set(&error, ERROR_PROTOCOL, "the answer is not one of STS");
    } else if (error.kind == ERROR_NONE) {
        arn = sts_arn_parse(body, answer->body_size);
        if (!arn)
            error_set(&error, ERROR_PROTOCOL, "the answer is not one of STS");
    }
    finish(call, &session, arn, &error);
}
