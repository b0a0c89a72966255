/* SPDX-License-Identifier: MIT */
#ifndef AWS_VARIABLES_H
#define AWS_VARIABLES_H

/* Return a variable of the environment that AWS programs know; NULL: it is not set. The secret ones
 * (keys and tokens) are taken out of the environment when they are read first, so that neither
 * children nor /proc show them, and kept for the process's lifetime, as a reload reads them again.
 * Borrowed until the variable is set again. */
const char *aws_variable(const char *name);

/* Forget the secret variables that were taken. */
void aws_variables_forget(void);

#endif
