/* SPDX-License-Identifier: MIT */
#include "check.h"

#include <errno.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define TOLERANCE_S       300
#define SECRET_PREFIX     "whsec_"
#define SECRET_TEXT_MAX   128
#define SIGNATURE_SIZE    32
#define SIGNATURE_TEXT    44 /* base64 of 32 bytes */
#define SIGNED_HEADER_MAX 512

int check_read_secret(struct check *check, const char *path)
{
    char line[SECRET_TEXT_MAX];
    FILE *file = fopen(path, "re");
    if (!file)
        return -errno;
    bool read = fgets(line, sizeof line, file) != NULL;
    fclose(file);
    if (!read)
        return -EINVAL;

    line[strcspn(line, "\r\n")] = '\0';
    size_t size = strlen(line), prefix = strlen(SECRET_PREFIX);
    if (strncmp(line, SECRET_PREFIX, prefix) != 0 || (size - prefix) % 4 != 0)
        return -EINVAL;
    unsigned char key[SECRET_TEXT_MAX];
    int decoded = EVP_DecodeBlock(key, (unsigned char *)line + prefix, (int)(size - prefix));
    for (size_t i = size; decoded > 0 && i > prefix && line[i - 1] == '='; i--)
        decoded--; /* EVP_DecodeBlock counts the padding as bytes */
    if (decoded <= 0 || (size_t)decoded > sizeof check->key)
        return -EINVAL;

    memcpy(check->key, key, (size_t)decoded);
    check->key_size = (size_t)decoded;
    return 0;
}

static bool timestamp_is_near(const char *text)
{
    char *end;
    errno = 0;
    long long then = strtoll(text, &end, 10);
    if (errno || end == text || *end)
        return false;
    return llabs((long long)time(NULL) - then) <= TOLERANCE_S;
}

static void expected_signature(const struct check *check, const struct check_request *request,
                               char out[SIGNATURE_TEXT + 1])
{
    char head[SIGNED_HEADER_MAX];
    int head_size = snprintf(head, sizeof head, "%s.%s.", request->id, request->timestamp);
    unsigned char mac[SIGNATURE_SIZE];
    unsigned mac_size = sizeof mac;
    size_t total = (size_t)head_size + request->body_size;
    unsigned char *all = malloc(total);
    if (!all)
        abort();
    memcpy(all, head, (size_t)head_size);
    memcpy(all + head_size, request->body, request->body_size);
    HMAC(EVP_sha256(), check->key, (int)check->key_size, all, total, mac, &mac_size);
    free(all);
    EVP_EncodeBlock((unsigned char *)out, mac, (int)mac_size);
}

bool check_signature(const struct check *check, const struct check_request *request)
{
    if (!request->id || !request->timestamp || !request->signature)
        return false;
    if (strlen(request->id) + strlen(request->timestamp) + 3 > SIGNED_HEADER_MAX)
        return false;
    if (!timestamp_is_near(request->timestamp))
        return false;

    char expected[SIGNATURE_TEXT + 1];
    expected_signature(check, request, expected);
    const char *entry = request->signature;
    while (*entry) {
        size_t size = strcspn(entry, " ");
        if (size == 3 + SIGNATURE_TEXT && memcmp(entry, "v1,", 3) == 0 &&
            CRYPTO_memcmp(entry + 3, expected, SIGNATURE_TEXT) == 0)
            return true;
        entry += size + strspn(entry + size, " ");
    }
    return false;
}
