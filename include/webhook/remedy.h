/* SPDX-License-Identifier: MIT */
#ifndef WEBHOOK_REMEDY_H
#define WEBHOOK_REMEDY_H

/* Return advice for the administrator of this side about an answer of a webhook, or about none. It
 * depends on the status if that says most, else on the class of the error (struct outcome, and the
 * names of the transport's kinds of error). Never NULL. */
const char *webhook_remedy(int status, const char *error_class);

#endif
