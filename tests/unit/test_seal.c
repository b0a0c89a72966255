/* SPDX-License-Identifier: MIT */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/memory.h"
#include "base/seal.h"
#include "base/text.h"

#define KEY   "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
#define OTHER "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh4="
#define TEXT  "{\"DestinationPostalCode\":\"80331\"}"

/* TEXT at this place under KEY and this nonce, and the key's id, made with Node.js: HKDF-SHA256
 * without salt, 40 bytes, of which the first 32 are the AES key and the others the id. */
static const struct seal_place place = {2, 0x0102030405060708};
static const char purpose[] = "test purpose";
static const char key_id[] = "933a78d50b21165c";
static const unsigned char known[] = {
    0x00, 0x01, 0x02, 0x03, 0x04, 0x05, 0x06, 0x07, 0x08, 0x09, 0x0a, 0x0b, 0x89, 0xc6, 0x57, 0x45,
    0x63, 0xb5, 0x07, 0xd7, 0xeb, 0x96, 0x45, 0xd1, 0x60, 0xb0, 0x78, 0x6c, 0x1d, 0x46, 0x6d, 0x27,
    0xa7, 0x5c, 0x29, 0xa7, 0xde, 0xce, 0x5b, 0xe1, 0x8e, 0x89, 0xb2, 0xfc, 0xdd, 0x30, 0x28, 0xaf,
    0xfd, 0x8e, 0x7a, 0x6f, 0xb1, 0x26, 0x4d, 0x63, 0x51, 0xc0, 0x01, 0x1f, 0x77,
};

#define SEALED_SIZE (sizeof(TEXT) - 1 + SEAL_EXTRA)

static struct seal_key *make(const char *text)
{
    struct seal_key *key = seal_key_parse(text, strlen(text), purpose);
    assert_non_null(key);
    return key;
}

static void a_known_value_opens(void **state)
{
    char out[sizeof(TEXT)] = "";
    struct seal_key *key = make(KEY);
    (void)state;
    assert_int_equal(sizeof(known), SEALED_SIZE);
    assert_string_equal(seal_key_id(key), key_id);
    assert_true(seal_open(key, place, known, sizeof(known), out));
    assert_string_equal(out, TEXT);
    seal_key_free(key);
}

static void what_was_sealed_opens(void **state)
{
    (void)state;
    struct seal_key *key = make(KEY);
    for (size_t size = 0; size < 3000; size += size < 40 ? 1 : 333) {
        AUTOFREE char *plain = memory_new(size + 1);
        AUTOFREE char *sealed = memory_new(size + SEAL_EXTRA);
        AUTOFREE char *opened = memory_new(size + 1);
        memset(plain, 'x', size);
        seal_close(key, place, plain, size, sealed);
        if (size >= 16)
            assert_null(memmem(sealed, size + SEAL_EXTRA, plain, 16));
        assert_true(seal_open(key, place, sealed, size + SEAL_EXTRA, opened));
        assert_memory_equal(opened, plain, size);
    }
    seal_key_free(key);
}

/* The nonces come in batches: none comes twice. */
static void no_nonce_comes_twice(void **state)
{
    enum { COUNT = 300, NONCE = 12 };
    static unsigned char nonces[COUNT][NONCE];
    struct seal_key *key = make(KEY);
    (void)state;
    for (size_t i = 0; i < COUNT; i++) {
        unsigned char sealed[SEAL_EXTRA + 1];
        seal_close(key, place, "x", 1, sealed);
        memcpy(nonces[i], sealed, NONCE);
        for (size_t k = 0; k < i; k++)
            assert_memory_not_equal(nonces[i], nonces[k], NONCE);
    }
    seal_key_free(key);
}

static void a_changed_value_does_not_open(void **state)
{
    char out[sizeof(TEXT) + 1];
    struct seal_key *key = make(KEY);
    (void)state;
    for (size_t bit = 0; bit < 8 * sizeof(known); bit++) {
        unsigned char sealed[sizeof(known)];
        memcpy(sealed, known, sizeof(known));
        sealed[bit / 8] ^= (unsigned char)(1U << bit % 8);
        assert_false(seal_open(key, place, sealed, sizeof(sealed), out));
    }
    for (size_t size = 0; size < sizeof(known); size++)
        assert_false(seal_open(key, place, known, size, out));
    /* The key's context is none the worse for it. */
    assert_true(seal_open(key, place, known, sizeof(known), out));
    seal_key_free(key);
}

static void it_opens_at_its_place_only(void **state)
{
    char out[sizeof(TEXT)];
    struct seal_key *key = make(KEY);
    const struct seal_place others[] = {
        {1, place.id}, {3, place.id}, {2, place.id + 1}, {2, -place.id}, {2, 0}};
    (void)state;
    for (size_t i = 0; i < ELEMENTS(others); i++)
        assert_false(seal_open(key, others[i], known, sizeof(known), out));
    seal_key_free(key);
}

static void it_opens_with_its_key_only(void **state)
{
    char out[sizeof(TEXT)];
    struct seal_key *other = make(OTHER), *elsewhere = seal_key_parse(KEY, strlen(KEY), "another");
    (void)state;
    assert_string_not_equal(seal_key_id(other), key_id);
    assert_string_not_equal(seal_key_id(elsewhere), key_id);
    assert_false(seal_open(other, place, known, sizeof(known), out));
    assert_false(seal_open(elsewhere, place, known, sizeof(known), out));
    seal_key_free(other);
    seal_key_free(elsewhere);
}

static void only_32_bytes_are_a_key(void **state)
{
    static const char *const bad[] = {
        "",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHg==",
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8A",
        "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
    };
    (void)state;
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        assert_null(seal_key_parse(bad[i], strlen(bad[i]), purpose));
    seal_key_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_known_value_opens),
        cmocka_unit_test(what_was_sealed_opens),
        cmocka_unit_test(no_nonce_comes_twice),
        cmocka_unit_test(a_changed_value_does_not_open),
        cmocka_unit_test(it_opens_at_its_place_only),
        cmocka_unit_test(it_opens_with_its_key_only),
        cmocka_unit_test(only_32_bytes_are_a_key),
    };
    return cmocka_run_group_tests_name("seal", tests, NULL, NULL);
}
