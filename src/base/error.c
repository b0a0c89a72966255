/* SPDX-License-Identifier: MIT */
#include "base/error.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Shorten a cut text, so that it does not end inside a UTF-8 sequence. */
static void cut_at_character(char *text, size_t size)
{
    size_t end = size;
    while (end > 0 && size - end < 4 && ((unsigned char)text[end - 1] & 0xc0) == 0x80)
        end--;
    if (end == 0)
        return;
    unsigned char first = (unsigned char)text[end - 1];
    size_t need = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
    if (size - (end - 1) < need)
        text[end - 1] = '\0';
}

int error_set(struct error *error, enum error_kind kind, const char *format, ...)
{
    if (!error)
        return -EIO;
    /* The arguments may point into *error itself, when its old text is put into a new one. */
    char text[sizeof(error->text)];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(text, sizeof(text), format, arguments);
    va_end(arguments);
    if (size >= (int)sizeof(text))
        cut_at_character(text, sizeof(text) - 1);
    *error = (struct error){.kind = kind};
    memcpy(error->text, text, strlen(text) + 1);
    return -EIO;
}

const char *error_kind_name(enum error_kind kind)
{
    static const char *const names[ERROR_KINDS] = {
        [ERROR_NONE] = "none",           [ERROR_DNS] = "dns",
        [ERROR_CONNECT] = "connect",     [ERROR_TLS] = "tls",
        [ERROR_NO_TLS] = "no-tls",       [ERROR_TIMEOUT] = "timeout",
        [ERROR_RESET] = "reset",         [ERROR_STATUS] = "status",
        [ERROR_THROTTLED] = "throttled", [ERROR_CREDENTIALS] = "credentials",
        [ERROR_CLOCK] = "clock",         [ERROR_REFUSED] = "refused",
        [ERROR_PROTOCOL] = "protocol",   [ERROR_TOO_LARGE] = "too-large",
        [ERROR_CANCELLED] = "cancelled", [ERROR_STORE] = "store",
        [ERROR_CONFIG] = "config",
    };
    return (unsigned)kind < ERROR_KINDS ? names[kind] : "unknown";
}

bool error_is_transport(enum error_kind kind)
{
    switch (kind) {
    case ERROR_DNS:
    case ERROR_CONNECT:
    case ERROR_TLS:
    case ERROR_NO_TLS:
    case ERROR_TIMEOUT:
    case ERROR_RESET:
        return true;
    case ERROR_NONE:
    case ERROR_STATUS:
    case ERROR_THROTTLED:
    case ERROR_CREDENTIALS:
    case ERROR_CLOCK:
    case ERROR_REFUSED:
    case ERROR_PROTOCOL:
    case ERROR_TOO_LARGE:
    case ERROR_CANCELLED:
    case ERROR_STORE:
    case ERROR_CONFIG:
    case ERROR_KINDS:
        return false;
    }
    return false;
}

bool error_may_pass(const struct error *error)
{
    return error_is_transport(error->kind) || error->kind == ERROR_STATUS ||
           error->kind == ERROR_THROTTLED || error->kind == ERROR_PROTOCOL ||
           error->kind == ERROR_TOO_LARGE;
}
