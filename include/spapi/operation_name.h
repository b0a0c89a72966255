/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_OPERATION_NAME_H
#define SPAPI_OPERATION_NAME_H

/* The operations of the Notifications API (SP-API). */
enum operation_name {
    GET_DESTINATIONS,
    CREATE_DESTINATION,
    GET_DESTINATION,
    DELETE_DESTINATION,
    GET_SUBSCRIPTIONS,
    GET_SUBSCRIPTION,
    CREATE_SUBSCRIPTION,
    GET_SUBSCRIPTION_BY_ID,
    DELETE_SUBSCRIPTION_BY_ID,
    SEND_TEST_NOTIFICATION,
    OPERATION_NAMES,
};

/* The name of an operation: "getDestinations", ... Never NULL. */
const char *operation_name(enum operation_name name);

#endif
