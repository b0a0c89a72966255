/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "base/clock.h"
#include "base/text.h"
#include "identity.h"

#define LATENCY_MAX_MS 60000
#define SEED_MAX       4000000000ULL

/* Return a new seed. With the seeds of an earlier start its NotificationIds would come again, and
 * an old store would take them for copies. */
static uint64_t some_seed(void)
{
    uint64_t seed = 0;
    if (getrandom(&seed, sizeof(seed), 0) != sizeof(seed))
        seed = clock_now_usec();
    return seed % SEED_MAX;
}

static const char help[] =
    "Usage: dockbell-sandbox [OPTION]...\n"
    "\n"
    "Amazon in a box, for tests and demonstrations: Login with Amazon, the Notifications\n"
    "API of SP-API and SQS, all from memory and all strict.\n"
    "\n"
    "  --listen ADDRESS:PORT  loopback address to listen on; port 0 picks a free one\n"
    "                         (default: 127.0.0.1:0)\n"
    "  --port-file FILE       write the port to FILE once listening\n"
    "  --no-rate-limit        do not enforce SP-API's rate limits (1/s, burst 5)\n"
    "  --latency-ms N         wait N ms before every answer of SQS\n"
    "  --seed N               what the default seeds of publish count up from (default:\n"
    "                         another number at each start, which is printed)\n"
    "  --help                 print this help\n"
    "  --version              print the version\n"
    "\n"
    "Endpoints: POST /auth/o2/token (LWA), /notifications/v1/... (SP-API), POST / (SQS),\n"
    "and /_sandbox/... to publish messages, set faults and see the state; see\n"
    "dockbell-sandbox(1).\n"
    "\n"
    "Fixed identities, worth nothing anywhere else:\n";

static void print_identities(void)
{
    printf("  client id          %s\n"
           "  client secret      %s\n",
           IDENTITY_CLIENT_ID, IDENTITY_CLIENT_SECRET);
    for (size_t i = 0; i < IDENTITY_SELLERS; i++)
        printf("  seller             %s\n"
               "    refresh token    %s\n",
               identity_sellers[i].seller_id, identity_sellers[i].refresh_token);
    printf("  many sellers       ADOCKBELL0000 to ADOCKBELL0999\n"
           "    refresh token    " IDENTITY_REFRESH_PREFIX "ADOCKBELL0000, ...\n");
    printf("  AWS account        %s\n"
           "  AWS region         %s\n"
           "  default queue      %s\n"
           "  access key id      %s\n"
           "    secret key       %s\n"
           "  temporary key id   %s\n"
           "    secret key       %s\n"
           "    session token    %s\n",
           IDENTITY_ACCOUNT, IDENTITY_REGION, IDENTITY_QUEUE_ARN, IDENTITY_ACCESS_KEY_ID,
           IDENTITY_SECRET_ACCESS_KEY, IDENTITY_TEMPORARY_KEY_ID, IDENTITY_TEMPORARY_SECRET_KEY,
           IDENTITY_SESSION_TOKEN);
}

/* Whether the address is a loopback address. The sandbox has no real protection, so it must not be
 * on a network. */
static bool is_loopback(const char *listen)
{
    return text_starts(listen, "127.") || text_starts(listen, "[::1]:");
}

__attribute__((format(printf, 1, 2))) static enum options_result wrong(const char *format, ...)
{
    va_list arguments;
    va_start(arguments, format);
    fputs("dockbell-sandbox: ", stderr);
    vfprintf(stderr, format, arguments);
    fputs("\nTry 'dockbell-sandbox --help'.\n", stderr);
    va_end(arguments);
    return OPTIONS_WRONG;
}

static enum options_result set_option(struct options *options, int option)
{
    switch (option) {
    case 'l':
        options->sandbox.listen = optarg;
        if (is_loopback(optarg))
            return OPTIONS_RUN;
        return wrong("--listen %s: only loopback addresses are allowed, such as 127.0.0.1:0 or "
                     "[::1]:0, as everybody knows the credentials",
                     optarg);
    case 'p':
        options->port_file = optarg;
        return OPTIONS_RUN;
    case 'n':
        options->sandbox.rate_limit = false;
        return OPTIONS_RUN;
    case 't':
        if (text_to_u64(optarg, &options->sandbox.latency_ms) == 0 &&
            options->sandbox.latency_ms <= LATENCY_MAX_MS)
            return OPTIONS_RUN;
        return wrong("--latency-ms %s: must be a number from 0 to 60000", optarg);
    case 's':
        if (text_to_u64(optarg, &options->sandbox.seed) == 0 && options->sandbox.seed <= SEED_MAX)
            return OPTIONS_RUN;
        return wrong("--seed %s: must be a number from 0 to %llu", optarg, SEED_MAX);
    case 'h':
        fputs(help, stdout);
        print_identities();
        return OPTIONS_DONE;
    case 'v':
        puts("dockbell-sandbox " DOCKBELL_VERSION);
        return OPTIONS_DONE;
    default: /* getopt reported the fault */
        fputs("Try 'dockbell-sandbox --help'.\n", stderr);
        return OPTIONS_WRONG;
    }
}

enum options_result options_parse(struct options *ret, int argc, char **argv)
{
    static const struct option options[] = {
        {"listen", required_argument, NULL, 'l'},  {"port-file", required_argument, NULL, 'p'},
        {"no-rate-limit", no_argument, NULL, 'n'}, {"latency-ms", required_argument, NULL, 't'},
        {"seed", required_argument, NULL, 's'},    {"help", no_argument, NULL, 'h'},
        {"version", no_argument, NULL, 'v'},       {NULL, 0, NULL, 0},
    };
    *ret = (struct options){
        .sandbox = {.listen = "127.0.0.1:0", .rate_limit = true, .seed = some_seed()}};
    for (int option; (option = getopt_long(argc, argv, "", options, NULL)) != -1;) {
        enum options_result r = set_option(ret, option);
        if (r != OPTIONS_RUN)
            return r;
    }
    if (optind < argc)
        return wrong("unexpected argument '%s'", argv[optind]);
    return OPTIONS_RUN;
}
