/*
 * Ids of groups: they come back as they were, and nothing else does.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/group_id.h"
#include "sealed.h"


#define GROUP  "120363000000000001@g.us"


static void
test_there_and_back(void **state)
{
    char  id[GROUP_ID_SIZE], again[GROUP_ID_SIZE];
    char  session[GROUP_SESSION_SIZE], group[WAMID_WID_SIZE];

    (void) state;

    assert_true(group_id_close(seal, "1000000001", GROUP, id));
    assert_memory_equal(id, "g.", 2);
    assert_null(strstr(id, "1203"));

    assert_true(group_id_open(seal, id, session, group));
    assert_string_equal(session, "1000000001");
    assert_string_equal(group, GROUP);

    assert_true(group_id_close(seal, "1000000001", GROUP, again));
    assert_string_equal(id, again);

    assert_true(group_id_open_own(seal, id, "1000000001", group));
    assert_false(group_id_open_own(seal, id, "1000000002", group));

    assert_true(group_id_close(seal, "1000000002", GROUP, again));
    assert_string_not_equal(id, again);
}


static void
test_others(void **state)
{
    char  id[GROUP_ID_SIZE], odd[GROUP_ID_SIZE];
    char  session[GROUP_SESSION_SIZE], group[WAMID_WID_SIZE];

    (void) state;

    assert_true(group_id_close(seal, "1000000001", GROUP, id));

    assert_false(group_id_open(seal, "", session, group));
    assert_false(group_id_open(seal, "g.", session, group));
    assert_false(group_id_open(seal, id + 2, session, group));
    assert_false(group_id_open(seal, GROUP, session, group));

    strcpy(odd, id);
    odd[10] = odd[10] == 'A' ? 'B' : 'A';
    assert_false(group_id_open(seal, odd, session, group));

    /* sealed, but of another kind or form */

    strcpy(odd, "g.");
    assert_true(seal_close(seal, SEAL_MEDIA, "1/1@g.us", 8, odd + 2));
    assert_false(group_id_open(seal, odd, session, group));

    assert_true(seal_close(seal, SEAL_GROUP, "1@g.us", 6, odd + 2));
    assert_false(group_id_open(seal, odd, session, group));
}


static void
test_bounds(void **state)
{
    char  id[GROUP_ID_SIZE], longest[WAMID_WID_SIZE], name[64];
    char  session[GROUP_SESSION_SIZE], group[WAMID_WID_SIZE];

    (void) state;

    memset(longest, '1', sizeof(longest) - 1);
    longest[sizeof(longest) - 1] = '\0';

    assert_true(group_id_close(seal, "123456789012345", longest, id));
    assert_true(group_id_open(seal, id, session, group));
    assert_string_equal(group, longest);

    memset(name, '1', sizeof(name) - 1);
    name[sizeof(name) - 1] = '\0';

    assert_false(group_id_close(seal, name, longest, id));

    name[GROUP_SESSION_SIZE] = '\0';
    assert_true(group_id_close(seal, name, "1@g.us", id));
    assert_false(group_id_open(seal, id, session, group));

    assert_true(group_id_close(seal, "1", name, id));
    assert_true(group_id_open(seal, id, session, group));

    assert_true(seal_close(seal, SEAL_GROUP,
                "1/1111111111111111111111111111111111111111111111111", 51,
                id + 2));
    assert_false(group_id_open(seal, id, session, group));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_there_and_back),
        cmocka_unit_test(test_others),
        cmocka_unit_test(test_bounds),
    };

    return cmocka_run_group_tests(tests, sealed_begin, sealed_end);
}
