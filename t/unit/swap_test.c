/*
 * Swap: what may reach a disk in plain is told, what is encrypted or in memory
 * is not.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/swap.h"
#include "base/wipe.h"


#define HEAD  "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


struct fixture {
    char  dir[64];
    char  list[96];
    char  devices[96];
    char  device[160];      /* of the file system that dir is in */
};


static void
make_directory(const char *format, ...)
{
    char     path[512];
    va_list  args;

    va_start(args, format);
    (void) vsnprintf(path, sizeof(path), format, args);
    va_end(args);

    assert_int_equal(mkdir(path, 0700), 0);
}


static void
make_file(const char *path, const char *text)
{
    FILE  *file;

    file = fopen(path, "w");
    assert_non_null(file);
    (void) fputs(text, file);
    (void) fclose(file);
}


/* the list names the file NAME in the directory, or nothing */

static void
make_list(struct fixture *f, const char *name)
{
    char  text[512];

    (void) snprintf(text, sizeof(text), HEAD "%s%s%s", name ? f->dir : "",
                    name ? name : "",
                    name ? " file\t\t1048572\t\t0\t\t-2\n" : "");
    make_file(f->list, text);
}


static void
make_uuid(const char *device, const char *uuid)
{
    char  path[512];

    make_directory("%s/dm", device);
    (void) snprintf(path, sizeof(path), "%s/dm/uuid", device);
    make_file(path, uuid);
}


static int
setup(void **state)
{
    struct stat      st;
    struct fixture  *f;

    f = calloc(1, sizeof(struct fixture));
    assert_non_null(f);

    strcpy(f->dir, "/tmp/swap_test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));
    assert_int_equal(stat(f->dir, &st), 0);

    (void) snprintf(f->list, sizeof(f->list), "%s/swaps", f->dir);
    (void) snprintf(f->devices, sizeof(f->devices), "%s/block", f->dir);
    (void) snprintf(f->device, sizeof(f->device), "%s/%u:%u", f->devices,
                    major(st.st_dev), minor(st.st_dev));

    make_directory("%s", f->devices);
    make_list(f, "/swaps");

    *state = f;

    return 0;
}


static int
teardown(void **state)
{
    struct fixture  *f = *state;

    wipe_directory(f->dir);
    (void) rmdir(f->dir);
    free(f);

    return 0;
}


static void
no_swap_is_safe(void **state)
{
    struct fixture  *f = *state;

    make_list(f, NULL);
    assert_false(swap_exposed(f->list, f->devices));
    assert_false(swap_exposed("/no/such/list", f->devices));
}


static void
swap_on_a_plain_disk_is_told(void **state)
{
    struct fixture  *f = *state;

    assert_true(swap_exposed(f->list, f->devices));

    make_directory("%s", f->device);
    make_directory("%s/slaves", f->device);
    assert_true(swap_exposed(f->list, f->devices));

    make_uuid(f->device, "LVM-0123456789\n");
    assert_true(swap_exposed(f->list, f->devices));

    make_list(f, "/is\\040gone");
    assert_true(swap_exposed(f->list, f->devices));
}


static void
encrypted_swap_is_safe(void **state)
{
    struct fixture  *f = *state;

    make_directory("%s", f->device);
    make_uuid(f->device, "CRYPT-PLAIN-swap\n");
    assert_false(swap_exposed(f->list, f->devices));
}


static void
a_volume_is_as_safe_as_its_devices(void **state)
{
    char             path[256];
    struct fixture  *f = *state;

    make_directory("%s", f->device);
    make_uuid(f->device, "LVM-0123456789\n");
    make_directory("%s/slaves", f->device);

    (void) snprintf(path, sizeof(path), "%s/slaves/dm-0", f->device);
    make_directory("%s", path);
    make_uuid(path, "CRYPT-LUKS2-0123-disk\n");
    assert_false(swap_exposed(f->list, f->devices));

    make_directory("%s/slaves/sdb1", f->device);
    assert_true(swap_exposed(f->list, f->devices));
}


static void
swap_in_memory_is_safe(void **state)
{
    char             path[256];
    struct fixture  *f = *state;

    (void) snprintf(path, sizeof(path), "%s/zram0", f->dir);
    make_directory("%s", path);
    assert_int_equal(symlink(path, f->device), 0);
    assert_false(swap_exposed(f->list, f->devices));
}


static void
a_name_may_have_blanks(void **state)
{
    char             path[256];
    struct fixture  *f = *state;

    (void) snprintf(path, sizeof(path), "%s/a swap", f->dir);
    make_file(path, "");
    make_directory("%s", f->device);
    make_uuid(f->device, "CRYPT-PLAIN-swap\n");
    make_list(f, "/a\\040swap");
    assert_false(swap_exposed(f->list, f->devices));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(no_swap_is_safe, setup, teardown),
        cmocka_unit_test_setup_teardown(swap_on_a_plain_disk_is_told, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(encrypted_swap_is_safe, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_volume_is_as_safe_as_its_devices,
                                        setup, teardown),
        cmocka_unit_test_setup_teardown(swap_in_memory_is_safe, setup,
                                        teardown),
        cmocka_unit_test_setup_teardown(a_name_may_have_blanks, setup,
                                        teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
