/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "capture.h"
#include "journal/events.h"
#include "journal/record.h"

/* Stands in for journald's socket: what an entry that is meant for the journal only would carry. */
static struct text journal;
int journal_socket_send(const struct iovec iov[], size_t n, bool important);
int journal_socket_send(const struct iovec iov[], size_t n, bool important)
{
    (void)important;
    for (size_t i = 0; i < n; i++) {
        text_append(&journal, iov[i].iov_base, iov[i].iov_len);
        text_append_char(&journal, '\n');
    }
    return 0;
}

static int quiet(void **state)
{
    (void)state;
    events_set_level(EVENT_INFO);
    text_clear(&journal);
    unsetenv("JOURNAL_STREAM");
    return 0;
}

static char *line_of(void (*event)(void))
{
    capture_start(STDERR_FILENO);
    event();
    return capture_end(STDERR_FILENO);
}

static void silent(void)
{
    event_queue_silent("orders-eu", 600000000);
}

static void a_line_has_level_and_sentence(void **state)
{
    (void)state;
    AUTOFREE char *line = line_of(silent);
    assert_ptr_equal(
        strstr(line, "error: queue orders-eu: Amazon has not answered any call for 10m"), line);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_null(journal.data);
}

static void hostile(void)
{
    struct error error = {.kind = ERROR_STATUS, .status = 403};
    strcpy(error.text, "evil\nerror: forged line\033[2J\xff\\");
    event_receive_failed("q\r\n", &error);
}

static void foreign_text_cannot_forge_lines_or_control_a_terminal(void **state)
{
    (void)state;
    AUTOFREE char *line = line_of(hostile);
    assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
    assert_non_null(strstr(line, "queue q\\r\\n cannot"));
    assert_non_null(strstr(line, "evil\\nerror: forged line\\x1b[2J\\xff\\"));
    assert_null(strchr(line, '\033'));
}

static void endless(void)
{
    static char reason[100000];
    memset(reason, 'a', sizeof(reason) - 1);
    event_degraded(reason);
}

static void a_sentence_is_bounded(void **state)
{
    (void)state;
    AUTOFREE char *line = line_of(endless);
    assert_in_range(strlen(line), RECORD_SENTENCE_MAX, RECORD_SENTENCE_MAX + 40);
}

static void delivered(void)
{
    struct event_subject subject = {.webhook = "wms", .notification_id = "n-1", .status = 204};
    event_delivered(&subject);
}

static void changed(void)
{
    event_config_changed("[webhook wms]", "url");
}

static void ended_secret(void)
{
    event_client_secret_expires(1, "PERIODIC_ROTATION");
}

static void what_has_expired_does_not_expire_in_no_days(void **state)
{
    (void)state;
    AUTOFREE char *line = line_of(ended_secret);
    assert_non_null(strstr(line, "client secret has expired (Amazon's reason: PERIODIC_ROTATION)"));
}

static void levels_filter(void **state)
{
    (void)state;
    events_set_level(EVENT_NOTICE);
    AUTOFREE char *off = line_of(delivered);
    assert_string_equal(off, "");
    assert_false(events_wanted(EVENT_INFO));
    events_set_level(EVENT_INFO);
    AUTOFREE char *on = line_of(delivered);
    assert_non_null(strstr(on, "info: webhook wms: notification n-1, delivered: status 204"));
    events_set_level(EVENT_ERROR);
    AUTOFREE char *error = line_of(silent);
    assert_string_not_equal(error, "");
    AUTOFREE char *notice = line_of(changed);
    assert_string_equal(notice, "");
}

static void nobody_registers(void)
{
    struct error error;
    error_set(&error, ERROR_CONFIG, "there is no such file");
    event_registration_failed(NULL, NULL, &error, 60000000);
}

static void what_concerns_all_sellers_names_none(void **state)
{
    (void)state;
    events_set_level(EVENT_INFO);
    AUTOFREE char *line = line_of(nobody_registers);
    assert_non_null(strstr(line, "registration failed for all sellers: there is no such file"));
    assert_null(strstr(line, "(null)"));
}

static void operated(void)
{
    event_operated("drop", "17", 1, 1000, NULL);
}

static void what_operators_do_goes_only_to_the_journal(void **state)
{
    (void)state;
    AUTOFREE char *line = line_of(operated);
    assert_string_equal(line, "");
    assert_non_null(
        strstr(journal.data, "MESSAGE=user 1000 ran: queue drop 17 (1 delivery changed)\n"));
    assert_non_null(strstr(journal.data, "DOCKBELL_VERB=drop\n"));
    assert_non_null(strstr(journal.data, "DOCKBELL_UID=1000\n"));
    assert_non_null(strstr(journal.data, "SYSLOG_IDENTIFIER=dockbell\n"));
    assert_non_null(strstr(journal.data, "PRIORITY=5\n"));
    text_clear(&journal);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup(a_line_has_level_and_sentence, quiet),
        cmocka_unit_test_setup(foreign_text_cannot_forge_lines_or_control_a_terminal, quiet),
        cmocka_unit_test_setup(a_sentence_is_bounded, quiet),
        cmocka_unit_test_setup(what_concerns_all_sellers_names_none, quiet),
        cmocka_unit_test_setup(what_has_expired_does_not_expire_in_no_days, quiet),
        cmocka_unit_test_setup(levels_filter, quiet),
        cmocka_unit_test_setup(what_operators_do_goes_only_to_the_journal, quiet),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
