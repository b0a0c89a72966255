/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/secret.h"
#include "base/states.h"

/* Runs the function in a child, silently, and returns the signal that ended it (0: none). */
static int signal_of(void (*function)(void))
{
    int status;
    pid_t child = fork();
    if (child == 0) {
        setrlimit(RLIMIT_CORE, &(struct rlimit){0, 0});
        signal(SIGABRT, SIG_DFL);
        close(STDERR_FILENO);
        function();
        _exit(0);
    }
    assert_int_equal(waitpid(child, &status, 0), child);
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static void copies(void **state)
{
    (void)state;
    AUTOFREE char *copy = memory_copy("ab\0c", 4);
    assert_memory_equal(copy, "ab\0c", 5);
    AUTOFREE char *empty = memory_copy(NULL, 0);
    assert_string_equal(empty, "");
    assert_null(memory_string(NULL));
    AUTOFREE char *formatted = memory_format("%d-%s", 7, "x");
    assert_string_equal(formatted, "7-x");
    AUTOFREE char *zeroed = memory_new(100);
    for (int i = 0; i < 100; i++)
        assert_int_equal(zeroed[i], 0);
}

static void takes(void **state)
{
    (void)state;
    AUTOFREE char *from = memory_string("x");
    AUTOFREE char *to = TAKE(from);
    assert_null(from);
    assert_string_equal(to, "x");
}

static void overflow(void)
{
    free(memory_resize(NULL, SIZE_MAX / 2, 3));
}

static void dies_rather_than_overflow(void **state)
{
    (void)state;
    assert_int_equal(signal_of(overflow), SIGABRT);
}

enum light { RED, GREEN, YELLOW };
static const struct state_row lights[] = {
    [RED] = {"red", TO(GREEN)},
    [GREEN] = {"green", TO(YELLOW) | TO(GREEN)},
    [YELLOW] = {"yellow", TO(RED)},
};

static void forbidden_move(void)
{
    unsigned light = RED;
    states_move(lights, &light, YELLOW, "light", 1);
}

static void states_obey_their_table(void **state)
{
    (void)state;
    unsigned light = RED;
    assert_true(states_may(lights, RED, GREEN));
    assert_false(states_may(lights, RED, RED));
    assert_true(states_may(lights, GREEN, GREEN));
    assert_false(states_may(lights, RED, 77));
    states_move(lights, &light, GREEN, "light", 1);
    assert_int_equal(light, GREEN);
    assert_int_equal(signal_of(forbidden_move), SIGABRT);
}

static void secrets_are_replaced_and_cleared(void **state)
{
    (void)state;
    struct secret secret = {0};
    secret_clear(&secret);
    secret_set(&secret, "hunter2", 7);
    assert_int_equal(secret.size, 7);
    assert_string_equal(secret.data, "hunter2");
    secret_set(&secret, secret.data + 1, 3); /* from its own bytes */
    assert_string_equal(secret.data, "unt");
    char big[10000];
    memset(big, 'x', sizeof(big));
    secret_set(&secret, big, sizeof(big));
    assert_int_equal(secret.data[sizeof(big)], 0);
    secret_clear(&secret);
    assert_null(secret.data);
    secret_set(&secret, "", 0);
    assert_string_equal(secret.data, "");
    secret_clear(&secret);
}

static void protected_process(void)
{
    secret_protect_process();
    if (prctl(PR_GET_DUMPABLE) == 0)
        raise(SIGUSR1);
}

static void protects_the_process(void **state)
{
    (void)state;
    assert_int_equal(signal_of(protected_process), SIGUSR1);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(copies),
        cmocka_unit_test(takes),
        cmocka_unit_test(dies_rather_than_overflow),
        cmocka_unit_test(states_obey_their_table),
        cmocka_unit_test(secrets_are_replaced_and_cleared),
        cmocka_unit_test(protects_the_process),
    };
    return cmocka_run_group_tests_name("memory", tests, NULL, NULL);
}
