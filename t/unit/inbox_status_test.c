/*
 * What becomes of messages that were sent: told upwards, once, and not before
 * the client is answered.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "events/inbox_private.h"
#include "events/mark.h"


#define KEY    "true_2@lid_3EB0000000000000000001"
#define OTHER  "true_2@lid_AC000000000000000001"
#define GROUP  "true_1-1@g.us_3EB0000000000000000001_1@lid"


static char                 directory[] = "/tmp/inbox_status_test-XXXXXX";
static struct inbox_parts   parts;
static struct inbox        *inbox;
static struct ring_reader  *reader;

/* calls of inbound.start, and whether the last one asked for statuses */

static int                  starts;
static bool                 wanted;


static int
set_up(void **state)
{
    char  path[64];

    (void) state;

    if (mkdtemp(directory) == NULL) {
        return -1;
    }

    parts.seal = seal_create(directory);
    parts.log = log_create(stderr, LOG_ERROR);
    parts.base = event_base_new();
    parts.state_dir = directory;
    parts.runtime_dir = directory;

    (void) snprintf(path, sizeof(path), "%s/sessions", directory);
    (void) mkdir(path, 0700);
    (void) snprintf(path, sizeof(path), "%s/sessions/1", directory);

    return mkdir(path, 0700);
}


static int
tear_down(void **state)
{
    (void) state;

    event_base_free(parts.base);
    log_destroy(parts.log);
    seal_destroy((struct seal *) parts.seal);
    wipe_directory(directory);

    return rmdir(directory);
}


static const char *
number(void *ctx)
{
    (void) ctx;

    return "15550000001";
}


static bool
call(void *ctx, const char *method, json_t *params, uint64_t timeout_ms,
    tab_call_pt done, void *done_ctx)
{
    bool  starting;

    (void) ctx;
    (void) timeout_ms;
    (void) done;
    (void) done_ctx;

    starting = strcmp(method, "inbound.start") == 0;

    if (starting) {
        starts++;
        wanted = json_is_true(json_object_get(params, "statuses"));
    }

    json_decref(params);

    return starting;
}


static void
ready(void *ctx)
{
    (void) ctx;
}


static int
begin(void **state)
{
    char               path[64];
    struct inbox_page  page;

    (void) state;

    page.number = number;
    page.call = call;
    page.ctx = NULL;

    (void) snprintf(path, sizeof(path), "%s/sessions/1/mark", directory);

    if (!mark_write(path, 1790000000)) {
        return -1;
    }

    inbox = inbox_create(&parts, "1", &page);

    if (inbox == NULL) {
        return -1;
    }

    reader = ring_subscribe(inbox_ring(inbox), NULL, EVENT_ALL, ready, NULL);

    return reader == NULL;
}


static int
end(void **state)
{
    (void) state;

    ring_unsubscribe(reader);
    inbox_destroy(inbox);

    return 0;
}


static void
status(const char *key, const char *word, const char *wid)
{
    json_t  *data;

    data = json_pack("{s:[{s:s, s:s, s:s, s:i, s:s, s:{s:s}, s:s*}]}",
                     "events", "kind", "status", "id", key, "chat", "2@lid",
                     "t", 1790000000, "status", word, "recipient",
                     "wid", wid, "group",
                     strstr(key, "@g.us") != NULL ? "1-1@g.us" : NULL);
    assert_non_null(data);

    inbox_take(inbox, data);
    json_decref(data);
}


/* the statuses in the ring since the last time, with blanks between */

static const char *
told(void)
{
    const char        *body, *word;
    struct ring_item   item;

    static char  text[256];

    text[0] = '\0';

    while (ring_next(reader, &item)) {
        body = strstr(item.event->body, "\"status\":\"");
        assert_non_null(body);

        word = body + 10;
        (void) snprintf(text + strlen(text), sizeof(text) - strlen(text),
                        "%s%.*s", text[0] != '\0' ? " " : "",
                        (int) strcspn(word, "\""), word);
    }

    return text;
}


/* lets the time pass after which a client is told of its send */

static void
wait_answer(void)
{
    uint64_t  until;

    until = clock_ms() + 30000;

    while (evtimer_pending(inbox->answered, NULL) && clock_ms() < until) {
        (void) event_base_loop(parts.base, EVLOOP_ONCE);
    }
}


static void
test_upwards_and_once(void **state)
{
    (void) state;

    status(KEY, "delivered", "2@lid");
    status(KEY, "sent", "2@lid");
    status(KEY, "delivered", "2@c.us");
    status(KEY, "read", "2@lid");
    status(KEY, "failed", "2@lid");
    status(KEY, "played", "2@lid");
    status(KEY, "read", "2@lid");

    assert_string_equal(told(), "delivered read played");
    assert_int_equal(inbox_stats(inbox)->repeated, 4);
}


static void
test_failed_and_yet_delivered(void **state)
{
    (void) state;

    status(KEY, "sent", "2@lid");
    status(KEY, "failed", "2@lid");
    status(KEY, "delivered", "2@lid");

    assert_string_equal(told(), "sent failed delivered");
}


static void
test_each_of_a_group(void **state)
{
    (void) state;

    status(GROUP, "sent", "1-1@g.us");
    status(GROUP, "delivered", "2@lid");
    status(GROUP, "delivered", "3@lid");
    status(GROUP, "read", "2@lid");
    status(GROUP, "delivered", "2@lid");
    status(GROUP, "sent", "1-1@g.us");

    assert_string_equal(told(), "sent delivered delivered read");
}


static void
test_of_others(void **state)
{
    (void) state;

    status(OTHER, "read", "2@lid");
    status(KEY, "typing", "2@lid");
    assert_string_equal(told(), "");
    assert_int_equal(inbox_stats(inbox)->foreign, 1);
    assert_int_equal(inbox_stats(inbox)->malformed, 1);

    /* a forwarded message has an id that WhatsApp Web has made */

    inbox_send_ended(inbox, OTHER, NULL, false);
    wait_answer();
    usleep(150000);
    status(OTHER, "read", "2@lid");
    assert_string_equal(told(), "read");
}


static void
test_after_the_answer(void **state)
{
    struct ring_item  item;

    (void) state;

    inbox_send_began(inbox, KEY, "data");
    status(KEY, "sent", "2@lid");
    status(KEY, "delivered", "2@lid");
    assert_string_equal(told(), "");

    inbox_send_ended(inbox, KEY, "data", false);
    assert_string_equal(told(), "");
    status(KEY, "read", "2@lid");
    assert_string_equal(told(), "");

    wait_answer();
    assert_true(ring_next(reader, &item));
    assert_non_null(strstr(item.event->body,
                           "\"biz_opaque_callback_data\":\"data\""));
    assert_string_equal(told(), "delivered read");

    status(KEY, "played", "2@lid");
    assert_string_equal(told(), "played");
}


static void
test_not_sent(void **state)
{
    (void) state;

    inbox_send_began(inbox, KEY, NULL);
    status(KEY, "failed", "2@lid");
    inbox_send_ended(inbox, KEY, NULL, true);
    status(KEY, "failed", "2@lid");
    wait_answer();
    assert_string_equal(told(), "");

    /* the same id is tried again, and succeeds */

    inbox_send_began(inbox, KEY, NULL);
    inbox_send_ended(inbox, KEY, NULL, false);
    status(KEY, "sent", "2@lid");
    wait_answer();
    assert_string_equal(told(), "sent");
}


/* the oldest messages go, and with them what was held for them */

static void
test_bounds(void **state)
{
    int   i;
    char  key[64], data[2049];

    (void) state;

    memset(data, 'x', sizeof(data) - 1);
    data[sizeof(data) - 1] = '\0';

    for (i = 0; i < 2 * SENT_MAX; i++) {
        (void) snprintf(key, sizeof(key), "true_2@lid_3EB0%018X", i);
        inbox_send_began(inbox, key, i % 2 == 0 ? data : NULL);

        if (i % 100 == 0) {
            status(key, "sent", "2@lid");
        }
    }

    assert_in_range(inbox_levels(inbox).sent, 1, SENT_MAX);

    for (i = 0; i < SENT_HELD + 3; i++) {
        status(key, "sent", "2@lid");
    }

    assert_int_equal(inbox_stats(inbox)->lost, 3);
    assert_string_equal(told(), "");
}


static void
test_statuses_that_somebody_wants(void **state)
{
    struct inbox_consumer    consumer;
    struct inbox_page_state  page;

    (void) state;

    memset(&page, 0, sizeof(page));
    page.tells = true;
    page.document = 1;
    starts = 0;

    inbox_page_changed(inbox, &page);
    assert_int_equal(starts, 1);
    assert_false(wanted);

    memset(&consumer, 0, sizeof(consumer));
    consumer.kinds = EVENT_BIT(EVENT_MESSAGE);

    inbox_set_consumer(inbox, &consumer);
    assert_int_equal(starts, 1);

    consumer.kinds |= EVENT_BIT(EVENT_STATUS);

    inbox_set_consumer(inbox, &consumer);
    assert_int_equal(starts, 2);
    assert_true(wanted);

    inbox_want_statuses(inbox);
    assert_int_equal(starts, 2);

    page.document = 2;

    inbox_page_changed(inbox, &page);
    assert_int_equal(starts, 3);
    assert_true(wanted);

    inbox_set_consumer(inbox, NULL);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_upwards_and_once, begin, end),
        cmocka_unit_test_setup_teardown(test_failed_and_yet_delivered, begin,
                                        end),
        cmocka_unit_test_setup_teardown(test_each_of_a_group, begin, end),
        cmocka_unit_test_setup_teardown(test_of_others, begin, end),
        cmocka_unit_test_setup_teardown(test_after_the_answer, begin, end),
        cmocka_unit_test_setup_teardown(test_not_sent, begin, end),
        cmocka_unit_test_setup_teardown(test_bounds, begin, end),
        cmocka_unit_test_setup_teardown(test_statuses_that_somebody_wants,
                                        begin, end)
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
