/*
 * Times, numbers and tables of whatsapp-ctl.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/ctl_text.h"


static void
time_is(const char *text, unsigned expected)
{
    unsigned  seconds;

    assert_true(ctl_text_time(text, &seconds));
    assert_int_equal(seconds, expected);
}


static void
no_time(const char *text)
{
    unsigned  seconds;

    assert_false(ctl_text_time(text, &seconds));
}


static void
times(void **state)
{
    (void) state;

    time_is("1", 1);
    time_is("90s", 90);
    time_is("10m", 600);
    time_is("1h30m", 5400);
    time_is("1h 30m", 5400);
    time_is("1d 2h 3m 4s", 93784);
    time_is("1w", 604800);
    time_is("366d", CTL_TIME_MAX);
    no_time("");
    no_time("0");
    no_time("0s");
    no_time("s");
    no_time("-1");
    no_time("+1");
    no_time(" 1");
    no_time("1x");
    no_time("1M");
    no_time("1m1h");
    no_time("1m1m");
    no_time("1 m");
    no_time("366d 1s");
    no_time("18446744073709551617s");
}


static void
numbers(void **state)
{
    unsigned  n;

    (void) state;

    assert_true(ctl_text_number("0", 0, 5, &n));
    assert_int_equal(n, 0);
    assert_true(ctl_text_number("128", 1, 128, &n));
    assert_int_equal(n, 128);
    assert_false(ctl_text_number("129", 1, 128, &n));
    assert_false(ctl_text_number("0", 1, 128, &n));
    assert_false(ctl_text_number("", 0, 5, &n));
    assert_false(ctl_text_number("1x", 0, 5, &n));
    assert_false(ctl_text_number("4294967297", 0, 5, &n));
}


static void
span_is(time_t seconds, const char *expected)
{
    char  text[CTL_TIME_SIZE];

    assert_string_equal(ctl_text_span(seconds, text), expected);
}


static void
spans(void **state)
{
    (void) state;

    span_is(-5, "0s");
    span_is(59, "59s");
    span_is(60, "1m 0s");
    span_is(3599, "59m 59s");
    span_is(3600, "1h 0m");
    span_is(90061, "1d 1h");
    span_is(CTL_TIME_MAX, "366d 0h");
}


static void
tables(void **state)
{
    char              text[200];
    FILE             *out;
    struct ctl_table  table;

    (void) state;

    memset(&table, 0, sizeof(table));
    table.columns = 3;

    ctl_table_add(&table, "A");
    ctl_table_add(&table, "BB");
    ctl_table_add(&table, "C");
    ctl_table_add(&table, "long");
    ctl_table_add(&table, NULL);
    ctl_table_add(&table, "");
    ctl_table_add(&table, "\033[31mred\n\177\302\233");
    ctl_table_add(&table, "Zo\303\253");
    ctl_table_add(&table, "x");

    memset(text, 0, sizeof(text));
    out = fmemopen(text, sizeof(text), "w");

    assert_true(ctl_table_print(&table, out));

    (void) fclose(out);

    /* what a terminal would obey is left out; columns count characters */

    assert_string_equal(text, "A        BB   C\n"
                              "long     -    -\n"
                              "[31mred  Zo\303\253  x\n");
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(times),
        cmocka_unit_test(numbers),
        cmocka_unit_test(spans),
        cmocka_unit_test(tables)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
