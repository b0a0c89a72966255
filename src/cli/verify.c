/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "base/memory.h"
#include "signing.h"
#include "webhook/verify.h"

/* Put an option's value in the place of the value from a file of headers. Return false
 * if it is too long. */
static bool put(const struct cli *cli, const char *option, char field[WEBHOOK_VALUE_MAX])
{
    const char *value = cli_value(cli, option);
    if (value && strlen(value) >= WEBHOOK_VALUE_MAX)
        return false;
    if (value)
        memcpy(field, value, strlen(value) + 1);
    return true;
}

static int read_claim(const struct cli *cli, struct webhook_claim *claim)
{
    AUTOTEXT struct text headers = {0};
    const char *file = cli_value(cli, "headers");
    if (file && strcmp(file, "-") == 0 && (cli->argc == 0 || strcmp(cli->argv[0], "-") == 0))
        return cli_usage(cli, "standard input is the body; --headers needs a file");
    int status = file ? signing_read(file, &headers) : CLI_DONE;
    if (headers.size)
        webhook_claim_read(claim, headers.data, headers.size);
    if (!put(cli, "id", claim->id) || !put(cli, "timestamp", claim->timestamp) ||
        !put(cli, "signature", claim->signature))
        return cli_usage(cli, "a header has at most %d bytes", WEBHOOK_VALUE_MAX - 1);
    return status;
}

static int print(const struct cli *cli, const struct webhook_claim *claim,
                 enum webhook_verdict verdict)
{
    const char *why = webhook_verdict_text(verdict);
    if (cli->output == CLI_JSON) {
        AUTOTEXT struct text line = {0};
        json_open(&line, NULL, '{');
        json_bool(&line, "ok", !why);
        json_string(&line, "verdict", webhook_verdict_name(verdict));
        json_string(&line, "text", why);
        json_string(&line, "webhook-id", claim->id[0] ? claim->id : NULL);
        json_close(&line, '}');
        puts(line.data);
    } else if (!why) {
        puts("ok");
    } else {
        cli_error("not genuine: %s", why);
    }
    return why ? CLI_FAILED : CLI_DONE;
}

static int verify(const struct cli *cli, const struct webhook_keys *keys, uint64_t tolerance_s)
{
    struct webhook_claim claim = {0};
    AUTOTEXT struct text body = {0};
    int status = read_claim(cli, &claim);
    if (status == CLI_DONE)
        status = signing_read(cli->argv[0], &body);
    if (status != CLI_DONE)
        return status;
    return print(cli, &claim,
                 webhook_verify(keys, &claim, clock_trusted_usec() / USEC_PER_SEC, tolerance_s,
                                (struct webhook_part){body.data, body.size}));
}

int command_verify(const struct cli *cli)
{
    const char *tolerance = cli_value(cli, "tolerance");
    uint64_t tolerance_s = WEBHOOK_TOLERANCE_S;
    struct webhook_keys keys;
    if (cli->argc > 1)
        return cli_usage(cli, "verify takes one file");
    if (text_equal(tolerance, "any"))
        tolerance_s = 0;
    else if (tolerance && (text_to_u64(tolerance, &tolerance_s) < 0 || tolerance_s == 0))
        return cli_usage(cli, "--tolerance is a number of seconds or any, not %s", tolerance);
    int status = signing_keys(cli, &keys);
    if (status == CLI_DONE)
        status = verify(cli, &keys, tolerance_s);
    webhook_keys_clear(&keys);
    return status;
}
