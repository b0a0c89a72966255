/* SPDX-License-Identifier: MIT */
#ifndef TESTS_CONFIGURING_H
#define TESTS_CONFIGURING_H

#include "config/config.h"

/* Configs of a test, in a directory of its own. */

#define ARN "arn = arn:aws:sqs:eu-west-1:444455556666:amazon-orders\n"
#define GOOD                                                                                       \
    "[queue q]\n" ARN "[seller acme]\nseller_id = A1\nqueue = q\n"                                 \
    "[webhook wms]\nurl = https://wms.example.com/\nsecret = credential:wms\n"

/* What was loaded last, its findings as printed (without the directory), and where it stands. */
extern struct config *config;
extern char *findings;
extern char *directory;

int start(void **state);
int end(void **state);
#define IN_DIRECTORY(test) cmocka_unit_test_setup_teardown(test, start, end)

/* Loads dockbell.conf of the directory; or this text as such. The findings as text. */
int load_file(void);
int load(const char *content);

/* Loads a text that has exactly these findings; or GOOD with one more line in its last section. */
void expect(const char *content, const char *expected);
void expect_webhook(const char *line, const char *expected);

#endif
