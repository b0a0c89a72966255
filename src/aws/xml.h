/* SPDX-License-Identifier: MIT */
#ifndef SRC_AWS_XML_H
#define SRC_AWS_XML_H

#include <stddef.h>

/* Find the text of the first element at a path, such as "Response/Result/Arn", in a whole document.
 * Strict: tags must match, and there are no comments, no CDATA, no document types and no entities
 * but the five of XML. 0 and *ret, which the caller frees; -ENOENT: there is no such element;
 * -EINVAL: it is not such a document. */
int xml_find(const char *bytes, size_t size, const char *path, char **ret);

#endif
