/* SPDX-License-Identifier: MIT */
#include <dirent.h>
#include <stdio.h>
#include <sys/resource.h>
#include <unistd.h>

#include "alarm/list.h"
#include "base/clock.h"
#include "metrics_read.h"
#include "readiness.h"

void read_build(struct scrape *s)
{
    scrape_number(s, 1, VALUES(DOCKBELL_VERSION));
}

static void ignore(const char *kind, const char *name, const char *why, void *userdata)
{
    (void)kind, (void)name, (void)why, (void)userdata;
}

void read_ready(struct scrape *s)
{
    scrape_number(s, daemon_unready(s->d, ignore, NULL) == 0, NULL);
}

static void put_alarm(const struct alarm *alarm, void *userdata)
{
    scrape_number(
        userdata, 1,
        VALUES(journal_id(alarm->row->raised_by)->name, alarm->subject ? alarm->subject : ""));
}

void read_alarms(struct scrape *s)
{
    daemon_each_alarm(s->d, put_alarm, s);
}

void read_reload_ok(struct scrape *s)
{
    scrape_number(s, !s->d->reload_refused, NULL);
}

void read_reload_time(struct scrape *s)
{
    scrape_moment(s, s->d->loaded_usec, NULL);
}

void read_clock_offset(struct scrape *s)
{
    if (s->d->time.known)
        scrape_usec(s, clock_offset_usec(), NULL);
}

void read_clock_trusted(struct scrape *s)
{
    uint64_t now;
    scrape_number(s, trusted_time_now(&s->d->time, &now), NULL);
}

/* ---- the process ---- */

static int64_t usec_of(struct timeval time)
{
    return (int64_t)time.tv_sec * (int64_t)USEC_PER_SEC + time.tv_usec;
}

void read_cpu(struct scrape *s)
{
    struct rusage usage;
    if (getrusage(RUSAGE_SELF, &usage) == 0)
        scrape_usec(s, usec_of(usage.ru_utime) + usec_of(usage.ru_stime), NULL);
}

/* Write a field of /proc/self/statm (proc(5)) in bytes. Field 0 is the virtual memory, field 1 the
 * resident. */
static void put_pages(struct scrape *s, unsigned field)
{
    unsigned long long pages[2];
    long size = sysconf(_SC_PAGESIZE);
    FILE *file = fopen("/proc/self/statm", "re");
    if (!file)
        return;
    int found = fscanf(file, "%llu %llu", &pages[0], &pages[1]);
    fclose(file);
    if (found == 2 && size > 0)
        scrape_number(s, pages[field] * (unsigned long long)size, NULL);
}

void read_virtual(struct scrape *s)
{
    put_pages(s, 0);
}

void read_resident(struct scrape *s)
{
    put_pages(s, 1);
}

void read_start_time(struct scrape *s)
{
    scrape_moment(s, s->d->started_usec, NULL);
}

void read_open_fds(struct scrape *s)
{
    DIR *folder = opendir("/proc/self/fd");
    uint64_t count = 0;
    if (!folder)
        return;
    for (const struct dirent *entry; (entry = readdir(folder));)
        count += entry->d_name[0] != '.';
    closedir(folder);
    scrape_number(s, count - 1, NULL); /* without the descriptor of this listing */
}

void read_max_fds(struct scrape *s)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) == 0)
        scrape_number(s, limit.rlim_cur, NULL);
}
