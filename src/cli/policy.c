/* SPDX-License-Identifier: MIT */
#include <stdio.h>

#include "aws/queue_policy.h"
#include "base/text.h"
#include "commands.h"

/* Print the policy. As JSON it is the policy alone, for `aws sqs set-queue-attributes`
 * and similar commands. */
static void print(const struct cli *cli, const struct config_queue *queue)
{
    AUTOTEXT struct text policy = {0}, kms = {0};
    queue_policy_print(&policy, queue->arn);
    if (cli->output == CLI_JSON) {
        fputs(policy.data, stdout);
        return;
    }
    queue_policy_print_kms(&kms);
    printf("The access policy of %s:\n\n%s\n"
           "If the queue is encrypted with a KMS key of your own (not with SSE-SQS, which needs "
           "nothing),\nadd this statement to the policy of that key:\n\n%s",
           queue->arn, policy.data, kms.data);
}

int command_policy(const struct cli *cli)
{
    struct config *config = NULL;
    if (cli->argc != 1)
        return cli_usage(cli, "policy takes the name of one [queue] section");
    int status = cli_load_config(cli, &config);
    if (status == CLI_DONE) {
        const struct config_queue *queue = config_find_queue(config, cli->argv[0]);
        if (queue)
            print(cli, queue);
        else
            status = cli_usage(cli, "no queue is called %s; the config has no section [queue %s]",
                               cli->argv[0], cli->argv[0]);
    }
    config_free(config);
    return status;
}
