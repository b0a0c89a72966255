/* SPDX-License-Identifier: MIT */
#include "spapi/applications.h"

#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "notifications_answer.h"

#define PATH               "/applications/2023-11-30/clientSecret"
#define OPERATION          "rotateApplicationClientSecret"
#define CONNECT_TIMEOUT_MS 5000
#define TIMEOUT_MS         30000
#define USER_AGENT         "User-Agent: dockbell/" DOCKBELL_VERSION " (Language=C/17; Platform=Linux)"

struct applications_call {
    struct http_slot *slot;
    applications_done_fn done;
    void *userdata;
};

static void read_answer(const struct http_answer *answer, struct error *ret)
{
    *ret = answer->error;
    if (answer->error.kind != ERROR_NONE) {
        error_set(ret, answer->error.kind, OPERATION ": %s", answer->error.text);
    } else if (answer->status != 204 && answer->status != 200) {
        notifications_read_error(answer, OPERATION, ret);
        if (answer->status == 400 && strstr(ret->text, "not enrolled"))
            error_set(ret, ERROR_REFUSED,
                      OPERATION ": Amazon does not know which queue to send the new secret to. "
                                "Choose one in the developer console, under Notification "
                                "Preferences of the application, and configure it as a [queue]");
    }
}

static void on_answer(struct http_answer *answer, void *userdata)
{
    struct applications_call *call = userdata;
    struct error error;
    read_answer(answer, &error);
    call->done(&error, call->userdata);
    free(call);
}

int applications_rotate_secret(struct http *http, const char *endpoint, const char *token,
                               applications_done_fn done, void *userdata,
                               struct applications_call **ret_call)
{
    size_t size = strlen(endpoint);
    while (size > 0 && endpoint[size - 1] == '/')
        size--;
    AUTOFREE char *url = memory_format("%.*s" PATH, (int)size, endpoint);
    AUTOFREE char *access = memory_format("x-amz-access-token: %s", token);
    const char *const headers[] = {access, USER_AGENT, "Accept: application/json", NULL};
    const struct http_request request = {
        .method = "POST",
        .url = url,
        .headers = headers,
        .body = "",
        .connect_timeout_ms = CONNECT_TIMEOUT_MS,
        .timeout_ms = TIMEOUT_MS,
        .answer_limit = NOTIFICATIONS_ANSWER_MAX,
    };
    struct applications_call *call = NEW(struct applications_call);
    *call = (struct applications_call){.done = done, .userdata = userdata};
    int r = http_call(http, &request, on_answer, call, &call->slot);
    explicit_bzero(access, strlen(access));
    if (r < 0)
        free(call);
    else if (ret_call)
        *ret_call = call;
    return r;
}

void applications_cancel(struct applications_call *call)
{
    if (!call)
        return;
    http_cancel(call->slot);
    free(call);
}
