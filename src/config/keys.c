/* SPDX-License-Identifier: MIT */
#include "config/keys.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"
#include "deliver/breaker.h"
#include "values.h"
#include "webhook/outcome.h"
#include "wire/retry_after.h"

static const struct {
    const char *name;
    bool named;
} kinds[CONFIG_KINDS] = {
    [CONFIG_DAEMON] = {"daemon", false},  [CONFIG_ADMIN] = {"admin", false},
    [CONFIG_ALARM] = {"alarm", false},    [CONFIG_APPLICATION] = {"application", false},
    [CONFIG_AWS] = {"aws", false},        [CONFIG_STORE] = {"store", false},
    [CONFIG_QUEUE] = {"queue", true},     [CONFIG_SELLER] = {"seller", true},
    [CONFIG_WEBHOOK] = {"webhook", true},
};

#define KIB 1024ULL
#define GIB (KIB * KIB * KIB)

/* Longest duration if there is no better reason for a limit. */
#define YEARS (3650 * USEC_PER_DAY)

// clang-format off
#define IN(type, member) .offset = offsetof(struct type, member)
#define RANGE(low, high) .min = (low), .max = (high)

static const struct config_key keys[] = {
    {CONFIG_DAEMON, "state_directory", config_parse_path, IN(config, state_directory),
     .fallback = "/var/lib/dockbell",
     .help = "where the store is, unless systemd's $STATE_DIRECTORY names another"},
    {CONFIG_DAEMON, "log_level", config_parse_level, IN(config, log_level),
     .fallback = "info", .help = "error, warning, notice, info or debug"},
    {CONFIG_DAEMON, "allow_http", config_parse_flag, IN(config, allow_http),
     .fallback = "no", .help = "yes or no: whether http:// URLs of other hosts are accepted"},
    {CONFIG_DAEMON, "keep_delivered", config_parse_duration, IN(config, keep_delivered_usec),
     RANGE(14 * USEC_PER_DAY, YEARS), .fallback = "30d",
     .help = "how long copies are recognised and history is kept"},
    {CONFIG_DAEMON, "keep_bodies", config_parse_duration, IN(config, keep_bodies_usec),
     RANGE(0, YEARS), .fallback = "7d",
     .help = "how long Amazon's bytes of delivered notifications are kept"},
    {CONFIG_DAEMON, "max_history", config_parse_size, IN(config, max_history),
     RANGE(16 * KIB * KIB, 1024 * GIB), .fallback = "4G",
     .help = "how large bodies and history of what is done may get"},
    {CONFIG_DAEMON, "keep_dead", config_parse_forever, IN(config, keep_dead_usec),
     RANGE(USEC_PER_DAY, YEARS), .fallback = "30d",
     .help = "how long dead letters are kept, or forever"},
    {CONFIG_DAEMON, "keep_held", config_parse_forever, IN(config, keep_held_usec),
     RANGE(USEC_PER_DAY, YEARS), .fallback = "30d",
     .help = "how long held deliveries of your sellers are kept, or forever"},
    {CONFIG_DAEMON, "max_backlog", config_parse_number, IN(config, max_backlog),
     RANGE(100, 1000000000), .fallback = "1000000",
     .help = "how many deliveries may wait before receiving pauses"},
    {CONFIG_DAEMON, "min_free_disk", config_parse_size, IN(config, min_free_disk),
     RANGE(0, 1024 * GIB), .fallback = "256M",
     .help = "how much of the disk stays free"},
    {CONFIG_DAEMON, "unknown_seller", config_parse_unknown, IN(config, unknown_seller),
     .fallback = "hold", .help = "hold, drop or forward what comes from unknown senders"},
    {CONFIG_DAEMON, "max_unknown", config_parse_number, IN(config, max_unknown),
     RANGE(0, 1000000), .fallback = "1000",
     .help = "how many notifications from unknown senders are kept"},
    {CONFIG_DAEMON, "max_unknown_size", config_parse_size, IN(config, max_unknown_size),
     RANGE(0, 1024 * GIB), .fallback = "16M",
     .help = "how large those notifications may be in all"},
    {CONFIG_DAEMON, "keep_unknown", config_parse_duration, IN(config, keep_unknown_usec),
     RANGE(3 * USEC_PER_DAY, YEARS), .fallback = "14d",
     .help = "how long held ones of them are kept"},

    {CONFIG_ADMIN, "listen", config_parse_listen, IN(config, admin_listen),
     .help = "ADDRESS:PORT or unix:PATH of the admin endpoint; off when left out"},
    {CONFIG_ADMIN, "allow_remote", config_parse_flag, IN(config, admin_allow_remote),
     .fallback = "no", .help = "yes or no: whether listen may be reached from other machines"},
    {CONFIG_ADMIN, "token_key", config_parse_secret, IN(config, admin_token_key),
     .help = "the key that signs seller tokens; without it nobody can register by HTTP"},

    {CONFIG_ALARM, "url", config_parse_alarm_url, IN(config, alarm_url),
     .help = "where alarms are POSTed to, as signed JSON; a reference where the URL is a secret"},
    {CONFIG_ALARM, "secret", config_parse_secret, IN(config, alarm_secret),
     .help = "the secret that signs them, whsec_..."},
    {CONFIG_ALARM, "command", config_parse_command, IN(config, alarm_command),
     .help = "a program with arguments that is run for each alarm, without a shell"},
    {CONFIG_ALARM, "timeout", config_parse_duration, IN(config, alarm_timeout_usec),
     RANGE(USEC_PER_SEC, 5 * USEC_PER_MIN), .fallback = "10s",
     .help = "how long sending one may take before it is given up, and the command killed"},
    {CONFIG_ALARM, "repeat", config_parse_off, IN(config, alarm_repeat_usec),
     RANGE(USEC_PER_MIN, 30 * USEC_PER_DAY), .fallback = "off",
     .help = "interval at which a lasting alarm is sent again, or off"},
    {CONFIG_ALARM, "level", config_parse_alarm_level, IN(config, alarm_level),
     .fallback = "warning", .help = "warning, or error: only what is as urgent"},
    {CONFIG_ALARM, "events", config_parse_events, IN(config, alarm_events), .list = true,
     .help = "only these events; all alarms when left out"},

    {CONFIG_APPLICATION, "client_id", config_parse_word, IN(config, client_id),
     .help = "the LWA client id of your SP-API application"},
    {CONFIG_APPLICATION, "client_secret", config_parse_secret, IN(config, client_secret),
     .help = "its client secret"},
    {CONFIG_APPLICATION, "rotate_secret", config_parse_off, IN(config, rotate_secret_usec),
     RANGE(USEC_PER_DAY, 180 * USEC_PER_DAY), .fallback = "off",
     .help = "how long before its end Amazon is asked for a new client secret, or off"},
    {CONFIG_APPLICATION, "lwa_endpoint", config_parse_url, IN(config, lwa_endpoint),
     .help = "another token endpoint, for sandboxes and tests"},
    {CONFIG_APPLICATION, "endpoint", config_parse_endpoint, IN(config, endpoint),
     .help = "another SP-API endpoint for all regions, for sandboxes and tests"},

    {CONFIG_AWS, "access_key_id", config_parse_word, IN(config, access_key_id),
     .help = "the id of the AWS access key"},
    {CONFIG_AWS, "secret_access_key", config_parse_secret, IN(config, secret_access_key),
     .help = "the secret of the AWS access key"},
    {CONFIG_AWS, "session_token", config_parse_secret, IN(config, session_token),
     .help = "the token of temporary credentials"},

    {CONFIG_STORE, "encrypt_bodies", config_parse_secret, IN(config, encrypt_bodies),
     .help = "the key that seals bodies and answers in the store; plain when left out"},

    {CONFIG_QUEUE, "arn", config_parse_arn, IN(config_queue, arn), .required = true,
     .help = "the queue's ARN, arn:aws:sqs:REGION:ACCOUNT:NAME"},
    {CONFIG_QUEUE, "endpoint", config_parse_endpoint, IN(config_queue, endpoint),
     .help = "another SQS endpoint than the one of the ARN's region"},
    {CONFIG_QUEUE, "wait", config_parse_duration, IN(config_queue, wait_usec),
     RANGE(USEC_PER_SEC, 20 * USEC_PER_SEC), .fallback = "20s",
     .help = "how long SQS holds a poll open while the queue is empty"},
    {CONFIG_QUEUE, "max_pollers", config_parse_count, IN(config_queue, max_pollers),
     RANGE(1, 256), .fallback = "32",
     .help = "how many polls are open at a time while many messages come"},
    {CONFIG_QUEUE, "quiet_alarm", config_parse_off, IN(config_queue, quiet_alarm_usec),
     RANGE(10 * USEC_PER_SEC, YEARS), .fallback = "24h",
     .help = "how long nothing may come before that is an alarm, or off"},
    {CONFIG_QUEUE, "lag_alarm", config_parse_off, IN(config_queue, lag_alarm_usec),
     RANGE(USEC_PER_SEC, YEARS), .fallback = "15m",
     .help = "how late everything may come after publication before that is an alarm, or off"},

    {CONFIG_SELLER, "seller_id", config_parse_word, IN(config_seller, seller_id),
     .help = "Amazon's id of the seller (merchant token)"},
    {CONFIG_SELLER, "region", config_parse_region, IN(config_seller, region),
     .help = "na, eu or fe: the SP-API region of the seller"},
    {CONFIG_SELLER, "refresh_token", config_parse_secret, IN(config_seller, refresh_token),
     .help = "the token the seller's authorisation gave"},
    {CONFIG_SELLER, "queue", config_parse_name, IN(config_seller, queue), .required = true,
     .help = "the [queue] section that brings the seller's notifications"},
    {CONFIG_SELLER, "subscribe", config_parse_types, IN(config_seller, subscribe), .list = true,
     .help = "notification types that are registered with Amazon at start"},
    {CONFIG_SELLER, "subscriptions", config_parse_words, IN(config_seller, subscriptions),
     .list = true, .help = "ids of the seller's subscriptions that other programs made"},
    {CONFIG_SELLER, "order_change_types", config_parse_changes,
     IN(config_seller, order_change_types), .list = true,
     .help = "which order changes ORDER_CHANGE brings; all when left out"},
    {CONFIG_SELLER, "marketplaces", config_parse_marketplaces, IN(config_seller, marketplaces),
     .list = true, .help = "only from these, for types that can be narrowed so; all when left out"},
    {CONFIG_SELLER, "aggregation", config_parse_aggregation, IN(config_seller, aggregation),
     .help = "5m or 10m: one notification for all that happens meanwhile, for types that can"},
    {CONFIG_SELLER, "filter_expression", config_parse_filter, IN(config_seller, filters),
     .list = true, .help = "TYPE: EXPRESSION in CEL, what Amazon sends of a type; once per type"},
    {CONFIG_SELLER, "quiet_alarm", config_parse_off, IN(config_seller, quiet_alarm_usec),
     RANGE(10 * USEC_PER_SEC, YEARS), .fallback = "off",
     .help = "how long nothing may come for the seller before that is an alarm, or off"},

    {CONFIG_WEBHOOK, "url", config_parse_url, IN(config_webhook, url), .required = true,
     .help = "where notifications are sent to"},
    {CONFIG_WEBHOOK, "secret", config_parse_secret, IN(config_webhook, secret),
     .help = "the signing secret, whsec_...; two while one is replaced"},
    {CONFIG_WEBHOOK, "format", config_parse_format, IN(config_webhook, format),
     .fallback = "standard", .help = "standard, raw or cloudevents: what a request carries"},
    {CONFIG_WEBHOOK, "sellers", config_parse_names, IN(config_webhook, sellers), .list = true,
     .help = "only these sellers; all when left out"},
    {CONFIG_WEBHOOK, "types", config_parse_types, IN(config_webhook, types), .list = true,
     .help = "only these notification types; all when left out"},
    {CONFIG_WEBHOOK, "marketplaces", config_parse_marketplaces, IN(config_webhook, marketplaces), .list = true,
     .help = "only these marketplace ids, and events that name none"},
    {CONFIG_WEBHOOK, "fulfillments", config_parse_words, IN(config_webhook, fulfillments), .list = true,
     .help = "only these kinds of fulfilment, such as MFN, and events that name none"},
    {CONFIG_WEBHOOK, "statuses", config_parse_words, IN(config_webhook, statuses), .list = true,
     .help = "only these statuses, such as Unshipped, and events that name none"},
    {CONFIG_WEBHOOK, "changes", config_parse_words, IN(config_webhook, changes), .list = true,
     .help = "only these kinds of change, such as OrderStatusChange, and events that name none"},
    {CONFIG_WEBHOOK, "filter_alarm", config_parse_off, IN(config_webhook, filter_alarm_usec),
     RANGE(10 * USEC_PER_SEC, YEARS), .fallback = "24h",
     .help = "how long these filters may let nothing pass before that is an alarm, or off"},
    {CONFIG_WEBHOOK, "coalesce", config_parse_flag, IN(config_webhook, coalesce),
     .fallback = "no", .help = "yes or no: only the newest state of an order is sent"},
    {CONFIG_WEBHOOK, "user", config_parse_word, IN(config_webhook, user),
     .help = "the user of basic authentication"},
    {CONFIG_WEBHOOK, "password", config_parse_secret, IN(config_webhook, password),
     .help = "the password of basic authentication"},
    {CONFIG_WEBHOOK, "bearer", config_parse_secret, IN(config_webhook, bearer),
     .help = "a token that is sent as authorization: Bearer"},
    {CONFIG_WEBHOOK, "oauth_token_url", config_parse_url, IN(config_webhook, oauth_token_url),
     .help = "the OAuth 2.0 token endpoint that gives the bearer tokens, by client credentials"},
    {CONFIG_WEBHOOK, "oauth_client_id", config_parse_word, IN(config_webhook, oauth_client_id),
     .help = "the client id at the token endpoint"},
    {CONFIG_WEBHOOK, "oauth_client_secret", config_parse_secret, IN(config_webhook, oauth_client_secret),
     .help = "the client's secret"},
    {CONFIG_WEBHOOK, "oauth_scope", config_parse_scope, IN(config_webhook, oauth_scope),
     .help = "the scopes that are asked for, with blanks between them"},
    {CONFIG_WEBHOOK, "oauth_audience", config_parse_word, IN(config_webhook, oauth_audience),
     .help = "whom the token is for, where the token endpoint wants to know"},
    {CONFIG_WEBHOOK, "oauth_client_auth", config_parse_client_auth, IN(config_webhook, oauth_client_auth),
     .fallback = "basic", .help = "basic or post: how id and secret are sent to the token endpoint"},
    {CONFIG_WEBHOOK, "oauth_ca_file", config_parse_path, IN(config_webhook, oauth_ca_file),
     .help = "ca_file for the token endpoint, where that is another"},
    {CONFIG_WEBHOOK, "hmac_header", config_parse_header, IN(config_webhook, hmac_header),
     .help = "the header that carries an HMAC-SHA256 of the body"},
    {CONFIG_WEBHOOK, "hmac_secret", config_parse_secret, IN(config_webhook, hmac_secret),
     .help = "the key of that HMAC, as it is"},
    {CONFIG_WEBHOOK, "hmac_encoding", config_parse_encoding, IN(config_webhook, hmac_encoding),
     .fallback = "hex", .help = "hex or base64: how that HMAC is written"},
    {CONFIG_WEBHOOK, "headers", config_parse_headers, IN(config_webhook, headers), .list = true,
     .help = "NAME: VALUE, one more header on every request; once per header"},
    {CONFIG_WEBHOOK, "ca_file", config_parse_path, IN(config_webhook, ca_file),
     .help = "the authorities, in PEM, that alone may have signed the receiver's certificate"},
    {CONFIG_WEBHOOK, "client_certificate", config_parse_path,
     IN(config_webhook, client_certificate), .help = "the certificate, in PEM, shown to the receiver"},
    {CONFIG_WEBHOOK, "client_key", config_parse_path, IN(config_webhook, client_key),
     .help = "the private key of that certificate, in PEM"},
    {CONFIG_WEBHOOK, "proxy", config_parse_proxy, IN(config_webhook, proxy),
     .help = "the HTTP proxy on the way to the receiver, or environment; none when left out"},
    {CONFIG_WEBHOOK, "no_proxy", config_parse_hosts, IN(config_webhook, no_proxy), .list = true,
     .help = "hosts, domains and networks that are reached without that proxy"},
    {CONFIG_WEBHOOK, "accept", config_parse_statuses, IN(config_webhook, success.accept), .list = true,
     .help = "HTTP statuses that mean success; any 2xx when left out"},
    {CONFIG_WEBHOOK, "already_done", config_parse_statuses, IN(config_webhook, success.already_done),
     .list = true, .help = "other HTTP statuses that mean it has the event already, such as 409"},
    {CONFIG_WEBHOOK, "accept_if", config_parse_test, IN(config_webhook, success.accept_if),
     .help = "what must stand in the answer's JSON for success, such as /status = ok"},
    {CONFIG_WEBHOOK, "refuse_if", config_parse_test, IN(config_webhook, success.refuse_if),
     .help = "what stands in the answer's JSON when it refuses the event in spite of its status"},
    {CONFIG_WEBHOOK, "done_if", config_parse_test, IN(config_webhook, success.done_if),
     .help = "what stands in the answer's JSON when it is done, whatever its status"},
    {CONFIG_WEBHOOK, "concurrency", config_parse_count, IN(config_webhook, concurrency),
     RANGE(1, 256), .fallback = "64", .help = "how many requests may be in flight"},
    {CONFIG_WEBHOOK, "timeout", config_parse_duration, IN(config_webhook, timeout_usec),
     RANGE(USEC_PER_SEC, 5 * USEC_PER_MIN), .fallback = "20s",
     .help = "how long a request may take"},
    {CONFIG_WEBHOOK, "connect_timeout", config_parse_duration,
     IN(config_webhook, connect_timeout_usec), RANGE(USEC_PER_SEC, 5 * USEC_PER_MIN),
     .fallback = "10s", .help = "how long it may take until there is a connection, TLS included"},
    {CONFIG_WEBHOOK, "dns_timeout", config_parse_off, IN(config_webhook, dns_timeout_usec),
     RANGE(USEC_PER_SEC, 5 * USEC_PER_MIN), .fallback = "off",
     .help = "how long looking up the receiver's name may take of that"},
    {CONFIG_WEBHOOK, "tls_timeout", config_parse_off, IN(config_webhook, tls_timeout_usec),
     RANGE(USEC_PER_SEC, 5 * USEC_PER_MIN), .fallback = "off",
     .help = "how long the TLS handshake may take of that"},
    {CONFIG_WEBHOOK, "max_attempts", config_parse_count, IN(config_webhook, max_attempts),
     RANGE(1, 1000), .fallback = "20",
     .help = "failures of one delivery while others succeed until it is dead"},
    {CONFIG_WEBHOOK, "max_age", config_parse_duration, IN(config_webhook, max_age_usec),
     RANGE(USEC_PER_MIN, YEARS), .fallback = "7d",
     .help = "how long a delivery may wait until it is dead"},
    {CONFIG_WEBHOOK, "retry_first", config_parse_duration, IN(config_webhook, schedule.retry_first_usec),
     RANGE(USEC_PER_SEC, USEC_PER_DAY), .fallback = "5s",
     .help = "how long after its first failure a delivery is tried again; then doubling"},
    {CONFIG_WEBHOOK, "retry_longest", config_parse_duration, IN(config_webhook, schedule.retry_longest_usec),
     RANGE(USEC_PER_SEC, USEC_PER_DAY), .fallback = "15m",
     .help = "how long it waits between two tries at most"},
    {CONFIG_WEBHOOK, "refused_delays", config_parse_waits, IN(config_webhook, schedule.refused),
     RANGE(USEC_PER_SEC, 7 * USEC_PER_DAY), .list = true, .fallback = "1m, 10m",
     .help = "the waits after which an event is tried again that the receiver refuses; then it is dead"},
    {CONFIG_WEBHOOK, "probe_first", config_parse_duration, IN(config_webhook, schedule.probe_first_usec),
     RANGE(USEC_PER_SEC, USEC_PER_HOUR), .fallback = "5s",
     .help = "how long a webhook that does not work is left alone; then doubling"},
    {CONFIG_WEBHOOK, "probe_longest", config_parse_duration, IN(config_webhook, schedule.probe_longest_usec),
     RANGE(USEC_PER_SEC, USEC_PER_HOUR), .fallback = "30s",
     .help = "how far apart the requests are at most that look whether it works again"},
    {CONFIG_WEBHOOK, "retry_after_longest", config_parse_duration,
     IN(config_webhook, schedule.retry_after_longest_usec),
     RANGE(0, RETRY_AFTER_MAX_USEC), .fallback = "24h",
     .help = "up to which length the receiver's Retry-After is obeyed"},
    {CONFIG_WEBHOOK, "breaker_faults", config_parse_count, IN(config_webhook, schedule.breaker_faults),
     RANGE(BREAKER_LANES, BREAKER_STREAK_MAX), .fallback = "5",
     .help = "after so many failures in a row the webhook counts as not working"},
    {CONFIG_WEBHOOK, "rate", config_parse_rate, IN(config_webhook, pace),
     .help = "how many requests at most, such as 20/s or 600/m; no limit when left out"},
    {CONFIG_WEBHOOK, "burst", config_parse_count, IN(config_webhook, pace.burst),
     RANGE(1, 1000), .fallback = "1", .help = "how many requests may go at once by rate"},
    {CONFIG_WEBHOOK, "throttle_rest", config_parse_duration, IN(config_webhook, pace.rest_longest_usec),
     RANGE(USEC_PER_SEC, USEC_PER_HOUR), .fallback = "60s",
     .help = "how long a webhook that asks for fewer requests gets none at all, at most"},
};
// clang-format on

const char *config_kind_name(enum config_kind kind)
{
    return kinds[kind].name;
}

bool config_kind_is_named(enum config_kind kind)
{
    return kinds[kind].named;
}

const struct config_key *config_keys(size_t *ret_count)
{
    *ret_count = ELEMENTS(keys);
    return keys;
}

const struct config_key *config_key_find(enum config_kind kind, const char *name)
{
    for (size_t i = 0; i < ELEMENTS(keys); i++)
        if (keys[i].kind == kind && strcmp(keys[i].name, name) == 0)
            return &keys[i];
    return NULL;
}
