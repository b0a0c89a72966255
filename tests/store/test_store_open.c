/* SPDX-License-Identifier: MIT */
/* Opening: what is made, by whom, and what is refused in which words; two processes on one file. */
#include "fixture.h"

#include <fcntl.h>
#include <sqlite3.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

struct place {
    char *directory, *path;
    struct error error;
};

static int make_place(void **state)
{
    struct place *place = NEW(struct place);
    place->directory = fixture_directory();
    place->path = memory_format("%s/%s", place->directory, STORE_FILE);
    *state = place;
    return 0;
}

static int leave_place(void **state)
{
    struct place *place = *state;
    fixture_remove(place->directory);
    free(place->path);
    free(place);
    return 0;
}

static int try_open(struct place *p, enum store_mode mode)
{
    struct store *store = NULL;
    int r = store_open(&store, p->directory, mode, &p->error);
    store_free(store);
    return r;
}

static void make_store(struct place *p)
{
    assert_int_equal(try_open(p, STORE_DAEMON), 0);
}

static void run_sql(struct place *p, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    sqlite3_busy_timeout(db, 10000);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void write_file(const char *path, size_t at, const char *bytes, size_t size)
{
    int file = open(path, O_WRONLY | O_CREAT, 0600);
    assert_true(file >= 0);
    assert_int_equal(pwrite(file, bytes, size, (off_t)at), size);
    close(file);
}

static void the_daemon_makes_a_private_file(void **state)
{
    struct place *p = *state;
    struct stat info;
    mode_t mask = umask(0);
    make_store(p);
    umask(mask);
    assert_int_equal(stat(p->path, &info), 0);
    assert_int_equal(info.st_mode & 0777, 0600);
    assert_int_equal(try_open(p, STORE_COMMAND), 0);
    assert_int_equal(try_open(p, STORE_READER), 0);
    make_store(p);
}

static void commands_make_none(void **state)
{
    struct place *p = *state;
    assert_int_equal(try_open(p, STORE_COMMAND), STORE_MISSING);
    assert_int_equal(try_open(p, STORE_READER), STORE_MISSING);
    assert_non_null(strstr(p->error.text, p->path));
    assert_int_equal(access(p->path, F_OK), -1);
    write_file(p->path, 0, "", 0); /* the daemon died before its first page */
    assert_int_equal(try_open(p, STORE_COMMAND), STORE_MISSING);
    make_store(p);
    assert_int_equal(try_open(p, STORE_COMMAND), 0);
}

static void a_directory_that_is_not_there_is_missing(void **state)
{
    struct place *p = *state;
    struct store *store = NULL;
    assert_int_equal(store_open(&store, "no/such/place", STORE_DAEMON, &p->error), STORE_MISSING);
    assert_non_null(strstr(p->error.text, "no/such/place"));
    assert_null(store);
}

static void a_newer_layout_is_left_alone(void **state)
{
    struct place *p = *state;
    make_store(p);
    run_sql(p, "PRAGMA user_version = 999");
    assert_int_equal(try_open(p, STORE_DAEMON), STORE_NEWER);
    assert_non_null(strstr(p->error.text, "later version"));
    assert_non_null(strstr(p->error.text, p->path));
    assert_int_equal(try_open(p, STORE_COMMAND), STORE_NEWER);
    assert_int_equal(try_open(p, STORE_READER), STORE_NEWER);
}

static void another_programs_database_is_left_alone(void **state)
{
    struct place *p = *state;
    run_sql(p, "CREATE TABLE recipe(name TEXT)");
    assert_int_equal(try_open(p, STORE_DAEMON), STORE_CORRUPT);
    assert_non_null(strstr(p->error.text, "another program"));
    sqlite3 *db;
    sqlite3_stmt *statement;
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db, "PRAGMA journal_mode", -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_string_equal((const char *)sqlite3_column_text(statement, 0), "delete");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void garbage_is_corrupt(void **state)
{
    struct place *p = *state;
    char garbage[8192];
    memset(garbage, 'x', sizeof(garbage));
    write_file(p->path, 0, garbage, sizeof(garbage));
    assert_int_equal(try_open(p, STORE_DAEMON), STORE_CORRUPT);
    assert_non_null(strstr(p->error.text, p->path));
    assert_int_equal(try_open(p, STORE_READER), STORE_CORRUPT);
}

static void damage_is_corrupt(void **state)
{
    struct place *p = *state;
    char garbage[4096];
    make_store(p);
    memset(garbage, 0xff, sizeof(garbage));
    write_file(p->path, 100, garbage, sizeof(garbage) - 100); /* the schema's page */
    assert_int_equal(try_open(p, STORE_DAEMON), STORE_CORRUPT);
}

/* Root may write everywhere, so another user tries. */
static int open_as_nobody(struct place *p, enum store_mode mode)
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        if (geteuid() == 0 && setuid(65534) < 0)
            _exit(99);
        _exit(try_open(p, mode));
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    assert_true(WIFEXITED(status));
    return WEXITSTATUS(status);
}

static void a_directory_that_cannot_be_written_is_readonly(void **state)
{
    struct place *p = *state;
    assert_int_equal(chmod(p->directory, 0555), 0);
    assert_int_equal(open_as_nobody(p, STORE_DAEMON), STORE_READONLY);
    assert_int_equal(chmod(p->directory, 0755), 0);
    make_store(p);
    assert_int_equal(chmod(p->path, 0444), 0);
    assert_int_equal(chmod(p->directory, 0555), 0);
    assert_int_equal(open_as_nobody(p, STORE_DAEMON), STORE_READONLY);
    assert_int_equal(open_as_nobody(p, STORE_COMMAND), STORE_READONLY);
    assert_int_equal(chmod(p->directory, 0755), 0);
}

static void a_file_that_cannot_be_read_is_readonly(void **state)
{
    struct place *p = *state;
    make_store(p);
    assert_int_equal(chmod(p->path, 0), 0);
    assert_int_equal(open_as_nobody(p, STORE_READER), STORE_READONLY);
}

static void a_reader_writes_nothing(void **state)
{
    struct place *p = *state;
    struct store *store = NULL;
    make_store(p);
    assert_int_equal(store_open(&store, p->directory, STORE_READER, &p->error), 0);
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_set_fact(store, "a", "b", "c", "d"), STORE_READONLY);
    store_rollback(store);
    char *value = NULL;
    assert_int_equal(store_begin(store), 0);
    assert_int_equal(store_get_fact(store, "a", "b", "c", &value), 0);
    assert_null(value);
    assert_int_equal(store_commit(store), 0);
    store_free(store);
}

static void the_pragmas_are_set(void **state)
{
    struct place *p = *state;
    sqlite3 *db;
    sqlite3_stmt *statement;
    make_store(p);
    assert_int_equal(sqlite3_open(p->path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_prepare_v2(db,
                                        "SELECT auto_vacuum, page_size, journal_mode FROM"
                                        " pragma_auto_vacuum, pragma_page_size,"
                                        " pragma_journal_mode",
                                        -1, &statement, NULL),
                     SQLITE_OK);
    assert_int_equal(sqlite3_step(statement), SQLITE_ROW);
    assert_int_equal(sqlite3_column_int(statement, 0), 2);
    assert_int_equal(sqlite3_column_int(statement, 1), 4096);
    assert_string_equal((const char *)sqlite3_column_text(statement, 2), "wal");
    sqlite3_finalize(statement);
    sqlite3_close(db);
}

static void another_process_commits_are_noticed(void **state)
{
    struct place *p = *state;
    struct store *daemon = fixture_open(p->directory), *command = NULL;
    int64_t webhook = fixture_webhook(daemon);
    struct claim claim;
    fixture_store(daemon, &(struct sample){"n-1", "o", .webhook = webhook}, NOW);
    assert_int_equal(store_open(&command, p->directory, STORE_COMMAND, &p->error), 0);
    IN(daemon, 0);
    assert_false(store_changed_elsewhere(daemon));
    IN(command, store_pause(command, webhook, "by hand", NOW));
    IN(daemon, 0);
    assert_true(store_changed_elsewhere(daemon));
    assert_false(store_changed_elsewhere(daemon));
    assert_int_equal(fixture_claim(daemon, webhook, NOW, &claim, 1), 0); /* the pause is known */
    IN(command, store_resume(command, webhook, NOW));
    assert_int_equal(fixture_claim(daemon, webhook, NOW, &claim, 1), 1);
    claim_clear(&claim);
    store_free(command);
    store_free(daemon);
}

static void a_writer_finds_the_other_busy(void **state)
{
    struct place *p = *state;
    struct store *daemon = fixture_open(p->directory), *command = NULL;
    assert_int_equal(store_open(&command, p->directory, STORE_COMMAND, &p->error), 0);
    assert_int_equal(store_begin(command), 0);
    assert_int_equal(store_begin(daemon), STORE_BUSY);
    store_rollback(command);
    IN(daemon, 0);
    store_free(command);
    store_free(daemon);
}

/* Accepts `count` notifications with names of its own; waits as long as it takes. */
static int write_many(const char *directory, int process, int count)
{
    struct error error;
    struct store *store = NULL;
    int r;
    do { /* SQLite does not wait for the change to a write-ahead log; the daemon comes again too */
        r = store_open(&store, directory, STORE_DAEMON, &error);
    } while (r == STORE_BUSY);
    for (int i = 0; r == 0 && i < count; i++) {
        char id[32], fact[16];
        struct accept_target target;
        snprintf(id, sizeof(id), "p%d-%d", process, i);
        snprintf(fact, sizeof(fact), "%d", i);
        struct sample sample = {id, "o", .type = id, .webhook = 1};
        struct accept accept = fixture_accept(&sample, &target, NOW);
        do {
            r = store_begin(store);
        } while (r == STORE_BUSY);
        if (r == 0)
            r = store_accept(store, &accept, NOW);
        if (r == 0)
            r = store_set_fact(store, "process", id, "at", fact);
        if (r == 0)
            r = store_commit(store);
    }
    store_free(store);
    return r;
}

/* Both open, create, migrate and write at once, which the daemon's lock file prevents in life. */
static void two_processes_at_once_lose_nothing(void **state)
{
    enum { PROCESSES = 3, COUNT = 60 };
    struct place *p = *state;
    pid_t children[PROCESSES];
    for (int i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        if (children[i] == 0)
            _exit(write_many(p->directory, i, COUNT));
    }
    for (int i = 0; i < PROCESSES; i++) {
        int status;
        assert_int_equal(waitpid(children[i], &status, 0), children[i]);
        assert_int_equal(status, 0);
    }
    struct store *store = fixture_open(p->directory);
    uint64_t accepted;
    IN(store, store_counter(store, "accepted", &accepted));
    assert_int_equal(accepted, PROCESSES * COUNT);
    store_free(store);
    fixture_check(p->path, NULL);
}

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, make_place, leave_place)

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_PLACE(the_daemon_makes_a_private_file),
        IN_PLACE(commands_make_none),
        IN_PLACE(a_directory_that_is_not_there_is_missing),
        IN_PLACE(a_newer_layout_is_left_alone),
        IN_PLACE(another_programs_database_is_left_alone),
        IN_PLACE(garbage_is_corrupt),
        IN_PLACE(damage_is_corrupt),
        IN_PLACE(a_directory_that_cannot_be_written_is_readonly),
        IN_PLACE(a_file_that_cannot_be_read_is_readonly),
        IN_PLACE(a_reader_writes_nothing),
        IN_PLACE(the_pragmas_are_set),
        IN_PLACE(another_process_commits_are_noticed),
        IN_PLACE(a_writer_finds_the_other_busy),
        IN_PLACE(two_processes_at_once_lose_nothing),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
