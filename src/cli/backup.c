/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/json.h"
#include "operator.h"
#include "queue.h"
#include "store/backup.h"

static int report(const struct cli *cli, const char *path, uint64_t took_usec)
{
    struct stat info;
    if (stat(path, &info) < 0) {
        cli_error("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    if (cli->output == CLI_TEXT) {
        printf("%s: written, %lld bytes\n", path, (long long)info.st_size);
        return CLI_DONE;
    }
    AUTOTEXT struct text line = {0};
    json_open(&line, NULL, '{');
    json_string(&line, "file", path);
    json_number(&line, "bytes", info.st_size);
    json_number(&line, "duration_ms", (int64_t)(took_usec / USEC_PER_MSEC));
    json_close(&line, '}');
    queue_put_line(&line);
    return CLI_DONE;
}

static int back_up(const struct cli *cli, const struct queue *queue)
{
    const char *path = cli->argv[0];
    uint64_t began_usec = clock_boot_usec();
    struct error error;
    if (!queue->store) {
        cli_error("there is nothing to back up: no store in %s yet",
                  queue->config->state_directory);
        return CLI_FAILED;
    }
    if (store_backup(queue->store, path, &error)) {
        cli_error("the backup failed: %s", error.text);
        return CLI_FAILED;
    }
    operator_audit_read("backup", path);
    return report(cli, path, clock_boot_usec() - began_usec);
}

int command_backup(const struct cli *cli)
{
    struct queue queue = {0};
    if (cli->argc != 1)
        return cli_usage(cli, "backup needs the name of the file to write");
    int status = queue_open(cli, STORE_READER, &queue);
    if (status == CLI_DONE)
        status = back_up(cli, &queue);
    queue_close(&queue);
    return status;
}
