/* SPDX-License-Identifier: MIT */
#include "spapi/marketplaces.h"

#include <string.h>
#include <strings.h>

#include "base/memory.h"
#include "base/nearest.h"

// clang-format off
static const struct amazon_marketplace marketplaces[] = {
    {"ATVPDKIKX0DER", "US", "na"},  {"A2EUQ1WTGCTBG2", "CA", "na"},
    {"A1AM78C64UM0Y8", "MX", "na"}, {"A2Q3Y263D00KWC", "BR", "na"},
    {"A28R8C7NBKEWEA", "IE", "eu"}, {"A1RKKUPIHCS9HS", "ES", "eu"},
    {"A1F83G8C2ARO7P", "GB", "eu"}, {"A13V1IB3VIYZZH", "FR", "eu"},
    {"AMEN7PMS3EDWL", "BE", "eu"},  {"A1805IZSGTT6HS", "NL", "eu"},
    {"A1PA6795UKMFR9", "DE", "eu"}, {"APJ6JRA9NG5V4", "IT", "eu"},
    {"A2NODRKZP88ZB9", "SE", "eu"}, {"AE08WJ6YKNBMC", "ZA", "eu"},
    {"A1C3SOZRARQ6R3", "PL", "eu"}, {"ARBP9OOSHTCHU", "EG", "eu"},
    {"A33AVAJ2PDY3EV", "TR", "eu"}, {"A17E79C6D8DWNP", "SA", "eu"},
    {"A2VIGQ35RCS4UG", "AE", "eu"}, {"A21TJRUUN4KGV", "IN", "eu"},
    {"A19VAU5U5O7RUS", "SG", "fe"}, {"A39IBJ37TRP1C6", "AU", "fe"},
    {"A1VC38T7YXB528", "JP", "fe"},
};
// clang-format on

const struct amazon_marketplace *amazon_marketplace_find(const char *id)
{
    for (size_t i = 0; i < ELEMENTS(marketplaces); i++)
        if (strcmp(marketplaces[i].id, id) == 0)
            return &marketplaces[i];
    return NULL;
}

const struct amazon_marketplace *amazon_marketplace_nearest(const char *word)
{
    const char *ids[ELEMENTS(marketplaces)];
    const char *country = strcasecmp(word, "UK") == 0 ? "GB" : word;
    for (size_t i = 0; i < ELEMENTS(marketplaces); i++) {
        ids[i] = marketplaces[i].id;
        if (strcasecmp(marketplaces[i].country, country) == 0)
            return &marketplaces[i];
    }
    const char *near = strlen(word) > 4 ? nearest_word(word, ids, ELEMENTS(ids)) : NULL;
    return near ? amazon_marketplace_find(near) : NULL;
}
