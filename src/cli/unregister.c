/* SPDX-License-Identifier: MIT */
#include "base/memory.h"
#include "base/text.h"
#include "config/application.h"
#include "registering.h"

/* Whether the configuration still needs the destination, for other types of the seller, or for
 * other sellers of the same queue and region. */
static bool is_needed(const struct config *config, const struct config_seller *seller,
                      char *const *types)
{
    for (char *const *type = seller->subscribe; type && *type; type++)
        if (!text_list_has(types, *type))
            return true;
    for (size_t i = 0; i < config->n_sellers; i++) {
        const struct config_seller *other = &config->sellers[i];
        if (other != seller && text_equal(other->queue, seller->queue) &&
            text_equal(other->region, seller->region) && application_registers(config, other))
            return true;
    }
    return false;
}

/* Unregister with a config of this seller alone, and of the types to remove. */
static int unregister(const struct cli *cli, const struct config *config,
                      const struct config_seller *seller)
{
    struct config_seller alone = *seller;
    struct config narrow = *config;
    const char *const only[] = {seller->name, NULL};
    AUTOFREE char **types = memory_new((size_t)cli->argc * sizeof(*types));
    for (int i = 1; i < cli->argc; i++)
        types[i - 1] = cli->argv[i];
    if (types[0])
        alone.subscribe = types;
    narrow.sellers = &alone;
    narrow.n_sellers = 1;
    return registering(cli, &narrow,
                       &(struct registering_task){.task = REGISTRAR_UNREGISTER,
                                                  .only = only,
                                                  .dry_run = cli_has(cli, "dry-run"),
                                                  .keeps_destination =
                                                      is_needed(config, seller, alone.subscribe)});
}

int command_unregister(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc == 0)
        return cli_usage(cli, "whom? Name a seller");
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE) {
        const struct config_seller *seller = config_find_seller(config, cli->argv[0]);
        bool known = registering_knows(config, cli->argv[0]);
        status = known && seller ? unregister(cli, config, seller) : CLI_USAGE;
    }
    config_free(config);
    return status;
}
