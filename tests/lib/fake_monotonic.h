/* SPDX-License-Identifier: MIT */
#ifndef TESTS_FAKE_MONOTONIC_H
#define TESTS_FAKE_MONOTONIC_H

#include "fake_clock.h"

/*
 * The monotonic clocks of libcurl, libmicrohttpd and libsystemd are the fake clock as well: a test
 * that includes this file stands in for libc's clock_gettime. Their timeouts then pass in no time
 * (fake_loop.h), and the same on every run. The wall clock of libraries stays the system's.
 */

#endif
