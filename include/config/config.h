/* SPDX-License-Identifier: MIT */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"
#include "base/secret.h"
#include "base/text.h"
#include "deliver/pace.h"
#include "relay/schedule.h"
#include "webhook/format.h"
#include "webhook/success.h"

/*
 * The configuration as read: one table of keys in config/keys.c (section, key, parser,
 * target, help). Lower floors never see it; they get plain option structs made from it.
 */

#define CONFIG_DEFAULT_PATH "/etc/dockbell/dockbell.conf"

/* Limits of the reader. Exceeding one is an error; nothing is cut. */
#define CONFIG_LINE_MAX     65536
#define CONFIG_FILE_MAX     ((size_t)16 * 1024 * 1024)
#define CONFIG_FILES_MAX    1000
#define CONFIG_SECTIONS_MAX 10000
#define CONFIG_NAME_MAX     64 /* of a queue, seller or webhook */

/* Findings that are kept. Of further ones only the errors are counted. */
#define CONFIG_FINDINGS_MAX 200

/* A place in a file, for messages. */
struct config_place {
    const char *file; /* owned by the config */
    unsigned line;
};

/* A secret as the config names it: credential:NAME, file:PATH, env:NAME or a literal. It is
 * resolved only by functions that need it. */
struct config_secret {
    char *reference; /* NULL: not set */
    struct config_place place;
    char *label; /* "[webhook wms] secret"; NULL: the config was not loaded from a file */
    bool blanks; /* it may contain blanks, and letters other than ASCII */
    bool whole;  /* one reference, in which commas separate nothing; a literal may have tabs */
};

/* A header that every request to a webhook carries. */
struct config_header {
    char *name;
    struct config_secret value;
};
struct config_headers {
    struct config_header *items;
    size_t count;
};

struct config_queue {
    char *name, *arn, *endpoint;            /* endpoint NULL: from the ARN */
    char *profile, *role_arn, *external_id; /* of AWS; NULL: as in [aws] */
    uint64_t wait_usec;
    unsigned max_pollers;
    uint64_t quiet_alarm_usec, lag_alarm_usec; /* 0: off */
    struct config_place place;
};

struct config_seller {
    /* seller_id may be NULL: the queue's only seller gets all. */
    char *name, *seller_id, *region, *queue;
    struct config_secret refresh_token;
    char **subscribe;          /* notification types; NULL-terminated, may be NULL */
    char **subscriptions;      /* ids of subscriptions that other programs made; NULL: none */
    char **order_change_types; /* NULL: all */
    char **marketplaces;       /* ids; NULL: all */
    char *aggregation;         /* "FiveMinutes" or "TenMinutes"; NULL: none */
    char **filters;            /* "TYPE: CEL expression"; NULL: none */
    uint64_t quiet_alarm_usec; /* 0: off */
    struct config_place place;
};

/* The value of `proxy` with which proxy and no_proxy are read from the environment. */
#define CONFIG_PROXY_ENVIRONMENT "environment"

struct config_webhook {
    char *name, *url;
    struct config_secret secret;
    char **sellers, **types; /* NULL: everything */
    char **marketplaces, **fulfillments, **statuses, **changes;
    uint64_t filter_alarm_usec; /* 0: off */
    bool coalesce;              /* only the newest state of an order is sent */
    enum webhook_format format;
    struct success_rule success;
    char *user;
    struct config_secret password, bearer; /* one of them, or neither */
    char *hmac_header, *hmac_encoding;     /* hex, base64 */
    struct config_secret hmac_secret;
    struct config_headers headers;
    char *oauth_token_url, *oauth_client_id, *oauth_scope, *oauth_audience;
    char *oauth_client_auth; /* basic, post */
    char *oauth_ca_file;     /* NULL: ca_file */
    struct config_secret oauth_client_secret;
    char *ca_file, *client_certificate, *client_key;
    char *proxy;     /* a URL, or CONFIG_PROXY_ENVIRONMENT; NULL: none */
    char **no_proxy; /* NULL: none */
    unsigned concurrency, max_attempts;
    uint64_t timeout_usec, max_age_usec;
    uint64_t connect_timeout_usec;
    uint64_t dns_timeout_usec, tls_timeout_usec; /* 0: no separate limit */
    struct schedule schedule;
    struct pace_limit pace;
    struct config_place place;
};

/* A key that was given in a section, and its value. Literal secrets are not kept. */
struct config_value {
    char *section;   /* "[webhook wms]" */
    const char *key; /* of the table of keys */
    int64_t digest;
    struct config_place place; /* where it was last given */
    char *shown;               /* a list joined, a literal secret hidden; "\n" between headers and
                                  between filter expressions */
};

/* A value of a drop-in that changes one of an earlier file. */
struct config_override {
    char *key;        /* "[webhook wms] url" */
    const char *verb; /* replaces, adds to, clears */
    struct config_place from, to;
};

/* [aws], besides its keys. All may be NULL. */
struct config_aws {
    unsigned source; /* enum credential_source */
    char *profile, *role_arn, *external_id, *region, *config_file, *credentials_file;
    char **process;
};

struct config {
    char *path;
    char **files; /* as read, in order; NULL-terminated */

    char *state_directory;
    unsigned log_level; /* enum event_level */
    bool allow_http;    /* to other hosts than this one */
    uint64_t keep_delivered_usec, keep_bodies_usec;
    uint64_t keep_dead_usec, keep_held_usec; /* 0: forever */
    uint64_t max_history, max_backlog, min_free_disk;
    unsigned unknown_seller; /* enum unknown_seller */
    uint64_t max_unknown, max_unknown_size, keep_unknown_usec;

    char *client_id, *lwa_endpoint, *endpoint; /* NULL: Amazon's own */
    struct config_secret client_secret;
    uint64_t rotate_secret_usec; /* before the secret's end; 0: not automatically */

    char *admin_listen; /* NULL: there is no admin endpoint */
    bool admin_allow_remote;
    struct config_secret admin_token_key;

    struct config_secret alarm_url, alarm_secret;   /* a literal url is a secret, too */
    char **alarm_command;                           /* NULL: none */
    char **alarm_events;                            /* NULL: all */
    uint64_t alarm_timeout_usec, alarm_repeat_usec; /* repeat 0: never */
    unsigned alarm_level;                           /* enum event_level */

    char *access_key_id;
    struct config_secret secret_access_key, session_token;
    struct config_aws aws;

    struct config_secret encrypt_bodies; /* the first key seals, the others open */

    struct config_queue *queues;
    size_t n_queues;
    struct config_seller *sellers;
    size_t n_sellers;
    struct config_webhook *webhooks;
    size_t n_webhooks;

    struct config_value *values; /* by section and key */
    size_t n_values;
    struct config_override *overrides; /* in the order of files and lines */
    size_t n_overrides;
};

/* One finding about the config: an error, or a warning that does not stop anything. */
struct config_finding {
    bool warning;
    char *file; /* NULL: about no file */
    unsigned line;
    char *key; /* "[webhook wms] url"; NULL: about no key */
    char *text;
};
struct config_findings {
    struct config_finding *findings;
    size_t count;
    size_t errors;
};

/* Read `path` and every *.conf of conf.d/ beside it, and check all of it: all findings at once.
 * *ret is always a config (defaults for wrong values), unless the file cannot be read at all
 * (NULL). The caller frees both. 0, or -EINVAL if there are errors. Touches no secret and no
 * network. */
int config_load(struct config **ret, const char *path, struct config_findings *findings);
void config_free(struct config *config);
void config_findings_clear(struct config_findings *findings);

/* Find the section with that name; NULL: there is none. Borrowed from the config. */
const struct config_queue *config_find_queue(const struct config *config, const char *name);
const struct config_seller *config_find_seller(const struct config *config, const char *name);
const struct config_webhook *config_find_webhook(const struct config *config, const char *name);

/* Find the value of a key in a section ("[daemon]"); NULL: it was not given. Borrowed. */
const struct config_value *config_find_value(const struct config *config, const char *section,
                                             const char *key);

/* Return the directory of drop-ins beside the config at `path`. The caller frees it. */
char *config_directory(const char *path);

/* Append "FILE:LINE: [section] key replaces FILE:LINE". */
void config_override_print(struct text *out, const struct config_override *override);

/* Call `each` for every section that differs between two configs, in order: with "added",
 * "removed", or its keys that were added, changed or left out ("url, timeout"). Files behind secret
 * references are not compared. */
void config_compare(const struct config *old, const struct config *fresh,
                    void (*each)(const char *section, const char *what, void *userdata),
                    void *userdata);

/* Add a finding. key and place->file may be NULL; strings are copied. */
void findings_add(struct config_findings *findings, bool warning, const struct config_place *place,
                  const char *key, const char *text);

/* Sort the findings by file and line; config_load has done that with its own. */
void config_findings_sort(struct config_findings *findings);

/* Append "file:line: [section] key: text" and a line end. */
void config_finding_print(struct text *out, const struct config_finding *finding);

/* Resolve a reference into *ret. 0, or -EIO with a text that names file, line, section, key and
 * reference but never the secret. Credentials: see config/credential.h. An env: variable is removed
 * from the environment when it has been read. One line end at the end of a file is removed. At most
 * CONFIG_LINE_MAX bytes. */
int config_secret_resolve(struct secret *ret, const struct config_secret *reference,
                          struct error *error);

/* The same, with a text that does not name file, line, section and key. */
int config_secret_fetch(struct secret *ret, const struct config_secret *reference,
                        struct error *error);

/* Call `each` for every secret that is set, in the order of the table of keys; `key` is the key's
 * name alone. A header counts if its value is a reference or if its name is one of a secret. */
typedef void (*config_secret_fn)(const struct config_secret *secret, const char *key,
                                 void *userdata);
void config_each_secret(const struct config *config, config_secret_fn each, void *userdata);

/* Call `each` for each reference of a secret: two while one replaces the other. */
void config_secret_each_reference(const struct config_secret *secret,
                                  void (*each)(const struct config_secret *secret,
                                               const char *reference, void *userdata),
                                  void *userdata);

/* Whether the daemon cannot work without this secret: those of webhooks and of AWS. */
bool config_secret_is_vital(const struct config_secret *secret);

/* Append section and key, place, reference, reason and remedy of each secret that cannot be read.
 * Return their number; *ret_vital: whether one of them is vital. */
size_t config_missing_secrets(const struct config *config, struct text *out, bool *ret_vital);

/* Add errors that concern only the daemon: no queue, no webhook. Commands that read the store or
 * call Amazon do not need these. 0 or -EINVAL. */
int config_check_complete(const struct config *config, struct config_findings *findings);

/* Add warnings about certificates that end within 30 days, have ended or cannot be used. */
void config_check_certificates(const struct config *config, struct config_findings *findings);

/* Check the files on this machine. Errors: files and directories of the configuration that users
 * other than root and the daemon's can write. Warnings: files with secrets that others can read. */
void config_check_files(const struct config *config, struct config_findings *findings);

/* For `check`: find a missing command or state directory. */
void config_check_machine(const struct config *config, struct config_findings *findings);

/* For `check` by root: find files that the service's user cannot read or run. */
void config_check_reach(const struct config *config, const char *user,
                        struct config_findings *findings);

#endif
