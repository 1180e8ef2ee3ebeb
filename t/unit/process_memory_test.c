/*
 * What the kernel's texts about a process's memory say.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <unistd.h>

#include "chrome/process_memory.h"


static void
pss_is_found(void **state)
{
    uint64_t  bytes;

    (void) state;

    assert_true(process_memory_pss(
        "559f47800000-7ffe0000 ---p 00000000 00:00 0      [rollup]\n"
        "Rss:              118752 kB\n"
        "Pss:               19105 kB\n"
        "Pss_Dirty:          9000 kB\n", &bytes));

    assert_int_equal(bytes, 19105 * 1024);
}


static void
a_text_without_it_is_refused(void **state)
{
    size_t    i;
    uint64_t  bytes;

    static const char *const  texts[] = {
        "", "Rss: 5 kB\n", "Rss: 5 kB\nPss_Anon: 5 kB\n", "\nPss:", "\nPss: x",
        "\nPss: 99999999999999999999999 kB\n", "SwapPss: 5 kB\n"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(process_memory_pss(texts[i], &bytes));
    }
}


static void
unshared_pages_are_counted(void **state)
{
    uint64_t  bytes;

    (void) state;

    assert_true(process_memory_unshared("367009155 29688 25000 44 0 9 0\n",
                                        4096, &bytes));
    assert_int_equal(bytes, 4688 * 4096);

    assert_true(process_memory_unshared("9 9 9 0 0 0 0\n", 4096, &bytes));
    assert_int_equal(bytes, 0);
}


static void
pages_of_nobody_are_refused(void **state)
{
    size_t    i;
    uint64_t  bytes;

    static const char *const  texts[] = {
        "", "1", "1 2", "a b c", "0 0 0 0 0 0 0\n", "5 4 5\n",
        "1 18446744073709551615 1\n"
    };

    (void) state;

    for (i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        assert_false(process_memory_unshared(texts[i], 4096, &bytes));
    }
}


static void
a_process_has_memory(void **state)
{
    uint64_t  bytes;

    (void) state;

    assert_int_not_equal(process_memory_read(getpid(), &bytes),
                         PROCESS_MEMORY_UNKNOWN);
    assert_in_range(bytes, 64 * 1024, (uint64_t) 1 << 32);
}


static void
no_process_has_none(void **state)
{
    uint64_t  bytes;

    (void) state;

    assert_int_equal(process_memory_read(0x7fffffff, &bytes),
                     PROCESS_MEMORY_UNKNOWN);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(pss_is_found),
        cmocka_unit_test(a_text_without_it_is_refused),
        cmocka_unit_test(unshared_pages_are_counted),
        cmocka_unit_test(pages_of_nobody_are_refused),
        cmocka_unit_test(a_process_has_memory),
        cmocka_unit_test(no_process_has_none)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
