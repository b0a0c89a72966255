/* SPDX-License-Identifier: MIT */
#ifndef SRC_SANDBOX_FORM_H
#define SRC_SANDBOX_FORM_H

#include <stddef.h>

/* application/x-www-form-urlencoded. */

#define FORM_FIELDS_MAX 16

struct form {
    char *names[FORM_FIELDS_MAX];
    char *values[FORM_FIELDS_MAX];
    size_t count;
};

/* Read a form. Return 0, or -EINVAL if it is not a form (a bad escape, U+0000, a name twice, too
 * many fields). */
int form_parse(struct form *ret, const char *bytes, size_t size);

/* Free the contents, not the struct. */
void form_clear(struct form *form);

/* Return the value of a field, or NULL. */
const char *form_get(const struct form *form, const char *name);

#endif
