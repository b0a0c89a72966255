/* SPDX-License-Identifier: MIT */
#ifndef PAINT_H
#define PAINT_H

/*
 * Colour for people: only on a terminal that knows colours, and not when NO_COLOR is set
 * (https://no-color.org). It only repeats what a word says, so that nothing is lost without.
 */
enum paint {
    PAINT_NONE,
    PAINT_GOOD,
    PAINT_WARN,
    PAINT_BAD,
    PAINT_FAINT,
    PAINT_TITLE,
};

/* What begins and ends the paint on stdout: constants, empty where there is to be no colour. They
 * take no columns. */
const char *paint_start(enum paint paint);
const char *paint_end(enum paint paint);

#endif
