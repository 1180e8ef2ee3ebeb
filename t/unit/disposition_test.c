/*
 * Content-Disposition: names as clients can read them.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "http/disposition.h"


#define A  "attachment; filename="


static void
test_names(void **state)
{
    char    value[DISPOSITION_SIZE];
    size_t  i;

    static const struct {
        const char  *name;
        const char  *extension;
        const char  *value;
    } cases[] = {
        { "a.pdf", ".pdf", A "\"a.pdf\"" },
        { "a", ".pdf", A "\"a.pdf\"" },
        { "image", ".jpg", A "\"image.jpg\"" },
        { "a file, of 2; words.TXT", ".bin",
          A "\"a file, of 2; words.TXT\"" },
        { "a.", ".pdf", A "\"a..pdf\"" },
        { ".profile", ".txt", A "\".profile.txt\"" },
        { "v1.2 of everything there is", ".pdf",
          A "\"v1.2 of everything there is.pdf\"" },
        { "../../etc/passwd", "", A "\"passwd\"" },
        { "C:\\secret\\a.txt", "", A "\"a.txt\"" },
        { "a\"b.txt", "", A "\"a_b.txt\"; filename*=UTF-8''a%22b.txt" },
        { "100%.txt", "", A "\"100_.txt\"; filename*=UTF-8''100%25.txt" },
        { "a\r\nX: y\x7f.txt", "", A "\"a__X: y_.txt\"" },
        { "B\303\244r.pdf", ".pdf",
          A "\"B_r.pdf\"; filename*=UTF-8''B%C3%A4r.pdf" },
        { "\346\226\207\344\273\266", ".pdf",
          A "\"__.pdf\"; filename*=UTF-8''%E6%96%87%E4%BB%B6.pdf" }
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        disposition_write(value, cases[i].name, cases[i].extension);
        assert_string_equal(value, cases[i].value);
    }
}


/* a name that is too long is cut between two characters */

static void
test_length(void **state)
{
    char    name[2048], value[DISPOSITION_SIZE];
    size_t  i;

    (void) state;

    for (i = 0; i + 3 < sizeof(name); i += 3) {
        memcpy(name + i, "\346\226\207", 3);
    }

    strcpy(name + i - 3, ".pdf");
    disposition_write(value, name, ".bin");

    assert_in_range(strlen(value), 700, sizeof(value) - 1);
    assert_string_equal(value + strlen(value) - 13, "%E6%96%87.pdf");

    memset(name, 'a', sizeof(name));
    name[sizeof(name) - 1] = '\0';
    disposition_write(value, name, ".bin");

    assert_int_equal(strlen(value),
                     strlen(A "\"\"") + DISPOSITION_NAME_MAX);
    assert_string_equal(value + strlen(value) - 6, "a.bin\"");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_names),
        cmocka_unit_test(test_length),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
