/* SPDX-License-Identifier: MIT */
#ifndef SRC_WEBHOOK_REWRITTEN_H
#define SRC_WEBHOOK_REWRITTEN_H

#include <stdbool.h>

#include "webhook/body.h"

/* Number of forms that a JSON body may have had before a program parsed it and wrote it again. */
#define REWRITTEN_FORMS 3

/* Append the same JSON in form number 0 to REWRITTEN_FORMS - 1: without blanks; with Amazon's
 * blanks; and Dockbell's envelope without blanks around Amazon's bytes with blanks. */
void rewritten_form(struct text *out, unsigned form, struct webhook_part body);

/* Whether the body is one of ours, but begins in another way than we write it: with other blanks,
 * or with its members in another order. */
bool rewritten_begins_otherwise(struct webhook_part body);

#endif
