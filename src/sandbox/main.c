/* SPDX-License-Identifier: MIT */
/* dockbell-sandbox: Amazon in a box. */
#include <errno.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/memory.h"
#include "options.h"

#define EXIT_USAGE 2

static int fail(const char *what, int r)
{
    fprintf(stderr, "dockbell-sandbox: %s: %s\n", what, strerror(-r));
    return EXIT_FAILURE;
}

/* Write the port file. It appears with its content, so a script that waits for it never reads a
 * part of the port. */
static int write_port(const char *path, uint16_t port)
{
    AUTOFREE char *temporary = memory_format("%s.new", path);
    FILE *file = fopen(temporary, "we");
    if (!file)
        return -errno;
    bool written = fprintf(file, "%u\n", port) > 0;
    if (fclose(file) != 0 || !written || rename(temporary, path) < 0) {
        int r = -errno;
        unlink(temporary);
        return r;
    }
    return 0;
}

static int run(sd_event *event, const struct options *options)
{
    struct sandbox *sandbox = NULL;
    if (options->port_file)
        unlink(options->port_file); /* of an earlier run, with another port */
    int r = sandbox_new(&sandbox, event, &options->sandbox);
    if (r < 0)
        return fail(options->sandbox.listen, r);
    uint16_t port = server_port(sandbox->server);
    if (options->port_file && (r = write_port(options->port_file, port)) < 0) {
        sandbox_free(sandbox);
        return fail(options->port_file, r);
    }
    const char *listen = options->sandbox.listen;
    AUTOFREE char *url =
        memory_format("http://%.*s:%u", (int)(strrchr(listen, ':') - listen), listen, port);
    printf("dockbell-sandbox: ready on %s: LWA %s/auth/o2/token, SP-API %s, SQS %s, control "
           "%s/_sandbox/state; seed %" PRIu64 "\n",
           url, url, url, url, url, options->sandbox.seed);
    fflush(stdout);
    r = sd_event_loop(event);
    sandbox_free(sandbox);
    if (options->port_file)
        unlink(options->port_file);
    return r < 0 ? fail("event loop", r) : EXIT_SUCCESS;
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *info, void *userdata)
{
    (void)info, (void)userdata;
    return sd_event_exit(sd_event_source_get_event(source), 0);
}

static int add_signals(sd_event *event)
{
    static const int signals[] = {SIGTERM, SIGINT};
    sigset_t set;
    sigemptyset(&set);
    for (size_t i = 0; i < ELEMENTS(signals); i++)
        sigaddset(&set, signals[i]);
    if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
        return -errno;
    signal(SIGPIPE, SIG_IGN);
    for (size_t i = 0; i < ELEMENTS(signals); i++) {
        int r = sd_event_add_signal(event, NULL, signals[i], on_signal, NULL);
        if (r < 0)
            return r;
    }
    return 0;
}

int main(int argc, char **argv)
{
    struct options options;
    switch (options_parse(&options, argc, argv)) {
    case OPTIONS_RUN:
        break;
    case OPTIONS_DONE:
        return EXIT_SUCCESS;
    case OPTIONS_WRONG:
        return EXIT_USAGE;
    }
    sd_event *event = NULL;
    int r = sd_event_new(&event);
    if (r >= 0)
        r = add_signals(event);
    int status = r < 0 ? fail("event loop", r) : run(event, &options);
    sd_event_unref(event);
    return status;
}
