/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_REMEDY_H
#define WEBHOOK_REMEDY_H

/* What to do about an answer of a webhook, or about none, for the administrator of this side. By
 * the status where that says most, else by the class of the error (struct outcome, and the names of
 * the transport's kinds of error). Never NULL. */
const char *webhook_remedy(int status, const char *error_class);

#endif
