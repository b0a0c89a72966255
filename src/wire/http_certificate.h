/* SPDX-License-Identifier: MIT */
#ifndef SRC_WIRE_HTTP_CERTIFICATE_H
#define SRC_WIRE_HTTP_CERTIFICATE_H

#include <curl/curl.h>
#include <stdint.h>

/* Return the end of the peer's certificate in wall time. 0 if none is known, because
 * CURLOPT_CERTINFO is off, there was no TLS, or there was no handshake. */
uint64_t http_certificate_ends(CURL *easy);

#endif
