/* SPDX-License-Identifier: MIT */
#include "command.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/memory.h"
#include "capture.h"
#include "cli/cli.h"

#define WORDS_MAX 32

/* Puts the text on stdin. */
static void feed(const char *input)
{
    int file = memfd_create("stdin", MFD_CLOEXEC);
    if (file < 0 || write(file, input, strlen(input)) != (ssize_t)strlen(input) ||
        lseek(file, 0, SEEK_SET) != 0 || dup2(file, STDIN_FILENO) < 0)
        abort();
    close(file);
    clearerr(stdin);
    rewind(stdin);
}

struct command_result command_run_words(const char *config, const char *words, const char *input)
{
    AUTOFREE char *copy = memory_string(words);
    AUTOFREE char *option = config ? memory_format("--config=%s", config) : NULL;
    char *argv[WORDS_MAX] = {(char *)"dockbell"};
    int argc = 1;
    for (char *word = strtok(copy, " "); word; word = strtok(NULL, " "))
        argv[argc++] = word;
    if (option)
        argv[argc++] = option;
    feed(input ? input : "");
    struct command_result result;
    capture_start(STDERR_FILENO);
    capture_start(STDOUT_FILENO);
    result.status = cli_main(argc, argv);
    result.out = capture_end(STDOUT_FILENO);
    result.err = capture_end(STDERR_FILENO);
    return result;
}

void command_clear(struct command_result *result)
{
    free(result->out);
    free(result->err);
    *result = (struct command_result){0};
}
