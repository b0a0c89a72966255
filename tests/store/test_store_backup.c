/* SPDX-License-Identifier: MIT */
/* Copies of a store, and what is found wrong with one. */
#include "fixture.h"

#include <fcntl.h>
#include <signal.h>
#include <sqlite3.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/text.h"
#include "store/backup.h"

static void note(const char *text, void *userdata)
{
    text_append_string(userdata, text);
    text_append_char(userdata, '\n');
}

/* What store_check says of the store in a directory. The caller frees it. */
static char *problems_of(const char *directory)
{
    struct store *store = NULL;
    struct error error = {0};
    struct text text = {0};
    text_append_string(&text, "");
    int r = store_open(&store, directory, STORE_READER, &error);
    if (r)
        note(error.text, &text);
    else
        fixture_ok(store, store_check(store, note, &text), "check", __LINE__);
    store_free(store);
    return text_take(&text);
}

static void run_sql(const char *path, const char *sql)
{
    sqlite3 *db;
    assert_int_equal(sqlite3_open(path, &db), SQLITE_OK);
    assert_int_equal(sqlite3_exec(db, sql, NULL, NULL, NULL), SQLITE_OK);
    sqlite3_close(db);
}

static void accept_some(struct shop *shop, int from, int to)
{
    for (int i = from; i < to; i++) {
        AUTOFREE char *id = memory_format("n-%d", i);
        struct sample sample = {.id = id, .order = id, .webhook = shop->webhook};
        fixture_store(shop->store, &sample, NOW);
    }
}

/* The copy is opened in a directory of its own, as a restore does it. */
static void a_copy_is_the_store_of_that_moment(void **state)
{
    struct shop *shop = *state;
    struct error error = {0};
    struct store *reader = NULL, *copy = NULL;
    char *directory = fixture_directory();
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, directory);
    struct stat info;

    accept_some(shop, 0, 50);
    assert_int_equal(store_open(&reader, shop->directory, STORE_READER, &error), 0);
    assert_int_equal(store_backup(reader, path, &error), 0);
    store_free(reader);
    accept_some(shop, 50, 60);

    assert_int_equal(stat(path, &info), 0);
    assert_int_equal(info.st_mode & 07777, 0600);
    AUTOFREE char *problems = problems_of(directory);
    assert_string_equal(problems, "");
    copy = fixture_open(directory);
    assert_int_equal(fixture_count(copy, shop->webhook, DELIVERY_READY), 50);
    accept_some(&(struct shop){.store = copy, .webhook = shop->webhook}, 50, 60);
    store_free(copy);
    fixture_check(path, NULL);
    fixture_remove(directory);
}

static void nothing_is_overwritten_or_left(void **state)
{
    struct shop *shop = *state;
    struct error error = {0};
    AUTOFREE char *taken = memory_format("%s/taken", shop->directory);
    AUTOFREE char *nowhere = memory_format("%s/nowhere/x", shop->directory);
    FILE *file = fopen(taken, "w");
    fputs("mine", file);
    fclose(file);

    assert_int_not_equal(store_backup(shop->store, taken, &error), 0);
    assert_non_null(strstr(error.text, "is there already"));
    struct stat info;
    assert_int_equal(stat(taken, &info), 0);
    assert_int_equal(info.st_size, 4);
    assert_int_not_equal(store_backup(shop->store, nowhere, &error), 0);
    assert_non_null(strstr(error.text, "No such file or directory"));
    unlink(taken);
}

static void a_full_disk_leaves_nothing(void **state)
{
    struct shop *shop = *state;
    struct error error = {0};
    struct rlimit whole, little;
    char *directory = fixture_directory();
    AUTOFREE char *path = memory_format("%s/copy", directory);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &whole), 0);
    little = (struct rlimit){.rlim_cur = 8192, .rlim_max = whole.rlim_max};
    signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &little), 0);
    int r = store_backup(shop->store, path, &error);
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &whole), 0);
    signal(SIGXFSZ, SIG_DFL);
    assert_int_not_equal(r, 0);
    assert_non_null(strstr(error.text, path));
    /* Nothing in it: it can be removed. */
    assert_int_equal(rmdir(directory), 0);
    free(directory);
}

static void what_is_not_ours_is_named(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *path = memory_format("%s/" STORE_FILE, shop->directory);
    AUTOFREE char *fine = problems_of(shop->directory);
    assert_string_equal(fine, "");
    run_sql(path, "CREATE TABLE extra(x); DROP INDEX delivery_due;"
                  "CREATE INDEX delivery_due ON delivery(next); DROP INDEX delivery_aside;");
    AUTOFREE char *problems = problems_of(shop->directory);
    assert_string_equal(problems, "index delivery_aside is missing\n"
                                  "index delivery_due is not made as this version makes it\n"
                                  "table extra is not one of Dockbell's\n");
    run_sql(path, "DROP TABLE extra; DROP INDEX delivery_due;"
                  "CREATE INDEX delivery_due ON delivery(webhook, retry, next) WHERE state = 1;"
                  "CREATE INDEX delivery_aside ON delivery(webhook, state) WHERE place = 2;");
}

/* Damage in a page of a table, which opening the file does not notice. */
static void damage_is_found(void **state)
{
    struct shop *shop = *state;
    struct error error = {0};
    char *directory = fixture_directory();
    AUTOFREE char *copy = memory_format("%s/" STORE_FILE, directory);
    accept_some(shop, 0, 200);
    assert_int_equal(store_backup(shop->store, copy, &error), 0);
    struct stat info;
    assert_int_equal(stat(copy, &info), 0);
    int file = open(copy, O_WRONLY);
    char noise[2048];
    memset(noise, 0xa5, sizeof(noise));
    for (off_t at = info.st_size / 2; at < info.st_size; at += 4096)
        assert_int_equal(pwrite(file, noise, sizeof(noise), at), sizeof(noise));
    close(file);
    AUTOFREE char *problems = problems_of(directory);
    assert_string_not_equal(problems, "");
    fixture_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(a_copy_is_the_store_of_that_moment),
        IN_SHOP(nothing_is_overwritten_or_left),
        IN_SHOP(a_full_disk_leaves_nothing),
        IN_SHOP(what_is_not_ours_is_named),
        IN_SHOP(damage_is_found),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
