/*
 * The inbox of a session, its mark and its digests, with a page, a consumer
 * and a controller that die at random: whatever happens, what the page has
 * stored is delivered, in the order of each chat, and once.
 */

#include "inbox_world.h"


static void
test_random_deaths(void **state)
{
    int       i, steps;
    unsigned  seed;

    (void) state;

    for (seed = 1; seed <= 40; seed++) {
        world_begin(seed, true);

        for (steps = 0; steps < 4000; steps++) {
            world_step();
        }

        world_settle();
        check_once(0);
        assert_int_equal(world.errors, 0);
        assert_int_equal(inbox_stats(inbox)->lost, 0);

        /* the mark has come as far as the messages */

        for (i = 0; i < world.n; i++) {
            assert_in_range(world.messages[i].time, 0,
                            inbox_levels(inbox).mark);
        }


        controller_end(false);
    }
}


static void
test_a_page_that_gives_no_history(void **state)
{
    int       steps;
    unsigned  seed;

    (void) state;

    for (seed = 1; seed <= 10; seed++) {
        world_begin(seed, true);
        world.fails = true;

        for (steps = 0; steps < 4000; steps++) {
            world_step();
        }

        world_settle();
        check_once(0);
        controller_end(false);
    }
}


/* a reader gets each message from the ring of some run */

static void
test_random_deaths_without_a_consumer(void **state)
{
    int       i, steps;
    unsigned  seed;

    (void) state;

    for (seed = 1; seed <= 20; seed++) {
        world_begin(seed, false);

        for (steps = 0; steps < 4000; steps++) {
            world_step();
        }

        world_settle();

        for (i = 0; i < world.n; i++) {
            assert_int_not_equal(world.messages[i].boot, 0);
        }

        controller_end(false);
    }
}


/* without the tmpfs, the mark alone bounds what is told again */

static void
test_reboots(void **state)
{
    int       steps;
    unsigned  seed;

    (void) state;

    for (seed = 1; seed <= 10; seed++) {
        world_begin(seed, true);
        world.late = false;

        for (steps = 0; steps < 3000; steps++) {
            world_step();

            if (steps % 500 == 499) {
                controller_end(random() % 2 == 0);
                (void) unlink(delivered_path);
                memset(world.last, 0xff, sizeof(world.last));
                controller_start();
            }
        }

        world_settle();
        check_once(UINT32_MAX);
        controller_end(false);
    }
}


static void
test_a_new_link_tells_nothing_old(void **state)
{
    int                      i;
    struct inbox_page_state  unlinked;

    (void) state;

    world_begin(1, true);
    memset(&unlinked, 0, sizeof(unlinked));
    unlinked.unlinked = true;

    /* an account leaves, and takes mark and digests with it */

    page_up();
    answer();
    arrive();
    world_settle();
    assert_int_equal(access(mark_path, F_OK), 0);
    assert_int_equal(access(delivered_path, F_OK), 0);
    page_down();

    inbox_page_changed(inbox, &unlinked);
    assert_int_not_equal(access(mark_path, F_OK), 0);
    assert_int_not_equal(access(delivered_path, F_OK), 0);

    /* another one comes with a history */

    world.n = 0;
    memset(world.messages, 0, sizeof(world.messages));

    for (i = 0; i < 1000; i++) {
        arrive();
        world.messages[i].boot = UINT32_MAX;
    }

    world_settle();

    for (i = 0; i < world.n; i++) {
        assert_int_equal(world.messages[i].delivered, 0);
    }

    assert_in_range(inbox_levels(inbox).mark, (uint64_t) time(NULL) - 60,
                    (uint64_t) time(NULL));

    /* a reload tells nothing of it either, nor of the account before */

    page_down();
    world_settle();
    assert_int_equal(ring_stats(inbox_ring(inbox)).events, 0);

    /* what comes then does come, once */

    world.now = (uint64_t) time(NULL) + 1;
    arrive();
    page_down();
    world_settle();
    controller_end(true);
    controller_start();
    world_settle();
    assert_int_equal(world.messages[world.n - 1].delivered, 1);

    controller_end(false);
}


static void
test_files(void **state)
{
    struct stat  st;

    (void) state;

    world_begin(1, true);
    page_up();
    answer();
    arrive();
    world_settle();

    assert_int_equal(stat(mark_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);
    assert_in_range(st.st_size, 2, 12);
    assert_int_equal(stat(delivered_path, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0600);

    controller_end(false);
}


static void
test_what_is_lost_is_told(void **state)
{
    int      i;
    json_t  *data;

    (void) state;

    world_begin(1, true);
    page_up();
    world_settle();

    /* the consumer has no room, and the history no call */

    for (i = 0; i < QUEUE + 5; i++) {
        arrive();
    }

    data = json_pack("{s:[{s:s, s:s, s:s, s:i, s:{s:s}, s:{s:s}}]}", "events",
                     "kind", "call", "id", "false_1@lid_C1", "chat", "1@lid",
                     "t", 1, "from", "lid", "1@lid",
                     "call", "event", "connect");
    inbox_take(inbox, data);
    json_decref(data);

    assert_int_equal(inbox_stats(inbox)->lost, 1);
    assert_int_equal(world.errors, 0);

    world_settle();
    check_once(0);
    inbox_deliver_lost(inbox);
    assert_int_equal(inbox->consumer_lost, 0);

    controller_end(false);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_random_deaths),
        cmocka_unit_test(test_random_deaths_without_a_consumer),
        cmocka_unit_test(test_a_page_that_gives_no_history),
        cmocka_unit_test(test_reboots),
        cmocka_unit_test(test_a_new_link_tells_nothing_old),
        cmocka_unit_test(test_files),
        cmocka_unit_test(test_what_is_lost_is_told)
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
