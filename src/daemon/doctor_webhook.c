/* SPDX-License-Identifier: MIT */
/* Webhooks: OPTIONS, which asks what could be asked and does nothing (RFC 9110, 9.3.7); whatever is
 * answered, somebody is there. What a receiver says to a signed event is what `ping` tells. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "daemon/config_auth.h"
#include "doctor.h"
#include "webhook/remedy.h"

/* A certificate that ends before this should have been renewed. */
#define CERTIFICATE_WARN_USEC (14 * USEC_PER_DAY)

#define TIMEOUT_MS 20000

struct look {
    struct doctor_subject *subject;
    const struct config_webhook *webhook;
    struct http_way *way;
    struct http_slot *slot;
};

struct doctor_webhooks {
    struct look *looks;
    size_t count;
};

static void look_at_status(const struct look *look, const struct http_answer *answer)
{
    if (answer->status >= 500)
        doctor_say(look->subject, DOCTOR_WARN, "reachable",
                   "look at the receiver's log, and try dockbell ping",
                   "%s answered %d, an error of its own", answer->peer, answer->status);
    else
        doctor_say(look->subject, DOCTOR_OK, "reachable", NULL,
                   "%s answered OPTIONS with %d after %llu ms", answer->peer, answer->status,
                   (unsigned long long)(answer->duration_usec / USEC_PER_MSEC));
}

static void look_at_certificate(const struct look *look, const struct http_answer *answer)
{
    if (!text_starts(look->webhook->url, "https")) {
        doctor_say(look->subject, DOCTOR_OK, "tls", NULL, "none: it is on this machine");
        return;
    }
    uint64_t now = clock_now_usec(), ends = answer->certificate_ends_usec;
    if (ends == 0) {
        doctor_say(look->subject, DOCTOR_OK, "tls", NULL, "the certificate is valid");
        return;
    }
    char left[TEXT_SPAN_MAX];
    text_span(left, ends > now ? ends - now : 0);
    if (ends < now + CERTIFICATE_WARN_USEC)
        doctor_say(look->subject, DOCTOR_WARN, "tls",
                   "renew it; from its end on nothing is delivered",
                   "the certificate is valid for %s more", left);
    else
        doctor_say(look->subject, DOCTOR_OK, "tls", NULL, "the certificate is valid for %s more",
                   left);
}

static void on_done(struct http_answer *answer, void *userdata)
{
    struct look *look = userdata;
    look->slot = NULL;
    if (answer->error.kind == ERROR_NONE) {
        look_at_status(look, answer);
        look_at_certificate(look, answer);
    } else {
        doctor_say(
            look->subject, DOCTOR_FAIL, answer->error.kind == ERROR_TLS ? "tls" : "reachable",
            webhook_remedy(0, error_kind_name(answer->error.kind)), "%s", answer->error.text);
    }
    doctor_close(look->subject);
}

static void start(struct look *look, struct http *http)
{
    look->way = config_webhook_way(look->webhook);
    struct http_request request = {
        .method = "OPTIONS",
        .way = look->way,
        .url = look->webhook->url,
        .timeout_ms = TIMEOUT_MS,
        .certificate = true,
        .answer_cut = true,
    };
    if (http_call(http, &request, on_done, look, &look->slot) == 0)
        return;
    doctor_say(look->subject, DOCTOR_FAIL, "reachable", "look at url", "the call could not start");
    doctor_close(look->subject);
}

struct doctor_webhooks *doctor_look_at_webhooks(struct doctor *doctor)
{
    const struct doctor_options *options = doctor_options(doctor);
    struct doctor_webhooks *webhooks = NEW(struct doctor_webhooks);
    webhooks->count = options->config->n_webhooks;
    webhooks->looks = memory_new((webhooks->count + 1) * sizeof(*webhooks->looks));
    for (size_t i = 0; i < webhooks->count; i++) {
        struct look *look = &webhooks->looks[i];
        look->webhook = &options->config->webhooks[i];
        look->subject = doctor_open(doctor, "webhook", look->webhook->name, "reachable");
        start(look, options->http);
    }
    return webhooks;
}

void doctor_webhooks_free(struct doctor_webhooks *webhooks)
{
    if (!webhooks)
        return;
    for (size_t i = 0; i < webhooks->count; i++) {
        http_cancel(webhooks->looks[i].slot);
        http_way_free(webhooks->looks[i].way);
    }
    free(webhooks->looks);
    free(webhooks);
}
