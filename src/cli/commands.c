/* SPDX-License-Identifier: MIT */
#include "commands.h"

#include "base/memory.h"

static const struct cli_option common[] = {
    {"config", "FILE", "the configuration (" CONFIG_DEFAULT_PATH ")"},
    {"output", "FORMAT", "text (the default) or json"},
    {"help", NULL, "explains the command"},
    {"version", NULL, "names the version"},
    {NULL, NULL, NULL},
};

static const struct cli_option check_options[] = {
    {"online", NULL, "looks at clock, grants, subscriptions, queues and webhooks as well"},
    {"schedule", NULL, "prints when each webhook is tried again"},
    {"store", NULL, "also reads every page of the store"},
    {"quiet", NULL, "prints nothing if there are no errors"},
    {"print", NULL, "also prints the configuration that results, with the place of each value"},
    {NULL, NULL, NULL},
};

static const struct cli_option reseal_options[] = {
    {"old-key", "REFERENCE", "a key that opens what is there: credential:NAME or file:PATH"},
    {NULL, NULL, NULL},
};

static const struct cli_option token_options[] = {
    {"expires", "DURATION", "how long it is good, such as 30d (1h)"},
    {NULL, NULL, NULL},
};

static const struct cli_option register_options[] = {
    {"recreate", NULL, "deletes subscriptions that differ and creates them again"},
    {"dry-run", NULL, "says what would be done and changes nothing"},
    {NULL, NULL, NULL},
};

static const struct cli_option unregister_options[] = {
    {"dry-run", NULL, "says what would be done and changes nothing"},
    {NULL, NULL, NULL},
};

#define REGION_OPTIONS                                                                             \
    {"region", "REGION", "na, eu or fe (default: the one that all sellers share)"},                \
    {                                                                                              \
        "seller", "NAME", "the region of this seller"                                              \
    }
#define VERSION_OPTION                                                                             \
    {                                                                                              \
        "payload-version", "VERSION", "of the notification (default: the newest)"                  \
    }

static const struct cli_option region_options[] = {
    REGION_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option destination_options[] = {
    REGION_OPTIONS,
    {"name", "NAME", "how to call it (default: as the queue)"},
    {NULL, NULL, NULL},
};

static const struct cli_option version_options[] = {
    VERSION_OPTION,
    {NULL, NULL, NULL},
};

static const struct cli_option subscribe_options[] = {
    VERSION_OPTION,
    {"order-change-types", "TYPE,...", "only these changes of orders"},
    {"marketplaces", "ID,...", "only these marketplaces"},
    {"aggregation", "PERIOD", "5m or 10m (Amazon's FiveMinutes, TenMinutes)"},
    {"filter-expression", "CEL", "only what this expression is true for"},
    {NULL, NULL, NULL},
};

static const struct cli_option test_options[] = {
    VERSION_OPTION,
    {"scenario", "NAME", "which of Amazon's test scenarios"},
    {NULL, NULL, NULL},
};

static const struct cli_option status_options[] = {
    {"watch", NULL, "looks again every two seconds, until Ctrl-C"},
    {NULL, NULL, NULL},
};

#define FILTER_OPTIONS                                                                             \
    {"seller", "NAME", "only this seller (name, or Amazon's id)"},                                 \
        {"order", "ID", "only this order"}, {"type", "TYPE", "only this notification type"},       \
        {"since", "TIME", "received at this time or later; or how long ago: 2h"},                  \
        {"until", "TIME", "received before this time; or how long ago: 30m"},                      \
    {                                                                                              \
        "error-class", "CLASS", "only what failed like this: timeout, status, refused, ..."        \
    }

static const struct cli_option list_options[] = {
    {"webhook", "NAME", "only deliveries to this webhook"},
    {"state", "STATE,...", "only these, or all (default: what is not delivered)"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option change_options[] = {
    {"webhook", "NAME", "with ALL: only deliveries to this webhook"},
    {"state", "STATE,...", "with ALL: only these states"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option release_options[] = {
    {"webhook", "NAME", "with ALL: only deliveries to this webhook"},
    {"state", "STATE,...", "with ALL: only these states"},
    {"unknown", NULL, "also what unknown senders have published: it is signed like ours"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option drop_options[] = {
    {"webhook", "NAME", "with ALL: only deliveries to this webhook"},
    {"yes", NULL, "asks no question before ALL"},
    {"state", "STATE,...", "with ALL: only these states"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option forget_options[] = {
    {"yes", NULL, "asks no question"},
    {NULL, NULL, NULL},
};

static const struct cli_option shape_options[] = {
    {"webhook", "NAME", "only deliveries to this webhook"},
    {"state", "STATE,...", "only these, or all (default: what is still to be delivered)"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

static const struct cli_option resend_options[] = {
    {"webhook", "NAME", "with ALL: only deliveries to this webhook; with --from: who gets them"},
    {"from", "NAME", "what waits for a webhook that left the configuration"},
    {"rate", "N/s", "no more than so many a second (/m: minute, /h: hour)"},
    {"dry-run", NULL, "says how many it would be and changes nothing"},
    {"yes", NULL, "asks no question before ALL"},
    {"state", "STATE,...", "with ALL: only these states"},
    FILTER_OPTIONS,
    {NULL, NULL, NULL},
};

#define SECRET_OPTIONS                                                                             \
    {"webhook", "NAME", "the secret of this webhook of the configuration"},                        \
    {                                                                                              \
        "secret-file", "FILE", "the secret in a file: whsec_..., one or two"                       \
    }

static const struct cli_option sign_options[] = {
    SECRET_OPTIONS,
    {"id", "ID", "the webhook-id (default: a new one)"},
    {"timestamp", "SECONDS", "the webhook-timestamp (default: now)"},
    {NULL, NULL, NULL},
};

static const struct cli_option verify_options[] = {
    SECRET_OPTIONS,
    {"headers", "FILE", "lines \"Name: value\" with the three headers in them"},
    {"id", "ID", "the webhook-id"},
    {"timestamp", "SECONDS", "the webhook-timestamp"},
    {"signature", "LIST", "the webhook-signature"},
    {"tolerance", "SECONDS", "how far the timestamp may be from now (300), or any"},
    {NULL, NULL, NULL},
};

#define IDS "ID...|-|ALL"
#define IDS_TEXT                                                                                   \
    "IDs are those of queue list. - reads them from standard input, the first word\n"              \
    "of each line; ALL, in capitals, takes every delivery that the command applies to."

static const struct command commands[] = {
    {"run", "", "the daemon, in the foreground",
     "Receives, stores and delivers until SIGTERM or SIGINT. systemd starts it as\n"
     "dockbell.service; its messages go to the journal, elsewhere to stderr.",
     NULL, command_run, true},
    {"check", "", "validates the configuration",
     "Names every error and warning at once, with file, line and key. Reads the\n"
     "secrets to prove that they can be read. Talks to nobody, unless --online is\n"
     "given: then it looks at everything between Amazon and the webhooks as well, and\n"
     "changes nothing. With --schedule it also prints when what fails is tried again,\n"
     "with --print the configuration that results from all files and defaults. With\n"
     "--quiet it prints nothing, not even warnings, if there are no errors.\n"
     "Exits with 78 when the configuration has errors, with 1 when only the store has\n"
     "some, or something online is wrong.",
     check_options, command_check, false},
    {"policy", "QUEUE", "prints the access policy that lets Amazon publish to a queue",
     "QUEUE is the name of its section. Also prints the statement for the KMS key that may\n"
     "encrypt it; with --output json the policy alone. Talks to nobody.",
     NULL, command_policy, false},
    {"register", "[SELLER...]", "makes Amazon's subscriptions equal to the configuration",
     "For all sellers with subscribe, or for those named. run does the same at its\n"
     "start and once a day, but never changes what differs.",
     register_options, command_register, false},
    {"unregister", "SELLER [TYPE...]", "deletes a seller's subscriptions at Amazon",
     "All of subscribe, or the types named; then the destination, if nothing else in the\n"
     "configuration or at Amazon uses it. Take the types out of subscribe as well: the\n"
     "daemon makes again what is there.",
     unregister_options, command_unregister, false},
    {"destinations list", "", "the queues that Amazon may publish to",
     "Of the application, in one region.", region_options, command_destinations_list, false},
    {"destinations get", "ID", "one of them", NULL, region_options, command_destinations_get,
     false},
    {"destinations create", "QUEUE|ARN", "makes a queue known to Amazon",
     "QUEUE is the name of its section. register does the same where it is needed.",
     destination_options, command_destinations_create, false},
    {"destinations delete", "ID", "makes Amazon forget a queue",
     "Amazon refuses while the destination has subscriptions.", region_options,
     command_destinations_delete, false},
    {"subscriptions list", "SELLER [TYPE...]", "what Amazon publishes for a seller",
     "Of these notification types, or of those in the configuration.", version_options,
     command_subscriptions_list, false},
    {"subscriptions get", "SELLER TYPE [ID]", "one of them", NULL, version_options,
     command_subscriptions_get, false},
    {"subscriptions create", "SELLER TYPE DESTINATION", "subscribes a seller to a type",
     "DESTINATION is the id of a destination. register does the same as configured.",
     subscribe_options, command_subscriptions_create, false},
    {"subscriptions delete", "SELLER TYPE ID", "ends a subscription",
     "As the application; as the seller where Amazon refuses that.", NULL,
     command_subscriptions_delete, false},
    {"subscriptions test", "SELLER TYPE DESTINATION", "has Amazon send a test notification",
     "Only sandbox hosts can: set endpoint in [application].", test_options,
     command_subscriptions_test, false},
    {"secret show", "", "which client secret is in use, and when it ends",
     "Of the application, without the secret itself.", NULL, command_secret_show, false},
    {"secret rotate", "", "asks Amazon for a new client secret",
     "It comes as a message over the queue that the application is enrolled with, and\n"
     "the daemon puts it to use. The old one works for 7 days more.",
     NULL, command_secret_rotate, false},
    {"status", "", "queues, sellers, webhooks and counts in one look",
     "Works without the daemon as well; then it tells what the daemon last knew.", status_options,
     command_status, false},
    {"types", "", "notification types that are known, and what Amazon says about them",
     "Version of the payload, how it comes (sqs; eventbridge, which Dockbell cannot receive;\n"
     "console, set up in the Developer Console; removed), how its envelope is spelled, and by\n"
     "what a subscription can be narrowed. Reads no configuration and talks to nobody.",
     NULL, command_types, false},
    {"token", "SELLER", "issues a token for registering by HTTP",
     "For x-seller-access-token at the admin endpoint. SELLER is the name of its section.\n"
     "A token cannot be taken back before it expires, but by another token_key.",
     token_options, command_token, false},
    {"queue list", "", "deliveries that are not delivered",
     "States: ready (sent when its time comes), inflight, behind (waits for an\n"
     "earlier one of its order), held, orphaned (its webhook left the configuration),\n"
     "delivered, superseded, filtered, dropped, dead. Without a terminal: no header,\n"
     "and one tab between columns.",
     list_options, command_queue_list, false},
    {"queue show", "ID...", "everything about a delivery, its attempts and body", NULL, NULL,
     command_queue_show, false},
    {"queue retry", IDS, "sends deliveries now, with a fresh budget",
     IDS_TEXT "\nDead letters live again. What could not be understood can never be sent.",
     change_options, command_queue_retry, false},
    {"queue hold", IDS, "keeps deliveries from being sent",
     IDS_TEXT "\nThe next one of the same order is not held up by it.", change_options,
     command_queue_hold, false},
    {"queue release", IDS, "lets held deliveries go",
     IDS_TEXT
     "\nThose of unknown senders, which belong to no configured seller, only with --unknown.",
     release_options, command_queue_release, false},
    {"queue drop", IDS, "gives deliveries up for good",
     IDS_TEXT "\nThey stay visible as dropped for as long as history is kept.", drop_options,
     command_queue_drop, false},
    {"queue resend", IDS, "sends what was delivered once more",
     IDS_TEXT
     "\nWith the same webhook-id and bytes and the header dockbell-resend, for as long as\n"
     "the body is kept (keep_bodies). What was superseded is sent by its id, or with ALL\n"
     "--state=superseded. With --from: gives what waits for a webhook that has left the\n"
     "configuration to another one.",
     resend_options, command_queue_resend, false},
    {"queue forget", "ORDER...|-", "removes the personal data of an order",
     "Bodies, answers, attempts, and the ids of the order and of its notifications, of all\n"
     "its deliveries, also of those that are done. What waits is not sent any more; while one\n"
     "is in flight nothing is removed. Copies of its notifications are still recognised; a new\n"
     "notification of Amazon's is delivered. - reads order ids from standard input, one a\n"
     "line, so that they are in no log of sudo. Earlier backups and the journal have the\n"
     "order's id, too.",
     forget_options, command_queue_forget, false},
    {"queue log", "ORDER|NOTIFICATION|ID...",
     "the whole story of an order, a notification or a delivery",
     "Every delivery of it that is still known, in the order in which they came, with\n"
     "their attempts.",
     NULL, command_queue_log, false},
    {"queue shape", "", "how old what waits is, for each webhook",
     "Counts what is not delivered by age; dead letters only with --state.", shape_options,
     command_queue_shape, false},
    {"queue pause", "WEBHOOK...", "sends nothing to a webhook until it is resumed",
     "Everything is kept, and max_age stands still.", NULL, command_queue_pause, false},
    {"queue resume", "WEBHOOK...", "sends again to a paused webhook",
     "A webhook is paused by queue pause, or when it has answered 410 Gone.", NULL,
     command_queue_resume, false},
    {"backup", "FILE", "writes a copy of the store to a new file",
     "While the daemon runs, too. The copy is one moment's store, readable by its owner\n"
     "only, and on disk when the command ends. Nothing is ever overwritten.",
     NULL, command_backup, false},
    {"store clean", "", "rebuilds the store without the remains of removed data",
     "Only while the daemon is stopped. Bodies that were removed by this version leave\n"
     "nothing; free pages of an earlier version still have them. Needs as much free disk\n"
     "as the store has data.",
     NULL, command_store_clean, false},
    {"store reseal", "", "encrypts the bodies in the store with the key of the config",
     "Only while the daemon is stopped. Without [store] encrypt_bodies they become plain.\n"
     "A run that was cut off goes on where it was. Then the store is rebuilt, so that\n"
     "nothing is left of the former bytes; that needs as much free disk as it has data.",
     reseal_options, command_store_reseal, false},
    {"ping", "WEBHOOK", "sends a signed test event that is not an order",
     "Its type is dockbell.ping. It is built and sent like a delivery, from this\n"
     "machine and without the daemon, is not stored and not repeated. Shows the\n"
     "answer, and what to do where it is not 2xx.",
     NULL, command_ping, false},
    {"alarm test", "", "sends a test by the ways of [alarm]",
     "By url, by command, or both. Shows what was answered, or what the command wrote and\n"
     "how it ended. It is run by who runs this, not in the sandbox of the service.",
     NULL, command_alarm_test, false},
    {"sign", "[FILE]", "signs a body, for those who write a receiver",
     "Reads the body from the file, or from standard input, and prints the three\n"
     "headers of a delivery with these bytes.",
     sign_options, command_sign, false},
    {"verify", "[FILE]", "says whether a request is genuine, or why not",
     "Reads the body from the file, or from standard input, exactly as received. The\n"
     "headers come as options or in a file; an option wins.",
     verify_options, command_verify, false},
};

const struct command *cli_commands(size_t *ret_count)
{
    *ret_count = ELEMENTS(commands);
    return commands;
}

const struct cli_option *cli_common_options(void)
{
    return common;
}
