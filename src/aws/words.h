/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_WORDS_H
#define SRC_AWS_WORDS_H

/* Split a text into words by the quoting rules of a POSIX shell, without any expansion, as botocore
 * does (Python's shlex.split). Return an owned, NULL-terminated list (text_list_free). NULL: a
 * quotation or an escape is not ended. */
char **words_split(const char *text);

#endif
