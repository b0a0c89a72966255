/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_CLOCK_H
#define TESTS_FAKE_CLOCK_H

#include <stdint.h>

/* A clock that the test sets: a test that includes this file gets it in place of the system's. It
 * starts at 2015-08-30T12:36:00Z, the time of AWS's published signatures. */
extern uint64_t fake_now_usec;
extern uint64_t fake_boot_usec;

/* Lets time pass on both. */
void fake_clock_advance(uint64_t usec);

/* Amazon's time is learned: so far ahead of the wall clock. */
void fake_clock_learn(int64_t offset_usec);

/* Nothing was ever learned: trusted time is the wall clock. */
void fake_clock_forget(void);

#endif
