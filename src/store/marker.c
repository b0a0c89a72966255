/* SPDX-License-Identifier: MIT */
#include "marker.h"

#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/durable.h"
#include "inside.h"

/* Three numbers of 20 digits each, blanks and a newline. The size is always the same, so that one
 * write replaces the one before. */
#define LINE_SIZE   64
#define LINE_FORMAT "%020" PRId64 " %020" PRId64 " %020" PRId64 "\n"
#define LINE_SCAN   "%20" SCNd64 " %20" SCNd64 " %20" SCNd64

void marker_init(struct marker *marker)
{
    *marker = (struct marker){.fd = -1};
}

void marker_clear(struct marker *marker)
{
    if (marker->fd >= 0)
        close(marker->fd);
    marker_init(marker);
}

static struct numbers numbers_of(const struct head *head)
{
    return (struct numbers){head->sequence, head->notification, head->delivery};
}

static bool any_below(const struct numbers *a, const struct numbers *b)
{
    return a->sequence < b->sequence || a->notification < b->notification ||
           a->delivery < b->delivery;
}

/* Read the numbers. If the file cannot be read, all are 0: nothing is known. */
static struct numbers read_file(int fd)
{
    char line[LINE_SIZE] = "";
    struct numbers n = {0};
    if (pread(fd, line, sizeof(line) - 1, 0) < 0 ||
        sscanf(line, LINE_SCAN, &n.sequence, &n.notification, &n.delivery) != 3)
        return (struct numbers){0};
    return n;
}

static void raise_number(int64_t *number, int64_t least)
{
    if (*number < least)
        *number = least;
}

void marker_open(struct store *store)
{
    struct marker *marker = &store->marker;
    AUTOFREE char *path = memory_format(
        "%.*s" MARKER_FILE, (int)(strrchr(store->path, '/') + 1 - store->path), store->path);
    marker->fd = durable_open(path, O_RDWR);
    if (marker->fd < 0)
        return;
    marker->known = read_file(marker->fd);
    struct numbers now = numbers_of(&store->head);
    if (!any_below(&now, &marker->known))
        return;
    marker->went_back = true;
    marker->before = marker->known;
}

static void marker_raise(struct store *store)
{
    const struct marker *marker = &store->marker;
    if (!marker->went_back)
        return;
    raise_number(&store->head.sequence, marker->before.sequence);
    raise_number(&store->head.notification, marker->before.notification);
    raise_number(&store->head.delivery, marker->before.delivery);
}

void marker_write(struct store *store)
{
    struct marker *marker = &store->marker;
    struct numbers now = numbers_of(&store->head_on_disk);
    char line[LINE_SIZE + 1];
    if (marker->fd < 0 || !any_below(&marker->known, &now))
        return;
    int size =
        snprintf(line, sizeof(line), LINE_FORMAT, now.sequence, now.notification, now.delivery);
    if (pwrite(marker->fd, line, (size_t)size, 0) == size)
        marker->known = now;
}

void store_step_back(struct store *store, struct store_step_back *ret)
{
    struct marker *marker = &store->marker;
    *ret = (struct store_step_back){
        .happened = marker->went_back,
        .notification = store->head.notification,
        .notification_before = marker->before.notification,
        .sequence = store->head.sequence,
        .sequence_before = marker->before.sequence,
    };
    marker_raise(store);
}
