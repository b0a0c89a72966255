/* SPDX-License-Identifier: MIT */
#ifndef WIRE_HTTP_CERTIFICATE_H
#define WIRE_HTTP_CERTIFICATE_H

#include <curl/curl.h>
#include <stdint.h>

/* When the certificate that the peer showed ends, in wall time; 0: none is known, because
 * CURLOPT_CERTINFO is off, there was no TLS, or no handshake. */
uint64_t http_certificate_ends(CURL *easy);

#endif
