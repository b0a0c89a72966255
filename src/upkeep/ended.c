/* SPDX-License-Identifier: MIT */
#include "ended.h"

#include <stdlib.h>

#include "base/memory.h"

struct ended_delivery {
    enum ending ending;
    int64_t delivery;
    char *webhook, *seller, *notification_id, *order_id;
};

void ended_add(struct ended *ended, enum ending ending, const struct event_subject *subject,
               int64_t delivery)
{
    if (ended->count == ended->room) {
        ended->room = ended->room ? ended->room * 2 : 16;
        ended->all = memory_resize(ended->all, ended->room, sizeof(*ended->all));
    }
    ended->all[ended->count++] = (struct ended_delivery){
        .ending = ending,
        .delivery = delivery,
        .webhook = memory_string(subject->webhook),
        .seller = memory_string(subject->seller),
        .notification_id = memory_string(subject->notification_id),
        .order_id = memory_string(subject->order_id),
    };
}

static void report(const struct ended_delivery *d)
{
    struct event_subject subject = {
        .webhook = d->webhook,
        .seller = d->seller,
        .notification_id = d->notification_id,
        .order_id = d->order_id,
    };
    if (d->ending == ENDED_EXPIRED)
        event_expired(&subject);
    else
        event_delivery_removed(&subject, d->delivery, d->ending == ENDED_DEAD_REMOVED);
}

void ended_report(struct ended *ended)
{
    for (size_t i = 0; i < ended->count; i++)
        report(&ended->all[i]);
    ended_drop(ended);
}

void ended_drop(struct ended *ended)
{
    for (size_t i = 0; i < ended->count; i++) {
        free(ended->all[i].webhook);
        free(ended->all[i].seller);
        free(ended->all[i].notification_id);
        free(ended->all[i].order_id);
    }
    ended->count = 0;
}

void ended_clear(struct ended *ended)
{
    ended_drop(ended);
    free(ended->all);
    *ended = (struct ended){0};
}
