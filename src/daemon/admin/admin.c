/* SPDX-License-Identifier: MIT */
#include "admin.h"

#include <string.h>
#include <strings.h>

#include "base/clock.h"
#include "base/memory.h"
#include "body.h"
#include "config/seller_token.h"
#include "host.h"
#include "journal/events.h"
#include "metrics.h"
#include "readiness.h"

#define REGISTER_PATH "/api/notification/registerNotification"
#define TOKEN_HEADER  "x-seller-access-token"

/* Limits for clients. The connection of a slow client is closed. */
#define IDLE_S          30
#define DEADLINE_S      10
#define CONNECTIONS_MAX 64

/* Limits for requests. A seller has Amazon's own quota for these operations. If there are more
 * wrong tokens than this, the answer no longer says what is wrong. */
#define SELLER_PER_USEC  USEC_PER_SEC
#define SELLER_BURST     5
#define REFUSED_PER_USEC (100 * USEC_PER_MSEC)
#define REFUSED_BURST    20

/* One more request is allowed every `per_usec`, up to `burst` at once. */
struct bucket {
    uint64_t paid_usec; /* boot time up to which requests are used up */
};

/* The requests of one seller. The array has the order of the config's sellers. */
struct desk {
    struct bucket bucket;
    struct admin_registration *registration; /* under way */
};

struct admin {
    struct daemon *daemon;
    const struct config *config;
    struct server *server;
    struct secret key; /* empty: registering is off */
    struct bucket refused;
    struct desk *desks;
    sd_event_source *sweep; /* frees the registrations that have ended */
};

static bool bucket_take(struct bucket *bucket, uint64_t per_usec, unsigned burst)
{
    uint64_t now = clock_boot_usec(),
             earliest = now > burst * per_usec ? now - burst * per_usec : 0;
    uint64_t paid = bucket->paid_usec > earliest ? bucket->paid_usec : earliest;
    if (paid + per_usec > now)
        return false;
    bucket->paid_usec = paid + per_usec;
    return true;
}

/* The text that admin_refuse would make, for requests whose body was not read. */
static const char too_large[] =
    "{\"is_adb_error\":true,\"success\":false,\"error\":{\"message\":\"the body is larger than "
    "16 KiB\",\"amazon_response\":null}}";

static const char ambiguous[] =
    "{\"is_adb_error\":true,\"success\":false,\"error\":{\"message\":\"the request has more than "
    "one "
    "Content-Length, Transfer-Encoding or Host\",\"amazon_response\":null}}";

/* ---- registerNotification ---- */

/* Return the index in the config of the seller that the token names; SIZE_MAX: there is none, and
 * the exchange is answered. */
static size_t identify(struct admin *admin, struct exchange *exchange)
{
    char name[CONFIG_NAME_MAX + 1];
    const char *token = exchange_header(exchange, TOKEN_HEADER);
    struct error error;
    int r = token ? seller_token_verify(&admin->key, token, clock_trusted_usec() / USEC_PER_SEC,
                                        name, &error)
                  : error_set(&error, ERROR_CREDENTIALS, "the header " TOKEN_HEADER " is missing");
    const struct config_seller *seller = r == 0 ? config_find_seller(admin->config, name) : NULL;
    if (seller)
        return (size_t)(seller - admin->config->sellers);
    if (r == 0)
        error_set(&error, ERROR_CREDENTIALS, "the token's seller is not in the configuration");
    if (bucket_take(&admin->refused, REFUSED_PER_USEC, REFUSED_BURST))
        admin_refuse(exchange, 401, error.text, NULL);
    else
        admin_refuse(exchange, 429, "too many requests without a good token", NULL);
    return SIZE_MAX;
}

/* Whether a content type is JSON: the type alone, or with parameters after a semicolon. */
static bool is_json(const char *type)
{
    size_t size = sizeof(ADMIN_JSON_TYPE) - 1;
    return type && strncasecmp(type, ADMIN_JSON_TYPE, size) == 0 && strchr(" ;", type[size]);
}

/* Whether the ARN is that of the queue that brings this seller's notifications. */
static bool is_his_queue(const struct config *config, const struct config_seller *seller,
                         const char *arn)
{
    const struct config_queue *queue = config_find_queue(config, seller->queue);
    return queue && text_equal(queue->arn, arn);
}

/* Free the registrations that have ended. A registration cannot be freed in its own callback. */
static int on_sweep(sd_event_source *source, void *userdata)
{
    struct admin *admin = userdata;
    (void)source;
    for (size_t i = 0; i < admin->config->n_sellers; i++)
        if (admin->desks[i].registration && admin_registration_ended(admin->desks[i].registration))
            admin_registration_free(TAKE(admin->desks[i].registration));
    return 0;
}

static void begin_registration(struct admin *admin, size_t seller, const struct admin_body *body,
                               struct exchange *exchange)
{
    const struct config_seller *section = &admin->config->sellers[seller];
    struct desk *desk = &admin->desks[seller];
    if (!is_his_queue(admin->config, section, body->arn))
        admin_refuse(exchange, 400, "sqsArn is not the queue that is configured for this seller",
                     NULL);
    else if (desk->registration || !bucket_take(&desk->bucket, SELLER_PER_USEC, SELLER_BURST))
        admin_refuse(exchange, 429, "too many registrations of this seller; try again in a second",
                     NULL);
    else
        desk->registration =
            admin_registration_new(admin->daemon, section, body->recreate, exchange, admin->sweep);
}

static void on_register(struct admin *admin, struct exchange *exchange)
{
    struct admin_body body;
    char why[320];
    size_t size, seller = identify(admin, exchange);
    if (seller == SIZE_MAX)
        return;
    if (!is_json(exchange_header(exchange, "content-type"))) {
        admin_refuse(exchange, 415, "the content-type must be " ADMIN_JSON_TYPE, NULL);
        return;
    }
    const char *bytes = exchange_body(exchange, &size);
    if (admin_body_parse(bytes, size, &body, why) < 0) {
        admin_refuse(exchange, 400, why, NULL);
        return;
    }
    begin_registration(admin, seller, &body, exchange);
    free(body.arn);
}

/* ---- requests ---- */

static void refuse_method(struct exchange *exchange, const char *allowed)
{
    exchange_add_header(exchange, "Allow", allowed);
    admin_refuse(exchange, 405, "this method is not for this path", NULL);
}

static void on_health(struct admin *admin, struct exchange *exchange)
{
    (void)admin;
    exchange_answer(exchange, 200, "text/plain", "alive\n", 6);
}

static void on_ready(struct admin *admin, struct exchange *exchange)
{
    admin_answer_ready(admin->daemon, exchange);
}

static void on_metrics(struct admin *admin, struct exchange *exchange)
{
    admin_answer_metrics(admin->daemon, exchange);
}

static const struct route {
    const char *path;
    bool get; /* GET and HEAD; else POST, if registering is on */
    void (*answer)(struct admin *admin, struct exchange *exchange);
} routes[] = {
    {"/healthz", true, on_health},
    {"/readyz", true, on_ready},
    {"/metrics", true, on_metrics},
    {REGISTER_PATH, false, on_register},
};

static const struct route *find_route(const struct admin *admin, const char *path)
{
    for (size_t i = 0; i < ELEMENTS(routes); i++)
        if (strcmp(routes[i].path, path) == 0 && (routes[i].get || admin->key.size))
            return &routes[i];
    return NULL;
}

/* Whether the request may be answered, by its Host. A web page cannot reach a Unix socket, and a
 * request without Host comes from no web page. */
static bool is_for_us(const struct admin *admin, const struct exchange *exchange)
{
    const char *host = exchange_header(exchange, "host");
    return !host || admin->config->admin_allow_remote || server_port(admin->server) == 0 ||
           admin_host_is_local(host);
}

static void on_request(struct exchange *exchange, void *userdata)
{
    struct admin *admin = userdata;
    const struct route *route = find_route(admin, exchange_path(exchange));
    const char *method = exchange_method(exchange);
    if (!is_for_us(admin, exchange))
        admin_refuse(exchange, 421,
                     "Host must be localhost, 127.0.0.1 or [::1], unless allow_remote = yes", NULL);
    else if (!route)
        admin_refuse(exchange, 404, "there is nothing at this path", NULL);
    else if (route->get && strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0)
        refuse_method(exchange, "GET, HEAD");
    else if (!route->get && strcmp(method, "POST") != 0)
        refuse_method(exchange, "POST");
    else
        route->answer(admin, exchange);
}

static void on_gone(struct exchange *exchange, void *userdata)
{
    struct admin *admin = userdata;
    for (size_t i = 0; i < admin->config->n_sellers; i++)
        if (admin->desks[i].registration)
            admin_registration_forget(admin->desks[i].registration, exchange);
}

/* ---- life ---- */

static int open_key(struct admin *admin, struct error *error)
{
    if (!admin->config->admin_token_key.reference)
        return 0;
    int r = config_secret_resolve(&admin->key, &admin->config->admin_token_key, error);
    return r ? r : seller_token_check_key(&admin->key, error);
}

static int open_server(struct admin *admin, struct error *error)
{
    const char *listen = admin->config->admin_listen;
    int r = sd_event_add_defer(admin->daemon->event, &admin->sweep, on_sweep, admin);
    if (r >= 0)
        r = sd_event_source_set_enabled(admin->sweep, SD_EVENT_OFF);
    if (r >= 0)
        r = server_new(&admin->server, admin->daemon->event,
                       &(struct server_options){
                           .listen = listen,
                           .body_limit = ADMIN_BODY_MAX,
                           .too_large = too_large,
                           .ambiguous = ambiguous,
                           .refusal_type = ADMIN_JSON_TYPE,
                           .idle_s = IDLE_S,
                           .deadline_s = DEADLINE_S,
                           .connections = CONNECTIONS_MAX,
                           .handler = on_request,
                           .gone = on_gone,
                           .userdata = admin,
                       });
    return r < 0 ? error_set(error, ERROR_CONFIG, "%s cannot be listened on: %s", listen,
                             strerror(-r))
                 : 0;
}

void daemon_open_admin(struct daemon *d)
{
    struct error error;
    if (!d->config->admin_listen)
        return;
    struct admin *admin = NEW(struct admin);
    *admin = (struct admin){
        .daemon = d,
        .config = d->config,
        .desks = memory_new((d->config->n_sellers + 1) * sizeof(*admin->desks)),
    };
    d->admin = admin;
    int r = open_key(admin, &error);
    if (r == 0)
        r = open_server(admin, &error);
    if (r == 0) {
        event_admin_listens(d->config->admin_listen, server_port(admin->server),
                            admin->key.size > 0);
        return;
    }
    event_admin_failed(error.text);
    daemon_close_admin(d);
}

void daemon_close_admin(struct daemon *d)
{
    struct admin *admin = TAKE(d->admin);
    if (!admin)
        return;
    for (size_t i = 0; i < admin->config->n_sellers; i++)
        admin_registration_free(TAKE(admin->desks[i].registration));
    server_free(admin->server);
    sd_event_source_disable_unref(admin->sweep);
    secret_clear(&admin->key);
    free(admin->desks);
    free(admin);
}
