/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "base/memory.h"
#include "base/text.h"
#include "commands.h"
#include "config/credential.h"
#include "journal/events.h"

/* Report the findings. Errors go to stderr for people. The daemon's warnings are events. */
static void tell(const struct config_findings *findings, bool daemon)
{
    AUTOTEXT struct text text = {0};
    for (size_t i = 0; i < findings->count; i++) {
        const struct config_finding *finding = &findings->findings[i];
        AUTOFREE char *what = finding->key ? memory_format("%s: %s", finding->key, finding->text)
                                           : memory_string(finding->text);
        if (!finding->warning)
            config_finding_print(&text, finding);
        else if (daemon)
            event_config_warning(finding->file, finding->line, what);
    }
    if (text.size)
        fprintf(stderr, "%sdockbell: the configuration is not valid, nothing was done\n",
                text.data);
}

/* Report a credential that this command uses, but the running service does not use yet. */
static void on_difference(const char *name, const char *path)
{
    cli_error("credential:%s is read from %s; the running service still has another one, until: "
              "systemctl restart dockbell",
              name, path);
}

int cli_load_config(const struct cli *cli, struct config **ret)
{
    struct config_findings findings = {0};
    *ret = NULL;
    credential_on_difference(on_difference);
    int r = config_load(ret, cli->config, &findings);
    if (*ret && cli->command->daemon) {
        events_set_level((*ret)->log_level);
        r = config_check_complete(*ret, &findings) < 0 ? -EINVAL : r;
        config_check_files(*ret, &findings);
        r = findings.errors ? -EINVAL : r;
        config_findings_sort(&findings);
    }
    tell(&findings, cli->command->daemon && r == 0);
    config_findings_clear(&findings);
    if (r == 0)
        return CLI_DONE;
    config_free(TAKE(*ret));
    return CLI_CONFIG;
}

/* Whether the store may be at another place than in this config. */
static bool hides_the_store(const struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++)
        if (!findings->findings[i].warning && findings->findings[i].key &&
            text_starts(findings->findings[i].key, "[daemon] state_d"))
            return true;
    return false;
}

int cli_load_names(const struct cli *cli, struct config **ret)
{
    static bool warned; /* `status --watch` reads the config again and again */
    struct config_findings findings = {0};
    *ret = NULL;
    int r = config_load(ret, cli->config, &findings);
    bool stops = r < 0 && (!*ret || hides_the_store(&findings));
    if (stops)
        tell(&findings, false);
    else if (r < 0 && !warned)
        cli_error("%s has %zu %s: dockbell check. This command goes on, as it needs only the state "
                  "directory (%s) and names",
                  cli->config, findings.errors, findings.errors == 1 ? "error" : "errors",
                  (*ret)->state_directory);
    warned = warned || r < 0;
    config_findings_clear(&findings);
    if (!stops)
        return CLI_DONE;
    config_free(TAKE(*ret));
    return CLI_CONFIG;
}
