/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "signing.h"
#include "webhook/ping.h"

static void print(const struct cli *cli, const char *id, uint64_t timestamp_s,
                  const char *signature)
{
    if (cli->output == CLI_TEXT) {
        printf("webhook-id: %s\nwebhook-timestamp: %llu\nwebhook-signature: %s\n", id,
               (unsigned long long)timestamp_s, signature);
        return;
    }
    AUTOTEXT struct text line = {0};
    AUTOFREE char *timestamp = memory_format("%llu", (unsigned long long)timestamp_s);
    json_open(&line, NULL, '{');
    json_string(&line, "webhook-id", id);
    json_string(&line, "webhook-timestamp", timestamp);
    json_string(&line, "webhook-signature", signature);
    json_close(&line, '}');
    puts(line.data);
}

static int sign(const struct cli *cli, const struct webhook_keys *keys, const char *id,
                uint64_t timestamp_s)
{
    AUTOTEXT struct text body = {0}, signature = {0};
    int status = signing_read(cli->argv[0], &body);
    if (status != CLI_DONE)
        return status;
    webhook_sign(&signature, keys, id, timestamp_s, &(struct webhook_part){body.data, body.size},
                 1);
    print(cli, id, timestamp_s, signature.data);
    return CLI_DONE;
}

int command_sign(const struct cli *cli)
{
    char id[WEBHOOK_ID_MAX], random[WEBHOOK_PING_ID_MAX];
    const char *given = cli_value(cli, "id"), *time = cli_value(cli, "timestamp");
    uint64_t timestamp_s;
    struct webhook_keys keys;
    if (cli->argc > 1)
        return cli_usage(cli, "sign takes one file");
    if (time && text_to_u64(time, &timestamp_s) < 0)
        return cli_usage(cli, "--timestamp is in seconds since 1970, not %s", time);
    webhook_ping_id(random);
    webhook_id(id, given ? given : random);
    if (given && strcmp(id, given) != 0)
        return cli_usage(cli, "--id has up to %d letters, digits, - and _", WEBHOOK_ID_MAX - 1);
    int status = signing_keys(cli, &keys);
    if (!time) /* only now: the daemon's clock is known */
        timestamp_s = clock_trusted_usec() / USEC_PER_SEC;
    if (status == CLI_DONE)
        status = sign(cli, &keys, id, timestamp_s);
    webhook_keys_clear(&keys);
    return status;
}
