/* SPDX-License-Identifier: MIT */
/* The text format of /metrics, and that the table keeps Prometheus' rules for names. What the
 * values are is tested through the daemon (tests/integration/metrics.test.js). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "../../src/daemon/admin/metrics.h"
#include "base/clock.h"
#include "base/histogram.h"
#include "base/text.h"
#include "config/config.h"

static const struct metric plain = {.name = "m", .labels = {NULL}};
static const struct metric labelled = {.name = "m", .labels = {"queue", "outcome", NULL}};

static void values_are_lines(void **state)
{
    AUTOTEXT struct text out = {0};
    struct scrape scrape = {.out = &out, .metric = &plain};
    (void)state;
    scrape_number(&scrape, UINT64_MAX, NULL);
    scrape_usec(&scrape, 1500000, NULL);
    scrape_usec(&scrape, -250, NULL);
    scrape_moment(&scrape, 0, NULL);
    scrape_moment(&scrape, 1743767140000000, NULL);
    assert_string_equal(out.data, "m 18446744073709551615\n"
                                  "m 1.500000\n"
                                  "m -0.000250\n"
                                  "m 1743767140.000000\n");
}

static void label_values_are_escaped(void **state)
{
    AUTOTEXT struct text out = {0};
    struct scrape scrape = {.out = &out, .metric = &labelled};
    (void)state;
    scrape_number(&scrape, 1, VALUES("orders-eu", ""));
    scrape_number(&scrape, 2, VALUES("a\"b\\c\nd", "ok"));
    assert_string_equal(out.data, "m{queue=\"orders-eu\",outcome=\"\"} 1\n"
                                  "m{queue=\"a\\\"b\\\\c\\nd\",outcome=\"ok\"} 2\n");
}

static void buckets_add_up(void **state)
{
    static const uint64_t bounds[] = {2500, USEC_PER_SEC, USEC_PER_DAY};
    AUTOTEXT struct text out = {0};
    struct scrape scrape = {.out = &out, .metric = &plain};
    struct histogram h;
    (void)state;
    histogram_init(&h, bounds, 3);
    histogram_add(&h, 1);
    histogram_add(&h, USEC_PER_SEC);
    histogram_add(&h, 2 * USEC_PER_DAY);
    scrape_histogram(&scrape, &h, NULL);
    assert_string_equal(out.data, "m_bucket{le=\"0.0025\"} 1\n"
                                  "m_bucket{le=\"1\"} 2\n"
                                  "m_bucket{le=\"86400\"} 2\n"
                                  "m_bucket{le=\"+Inf\"} 3\n"
                                  "m_sum 172801.000001\n"
                                  "m_count 3\n");
}

static bool ends(const char *text, const char *end)
{
    size_t size = strlen(text), end_size = strlen(end);
    return size > end_size && strcmp(text + size - end_size, end) == 0;
}

static void the_table_keeps_the_rules(void **state)
{
    (void)state;
    assert_true(n_metrics > 40);
    for (size_t i = 0; i < n_metrics; i++) {
        const struct metric *m = &metrics[i];
        assert_true(text_starts(m->name, "dockbell_") || text_starts(m->name, "process_"));
        assert_int_equal(strspn(m->name, "abcdefghijklmnopqrstuvwxyz_"), strlen(m->name));
        assert_int_equal(ends(m->name, "_total"), m->type == METRIC_COUNTER);
        assert_true(m->type != METRIC_HISTOGRAM || ends(m->name, "_seconds"));
        assert_null(strchr(m->help, '\n'));
        assert_null(strchr(m->help, '\\'));
        assert_true(ends(m->help, "."));
        assert_non_null(m->read);
        for (size_t k = i + 1; k < n_metrics; k++)
            assert_string_not_equal(m->name, metrics[k].name);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(values_are_lines),
        cmocka_unit_test(label_values_are_escaped),
        cmocka_unit_test(buckets_add_up),
        cmocka_unit_test(the_table_keeps_the_rules),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
