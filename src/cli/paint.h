/* SPDX-License-Identifier: MIT */
#ifndef SRC_CLI_PAINT_H
#define SRC_CLI_PAINT_H

/*
 * Colour for people, only on a terminal with colours, and not if NO_COLOR is set
 * (https://no-color.org). A colour only repeats the meaning of a word, so the output without
 * colours has the same information.
 */
enum paint {
    PAINT_NONE,
    PAINT_GOOD,
    PAINT_WARN,
    PAINT_BAD,
    PAINT_FAINT,
    PAINT_TITLE,
};

/* Return the code that begins the paint on stdout: a constant, empty if colours are
 * off. It takes no columns. */
const char *paint_start(enum paint paint);

/* Return the code that ends the paint, in the same way. */
const char *paint_end(enum paint paint);

#endif
