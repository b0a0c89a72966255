/* SPDX-License-Identifier: MIT */
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/digest.h"
#include "base/memory.h"
#include "base/text.h"

static void check_hex(const unsigned char *sum, const char *expected)
{
    char hex[2 * SHA256_SIZE + 1];
    text_hex(hex, sum, SHA256_SIZE);
    assert_string_equal(hex, expected);
}

/* FIPS 180-4 examples. */
static void hashes(void **state)
{
    (void)state;
    unsigned char sum[SHA256_SIZE];
    digest_sha256(sum, "abc", 3);
    check_hex(sum, "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    digest_sha256(sum, "", 0);
    check_hex(sum, "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
}

/* RFC 4231, test cases 1, 2 and 6 (a key longer than the block). */
static void signs(void **state)
{
    (void)state;
    unsigned char sum[SHA256_SIZE], key[131];
    memset(key, 0x0b, 20);
    digest_hmac_sha256(sum, key, 20, "Hi There", 8);
    check_hex(sum, "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
    digest_hmac_sha256(sum, "Jefe", 4, "what do ya want for nothing?", 28);
    check_hex(sum, "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
    memset(key, 0xaa, sizeof(key));
    digest_hmac_sha256(sum, key, sizeof(key),
                       "Test Using Larger Than Block-Size Key - Hash Key First", 54);
    check_hex(sum, "60e431591ee0b67f0d8a26aacbf5b77f8e0bc6213728c5140546040f0ee37f54");
    digest_hmac_sha256(sum, NULL, 0, "", 0);
    check_hex(sum, "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

static void md5s(void **state)
{
    (void)state;
    char hex[33];
    if (!digest_md5_hex(hex, "abc", 3))
        skip();
    assert_string_equal(hex, "900150983cd24fb0d6963f7d28e17f72");
}

static void keys_tell_lists_apart(void **state)
{
    (void)state;
    const char *const a[] = {"ab", "c"}, *const b[] = {"a", "bc"}, *const c[] = {"ab", "c", ""};
    assert_true(digest_key64(a, 2) == digest_key64(a, 2));
    assert_false(digest_key64(a, 2) == digest_key64(b, 2));
    assert_false(digest_key64(a, 2) == digest_key64(c, 3));
    assert_false(digest_key64(a, 0) == digest_key64(c + 2, 1));
}

/* RFC 4648 section 10. */
static void encodes_base64(void **state)
{
    (void)state;
    static const char *const pairs[][2] = {
        {"", ""},
        {"f", "Zg=="},
        {"fo", "Zm8="},
        {"foo", "Zm9v"},
        {"foob", "Zm9vYg=="},
        {"fooba", "Zm9vYmE="},
        {"foobar", "Zm9vYmFy"},
        {"\xfb\xff\xbf", "+/+/"},
    };
    for (size_t i = 0; i < ELEMENTS(pairs); i++) {
        char out[DIGEST_BASE64_MAX(6)], back[6];
        size_t size = strlen(pairs[i][0]);
        assert_int_equal(digest_base64(out, pairs[i][0], size), strlen(pairs[i][1]));
        assert_string_equal(out, pairs[i][1]);
        assert_int_equal(digest_base64_decode(back, out, strlen(out)), size);
        assert_memory_equal(back, pairs[i][0], size);
    }
}

static void refuses_loose_base64(void **state)
{
    (void)state;
    static const char *const bad[] = {"Zg",       "Zg=",  "Zh==",   "Zm9=", "Z===", "====",
                                      "Zg==Zg==", "Zm 9", "Zm9v\n", "Zm9-", "Zm=v", "=m9v"};
    char out[16];
    for (size_t i = 0; i < ELEMENTS(bad); i++)
        if (digest_base64_decode(out, bad[i], strlen(bad[i])) != -EINVAL)
            fail_msg("%s was read", bad[i]);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(hashes),         cmocka_unit_test(signs),
        cmocka_unit_test(md5s),           cmocka_unit_test(keys_tell_lists_apart),
        cmocka_unit_test(encodes_base64), cmocka_unit_test(refuses_loose_base64),
    };
    return cmocka_run_group_tests_name("digest", tests, NULL, NULL);
}
