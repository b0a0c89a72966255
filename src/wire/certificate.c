/* SPDX-License-Identifier: MIT */
#include "wire/certificate.h"

#include <errno.h>
#include <fcntl.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/memory.h"

/* Return the end of a certificate in wall time. 0 if it is before 1970, or if there is none. */
static uint64_t end_of(const X509 *certificate)
{
    struct tm tm;
    if (ASN1_TIME_to_tm(X509_get0_notAfter(certificate), &tm) != 1)
        return 0;
    time_t seconds = timegm(&tm);
    return seconds > 0 ? (uint64_t)seconds * USEC_PER_SEC : 0;
}

static void add(struct certificate_ends *ends, uint64_t usec, bool first)
{
    if (first || usec < ends->first_usec)
        ends->first_usec = usec;
    if (first || usec > ends->last_usec)
        ends->last_usec = usec;
}

/* Read certificates until the last one. Return their number. OpenSSL skips keys between them. */
static size_t read_all(BIO *bio, struct certificate_ends *ends)
{
    X509 *certificate;
    size_t count = 0;
    while ((certificate = PEM_read_bio_X509(bio, NULL, NULL, NULL)) != NULL) {
        add(ends, end_of(certificate), count++ == 0);
        X509_free(certificate);
    }
    return count;
}

int certificate_read(const char *pem, size_t size, struct certificate_ends *ret,
                     struct error *error)
{
    *ret = (struct certificate_ends){0};
    ERR_clear_error();
    BIO *bio = size <= CERTIFICATE_FILE_MAX ? BIO_new_mem_buf(pem, (int)size) : NULL;
    size_t count = bio ? read_all(bio, ret) : 0;
    /* Reading always ends with an error. This one means that nothing more was to read. */
    bool whole = ERR_GET_REASON(ERR_peek_last_error()) == PEM_R_NO_START_LINE;
    ERR_clear_error();
    BIO_free(bio);
    if (count && whole)
        return 0;
    return error_set(error, ERROR_CONFIG,
                     count ? "a certificate in it cannot be understood"
                           : "there is no certificate in PEM in it");
}

static int read_file(int fd, char **ret, size_t *ret_size)
{
    struct stat is;
    size_t size = 0;
    ssize_t got = 1;
    if (fstat(fd, &is) < 0)
        return errno;
    if (!S_ISREG(is.st_mode))
        return EINVAL;
    if (is.st_size > (off_t)CERTIFICATE_FILE_MAX)
        return EFBIG;
    *ret = memory_new((size_t)is.st_size + 1);
    while (got > 0 && size < (size_t)is.st_size) {
        got = read(fd, *ret + size, (size_t)is.st_size - size);
        size += got > 0 ? (size_t)got : 0;
    }
    *ret_size = size;
    return got < 0 ? errno : 0;
}

int certificate_file_read(const char *path, struct certificate_ends *ret, struct error *error)
{
    AUTOFREE char *pem = NULL;
    size_t size = 0;
    *ret = (struct certificate_ends){0};
    /* Without O_NONBLOCK a pipe with this name would block the loop. */
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    int why = fd < 0 ? errno : read_file(fd, &pem, &size);
    if (fd >= 0)
        close(fd);
    if (why == EINVAL)
        return error_set(error, ERROR_CONFIG, "it is not a regular file");
    if (why)
        return error_set(error, ERROR_CONFIG, "it cannot be read: %s", strerror(why));
    return certificate_read(pem, size, ret, error);
}
