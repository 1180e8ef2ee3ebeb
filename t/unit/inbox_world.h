/*
 * The world of an inbox: a page with its storage, a receiver with a queue, and
 * a controller, each of which may die at any moment.
 */

#ifndef UNIT_INBOX_WORLD_H
#define UNIT_INBOX_WORLD_H


#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/wipe.h"
#include "events/inbox_private.h"
#include "events/mark.h"


#define MESSAGES  4000
#define CHATS     5
#define QUEUE     8
#define PORTION   7


struct message {
    int       chat;
    uint64_t  time;
    bool      told;         /* by the present document */
    unsigned  delivered;
    unsigned  boot;         /* of the controller whose ring has it */
};


/* the world: a page with its storage, and a receiver with a queue */

static struct {
    struct message        messages[MESSAGES];
    int                   n;
    uint64_t              now;          /* s, of the messages */

    bool                  up;
    bool                  started;
    unsigned              documents;
    bool                  fails;        /* at times: order may be lost */
    bool                  failing;      /* gives no history now */

    tab_call_pt       done;         /* of the call that runs, or NULL */
    void                 *done_ctx;
    char                  method[32];
    json_t               *params;

    bool                   consumes;
    bool                   refused;
    struct account_event  *queue[QUEUE];
    int                    queued;
    int                    last[CHATS];  /* delivered */
    uint64_t               latest[CHATS];
    bool                   late;          /* messages are, at times */

    unsigned              boot;
    struct ring_reader   *reader;
    int                   last_read[CHATS];
    unsigned              errors;
} world;


static char                 directory[] = "/tmp/inbox_test-XXXXXX";
static char                 mark_path[256];
static char                 delivered_path[256];
static struct seal         *seal;
static struct log          *logger;
static struct inbox        *inbox;
static struct inbox_parts   parts;


static int
set_up(void **state)
{
    char  path[128];

    (void) state;

    if (mkdtemp(directory) == NULL) {
        return -1;
    }

    seal = seal_create(directory);
    logger = log_create(stderr, LOG_ERROR);

    parts.base = event_base_new();
    parts.log = logger;
    parts.seal = seal;
    parts.state_dir = directory;
    parts.runtime_dir = directory;

    (void) snprintf(path, sizeof(path), "%s/sessions", directory);
    (void) mkdir(path, 0700);
    (void) snprintf(path, sizeof(path), "%s/sessions/1", directory);
    (void) mkdir(path, 0700);

    (void) snprintf(mark_path, sizeof(mark_path), "%s/mark", path);
    (void) snprintf(delivered_path, sizeof(delivered_path),
                    "%s/delivered/1", directory);

    return seal == NULL || logger == NULL || parts.base == NULL;
}


static int
tear_down(void **state)
{
    (void) state;

    event_base_free(parts.base);
    log_destroy(logger);
    seal_destroy(seal);
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
    (void) ctx;
    (void) timeout_ms;

    if (!world.up) {
        json_decref(params);
        return false;
    }

    assert_null(world.done);

    world.done = done;
    world.done_ctx = done_ctx;
    world.params = params;
    (void) snprintf(world.method, sizeof(world.method), "%s", method);

    return true;
}


static json_t *
message_event(int i)
{
    char             id[64], chat[32], body[32];
    struct message  *message = &world.messages[i];

    (void) snprintf(chat, sizeof(chat), "%d@lid", message->chat);
    (void) snprintf(id, sizeof(id), "false_%d@lid_3A%d", message->chat, i);
    (void) snprintf(body, sizeof(body), "message %d.", i);

    return json_pack("{s:s, s:s, s:s, s:I, s:{s:s}, s:{s:s, s:{s:s}}}",
                     "kind", "message", "id", id, "chat", chat,
                     "t", (json_int_t) message->time,
                     "from", "lid", chat,
                     "message", "type", "text", "text", "body", body);
}


static int
event_index(const struct account_event *event)
{
    const char  *text;

    text = strstr(event->body, "\"message ");

    return text != NULL ? atoi(text + 9) : -1;
}


static void
tell(int i)
{
    json_t  *data;

    data = json_pack("{s:[o]}", "events", message_event(i));
    assert_non_null(data);

    world.messages[i].told = true;
    inbox_take(inbox, data);
    json_decref(data);
}


static void
arrive(void)
{
    struct message  *message;

    if (world.n == MESSAGES) {
        return;
    }

    message = &world.messages[world.n];

    world.now += (uint64_t) (random() % 40);
    message->chat = (int) (random() % CHATS);

    /* some come late, but after the older ones of their chat */

    message->time = world.now;

    if (world.late && random() % 4 == 0) {
        message->time -= (uint64_t) (random() % 500);
    }

    if (message->time < world.latest[message->chat]) {
        message->time = world.latest[message->chat];
    }

    world.latest[message->chat] = message->time;
    world.n++;

    if (world.up && world.started) {
        tell(world.n - 1);
    }
}


static void
receive(struct account_event *event)
{
    int              i;
    struct message  *message;

    i = event_index(event);

    if (i == -1) {
        world.errors++;
        return;
    }

    message = &world.messages[i];

    assert_true(world.fails || message->delivered != 0
                || world.last[message->chat] < i);
    world.last[message->chat] = i;
    message->delivered++;
}


static bool
offer(void *ctx, struct account_event *event)
{
    (void) ctx;

    if (world.queued == QUEUE) {
        world.refused = true;
        return false;
    }

    /* some are delivered at once */

    if (world.queued == 0 && random() % 3 == 0) {
        receive(event);
        inbox_taken(inbox, event);
        return true;
    }

    world.queue[world.queued++] = event_hold(event);

    return true;
}


/* delivers the first one of some chat */

static void
deliver(void)
{
    int                    i, j, chat;
    struct account_event  *event;

    if (world.queued == 0) {
        return;
    }

    i = (int) (random() % world.queued);
    chat = world.messages[event_index(world.queue[i])].chat;

    for (j = 0; j < i; j++) {
        if (world.messages[event_index(world.queue[j])].chat == chat) {
            i = j;
        }
    }

    event = world.queue[i];
    world.queued--;
    memmove(&world.queue[i], &world.queue[i + 1],
            sizeof(world.queue[0]) * (size_t) (world.queued - i));

    receive(event);
    inbox_taken(inbox, event);
    event_release(event);

    if (world.refused && (world.queued == 0 || random() % 4 == 0)) {
        world.refused = false;
        inbox_room(inbox);
    }
}


/* what stands in the ring stands there once, in the order of its chat */

static void
read_ring(void)
{
    int               i;
    struct message   *message;
    struct ring_item  item;

    while (ring_next(world.reader, &item)) {
        assert_non_null(item.event);
        i = event_index(item.event);

        if (i == -1) {
            continue;
        }

        message = &world.messages[i];
        assert_int_not_equal(message->boot, world.boot);
        message->boot = world.boot;

        assert_true(world.fails || world.last_read[message->chat] < i);
        world.last_read[message->chat] = i;
    }
}


static void
ready(void *ctx)
{
    (void) ctx;
}


static void
page_changed(void)
{
    struct inbox_page_state  state;

    state.document = world.documents;
    state.unlinked = false;
    state.tells = world.up;
    state.ready = world.up;

    inbox_page_changed(inbox, &state);
}


static void
call_end(enum tab_call_status status, json_t *result)
{
    tab_call_pt  done;

    done = world.done;
    world.done = NULL;

    json_decref(world.params);
    world.params = NULL;

    if (done != NULL) {
        done(world.done_ctx, status, result);
    }

    json_decref(result);
}


/* a portion: chats one after another, each in order; a cursor says where */

static json_t *
history(void)
{
    int         i, n, chat, after;
    json_t     *events, *next;
    json_int_t  since;

    since = json_integer_value(json_object_get(world.params, "since"));
    after = (int) json_integer_value(json_object_get(world.params, "after"));
    assert_true(json_integer_value(json_object_get(world.params, "limit"))
                <= 100);

    events = json_array();
    next = NULL;
    n = 0;

    for (chat = after / MESSAGES; chat < CHATS && next == NULL; chat++) {
        for (i = chat == after / MESSAGES ? after % MESSAGES : 0;
             i < world.n;
             i++)
        {
            if (world.messages[i].chat != chat
                || world.messages[i].time < (uint64_t) since)
            {
                continue;
            }

            if (n++ == PORTION) {
                next = json_integer(chat * MESSAGES + i);
                break;
            }

            (void) json_array_append_new(events, message_event(i));
        }
    }

    return json_pack("{s:o, s:o, s:b}", "events", events, "next",
                     next != NULL ? next : json_null(), "complete",
                     next == NULL);
}


static void
answer(void)
{
    int  i;

    if (world.done == NULL) {
        return;
    }

    if (strcmp(world.method, "inbound.start") == 0) {

        /* what came while nobody listened was kept by the bridge in part */

        for (i = world.n > 3 ? world.n - 3 : 0; i < world.n; i++) {
            if (!world.messages[i].told && world.messages[i].boot == 0
                && random() % 2 == 0)
            {
                tell(i);
            }
        }

        world.started = true;
        call_end(TAB_CALL_OK, json_pack("{s:{s:i, s:i}}", "missed",
                                        "messages", 0, "others", 0));
        return;
    }

    assert_string_equal(world.method, "inbound.history");

    if (world.failing) {
        call_end(TAB_CALL_ERROR, json_object());

    } else {
        call_end(TAB_CALL_OK, history());
    }
}


static void
page_down(void)
{
    int  i;

    world.up = false;
    world.started = false;
    page_changed();
    call_end(TAB_CALL_LOST, NULL);

    for (i = 0; i < world.n; i++) {
        world.messages[i].told = false;
    }
}


static void
page_up(void)
{
    if (!world.up) {
        world.up = true;
        world.documents++;
        page_changed();
    }
}


static void
controller_start(void)
{
    struct inbox_page      page;
    struct inbox_consumer  consumer;

    page.number = number;
    page.call = call;
    page.ctx = NULL;

    consumer.kinds = EVENT_ALL;
    consumer.without = 0;
    consumer.offer = offer;
    consumer.ctx = NULL;

    inbox = inbox_create(&parts, "1", &page);
    assert_non_null(inbox);

    if (world.consumes) {
        inbox_set_consumer(inbox, &consumer);
    }

    world.boot++;
    world.refused = false;
    world.reader = ring_subscribe(inbox_ring(inbox), NULL, EVENT_ALL, ready,
                                  NULL);
    memset(world.last_read, 0xff, sizeof(world.last_read));
}


/* killed: nothing is written any more */

static void
controller_end(bool killed)
{
    page_down();
    read_ring();

    while (world.queued != 0) {
        event_release(world.queue[--world.queued]);
    }

    ring_unsubscribe(world.reader);

    if (killed) {
        inbox->mark = 0;

    } else {
        inbox_end_consumer(inbox);
    }

    inbox_destroy(inbox);
}


static void
world_begin(unsigned seed, bool consumes)
{
    srandom(seed);
    memset(&world, 0, sizeof(world));
    memset(world.last, 0xff, sizeof(world.last));

    world.now = (uint64_t) time(NULL) - 10000000;
    world.consumes = consumes;
    world.late = true;

    (void) unlink(delivered_path);
    assert_true(mark_write(mark_path, world.now));
    world.now += 1000;

    controller_start();
}


static void
retry(void)
{
    if (evtimer_pending(inbox->retry, NULL)) {
        event_active(inbox->retry, EV_TIMEOUT, 1);
        (void) event_base_loop(parts.base, EVLOOP_NONBLOCK);
    }
}


static void
world_step(void)
{
    switch (random() % 40) {

    case 0:
        page_down();
        return;

    case 1:
    case 2:
    case 3:
        page_up();
        return;

    case 4:
        if (random() % 4 == 0) {
            controller_end(random() % 2 == 0);
            controller_start();
        }

        return;

    case 5:
        world.failing = world.fails && random() % 4 != 0;
        retry();
        return;

    case 6:
    case 7:
        inbox_keep_write(inbox);
        return;

    case 8:
        page_changed();
        return;

    default:
        break;
    }

    switch (random() % 5) {

    case 0:
    case 1:
        arrive();
        break;

    case 2:
        answer();
        break;

    default:
        deliver();
    }

    read_ring();
}


/* everybody lives, until nothing happens any more */

static void
world_settle(void)
{
    int  idle;

    world.failing = false;
    page_up();

    for (idle = 0; idle < 50; idle++) {
        retry();

        if (world.done != NULL || world.queued != 0
            || inbox_levels(inbox).behind)
        {
            idle = 0;
        }

        answer();
        deliver();
        read_ring();
    }

    inbox_keep_write(inbox);
}


static void
check_once(unsigned most)
{
    int       i;
    unsigned  twice;

    twice = 0;

    for (i = 0; i < world.n; i++) {
        if (world.messages[i].delivered == 0) {
            fail_msg("message %d of %d is lost", i, world.n);
        }

        if (world.messages[i].delivered > 1) {
            twice++;
        }
    }

    assert_in_range(twice, 0, most);
}


#endif /* UNIT_INBOX_WORLD_H */
