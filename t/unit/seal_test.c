/*
 * Sealed ids, base64url beneath them, and the key's file.
 */

#include <sys/stat.h>

#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/base64url.h"
#include "base/seal.h"


static char          directory[] = "/tmp/seal_test-XXXXXX";
static char          file[64];
static struct seal  *seal;


static int
set_up(void **state)
{
    (void) state;

    (void) umask(077);

    if (mkdtemp(directory) == NULL) {
        return -1;
    }

    (void) snprintf(file, sizeof(file), "%s/seal.key", directory);

    seal = seal_create(directory);

    return seal != NULL ? 0 : -1;
}


static int
tear_down(void **state)
{
    (void) state;

    seal_destroy(seal);
    (void) unlink(file);

    return rmdir(directory);
}


static void
test_round_trip(void **state)
{
    char    data[SEAL_DATA_MAX], back[SEAL_DATA_MAX], text[SEAL_TEXT_SIZE];
    size_t  size;

    (void) state;

    memset(data, 0xa5, sizeof(data));

    for (size = 1; size <= SEAL_DATA_MAX; size++) {
        assert_true(seal_close(seal, SEAL_MEDIA, data, size, text));
        assert_in_range(strlen(text), SEAL_TEXT_MIN, SEAL_TEXT_SIZE - 1);
        assert_int_equal(strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghij"
                                "klmnopqrstuvwxyz0123456789-_"),
                         strlen(text));
        assert_int_equal(seal_open(seal, SEAL_MEDIA, text, back, size),
                         size);
        assert_memory_equal(data, back, size);

        /* another type, too little room */

        assert_int_equal(seal_open(seal, SEAL_GROUP, text, back,
                                   sizeof(back)), 0);
        assert_int_equal(seal_open(seal, SEAL_MEDIA, text, back, size - 1),
                         0);
    }

    assert_false(seal_close(seal, SEAL_MEDIA, data, 0, text));
    assert_false(seal_close(seal, SEAL_MEDIA, data, SEAL_DATA_MAX + 1,
                            text));
}


static void
test_every_character_counts(void **state)
{
    char    back[SEAL_DATA_MAX], text[SEAL_TEXT_SIZE], kept;
    size_t  i;

    (void) state;

    assert_true(seal_close(seal, SEAL_MEDIA, "0123456789abcdef", 16, text));

    for (i = 0; text[i] != '\0'; i++) {
        kept = text[i];
        text[i] = kept == 'A' ? 'B' : 'A';
        assert_int_equal(seal_open(seal, SEAL_MEDIA, text, back,
                                   sizeof(back)), 0);
        text[i] = '=';
        assert_int_equal(seal_open(seal, SEAL_MEDIA, text, back,
                                   sizeof(back)), 0);
        text[i] = kept;
    }

    text[strlen(text) - 4] = '\0';
    assert_int_equal(seal_open(seal, SEAL_MEDIA, text, back, sizeof(back)),
                     0);
    assert_int_equal(seal_open(seal, SEAL_MEDIA, "", back, sizeof(back)), 0);
}


/* an id of a file is new each time, a group and a message have one */

static void
test_same_or_not(void **state)
{
    char  a[SEAL_TEXT_SIZE], b[SEAL_TEXT_SIZE];

    (void) state;

    assert_true(seal_close(seal, SEAL_MEDIA, "abc", 3, a));
    assert_true(seal_close(seal, SEAL_MEDIA, "abc", 3, b));
    assert_string_not_equal(a, b);

    assert_true(seal_close(seal, SEAL_GROUP, "1@g.us", 6, a));
    assert_true(seal_close(seal, SEAL_GROUP, "1@g.us", 6, b));
    assert_string_equal(a, b);

    assert_true(seal_close(seal, SEAL_GROUP, "2@g.us", 6, b));
    assert_string_not_equal(a, b);

    assert_true(seal_close(seal, SEAL_MESSAGE, "1@g.us", 6, b));
    assert_string_not_equal(a, b);
    assert_true(seal_close(seal, SEAL_MESSAGE, "1@g.us", 6, a));
    assert_string_equal(a, b);
}


static void
hash_of(const struct seal *of, uint8_t out[KEYED_HASH_SIZE])
{
    struct keyed_hash  *hash;

    hash = seal_hash(of);
    assert_non_null(hash);
    assert_true(keyed_hash_make(hash, "a", 1, "b", 1, out));
    keyed_hash_destroy(hash);
}


static void
test_key_file(void **state)
{
    int           fd;
    char          back[8], text[SEAL_TEXT_SIZE];
    uint8_t       hash[KEYED_HASH_SIZE], again[KEYED_HASH_SIZE];
    struct seal  *other;
    struct stat   st;

    (void) state;

    assert_int_equal(stat(file, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 32);

    /* the same key again opens the same ids and makes the same hashes */

    assert_true(seal_close(seal, SEAL_MEDIA, "abc", 3, text));
    hash_of(seal, hash);
    other = seal_create(directory);
    assert_non_null(other);
    assert_int_equal(seal_open(other, SEAL_MEDIA, text, back, 8), 3);
    hash_of(other, again);
    assert_memory_equal(again, hash, sizeof(hash));
    seal_destroy(other);

    assert_int_equal(chmod(file, 0644), 0);
    assert_null(seal_create(directory));
    assert_int_equal(chmod(file, 0600), 0);

    assert_int_equal(truncate(file, 31), 0);
    assert_null(seal_create(directory));
    assert_int_equal(truncate(file, 33), 0);
    assert_null(seal_create(directory));

    /* another key opens nothing */

    assert_int_equal(unlink(file), 0);
    other = seal_create(directory);
    assert_non_null(other);
    assert_int_equal(seal_open(other, SEAL_MEDIA, text, back, 8), 0);
    hash_of(other, again);
    assert_memory_not_equal(again, hash, sizeof(hash));
    seal_destroy(other);

    assert_int_equal(unlink(file), 0);
    assert_int_equal(symlink("/dev/zero", file), 0);
    assert_null(seal_create(directory));
    assert_int_equal(unlink(file), 0);

    fd = open(file, O_CREAT | O_WRONLY, 0600);
    assert_int_not_equal(fd, -1);
    (void) close(fd);
    assert_null(seal_create(directory));
}


static void
test_base64url(void **state)
{
    char    text[64];
    long    n;
    size_t  i;
    char    back[16];

    static const char *const  bad[] = {
        "A", "AAAAA", "AB", "AAB", "AA=", "AA+A", "AA/A", "A A", "AA\n"
    };

    (void) state;

    assert_int_equal(base64url_encode("", 0, text), 0);
    assert_string_equal(text, "");

    for (i = 0; i < 12; i++) {
        assert_int_equal(base64url_encode("\xff\xef\xbf\0\1\2\3\4\5\6\7\x8",
                                          i, text), BASE64URL_LEN(i));
        assert_int_equal(strlen(text), BASE64URL_LEN(i));
        n = base64url_decode(text, strlen(text), back, i);
        assert_int_equal(n, i);
        assert_memory_equal(back, "\xff\xef\xbf\0\1\2\3\4\5\6\7\x8", i);

        if (i != 0) {
            assert_int_equal(base64url_decode(text, strlen(text), back,
                                              i - 1), -1);
        }
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_int_equal(base64url_decode(bad[i], strlen(bad[i]), back,
                                          sizeof(back)), -1);
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_round_trip),
        cmocka_unit_test(test_every_character_counts),
        cmocka_unit_test(test_same_or_not),
        cmocka_unit_test(test_key_file),
        cmocka_unit_test(test_base64url),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
