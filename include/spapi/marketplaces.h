/* SPDX-License-Identifier: MIT */
#ifndef SPAPI_MARKETPLACES_H
#define SPAPI_MARKETPLACES_H

/*
 * Amazon's marketplaces (SP-API documentation, "Marketplace IDs"). For advice only: Amazon adds
 * some without notice.
 */
struct amazon_marketplace {
    const char *id, *country, *region; /* "A1PA6795UKMFR9", "DE", "eu" */
};

/* Find a marketplace by its id; NULL: it is not known here. */
const struct amazon_marketplace *amazon_marketplace_find(const char *id);

/* Find the marketplace that a word may have meant: a country, or an id with another letter; NULL:
 * none is near. */
const struct amazon_marketplace *amazon_marketplace_nearest(const char *word);

#endif
