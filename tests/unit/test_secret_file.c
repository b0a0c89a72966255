/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/durable.h"
#include "base/memory.h"
#include "scratch.h"
#include "spapi/secret_file.h"

#define MSEC(n) ((n)*USEC_PER_MSEC)

static struct secret_file sample(void)
{
    struct secret_file file = {
        .client_id = memory_string("amzn1.client"),
        .issued_usec = MSEC(1700000000001),
        .expires_usec = MSEC(1700000000002),
        .received_usec = MSEC(1700000000003),
        .old_expires_usec = MSEC(1700000000004),
    };
    secret_set(&file.secret, "new=secret", 10);
    secret_set(&file.old, "old", 3);
    return file;
}

static void what_is_written_is_read(void **state)
{
    (void)state;
    char *directory = scratch_new();
    AUTOFREE char *path = memory_format("%s/" SECRET_FILE_NAME, directory);
    struct secret_file file = sample(), read;
    struct error error;
    struct stat is;
    assert_int_equal(secret_file_read(&read, directory, NULL, &error), 1);
    assert_int_equal(secret_file_write(&file, directory, NULL), 0);
    assert_int_equal(stat(path, &is), 0);
    assert_int_equal(is.st_mode & 07777, 0600);
    assert_int_equal(secret_file_read(&read, directory, NULL, &error), 0);
    assert_string_equal(read.client_id, "amzn1.client");
    assert_string_equal(read.secret.data, "new=secret");
    assert_string_equal(read.old.data, "old");
    assert_int_equal(read.issued_usec, file.issued_usec);
    assert_int_equal(read.expires_usec, file.expires_usec);
    assert_int_equal(read.received_usec, file.received_usec);
    assert_int_equal(read.old_expires_usec, file.old_expires_usec);
    secret_file_clear(&read);
    secret_clear(&file.old);
    file.old_expires_usec = 0;
    assert_int_equal(secret_file_write(&file, directory, NULL), 0);
    assert_int_equal(secret_file_read(&read, directory, NULL, &error), 0);
    assert_null(read.old.data);
    secret_file_clear(&read);
    secret_file_clear(&file);
    scratch_remove(directory);
}

static size_t slurp(const char *directory, char *bytes, size_t room)
{
    AUTOFREE char *path = memory_format("%s/" SECRET_FILE_NAME, directory);
    FILE *file = fopen(path, "re");
    assert_non_null(file);
    size_t size = fread(bytes, 1, room - 1, file);
    fclose(file);
    bytes[size] = '\0';
    return size;
}

static void a_sealed_file_opens_with_its_secret_only(void **state)
{
    (void)state;
    char *directory = scratch_new(), bytes[SECRET_FILE_MAX];
    struct secret_file file = sample(), read;
    struct secret configured = {0}, other = {0};
    struct error error;
    secret_set(&configured, "first", 5);
    secret_set(&other, "another", 7);
    assert_int_equal(secret_file_write(&file, directory, &configured), 0);
    size_t size = slurp(directory, bytes, sizeof(bytes));
    assert_null(strstr(bytes, "new=secret"));
    assert_null(strstr(bytes, "amzn1.client"));
    assert_int_equal(secret_file_read(&read, directory, &configured, &error), 0);
    assert_true(read.sealed);
    assert_string_equal(read.secret.data, "new=secret");
    assert_string_equal(read.old.data, "old");
    secret_file_clear(&read);
    assert_int_equal(secret_file_read(&read, directory, &other, &error), SECRET_FILE_LOCKED);
    assert_non_null(strstr(error.text, "sealed with another client_secret"));
    assert_null(read.secret.data);
    secret_file_clear(&read);
    assert_int_equal(secret_file_read(&read, directory, NULL, &error), SECRET_FILE_LOCKED);
    secret_file_clear(&read);
    /* Every byte counts but those of the key's id: with these changed it is another key's. */
    for (size_t i = 0; i < size; i++) {
        char old = bytes[i];
        bytes[i] = old == 'B' ? 'C' : 'B';
        free(scratch_write(directory, SECRET_FILE_NAME, bytes));
        int r = secret_file_read(&read, directory, &configured, &error);
        if (r != -EIO && r != SECRET_FILE_LOCKED)
            fail_msg("byte %zu: %d", i, r);
        assert_null(read.secret.data);
        secret_file_clear(&read);
        bytes[i] = old;
    }
    secret_file_clear(&file);
    secret_clear(&configured);
    secret_clear(&other);
    scratch_remove(directory);
}

static void a_damaged_file_is_refused(void **state)
{
    (void)state;
    static const char *const bad[] = {
        "",
        "client_id=c\nsecret=s\n",
        "client_id=c\nissued=2026-01-11T00:09:53.109Z\n",
        "client_id=c\nsecret=s\nissued=yesterday\n",
        "client_id=c\nsecret=\nissued=2026-01-11T00:09:53.109Z\n",
        "client_id=c\nsecret=s s\nissued=2026-01-11T00:09:53.109Z\n",
        "client_id=c\nsecret=s\nsecret=t\nissued=2026-01-11T00:09:53.109Z\n",
        "client_id=c\nsecret=s\nold_secret=o\nissued=2026-01-11T00:09:53.109Z\n",
        "client_id=c\nsecret=s\nissued=2026-01-11T00:09:53.109Z\nno line end=",
        "client_id=c\nsecret=s\nissued=2026-01-11T00:09:53.109Z\nnothing\n",
    };
    struct secret_file file;
    for (size_t i = 0; i < ELEMENTS(bad); i++) {
        if (secret_file_parse(&file, bad[i], strlen(bad[i])) != -EINVAL)
            fail_msg("taken: %s", bad[i]);
        secret_file_clear(&file);
    }
    const char *later = "client_id=c\nsecret=s\nissued=2026-01-11T00:09:53.109Z\nfuture=x\n";
    assert_int_equal(secret_file_parse(&file, later, strlen(later)), 0);
    secret_file_clear(&file);
}

static void a_file_that_is_no_use_is_named(void **state)
{
    (void)state;
    char *directory = scratch_new();
    AUTOFREE char *path = scratch_write(directory, SECRET_FILE_NAME, "client_id=c\nsecret=hush\n");
    AUTOFREE char *nowhere = memory_format("%s/nothing", directory);
    AUTOFREE char *target = memory_format("%s/target", directory);
    struct secret_file file;
    struct error error;
    assert_int_equal(secret_file_read(&file, directory, NULL, &error), -EIO);
    assert_non_null(strstr(error.text, path));
    assert_non_null(strstr(error.text, "is damaged"));
    assert_null(strstr(error.text, "hush"));
    secret_file_clear(&file);
    assert_int_equal(secret_file_read(&file, nowhere, NULL, &error), 1);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(symlink(target, path), 0);
    assert_int_equal(secret_file_read(&file, directory, NULL, &error), -EIO);
    assert_non_null(strstr(error.text, "cannot be read"));
    scratch_remove(directory);
}

static void a_write_that_fails_keeps_what_was_there(void **state)
{
    (void)state;
    char *directory = scratch_new();
    AUTOFREE char *kept = scratch_write(directory, "x", "before");
    char read[16] = "";
    free(scratch_write(directory, "x.new/file", "")); /* stands where the draft would */
    assert_int_equal(durable_write("/nowhere/at/all", "x", "after", 5), -ENOENT);
    assert_true(durable_write(directory, "x", "after", 5) < 0);
    FILE *file = fopen(kept, "r");
    assert_non_null(fgets(read, sizeof(read), file));
    fclose(file);
    assert_string_equal(read, "before");
    scratch_remove(directory);
}

static void what_a_kill_left_is_replaced_or_removed(void **state)
{
    (void)state;
    char *directory = scratch_new();
    AUTOFREE char *draft = scratch_write(directory, "x.new", "half");
    AUTOFREE char *path = memory_format("%s/x", directory);
    assert_int_equal(durable_write(directory, "x", "after", 5), 0);
    assert_int_equal(access(draft, F_OK), -1);
    assert_int_equal(access(path, F_OK), 0);
    AUTOFREE char *again = scratch_write(directory, "x.new", "half");
    durable_clean(directory, "x");
    assert_int_equal(access(again, F_OK), -1);
    durable_clean(directory, "x");
    scratch_remove(directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(what_is_written_is_read),
        cmocka_unit_test(a_sealed_file_opens_with_its_secret_only),
        cmocka_unit_test(a_damaged_file_is_refused),
        cmocka_unit_test(a_file_that_is_no_use_is_named),
        cmocka_unit_test(a_write_that_fails_keeps_what_was_there),
        cmocka_unit_test(what_a_kill_left_is_replaced_or_removed),
    };
    return cmocka_run_group_tests_name("secret_file", tests, NULL, NULL);
}
