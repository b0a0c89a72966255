/* SPDX-License-Identifier: MIT */
#ifndef RELAY_ALARM_PRIVATE_H
#define RELAY_ALARM_PRIVATE_H

#include "relay/alarm_list.h"

struct alarm_list {
    struct alarm **alarms; /* in the order in which they came */
    size_t count;
    struct alarm_filter filter;
    struct alarm_pace paces[ALARM_CHANNELS];
};

/* The one of that row and subject; NULL: there is none. */
struct alarm *alarm_find(const struct alarm_list *list, const struct alarm_row *row,
                         const char *subject);

/* Adds one that nobody has raised yet; NULL: there are too many. */
struct alarm *alarm_add(struct alarm_list *list, const struct alarm_row *row, const char *subject);

#endif
