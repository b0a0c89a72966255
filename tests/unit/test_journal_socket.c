/* SPDX-License-Identifier: MIT */
/* A journald that reads, one that does not, and one that comes back. */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/journal/journal_socket.h"
#include "base/clock.h"
#include "base/memory.h"
#include "scratch.h"

/* More than any queue of datagrams holds (net.unix.max_dgram_qlen). */
#define MANY 100000

static char *directory, *path;

static int listen_here(void)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
    snprintf(address.sun_path, sizeof(address.sun_path), "%s", path);
    assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
    return fd;
}

static int send_text(const char *message, bool important)
{
    struct iovec parts[] = {{(char *)message, strlen(message)}, {"PRIORITY=6", 10}};
    return journal_socket_send(parts, ELEMENTS(parts), important);
}

static int send_one(void)
{
    return send_text("MESSAGE=hello", false);
}

static int start(void **state)
{
    (void)state;
    directory = scratch_new();
    path = memory_format("%s/socket", directory);
    journal_socket_path = path;
    return 0;
}

static int end(void **state)
{
    (void)state;
    scratch_remove(TAKE(directory));
    free(TAKE(path));
    return 0;
}

static void nobody_waits_for_a_journald_that_does_not_read(void **state)
{
    (void)state;
    char bytes[128];
    assert_int_equal(send_one(), -ENOENT);
    int fd = listen_here(), r = 0;
    assert_int_equal(send_one(), 0);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 25);
    assert_memory_equal(bytes, "MESSAGE=hello\nPRIORITY=6\n", 25);
    for (int i = 0; i < MANY && r == 0; i++)
        r = send_one();
    assert_int_equal(r, -EAGAIN);
    /* Now it is known: none of these waits. */
    uint64_t begun = clock_boot_usec();
    for (int i = 0; i < 1000; i++)
        assert_int_equal(send_one(), -EAGAIN);
    assert_true(clock_boot_usec() - begun < 1000 * JOURNAL_SOCKET_WAIT_MS * USEC_PER_MSEC);
    assert_int_equal(recv(fd, bytes, sizeof(bytes), 0), 25);
    assert_int_equal(send_one(), 0);
    close(fd);
    assert_int_equal(unlink(path), 0);
    fd = listen_here(); /* made anew */
    assert_int_equal(send_one(), 0);
    close(fd);
}

/* Reads until the wanted entry has come; the entries before it are `hello`. */
static void expect(int fd, const char *wanted)
{
    char bytes[128];
    for (;;) {
        ssize_t size = recv(fd, bytes, sizeof(bytes) - 1, MSG_DONTWAIT);
        assert_true(size > 0);
        bytes[size] = '\0';
        if (strcmp(bytes, "MESSAGE=hello\nPRIORITY=6\n") != 0)
            break;
    }
    assert_string_equal(bytes, wanted);
}

static void important_entries_come_later_and_first(void **state)
{
    (void)state;
    int fd = listen_here();
    while (send_one() == 0)
        continue;
    assert_int_equal(send_text("MESSAGE=disk", true), 0);
    assert_int_equal(send_text("MESSAGE=lock", true), 0);
    assert_int_equal(send_one(), -EAGAIN);
    char bytes[128];
    while (recv(fd, bytes, sizeof(bytes), MSG_DONTWAIT) > 0)
        continue;
    assert_int_equal(send_text("MESSAGE=last", false), 0);
    expect(fd, "MESSAGE=disk\nPRIORITY=6\n");
    expect(fd, "MESSAGE=lock\nPRIORITY=6\n");
    expect(fd, "MESSAGE=last\nPRIORITY=6\n");
    close(fd);
    assert_int_equal(unlink(path), 0);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(important_entries_come_later_and_first, start, end),
        cmocka_unit_test_setup_teardown(nobody_waits_for_a_journald_that_does_not_read, start, end),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
