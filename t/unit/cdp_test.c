/*
 * Calls of the DevTools protocol on a socket pair: each is completed exactly
 * once, with the right status, whatever the other side does.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "chrome/cdp.h"


#define CALLS  8


struct fixture {
    struct event_base  *base;
    struct cdp         *cdp;
    int                 peer;
    unsigned            answers[CALLS];
    enum cdp_status     statuses[CALLS];
    unsigned            events;
    unsigned            closed;
};


struct call {
    struct fixture  *f;
    unsigned         n;
};


static struct call  calls[CALLS];


static void
answer(void *ctx, enum cdp_status status, json_t *result)
{
    struct call  *call = ctx;

    (void) result;

    call->f->answers[call->n]++;
    call->f->statuses[call->n] = status;
}


static void
event_handler(void *ctx, const char *session, const char *method,
    json_t *params)
{
    struct fixture  *f = ctx;

    assert_string_equal(session, "S");
    assert_string_equal(method, "Wanted");
    assert_int_equal(json_integer_value(json_object_get(params, "a")), 1);

    f->events++;
}


static void
closed_handler(void *ctx)
{
    struct fixture  *f = ctx;

    f->closed++;
}


static const char *const  names[] = { "Wanted", NULL };

static const struct cdp_handlers  handlers = {
    event_handler, closed_handler, names
};


static int
setup_from(void **state, uint32_t first_id)
{
    int              i, pair[2];
    struct fixture  *f;

    f = calloc(1, sizeof(struct fixture));
    assert_non_null(f);

    assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, pair), 0);

    f->base = event_base_new();
    f->cdp = cdp_create(f->base, pair[0], first_id, &handlers, f);
    f->peer = pair[1];
    assert_non_null(f->cdp);

    for (i = 0; i < CALLS; i++) {
        calls[i].f = f;
        calls[i].n = (unsigned) i;
    }

    *state = f;

    return 0;
}


static int
setup(void **state)
{
    return setup_from(state, 1);
}


static int
setup_wrap(void **state)
{
    return setup_from(state, 0x7ffffffe);
}


static int
teardown(void **state)
{
    struct fixture  *f = *state;

    cdp_destroy(f->cdp);

    if (f->peer >= 0) {
        close(f->peer);
    }

    event_base_free(f->base);
    free(f);

    return 0;
}


static void
spin(struct fixture *f)
{
    int  i;

    for (i = 0; i < 10; i++) {
        event_base_loop(f->base, EVLOOP_NONBLOCK);
    }
}


static void
wait_ms(struct fixture *f, int ms)
{
    struct timeval  tv = { ms / 1000, (ms % 1000) * 1000 };

    event_base_loopexit(f->base, &tv);
    event_base_dispatch(f->base);

    /* what follows from what was due */
    spin(f);
}


static void
call_for(struct fixture *f, unsigned n, const char *session,
    const char *method, unsigned timeout_ms)
{
    assert_true(cdp_call(f->cdp, session, method, NULL, timeout_ms,
                         answer, &calls[n]));
    assert_int_equal(f->answers[n], 0);
}


static void
call(struct fixture *f, unsigned n, const char *session, const char *method)
{
    call_for(f, n, session, method, 30000);
}


/* the text is written with its NUL */

static void
say(struct fixture *f, const char *text)
{
    size_t  size;

    size = strlen(text) + 1;

    assert_int_equal(write(f->peer, text, size), size);
    spin(f);
}


static void
assert_answer(struct fixture *f, unsigned n, enum cdp_status status)
{
    assert_int_equal(f->answers[n], 1);
    assert_int_equal(f->statuses[n], status);
}


static void
answers(void **state)
{
    char             text[256];
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");
    call(f, 1, "S", "B.b");
    call(f, 2, "S", "C.c");

    assert_true(read(f->peer, text, sizeof(text)) > 0);
    assert_string_equal(text, "{\"id\":1,\"method\":\"A.a\",\"params\":{}}");

    say(f, "{\"id\":2,\"error\":{\"code\":-32000},\"sessionId\":\"S\"}");
    say(f, "{\"id\":1,\"result\":{}}");
    say(f, "{\"id\":3,\"error\":{\"code\":-32001},\"sessionId\":\"S\"}");

    assert_answer(f, 0, CDP_OK);
    assert_answer(f, 1, CDP_ERROR);
    assert_answer(f, 2, CDP_NOT_WRITTEN);

    /* once is enough */

    say(f, "{\"id\":1,\"result\":{}}");
    assert_answer(f, 0, CDP_OK);
}


static void
events(void **state)
{
    struct fixture  *f = *state;

    say(f, "{\"method\":\"Wanted\",\"params\":{\"a\":1},\"sessionId\":\"S\"}");
    say(f, "{\"method\":\"Wanted.not\",\"params\":{},\"sessionId\":\"S\"}");
    say(f, "{\"method\":\"Other\",\"params\":{},\"sessionId\":\"S\"}");

    assert_int_equal(f->events, 1);
}


static void
garbage_is_ignored(void **state)
{
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");

    say(f, "garbage");
    say(f, "[1,2");
    say(f, "[]");
    say(f, "1");
    say(f, "{}");
    say(f, "{\"id\":\"1\"}");
    say(f, "{\"id\":0}");
    say(f, "{\"id\":-1}");
    say(f, "{\"id\":99999999999999}");
    say(f, "{\"method\":1}");

    assert_int_equal(f->answers[0], 0);

    say(f, "{\"id\":1,\"result\":{}}");
    assert_answer(f, 0, CDP_OK);
    assert_int_equal(f->closed, 0);
}


/* half of a surrogate pair is no valid JSON, but names its call */

static void
unreadable_answer(void **state)
{
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");
    call(f, 1, NULL, "B.b");

    say(f, "{\"id\":1,\"result\":{\"s\":\"\\ud800\"}}");

    assert_answer(f, 0, CDP_LOST);
    assert_int_equal(f->answers[1], 0);
}


static void
timeout_and_late_answer(void **state)
{
    struct fixture  *f = *state;

    call_for(f, 0, NULL, "A.a", 100);
    wait_ms(f, 200);
    assert_answer(f, 0, CDP_TIMEOUT);

    say(f, "{\"id\":1,\"result\":{}}");
    assert_answer(f, 0, CDP_TIMEOUT);
}


static void
connection_closed(void **state)
{
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");
    call(f, 1, "S", "B.b");

    close(f->peer);
    f->peer = -1;
    spin(f);

    assert_answer(f, 0, CDP_LOST);
    assert_answer(f, 1, CDP_LOST);
    assert_int_equal(f->closed, 1);

    assert_false(cdp_call(f->cdp, NULL, "C.c", NULL, 100, answer,
                          &calls[2]));
    assert_int_equal(f->answers[2], 0);
}


/* EPIPE on writing must not call back from inside cdp_call() */

static void
connection_closed_unnoticed(void **state)
{
    struct fixture  *f = *state;

    close(f->peer);
    f->peer = -1;

    call(f, 0, NULL, "A.a");
    spin(f);

    assert_answer(f, 0, CDP_NOT_WRITTEN);
    assert_int_equal(f->closed, 1);
}


static json_t *
large_params(size_t size)
{
    char    *text;
    json_t  *params;

    text = malloc(size + 1);
    assert_non_null(text);

    memset(text, 'x', size);
    text[size] = '\0';

    params = json_pack("{s:s}", "s", text);
    free(text);

    return params;
}


/* the other side does not read: the first call is half written, the second
   not at all */

static void
full_pipe(void **state)
{
    struct fixture  *f = *state;

    assert_true(cdp_call(f->cdp, NULL, "A.a", large_params(4000000), 100,
                         answer, &calls[0]));
    call_for(f, 1, NULL, "B.b", 100);

    wait_ms(f, 200);

    assert_answer(f, 0, CDP_TIMEOUT);
    assert_answer(f, 1, CDP_NOT_WRITTEN);
}


static void
full_pipe_closed(void **state)
{
    struct fixture  *f = *state;

    assert_true(cdp_call(f->cdp, NULL, "A.a", large_params(4000000), 1000,
                         answer, &calls[0]));
    call(f, 1, NULL, "B.b");

    close(f->peer);
    f->peer = -1;
    spin(f);

    assert_answer(f, 0, CDP_LOST);
    assert_answer(f, 1, CDP_NOT_WRITTEN);
}


/* a message that was begun is finished after its call timed out */

static void
half_message_is_finished(void **state)
{
    int              zeros;
    char             text[65536];
    ssize_t          i, n;
    struct fixture  *f = *state;

    assert_true(cdp_call(f->cdp, NULL, "A.a", large_params(4000000), 50,
                         answer, &calls[0]));
    wait_ms(f, 100);
    assert_answer(f, 0, CDP_TIMEOUT);

    call(f, 1, NULL, "B.b");

    zeros = 0;

    while (zeros < 2) {
        n = recv(f->peer, text, sizeof(text), MSG_DONTWAIT);

        for (i = 0; i < n; i++) {
            zeros += (text[i] == '\0');
        }

        spin(f);
    }

    say(f, "{\"id\":2,\"result\":{}}");
    assert_answer(f, 1, CDP_OK);
}


static void
outgoing_caps(void **state)
{
    struct fixture  *f = *state;

    assert_false(cdp_call(f->cdp, NULL, "A.a",
                          large_params(CDP_MESSAGE_MAX), 100, answer,
                          &calls[0]));

    assert_true(cdp_call(f->cdp, NULL, "A.a", large_params(7000000), 100,
                         answer, &calls[0]));
    assert_false(cdp_call(f->cdp, NULL, "B.b", large_params(7000000), 100,
                          answer, &calls[1]));

    wait_ms(f, 200);
    assert_answer(f, 0, CDP_TIMEOUT);
    assert_int_equal(f->answers[1], 0);
}


static void
fail_by_session_and_method(void **state)
{
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");
    call(f, 1, "S", "A.a");
    call(f, 2, "S", "B.b");
    call(f, 3, "T", "A.a");

    cdp_fail(f->cdp, "S", "A.a", NULL);

    assert_int_equal(f->answers[0], 0);
    assert_answer(f, 1, CDP_LOST);
    assert_int_equal(f->answers[2], 0);

    cdp_fail(f->cdp, "S", NULL, NULL);

    assert_answer(f, 2, CDP_LOST);
    assert_int_equal(f->answers[3], 0);

    cdp_fail(f->cdp, NULL, NULL, &calls[3]);

    assert_int_equal(f->answers[0], 0);
    assert_int_equal(f->answers[3], 0);

    cdp_fail(f->cdp, NULL, NULL, &calls[0]);

    assert_answer(f, 0, CDP_LOST);
    assert_int_equal(f->answers[3], 0);

    cdp_destroy(f->cdp);
    f->cdp = NULL;

    assert_answer(f, 3, CDP_LOST);
    assert_int_equal(f->closed, 0);
}


static void
ids_wrap(void **state)
{
    struct fixture  *f = *state;

    call(f, 0, NULL, "A.a");
    call(f, 1, NULL, "B.b");
    call(f, 2, NULL, "C.c");

    say(f, "{\"id\":2147483646,\"result\":{}}");
    assert_answer(f, 0, CDP_OK);

    say(f, "{\"id\":2147483647,\"result\":{}}");
    assert_answer(f, 1, CDP_OK);

    say(f, "{\"id\":1,\"result\":{}}");
    assert_answer(f, 2, CDP_OK);
}


#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(answers),
        TEST(events),
        TEST(garbage_is_ignored),
        TEST(unreadable_answer),
        TEST(timeout_and_late_answer),
        TEST(connection_closed),
        TEST(connection_closed_unnoticed),
        TEST(full_pipe),
        TEST(full_pipe_closed),
        TEST(half_message_is_finished),
        TEST(outgoing_caps),
        TEST(fail_by_session_and_method),
        cmocka_unit_test_setup_teardown(ids_wrap, setup_wrap, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
