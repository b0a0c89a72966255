/* SPDX-License-Identifier: MIT */
/* Every event, as the journal gets it, against the catalog and the page made from it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "journal/events.h"
#include "journal/record.h"

/* Stands in for journald's socket: entries[i] is the entry of event i,
 * "\nNAME=value\nNAME=value\n". */
static char *entries[JOURNAL_ID_COUNT];
int journal_socket_send(const struct iovec iov[], size_t n, bool important);
int journal_socket_send(const struct iovec iov[], size_t n, bool important)
{
    (void)important;
    AUTOTEXT struct text entry = {0};
    text_append_char(&entry, '\n');
    for (size_t i = 0; i < n; i++) {
        text_append(&entry, iov[i].iov_base, iov[i].iov_len);
        text_append_char(&entry, '\n');
    }
    for (unsigned id = 0; id < JOURNAL_ID_COUNT; id++)
        if (strstr(entry.data, journal_id(id)->id)) {
            assert_null(entries[id]);
            entries[id] = text_take(&entry);
            return 0;
        }
    fail_msg("an entry without a known MESSAGE_ID: %s", entry.data);
    return 0;
}

static void send_them_all(void)
{
    const struct event_subject s = {"q", "s", "w", "n-1", "o-1", "T", 2, 500, "r-1", 3000000};
    struct error error = {.kind = ERROR_STATUS, .status = 403, .code = "AccessDenied"};
    strcpy(error.text, "it says no");
    events_set_level(EVENT_DEBUG);
    event_started("1", "/c", 1, 2, 3);
    event_ready(1, 2);
    event_degraded("why");
    event_stopping("SIGTERM", 1);
    event_stopped(1, 2);
    event_reloaded("/c", 2);
    event_reload_refused("/c", "why");
    event_config_changed("[queue q]", "wait");
    event_recovered(3);
    event_stalled("the loop", 60000000);
    event_config_warning("/c", 3, "text");
    event_config_refused("/c", "why");
    event_config_overridden(1, "[webhook wms] url");
    event_secrets_missing(2, "[aws] secret_access_key", true);
    event_repeated("dead", EVENT_WARNING, NULL, "w", 7, 60000000, "the last");
    event_store_failed("why");
    event_store_keyless("why");
    event_store_lost("why");
    event_store_saved("/s/dockbell.db", 1, "next");
    event_store_unsaved("why", 2);
    event_store_full("why");
    event_store_went_back(7, 9);
    event_log_lost(3);
    event_store_locked("process 1 (sqlite3)", 6000000);
    event_store_unlocked(6000000);
    event_loop_failed("why");
    event_store_works_again(5000000);
    event_disk_low(1 << 20, 1 << 30);
    event_disk_enough(1 << 30);
    event_backlog_high(80, 100);
    event_backlog_full(100, 100);
    event_backlog_normal(70);
    event_history_kept("why");
    event_receive_failed("q", &error);
    event_receive_works_again("q", 3, 5000000);
    event_queue_silent("q", 600000000);
    event_quiet("q", NULL, 90000000, 1700000000000000);
    event_heard("q", NULL, 90000000);
    event_quiet("q", "s", 90000000, 1700000000000000);
    event_filter_blocks("w", "statuses, changes", 42, 86400000000, 1700000000000000);
    event_filter_passes("w", 42, 90000000000);
    event_heard("q", "s", 90000000);
    event_lag_high("q", 90000000, 60000000);
    event_lag_normal("q", 9000000);
    event_gap_near("q", 1700000000000000, 345600000000);
    event_gap("q", 1700000000000000, 1700000300000000, 345600000000);
    event_damaged("q", 1);
    event_delete_failed("q", 2, &error);
    event_delete_works_again("q", 1000000);
    event_client_secret_left("q", "why");
    event_client_secret_kept("q", clock_now_usec() + 180 * USEC_PER_DAY);
    event_client_secret_expires(clock_now_usec() + 90 * USEC_PER_DAY, "PERIODIC_ROTATION");
    event_client_secret_fallback("the one in the configuration");
    event_lwa_refused("s", &error);
    event_lwa_works_again("s");
    event_rotation_asked(clock_now_usec() + 20 * USEC_PER_DAY);
    event_rotation_failed(&error);
    event_unreadable(&s, "why");
    event_id_conflict(&s);
    event_unknown_seller(&s, "A1", NULL, UNKNOWN_HELD);
    event_unknown_limit("q", 1000, 1 << 24);
    event_unknown_room(3);
    event_unknown_released("q", 2);
    event_unknown_removed(1);
    event_unknown_forwarded();
    event_removal_near(&(struct event_removal){.webhook = "w", .dead = 2, .held = 1, .oldest = 17});
    event_removal_over("w");
    event_delivery_removed(&s, 17, true);
    event_queue_open("q", "everybody (statement Open)");
    event_alarm_ended("breaker-opened", "w", "why");
    event_accepted(&s);
    event_delivered(&s);
    event_superseded(&s, 17);
    event_postponed(&s, "why", 5430 * USEC_PER_SEC);
    event_orders_unlisted(300);
    event_orders_listed(1);
    event_refused(&s, "why", 5430 * USEC_PER_SEC);
    event_dead(&s, "refused", "why");
    event_revived(&s, 1);
    event_breaker_opened("w", "why", 5000000, 30000000);
    event_breaker_closed("w", 5000000);
    event_throttled("wms", "HTTP 429 Too Many Requests", 1000000, 10);
    event_token_failed("w", &error);
    event_token_works_again("w", 5000000);
    event_webhook_gone("w");
    event_webhook_paused("w", 1);
    event_webhook_resumed("w");
    event_certificate_expires("w", "client certificate", "/f", clock_now_usec());
    event_certificate_expired("w", "client certificate", "/f", clock_now_usec());
    event_credentials_expire("default", clock_now_usec() + USEC_PER_HOUR, 3, &error);
    event_credentials_renewed("default", clock_now_usec());
    event_certificate_renewed("w", "client certificate", "/f", clock_now_usec());
    event_certificate_unreadable("w", "client certificate", "/f", "why");
    event_expiring("w", 2);
    event_expired(&s);
    event_orphans("w", 2);
    event_admin_listens("127.0.0.1:0", 9464, true);
    event_admin_failed("why");
    event_registered("s", "T", "what", true);
    event_registration_differs("s", "T", "difference");
    event_registration_failed("s", "T", &error, 1);
    event_registration_works("s");
    event_clock_off(-5000000);
    event_clock_right(0);
    event_clock_jumped(5000000);
    event_clock_undated(15 * USEC_PER_MIN);
    event_clock_proved();
    event_alarm_failed("/bin/tell", "exit status 1", "oh");
    event_alarm_works_again("/bin/tell", 2, 5000000);
    event_alarm_given_up("/bin/tell", "dead", "w", "exit status 1");
    event_alarm_output("/bin/tell", "queued");
    event_operated("drop", "17", 1, 0, "ann");
    event_data_read("queue show", "17", 0, "ann");
    event_order_forgotten("0123456789abcdef", 3, 0, "ann");
}

static char *read_stream(FILE *stream)
{
    struct text text = {0};
    char part[4096];
    assert_non_null(stream);
    for (size_t size; (size = fread(part, 1, sizeof(part), stream)) > 0;)
        text_append(&text, part, size);
    return text_take(&text);
}

static char *read_file(const char *path)
{
    FILE *file = fopen(path, "r");
    char *text = read_stream(file);
    fclose(file);
    return text;
}

/* The catalog's entry of an event, up to the next one. */
static char *entry_of(const char *catalog, const char *id)
{
    AUTOFREE char *head = memory_format("\n-- %s\n", id);
    const char *start = strstr(catalog, head);
    assert_non_null(start);
    start += strlen(head);
    const char *end = strstr(start, "\n-- ");
    return end ? memory_copy(start, (size_t)(end - start)) : memory_string(start);
}

static void every_event_is_sent_once_and_whole(void **state)
{
    (void)state;
    for (unsigned id = 0; id < JOURNAL_ID_COUNT; id++) {
        const struct journal_id_row *row = journal_id(id);
        if (!entries[id])
            fail_msg("nothing sends the event %s", row->name);
        AUTOFREE char *tail = memory_format(
            "\nMESSAGE_ID=%s\nPRIORITY=%d\nSYSLOG_IDENTIFIER=dockbell\n", row->id, (int)row->level);
        AUTOFREE char *event = memory_format("\nDOCKBELL_EVENT=%s\n", row->name);
        assert_non_null(strstr(entries[id], tail));
        assert_non_null(strstr(entries[id], event));
        assert_non_null(strstr(entries[id], "\nMESSAGE="));
        assert_null(strstr(entries[id], "(null)"));
        for (unsigned other = 0; other < id; other++)
            assert_string_not_equal(journal_id(other)->id, row->id);
    }
}

static void the_subject_becomes_fields(void **state)
{
    (void)state;
    const char *want[] = {
        "QUEUE=q",   "SELLER=s",  "WEBHOOK=w",       "NOTIFICATION_ID=n-1", "ORDER_ID=o-1",
        "TYPE=T",    "ATTEMPT=2", "HTTP_STATUS=500", "REQUEST_ID=r-1",      "DURATION_USEC=3000000",
        "REASON=why"};
    for (size_t i = 0; i < ELEMENTS(want); i++) {
        AUTOFREE char *field = memory_format("\nDOCKBELL_%s\n", want[i]);
        assert_non_null(strstr(entries[ID_DEAD], field));
    }
    assert_non_null(strstr(entries[ID_RECEIVE_FAILED], "\nDOCKBELL_ERROR_CODE=AccessDenied\n"));
    assert_non_null(strstr(entries[ID_WEBHOOK_GONE], "\nDOCKBELL_HTTP_STATUS=410\n"));
}

/* An entry's @FIELD@ stays as it is in the text when the message lacks the field. */
static void check_substitutions(const char *entry, const char *sent)
{
    for (const char *at = entry; (at = strchr(at, '@')) != NULL;) {
        size_t size = strcspn(at + 1, "@ \n");
        if (at[1 + size] != '@')
            fail_msg("a lonely @ in: %s", entry);
        AUTOFREE char *name = memory_copy(at + 1, size);
        AUTOFREE char *field = memory_format("\n%s=", name);
        if (!strstr(sent, field))
            fail_msg("%s is in the catalog but not in the message%s", name, sent);
        at += size + 2;
    }
}

static void moments_are_told_as_distances(void **state)
{
    (void)state;
    assert_non_null(strstr(entries[ID_REFUSED], "Next try in 1h 30m"));
    assert_non_null(strstr(entries[ID_BREAKER_OPENED],
                           "it is tried again in 5s and then every 30s at "
                           "most"));
}

static void the_catalog_explains_every_event(void **state)
{
    (void)state;
    AUTOFREE char *catalog = read_file("systemd/dockbell.catalog");
    size_t n_entries = 0;
    for (const char *at = catalog; (at = strstr(at, "\n-- ")) != NULL; at++)
        n_entries++;
    assert_int_equal(n_entries, JOURNAL_ID_COUNT);
    for (unsigned id = 0; id < JOURNAL_ID_COUNT; id++) {
        AUTOFREE char *entry = entry_of(catalog, journal_id(id)->id);
        AUTOFREE char *subject = memory_format("Subject: %s\n", journal_id(id)->subject);
        assert_ptr_equal(strstr(entry, subject), entry);
        assert_non_null(strstr(entry, "\n\nCause: "));
        assert_non_null(strstr(entry, "\n\nRemedy: "));
        assert_non_null(strstr(entry, "\n\nNext: "));
        check_substitutions(entry, entries[id]);
    }
}

static void the_page_is_made_from_the_catalog(void **state)
{
    (void)state;
    AUTOFREE char *page = read_file("docs/events.md");
    FILE *pipe = popen("scripts/events-md", "r");
    AUTOFREE char *made = read_stream(pipe);
    assert_int_equal(pclose(pipe), 0);
    assert_string_equal(page, made);
    for (unsigned id = 0; id < JOURNAL_ID_COUNT; id++) {
        AUTOFREE char *head = memory_format("\n## %s\n", journal_id(id)->name);
        assert_non_null(strstr(page, head));
    }
}

static int start(void **state)
{
    (void)state;
    struct stat is;
    AUTOFREE char *stream = NULL;
    if (fstat(STDERR_FILENO, &is) < 0)
        return -1;
    stream =
        memory_format("%llu:%llu", (unsigned long long)is.st_dev, (unsigned long long)is.st_ino);
    setenv("JOURNAL_STREAM", stream, 1);
    send_them_all();
    return 0;
}

static int end(void **state)
{
    (void)state;
    for (unsigned id = 0; id < JOURNAL_ID_COUNT; id++)
        free(entries[id]);
    return 0;
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_event_is_sent_once_and_whole),
        cmocka_unit_test(the_subject_becomes_fields),
        cmocka_unit_test(moments_are_told_as_distances),
        cmocka_unit_test(the_catalog_explains_every_event),
        cmocka_unit_test(the_page_is_made_from_the_catalog),
    };
    return cmocka_run_group_tests(tests, start, end);
}
