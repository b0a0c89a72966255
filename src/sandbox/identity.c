/* SPDX-License-Identifier: MIT */
#include "identity.h"

#include <string.h>

#include "base/text.h"

#define NUMBERED_PREFIX "ADOCKBELL"

const struct identity_seller identity_sellers[IDENTITY_SELLERS] = {
    {"A297A7DJHEYXBY", "Atzr|dockbell-sandbox-refresh-token-of-seller-A297A7DJHEYXBY"},
    {"A3TH9S8BH6GOGM", "Atzr|dockbell-sandbox-refresh-token-of-seller-A3TH9S8BH6GOGM"},
};

static const char *numbered(const char *id)
{
    static char ids[IDENTITY_NUMBERED][sizeof(NUMBERED_PREFIX "0000")];
    const char *digits = id + strlen(NUMBERED_PREFIX);
    size_t number = 0;
    if (!text_starts(id, NUMBERED_PREFIX) || strlen(digits) != 4 ||
        strspn(digits, "0123456789") != 4)
        return NULL;
    for (const char *digit = digits; *digit; digit++)
        number = 10 * number + (size_t)(*digit - '0');
    if (number >= IDENTITY_NUMBERED)
        return NULL;
    return strcpy(ids[number], id);
}

const char *identity_seller_of(const char *refresh_token)
{
    for (size_t i = 0; i < IDENTITY_SELLERS; i++)
        if (text_equal(identity_sellers[i].refresh_token, refresh_token))
            return identity_sellers[i].seller_id;
    if (!text_starts(refresh_token, IDENTITY_REFRESH_PREFIX))
        return NULL;
    return numbered(refresh_token + strlen(IDENTITY_REFRESH_PREFIX));
}
