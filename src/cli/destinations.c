/* SPDX-License-Identifier: MIT */
/* dockbell destinations: the queues that Amazon knows as destinations of this application. */
#include "amazon.h"
#include "aws/sqs_arn.h"
#include "base/text.h"

/* ---- list ---- */

int command_destinations_list(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc)
        return cli_usage(cli, "destinations list takes no arguments");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = GET_DESTINATIONS;
    amazon.got = amazon_print_destinations;
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    amazon_close(&amazon);
    return status;
}

/* ---- get ---- */

int command_destinations_get(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "destinations get needs the id of a destination");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = GET_DESTINATION;
    amazon.request.destination_id = cli->argv[0];
    amazon.got = amazon_print_destinations;
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE && amazon.count == 0) {
        cli_error("there is no destination %s in this region", cli->argv[0]);
        status = CLI_FAILED;
    }
    amazon_close(&amazon);
    return status;
}

/* ---- create ---- */

/* Return the ARN in the argument, or the ARN of the queue with this name. NULL: an error was
 * reported on stderr. */
static const char *find_arn(const struct config *config, const char *word)
{
    struct error error = {0};
    struct sqs_arn parts;
    const struct config_queue *queue = config_find_queue(config, word);
    const char *arn = text_starts(word, "arn:") ? word : queue ? queue->arn : NULL;
    if (!arn)
        cli_error("no queue is called %s; the config has no section [queue %s]", word, word);
    else if (sqs_arn_split(arn, &parts, &error)) {
        cli_error("%s", error.text);
        arn = NULL;
    }
    return arn;
}

static int create(struct amazon *amazon, const char *word)
{
    struct sqs_arn parts;
    const char *arn = find_arn(amazon->config, word), *name = cli_value(amazon->cli, "name");
    if (!arn || sqs_arn_split(arn, &parts, NULL))
        return CLI_USAGE;
    amazon->request.name = CREATE_DESTINATION;
    amazon->request.arn = arn;
    amazon->request.destination_name = name ? name : parts.name;
    amazon->got = amazon_print_destinations;
    return amazon_ask(amazon);
}

int command_destinations_create(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "destinations create needs a queue of the configuration, or an ARN");
    int status = amazon_open(&amazon, cli, NULL);
    if (status == CLI_DONE)
        status = create(&amazon, cli->argv[0]);
    amazon_close(&amazon);
    return status;
}

/* ---- delete ---- */

int command_destinations_delete(const struct cli *cli)
{
    struct amazon amazon = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "destinations delete needs the id of a destination");
    int status = amazon_open(&amazon, cli, NULL);
    amazon.request.name = DELETE_DESTINATION;
    amazon.request.destination_id = cli->argv[0];
    if (status == CLI_DONE)
        status = amazon_ask(&amazon);
    if (status == CLI_DONE)
        amazon_print_done(&amazon, "deleted", cli->argv[0]);
    amazon_close(&amazon);
    return status;
}
