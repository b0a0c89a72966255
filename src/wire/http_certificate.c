/* SPDX-License-Identifier: MIT */
#include "http_certificate.h"

#include <openssl/pem.h>
#include <openssl/x509.h>
#include <time.h>

#include "base/clock.h"
#include "base/text.h"

#define PEM_FIELD "Cert:"

/* The time is read from the certificate itself: how curl spells it differs between TLS libraries.
 */
uint64_t http_certificate_end_of(const char *pem)
{
    struct tm tm;
    uint64_t usec = 0;
    BIO *bio = BIO_new_mem_buf(pem, -1);
    X509 *certificate = bio ? PEM_read_bio_X509(bio, NULL, NULL, NULL) : NULL;
    if (certificate && ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) == 1) {
        time_t seconds = timegm(&tm);
        usec = seconds > 0 ? (uint64_t)seconds * USEC_PER_SEC : 0;
    }
    X509_free(certificate);
    BIO_free(bio);
    return usec;
}

uint64_t http_certificate_ends(CURL *easy)
{
    struct curl_certinfo *chain = NULL;
    if (curl_easy_getinfo(easy, CURLINFO_CERTINFO, &chain) != CURLE_OK || !chain ||
        chain->num_of_certs < 1)
        return 0;
    for (struct curl_slist *field = chain->certinfo[0]; field; field = field->next)
        if (text_starts(field->data, PEM_FIELD))
            return http_certificate_end_of(field->data + sizeof(PEM_FIELD) - 1);
    return 0;
}
