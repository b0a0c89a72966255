/* SPDX-License-Identifier: MIT */
#include "identity.h"

const struct identity_seller identity_sellers[IDENTITY_SELLERS] = {
    {"A297A7DJHEYXBY", "Atzr|dockbell-sandbox-refresh-token-of-seller-A297A7DJHEYXBY"},
    {"A3TH9S8BH6GOGM", "Atzr|dockbell-sandbox-refresh-token-of-seller-A3TH9S8BH6GOGM"},
};
