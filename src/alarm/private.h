/* SPDX-License-Identifier: MIT */
#ifndef SRC_ALARM_PRIVATE_H
#define SRC_ALARM_PRIVATE_H

#include "alarm/list.h"

struct alarm_list {
    struct alarm **alarms; /* in the order in which they were added */
    size_t count;
    struct alarm_filter filter;
    struct alarm_pace paces[ALARM_CHANNELS];
};

/* Return the alarm of that row and subject; NULL: there is none. */
struct alarm *alarm_find(const struct alarm_list *list, const struct alarm_row *row,
                         const char *subject);

/* Add an alarm that is not raised yet, and return it; NULL: the list is full. */
struct alarm *alarm_add(struct alarm_list *list, const struct alarm_row *row, const char *subject);

#endif
