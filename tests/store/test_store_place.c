/* SPDX-License-Identifier: MIT */
/* The open files are deleted, replaced, moved or overwritten: store_look notices, store_save brings
 * everything to a place where it is found. */
#include "fixture.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/backup.h"
#include "store/place.h"

static char *beside(const struct shop *shop, const char *name)
{
    return memory_format("%s/%s", shop->directory, name);
}

static int look(struct shop *shop)
{
    return store_look(shop->store);
}

static void add(struct shop *shop, const char *id)
{
    fixture_store(shop->store, &(struct sample){.id = id, .webhook = shop->webhook}, NOW);
}

static void remove_one(struct shop *shop, const char *name)
{
    AUTOFREE char *path = beside(shop, name);
    assert_int_equal(unlink(path), 0);
}

/* Writes the bytes of one file into another one, as cp does: the inode stays. */
static void copy_over(const char *from, const char *to)
{
    char bytes[4096];
    ssize_t size;
    int in = open(from, O_RDONLY), out = open(to, O_WRONLY | O_TRUNC);
    assert_true(in >= 0 && out >= 0);
    while ((size = read(in, bytes, sizeof(bytes))) > 0)
        assert_int_equal(write(out, bytes, (size_t)size), size);
    close(in);
    close(out);
}

static void replace_store(struct shop *shop)
{
    store_free(shop->store);
    shop->store = fixture_open(shop->directory);
    shop->webhook = fixture_webhook(shop->store);
}

static uint64_t ready(struct shop *shop)
{
    return fixture_count(shop->store, shop->webhook, DELIVERY_READY);
}

static char *save(struct shop *shop)
{
    struct error error;
    char *path = NULL;
    fixture_ok(shop->store, store_save(shop->store, NULL, &path, &error), "save", __LINE__);
    return path;
}

static void our_own_work_is_none(void **state)
{
    struct shop *shop = *state;
    char id[32];
    for (unsigned i = 0; i < 3000; i++) {
        snprintf(id, sizeof(id), "id-%u", i);
        add(shop, id);
        fixture_ok(shop->store, look(shop), "look", __LINE__);
        if (i % 50 == 0)
            fixture_ok(shop->store, store_checkpoint(shop->store), "checkpoint", __LINE__);
    }
    assert_true(store_checkpoints(shop->store) > 1);
}

/* Another process's checkpoint is SQLite's too, however often it comes. */
static void a_command_is_none(void **state)
{
    struct shop *shop = *state;
    struct error error;
    struct store *command = NULL;
    char id[32];
    for (unsigned i = 0; i < 20; i++) {
        assert_int_equal(store_open(&command, shop->directory, STORE_COMMAND, &error), 0);
        for (unsigned k = 0; k < 100; k++) {
            snprintf(id, sizeof(id), "id-%u-%u", i, k);
            fixture_store(command, &(struct sample){.id = id, .webhook = shop->webhook}, NOW);
        }
        store_free(command);
        fixture_ok(shop->store, look(shop), "look", __LINE__);
        add(shop, id);
        fixture_ok(shop->store, look(shop), "look", __LINE__);
    }
}

static void deleted_files_are_made_again(void **state)
{
    struct shop *shop = *state;
    add(shop, "a");
    remove_one(shop, STORE_FILE);
    remove_one(shop, STORE_FILE "-wal");
    remove_one(shop, STORE_FILE "-shm");
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_REMOVED);
    assert_non_null(strstr(store_why(shop->store), "was deleted"));
    add(shop, "b");
    free(save(shop));
    replace_store(shop);
    assert_int_equal(ready(shop), 2);
}

/* The log that stayed behind holds pages of another file than the one that is made. */
static void a_log_left_behind_spoils_nothing(void **state)
{
    struct shop *shop = *state;
    add(shop, "a");
    remove_one(shop, STORE_FILE);
    assert_int_equal(look(shop), STORE_LOST);
    free(save(shop));
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
}

static void a_deleted_directory_is_made_again(void **state)
{
    struct shop *shop = *state;
    add(shop, "a");
    remove_one(shop, STORE_FILE);
    remove_one(shop, STORE_FILE "-wal");
    remove_one(shop, STORE_FILE "-shm");
    remove_one(shop, "numbers");
    assert_int_equal(rmdir(shop->directory), 0);
    assert_int_equal(look(shop), STORE_LOST);
    free(save(shop));
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
}

static void a_spare_place_is_used_where_the_directory_cannot_be_made(void **state)
{
    struct shop *shop = *state;
    struct error error;
    AUTOFREE char *gone = memory_format("%s-gone", shop->directory);
    AUTOFREE char *spare = fixture_directory();
    char *path = NULL;
    add(shop, "a");
    remove_one(shop, STORE_FILE);
    assert_int_equal(rename(shop->directory, gone), 0);
    int file = open(shop->directory, O_CREAT | O_WRONLY, 0600); /* no directory can be made here */
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_REMOVED);
    assert_int_equal(store_save(shop->store, NULL, &path, &error), -EIO);
    fixture_ok(shop->store, store_save(shop->store, spare, &path, &error), "save", __LINE__);
    assert_ptr_equal(strstr(path, spare), path);
    close(file);
    assert_int_equal(unlink(shop->directory), 0);
    assert_int_equal(rename(gone, shop->directory), 0);
    store_free(shop->store);
    AUTOFREE char *place = beside(shop, STORE_FILE);
    assert_int_equal(rename(path, place), 0);
    remove_one(shop, STORE_FILE "-wal");
    free(path);
    fixture_remove(TAKE(spare));
    shop->store = fixture_open(shop->directory);
    assert_int_equal(ready(shop), 1);
}

/* A backup with one notification, while the store has two. */
static char *make_backup(struct shop *shop)
{
    struct error error;
    char *backup = beside(shop, "backup");
    add(shop, "a");
    assert_int_equal(store_backup(shop->store, backup, &error), 0);
    add(shop, "b");
    return backup;
}

static void expect_both(struct shop *shop, const char *saved)
{
    AUTOFREE char *database = beside(shop, STORE_FILE);
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
    store_free(shop->store);
    assert_int_equal(rename(saved, database), 0);
    shop->store = fixture_open(shop->directory);
    assert_int_equal(ready(shop), 2);
}

static void a_file_in_its_place_is_left_there(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *backup = make_backup(shop), *database = beside(shop, STORE_FILE);
    assert_int_equal(rename(backup, database), 0);
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_REPLACED);
    AUTOFREE char *saved = save(shop);
    expect_both(shop, saved);
}

static void a_file_copied_over_it_is_left_there(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *backup = make_backup(shop), *database = beside(shop, STORE_FILE);
    fixture_ok(shop->store, look(shop), "look", __LINE__);
    copy_over(backup, database);
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_OVERWRITTEN);
    free(save(shop));
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
}

static void a_moved_directory_holds_everything(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *moved = memory_format("%s-moved", shop->directory);
    add(shop, "a");
    assert_int_equal(rename(shop->directory, moved), 0);
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_MOVED);
    free(save(shop));
    assert_int_equal(rename(moved, shop->directory), 0);
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
}

/* The new place has its own store: nothing there is touched. */
static void another_store_at_its_path_is_left_alone(void **state)
{
    struct shop *shop = *state;
    AUTOFREE char *moved = memory_format("%s-moved", shop->directory);
    AUTOFREE char *log = beside(shop, STORE_FILE "-wal");
    struct stat before, after;
    add(shop, "a");
    assert_int_equal(rename(shop->directory, moved), 0);
    assert_int_equal(mkdir(shop->directory, 0700), 0);
    struct store *other = fixture_open(shop->directory);
    fixture_webhook(other);
    assert_int_equal(stat(log, &before), 0);
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_MOVED);
    free(save(shop));
    store_free(shop->store);
    assert_int_equal(stat(log, &after), 0);
    assert_int_equal(after.st_ino, before.st_ino);
    store_free(other);
    fixture_remove(memory_string(shop->directory));
    assert_int_equal(rename(moved, shop->directory), 0);
    shop->store = fixture_open(shop->directory);
    assert_int_equal(ready(shop), 1);
}

static void lose_file(struct shop *shop, const char *name)
{
    add(shop, "a");
    remove_one(shop, name);
    assert_int_equal(look(shop), STORE_LOST);
    assert_int_equal(store_loss(shop->store), STORE_LOG_LOST);
    free(save(shop));
    replace_store(shop);
    assert_int_equal(ready(shop), 1);
}

static void a_deleted_log_is_written_into_the_database(void **state)
{
    lose_file(*state, STORE_FILE "-wal");
}

static void a_deleted_index_ends_the_store_too(void **state)
{
    lose_file(*state, STORE_FILE "-shm");
}

/* Not a test of speed: prints what a look costs. */
static void a_look_is_cheap(void **state)
{
    struct shop *shop = *state;
    const unsigned times = 20000;
    uint64_t begun = clock_boot_usec();
    for (unsigned i = 0; i < times; i++)
        assert_int_equal(look(shop), 0);
    print_message("%.2f us per look\n", (double)(clock_boot_usec() - begun) / times);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        IN_SHOP(our_own_work_is_none),
        IN_SHOP(a_command_is_none),
        IN_SHOP(deleted_files_are_made_again),
        IN_SHOP(a_log_left_behind_spoils_nothing),
        IN_SHOP(a_deleted_directory_is_made_again),
        IN_SHOP(a_spare_place_is_used_where_the_directory_cannot_be_made),
        IN_SHOP(a_file_in_its_place_is_left_there),
        IN_SHOP(a_file_copied_over_it_is_left_there),
        IN_SHOP(a_moved_directory_holds_everything),
        IN_SHOP(another_store_at_its_path_is_left_alone),
        IN_SHOP(a_deleted_log_is_written_into_the_database),
        IN_SHOP(a_deleted_index_ends_the_store_too),
        IN_SHOP(a_look_is_cheap),
    };
    return cmocka_run_group_tests_name("store place", tests, NULL, NULL);
}
