/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "relay/room.h"

static void gives_what_is_asked_for_while_there_is_room(void **state)
{
    struct receive_room room;
    (void)state;
    receive_room_init(&room);
    assert_int_equal(receive_room_afford(&room, 10), 10);
    room.expected = ROOM_BYTES_MAX - 4 * room.mean;
    assert_int_equal(receive_room_afford(&room, 10), 4);
    room.held = 3 * room.mean;
    assert_int_equal(receive_room_afford(&room, 10), 1);
    room.held = 4 * room.mean;
    assert_int_equal(receive_room_afford(&room, 10), 0);
    room.held = 2 * ROOM_BYTES_MAX;
    assert_int_equal(receive_room_afford(&room, 10), 0);
}

static void one_message_always_fits_into_an_empty_room(void **state)
{
    struct receive_room room;
    (void)state;
    receive_room_init(&room);
    room.mean = 2 * ROOM_BYTES_MAX;
    assert_int_equal(receive_room_afford(&room, 10), 1);
    room.held = 1;
    assert_int_equal(receive_room_afford(&room, 10), 0);
}

static void closed_and_full_are_no_room(void **state)
{
    struct receive_room room;
    (void)state;
    receive_room_init(&room);
    room.closed = true;
    assert_int_equal(receive_room_afford(&room, 10), 0);
    room.closed = false;
    room.full = true;
    assert_int_equal(receive_room_afford(&room, 10), 0);
}

static void is_served_by_what_is_on_its_way(void **state)
{
    struct receive_room room;
    (void)state;
    receive_room_init(&room);
    room.held = room.expected = ROOM_BYTES_MAX;
    assert_false(receive_room_is_served(&room)); /* all is wanted */
    room.wanted = 30;
    room.held = 10 * room.mean;
    room.expected = 10 * room.mean;
    assert_false(receive_room_is_served(&room));
    room.expected++;
    room.wanted = 29;
    assert_true(receive_room_is_served(&room));
}

static void the_mean_rises_at_once_and_falls_slowly(void **state)
{
    struct receive_room room;
    (void)state;
    receive_room_init(&room);
    size_t first = room.mean;
    receive_room_learn(&room, 0, 0);
    assert_int_equal(room.mean, first);
    receive_room_learn(&room, 10 * 100000, 10);
    assert_int_equal(room.mean, 100000);
    receive_room_learn(&room, 10 * 1600, 10);
    assert_in_range(room.mean, 90000, 99000);
    for (int i = 0; i < 1000; i++)
        receive_room_learn(&room, 10 * 1600, 10);
    assert_in_range(room.mean, 1600, 1616);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(gives_what_is_asked_for_while_there_is_room),
        cmocka_unit_test(one_message_always_fits_into_an_empty_room),
        cmocka_unit_test(closed_and_full_are_no_room),
        cmocka_unit_test(is_served_by_what_is_on_its_way),
        cmocka_unit_test(the_mean_rises_at_once_and_falls_slowly),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
