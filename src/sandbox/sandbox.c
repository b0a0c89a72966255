/* SPDX-License-Identifier: MIT */
#include "sandbox.h"

#include "base/clock.h"
#include "base/memory.h"
#include "control.h"

#define IDLE_S 75 /* idle connections are closed; longer than any poll */

static void on_request(struct exchange *exchange, void *userdata)
{
    struct sandbox *sandbox = userdata;
    const char *path = exchange_path(exchange);
    if (text_equal(path, "/") && text_equal(exchange_method(exchange), "POST"))
        sqs_request(&sandbox->sqs, exchange);
    else if (text_starts(path, "/_sandbox/"))
        control_request(sandbox, exchange);
    else if (text_equal(path, "/auth/o2/token"))
        lwa_request(&sandbox->lwa, exchange);
    else if (text_starts(path, "/notifications/v1/"))
        spapi_request(&sandbox->spapi, exchange);
    else if (text_equal(path, ROTATION_PATH))
        rotation_request(&sandbox->rotation, exchange);
    else
        spapi_request_unknown(exchange);
}

int sandbox_new(struct sandbox **ret, sd_event *event, const struct sandbox_options *options)
{
    struct sandbox *sandbox = NEW(struct sandbox);
    sandbox->options = *options;
    sandbox->office.event = sd_event_ref(event);
    sandbox->office.clock = &sandbox->clock;
    sandbox->office.random = clock_now_usec();
    sandbox_start_services(sandbox);
    sqs_init(&sandbox->sqs, &sandbox->office, options->latency_ms * USEC_PER_MSEC);
    publisher_init(&sandbox->publisher, &sandbox->sqs);

    struct server_options server = {.listen = options->listen,
                                    .body_limit = CONTROL_BODY_MAX,
                                    .idle_s = IDLE_S,
                                    .handler = on_request,
                                    .gone = call_gone,
                                    .userdata = sandbox};
    int r = server_new(&sandbox->server, event, &server);
    if (r < 0) {
        sandbox_free(sandbox);
        return r;
    }
    *ret = sandbox;
    return 0;
}

void sandbox_free(struct sandbox *sandbox)
{
    if (!sandbox)
        return;
    server_free(sandbox->server); /* waiting work gets `gone` */
    publisher_reset(&sandbox->publisher);
    sqs_clear(&sandbox->sqs);
    spapi_clear(&sandbox->spapi);
    sd_event_unref(sandbox->office.event);
    free(sandbox);
}
