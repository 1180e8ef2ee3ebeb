/*
 * Replies of Redis: what the links make of them, and that none of them takes
 * more than a bounded time and memory.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "nginx.h"
#include "redis.h"


#define PIECE  16384     /* what a link reads at once */


static ngx_cycle_t                     cycle;
static ngx_log_t                       log_none;
static ngx_uint_t                      invalidated;
static ngx_http_whatsapp_redis_t      *redis;
static ngx_http_whatsapp_redis_conf_t  conf;

static struct {
    ngx_uint_t  calls;
    ngx_int_t   rc;
    int64_t     value;
} answer;


/* ==== fixture ==== */

static void
on_invalidate(void *data, ngx_str_t *key)
{
    invalidated++;
}


static void
on_state(void *data)
{
    /* void */
}


static void
on_answer(void *data, ngx_int_t rc, int64_t value)
{
    answer.calls++;
    answer.rc = rc;
    answer.value = value;
}


static ngx_int_t
feed(ngx_http_whatsapp_pipeline_t *pipeline, const char *text)
{
    return pipeline->connection.events.receive(pipeline, (u_char *) text,
                                               strlen(text));
}


/* the bytes that were taken of a text without end; most of them are given */

static size_t
feed_endlessly(ngx_http_whatsapp_pipeline_t *pipeline, const char *text,
    size_t most)
{
    char    piece[PIECE];
    size_t  i, len, taken;

    len = PIECE - PIECE % strlen(text);

    for (i = 0; i < len; i++) {
        piece[i] = text[i % strlen(text)];
    }

    for (taken = 0; taken < most; taken += len) {
        if (pipeline->connection.events.receive(pipeline, (u_char *) piece,
                                                len)
            != NGX_OK)
        {
            break;
        }
    }

    return taken;
}


static int
setup(void **state)
{
    ngx_http_whatsapp_redis_events_t  events;

    events.invalidate = on_invalidate;
    events.state = on_state;
    events.data = NULL;

    memset(&conf, 0, sizeof(conf));
    ngx_str_set(&conf.prefix, "abuse:");

    cycle.log = &log_none;
    invalidated = 0;

    memset(&answer, 0, sizeof(answer));

    redis = ngx_http_whatsapp_redis_create(&conf, &events, &cycle);

    return redis == NULL;
}


static int
teardown(void **state)
{
    ngx_http_whatsapp_redis_destroy(redis);
    nginx_release();

    return 0;
}


static void
links_up(void)
{
    assert_int_equal(feed(&redis->command, ":-2\r\n"), NGX_OK);
    assert_int_equal(feed(&redis->control,
                          ":7\r\n+OK\r\n*3\r\n$9\r\nsubscribe\r\n"
                          "$20\r\n__redis__:invalidate\r\n:1\r\n"),
                     NGX_OK);
    assert_true(ngx_http_whatsapp_redis_up(redis));
    assert_true(ngx_http_whatsapp_redis_tracking(redis));
}


/* ==== tests ==== */

static void
test_answers(void **state)
{
    ngx_str_t  key = ngx_string("abuse:192.0.2.1");

    links_up();

    assert_int_equal(ngx_http_whatsapp_redis_pttl(redis, &key, on_answer,
                                                  NULL),
                     NGX_OK);
    assert_int_equal(feed(&redis->command, ":60"), NGX_OK);
    assert_int_equal(answer.calls, 0);
    assert_int_equal(feed(&redis->command, "000\r\n"), NGX_OK);

    assert_int_equal(answer.calls, 1);
    assert_int_equal(answer.rc, NGX_OK);
    assert_int_equal(answer.value, 60000);

    /* an answer to nothing */

    assert_int_equal(feed(&redis->command, ":1\r\n"), NGX_ERROR);
}


static void
test_invalidations(void **state)
{
    size_t  i, n;

    static const char  head[] = "*3\r\n$7\r\nmessage\r\n"
                                "$20\r\n__redis__:invalidate\r\n";

    links_up();

    /* the bounds are those of one reply: any number of them is fine */

    n = 2 * NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX / sizeof(head);

    for (i = 0; i < n; i++) {
        assert_int_equal(feed(&redis->control, head), NGX_OK);
        assert_int_equal(feed(&redis->control, "*1\r\n$3\r\nkey\r\n"),
                         NGX_OK);
    }

    assert_int_equal(invalidated, n);

    /* all keys that a script deletes come in one */

    assert_int_equal(feed(&redis->control, head), NGX_OK);
    assert_int_equal(feed(&redis->control, "*65000\r\n"), NGX_OK);

    for (i = 0; i < 65000; i++) {
        assert_int_equal(feed(&redis->control, "$21\r\n"
                              "abuse:198.51.100.1234\r\n"),
                         NGX_OK);
    }

    assert_int_equal(invalidated, n + 65000);
}


/* hiredis would allocate the array at once, and free it piece by piece */

static void
test_large_array(void **state)
{
    links_up();

    assert_int_equal(feed(&redis->command, "*2147483647\r\n"), NGX_ERROR);
    assert_int_equal(redis->command.connection.fault,
                     NGX_HTTP_WHATSAPP_FAULT_PROTOCOL);

    assert_int_equal(feed(&redis->control, "*65537\r\n"), NGX_ERROR);
}


/* arrays within arrays: all elements of a reply count */

static void
test_nested_arrays(void **state)
{
    links_up();

    assert_int_equal(feed(&redis->command, "*40000\r\n"), NGX_OK);
    assert_int_equal(feed(&redis->command, "*40000\r\n"), NGX_ERROR);
}


/* bytes that are parsed already are still held in memory */

static void
test_endless_array(void **state)
{
    links_up();

    assert_int_equal(feed(&redis->command, "*65536\r\n"), NGX_OK);
    assert_true(feed_endlessly(&redis->command,
                               "$60\r\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
                               "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\r\n",
                               1 << 30)
                <= NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX);
}


static void
test_endless_line(void **state)
{
    links_up();

    assert_int_equal(feed(&redis->command, "+"), NGX_OK);
    assert_true(feed_endlessly(&redis->command, "a", 1 << 30)
                <= NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX);
}


int
main(void)
{
    static const struct CMUnitTest  tests[] = {
        cmocka_unit_test_setup_teardown(test_answers, setup, teardown),
        cmocka_unit_test_setup_teardown(test_invalidations, setup, teardown),
        cmocka_unit_test_setup_teardown(test_large_array, setup, teardown),
        cmocka_unit_test_setup_teardown(test_nested_arrays, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless_array, setup, teardown),
        cmocka_unit_test_setup_teardown(test_endless_line, setup, teardown)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
