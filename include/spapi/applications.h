/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_APPLICATIONS_H
#define SPAPI_APPLICATIONS_H

#include "base/error.h"
#include "wire/http.h"

/*
 * SP-API's Application Management API 2023-11-30, which has one operation:
 * rotateApplicationClientSecret. Amazon makes a new client secret and sends it to the queue that
 * the application is enrolled with, and nowhere else. The old one works for 7 more days. One call a
 * minute (github.com/amzn/selling-partner-api-models, application_2023-11-30.json).
 */
struct applications_call;

/* error.kind ERROR_NONE: the new secret is on its way. Otherwise as in spapi/notifications.h. */
typedef void (*applications_done_fn)(const struct error *error, void *userdata);

/* Ask for a new client secret. `endpoint` as for notifications_new, `token` of lwa_rotation; both
 * are copied. 0 and the callback is called once, later, from the loop; or negative errno. */
int applications_rotate_secret(struct http *http, const char *endpoint, const char *token,
                               applications_done_fn done, void *userdata,
                               struct applications_call **ret_call);

/* End the call without its callback. NULL is fine. */
void applications_cancel(struct applications_call *call);

#endif
