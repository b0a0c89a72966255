/* SPDX-License-Identifier: MIT */
#include "configuring.h"

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "scratch.h"

char *directory;
struct config *config;
char *findings;

int start(void **state)
{
    (void)state;
    unsetenv("STATE_DIRECTORY");
    directory = scratch_new();
    return 0;
}

static void forget(void)
{
    config_free(config);
    config = NULL;
    free(TAKE(findings));
}

int end(void **state)
{
    (void)state;
    forget();
    scratch_remove(TAKE(directory));
    return 0;
}

static void take_out(char *text, const char *what)
{
    size_t size = strlen(what);
    for (char *at = text; (at = strstr(at, what)) != NULL;)
        memmove(at, at + size, strlen(at + size) + 1);
}

/* Loads dockbell.conf of the scratch directory; the findings as text. */
int load_file(void)
{
    struct config_findings found = {0};
    AUTOFREE char *path = memory_format("%s/dockbell.conf", directory);
    AUTOFREE char *prefix = memory_format("%s/", directory);
    forget();
    int r = config_load(&config, path, &found);
    AUTOTEXT struct text text = {0};
    for (size_t i = 0; i < found.count; i++)
        config_finding_print(&text, &found.findings[i]);
    assert_int_equal(r, found.errors ? -EINVAL : 0);
    findings = text_take(&text);
    take_out(findings, prefix);
    config_findings_clear(&found);
    return r;
}

int load(const char *content)
{
    free(scratch_write(directory, "dockbell.conf", content));
    return load_file();
}

/* Loads a text that has exactly these findings. */
void expect(const char *content, const char *expected)
{
    load(content);
    assert_string_equal(findings, expected);
}

/* The same for one more key in [webhook wms], [queue q], ... */
void expect_webhook(const char *line, const char *expected)
{
    AUTOFREE char *content = memory_format(GOOD "%s\n", line);
    expect(content, expected);
}
