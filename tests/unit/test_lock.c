/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "daemon/lock.h"
#include "daemon/wake.h"
#include "scratch.h"

static char *directory;

static int start(void **state)
{
    (void)state;
    directory = scratch_new();
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(TAKE(directory));
    return 0;
}

static void the_second_one_learns_who_is_first(void **state)
{
    (void)state;
    struct lock lock, second;
    pid_t other = -1;
    assert_int_equal(lock_holder(directory), 0);
    assert_int_equal(lock_take(directory, &lock, &other), 0);
    assert_int_equal(lock_holder(directory), getpid());
    /* Asking does not disturb the lock. */
    assert_int_equal(lock_take(directory, &second, &other), 1);
    assert_int_equal(second.file_fd, -1);
    assert_int_equal(other, getpid());
    lock_drop(&lock);
    assert_int_equal(lock_holder(directory), 0);
    assert_int_equal(lock_take(directory, &lock, &other), 0);
    lock_drop(&lock);
}

static void the_lock_outlives_its_file(void **state)
{
    (void)state;
    struct lock lock, second;
    pid_t other;
    AUTOFREE char *path = memory_format("%s/" LOCK_FILE, directory);
    assert_int_equal(lock_take(directory, &lock, &other), 0);
    assert_int_equal(unlink(path), 0);
    assert_int_equal(lock_take(directory, &second, &other), 1);
    assert_int_equal(other, 0);
    assert_int_equal(lock_holder(directory), -1);
    lock_keep(directory, &lock);
    assert_int_equal(lock_holder(directory), getpid());
    lock_drop(&lock);
    assert_int_equal(lock_holder(directory), 0);
    assert_int_equal(lock_take(directory, &lock, &other), 0);
    lock_drop(&lock);
}

static void death_gives_the_lock_up(void **state)
{
    (void)state;
    struct lock lock;
    int ready[2], status;
    pid_t other;
    assert_int_equal(pipe(ready), 0);
    pid_t child = fork();
    if (child == 0) {
        _exit(lock_take(directory, &lock, &other) == 0 && write(ready[1], "", 1) == 1 ? pause()
                                                                                      : 1);
    }
    char byte;
    close(ready[1]);
    assert_int_equal(read(ready[0], &byte, 1), 1);
    assert_int_equal(lock_holder(directory), child);
    assert_int_equal(lock_take(directory, &lock, &other), 1);
    assert_int_equal(other, child);
    kill(child, SIGKILL);
    assert_int_equal(waitpid(child, &status, 0), child);
    close(ready[0]);
    assert_int_equal(lock_holder(directory), 0);
}

static void no_directory_is_no_daemon(void **state)
{
    (void)state;
    int fd;
    struct lock lock;
    pid_t other;
    assert_int_equal(lock_holder("/nonexistent/x"), 0);
    assert_int_equal(lock_take("/nonexistent/x", &lock, &other), -ENOENT);
    assert_int_equal(wake_send("/nonexistent/x"), 0);
    assert_int_equal(wake_listen("/nonexistent/x", &fd), -ENOENT);
}

static void a_wake_arrives_and_never_blocks(void **state)
{
    (void)state;
    int fd;
    char bytes[8];
    assert_int_equal(wake_send(directory), 0);
    assert_int_equal(wake_listen(directory, &fd), 0);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), -1);
    assert_int_equal(errno, EAGAIN);
    for (int i = 0; i < 5000; i++)
        assert_int_equal(wake_send(directory), 0);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 0);
    close(fd);
    /* The socket stays behind, as after a crash. */
    assert_int_equal(wake_send(directory), 0);
    assert_int_equal(wake_listen(directory, &fd), 0);
    assert_int_equal(wake_send(directory), 0);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 0);
    close(fd);
}

static void long_paths_are_fine(void **state)
{
    (void)state;
    int fd;
    char bytes[8], name[201] = {0};
    memset(name, 'd', 200);
    AUTOFREE char *inside = memory_format("%s/x", name);
    free(scratch_write(directory, inside, ""));
    AUTOFREE char *deep = memory_format("%s/%s", directory, name);
    assert_int_equal(wake_listen(deep, &fd), 0);
    assert_int_equal(wake_send(deep), 0);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 0);
    close(fd);
}

#define TEST(function) cmocka_unit_test_setup_teardown(function, start, end)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(the_second_one_learns_who_is_first),
        TEST(the_lock_outlives_its_file),
        TEST(death_gives_the_lock_up),
        TEST(no_directory_is_no_daemon),
        TEST(a_wake_arrives_and_never_blocks),
        TEST(long_paths_are_fine),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
