/* SPDX-License-Identifier: MIT */
#include "options.h"

#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"

#define LATENCY_LIMIT_MS 60000

static const char help[] =
    "dockbell-receiver: a small webhook receiver to try Dockbell against\n"
    "\n"
    "  --listen ADDRESS:PORT  where to listen (127.0.0.1:0: a free port)\n"
    "  --port-file FILE       writes the port there once it listens\n"
    "  --secret-file FILE     verifies every signature with this whsec_ secret, else 401\n"
    "  --latency-ms N         answers after N milliseconds\n"
    "  --log FILE             one JSON line for each request, with its faults if it has any\n"
    "  --keep-first FILE      headers and body of the first request\n"
    "\n"
    "Every POST is answered 204, unless a rule says otherwise:\n"
    "  GET  /_receiver/state    what came so far\n"
    "  POST /_receiver/answers  {\"status\":503,\"count\":3,\"order\":\"...\",\"delay_ms\":0,\n"
    "                            \"retry_after\":\"30\",\"location\":\"...\",\"close\":false}\n"
    "  DELETE /_receiver/answers\n"
    "  POST /_receiver/killed   the sender was killed: what it repeats from before is no fault\n";

enum { LISTEN = 1, PORT_FILE, SECRET_FILE, LATENCY, LOG, KEEP_FIRST, HELP, VERSION };

static const struct option table[] = {
    {"listen", required_argument, NULL, LISTEN},
    {"port-file", required_argument, NULL, PORT_FILE},
    {"secret-file", required_argument, NULL, SECRET_FILE},
    {"latency-ms", required_argument, NULL, LATENCY},
    {"log", required_argument, NULL, LOG},
    {"keep-first", required_argument, NULL, KEEP_FIRST},
    {"help", no_argument, NULL, HELP},
    {"version", no_argument, NULL, VERSION},
    {0},
};

static void read_latency(struct options *options)
{
    if (text_to_u64(optarg, &options->latency_ms) == 0 && options->latency_ms <= LATENCY_LIMIT_MS)
        return;
    fprintf(stderr, "--latency-ms: a number from 0 to %d\n", LATENCY_LIMIT_MS);
    exit(2);
}

void options_read(struct options *options, int argc, char **argv)
{
    *options = (struct options){.listen = "127.0.0.1:0"};
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        switch (option) {
        case LISTEN:
            options->listen = optarg;
            break;
        case PORT_FILE:
            options->port_file = optarg;
            break;
        case SECRET_FILE:
            options->secret_file = optarg;
            break;
        case LATENCY:
            read_latency(options);
            break;
        case LOG:
            options->log = optarg;
            break;
        case KEEP_FIRST:
            options->keep_first = optarg;
            break;
        case HELP:
            fputs(help, stdout);
            exit(0);
        case VERSION:
            puts("dockbell-receiver " DOCKBELL_VERSION);
            exit(0);
        default:
            exit(2);
        }
    }
    if (optind < argc) {
        fprintf(stderr, "unexpected argument: %s\n", argv[optind]);
        exit(2);
    }
}
