/* SPDX-License-Identifier: MIT */
/* A store file that somebody has changed, as root's commands and the daemon read it. Nothing that
 * stands in it reaches a terminal unescaped, and nothing but a result comes of it. */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"
#include "base/text.h"
#include "cli/cli.h"
#include "fake_clock.h"
#include "must.h"
#include "scratch.h"
#include "stock.h"
#include "store/store.h"

#define WORDS_MAX 16 /* of a command line */
#define NOW       (1700000000ULL * USEC_PER_SEC)

static struct {
    char *directory, *option, *path;
    char *whole; /* the file as the daemon left it */
    size_t size;
} world;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int journal_socket_send(const struct iovec iov[], size_t n, bool important);

/* Stands in for journald's socket. */
int journal_socket_send(const struct iovec iov[], size_t n, bool important)
{
    (void)iov, (void)n, (void)important;
    return 0;
}

static void clean_up(void)
{
    free(world.option);
    free(world.path);
    free(world.whole);
    scratch_remove(world.directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    struct stat info;
    (void)argc, (void)argv;
    AUTOFREE char *config = NULL;
    world.directory = stock_new(&config);
    world.option = memory_format("--config=%s", config);
    world.path = memory_format("%s/" STORE_FILE, world.directory);
    int file = open(world.path, O_RDONLY | O_CLOEXEC);
    must(file >= 0 && fstat(file, &info) == 0);
    world.size = (size_t)info.st_size;
    world.whole = memory_new(world.size);
    must(read(file, world.whole, world.size) == info.st_size);
    close(file);
    return atexit(clean_up);
}

/* ---- the file ---- */

/* Each patch is three bytes of place, one of size, and so many bytes. Places are taken modulo the
 * file's size. */
static void patch(char *file, const uint8_t *data, size_t size)
{
    while (size > 4) {
        size_t at = ((size_t)data[0] << 16 | (size_t)data[1] << 8 | data[2]) % world.size;
        size_t count = data[3];
        data += 4, size -= 4;
        if (count > size)
            count = size;
        if (count > world.size - at)
            count = world.size - at;
        memcpy(file + at, data, count);
        data += count, size -= count;
    }
}

static void write_file(const uint8_t *data, size_t size)
{
    AUTOFREE char *bytes = memory_copy(world.whole, world.size);
    patch(bytes, data, size);
    AUTOFREE char *log = memory_format("%s-wal", world.path);
    AUTOFREE char *index = memory_format("%s-shm", world.path);
    unlink(log);
    unlink(index);
    int file = open(world.path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    must(file >= 0 && write(file, bytes, world.size) == (ssize_t)world.size);
    close(file);
}

/* ---- commands ---- */

static void check_output(const char *bytes, size_t size)
{
    must(text_is_utf8(bytes, size));
    for (size_t i = 0; i < size; i++)
        must((unsigned char)bytes[i] >= ' ' || bytes[i] == '\n' || bytes[i] == '\t');
    for (size_t i = 0; i + 1 < size; i++)
        must(bytes[i] != 0x7f &&
             ((unsigned char)bytes[i] != 0xc2 || (unsigned char)bytes[i + 1] >= 0xa0));
}

static void run(const char *line)
{
    char *out = NULL, *argv[WORDS_MAX] = {NULL}, *rest = NULL;
    size_t size;
    int argc = 0;
    AUTOFREE char *words = memory_format("dockbell %s", line);
    FILE *old_out = stdout, *old_err = stderr;
    for (char *word = strtok_r(words, " ", &rest); word; word = strtok_r(NULL, " ", &rest))
        argv[argc++] = word;
    argv[argc++] = world.option;
    stdout = stderr = open_memstream(&out, &size);
    int status = cli_main(argc, argv);
    fclose(stdout);
    stdout = old_out;
    stderr = old_err;
    must(status >= 0 && status <= 2);
    check_output(out, size);
    free(out);
}

/* ---- the daemon ---- */

static void count_row(const struct list_row *row, void *userdata)
{
    (void)row;
    ++*(unsigned *)userdata;
}

/* Give each claimed delivery one of the outcomes. */
static void settle_all(struct store *store, struct claim *claims, size_t count)
{
    static const enum delivery_state outcomes[] = {DELIVERY_DELIVERED, DELIVERY_READY,
                                                   DELIVERY_DEAD};
    for (size_t i = 0; i < count; i++) {
        struct settle settle = {
            .delivery = claims[i].delivery,
            .attempt = claims[i].attempt,
            .to = outcomes[i % ELEMENTS(outcomes)],
            .cause = DEAD_REFUSED,
        };
        must(claims[i].body);
        if (i + 1 == count)
            (void)store_unclaim(store, claims[i].delivery, claims[i].attempt, NOW);
        else
            (void)store_settle(store, &settle, NOW);
        claim_clear(&claims[i]);
    }
}

/* Move everything that can move. */
static void work(struct store *store, int64_t webhook)
{
    struct claim claims[8];
    struct claim_query query = {
        .webhook = webhook, .now_usec = INT64_MAX, .first = 4, .retries = 4, .bytes = 1 << 20};
    size_t count;
    if (store_recover(store, NOW, &count))
        return;
    if (store_claim(store, &query, claims, &count) == 0)
        settle_all(store, claims, count);
}

/* What a start reads, and the turns after it. */
static void look_around(struct store *store)
{
    struct list_query query = {.states = UINT32_MAX, .limit = 100};
    unsigned rows = 0;
    uint64_t number;
    int64_t webhook = 0;
    if (store_begin(store))
        return;
    if (store_set_webhooks(store, (const char *[]){"wms"}, 1, &webhook) == 0)
        work(store, webhook);
    (void)store_next_due(store, webhook, &number);
    (void)store_waiting(store, &number);
    (void)store_backlog(store, &number);
    (void)store_newest_usec(store, &number);
    (void)store_list(store, &query, count_row, &rows);
    must(rows <= query.limit);
    (void)store_commit(store);
}

static void run_daemon(void)
{
    struct store *store = NULL;
    struct store_step_back back;
    struct error error = {0};
    if (store_open(&store, world.directory, STORE_DAEMON, &error)) {
        must(error.text[0]); /* the journal escapes it */
        return;
    }
    store_step_back(store, &back);
    look_around(store);
    store_free(store);
}

/* Input: which commands (a byte), patches. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static const char *const lines[] = {
        "status",         "status --output=json",        "queue list --state=all",
        "queue show 1 4", "queue list --output=json",    "queue show --output=json 1 2 3 6 7",
        "check --store",  "check --store --output=json",
    };
    if (size == 0)
        return 0;
    write_file(data + 1, size - 1);
    unsigned which = data[0] % (ELEMENTS(lines) + 1);
    if (which == ELEMENTS(lines))
        run_daemon();
    else
        run(lines[which]);
    return 0;
}
