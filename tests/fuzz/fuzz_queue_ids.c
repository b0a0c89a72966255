/* SPDX-License-Identifier: MIT */
/* Ids on standard input: `dockbell queue resend --dry-run -`. Each line with a word counts once, as
 * a second, simpler reading has it, and only a delivered one can be sent again. */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

#include "base/json.h"
#include "base/memory.h"
#include "cli/cli.h"
#include "fake_clock.h"
#include "must.h"
#include "scratch.h"
#include "stock.h"

static char *directory, *option, *output;
static size_t output_size;
static FILE *quiet;

int LLVMFuzzerInitialize(int *argc, char ***argv);
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int journal_socket_send(const struct iovec iov[], size_t n, bool important);

/* Stands in for journald's socket. */
int journal_socket_send(const struct iovec iov[], size_t n, bool important)
{
    (void)iov, (void)n, (void)important;
    abort(); /* a dry run changes nothing */
}

static void clean_up(void)
{
    fclose(quiet);
    free(option);
    scratch_remove(directory);
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
    (void)argc, (void)argv;
    AUTOFREE char *config = NULL;
    directory = stock_new(&config);
    option = memory_format("--config=%s", config);
    quiet = fopen("/dev/null", "w");
    must(quiet != NULL);
    return atexit(clean_up);
}

/* ---- the second reading ---- */

/* The id of the delivered one. */
#define DELIVERED "2"

struct expected {
    int lines; /* that have a word */
    bool delivered;
};

static void judge(const char *line, size_t size, struct expected *expected)
{
    while (size && (*line == ' ' || *line == '\t'))
        line++, size--;
    size_t word = 0;
    while (word < size && !strchr("\n\v\f\r \t", line[word]))
        word++; /* strchr finds a NUL as well, which ends the word for C */
    expected->lines += word > 0;
    size_t zeros = strspn(line, "0");
    expected->delivered |= word == zeros + 1 && line[zeros] == DELIVERED[0];
}

static struct expected count(const char *text, size_t size)
{
    struct expected expected = {0};
    const char *end = text + size;
    while (text < end) {
        const char *newline = memchr(text, '\n', (size_t)(end - text));
        judge(text, (size_t)((newline ? newline : end) - text), &expected);
        text = newline ? newline + 1 : end;
    }
    return expected;
}

/* ---- the command ---- */

static int number(const cJSON *json, const char *name)
{
    const cJSON *item = cJSON_GetObjectItemCaseSensitive(json, name);
    must(cJSON_IsNumber(item));
    return item->valueint;
}

static int run(const char *input, size_t size)
{
    char words[][16] = {"dockbell", "queue", "resend", "--dry-run", "--output=json", "-"};
    char *argv[] = {words[0], words[1], words[2], words[3], words[4], option, words[5]};
    FILE *old_in = stdin, *old_out = stdout, *old_err = stderr;
    stdin = fmemopen((void *)input, size, "r");
    stdout = open_memstream(&output, &output_size);
    stderr = quiet;
    int status = cli_main(ELEMENTS(argv), argv);
    fclose(stdin);
    fclose(stdout);
    stdin = old_in;
    stdout = old_out;
    stderr = old_err;
    return status;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size == 0)
        return 0;
    AUTOFREE char *input = memory_copy(data, size);
    struct expected expected = count(input, size);
    int status = run(input, size);
    AUTOJSON cJSON *json = json_parse(output, output_size, 65536);
    int changed = number(json, "changed"), failed = number(json, "failed");
    must(status == (failed ? 1 : 0));
    must(changed + failed == expected.lines && (changed > 0) == expected.delivered);
    free(output);
    return 0;
}
