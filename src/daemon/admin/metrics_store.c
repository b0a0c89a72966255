/* SPDX-License-Identifier: MIT */
#include <sys/statvfs.h>

#include "metrics_read.h"
#include "store/unknown.h"

static void put_counter(struct scrape *s, const char *name)
{
    uint64_t value;
    if (store_counter(s->d->store, name, &value) == 0)
        scrape_number(s, value, NULL);
}

void read_received(struct scrape *s)
{
    put_counter(s, "received");
}

void read_accepted(struct scrape *s)
{
    put_counter(s, "accepted");
}

void read_duplicates(struct scrape *s)
{
    put_counter(s, "duplicates");
}

void read_rejected(struct scrape *s)
{
    put_counter(s, "rejected");
}

void read_over_limit(struct scrape *s)
{
    put_counter(s, "over_limit");
}

void read_removed(struct scrape *s)
{
    uint64_t dead = 0, held = 0;
    if (store_counter(s->d->store, "removed_dead", &dead) ||
        store_counter(s->d->store, "removed_held", &held))
        return;
    scrape_number(s, dead, VALUES("dead"));
    scrape_number(s, held, VALUES("held"));
}

static void put_unknown(struct scrape *s, bool size)
{
    uint64_t count = 0, bytes = 0;
    if (store_unknown(s->d->store, &count, &bytes) == 0)
        scrape_number(s, size ? bytes : count, NULL);
}

void read_unknown(struct scrape *s)
{
    put_unknown(s, false);
}

void read_unknown_bytes(struct scrape *s)
{
    put_unknown(s, true);
}

void read_unknown_limit(struct scrape *s)
{
    scrape_number(s, s->d->config->max_unknown, NULL);
}

void read_unknown_limit_bytes(struct scrape *s)
{
    scrape_number(s, s->d->config->max_unknown_size, NULL);
}

void read_backlog(struct scrape *s)
{
    uint64_t backlog = 0;
    if (store_backlog(s->d->store, &backlog) == 0)
        scrape_number(s, backlog, NULL);
}

void read_backlog_limit(struct scrape *s)
{
    scrape_number(s, s->d->config->max_backlog, NULL);
}

void read_receiving_stopped(struct scrape *s)
{
    scrape_number(s, s->d->room.closed || s->d->room.full, NULL);
}

/* ---- the work ---- */

void read_commits(struct scrape *s)
{
    const struct turn_tally *tally = turn_tally(s->d->turn);
    scrape_number(s, tally->committed, VALUES("ok"));
    scrape_number(s, tally->busy, VALUES("busy"));
    scrape_number(s, tally->full, VALUES("full"));
    scrape_number(s, tally->failed, VALUES("failed"));
}

void read_commit_duration(struct scrape *s)
{
    scrape_histogram(s, &turn_tally(s->d->turn)->duration, NULL);
}

void read_settles(struct scrape *s)
{
    scrape_number(s, turn_tally(s->d->turn)->settles, NULL);
}

void read_checkpoints(struct scrape *s)
{
    scrape_number(s, store_checkpoints(s->d->store), NULL);
}

/* ---- the room ---- */

void read_store_size(struct scrape *s)
{
    uint64_t bytes, free_bytes;
    if (store_size(s->d->store, &bytes, &free_bytes) == 0)
        scrape_number(s, bytes, NULL);
}

void read_store_free(struct scrape *s)
{
    uint64_t bytes, free_bytes;
    if (store_size(s->d->store, &bytes, &free_bytes) == 0)
        scrape_number(s, free_bytes, NULL);
}

void read_disk_free(struct scrape *s)
{
    struct statvfs disk;
    if (statvfs(s->d->config->state_directory, &disk) == 0)
        scrape_number(s, (uint64_t)disk.f_bavail * disk.f_frsize, NULL);
}

void read_disk_wanted(struct scrape *s)
{
    scrape_number(s, s->d->config->min_free_disk, NULL);
}
