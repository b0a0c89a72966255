/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <string.h>
#include <systemd/sd-daemon.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/disk.h"
#include "base/memory.h"
#include "base/process.h"
#include "config/store_key.h"
#include "daemon.h"
#include "journal/events.h"
#include "store/place.h"

/*
 * The lock and the store at the start. A full disk and the write lock of another process may pass:
 * the start reports them and waits.
 */

/* Pause between two tries, and the time that each try asks systemd for (sd_notify(3)). */
#define PAUSE_USEC  (5 * USEC_PER_SEC)
#define EXTEND_USEC (60 * USEC_PER_SEC)
/* Longest wait for another process that writes; then the start has failed. */
#define BUSY_USEC_MAX (120 * USEC_PER_SEC)

/* ---- failures, and whether a restart may help ---- */

enum daemon_exit daemon_exit_for(struct daemon *d, int store_result)
{
    struct disk disk;
    if (store_result == STORE_NEWER || store_result == STORE_CORRUPT ||
        store_result == STORE_KEYLESS)
        return DAEMON_EXIT_CONFIG;
    if (store_result != STORE_READONLY)
        return DAEMON_EXIT_FAILED;
    bool broken = disk_look(d->config->state_directory, &disk) == 0 && disk.read_only;
    return broken ? DAEMON_EXIT_FAILED : DAEMON_EXIT_CONFIG;
}

/* Return the meaning of a read-only mount in words; NULL: it is not mounted read-only. */
static char *mount_trouble(const char *directory)
{
    struct disk disk;
    if (disk_look(directory, &disk) < 0)
        return NULL;
    if (disk.read_only)
        return memory_format("the file system of %s (%s) is read-only. The kernel makes it so "
                             "after a disk error: see journalctl -k, repair it (fsck) and mount "
                             "it writable. Dockbell is started again until it can write",
                             directory, disk.source[0] ? disk.source : "device unknown");
    if (disk.closed)
        return memory_format("%s is read-only for this service. As a service Dockbell can write "
                             "only to the directory of StateDirectory=: leave state_directory "
                             "out, or name it in ReadWritePaths= (systemctl edit dockbell)",
                             directory);
    return NULL;
}

void daemon_report_failure(struct daemon *d, int store_result, const char *why)
{
    if (store_result == STORE_KEYLESS) {
        event_store_keyless(why);
        return;
    }
    AUTOFREE char *mount =
        store_result == STORE_READONLY ? mount_trouble(d->config->state_directory) : NULL;
    AUTOFREE char *text = NULL;
    if (mount)
        text = memory_string(mount);
    else if (store_result == STORE_CORRUPT)
        text = memory_format("%s. The database is damaged: keep the file, look for disk errors "
                             "(journalctl -k), and restore a backup (docs/operating.md, Restore)",
                             why);
    event_store_failed(text ? text : why);
}

/* ---- the lock ---- */

static int result_of_errno(int number)
{
    switch (number) {
    case ENOSPC:
    case EDQUOT:
        return STORE_FULL;
    case EROFS:
    case EACCES:
    case EPERM:
    case ENOENT:
    case ENOTDIR:
        return STORE_READONLY;
    default:
        return STORE_FAILED;
    }
}

static int take_lock(struct daemon *d, struct error *error)
{
    const char *directory = d->config->state_directory;
    pid_t other = 0;
    int r = d->lock.file_fd >= 0 ? 0 : lock_take(directory, &d->lock, &other);
    if (r == 0)
        return 0;
    if (r == 1) {
        AUTOFREE char *who = other ? memory_format(" (pid %d)", (int)other) : memory_string("");
        error_set(error, ERROR_STORE, "another dockbell%s runs on %s; only one may", who,
                  directory);
        return STORE_FAILED;
    }
    error_set(error, ERROR_STORE,
              "the lock file in %s cannot be taken: %s. state_directory must be a directory that "
              "the daemon's user (uid %u) can write",
              directory, strerror(-r), (unsigned)geteuid());
    return result_of_errno(-r);
}

/* ---- the store ---- */

int daemon_set_webhooks(struct daemon *d, const struct config *config, int64_t ret_ids[])
{
    AUTOFREE const char **names = memory_new((config->n_webhooks + 1) * sizeof(*names));
    for (size_t i = 0; i < config->n_webhooks; i++)
        names[i] = config->webhooks[i].name;
    int r = store_set_webhooks(d->store, names, config->n_webhooks, ret_ids);
    for (size_t i = 0; r == 0 && i < config->n_webhooks; i++)
        r = store_set_coalesce(d->store, ret_ids[i], config->webhooks[i].coalesce);
    return r;
}

/* Results of the changes and questions at the start. */
struct opened {
    size_t recovered;
    uint64_t newest_usec;
    struct store_step_back back;
};

static int prepare(struct daemon *d, int64_t ret_ids[], struct opened *ret)
{
    int r = store_begin(d->store);
    if (r)
        return r;
    r = daemon_set_webhooks(d, d->config, ret_ids);
    if (!r)
        store_step_back(d->store, &ret->back);
    if (!r)
        r = store_recover(d->store, clock_trusted_usec(), &ret->recovered);
    if (!r)
        r = store_newest_usec(d->store, &ret->newest_usec);
    if (r) {
        store_rollback(d->store);
        return r;
    }
    r = store_commit(d->store);
    store_each_superseded(d->store, daemon_report_superseded, NULL);
    return r;
}

static void report_orphans(const struct store_webhook *webhook, void *userdata)
{
    uint64_t open = 0;
    (void)userdata;
    for (unsigned state = 0; state < DELIVERY_STATES; state++)
        open += delivery_state_is_open(state) ? webhook->counts[state] : 0;
    if (webhook->id && !webhook->configured && open)
        event_orphans(webhook->name, open);
}

/* Give the keys to the store. A wrong or missing key needs the administrator, like a wrong
 * config. */
static int use_keys(struct daemon *d, struct error *error)
{
    struct store_keys keys;
    if (store_keys_load(&keys, d->config, error))
        return STORE_KEYLESS;
    int r = store_use_keys(d->store, &keys);
    if (r)
        error_set(error, ERROR_STORE, "%s", store_why(d->store));
    return r;
}

static int open_once(struct daemon *d, int64_t ret_ids[], struct opened *ret, struct error *error)
{
    int r = take_lock(d, error);
    if (r == 0)
        r = store_open(&d->store, d->config->state_directory, STORE_DAEMON, error);
    if (r)
        return r;
    r = use_keys(d, error);
    if (r) {
        store_free(TAKE(d->store));
        return r;
    }
    r = prepare(d, ret_ids, ret);
    if (r == 0)
        r = store_each_webhook(d->store, report_orphans, NULL);
    if (r) {
        error_set(error, ERROR_STORE, "%s", store_why(d->store));
        store_free(TAKE(d->store));
    }
    return r;
}

/* ---- waiting ---- */

static void report_wait(struct daemon *d, int result, const char *why)
{
    if (result == STORE_FULL) {
        event_store_full(why);
    } else {
        AUTOFREE char *who = process_words(store_writer_in(d->config->state_directory));
        event_store_locked(who, 0);
    }
    sd_notifyf(0, "STATUS=Waiting: %s",
               result == STORE_FULL ? "the disk of the store is full"
                                    : "another process holds the write lock of the store");
}

/* Wait until the next try. False: the daemon is to end. */
static bool rest(void)
{
    const struct timespec pause = {.tv_sec = PAUSE_USEC / USEC_PER_SEC};
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGTERM);
    sigaddset(&ends, SIGINT);
    sigprocmask(SIG_BLOCK, &ends, NULL);
    sd_notifyf(0, "EXTEND_TIMEOUT_USEC=%" PRIu64, (uint64_t)EXTEND_USEC);
    return sigtimedwait(&ends, NULL, &pause) < 0;
}

static void report_end_of_wait(int told, uint64_t since_usec)
{
    uint64_t span = clock_boot_usec() - since_usec;
    if (told == STORE_FULL)
        event_store_works_again(span);
    else if (told == STORE_BUSY)
        event_store_unlocked(span);
}

int daemon_open_store(struct daemon *d, int64_t ret_ids[])
{
    struct error error = {0};
    struct opened opened = {0};
    uint64_t begun = clock_boot_usec();
    int told = 0, r;
    while ((r = open_once(d, ret_ids, &opened, &error)) == STORE_FULL || r == STORE_BUSY) {
        if (r == STORE_BUSY && clock_boot_usec() - begun > BUSY_USEC_MAX)
            break;
        if (told != r)
            report_wait(d, r, error.text);
        told = r;
        if (!rest()) {
            event_stopping("a signal, before the store could be used", 0);
            d->exit = DAEMON_EXIT_DONE;
            return r;
        }
    }
    if (r) {
        daemon_report_failure(d, r, error.text);
        d->exit = daemon_exit_for(d, r);
        return r;
    }
    report_end_of_wait(told, begun);
    if (opened.back.happened)
        event_store_went_back((uint64_t)opened.back.notification,
                              (uint64_t)opened.back.notification_before);
    trusted_time_init(&d->time, opened.newest_usec);
    if (opened.recovered)
        event_recovered(opened.recovered);
    return 0;
}
