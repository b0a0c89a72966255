/* SPDX-License-Identifier: MIT */
/*
 * bench-bare: the least that moves messages from SQS to a webhook without losing or repeating one
 * in the good case: long polls, one durable transaction for each receive, keep-alive POSTs, batched
 * deletes. No parsing, no lanes, no signature, no retries. It is the limit that bench/run measures
 * the daemon against. Keys come from AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY.
 */
#include <getopt.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

#include "poller.h"

enum { ENDPOINT = 1, QUEUE_URL, WEBHOOK, REGION, POLLERS, MESSAGES, DATABASE };

static const struct option table[] = {
    {"endpoint", required_argument, NULL, ENDPOINT},
    {"queue-url", required_argument, NULL, QUEUE_URL},
    {"webhook", required_argument, NULL, WEBHOOK},
    {"region", required_argument, NULL, REGION},
    {"pollers", required_argument, NULL, POLLERS},
    {"messages", required_argument, NULL, MESSAGES},
    {"database", required_argument, NULL, DATABASE},
    {0},
};

struct arguments {
    unsigned long pollers;
    const char *database;
};

static void read_arguments(struct bench *bench, struct arguments *arguments, int argc, char **argv)
{
    for (int option; (option = getopt_long(argc, argv, "", table, NULL)) != -1;) {
        switch (option) {
        case ENDPOINT:
            bench->endpoint = optarg;
            break;
        case QUEUE_URL:
            bench->queue_url = optarg;
            break;
        case WEBHOOK:
            bench->webhook = optarg;
            break;
        case REGION:
            bench->region = optarg;
            break;
        case POLLERS:
            arguments->pollers = strtoul(optarg, NULL, 10);
            break;
        case MESSAGES:
            bench->wanted = strtoul(optarg, NULL, 10);
            break;
        case DATABASE:
            arguments->database = optarg;
            break;
        default:
            exit(2);
        }
    }
    if (!bench->endpoint || !bench->queue_url || !bench->webhook || !bench->region ||
        !arguments->database || !bench->wanted || !arguments->pollers) {
        fputs("bench-bare --endpoint URL --queue-url URL --webhook URL --region NAME --pollers N "
              "--messages N --database FILE\n",
              stderr);
        exit(2);
    }
}

static void read_credentials(struct bench *bench, char *out, size_t size)
{
    const char *id = getenv("AWS_ACCESS_KEY_ID"), *secret = getenv("AWS_SECRET_ACCESS_KEY");
    if (!id || !secret) {
        fputs("bench-bare: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY are needed\n", stderr);
        exit(2);
    }
    snprintf(out, size, "%s:%s", id, secret);
    bench->credentials = out;
}

static double seconds(const struct timeval *time)
{
    return (double)time->tv_sec + (double)time->tv_usec / 1e6;
}

static double now(void)
{
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void report(const struct bench *bench, double wall)
{
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    double cpu = seconds(&usage.ru_utime) + seconds(&usage.ru_stime);
    double thousands = (double)bench->unique / 1000;
    printf("{\"unique\":%llu,\"copies\":%llu,\"posts\":%llu,\"seconds\":%.4f,"
           "\"messages_per_s\":%.1f,\"cpu_s_per_1000\":%.5f,\"peak_rss_kb\":%ld,"
           "\"sqs_calls_per_1000\":%.2f}\n",
           (unsigned long long)bench->unique, (unsigned long long)bench->copies,
           (unsigned long long)bench->posts, wall, (double)bench->unique / wall, cpu / thousands,
           usage.ru_maxrss, (double)bench->sqs_calls / thousands);
}

int main(int argc, char **argv)
{
    static char credentials[256];
    struct bench bench = {0};
    struct arguments arguments = {0};
    read_arguments(&bench, &arguments, argc, argv);
    read_credentials(&bench, credentials, sizeof credentials);
    seen_open(&bench.seen, arguments.database);
    curl_global_init(CURL_GLOBAL_DEFAULT);
    if (loop_start(&bench.loop) < 0)
        return 1;

    double start = now();
    for (unsigned long i = 0; i < arguments.pollers; i++)
        poller_start(&bench);
    if (loop_run(&bench.loop) < 0)
        return 1;
    report(&bench, now() - start);

    seen_close(&bench.seen);
    loop_end(&bench.loop);
    return 0;
}
