/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "body.h"
#include "handle.h"
#include "queue.h"
#include "rng.h"

#define SECOND USEC_PER_SEC
#define KEY    12345

static struct queue *new_queue(void)
{
    return queue_new("test", 1, KEY, 0);
}

static const struct message *send(struct queue *queue, const char *body, uint32_t delay_s,
                                  uint64_t now_usec)
{
    AUTOTEXT struct text escaped = {0};
    char id[37] = "00000000-0000-4000-8000-000000000000";
    assert_int_equal(body_escape(&escaped, body, strlen(body)), 0);
    return queue_send(queue, id, body, strlen(body), &escaped, delay_s, now_usec, now_usec);
}

static void receive_hides_until_the_visibility_ends(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    send(queue, "one", 0, 0);
    struct message *message = queue_receive(queue, 30, 100, 200);
    assert_string_equal(message->escaped, "one");
    assert_int_equal(message->first_receive_wall_usec, 200);
    assert_null(queue_receive(queue, 30, 100, 200));
    assert_int_equal(queue_next_due(queue), 30 * SECOND + 100);
    queue_advance(queue, 30 * SECOND + 99);
    assert_null(queue_receive(queue, 30, 100, 200));
    queue_advance(queue, 30 * SECOND + 100);
    assert_ptr_equal(queue_receive(queue, 30, 100, 300), message);
    assert_int_equal(message->receives, 2);
    assert_int_equal(message->first_receive_wall_usec, 200);
    queue_free(queue);
}

static void only_the_newest_handle_deletes(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    char old[HANDLE_CHARS + 1], newest[HANDLE_CHARS + 1];
    send(queue, "one", 0, 0);
    queue_handle(queue, queue_receive(queue, 0, 0, 0), old);
    queue_advance(queue, 1);
    queue_handle(queue, queue_receive(queue, 30, 1, 1), newest);
    assert_int_equal(queue_delete(queue, old), QUEUE_STALE);
    assert_int_equal(queue->in_flight, 1);
    assert_int_equal(queue->counts.deleted, 0);
    assert_int_equal(queue_delete(queue, newest), QUEUE_FOUND);
    assert_int_equal(queue->in_flight, 0);
    assert_int_equal(queue->counts.deleted, 1);
    assert_int_equal(queue_delete(queue, newest), QUEUE_GONE);
    assert_int_equal(queue->counts.deleted, 1);
    /* Its place is taken again: the old handle must not reach the new message. */
    send(queue, "two", 0, 0);
    assert_int_equal(queue_delete(queue, newest), QUEUE_GONE);
    assert_int_equal(queue->visible, 1);
    queue_free(queue);
}

static void a_handle_still_deletes_what_became_visible(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    char handle[HANDLE_CHARS + 1];
    send(queue, "one", 0, 0);
    queue_handle(queue, queue_receive(queue, 1, 0, 0), handle);
    queue_advance(queue, 2 * SECOND);
    assert_int_equal(queue->visible, 1);
    assert_int_equal(queue_delete(queue, handle), QUEUE_FOUND);
    assert_int_equal(queue->visible, 0);
    queue_free(queue);
}

static void junk_is_no_handle(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    char handle[HANDLE_CHARS + 1];
    send(queue, "one", 0, 0);
    queue_handle(queue, queue_receive(queue, 30, 0, 0), handle);
    assert_int_equal(queue_delete(queue, ""), QUEUE_JUNK);
    assert_int_equal(queue_delete(queue, "junk"), QUEUE_JUNK);
    for (size_t i = 0; i < HANDLE_CHARS; i++) {
        char spoilt[HANDLE_CHARS + 1];
        memcpy(spoilt, handle, sizeof(spoilt));
        spoilt[i] = spoilt[i] == 'A' ? 'B' : 'A';
        assert_int_equal(queue_delete(queue, spoilt), QUEUE_JUNK);
    }
    struct queue *other = queue_new("other", 2, KEY, 0);
    assert_int_equal(queue_delete(other, handle), QUEUE_JUNK);
    queue_free(other);
    queue_free(queue);
}

static void delayed_messages_come_later(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    send(queue, "later", 5, 0);
    send(queue, "now", 0, 0);
    assert_int_equal(queue->delayed, 1);
    assert_string_equal(queue_receive(queue, 30, 0, 0)->escaped, "now");
    assert_null(queue_receive(queue, 30, 0, 0));
    queue_advance(queue, 5 * SECOND);
    assert_string_equal(queue_receive(queue, 30, 0, 0)->escaped, "later");
    queue_free(queue);
}

static void visibility_can_be_changed(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    send(queue, "one", 0, 0);
    struct message *message = queue_receive(queue, 30, 0, 0);
    queue_change(queue, message, 100, 10 * SECOND);
    queue_advance(queue, 109 * SECOND);
    assert_int_equal(queue->in_flight, 1);
    queue_change(queue, message, 0, 50 * SECOND);
    assert_int_equal(queue->visible, 1);
    assert_int_equal(queue->in_flight, 0);
    queue_free(queue);
}

/* A model with a plain array, against the queue, for a long random walk. */
#define WALK     20000
#define LIVE_MAX 300

struct model {
    char handle[HANDLE_CHARS + 1]; /* newest, "" before the first receive */
    char body[16];
    uint64_t due_usec; /* 0: visible */
};

static size_t model_of(const struct model *models, size_t count, const char *body)
{
    for (size_t i = 0; i < count; i++)
        if (strcmp(models[i].body, body) == 0)
            return i;
    fail_msg("%s came, but was deleted", body);
    return 0;
}

static void walk(struct queue *queue, struct model *models, size_t *count, uint64_t *random,
                 uint64_t now, unsigned n)
{
    size_t pick = *count ? rng_below(random, *count) : 0;
    switch (rng_below(random, 4)) {
    case 0:
        if (*count == LIVE_MAX)
            break;
        models[*count] = (struct model){.due_usec = 0};
        snprintf(models[*count].body, sizeof(models[0].body), "b%u", n);
        send(queue, models[(*count)++].body, 0, now);
        break;
    case 1:
    case 2: {
        uint32_t visibility_s = 1 + (uint32_t)rng_below(random, 20);
        const struct message *message = queue_receive(queue, visibility_s, now, now);
        if (!message)
            break;
        struct model *model = &models[model_of(models, *count, message->escaped)];
        assert_int_equal(model->due_usec, 0);
        model->due_usec = now + visibility_s * SECOND;
        queue_handle(queue, message, model->handle);
        break;
    }
    case 3:
        if (*count == 0 || !models[pick].handle[0])
            break;
        assert_int_equal(queue_delete(queue, models[pick].handle), QUEUE_FOUND);
        models[pick] = models[--*count];
        break;
    }
}

static void agrees_with_a_model(void **state)
{
    (void)state;
    struct queue *queue = new_queue();
    struct model *models = memory_new(LIVE_MAX * sizeof(*models));
    size_t count = 0;
    uint64_t random = 42, now = 1;
    for (unsigned n = 0; n < WALK; n++) {
        now += rng_below(&random, SECOND);
        queue_advance(queue, now);
        size_t hidden = 0;
        for (size_t i = 0; i < count; i++) {
            if (models[i].due_usec <= now)
                models[i].due_usec = 0;
            hidden += models[i].due_usec > 0;
        }
        assert_int_equal(queue->in_flight, hidden);
        assert_int_equal(queue->visible, count - hidden);
        walk(queue, models, &count, &random, now, n);
    }
    assert_true(queue->counts.deleted > WALK / 10);
    queue_purge(queue);
    assert_int_equal(queue->visible + queue->in_flight, 0);
    free(models);
    queue_free(queue);
}

static void bodies_are_escaped_and_checked(void **state)
{
    (void)state;
    AUTOTEXT struct text out = {0};
    const char plain[] = "a\"b\\c\td\ne\rf \xc3\xa9 \xf0\x9f\x98\x80 \x7f";
    assert_int_equal(body_escape(&out, plain, strlen(plain)), 0);
    assert_string_equal(out.data, "a\\\"b\\\\c\\td\\ne\\rf \xc3\xa9 \xf0\x9f\x98\x80 \x7f");
    static const char *const bad[] = {"\x01",         "\x1f",          "\xff",        "\xc3",
                                      "\xed\xa0\x80", "x\xef\xbf\xbe", "\xef\xbf\xbf"};
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        assert_int_equal(body_escape(&out, bad[i], strlen(bad[i])), -84);
    assert_int_equal(body_escape(&out, "\xef\xbf\xbd", 3), 0);
    assert_int_equal(body_escape(&out, "a\0b", 3), -84);
    assert_true(body_has_escaped_nul("\"\\u0000\"", 8));
    assert_false(body_has_escaped_nul("\"\\\\u0000\"", 9));
    assert_true(body_has_escaped_nul("\"\\\\\\u0000\"", 10));
    assert_false(body_has_escaped_nul("\\u000", 5));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(receive_hides_until_the_visibility_ends),
        cmocka_unit_test(only_the_newest_handle_deletes),
        cmocka_unit_test(a_handle_still_deletes_what_became_visible),
        cmocka_unit_test(junk_is_no_handle),
        cmocka_unit_test(delayed_messages_come_later),
        cmocka_unit_test(visibility_can_be_changed),
        cmocka_unit_test(agrees_with_a_model),
        cmocka_unit_test(bodies_are_escaped_and_checked),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
