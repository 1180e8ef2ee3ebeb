/*
 * Parameters of headers and names of files.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "http/form_value.h"


static void
test_parameters(void **state)
{
    size_t  i;
    char    out[16];

    static const struct {
        const char  *value;
        const char  *name;      /* of the parameter */
        const char  *result;    /* NULL: there is none */
    } rows[] = {
        { "form-data; name=a", "name", "a" },
        { "form-data;name=\"a b\"", "name", "a b" },
        { "form-data; NAME = a", "name", NULL },
        { "form-data; Name=a", "name", "a" },
        { "form-data; name=\"a\\\"b\"", "name", "a\"b" },
        { "form-data; name=\"a\\b\"", "name", "a\\b" },
        { "form-data; name=\"a;b\"; x=y", "x", "y" },
        { "form-data; y=\"; name=b\"; name=c", "name", "c" },
        { "form-data; filename=b; name=c", "name", "c" },
        { "form-data; name*=b; name=c", "name", "c" },
        { "form-data; name=", "name", "" },
        { "form-data; name=\"\"", "name", "" },
        { "form-data; name=\"a", "name", NULL },
        { "form-data; name", "name", NULL },
        { "name=a", "name", NULL },
        { "", "name", NULL },
        { ";", "name", NULL },
        { "; name=a ;", "name", "a" },
        { "; name=123456789012345", "name", "123456789012345" },
        { "; name=1234567890123456", "name", NULL }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        assert_int_equal(form_parameter(rows[i].value, rows[i].name, out,
                                        sizeof(out)),
                         rows[i].result != NULL);
        assert_string_equal(out, rows[i].result != NULL ? rows[i].result
                                                        : "");
    }
}


static void
test_filenames(void **state)
{
    size_t  i;
    char    out[64];

    static const struct {
        const char  *value;
        const char  *result;
    } rows[] = {
        { "x; filename=a.txt", "a.txt" },
        { "x; filename=\"a b.txt\"", "a b.txt" },
        { "x", "" },
        { "x; filename=\"\"", "" },
        { "x; filename=\"/etc/passwd\"", "passwd" },
        { "x; filename=\"C:\\\\dir\\name.txt\"", "name.txt" },
        { "x; filename=\"../..\"", "" },
        { "x; filename=\"..\"", "" },
        { "x; filename=\"a/\"", "" },
        { "x; filename=\"a\tb\x7f\x01.txt\"", "ab.txt" },
        { "x; filename=\"\xc3\xa9.txt\"", "\xc3\xa9.txt" },
        { "x; filename=\"\xe9.txt\"", "_.txt" },
        { "x; filename=\"\xc0\xaf.txt\"", "__.txt" },
        { "x; filename=\"\xed\xa0\x80\"", "___" },
        { "x; filename=\"\xf0\x9f\x98\x80\"", "\xf0\x9f\x98\x80" },
        { "x; filename=\"\xf5\x80\x80\x80\"", "____" },
        { "x; filename=a; filename*=UTF-8''%c3%a9%20b", "\xc3\xa9 b" },
        { "x; filename*=utf-8'en'b; filename=a", "b" },
        { "x; filename*=UTF-8''a%2Fb", "b" },
        { "x; filename*=UTF-8''%zz; filename=a", "a" },
        { "x; filename*=UTF-8''%00; filename=a", "a" },
        { "x; filename*=UTF-8''%4; filename=a", "a" },
        { "x; filename*=ISO-8859-1''b; filename=a", "a" },
        { "x; filename*=UTF-8'b; filename=a", "a" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        form_filename(rows[i].value, out, sizeof(out));
        assert_string_equal(out, rows[i].result);
    }
}


static void
test_url_filenames(void **state)
{
    size_t  i;
    char    out[16];

    static const struct {
        const char  *url;
        const char  *result;
    } rows[] = {
        { "https://a.example/b/c.pdf", "c.pdf" },
        { "https://a.example/b/c.pdf?d=/e.zip#/f.zip", "c.pdf" },
        { "https://a.example/a%20b%2ftxt", "txt" },
        { "https://a.example/%2e%2e", "" },
        { "https://a.example/%zz", "" },
        { "https://a.example/%00", "" },
        { "https://a.example/b/", "" },
        { "https://a.example", "" },
        { "https://a.example?b/c.pdf", "" },
        { "https://a.example/0123456789abcdef", "" }
    };

    (void) state;

    for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        form_url_filename(rows[i].url, out, sizeof(out));
        assert_string_equal(out, rows[i].result);
    }
}


static void
cut(const char *text, size_t max, const char *expected)
{
    char  name[1024];

    (void) snprintf(name, sizeof(name), "%s", text);
    form_cut_filename(name, max);
    assert_string_equal(name, expected);
}


static void
test_cut(void **state)
{
    (void) state;

    cut("", 32, "");
    cut("0123456789012345678901234567.pdf", 32,
        "0123456789012345678901234567.pdf");
    cut("0123456789012345678901234567x.pdf", 32,
        "0123456789012345678901234567.pdf");
    cut("01234567890123456789012345678901x", 32,
        "01234567890123456789012345678901");

    /* a character stays whole, and an extension is not that long */

    cut("012345678901234567890123456\xe2\x82\xacx.pdf", 32,
        "012345678901234567890123456.pdf");
    cut("0.2345678901234567890123456789012345", 32,
        "0.234567890123456789012345678901");
    cut(".012345678901234567890123456789012345", 32,
        ".0123456789012345678901234567890");
}


static void
test_copies(void **state)
{
    char  out[4];

    (void) state;

    assert_true(form_copy("abc \t ", out, sizeof(out)));
    assert_string_equal(out, "abc");
    assert_true(form_copy("  ", out, sizeof(out)));
    assert_string_equal(out, "");
    assert_false(form_copy("abcd", out, sizeof(out)));
    assert_string_equal(out, "");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_parameters),
        cmocka_unit_test(test_filenames),
        cmocka_unit_test(test_url_filenames),
        cmocka_unit_test(test_cut),
        cmocka_unit_test(test_copies),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
