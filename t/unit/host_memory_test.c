/*
 * What the kernel's texts about the host's memory, and its groups, say.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include <cmocka.h>

#include "base/host_memory.h"
#include "base/wipe.h"


static void
lines_are_found(void **state)
{
    FILE         *file;
    static char   text[] = "MemTotal:       24596712 kB\n"
                           "MemFree:         1000000 kB\n"
                           "MemAvailable:    9000000 kB\n"
                           "Broken:\n";

    (void) state;

    file = fmemopen(text, strlen(text), "r");
    assert_non_null(file);

    assert_int_equal(host_memory_line(file, "MemTotal"),
                     UINT64_C(24596712) * 1024);
    assert_int_equal(host_memory_line(file, "MemAvailable"),
                     UINT64_C(9000000) * 1024);

    rewind(file);
    assert_int_equal(host_memory_line(file, "Mem"), UINT64_MAX);

    rewind(file);
    assert_int_equal(host_memory_line(file, "Broken"), UINT64_MAX);

    (void) fclose(file);
}


static void
make(const char *dir, const char *group, const char *limit)
{
    char   path[256];
    FILE  *file;

    (void) snprintf(path, sizeof(path), "%s%s", dir, group);
    (void) mkdir(path, 0700);

    (void) snprintf(path, sizeof(path), "%s%s/memory.max", dir, group);
    file = fopen(path, "w");
    assert_non_null(file);
    (void) fputs(limit, file);
    (void) fclose(file);
}


static void
the_least_limit_counts(void **state)
{
    char  dir[] = "/tmp/host_memory.XXXXXX";

    (void) state;

    assert_non_null(mkdtemp(dir));
    make(dir, "/a", "3000\n");
    make(dir, "/a/b", "max\n");
    make(dir, "/a/c", "2000\n");

    assert_int_equal(host_memory_group("0::/a/b\n", dir), 3000);
    assert_int_equal(host_memory_group("1:name=x:/y\n0::/a/c\n", dir), 2000);
    assert_int_equal(host_memory_group("0::/a/gone\n", dir), 3000);
    assert_int_equal(host_memory_group("0::/\n", dir), UINT64_MAX);
    assert_int_equal(host_memory_group("4:memory:/a\n", dir), UINT64_MAX);
    assert_int_equal(host_memory_group("10::/a\n", dir), UINT64_MAX);
    assert_int_equal(host_memory_group("", dir), UINT64_MAX);

    make(dir, "", "1000\n");
    assert_int_equal(host_memory_group("0::/\n", dir), 1000);

    wipe_directory(dir);
    (void) remove(dir);
}


static void
this_host_has_memory(void **state)
{
    struct host_memory  memory;

    (void) state;

    host_memory_read(&memory);

    assert_true(memory.total > 1024 * 1024);
    assert_true(memory.total != UINT64_MAX);
    assert_true(memory.available != 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(lines_are_found),
        cmocka_unit_test(the_least_limit_counts),
        cmocka_unit_test(this_host_has_memory)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
