/*
 * URL templates of the BETA webhooks: which are accepted, and what becomes of
 * their places.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "events/beta_url.h"


static const struct beta_message  message = {
    "a b&c=\xc3\xa9?from?", "15550000002", "wamid.A-_", "\xf0\x9f\x91\x8d",
    "message"
};


static void
expands(const char *url, const char *expected)
{
    char  *expanded;

    assert_true(beta_url_valid(url));

    expanded = beta_url_expand(url, &message);
    assert_string_equal(expanded, expected);
    free(expanded);
}


static void
test_expand(void **state)
{
    (void) state;

    expands("http://h/", "http://h/");
    expands("https://h/?t=?msg?", "https://h/?t=a%20b%26c%3D%C3%A9%3Ffrom%3F");
    expands("http://h/?from?/?msgid?", "http://h/15550000002/wamid.A-_");
    expands("http://h?r=?reaction?&k=?type?",
            "http://h?r=%F0%9F%91%8D&k=message");
    expands("http://h/??from??from?x", "http://h/?1555000000215550000002x");
    expands("http://h/?msgx?&?msg", "http://h/?msgx?&?msg");
}


static void
test_valid(void **state)
{
    size_t  i;
    char    url[BETA_URL_MAX + 2];

    static const char *const  refused[] = {
        "", "h", "ftp://h/", "http:/h", "http://", "http:///a", "http://?a",
        "http://?msg?/", "http://?from?.h/", "http://h?msg?",
        "http://u@h/", "http://u:p@h/?msg?", "http://h/ a", "http://h/\n",
        "http://h/\x7f", "http://h/\xc3\xa9", "http://h/#a", "javascript:1"
    };

    (void) state;

    for (i = 0; i < sizeof(refused) / sizeof(refused[0]); i++) {
        assert_false(beta_url_valid(refused[i]));
    }

    assert_true(beta_url_valid("HTTPS://h:8443/a?@b"));

    memset(url, 'a', sizeof(url));
    memcpy(url, "http://h/", 9);
    url[BETA_URL_MAX] = '\0';
    assert_true(beta_url_valid(url));

    url[BETA_URL_MAX] = 'a';
    url[BETA_URL_MAX + 1] = '\0';
    assert_false(beta_url_valid(url));
}


static void
test_host(void **state)
{
    int          len;
    const char  *host;

    (void) state;

    host = beta_url_host("https://h.example:8443/a?secret", &len);
    assert_int_equal(len, 14);
    assert_memory_equal(host, "h.example:8443", 14);

    host = beta_url_host("http://h?a", &len);
    assert_int_equal(len, 1);
    assert_memory_equal(host, "h", 1);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_expand),
        cmocka_unit_test(test_valid),
        cmocka_unit_test(test_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
