/* SPDX-License-Identifier: MIT */
/* The sending of an entry. The listener gets it, and the limit of storms may hold it back. */
#include <stdarg.h>

#include "journal/alarms.h"
#include "put.h"
#include "storm.h"

static record_listener_fn listener;
static void *listener_userdata;

void record_listen(record_listener_fn fn, void *userdata)
{
    listener = fn;
    listener_userdata = userdata;
    record_heed(fn != NULL);
}

void record_send(struct record *record, const char *format, ...)
{
    AUTOTEXT struct text sentence = {0};
    va_list arguments;
    va_start(arguments, format);
    record_sentence(&sentence, format, arguments);
    va_end(arguments);

    if (listener && alarm_concerns(record->id))
        listener(record, sentence.data, listener_userdata);
    if (!record->unwanted && !storm_holds(record, sentence.data))
        record_put_out(record, sentence.data);
    text_clear(&record->values);
}
