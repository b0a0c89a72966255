/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_LOOP_H
#define TESTS_FAKE_LOOP_H

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-event.h>

/*
 * Timers of sd-event on the fake clock: a test that includes this file gets them in place of
 * libsystemd's. Nothing ever waits; time passes only where the test lets it, from one timer to the
 * next, so that a quarter of an hour costs nothing and every run is the same.
 */

/* Runs the loop until there is nothing left to do at this moment. */
void fake_loop_rest(sd_event *event);

/* Lets `usec` pass, stopping where a timer is due. */
void fake_loop_run(sd_event *event, uint64_t usec);

/* Lets time pass until ready(userdata) says so; false: it did not within `usec`. */
bool fake_loop_until(sd_event *event, bool (*ready)(void *userdata), void *userdata, uint64_t usec);

/* Microseconds until the next timer is due, UINT64_MAX: none is set. */
uint64_t fake_loop_next(void);

#endif
