/*
 * Ids of the media of messages: they come back as they were, are the same
 * each time, and nothing else is one.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/message_media_id.h"
#include "sealed.h"


#define KEY  "false_123456789012345@lid_3A0123456789ABCDEF01"


static void
test_there_and_back(void **state)
{
    char  id[SEAL_TEXT_SIZE], again[SEAL_TEXT_SIZE];
    char  session[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];

    (void) state;

    assert_true(message_media_id_close(seal, "1000000001", KEY, id));
    assert_true(message_media_id_open(seal, id, session, key));
    assert_string_equal(session, "1000000001");
    assert_string_equal(key, KEY);

    assert_true(message_media_id_close(seal, "1000000001", KEY, again));
    assert_string_equal(id, again);

    assert_true(message_media_id_close(seal, "1000000002", KEY, again));
    assert_string_not_equal(id, again);
}


static void
test_url(void **state)
{
    char  id[SEAL_TEXT_SIZE], again[SEAL_TEXT_SIZE];
    char  session[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];

    (void) state;

    assert_true(message_media_url_close(seal, "1000000001", KEY, 1000, id));
    assert_true(message_media_url_open(seal, id, 999, session, key));
    assert_string_equal(session, "1000000001");
    assert_string_equal(key, KEY);

    assert_false(message_media_url_open(seal, id, 1000, session, key));
    assert_false(message_media_id_open(seal, id, session, key));

    assert_true(message_media_url_close(seal, "1000000001", KEY, 1000,
                                        again));
    assert_string_not_equal(id, again);

    assert_true(message_media_id_close(seal, "1000000001", KEY, id));
    assert_false(message_media_url_open(seal, id, 0, session, key));

    assert_false(message_media_url_close(seal, "", KEY, 1000, id));
}


static void
test_others(void **state)
{
    char    id[SEAL_TEXT_SIZE];
    char    session[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];
    size_t  i;

    static const char *const  data[] = {
        "1000000001", "/" KEY, "1000000001/",
        "12345678901234567890123456789012/" KEY
    };

    (void) state;

    assert_false(message_media_id_open(seal, "", session, key));
    assert_false(message_media_id_open(seal, KEY, session, key));

    assert_true(seal_close(seal, SEAL_MEDIA, "1/" KEY, sizeof("1/" KEY) - 1,
                           id));
    assert_false(message_media_id_open(seal, id, session, key));

    assert_true(seal_close(seal, SEAL_MESSAGE, "1/a\0b", 5, id));
    assert_true(message_media_id_open(seal, id, session, key));
    assert_string_equal(key, "a");

    for (i = 0; i < sizeof(data) / sizeof(char *); i++) {
        assert_true(seal_close(seal, SEAL_MESSAGE, data[i], strlen(data[i]),
                               id));
        assert_false(message_media_id_open(seal, id, session, key));
    }
}


static void
test_bounds(void **state)
{
    char  id[SEAL_TEXT_SIZE], text[256], long_session[64];
    char  session[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];

    (void) state;

    memset(text, 'k', sizeof(text));
    memset(long_session, '1', sizeof(long_session));

    text[WAMID_KEY_SIZE - 1] = '\0';
    long_session[MESSAGE_MEDIA_SESSION_SIZE - 1] = '\0';

    assert_true(message_media_id_close(seal, long_session, text, id));
    assert_true(message_media_id_open(seal, id, session, key));
    assert_string_equal(session, long_session);
    assert_string_equal(key, text);
    assert_in_range(strlen(id), SEAL_TEXT_MIN, SEAL_TEXT_SIZE - 1);

    assert_true(message_media_url_close(seal, long_session, text,
                                        UINT64_MAX, id));
    assert_in_range(strlen(id), SEAL_TEXT_MIN, SEAL_TEXT_SIZE - 1);

    assert_false(message_media_id_close(seal, "", text, id));
    assert_false(message_media_id_close(seal, "1", "", id));

    text[WAMID_KEY_SIZE - 1] = 'k';
    text[WAMID_KEY_SIZE] = '\0';
    assert_false(message_media_id_close(seal, "1", text, id));

    long_session[MESSAGE_MEDIA_SESSION_SIZE - 1] = '1';
    long_session[MESSAGE_MEDIA_SESSION_SIZE] = '\0';
    assert_false(message_media_id_close(seal, long_session, "k", id));

    /* sealed, but longer than a key */

    text[WAMID_KEY_SIZE] = 'k';
    memcpy(text, "1/", 2);
    assert_true(seal_close(seal, SEAL_MESSAGE, text, WAMID_KEY_SIZE + 2,
                           id));
    assert_false(message_media_id_open(seal, id, session, key));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_url),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, sealed_begin, sealed_end);
}
