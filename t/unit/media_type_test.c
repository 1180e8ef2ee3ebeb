/*
 * Types of files: what they are said to be against what they are.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "media/media_type.h"


#define MB  (1024 * 1024)


struct sample {
    const char  *name;
    const char  *data;
    size_t       size;
};


#define SAMPLE(name, data)  { name, data, sizeof(data) - 1 }


static const struct sample  samples[] = {
    SAMPLE("jpeg", "\xff\xd8\xff\xe0\0\x10JFIF"),
    SAMPLE("png", "\x89PNG\r\n\x1a\n\0\0\0\rIHDR"),
    SAMPLE("webp", "RIFF\x24\0\0\0WEBPVP8 \x18\0\0\0\x30\1\0\0"),
    SAMPLE("webp+", "RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x02\0\0\0"),
    SAMPLE("webpx", "RIFF\x24\0\0\0WEBPVP8X\x0a\0\0\0\x10\0\0\0"),
    SAMPLE("wav", "RIFF\x24\0\0\0WAVEfmt \x10\0\0\0"),
    SAMPLE("opus", "OggS\0\2\0\0\0\0\0\0\0\0\1\2\3\4\0\0\0\0\1\2\3\4\1\x13"
           "OpusHead\1"),
    SAMPLE("vorbis", "OggS\0\2\0\0\0\0\0\0\0\0\1\2\3\4\0\0\0\0\1\2\3\4\1\x1e"
           "\1vorbis\0"),
    SAMPLE("amr", "#!AMR\n<"),
    SAMPLE("amrwb", "#!AMR-WB\n<"),
    SAMPLE("aac", "\xff\xf1\x50\x80\x02\x1f\xfc"),
    SAMPLE("mp3", "\xff\xfb\x90\x64\0"),
    SAMPLE("id3", "ID3\4\0\0\0\0\0\0"),
    SAMPLE("mp4", "\0\0\0\x20" "ftypisom\0\0\2\0"),
    SAMPLE("m4v", "\0\0\0\x20" "ftypM4V \0\0\2\0"),
    SAMPLE("m4a", "\0\0\0\x20" "ftypM4A \0\0\2\0"),
    SAMPLE("3gp", "\0\0\0\x20" "ftyp3gp4\0\0\2\0"),
    SAMPLE("mov", "\0\0\0\x20" "ftypqt  \0\0\2\0"),
    SAMPLE("heic", "\0\0\0\x20" "ftypheic\0\0\2\0"),
    SAMPLE("gif", "GIF89a\1\0"),
    SAMPLE("exe", "MZ\x90\0\3\0\0\0"),
    SAMPLE("text", "hello"),
    SAMPLE("none", "")
};


enum verdict {
    TAKEN = 0,
    UNSUPPORTED,
    MISMATCH
};


/* from a malloc'ed copy, so that a byte too far is noticed */

static enum verdict
decide(struct media_type *type, const char *name, const char *declared,
    const char *filename)
{
    bool           ok;
    char          *copy;
    size_t         i;
    struct error   error;

    for (i = 0; strcmp(samples[i].name, name) != 0; i++) { /* void */ }

    copy = malloc(samples[i].size + (samples[i].size == 0));
    memcpy(copy, samples[i].data, samples[i].size);
    memset(type, 0, sizeof(struct media_type));
    ok = media_type_decide(type, copy, samples[i].size, declared, filename,
                           &error);
    free(copy);

    if (ok) {
        return TAKEN;
    }

    assert_int_equal(error.code, ERROR_MEDIA_INVALID);

    return strstr(error.message, "takes no media") != NULL ? UNSUPPORTED
                                                           : MISMATCH;
}


static void
test_good(void **state)
{
    char               limit[32], said[128];
    size_t             i;
    struct media_type  type;

    static const struct {
        const char       *sample;
        const char       *declared;
        const char       *filename;
        const char       *mime;
        enum media_kind   kind;
        uint64_t          max;
    } rows[] = {
        { "jpeg", "image/jpeg", NULL, "image/jpeg", MEDIA_IMAGE, 5 * MB },
        { "jpeg", "image/jpg", NULL, "image/jpeg", MEDIA_IMAGE, 5 * MB },
        { "jpeg", "IMAGE/JPEG; q=1", NULL, "image/jpeg", MEDIA_IMAGE,
          5 * MB },
        { "jpeg", "image/png", NULL, "image/jpeg", MEDIA_IMAGE, 5 * MB },
        { "png", NULL, NULL, "image/png", MEDIA_IMAGE, 5 * MB },
        { "png", "", "x.txt", "image/png", MEDIA_IMAGE, 5 * MB },
        { "png", "application/octet-stream", NULL, "image/png",
          MEDIA_IMAGE, 5 * MB },
        { "webp", "image/webp", NULL, "image/webp", MEDIA_STICKER,
          100 * 1024 },
        { "webpx", "image/webp", NULL, "image/webp", MEDIA_STICKER,
          100 * 1024 },
        { "webp+", "image/webp", NULL, "image/webp", MEDIA_STICKER,
          500 * 1024 },
        { "webp+", NULL, NULL, "image/webp", MEDIA_STICKER, 500 * 1024 },
        { "opus", "audio/ogg; codecs=opus", NULL, "audio/ogg", MEDIA_AUDIO,
          16 * MB },
        { "opus", "audio/opus", NULL, "audio/ogg", MEDIA_AUDIO, 16 * MB },
        { "amr", "audio/amr", NULL, "audio/amr", MEDIA_AUDIO, 16 * MB },
        { "amrwb", "audio/amr", NULL, "audio/amr", MEDIA_AUDIO, 16 * MB },
        { "aac", "audio/aac", NULL, "audio/aac", MEDIA_AUDIO, 16 * MB },
        { "mp3", "audio/mpeg", NULL, "audio/mpeg", MEDIA_AUDIO, 16 * MB },
        { "id3", "audio/mp3", NULL, "audio/mpeg", MEDIA_AUDIO, 16 * MB },
        { "m4a", "audio/mp4", NULL, "audio/mp4", MEDIA_AUDIO, 16 * MB },
        { "m4a", "audio/aac", NULL, "audio/mp4", MEDIA_AUDIO, 16 * MB },
        { "mp4", "audio/mp4", NULL, "audio/mp4", MEDIA_AUDIO, 16 * MB },
        { "mp4", "video/mp4", NULL, "video/mp4", MEDIA_VIDEO, 16 * MB },
        { "m4v", NULL, NULL, "video/mp4", MEDIA_VIDEO, 16 * MB },
        { "m4a", NULL, NULL, "audio/mp4", MEDIA_AUDIO, 16 * MB },
        { "3gp", "video/3gpp", NULL, "video/3gpp", MEDIA_VIDEO, 16 * MB },
        { "3gp", "video/mp4", NULL, "video/3gpp", MEDIA_VIDEO, 16 * MB },
        { "text", "text/plain", NULL, "text/plain", MEDIA_DOCUMENT,
          100 * MB },
        { "text", "application/pdf", NULL, "application/pdf",
          MEDIA_DOCUMENT, 100 * MB },
        { "jpeg", "application/pdf", NULL, "application/pdf",
          MEDIA_DOCUMENT, 100 * MB },
        { "text", NULL, "a.b.PDF", "application/pdf", MEDIA_DOCUMENT,
          100 * MB },
        { "text", NULL, "txt", "application/octet-stream", MEDIA_DOCUMENT,
          100 * MB },
        { "none", NULL, NULL, "application/octet-stream", MEDIA_DOCUMENT,
          100 * MB },
        { "gif", NULL, "a.gif", "application/octet-stream", MEDIA_DOCUMENT,
          100 * MB },
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(decide(&type, rows[i].sample, rows[i].declared,
                                rows[i].filename), TAKEN);
        assert_string_equal(type.mime, rows[i].mime);
        assert_int_equal(type.kind, rows[i].kind);
        assert_int_equal(type.max, rows[i].max);

        /* who is over the limit is told the very figure */

        (void) snprintf(limit, sizeof(limit), " %u %s ",
                        (unsigned) (type.max / (type.max < MB ? 1024 : MB)),
                        type.max < MB ? "KB" : "MB");
        (void) snprintf(said, sizeof(said), "%s ",
                        media_kind_limit(type.kind));
        assert_non_null(strstr(said, limit));
    }
}


static void
test_mismatch(void **state)
{
    size_t             i;
    struct media_type  type;

    static const struct {
        const char  *sample;
        const char  *declared;
    } rows[] = {
        { "exe", "image/jpeg" }, { "text", "image/png" },
        { "none", "image/png" }, { "webp", "image/png" },
        { "png", "image/webp" }, { "wav", "audio/mpeg" },
        { "wav", "image/webp" }, { "vorbis", "audio/ogg" },
        { "mp4", "image/jpeg" }, { "m4a", "video/mp4" },
        { "mov", "video/mp4" }, { "heic", "video/mp4" },
        { "jpeg", "audio/mpeg" }, { "mp3", "video/mp4" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (decide(&type, rows[i].sample, rows[i].declared, NULL)
            != MISMATCH)
        {
            fail_msg("%s as %s", rows[i].sample, rows[i].declared);
        }
    }
}


static void
test_unsupported(void **state)
{
    size_t             i;
    char               longest[200];
    struct media_type  type;

    static const char *const  types[] = {
        "image/gif", "image/svg+xml", "audio/wav", "video/quicktime",
        "video/webm", "text", "/", "a/", "/b", "a/b/c", "a/b\"",
        "a/\xc3\xa9"
    };

    (void) state;

    for (i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
        if (decide(&type, "gif", types[i], NULL) != UNSUPPORTED) {
            fail_msg("%s", types[i]);
        }
    }

    memset(longest, 'a', sizeof(longest));
    longest[1] = '/';
    longest[MEDIA_TYPE_SIZE] = '\0';
    assert_int_equal(decide(&type, "gif", longest, NULL), UNSUPPORTED);
    longest[MEDIA_TYPE_SIZE - 1] = '\0';
    assert_int_equal(decide(&type, "gif", longest, NULL), TAKEN);
    assert_string_equal(type.mime, longest);
}


/* as a document everything goes */

static void
test_document(void **state)
{
    struct media_type  type;

    (void) state;

    media_type_document(&type, "GIF89a", 6, "image/gif", NULL);
    assert_string_equal(type.mime, "image/gif");
    assert_int_equal(type.kind, MEDIA_DOCUMENT);
    assert_int_equal(type.max, 100 * MB);

    media_type_document(&type, "\xff\xd8\xff", 3, NULL, NULL);
    assert_string_equal(type.mime, "image/jpeg");
    assert_int_equal(type.kind, MEDIA_DOCUMENT);
    assert_int_equal(type.max, 100 * MB);

    media_type_document(&type, "x", 1, "nonsense", NULL);
    assert_string_equal(type.mime, "application/octet-stream");
}


static void
test_kinds(void **state)
{
    enum media_kind  kind;

    (void) state;

    assert_true(media_kind_find("sticker", &kind));
    assert_int_equal(kind, MEDIA_STICKER);
    assert_false(media_kind_find("stickers", &kind));
    assert_false(media_kind_find("", &kind));

    assert_true(media_kind_fits(MEDIA_IMAGE, MEDIA_IMAGE));
    assert_true(media_kind_fits(MEDIA_IMAGE, MEDIA_DOCUMENT));
    assert_false(media_kind_fits(MEDIA_DOCUMENT, MEDIA_IMAGE));
    assert_false(media_kind_fits(MEDIA_STICKER, MEDIA_IMAGE));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_mismatch),
        cmocka_unit_test(test_unsupported),
        cmocka_unit_test(test_document),
        cmocka_unit_test(test_kinds),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
