/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "config/config.h"
#include "webhook/extra.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool holds)
{
    if (!holds)
        abort();
}

/* What later floors rely on when the config is free of errors. */
static void check_config(const struct config *config)
{
    for (size_t i = 0; i < config->n_queues; i++) {
        must(config->queues[i].arn != NULL);
        must(config->queues[i].wait_usec >= 1000000 && config->queues[i].wait_usec <= 20000000);
        must(config->queues[i].max_pollers >= 1);
    }
    for (size_t i = 0; i < config->n_sellers; i++)
        must(config->sellers[i].queue != NULL);
    for (size_t i = 0; i < config->n_webhooks; i++) {
        must(config->webhooks[i].url != NULL);
        must(config->webhooks[i].concurrency >= 1 && config->webhooks[i].concurrency <= 256);
        must(config->webhooks[i].connect_timeout_usec >= 1000000);
        must(config->webhooks[i].headers.count <= WEBHOOK_EXTRA_MAX);
        for (size_t k = 0; k < config->webhooks[i].headers.count; k++)
            must(!webhook_extra_problem(config->webhooks[i].headers.items[k].name));
    }
}

/* Every finding is one line without control characters that could fool a terminal. */
static void check_findings(const struct config_findings *findings)
{
    for (size_t i = 0; i < findings->count; i++) {
        AUTOTEXT struct text line = {0};
        config_finding_print(&line, &findings->findings[i]);
        must(strchr(line.data, '\n') == line.data + line.size - 1);
        for (size_t at = 0; at + 1 < line.size; at++)
            must((unsigned char)line.data[at] >= ' ' && line.data[at] != 0x7f);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct config *config = NULL;
    struct config_findings findings = {0};
    int file = memfd_create("fuzz", MFD_CLOEXEC);
    must(file >= 0 && write(file, data, size) == (ssize_t)size);
    AUTOFREE char *path = memory_format("/proc/self/fd/%d", file);
    int r = config_load(&config, path, &findings);
    must(config != NULL && r == (findings.errors ? -EINVAL : 0));
    if (r == 0)
        check_config(config);
    check_findings(&findings);
    config_findings_clear(&findings);
    config_free(config);
    close(file);
    return 0;
}
