/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/memory.h"
#include "wire/certificate.h"
#include "wire/http.h"

/* A TLS server with a certificate that nobody signed: openssl's own, in a process. */
struct server {
    pid_t pid;
    unsigned port;
    char folder[64];
};

static int run(const char *folder, const char *arguments)
{
    AUTOFREE char *command =
        memory_format("cd %s && openssl %s >/dev/null 2>&1", folder, arguments);
    return system(command);
}

/* Starts it on a free port, which it tells on its standard output. */
static void listen_in(struct server *server)
{
    int out[2];
    assert_int_equal(pipe(out), 0);
    server->pid = fork();
    if (server->pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        dup2(out[1], STDOUT_FILENO);
        if (!freopen("/dev/null", "w", stderr))
            _exit(126);
        close(out[0]);
        close(out[1]);
        if (chdir(server->folder) == 0)
            execlp("openssl", "openssl", "s_server", "-accept", "127.0.0.1:0", "-key", "key",
                   "-cert", "cert", "-www", (char *)NULL);
        _exit(127);
    }
    close(out[1]);
    FILE *lines = fdopen(out[0], "r");
    char line[256];
    server->port = 0;
    while (!server->port && fgets(line, sizeof(line), lines)) {
        const char *colon = strrchr(line, ':');
        if (strncmp(line, "ACCEPT", 6) == 0 && colon)
            server->port = (unsigned)strtoul(colon + 1, NULL, 10);
    }
    fclose(lines);
    assert_in_range(server->port, 1, 65535);
}

static void stop(struct server *server)
{
    if (server->pid <= 0)
        return;
    kill(server->pid, SIGKILL);
    waitpid(server->pid, NULL, 0);
    server->pid = 0;
}

static int setup(void **state)
{
    struct server *server = NEW(struct server);
    *state = server;
    strcpy(server->folder, "/tmp/dockbell-tls-XXXXXX");
    if (!mkdtemp(server->folder))
        return -1;
    return run(server->folder, "req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes "
                               "-keyout key -out cert -days 2 -subj /CN=localhost");
}

static int teardown(void **state)
{
    struct server *server = *state;
    stop(server);
    AUTOFREE char *command = memory_format("rm -rf %s", server->folder);
    int r = system(command);
    free(server);
    return r;
}

static void on_done(struct http_answer *answer, void *userdata)
{
    struct error *error = userdata;
    *error = answer->error;
    if (error->kind == ERROR_NONE)
        error_set(error, ERROR_NONE, "status %d", answer->status);
}

static struct error call(const struct server *server)
{
    sd_event *event = NULL;
    struct http *http = NULL;
    struct error error = {.kind = ERROR_KINDS};
    AUTOFREE char *url = memory_format("https://localhost:%u/", server->port);
    assert_true(sd_event_new(&event) >= 0);
    assert_int_equal(http_new(&http, event), 0);
    assert_int_equal(http_call(http, &(struct http_request){.url = url, .timeout_ms = 20000},
                               on_done, &error, NULL),
                     0);
    while (error.kind == ERROR_KINDS)
        assert_true(sd_event_run(event, 20 * USEC_PER_SEC) >= 0);
    http_free(http);
    sd_event_unref(event);
    return error;
}

static void a_certificate_that_nobody_signed_is_refused(void **state)
{
    struct server *server = *state;
    listen_in(server);
    struct error error = call(server);
    AUTOFREE char *expected =
        memory_format("the certificate of localhost:%u was not accepted: self", server->port);
    assert_int_equal(error.kind, ERROR_TLS);
    if (strncmp(error.text, expected, strlen(expected)) != 0)
        fail_msg("%s", error.text);
}

static void a_certificate_tells_when_it_ends(void **state)
{
    struct server *server = *state;
    struct certificate_ends ends, both;
    struct error error;
    uint64_t now = clock_now_usec();
    AUTOFREE char *path = memory_format("%s/cert", server->folder);
    assert_int_equal(certificate_file_read(path, &ends, &error), 0);
    assert_in_range(ends.first_usec, now + 2 * USEC_PER_DAY - USEC_PER_MIN, now + 2 * USEC_PER_DAY);
    assert_int_equal(ends.last_usec, ends.first_usec);

    /* Several in one file, with a key between them. */
    assert_int_equal(run(server->folder,
                         "req -x509 -key key -out other -days 9 -subj /CN=other && cat cert key "
                         "other > both && true"),
                     0);
    AUTOFREE char *both_path = memory_format("%s/both", server->folder);
    assert_int_equal(certificate_file_read(both_path, &both, &error), 0);
    assert_int_equal(both.first_usec, ends.first_usec);
    assert_in_range(both.last_usec, now + 9 * USEC_PER_DAY - USEC_PER_MIN,
                    now + 9 * USEC_PER_DAY + USEC_PER_MIN);
}

static void assert_unreadable(const char *path, const char *why)
{
    struct certificate_ends ends;
    struct error error;
    assert_int_equal(certificate_file_read(path, &ends, &error), -EIO);
    assert_string_equal(error.text, why);
}

static void what_is_no_certificate(void **state)
{
    struct server *server = *state;
    struct certificate_ends ends;
    AUTOFREE char *key = memory_format("%s/key", server->folder);
    AUTOFREE char *cut = memory_format("%s/cut", server->folder);
    AUTOFREE char *missing = memory_format("%s/missing", server->folder);
    AUTOFREE char *pipe = memory_format("%s/pipe", server->folder);
    assert_int_equal(run(server->folder, "version && (cat cert; head -3 cert; echo '-----END "
                                         "CERTIFICATE-----') > cut && mkfifo pipe"),
                     0);
    assert_unreadable(key, "there is no certificate in PEM in it");
    assert_unreadable(cut, "a certificate in it cannot be understood");
    assert_unreadable(missing, "it cannot be read: No such file or directory");
    assert_unreadable(server->folder, "it is not a regular file");
    assert_unreadable(pipe, "it is not a regular file");
    assert_int_equal(certificate_read("", 0, &ends, NULL), -EIO);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test_setup_teardown(a_certificate_that_nobody_signed_is_refused, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_certificate_tells_when_it_ends, setup, teardown),
        cmocka_unit_test_setup_teardown(what_is_no_certificate, setup, teardown),
    };
    signal(SIGPIPE, SIG_IGN);
    return cmocka_run_group_tests_name("http_tls", tests, NULL, NULL);
}
