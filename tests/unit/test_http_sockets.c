/* SPDX-License-Identifier: MIT */
/* The table of curl's descriptors where their numbers are used again behind its back. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "../../src/wire/http_sockets.h"
#include "base/memory.h"

#define NUMBER 100 /* the number that all descriptors of a test have, one after the other */

struct world {
    struct http_sockets sockets;
    int other; /* the other end of the connection that has the number now, -1: none */
};

static int setup(void **state)
{
    struct world *world = NEW(struct world);
    world->other = -1;
    *state = world;
    return http_sockets_init(&world->sockets);
}

static void close_number(struct world *world)
{
    close(NUMBER);
    if (world->other >= 0)
        close(world->other);
    world->other = -1;
}

static int teardown(void **state)
{
    struct world *world = *state;
    close_number(world);
    http_sockets_done(&world->sockets);
    free(world);
    return 0;
}

/* A connection with the number, which stands. */
static void connect_number(struct world *world)
{
    int ends[2];
    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, ends), 0);
    assert_int_equal(dup2(ends[0], NUMBER), NUMBER);
    close(ends[0]);
    world->other = ends[1];
}

static void open_number(struct world *world)
{
    connect_number(world);
    http_sockets_opened(&world->sockets, NUMBER);
}

/* The events that the kernel reports now; 0: none. */
static uint32_t reported(struct world *world)
{
    struct epoll_event event = {0};
    int count = epoll_wait(world->sockets.epoll_fd, &event, 1, 0);
    assert_true(count >= 0);
    if (count)
        assert_int_equal(event.data.fd, NUMBER);
    return count ? event.events : 0;
}

static void assert_dead(void)
{
    char byte;
    assert_int_equal(recv(NUMBER, &byte, 1, MSG_PEEK), 0);
}

static void assert_alive(struct world *world)
{
    char byte = 0;
    assert_int_equal(write(world->other, "x", 1), 1);
    assert_int_equal(read(NUMBER, &byte, 1), 1);
    assert_int_equal(byte, 'x');
}

static void closed_without_a_word(void **state)
{
    struct world *world = *state;
    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLOUT);
    assert_int_equal(reported(world), EPOLLOUT);
    close_number(world);
    http_sockets_want(&world->sockets, NUMBER, 0);
    /* The next with the number is a name's lookup, whose opening and closing are not reported. */
    for (int i = 0; i < 3; i++) {
        connect_number(world);
        http_sockets_want(&world->sockets, NUMBER, EPOLLIN);
        assert_int_equal(write(world->other, "x", 1), 1);
        assert_int_equal(reported(world), EPOLLIN);
        assert_true(http_sockets_arrived(&world->sockets, NUMBER));
        http_sockets_want(&world->sockets, NUMBER, 0);
        assert_int_equal(reported(world), 0);
        close_number(world);
    }
}

static void the_next_attempt_has_the_same_number(void **state)
{
    struct world *world = *state;
    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLOUT);
    close_number(world);
    open_number(world);
    /* curl wants the same of it and does not repeat that. */
    assert_int_equal(reported(world), EPOLLOUT);
    http_sockets_want(&world->sockets, NUMBER, EPOLLIN);
    http_sockets_want(&world->sockets, NUMBER, 0);
    assert_alive(world);
}

static void a_lookup_has_the_number_of_a_failed_attempt(void **state)
{
    struct world *world = *state;
    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLOUT);
    close_number(world);
    connect_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLIN);
    assert_int_equal(write(world->other, "x", 1), 1);
    assert_int_equal(reported(world), EPOLLIN);
    /* It is no connection that could be kept. */
    http_sockets_want(&world->sockets, NUMBER, 0);
    assert_int_equal(reported(world), 0);
}

static void opened_and_closed_at_once(void **state)
{
    struct world *world = *state;
    open_number(world);
    close_number(world);
    for (int i = 0; i < 3; i++) {
        connect_number(world);
        http_sockets_want(&world->sockets, NUMBER, EPOLLIN);
        assert_int_equal(write(world->other, "x", 1), 1);
        assert_int_equal(reported(world), EPOLLIN);
        http_sockets_want(&world->sockets, NUMBER, 0);
        close_number(world);
    }
}

/* Neither a stray wish nor the end of old connections may reach a file of somebody else's. */
static void the_number_belongs_to_another(void **state)
{
    struct world *world = *state;
    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLOUT);
    http_sockets_renew(&world->sockets);
    close_number(world);
    connect_number(world);
    http_sockets_want(&world->sockets, NUMBER, 0);
    assert_alive(world);
    http_sockets_renew(&world->sockets);
    http_sockets_arrived(&world->sockets, NUMBER);
    assert_alive(world);
}

static void between_two_requests(struct world *world)
{
    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLIN | EPOLLOUT);
    http_sockets_want(&world->sockets, NUMBER, 0);
    assert_int_equal(reported(world), 0);
}

static void what_arrives_between_two_requests_ends_the_connection(void **state)
{
    struct world *world = *state;
    between_two_requests(world);
    assert_int_equal(write(world->other, "alert", 5), 5);
    assert_int_equal(reported(world), EPOLLIN);
    assert_false(http_sockets_arrived(&world->sockets, NUMBER));
    assert_dead();
    char byte;
    assert_true(read(world->other, &byte, 1) <= 0); /* it is closed for the other side, too */
    assert_int_equal(reported(world), 0);
    http_sockets_closing(&world->sockets, NUMBER);
}

static void renewed(void **state)
{
    struct world *world = *state;
    between_two_requests(world);
    http_sockets_renew(&world->sockets);
    assert_dead();
    http_sockets_closing(&world->sockets, NUMBER);
    close_number(world);

    open_number(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLIN);
    http_sockets_renew(&world->sockets); /* in the middle of a request */
    assert_alive(world);
    http_sockets_want(&world->sockets, NUMBER, EPOLLOUT);
    assert_alive(world);
    http_sockets_want(&world->sockets, NUMBER, 0);
    assert_dead();
    http_sockets_closing(&world->sockets, NUMBER);
    close_number(world);

    between_two_requests(world);
    assert_alive(world);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(closed_without_a_word, setup, teardown),
        cmocka_unit_test_setup_teardown(the_next_attempt_has_the_same_number, setup, teardown),
        cmocka_unit_test_setup_teardown(a_lookup_has_the_number_of_a_failed_attempt, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(opened_and_closed_at_once, setup, teardown),
        cmocka_unit_test_setup_teardown(the_number_belongs_to_another, setup, teardown),
        cmocka_unit_test_setup_teardown(what_arrives_between_two_requests_ends_the_connection,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(renewed, setup, teardown),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
