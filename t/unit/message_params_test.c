/*
 * The parameters of message.send, type by type, and what the page gets.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/group_id.h"
#include "calls/message_params.h"
#include "protocol/limits.h"
#include "sealed.h"


static struct message_ids     ids = { NULL, "1000000001" };
static char                   media_id[SEAL_TEXT_SIZE];
static char                   group_id[GROUP_ID_SIZE];
static char                   wamid[WAMID_TEXT_SIZE];
static struct message_params  params;
static struct error           error;
static json_t                *object;


static int
set_up(void **state)
{
    if (sealed_begin(state) != 0) {
        return -1;
    }

    ids.seal = seal;
    wamid_encode("true_15550000002@c.us_3EB0AA", wamid);

    return !seal_close(seal, SEAL_MEDIA, "0123456789abcdef", 16, media_id)
           || !group_id_close(seal, "1000000001", "120363000000000001@g.us",
                              group_id);
}


static int
tear_down(void **state)
{
    json_decref(object);

    return sealed_end(state);
}


/* format is that of the whole object but for "to" */

static bool
reads(const char *format, ...)
{
    char     text[16384], filled[16000];
    va_list  args;

    va_start(args, format);
    (void) vsnprintf(filled, sizeof(filled), format, args);
    va_end(args);

    (void) snprintf(text, sizeof(text), "{\"to\":\"+1 555 00\",%s}", filled);

    json_decref(object);
    object = json_loads(text, 0, NULL);
    assert_non_null(object);

    return message_params_read(&params, object, &ids, &error);
}


/* the page's message is this JSON */

static void
gives(const char *expected)
{
    json_t  *message, *wanted;

    message = message_params_message(&params);
    wanted = json_loads(expected, 0, NULL);
    assert_non_null(message);
    assert_non_null(wanted);

    if (!json_equal(message, wanted)) {
        fail_msg("%s", json_dumps(message, 0));
    }

    json_decref(message);
    json_decref(wanted);
}


static void
refuses(enum error_code code, const char *about)
{
    assert_int_equal(error.code, code);
    assert_int_equal(error.outcome, OUTCOME_NOT_SENT);

    if (about != NULL) {
        assert_non_null(error.message);
        assert_non_null(strstr(error.message, about));
    }
}


static void
test_text(void **state)
{
    (void) state;

    assert_true(reads("\"text\":{\"body\":\"x\",\"other\":1}"));
    assert_string_equal(params.to, "155500");
    assert_int_equal(message_params_capability(&params), SESSION_SEND_TEXT);
    gives("{\"type\":\"text\",\"text\":{\"body\":\"x\"}}");

    assert_true(reads("\"type\":\"text\",\"text\":{\"body\":\"x\","
                      "\"preview_url\":true,\"mentions\":[\"1\"]},"
                      "\"context\":{\"message_id\":\"%s\"}", wamid));
    gives("{\"type\":\"text\",\"text\":{\"body\":\"x\",\"preview_url\":true,"
          "\"mentions\":[\"1\"]},"
          "\"quoted\":\"true_15550000002@c.us_3EB0AA\"}");

    assert_true(reads("\"text\":{\"body\":\"x\",\"preview_url\":null},"
                      "\"context\":null,\"recipient_type\":null"));

    assert_false(reads("\"type\":\"text\""));
    refuses(ERROR_MISSING_PARAMETER, "\"text\"");
    assert_false(reads("\"text\":{}"));
    refuses(ERROR_MISSING_PARAMETER, "\"text.body\"");
    assert_false(reads("\"text\":{\"body\":\"\"}"));
    refuses(ERROR_INVALID_PARAMETER, "\"text.body\"");
    assert_false(reads("\"text\":[]"));
    refuses(ERROR_INVALID_PARAMETER, "\"text\"");
    assert_false(reads("\"text\":{\"body\":\"x\",\"mentions\":[1]}"));
    refuses(ERROR_INVALID_PARAMETER, "\"text.mentions\"");
    assert_false(reads("\"type\":\"fax\",\"fax\":{}"));
    refuses(ERROR_UNSUPPORTED_TYPE, NULL);
    assert_false(reads("\"type\":1"));
    refuses(ERROR_INVALID_PARAMETER, "\"type\"");
}


static void
test_media(void **state)
{
    static const char *const  types[] = {
        "image", "video", "audio", "document", "sticker"
    };

    size_t            i;
    enum media_kind   kind;

    (void) state;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        assert_true(reads("\"type\":\"%s\",\"%s\":{\"id\":\"%s\"}",
                          types[i], types[i], media_id));
        assert_true(media_kind_find(types[i], &kind));
        assert_true(params.media);
        assert_int_equal(params.kind, kind);
        assert_null(params.link);
        assert_memory_equal(params.name, "0123456789abcdef", 16);
        assert_int_equal(message_params_capability(&params),
                         SESSION_SEND_MEDIA);
    }

    assert_true(reads("\"type\":\"document\",\"document\":{"
                      "\"link\":\"https://a/b\",\"caption\":\"c\","
                      "\"filename\":\"f\",\"id\":null}"));
    assert_string_equal(params.link, "https://a/b");
    gives("{\"type\":\"document\",\"media\":{\"caption\":\"c\","
          "\"filename\":\"f\"}}");

    assert_true(reads("\"type\":\"audio\",\"audio\":{\"id\":\"%s\","
                      "\"voice\":true}", media_id));
    gives("{\"type\":\"audio\",\"media\":{\"voice\":true}}");

    assert_false(reads("\"type\":\"image\",\"image\":{}"));
    refuses(ERROR_MISSING_PARAMETER, "\"link\"");
    assert_false(reads("\"type\":\"image\",\"image\":{\"id\":\"%s\","
                       "\"link\":\"http://a\"}", media_id));
    refuses(ERROR_INVALID_PARAMETER, "\"link\"");
    assert_false(reads("\"type\":\"image\",\"image\":{\"id\":\"123\"}"));
    refuses(ERROR_MEDIA_UNKNOWN, NULL);
    assert_false(reads("\"type\":\"image\",\"image\":{\"id\":\"%s\"}",
                       group_id));
    refuses(ERROR_MEDIA_UNKNOWN, NULL);
    assert_false(reads("\"type\":\"image\",\"image\":{\"id\":1}"));
    refuses(ERROR_INVALID_PARAMETER, "\"image.id\"");
}


static void
test_media_is_described(void **state)
{
    json_t        *message;
    struct media   media;

    (void) state;

    memset(&media, 0, sizeof(media));
    media_type_document(&media.type, "x", 1, "a/b", NULL);
    media.filename = (char *) (uintptr_t) "stored";

    assert_true(reads("\"type\":\"document\",\"document\":{\"id\":\"%s\","
                      "\"filename\":\"said\"}", media_id));
    message = message_params_message(&params);
    assert_true(message_params_add_media(message, &media));
    assert_string_equal(json_string_value(json_object_get(
        json_object_get(message, "media"), "filename")), "said");
    assert_string_equal(json_string_value(json_object_get(
        json_object_get(message, "media"), "mime_type")), "a/b");
    json_decref(message);

    assert_true(reads("\"type\":\"document\",\"document\":{\"id\":\"%s\"}",
                      media_id));
    message = message_params_message(&params);
    assert_true(message_params_add_media(message, &media));
    assert_string_equal(json_string_value(json_object_get(
        json_object_get(message, "media"), "filename")), "stored");
    json_decref(message);
}


static void
test_others(void **state)
{
    (void) state;

    assert_true(reads("\"type\":\"location\",\"location\":{\"latitude\":1,"
                      "\"longitude\":-2.5,\"name\":\"n\"}"));
    gives("{\"type\":\"location\",\"location\":{\"latitude\":1,"
          "\"longitude\":-2.5,\"name\":\"n\"}}");
    assert_false(reads("\"type\":\"location\",\"location\":{\"latitude\":1}"));
    refuses(ERROR_MISSING_PARAMETER, "\"location.longitude\"");

    assert_true(reads("\"type\":\"contacts\",\"contacts\":[{\"a\":1}]"));
    gives("{\"type\":\"contacts\",\"contacts\":[{\"a\":1}]}");
    assert_false(reads("\"type\":\"contacts\",\"contacts\":[]"));
    refuses(ERROR_INVALID_PARAMETER, "\"contacts\"");

    assert_true(reads("\"type\":\"reaction\",\"reaction\":{"
                      "\"message_id\":\"%s\",\"emoji\":\"\"}", wamid));
    gives("{\"type\":\"reaction\",\"reaction\":{\"emoji\":\"\"},"
          "\"target\":\"true_15550000002@c.us_3EB0AA\"}");
    assert_false(reads("\"type\":\"reaction\",\"reaction\":{"
                       "\"message_id\":\"wamid.x\",\"emoji\":\"\"}"));
    refuses(ERROR_INVALID_PARAMETER, "\"reaction.message_id\"");

    assert_true(reads("\"type\":\"poll\",\"poll\":{\"name\":\"n\","
                      "\"options\":[\"a\",\"b\"],\"selectable_count\":0}"));
    assert_false(reads("\"type\":\"poll\",\"poll\":{\"name\":\"n\","
                       "\"options\":[\"a\"]}"));
    refuses(ERROR_INVALID_PARAMETER, "\"poll.options\"");

    assert_true(reads("\"type\":\"edit\",\"edit\":{\"message_id\":\"%s\","
                      "\"body\":\"b\"}", wamid));
    gives("{\"type\":\"edit\",\"edit\":{\"body\":\"b\"},"
          "\"target\":\"true_15550000002@c.us_3EB0AA\"}");
    assert_true(reads("\"type\":\"revoke\",\"revoke\":{\"message_id\":"
                      "\"%s\"}", wamid));
    gives("{\"type\":\"revoke\",\"revoke\":{},"
          "\"target\":\"true_15550000002@c.us_3EB0AA\"}");
    assert_true(reads("\"type\":\"forward\",\"forward\":{\"message_id\":"
                      "\"%s\"}", wamid));
    assert_int_equal(message_params_capability(&params), SESSION_FORWARD);
}


/* whether the JSON text with n units in place of %s reads */

static bool
reads_filled(const char *format, const char *unit, size_t n)
{
    bool    ok;
    char   *filled;
    size_t  i;

    filled = calloc(n + 1, strlen(unit));
    assert_non_null(filled);

    for (i = 0; i < n; i++) {
        strcat(filled, unit);
    }

    /* no comma behind the last element */

    if (n != 0 && unit[strlen(unit) - 1] == ',') {
        filled[strlen(filled) - 1] = '\0';
    }

    ok = reads(format, filled);
    free(filled);

    return ok;
}


static void
test_bounds(void **state)
{
    size_t  i;

    static const struct {
        const char  *format;
        const char  *unit;
        size_t       max;
    } rows[] = {
        { "\"text\":{\"body\":\"%s\"}", "x", WHATSAPP_TEXT_MAX },
        { "\"text\":{\"body\":\"%s\"}", "\xe2\x82\xac", WHATSAPP_TEXT_MAX },
        { "\"text\":{\"body\":\"x\",\"mentions\":[%s]}", "\"15550\",",
          WHATSAPP_MENTIONS_MAX },
        { "\"type\":\"image\",\"image\":{\"link\":\"%s\"}", "x",
          WHATSAPP_LINK_MAX },
        { "\"type\":\"image\",\"image\":{\"link\":\"x\","
          "\"caption\":\"%s\"}", "\xe2\x82\xac", WHATSAPP_SENT_CAPTION_MAX },
        { "\"type\":\"document\",\"document\":{\"link\":\"x\","
          "\"filename\":\"%s\"}", "\xc3\xa9", WHATSAPP_FILENAME_MAX },
        { "\"type\":\"location\",\"location\":{\"latitude\":1,"
          "\"longitude\":2,\"address\":\"%s\"}", "\xc3\xa9",
          WHATSAPP_PLACE_MAX },
        { "\"type\":\"contacts\",\"contacts\":[%s]", "{},",
          WHATSAPP_CONTACTS_MAX },
        { "\"type\":\"poll\",\"poll\":{\"options\":[\"a\",\"b\"],"
          "\"name\":\"%s\"}", "\xf0\x9f\x98\x80", WHATSAPP_POLL_NAME_MAX },
        { "\"type\":\"poll\",\"poll\":{\"name\":\"n\","
          "\"options\":[\"a\",\"%s\"]}", "\xf0\x9f\x98\x80",
          WHATSAPP_POLL_OPTION_MAX },
        { "\"type\":\"poll\",\"poll\":{\"name\":\"n\","
          "\"options\":[%s]}", "\"a\",", WHATSAPP_POLL_OPTIONS_MAX }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_true(reads_filled(rows[i].format, rows[i].unit, rows[i].max));
        assert_false(reads_filled(rows[i].format, rows[i].unit,
                                  rows[i].max + 1));
        refuses(ERROR_INVALID_PARAMETER, NULL);
    }
}


static void
test_groups(void **state)
{
    (void) state;

    json_decref(object);
    object = json_pack("{s:s, s:{s:s}}", "to", group_id, "text", "body",
                       "x");
    assert_true(message_params_read(&params, object, &ids, &error));
    assert_string_equal(params.to, "120363000000000001@g.us");

    /* another session may be in it too, but knows it by another id */

    ids.session = "1000000002";
    assert_false(message_params_read(&params, object, &ids, &error));
    refuses(ERROR_GROUP_NOT_FOUND, NULL);
    ids.session = "1000000001";

    /* one that nobody gave out, and one that only looks a bit like it */

    json_decref(object);
    object = json_pack("{s:s, s:{s:s}}", "to",
                       "g.aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
                       "text", "body", "x");
    assert_false(message_params_read(&params, object, &ids, &error));
    refuses(ERROR_GROUP_NOT_FOUND, NULL);

    json_decref(object);
    object = json_pack("{s:s, s:{s:s}}", "to", "g", "text", "body", "x");
    assert_false(message_params_read(&params, object, &ids, &error));
    refuses(ERROR_INVALID_PARAMETER, "\"to\"");

    json_decref(object);
    object = json_pack("{s:s, s:{s:s}}", "to", media_id, "text", "body",
                       "x");
    assert_false(message_params_read(&params, object, &ids, &error));
    refuses(ERROR_INVALID_PARAMETER, "\"to\"");
}


/*
 * nginx takes the digits of a group's id for one when recipient_type says so:
 * they must not become the number of a person
 */

static void
test_group_digits(void **state)
{
    size_t  i;

    static const struct {
        const char  *to;
        const char  *normalised;    /* NULL: refused */
    } rows[] = {
        { "120363000000000001", "120363000000000001@g.us" },
        { "15550000002", "15550000002@g.us" },
        { "15550000002-1600000000", "15550000002-1600000000@g.us" },
        { "120363000000000001@G.US", "120363000000000001@g.us" },
        { "15550000002@c.us", NULL },
        { "+15550000002", NULL },
        { "1555 0000002", NULL },
        { "", NULL },
        { "111111111111111111111111111111111111111111111111", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        json_decref(object);
        object = json_pack("{s:s, s:s, s:{s:s}}", "to", rows[i].to,
                           "recipient_type", "group", "text", "body", "x");

        if (rows[i].normalised != NULL) {
            assert_true(message_params_read(&params, object, &ids, &error));
            assert_string_equal(params.to, rows[i].normalised);

        } else {
            assert_false(message_params_read(&params, object, &ids, &error));
            refuses(ERROR_INVALID_PARAMETER, "\"to\"");
        }
    }
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_text),
        cmocka_unit_test(test_media),
        cmocka_unit_test(test_media_is_described),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_bounds),
        cmocka_unit_test(test_groups),
        cmocka_unit_test(test_group_digits),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
