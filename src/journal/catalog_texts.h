/* SPDX-License-Identifier: MIT */
#ifndef SRC_JOURNAL_CATALOG_TEXTS_H
#define SRC_JOURNAL_CATALOG_TEXTS_H

#include <stddef.h>

/* Remedy and next command of every entry of systemd/dockbell.catalog, each as one line.
 * scripts/catalog-texts writes the table during the build. */
struct catalog_text {
    const char *id; /* MESSAGE_ID */
    const char *remedy, *next;
};
extern const struct catalog_text catalog_texts[];
extern const size_t catalog_texts_count;

#endif
