/*
 * The sections of the configuration file, the URLs of clients, and signatures.
 */

#include <sys/stat.h>

#include <limits.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/files.h"
#include "events/event.h"
#include "events/webhook_sections.h"
#include "events/webhook_overrides.h"
#include "events/webhook_signature.h"
#include "events/webhook_url.h"


static char  directory[] = "/tmp/wa-webhook-XXXXXX";
static char  path[PATH_MAX];
static char  message[4096];    /* on stderr, by the last read_text */


static void
write_file(const char *name, const char *text, mode_t mode)
{
    FILE  *out;

    (void) snprintf(path, sizeof(path), "%s/%s", directory, name);
    (void) unlink(path);

    out = fopen(path, "w");
    assert_non_null(out);
    assert_true(fputs(text, out) >= 0);
    assert_int_equal(fclose(out), 0);
    assert_int_equal(chmod(path, mode), 0);
}


static struct webhook_sections *
read_file(void)
{
    char                     *text;
    FILE                     *before;
    size_t                    size;
    struct webhook_sections  *file;

    text = files_read(path, 65536, &size);
    assert_non_null(text);

    memset(message, 0, sizeof(message));

    before = stderr;
    stderr = fmemopen(message, sizeof(message) - 1, "w");
    assert_non_null(stderr);

    file = webhook_sections_read(path, text, size, getuid());

    (void) fclose(stderr);
    stderr = before;
    free(text);

    return file;
}


static struct webhook_sections *
read_text(const char *text)
{
    write_file("controller.conf", text, 0600);

    return read_file();
}


/* the file is refused, for a reason that has these words */

static void
refused(const char *text, const char *words)
{
    assert_null(read_text(text));

    if (strstr(message, words) == NULL) {
        fail_msg("\"%s\" is not in \"%s\"", words, message);
    }

    /* no secret is shown */

    assert_null(strstr(message, "12345678"));
}


static void
test_sections(void **state)
{
    struct webhook_sections  *file;
    struct webhook_settings   s;

    (void) state;

    file = read_text("# of all\n"
                     "[session *]\n"
                     "app_secret = 12345678 ;#=\n");
    assert_null(file);

    file = read_text("# of all\n"
                     "[session *]\n"
                     "app_secret = 12345678;#=\n"
                     "\n"
                     "; of one\n"
                     "[session 100]\n"
                     "url = https://a.example/hook?x=1\n"
                     "verify_token = t\n"
                     "previous_app_secret = 87654321\n"
                     "events = messages, echoes errors,calls\r\n"
                     "without = edit, played\n"
                     "[session 200]\n"
                     "url: http://b.example\n"
                     "overrides = off\n");
    assert_non_null(file);

    s = webhook_sections_find(file, "100");
    assert_string_equal(s.url, "https://a.example/hook?x=1");
    assert_string_equal(s.verify_token, "t");
    assert_string_equal(s.app_secret, "12345678;#=");
    assert_string_equal(s.previous_app_secret, "87654321");
    assert_int_equal(s.events, EVENT_ALL & ~EVENT_BIT(EVENT_STATUS));
    assert_int_equal(s.without, event_word_find("edit", 4)
                                | event_word_find("played", 6));
    assert_true(s.overrides);

    s = webhook_sections_find(file, "200");
    assert_string_equal(s.url, "http://b.example");
    assert_null(s.verify_token);
    assert_string_equal(s.app_secret, "12345678;#=");
    assert_null(s.previous_app_secret);
    assert_int_equal(s.events, EVENT_DEFAULT);
    assert_int_equal(s.without, 0);
    assert_false(s.overrides);

    s = webhook_sections_find(file, "300");
    assert_null(s.url);
    assert_true(s.overrides);

    webhook_sections_destroy(file);

    /* without a file nobody may set anything */

    s = webhook_sections_find(NULL, "100");
    assert_null(s.url);
    assert_false(s.overrides);
}


static void
test_errors(void **state)
{
    char  text[8192];

    (void) state;

    refused("[100]\n", ":1: a section must be \"[session ID]\"");
    refused("[]\n", ":1: the section's name is empty");
    refused("[session]\n", ":1: a section must be");
    refused("[session ]\n", ":1: a section must be");
    refused("[session 1 ]\n", ":1: a section must be");
    refused("[sessions 1]\n", ":1: a section must be");
    refused("[session 10x]\nurl = https://a\n", ":1: a section must be");
    refused("[session 1234567890123456]\n", ":1: a section must be");
    refused("[session 00000000000000000000000000000000000000000000001]\n",
            ":1: the section's name is too long");
    refused("[session 100]\n\nurl\n", ":3: must be");
    refused("[session 100\nurl = https://a\n", ":1: must be");
    refused("[session 100]\nurls = https://a\n", ":2: there is no such name");
    refused("[session 100]\nurl = ftp://a\n", ":2: url must be");
    refused("[session 100]\nurl = https://a/#x\n", ":2: url must be");
    refused("[session 100]\napp_secret = 1234567\n",
            "app_secret must have 8 to");
    refused("[session 100]\napp_secret = 12345678 9\n",
            "app_secret must have");
    refused("[session 100]\nevents = messages,status\n",
            "events must be a list");
    refused("[session 100]\nevents =\n", "events must be a list");
    refused("[session 100]\nwithout = edit, edits\n",
            "without must be a list");
    refused("[session 100]\nwithout =\n", "without must be a list");
    refused("[session 100]\noverrides = yes\n", "overrides must be on or off");
    refused("[session 100]\nca = ca.pem\n", "ca must be an absolute path");
    refused("[session 100]\nca = /dev/null\n", ":2: ca can't be used");
    refused("[session 100]\napp_secret_file = /nonexistent\n",
            "can't be used");
    refused("[session 100]\napp_secret = 12345678\n"
            "[session 200]\napp_secret = 12345678\n"
            "[session 100]\napp_secret = 12345678\n",
            ":6: app_secret is given twice");
    refused("[session 100]\nurl = https://a\n",
            ":1: section [session 100] has no app_secret");
    refused("[session *]\nprevious_app_secret = 12345678\n",
            "[session *] has no app_secret");

    memset(text, 'x', sizeof(text));
    strcpy(text, "[session 100]\nurl = https://a/");
    text[strlen(text)] = 'x';
    strcpy(text + 5000, "\n");
    refused(text, ":2: is too long");
}


/* what stands behind a NUL is not left out without a word */

static void
test_nul(void **state)
{
    FILE  *out;

    static const char  text[] = "[session *]\napp_secret = 12345678\n\0\n"
                                "overrides = off\n";

    (void) state;

    write_file("controller.conf", "", 0600);

    out = fopen(path, "w");
    assert_non_null(out);
    assert_int_equal(fwrite(text, sizeof(text) - 1, 1, out), 1);
    assert_int_equal(fclose(out), 0);

    assert_null(read_file());
    assert_non_null(strstr(message, ":3: holds a NUL byte"));
}


static void
test_rights(void **state)
{
    static const char  text[] = "[session *]\napp_secret = 12345678\n";

    (void) state;

    write_file("controller.conf", text, 0644);
    assert_null(read_file());
    assert_non_null(strstr(message, "has mode 0644"));

    write_file("controller.conf", text, 0660);
    assert_null(read_file());

    write_file("controller.conf", text, 0640);
    webhook_sections_destroy(read_file());
    assert_string_equal(message, "");

    if (getuid() == 0) {
        assert_int_equal(chown(path, 1, 0), 0);
        assert_null(read_file());
        assert_non_null(strstr(message, "must belong to"));
    }
}


static void
test_secret_file(void **state)
{
    char                      text[PATH_MAX + 64];
    struct webhook_sections  *file;
    struct webhook_settings   s;

    (void) state;

    write_file("secret", "12345678\n", 0600);
    (void) snprintf(text, sizeof(text),
                    "[session *]\napp_secret_file = %s\n", path);

    file = read_text(text);
    assert_non_null(file);

    s = webhook_sections_find(file, "1");
    assert_string_equal(s.app_secret, "12345678");
    webhook_sections_destroy(file);

    write_file("secret", "12345678\n", 0604);
    refused(text, "has mode 0604");
}


static void
test_urls(void **state)
{
    char    text[WEBHOOK_URL_MAX + 2];
    char   *url;
    size_t  i;

    static const char *const  good[] = {
        "https://a", "http://a:8080/x?y=z", "HTTPS://a.b/", "http://[::1]/",
        "https://user:pass@a/"
    };

    static const char *const  bad[] = {
        "", "a", "https://", "https://a b", "file:///x",
        "https://a/#", "https://a:x/", "http://a/\x7f"
    };

    (void) state;

    for (i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        assert_true(webhook_url_valid(good[i]));
        assert_int_equal(webhook_url_has_user(good[i]),
                         strchr(good[i], '@') != NULL);
    }

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        assert_false(webhook_url_valid(bad[i]));
    }

    assert_true(webhook_url_plain("HTTP://a"));
    assert_false(webhook_url_plain("https://a"));

    memset(text, 'x', sizeof(text));
    memcpy(text, "https://a/", 10);
    text[WEBHOOK_URL_MAX] = '\0';
    assert_true(webhook_url_valid(text));
    text[WEBHOOK_URL_MAX] = 'x';
    text[WEBHOOK_URL_MAX + 1] = '\0';
    assert_false(webhook_url_valid(text));

    url = webhook_url_add_query("https://a/x", "q=1");
    assert_string_equal(url, "https://a/x?q=1");
    free(url);

    url = webhook_url_add_query("https://a/x?y", "q=1");
    assert_string_equal(url, "https://a/x?y&q=1");
    free(url);

    url = webhook_url_add_query("https://a/x?", "q=1");
    assert_string_equal(url, "https://a/x?q=1");
    free(url);
}


static void
test_overrides(void **state)
{
    char                       text[4096];
    FILE                      *file;
    struct stat                st;
    struct seal               *seal, *other;
    struct webhook_overrides  *overrides, *copy;

    (void) state;

    seal = seal_create(directory);
    assert_non_null(seal);

    overrides = webhook_overrides_create(directory, seal);
    assert_non_null(overrides);
    assert_null(webhook_overrides_get(overrides, "100"));

    copy = webhook_overrides_copy(overrides);
    (void) snprintf(text, sizeof(text), "https://a/%01000d", 1);
    assert_true(webhook_overrides_set(copy, "100", text));
    assert_true(webhook_overrides_set(copy, "200", "https://b"));
    assert_true(webhook_overrides_set(copy, "200", NULL));
    assert_null(webhook_overrides_get(overrides, "100"));
    assert_true(webhook_overrides_save(copy));
    webhook_overrides_destroy(overrides);
    webhook_overrides_destroy(copy);

    (void) snprintf(path, sizeof(path), "%s/webhooks.json", directory);
    assert_int_equal(stat(path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    file = fopen(path, "r");
    text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
    (void) fclose(file);
    assert_null(strstr(text, "https"));
    assert_null(strstr(text, "0000000"));

    overrides = webhook_overrides_create(directory, seal);
    (void) snprintf(text, sizeof(text), "https://a/%01000d", 1);
    assert_string_equal(webhook_overrides_get(overrides, "100"), text);
    assert_null(webhook_overrides_get(overrides, "200"));
    webhook_overrides_destroy(overrides);

    /* another key, and what was never sealed */

    (void) snprintf(text, sizeof(text), "%s/seal.key", directory);
    assert_int_equal(unlink(text), 0);
    other = seal_create(directory);
    assert_non_null(other);
    assert_null(webhook_overrides_create(directory, other));
    assert_int_equal(unlink(text), 0);

    write_file("webhooks.json", "{\"100\": [\"ftp://a\"]}", 0600);
    assert_null(webhook_overrides_create(directory, seal));
    write_file("webhooks.json", "{\"100\": \"https://a\"}", 0600);
    assert_null(webhook_overrides_create(directory, seal));
    assert_int_equal(unlink(path), 0);

    seal_destroy(seal);
    seal_destroy(other);
}


static void
test_signature(void **state)
{
    char  signature[WEBHOOK_SIGNATURE_SIZE];

    (void) state;

    /* RFC 4231, test case 2 */

    assert_true(webhook_sign("Jefe", "what do ya want for nothing?", 28,
                             signature));
    assert_string_equal(signature, "sha256=5bdcc146bf60754e6a042426089575c75a"
                        "003f089d2739839dec58b964ec3843");
}


static int
make_directory(void **state)
{
    (void) state;

    return mkdtemp(directory) == NULL;
}


static int
remove_directory(void **state)
{
    size_t  i;

    static const char *const  names[] = { "controller.conf", "secret" };

    (void) state;

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void) snprintf(path, sizeof(path), "%s/%s", directory, names[i]);
        (void) unlink(path);
    }

    return rmdir(directory);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_sections),
        cmocka_unit_test(test_errors),
        cmocka_unit_test(test_nul),
        cmocka_unit_test(test_rights),
        cmocka_unit_test(test_secret_file),
        cmocka_unit_test(test_urls),
        cmocka_unit_test(test_overrides),
        cmocka_unit_test(test_signature)
    };

    return cmocka_run_group_tests(tests, make_directory, remove_directory);
}
