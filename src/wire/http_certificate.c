/* SPDX-License-Identifier: MIT */
#include "http_certificate.h"

#include <string.h>

#include "base/text.h"
#include "wire/certificate.h"

#define PEM_FIELD "Cert:"

/* The time is read from the certificate, because curl's text for it differs between TLS
 * libraries. */
uint64_t http_certificate_ends(CURL *easy)
{
    struct curl_certinfo *chain = NULL;
    struct certificate_ends ends;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
        chain->num_of_certs < 1)
        return 0;
    for (struct curl_slist *field = chain->certinfo[0]; field; field = field->next)
        if (text_starts(field->data, PEM_FIELD)) {
            const char *pem = field->data + sizeof(PEM_FIELD) - 1;
            return certificate_read(pem, strlen(pem), &ends, NULL) == 0 ? ends.first_usec : 0;
        }
    return 0;
}
