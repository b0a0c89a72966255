/* SPDX-License-Identifier: MIT */
/* Facts that the daemon left in the store, and sums over states. */
#include "status.h"

#include <string.h>

#include "base/clock.h"
#include "base/memory.h"

char *status_fact(const struct status *status, const char *section, const char *name,
                  const char *key)
{
    char *value = NULL;
    if (status->at.store && store_get_fact(status->at.store, section, name, key, &value) != 0)
        return NULL;
    return value;
}

uint64_t status_fact_usec(const struct status *status, const char *section, const char *name,
                          const char *key)
{
    uint64_t usec = 0;
    AUTOFREE char *value = status_fact(status, section, name, key);
    if (value && clock_parse_rfc3339(value, strlen(value), &usec) < 0)
        return 0;
    return usec;
}

uint64_t status_next_usec(const struct status *status, const struct status_webhook *webhook)
{
    uint64_t request = 0;
    if (webhook->next_usec && status->pid)
        request = status_fact_usec(status, "webhook", webhook->name, "next_request");
    return request ? request : webhook->next_usec;
}

uint64_t status_waiting(const struct status_webhook *webhook)
{
    return webhook->counts[DELIVERY_READY] + webhook->counts[DELIVERY_INFLIGHT] +
           webhook->counts[DELIVERY_BEHIND] + webhook->counts[DELIVERY_ORPHANED];
}
