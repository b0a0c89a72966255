/* SPDX-License-Identifier: MIT */
#ifndef SRC_CONFIG_VALUES_H
#define SRC_CONFIG_VALUES_H

#include "config/keys.h"

/* One parser for each kind of value; all are a config_parse_fn. Before the colon is the target's
 * type, behind it the form of the value. */
#define CONFIG_PARSER(name)                                                                        \
    int name(const struct config_key *key, const char *value, const struct config_place *place,    \
             void *target, struct error *error)

CONFIG_PARSER(config_parse_duration); /* uint64_t: "20s", "5m", "12h", "7d" */
CONFIG_PARSER(config_parse_rate);     /* struct pace_limit, its rate: "20/s", "600/m", "5000/h" */
CONFIG_PARSER(config_parse_waits);    /* struct schedule_waits: durations */
CONFIG_PARSER(config_parse_forever);  /* uint64_t: the same, or "forever" for 0 */
CONFIG_PARSER(config_parse_off);      /* uint64_t: the same, or "off" for 0 */
CONFIG_PARSER(config_parse_size);     /* uint64_t: "4096", "64K", "256M", "4G" */
CONFIG_PARSER(config_parse_number);   /* uint64_t */
CONFIG_PARSER(config_parse_count);    /* unsigned */
CONFIG_PARSER(config_parse_path);     /* char *: absolute */
CONFIG_PARSER(config_parse_word);     /* char *: visible ASCII */
CONFIG_PARSER(config_parse_name);     /* char *: of a section */
CONFIG_PARSER(config_parse_region);   /* char *: na, eu, fe */
CONFIG_PARSER(config_parse_arn);      /* char *: of a standard SQS queue */
CONFIG_PARSER(config_parse_url);      /* char *: https, or http to loopback */
CONFIG_PARSER(config_parse_endpoint); /* char *: the same without a path */
CONFIG_PARSER(config_parse_level);    /* unsigned: enum event_level */
CONFIG_PARSER(config_parse_unknown);  /* bool: hold (false) or forward */
CONFIG_PARSER(config_parse_flag);     /* bool: yes or no */
CONFIG_PARSER(config_parse_listen);   /* char *: ADDRESS:PORT to listen on */
CONFIG_PARSER(config_parse_secret);   /* struct config_secret */
CONFIG_PARSER(config_parse_names);    /* char **: names of sections */
CONFIG_PARSER(config_parse_types);    /* char **: notification types */
CONFIG_PARSER(config_parse_changes);  /* char **: order change types */
CONFIG_PARSER(config_parse_marketplaces); /* char **: marketplace ids */
CONFIG_PARSER(config_parse_aggregation);  /* char *: Amazon's word */
CONFIG_PARSER(config_parse_filter);       /* char **: "TYPE: expression", each adds one */
CONFIG_PARSER(config_parse_words);        /* char **: values of Amazon's enumerations */
CONFIG_PARSER(config_parse_statuses);     /* char **: HTTP statuses, no redirect */
CONFIG_PARSER(config_parse_test);         /* struct success_test */
CONFIG_PARSER(config_parse_header);       /* char *: a header that is not ours */
CONFIG_PARSER(config_parse_headers);      /* struct config_headers: "NAME: VALUE", each adds one */
CONFIG_PARSER(config_parse_encoding);     /* char *: hex or base64 */
CONFIG_PARSER(config_parse_format);       /* enum webhook_format */
CONFIG_PARSER(config_parse_scope);        /* char *: OAuth scopes with blanks between them */
CONFIG_PARSER(config_parse_client_auth);  /* char *: basic or post */
CONFIG_PARSER(config_parse_proxy);        /* char *: a URL of host and port, or "environment" */
CONFIG_PARSER(config_parse_hosts);        /* char **: hosts, domains, addresses, networks */

CONFIG_PARSER(config_parse_source);     /* unsigned: enum credential_source */
CONFIG_PARSER(config_parse_profile);    /* char *: the name of an AWS profile */
CONFIG_PARSER(config_parse_role);       /* char *: the ARN of a role */
CONFIG_PARSER(config_parse_aws_region); /* char *: a region of AWS */

CONFIG_PARSER(config_parse_alarm_url);   /* struct config_secret: a URL, or a reference to one */
CONFIG_PARSER(config_parse_command);     /* char **: words of a command */
CONFIG_PARSER(config_parse_alarm_level); /* unsigned: error or warning */
CONFIG_PARSER(config_parse_events);      /* char **: events that are alarms */

/* Whether a section may have this name: letters, digits, dots, dashes and underscores, starting
 * with a letter or digit, at most CONFIG_NAME_MAX. */
bool config_name_is_valid(const char *name);

/* Return why a URL is not acceptable; NULL: it is. http:// to other hosts is acceptable: see
 * config_url_is_open. */
const char *config_url_problem(const char *url, bool with_path);

/* Whether the URL is http:// and of another host than this one, so that others can read the
 * requests. */
bool config_url_is_open(const char *url);

#endif
