/* SPDX-License-Identifier: MIT */
/* Webhooks: OPTIONS, which asks for the possible methods and changes nothing (RFC 9110, 9.3.7). Any
 * answer shows that there is a receiver. `ping` shows its answer to a signed event. */
#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "config/auth.h"
#include "deliver/access_token.h"
#include "doctor.h"
#include "webhook/remedy.h"

/* If a certificate ends within this time, it should have been renewed. */
#define CERTIFICATE_WARN_USEC (14 * USEC_PER_DAY)

#define TIMEOUT_MS 20000

struct look {
    struct doctor_subject *subject;
    const struct config_webhook *webhook;
    struct http_transport *transport, *token_transport;
    struct http_slot *slot;
    struct webhook_auth auth;
    struct access_token token;
    unsigned left; /* number of checks under way */
};

struct doctor_webhooks {
    struct look *looks;
    size_t count;
};

static void end_one(struct look *look)
{
    if (--look->left == 0)
        doctor_close(look->subject);
}

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
    uint64_t now = clock_trusted_usec(), ends = answer->certificate_ends_usec;
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
        bool tls = answer->error.kind == ERROR_TLS || answer->error.kind == ERROR_NO_TLS;
        doctor_say(look->subject, DOCTOR_FAIL, tls ? "tls" : "reachable",
                   webhook_remedy(0, error_kind_name(answer->error.kind)), "%s",
                   answer->error.text);
    }
    end_one(look);
}

static void look_at_receiver(struct look *look, struct http *http)
{
    struct http_request request = {
        .method = "OPTIONS",
        .transport = look->transport,
        .url = look->webhook->url,
        .timeout_ms = TIMEOUT_MS,
        .certificate = true,
        .answer_cut = true,
        .body_optional = true,
    };
    if (http_call(http, &request, on_done, look, &look->slot) == 0)
        return;
    doctor_say(look->subject, DOCTOR_FAIL, "reachable", "look at url", "the call could not start");
    end_one(look);
}

static void on_token(const struct error *error, void *userdata)
{
    struct look *look = userdata;
    char left[TEXT_SPAN_MAX];
    text_span(left, access_token_use_usec(&look->token));
    if (error)
        doctor_say(look->subject, DOCTOR_FAIL, "token", webhook_remedy(0, "token"), "%s",
                   error->text);
    else
        doctor_say(look->subject, DOCTOR_OK, "token", NULL,
                   "the token endpoint gave one, which is used for %s", left);
    end_one(look);
}

/* Ask for an access token, if the webhook needs one. */
static void look_at_token(struct look *look, struct http *http)
{
    struct error error;
    if (config_webhook_oauth(&look->auth.oauth, look->webhook, &error)) {
        on_token(&error, look);
        return;
    }
    access_token_init(&look->token, &(struct access_token_options){
                                        .http = http,
                                        .auth = &look->auth,
                                        .webhook = look->webhook->name,
                                        .transport = look->token_transport,
                                        .timeout_usec = TIMEOUT_MS * USEC_PER_MSEC,
                                        .done = on_token,
                                        .userdata = look,
                                    });
    access_token_ask(&look->token);
}

static void start(struct look *look, struct http *http)
{
    bool wants_token = look->webhook->oauth_token_url;
    look->transport = config_webhook_way(look->webhook);
    look->token_transport = config_webhook_token_way(look->webhook);
    look->left = wants_token ? 2 : 1;
    look_at_receiver(look, http);
    if (wants_token)
        look_at_token(look, http);
}

static void stop(struct look *look)
{
    http_cancel(look->slot);
    access_token_end(&look->token);
    webhook_auth_clear(&look->auth);
    http_transport_free(look->transport);
    http_transport_free(look->token_transport);
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
    for (size_t i = 0; i < webhooks->count; i++)
        stop(&webhooks->looks[i]);
    free(webhooks->looks);
    free(webhooks);
}
