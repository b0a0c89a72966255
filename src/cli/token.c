/* SPDX-License-Identifier: MIT */
#include <stdio.h>
#include <string.h>

#include "base/clock.h"
#include "base/json.h"
#include "commands.h"
#include "config/seller_token.h"

#define LIFETIME_DEFAULT "1h"

static void print(const struct cli *cli, const char *token, uint64_t expires_s)
{
    AUTOTEXT struct text out = {0};
    if (cli->output == CLI_JSON) {
        json_open(&out, NULL, '{');
        json_string(&out, "seller", cli->argv[0]);
        json_string(&out, "token", token);
        json_time(&out, "expires", expires_s * USEC_PER_SEC);
        json_close(&out, '}');
    } else {
        text_append_string(&out, token);
    }
    puts(out.data);
    explicit_bzero(out.data, out.size);
}

static int issue(const struct cli *cli, const struct config *config, uint64_t lifetime_s)
{
    struct secret key = {0};
    struct error error;
    cli_learn_time(config);
    if (!config->admin_token_key.reference) {
        cli_error("seller tokens need token_key in [admin]");
        return CLI_CONFIG;
    }
    int r = config_secret_resolve(&key, &config->admin_token_key, &error);
    if (r == 0)
        r = seller_token_check_key(&key, &error);
    if (r == 0) {
        uint64_t now_s = clock_trusted_usec() / USEC_PER_SEC;
        char *token = seller_token_issue(&key, cli->argv[0], now_s, lifetime_s);
        print(cli, token, now_s + lifetime_s);
        explicit_bzero(token, strlen(token));
        free(token);
    } else {
        cli_error("%s", error.text);
    }
    secret_clear(&key);
    return r ? CLI_CONFIG : CLI_DONE;
}

int command_token(const struct cli *cli)
{
    const char *expires = cli_value(cli, "expires");
    struct config *config = NULL;
    struct error error;
    uint64_t lifetime_s;
    if (cli->argc != 1)
        return cli_usage(cli, "token takes the name of one [seller] section");
    if (seller_token_lifetime(expires ? expires : LIFETIME_DEFAULT, &lifetime_s, &error))
        return cli_usage(cli, "--expires: %s", error.text);
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE)
        status =
            config_find_seller(config, cli->argv[0])
                ? issue(cli, config, lifetime_s)
                : cli_usage(cli, "no seller is called %s; the config has no section [seller %s]",
                            cli->argv[0], cli->argv[0]);
    config_free(config);
    return status;
}
