/* SPDX-License-Identifier: MIT */
#include "signing.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"

/* Bytes of one read. */
#define PART 65536

static int resolve(const struct config_secret *reference, struct webhook_keys *ret,
                   struct error *error)
{
    CLEANUP(secret_clear) struct secret secret = {0};
    int r = config_secret_resolve(&secret, reference, error);
    return r ? r : webhook_keys_parse(ret, &secret, error);
}

int signing_webhook_keys(const struct config_webhook *webhook, struct webhook_keys *ret,
                         struct error *error)
{
    *ret = (struct webhook_keys){0};
    return webhook->secret.reference ? resolve(&webhook->secret, ret, error) : 0;
}

const struct config_webhook *signing_webhook(const struct config *config, const char *name)
{
    const struct config_webhook *webhook = config_find_webhook(config, name);
    if (!webhook)
        cli_error("there is no webhook %s; the config has no section [webhook %s]", name, name);
    return webhook;
}

static int keys_of_file(const char *path, struct webhook_keys *ret)
{
    struct error error;
    AUTOFREE char *absolute = realpath(path, NULL);
    AUTOFREE char *reference = memory_format("file:%s", absolute ? absolute : path);
    struct config_secret secret = {.reference = reference, .place = {"--secret-file", 1}};
    if (!absolute) {
        cli_error("%s: %s", path, strerror(errno));
        return CLI_FAILED;
    }
    if (resolve(&secret, ret, &error) == 0)
        return CLI_DONE;
    cli_error("%s", error.text);
    return CLI_FAILED;
}

static int keys_of_webhook(const struct cli *cli, const char *name, struct webhook_keys *ret)
{
    struct config *config = NULL;
    struct error error;
    int status = cli_load_config(cli, &config);
    if (status != CLI_DONE)
        return status;
    cli_learn_time(config);
    const struct config_webhook *webhook = signing_webhook(config, name);
    if (!webhook)
        status = CLI_USAGE;
    else if (signing_webhook_keys(webhook, ret, &error)) {
        cli_error("%s", error.text);
        status = CLI_CONFIG;
    } else if (ret->count == 0) {
        cli_error("webhook %s has no secret: its requests are not signed", name);
        status = CLI_FAILED;
    }
    config_free(config);
    return status;
}

int signing_keys(const struct cli *cli, struct webhook_keys *ret)
{
    const char *webhook = cli_value(cli, "webhook"), *file = cli_value(cli, "secret-file");
    *ret = (struct webhook_keys){0};
    if (!webhook == !file)
        return cli_usage(cli, "%s needs either --webhook or --secret-file, never the secret itself",
                         cli->command->name);
    return file ? keys_of_file(file, ret) : keys_of_webhook(cli, webhook, ret);
}

static int read_all(int fd, struct text *out)
{
    for (;;) {
        text_reserve(out, PART);
        ssize_t got = read(fd, out->data + out->size, PART);
        if (got < 0 && errno == EINTR)
            continue;
        if (got <= 0)
            return got < 0 ? -errno : 0;
        out->size += (size_t)got;
        out->data[out->size] = '\0';
        if (out->size > SIGNING_BODY_MAX)
            return -EFBIG;
    }
}

int signing_read(const char *path, struct text *out)
{
    bool standard = !path || strcmp(path, "-") == 0;
    int fd = standard ? STDIN_FILENO : open(path, O_RDONLY | O_CLOEXEC);
    int r = fd < 0 ? -errno : read_all(fd, out);
    if (fd >= 0 && !standard)
        close(fd);
    if (r == 0)
        return CLI_DONE;
    cli_error("%s: %s", standard ? "standard input" : path, strerror(-r));
    return CLI_FAILED;
}
