/* SPDX-License-Identifier: MIT */
#include "amazon.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/json.h"
#include "base/memory.h"
#include "base/text.h"
#include "table.h"

/* ---- the seller and the region ---- */

static const struct config_seller *find_seller(const struct config *config, const char *name)
{
    const struct config_seller *seller = config_find_seller(config, name);
    if (!seller)
        cli_error("no seller is called %s; the config has no section [seller %s]", name, name);
    return seller;
}

/* Return the only region of the sellers. NULL if there are several or none. */
static const char *common_region(const struct config *config)
{
    const char *region = NULL;
    for (size_t i = 0; i < config->n_sellers; i++) {
        const char *other = config->sellers[i].region;
        if (other && region && !text_equal(region, other))
            return NULL;
        region = other ? other : region;
    }
    return region;
}

static int choose_region(struct amazon *a)
{
    const char *region = cli_value(a->cli, "region"), *name = cli_value(a->cli, "seller");
    if (region && name)
        return cli_usage(a->cli, "--region and --seller do not go together");
    if (region && !notifications_endpoint(region))
        return cli_usage(a->cli, "--region is na, eu or fe, not %s", region);
    if (name) {
        const struct config_seller *seller = find_seller(a->config, name);
        if (!seller)
            return CLI_USAGE;
        region = seller->region;
    }
    a->request.region = region ? region : common_region(a->config);
    if (!a->request.region)
        return cli_usage(a->cli, "which region? Name it with --region or --seller");
    return CLI_DONE;
}

static int choose_seller(struct amazon *a, const char *name)
{
    const struct config_seller *seller = find_seller(a->config, name);
    if (!seller)
        return CLI_USAGE;
    if (!seller->region || !seller->refresh_token.reference) {
        cli_error("[seller %s] needs region and refresh_token", name);
        return CLI_CONFIG;
    }
    if (config_secret_resolve(&a->refresh_token, &seller->refresh_token, &a->error)) {
        cli_error("%s", a->error.text);
        return CLI_CONFIG;
    }
    a->request.region = seller->region;
    a->request.seller = seller->name;
    a->request.refresh_token = &a->refresh_token;
    return CLI_DONE;
}

/* ---- life ---- */

static int open_client(struct amazon *a)
{
    int r = sd_event_new(&a->event);
    if (r >= 0)
        r = http_new(&a->http, a->event);
    if (r >= 0 && application_open_lwa(&a->application, a->config, a->event, a->http, &a->error)) {
        cli_error("%s", a->error.text);
        return CLI_CONFIG;
    }
    if (r >= 0 && !a->application.lwa) {
        cli_error("[application] client_id and client_secret are not configured");
        return CLI_CONFIG;
    }
    if (r >= 0)
        r = operations_new(&a->operations,
                           &(struct operations_options){.event = a->event,
                                                        .http = a->http,
                                                        .lwa = a->application.lwa,
                                                        .endpoint = a->config->endpoint});
    if (r < 0)
        cli_error("the event loop cannot be made: %s", strerror(-r));
    return r < 0 ? CLI_FAILED : CLI_DONE;
}

int amazon_open(struct amazon *ret, const struct cli *cli, const char *seller)
{
    *ret = (struct amazon){.cli = cli};
    int status = cli_load_config(cli, &ret->config);
    if (status == CLI_DONE)
        status = seller ? choose_seller(ret, seller) : choose_region(ret);
    return status == CLI_DONE ? open_client(ret) : status;
}

void amazon_close(struct amazon *a)
{
    if (a->table)
        table_print(a->table);
    table_free(a->table);
    operations_free(a->operations);
    application_close(&a->application);
    http_free(a->http);
    sd_event_unref(a->event);
    secret_clear(&a->refresh_token);
    free(a->next_token);
    config_free(a->config);
}

/* ---- calls ---- */

static void on_done(const struct operation_result *result, void *userdata)
{
    struct amazon *a = userdata;
    a->error = result->answer->error;
    a->done = true;
    free(TAKE(a->next_token));
    if (a->error.kind != ERROR_NONE)
        return;
    a->next_token = memory_string(result->answer->next_token);
    if (a->got)
        a->got(a, result->answer);
}

static int start_failed(struct amazon *a, int result)
{
    if (result == -EOPNOTSUPP)
        error_set(&a->error, ERROR_CONFIG,
                  "Amazon sends test notifications from its sandbox hosts only; set endpoint in "
                  "[application] to one, such as https://sandbox.sellingpartnerapi-%s.amazon.com",
                  a->request.region);
    else
        error_set(&a->error, ERROR_CONFIG, "the call cannot be made: %s", strerror(-result));
    return CLI_FAILED;
}

int amazon_try(struct amazon *a)
{
    a->done = false;
    int r = operation_start(a->operations, &a->request, on_done, a, NULL);
    if (r < 0)
        return start_failed(a, r);
    while (r >= 0 && !a->done)
        r = sd_event_run(a->event, UINT64_MAX);
    if (r < 0)
        error_set(&a->error, ERROR_CONFIG, "the event loop failed: %s", strerror(-r));
    return a->error.kind == ERROR_NONE ? CLI_DONE : CLI_FAILED;
}

int amazon_ask(struct amazon *a)
{
    int status = amazon_try(a);
    if (status != CLI_DONE)
        cli_error("%s", a->error.text);
    return status;
}

void amazon_print_done(const struct amazon *a, const char *what, const char *id)
{
    AUTOTEXT struct text line = {0};
    if (a->cli->output == CLI_TEXT) {
        text_append_escaped(&line, id, strlen(id), 200);
        printf("%s %s\n", line.data, what);
        return;
    }
    json_open(&line, NULL, '{');
    json_string(&line, "id", id);
    json_string(&line, "result", what);
    json_close(&line, '}');
    puts(line.data);
}
