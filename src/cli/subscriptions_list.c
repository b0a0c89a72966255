/* SPDX-License-Identifier: MIT */
#include "amazon.h"
#include "base/memory.h"
#include "base/text.h"

/* Use the older operation, which finds only one subscription of a type. Amazon refuses the newer
 * one to applications that do not have it. */
static int ask_singly(struct amazon *amazon)
{
    amazon->request.name = GET_SUBSCRIPTION;
    return amazon_ask(amazon);
}

static int list_type(struct amazon *amazon, const char *type)
{
    AUTOFREE char *page = NULL;
    int status;
    amazon->request.name = GET_SUBSCRIPTIONS;
    amazon->request.type = type;
    do {
        amazon->request.page_token = page;
        status = amazon_try(amazon);
        free(page);
        page = TAKE(amazon->next_token);
    } while (status == CLI_DONE && page && page[0]);
    amazon->request.page_token = NULL;
    if (status == CLI_DONE)
        return CLI_DONE;
    if (amazon->error.status == 400 || amazon->error.status == 403)
        return ask_singly(amazon);
    cli_error("%s", amazon->error.text);
    return status;
}

/* Return the configured types of the seller's subscriptions. NULL if there are none. */
static char *const *configured_types(const struct amazon *amazon)
{
    const struct config_seller *seller = config_find_seller(amazon->config, amazon->request.seller);
    return seller ? seller->subscribe : NULL;
}

static int list(struct amazon *amazon, char *const *types)
{
    int status = CLI_DONE;
    if (!types || !types[0]) {
        cli_error("[seller %s] has no subscribe; name the notification types to look for",
                  amazon->request.seller);
        return CLI_USAGE;
    }
    amazon->request.payload_version = cli_value(amazon->cli, "payload-version");
    amazon->got = amazon_print_subscriptions;
    for (; *types; types++) {
        int one = list_type(amazon, *types);
        status = one == CLI_DONE ? status : one;
    }
    return status;
}

int command_subscriptions_list(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc == 0)
        return cli_usage(cli, "subscriptions list needs the name of a seller");
    int status = amazon_open(&amazon, cli, cli->argv[0]);
    if (status == CLI_DONE)
        status = list(&amazon, cli->argc > 1 ? &cli->argv[1] : configured_types(&amazon));
    amazon_close(&amazon);
    return status;
}
