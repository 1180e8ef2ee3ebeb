/*
 * Replies of Redis: the first byte of an input picks the link and what was
 * asked on it, the rest is what the server says.  Each command is answered
 * once, and nothing depends on the pieces that a reply arrives in.
 */

#include "../t/unit/nginx.h"
#include "../t/unit/redis.h"
#include "fuzz.h"


#define COMMANDS  6

/* bits of the first byte */

#define CONTROL   0x01     /* the link for invalidations */
#define READY     0x02     /* the link is up, else it is being set up */
#define ASK       0x04     /* there are commands to be answered */


/* what one way to feed an input has led to */

struct result {
    ngx_int_t   rc;
    uint64_t    hash;
    ngx_uint_t  answers[COMMANDS];
};


static struct result  *result;


static void
note(const void *data, size_t size)
{
    const u_char  *p = data;

    while (size--) {
        result->hash = (result->hash ^ *p++) * 0x100000001b3;
    }
}


static void
on_invalidate(void *data, ngx_str_t *key)
{
    if (key) {
        note(key->data, key->len);
    }

    note("", 1);
}


static void
on_state(void *data)
{
    note("state", 5);
}


static void
on_answer(void *data, ngx_int_t rc, int64_t value)
{
    require(++*(ngx_uint_t *) data == 1);

    note(&rc, sizeof(rc));
    note(&value, sizeof(value));
}


static void
ask(ngx_http_whatsapp_redis_t *redis)
{
    ngx_int_t   rc;
    ngx_uint_t  i;

    static ngx_str_t  key = ngx_string("abuse:192.0.2.1");

    for (i = 0; i < COMMANDS; i++) {
        rc = i % 2 ? ngx_http_whatsapp_redis_set(redis, &key, 1, 60, on_answer,
                                                 &result->answers[i])
                   : ngx_http_whatsapp_redis_pttl(redis, &key, on_answer,
                                                  &result->answers[i]);
        require(rc == NGX_OK);
    }
}


static void
make_ready(ngx_http_whatsapp_pipeline_t *pipeline, const char *text)
{
    require(pipeline->connection.events.receive(pipeline, (u_char *) text,
                                                strlen(text))
            == NGX_OK);
}


static void
feed(ngx_http_whatsapp_pipeline_t *pipeline, const uint8_t *data,
    size_t size, unsigned way)
{
    char      *piece;
    size_t     n;
    uint32_t   state;

    state = (uint32_t) size;

    for ( /* void */ ; size > 0 && result->rc == NGX_OK; data += n, size -= n)
    {
        n = fuzz_piece(way, &state, size);
        piece = fuzz_bytes(data, n);
        result->rc = pipeline->connection.events.receive(pipeline,
                                                         (u_char *) piece, n);
        free(piece);
    }

    if (result->rc != NGX_OK) {
        require(result->rc == NGX_ERROR);
        require(pipeline->connection.fault != 0);
        pipeline->connection.events.lost(pipeline);
    }
}


static void
run(const uint8_t *data, size_t size, unsigned way)
{
    ngx_log_t                         log;
    ngx_uint_t                        i;
    ngx_cycle_t                       cycle;
    ngx_http_whatsapp_redis_t        *redis;
    ngx_http_whatsapp_pipeline_t     *pipeline;
    ngx_http_whatsapp_redis_conf_t    conf;
    ngx_http_whatsapp_redis_events_t  events;

    memset(&log, 0, sizeof(log));
    memset(&cycle, 0, sizeof(cycle));
    memset(&conf, 0, sizeof(conf));

    cycle.log = &log;
    ngx_str_set(&conf.prefix, "abuse:");

    events.invalidate = on_invalidate;
    events.state = on_state;
    events.data = NULL;

    redis = ngx_http_whatsapp_redis_create(&conf, &events, &cycle);
    require(redis != NULL);

    if (*data & READY) {
        make_ready(&redis->command, ":-2\r\n");
        make_ready(&redis->control, ":7\r\n+OK\r\n*3\r\n$9\r\nsubscribe\r\n"
                   "$20\r\n__redis__:invalidate\r\n:1\r\n");

        if (*data & ASK) {
            ask(redis);
        }
    }

    pipeline = (*data & CONTROL) ? &redis->control : &redis->command;

    feed(pipeline, data + 1, size - 1, way);

    ngx_http_whatsapp_redis_destroy(redis);

    for (i = 0; i < COMMANDS; i++) {
        require(result->answers[i]
                == ((*data & (READY | ASK)) == (READY | ASK)));
    }

    nginx_release();
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    unsigned       way;
    struct result  results[FUZZ_WAYS];

    if (size == 0) {
        return -1;
    }

    memset(results, 0, sizeof(results));

    for (way = 0; way < FUZZ_WAYS; way++) {
        result = &results[way];
        run(data, size, way);

        require(result->rc == results[0].rc);
        require(result->hash == results[0].hash);
    }

    return 0;
}
