/*
 * Whether another session fits.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "session/memory_room.h"


#define MIB   ((uint64_t) 1024 * 1024)
#define EACH  MEMORY_ROOM_SESSION


static void
the_first_one_is_reckoned_with(void **state)
{
    struct memory_room  room = { .max = EACH + 10, .available = UINT64_MAX };

    (void) state;

    room.used = 10;
    assert_true(memory_room_fits(&room));

    room.used = 11;
    assert_false(memory_room_fits(&room));
}


static void
those_that_start_are_reckoned_with(void **state)
{
    struct memory_room  room = { .max = 3 * (uint64_t) EACH,
                                 .available = UINT64_MAX };

    (void) state;

    room.unmeasured = 2;
    assert_true(memory_room_fits(&room));

    room.unmeasured = 3;
    assert_false(memory_room_fits(&room));
}


/* with its share of the browser that it is in */

static void
another_one_takes_as_much_as_the_average(void **state)
{
    struct memory_room  room = { .max = 1600 * MIB, .available = UINT64_MAX };

    (void) state;

    room.measured = 3;
    room.used = 1200 * MIB;
    assert_int_equal(memory_room_expected(&room), 400 * MIB);
    assert_true(memory_room_fits(&room));

    room.used += 3 * MIB;
    assert_false(memory_room_fits(&room));

    room.used = 3 * MIB;
    assert_int_equal(memory_room_expected(&room), EACH);
}


static void
the_host_has_to_have_it(void **state)
{
    struct memory_room  room = { .max = UINT64_MAX, .available = EACH };

    (void) state;

    assert_true(memory_room_fits(&room));

    room.available--;
    assert_false(memory_room_fits(&room));
}


static void
without_a_limit_all_fit(void **state)
{
    struct memory_room  room = { .max = 0, .used = UINT64_MAX / 2 };

    (void) state;

    assert_true(memory_room_fits(&room));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(the_first_one_is_reckoned_with),
        cmocka_unit_test(those_that_start_are_reckoned_with),
        cmocka_unit_test(another_one_takes_as_much_as_the_average),
        cmocka_unit_test(the_host_has_to_have_it),
        cmocka_unit_test(without_a_limit_all_fit)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
