/*
 * The store: bounds, holds, the end of a file's time, and uploads into it.
 */

#include <sys/resource.h>
#include <sys/stat.h>

#include <dirent.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "api/api_upload.h"
#include "media/media.h"
#include "media/media_write.h"


#define SESSION  "1000000001"


static char                 directory[] = "/tmp/media_test-XXXXXX";
static char                 session_dir[64];
static char                 media_dir[96];
static struct event_base   *base;
static struct media_store  *store;
static struct media_config  config;


static int
set_up(void **state)
{
    (void) state;

    if (mkdtemp(directory) == NULL) {
        return -1;
    }

    (void) snprintf(session_dir, sizeof(session_dir), "%s/" SESSION,
                    directory);
    (void) snprintf(media_dir, sizeof(media_dir), "%s/media", session_dir);

    base = event_base_new();

    return mkdir(session_dir, 0700);
}


static int
tear_down(void **state)
{
    (void) state;

    event_base_free(base);
    (void) rmdir(session_dir);

    return rmdir(directory);
}


static int
open_store(void **state)
{
    (void) state;

    config.runtime_dir = directory;
    config.ttl_ms = 60000;
    config.max = 1000;
    config.file_max = 600;

    store = media_store_create(base, &config);

    return store != NULL ? 0 : -1;
}


static int
close_store(void **state)
{
    (void) state;

    media_store_destroy(store);
    media_store_wipe(directory);

    return access(media_dir, F_OK) == 0;
}


static size_t
files(void)
{
    DIR            *dir;
    size_t          n;
    struct dirent  *entry;

    n = 0;
    dir = opendir(media_dir);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {
        n += entry->d_name[0] != '.';
    }

    if (dir != NULL) {
        (void) closedir(dir);
    }

    return n;
}


static struct media *
begun(size_t size)
{
    char           data[1000];
    struct error   error;
    struct media  *media;

    memset(data, 'x', sizeof(data));

    media = media_begin(store, SESSION, 0, &error);
    assert_non_null(media);
    assert_true(media_append(media, data, size, &error));

    return media;
}


static struct media *
ended(size_t size)
{
    struct error   error;
    struct media  *media;

    media = begun(size);
    assert_true(media_end(media, "text/plain", "a.txt", false, &error));

    return media;
}


static void
test_life(void **state)
{
    uint8_t        name[MEDIA_NAME_SIZE];
    struct stat    st;
    struct media  *media;

    (void) state;

    media = ended(3);

    assert_int_equal(stat(media->path, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0600);
    assert_int_equal(st.st_size, 3);
    assert_int_equal(stat(media_dir, &st), 0);
    assert_int_equal(st.st_mode & 07777, 0700);
    assert_null(strstr(media->path, "a.txt"));
    assert_string_equal(media->filename, "a.txt");
    assert_string_equal(media->type.mime, "text/plain");

    /* sha256("xxx") */

    assert_memory_equal(media->digest, "\xcd\x2e\xb0\x83\x7c\x9b\x4c\x96",
                        8);

    /* not to be found before it is published */

    memcpy(name, media->name, sizeof(name));
    assert_null(media_hold(store, name));
    media_publish(media);
    media_release(media);

    media = media_hold(store, name);
    assert_non_null(media);

    /* deleted while it is held: gone for others, there for the holder */

    media_delete(media);
    assert_null(media_hold(store, name));
    assert_int_equal(files(), 1);
    media_delete(media);
    assert_int_equal(files(), 1);
    media_release(media);
    assert_int_equal(files(), 0);
}


static void
test_unpublished_goes_with_its_hold(void **state)
{
    (void) state;

    media_release(begun(10));
    media_release(ended(10));
    assert_int_equal(files(), 0);
}


static void
test_bounds(void **state)
{
    char           data[1000];
    struct error   error;
    struct media  *a, *b, *c;

    (void) state;

    memset(data, 'x', sizeof(data));

    a = begun(600);
    assert_false(media_append(a, data, 1, &error));
    assert_int_equal(error.code, ERROR_MEDIA_TOO_LARGE);

    b = begun(400);
    assert_false(media_append(b, data, 1, &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);
    assert_null(media_begin(store, SESSION, 0, &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);

    media_release(a);
    c = begun(600);
    media_release(b);
    media_release(c);
    assert_int_equal(files(), 0);
}


/* room that is set aside is nobody else's, and comes back */

static void
test_expected(void **state)
{
    char           data[1000];
    struct error   error;
    struct media  *a, *b;

    (void) state;

    memset(data, 'x', sizeof(data));

    a = media_begin(store, SESSION, 500, &error);
    assert_non_null(a);
    assert_null(media_begin(store, SESSION, 501, &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);
    assert_int_equal(files(), 1);

    b = media_begin(store, SESSION, 500, &error);
    assert_non_null(b);
    assert_true(media_append(a, data, 500, &error));
    assert_false(media_append(a, data, 1, &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);

    /* what was not needed is free at the end, also for others that grow */

    assert_true(media_append(b, data, 100, &error));
    assert_true(media_end(b, "text/plain", NULL, false, &error));
    assert_true(media_append(a, data, 100, &error));
    media_release(a);
    a = begun(600);
    media_release(b);
    media_release(a);

    /* more than one file may have is not needed */

    a = media_begin(store, SESSION, 100000, &error);
    assert_non_null(a);
    b = begun(400);
    media_release(a);
    a = begun(600);
    media_release(a);
    media_release(b);
    assert_int_equal(files(), 0);
}


static void
test_refused(void **state)
{
    struct error   error;
    struct media  *media;

    (void) state;

    media = media_begin(store, SESSION, 0, &error);
    assert_false(media_end(media, "text/plain", NULL, false, &error));
    assert_int_equal(error.code, ERROR_MEDIA_INVALID);
    media_release(media);

    media = begun(10);
    assert_false(media_end(media, "image/png", NULL, false, &error));
    assert_int_equal(error.code, ERROR_MEDIA_INVALID);
    assert_true(media_end(media, "image/png", NULL, true, &error));
    assert_int_equal(media->type.kind, MEDIA_DOCUMENT);
    media_release(media);

    assert_null(media_begin(store, "no/such", 0, &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);
    assert_int_equal(files(), 0);
}


/* a file system that takes no more answers as a full store does */

static void
test_no_space(void **state)
{
    char            data[200];
    struct error    error;
    struct media   *media;
    struct rlimit   limit, before;

    (void) state;

    memset(data, 'x', sizeof(data));
    (void) signal(SIGXFSZ, SIG_IGN);
    assert_int_equal(getrlimit(RLIMIT_FSIZE, &before), 0);

    limit = before;
    limit.rlim_cur = 100;
    assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);

    media = media_begin(store, SESSION, 0, &error);
    assert_non_null(media);
    assert_false(media_append(media, data, sizeof(data), &error));
    assert_int_equal(error.code, ERROR_MEDIA_FULL);
    media_release(media);
    assert_int_equal(files(), 0);

    assert_int_equal(setrlimit(RLIMIT_FSIZE, &before), 0);

    /* what was written of it does not count any more */

    media_release(begun(600));
}


static void
test_time(void **state)
{
    uint8_t        name[MEDIA_NAME_SIZE];
    struct media  *held, *media;

    (void) state;

    media_store_destroy(store);
    config.ttl_ms = 20;
    store = media_store_create(base, &config);

    held = ended(3);
    media_publish(held);
    memcpy(name, held->name, sizeof(name));

    media = ended(3);
    media_publish(media);
    media_release(media);
    assert_int_equal(files(), 2);

    assert_int_equal(event_base_dispatch(base), 1);
    assert_int_equal(files(), 1);
    assert_null(media_hold(store, name));

    media_release(held);
    assert_int_equal(files(), 0);
}


static void
test_wipe(void **state)
{
    char   path[128];
    FILE  *file;

    (void) state;

    assert_int_equal(mkdir(media_dir, 0700), 0);
    (void) snprintf(path, sizeof(path), "%s/left", media_dir);
    file = fopen(path, "w");
    assert_non_null(file);
    (void) fclose(file);

    media_store_wipe(directory);
    assert_int_not_equal(access(media_dir, F_OK), 0);
    assert_int_equal(access(session_dir, F_OK), 0);

    media_store_wipe("/no/such/directory");
}


#define TYPE  "multipart/form-data; boundary=b"

#define PART(name)                                                            \
    "--b\r\nContent-Disposition: form-data; name=\"" name "\"\r\n\r\n"

#define FILE_PART                                                             \
    "--b\r\nContent-Disposition: form-data; name=\"file\"; "                  \
    "filename=\"a.txt\"\r\nContent-Type: application/octet-stream\r\n\r\n"


static const struct api_upload_form  upload_form = { "file", NULL };


static enum error_code
upload(const char *type, const char *body)
{
    size_t              i;
    struct error        error;
    struct media       *media;
    struct api_upload  *form;

    form = api_upload_create(store, SESSION, &upload_form, type, strlen(body),
                             &error);

    if (form == NULL) {
        return error.code;
    }

    for (i = 0; body[i] != '\0'; i++) {
        api_upload_feed(form, body + i, 1);
    }

    media = api_upload_end(form, &error);

    if (media != NULL) {
        assert_string_equal(media->filename, "a.txt");
        media_delete(media);
    }

    api_upload_destroy(form);
    assert_int_equal(files(), 0);

    return media != NULL ? ERROR_CODES : error.code;
}


static void
test_uploads(void **state)
{
    (void) state;

    assert_int_equal(upload(TYPE, FILE_PART "hello\r\n--b--"), ERROR_CODES);
    assert_int_equal(upload(TYPE, PART("messaging_product") "whatsapp\r\n"
                            FILE_PART "hello\r\n" PART("type")
                            "text/plain\r\n--b--"), ERROR_CODES);
    assert_int_equal(upload(TYPE, FILE_PART "hello\r\n" PART("type")
                            "image/png\r\n--b--"), ERROR_MEDIA_INVALID);
    assert_int_equal(upload(TYPE, FILE_PART "hello\r\n" PART("typeFile")
                            "text/plain\r\n--b--"), ERROR_CODES);
    assert_int_equal(upload(TYPE, PART("type") "image/png\r\n" FILE_PART
                            "hello\r\n" PART("typeFile")
                            "text/plain\r\n--b--"), ERROR_CODES);
    assert_int_equal(upload(TYPE, PART("type") "text/plain\r\n" FILE_PART
                            "hello\r\n" PART("type")
                            "image/png\r\n--b--"), ERROR_MEDIA_INVALID);
    assert_int_equal(upload(TYPE, FILE_PART "hello\r\n--b-"),
                     ERROR_MEDIA_INVALID);
    assert_int_equal(upload(TYPE, FILE_PART "hello\r\n" FILE_PART
                            "hello\r\n--b--"), ERROR_MEDIA_INVALID);
    assert_int_equal(upload(TYPE, PART("x") "hello\r\n--b--"),
                     ERROR_MEDIA_INVALID);
    assert_int_equal(upload(TYPE, "--b--"), ERROR_MEDIA_INVALID);
    assert_int_equal(upload(NULL, "--b--"), ERROR_MEDIA_INVALID);
    assert_int_equal(upload("text/plain", "x"), ERROR_MEDIA_INVALID);
}


/* what is dropped in the middle leaves nothing */

static void
test_upload_that_ends_early(void **state)
{
    struct error        error;
    struct api_upload  *form;

    (void) state;

    form = api_upload_create(store, SESSION, &upload_form, TYPE, 0, &error);
    api_upload_feed(form, FILE_PART "hello", sizeof(FILE_PART "hello") - 1);
    assert_int_equal(files(), 1);
    api_upload_destroy(form);
    assert_int_equal(files(), 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_life, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_unpublished_goes_with_its_hold,
                                        open_store, close_store),
        cmocka_unit_test_setup_teardown(test_bounds, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(test_expected, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(test_refused, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(test_no_space, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(test_time, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_wipe, open_store, close_store),
        cmocka_unit_test_setup_teardown(test_uploads, open_store,
                                        close_store),
        cmocka_unit_test_setup_teardown(test_upload_that_ends_early,
                                        open_store, close_store),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
