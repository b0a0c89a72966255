/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_REWRITTEN_H
#define WEBHOOK_REWRITTEN_H

#include <stdbool.h>

#include "webhook/body.h"

/* Forms that a JSON body may have had before something parsed it and wrote it again. */
#define REWRITTEN_FORMS 3

/* Appends the same JSON in form number 0 to REWRITTEN_FORMS - 1: without blanks; with Amazon's; and
 * Dockbell's envelope without blanks around Amazon's with them. */
void rewritten_form(struct text *out, unsigned form, struct webhook_part body);

/* Whether the body is one of ours and does not begin as we write it: other blanks, or its members
 * in another order. */
bool rewritten_begins_otherwise(struct webhook_part body);

#endif
