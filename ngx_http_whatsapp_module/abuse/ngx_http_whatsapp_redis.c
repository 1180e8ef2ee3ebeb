
/*
 * The part of Redis that is needed, asynchronously. hiredis formats commands
 * and parses replies; the connections are those of
 * ngx_http_whatsapp_redis_connection.c.
 * hiredis's own asynchronous API asserts on replies that it does not expect,
 * and a worker must survive whatever a server sends.
 *
 * Two links, since RESP2 cannot mix answers and invalidations on one: the
 * command link asks and writes; the control link redirects the tracking to
 * itself, so that invalidations cannot get lost unless this link is.
 */


#include "ngx_http_whatsapp_redis.h"
#include "ngx_http_whatsapp_redis_connection.h"

#include <hiredis/hiredis.h>


/*
 * Bounds of one reply, so that no server can take a worker's time or memory.
 * The largest reply is an invalidation with all keys that one step of the
 * server has changed.
 */
#define NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX  (4 * 1024 * 1024)   /* bytes */
#define NGX_HTTP_WHATSAPP_REDIS_ELEMENTS   65536               /* of arrays */

#define NGX_HTTP_WHATSAPP_REDIS_ARGS       8
#define NGX_HTTP_WHATSAPP_REDIS_IDLE       1000     /* ms, then a PING */
#define NGX_HTTP_WHATSAPP_REDIS_SILENCE    1000     /* beyond the timeout */

#define NGX_HTTP_WHATSAPP_REDIS_CHANNEL    "__redis__:invalidate"


/* the length of an array, as hiredis gives it to who creates one */

#if (HIREDIS_MAJOR < 1)
typedef int  ngx_http_whatsapp_redis_elements_t;
#else
typedef size_t  ngx_http_whatsapp_redis_elements_t;
#endif

typedef void *(*ngx_http_whatsapp_redis_array_pt)(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n);


typedef struct ngx_http_whatsapp_redis_side_s  ngx_http_whatsapp_redis_side_t;
typedef struct ngx_http_whatsapp_redis_command_s
    ngx_http_whatsapp_redis_command_t;

/* for a reply of the right type; NGX_ERROR drops the link */

typedef ngx_int_t (*ngx_http_whatsapp_redis_reply_pt)(
    ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);


struct ngx_http_whatsapp_redis_command_s {
    ngx_msec_t                        sent;
    int                               type;         /* of the reply, 0: any */
    ngx_http_whatsapp_redis_reply_pt  reply;        /* or NULL */
    ngx_http_whatsapp_redis_pt        handler;      /* or NULL */
    void                             *data;
};


struct ngx_http_whatsapp_redis_side_s {
    ngx_http_whatsapp_redis_t         *redis;
    ngx_http_whatsapp_connection_t     connection;
    redisReader                       *reader;
    redisReplyObjectFunctions          functions;     /* of the reader */
    ngx_http_whatsapp_redis_array_pt   create_array;  /* hiredis's own */
    size_t                             received;      /* bytes of the reply */
    size_t                             elements;      /* of its arrays */
    ngx_msec_t                         heard;

    /* a ring of those without an answer, the oldest first */
    ngx_http_whatsapp_redis_command_t  commands[
                                           NGX_HTTP_WHATSAPP_REDIS_PENDING];
    ngx_uint_t                         first;
    ngx_uint_t                         ncommands;
};


struct ngx_http_whatsapp_redis_s {
    ngx_http_whatsapp_redis_conf_t   *conf;
    ngx_http_whatsapp_redis_events_t  events;
    ngx_http_whatsapp_redis_side_t    command;
    ngx_http_whatsapp_redis_side_t    control;
    ngx_log_t                        *log;
    u_char                            refused[
                                        NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];
};


static void ngx_http_whatsapp_redis_open(ngx_http_whatsapp_redis_t *redis,
    ngx_http_whatsapp_redis_side_t *side, const char *purpose);
static ngx_int_t ngx_http_whatsapp_redis_connected(void *data);
static void *ngx_http_whatsapp_redis_array(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n);
static ngx_int_t ngx_http_whatsapp_redis_receive(void *data, u_char *p,
    size_t len);
static ngx_int_t ngx_http_whatsapp_redis_watch(void *data);
static void ngx_http_whatsapp_redis_lost(void *data);
static void ngx_http_whatsapp_redis_drain(ngx_http_whatsapp_redis_side_t *side,
    ngx_int_t rc);
static ngx_int_t ngx_http_whatsapp_redis_dispatch(
    ngx_http_whatsapp_redis_side_t *side, redisReply *reply);
static ngx_http_whatsapp_redis_command_t ngx_http_whatsapp_redis_next(
    ngx_http_whatsapp_redis_side_t *side);
static ngx_int_t ngx_http_whatsapp_redis_message(
    ngx_http_whatsapp_redis_t *redis, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_setup(
    ngx_http_whatsapp_redis_side_t *side);
static ngx_int_t ngx_http_whatsapp_redis_on_ready(
    ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_id(
    ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_pttl(
    ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_set(
    ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_unexpected(
    ngx_http_whatsapp_redis_side_t *side, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_send(
    ngx_http_whatsapp_redis_side_t *side, ngx_str_t *args, ngx_uint_t nargs,
    int type, ngx_http_whatsapp_redis_reply_pt reply,
    ngx_http_whatsapp_redis_pt handler, void *data);


ngx_http_whatsapp_redis_t *
ngx_http_whatsapp_redis_create(ngx_http_whatsapp_redis_conf_t *conf,
    ngx_http_whatsapp_redis_events_t *events, ngx_cycle_t *cycle)
{
    ngx_http_whatsapp_redis_t  *redis;

    redis = ngx_pcalloc(cycle->pool, sizeof(ngx_http_whatsapp_redis_t));
    if (redis == NULL) {
        return NULL;
    }

    redis->conf = conf;
    redis->events = *events;
    redis->log = cycle->log;

    ngx_http_whatsapp_redis_open(redis, &redis->command, "lookups");
    ngx_http_whatsapp_redis_open(redis, &redis->control, "invalidations");

    return redis;
}


static void
ngx_http_whatsapp_redis_open(ngx_http_whatsapp_redis_t *redis,
    ngx_http_whatsapp_redis_side_t *side, const char *purpose)
{
    side->redis = redis;

    side->connection.events.connected = ngx_http_whatsapp_redis_connected;
    side->connection.events.receive = ngx_http_whatsapp_redis_receive;
    side->connection.events.watch = ngx_http_whatsapp_redis_watch;
    side->connection.events.lost = ngx_http_whatsapp_redis_lost;
    side->connection.data = side;
    side->connection.name = &redis->conf->name;
    side->connection.purpose = purpose;
    side->connection.addrs = redis->conf->addrs;
    side->connection.naddrs = redis->conf->naddrs;
    side->connection.log = redis->log;

    ngx_http_whatsapp_connection_open(&side->connection);
}


void
ngx_http_whatsapp_redis_destroy(ngx_http_whatsapp_redis_t *redis)
{
    ngx_http_whatsapp_connection_close(&redis->command.connection);
    ngx_http_whatsapp_connection_close(&redis->control.connection);

    ngx_http_whatsapp_redis_drain(&redis->command, NGX_ABORT);
    ngx_http_whatsapp_redis_drain(&redis->control, NGX_ABORT);
}


ngx_uint_t
ngx_http_whatsapp_redis_up(ngx_http_whatsapp_redis_t *redis)
{
    return redis->command.connection.state == NGX_HTTP_WHATSAPP_CONNECTION_UP;
}


ngx_uint_t
ngx_http_whatsapp_redis_tracking(ngx_http_whatsapp_redis_t *redis)
{
    return redis->control.connection.state == NGX_HTTP_WHATSAPP_CONNECTION_UP;
}


ngx_int_t
ngx_http_whatsapp_redis_pttl(ngx_http_whatsapp_redis_t *redis, ngx_str_t *key,
    ngx_http_whatsapp_redis_pt handler, void *data)
{
    ngx_str_t  args[2];

    if (!ngx_http_whatsapp_redis_up(redis)) {
        return NGX_DECLINED;
    }

    ngx_str_set(&args[0], "PTTL");
    args[1] = *key;

    return ngx_http_whatsapp_redis_send(&redis->command, args, 2,
                                        REDIS_REPLY_INTEGER,
                                        ngx_http_whatsapp_redis_on_pttl,
                                        handler, data);
}


ngx_int_t
ngx_http_whatsapp_redis_set(ngx_http_whatsapp_redis_t *redis, ngx_str_t *key,
    ngx_uint_t value, time_t seconds, ngx_http_whatsapp_redis_pt handler,
    void *data)
{
    u_char     level[NGX_INT_T_LEN], ttl[NGX_TIME_T_LEN];
    ngx_str_t  args[6];

    if (!ngx_http_whatsapp_redis_up(redis)) {
        return NGX_DECLINED;
    }

    ngx_str_set(&args[0], "SET");
    args[1] = *key;
    args[2].data = level;
    args[2].len = ngx_sprintf(level, "%ui", value) - level;
    ngx_str_set(&args[3], "EX");
    args[4].data = ttl;
    args[4].len = ngx_sprintf(ttl, "%T", seconds) - ttl;

    /* a longer ban, or one for good, must not be shortened */

    ngx_str_set(&args[5], "NX");

    return ngx_http_whatsapp_redis_send(&redis->command, args, 6, 0,
                                        ngx_http_whatsapp_redis_on_set,
                                        handler, data);
}


static ngx_int_t
ngx_http_whatsapp_redis_connected(void *data)
{
    ngx_http_whatsapp_redis_side_t *side = data;

    side->heard = ngx_current_msec;
    side->reader = redisReaderCreate();

    if (side->reader == NULL) {
        return ngx_http_whatsapp_connection_fail(&side->connection,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "no memory", NULL);
    }

    side->functions = *side->reader->fn;
    side->create_array = side->functions.createArray;
    side->functions.createArray = ngx_http_whatsapp_redis_array;
    side->reader->fn = &side->functions;
    side->reader->privdata = side;
    side->received = 0;
    side->elements = 0;

    return ngx_http_whatsapp_redis_setup(side);
}


/*
 * createArray of hiredis, which itself would take any length that a server
 * announces, and allocate it at once.  NULL makes the reader fail.
 */

static void *
ngx_http_whatsapp_redis_array(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n)
{
    ngx_http_whatsapp_redis_side_t *side = task->privdata;

    if ((size_t) n > NGX_HTTP_WHATSAPP_REDIS_ELEMENTS - side->elements) {
        return NULL;
    }

    side->elements += n;

    return side->create_array(task, n);
}


static ngx_int_t
ngx_http_whatsapp_redis_setup(ngx_http_whatsapp_redis_side_t *side)
{
    u_char                           db[NGX_INT_T_LEN];
    ngx_str_t                        args[3];
    ngx_uint_t                       n;
    ngx_http_whatsapp_redis_conf_t  *conf;

    conf = side->redis->conf;

    if (conf->password.len) {
        ngx_str_set(&args[0], "AUTH");
        n = 1;

        if (conf->user.len) {
            args[n++] = conf->user;
        }

        args[n++] = conf->password;

        if (ngx_http_whatsapp_redis_send(side, args, n, REDIS_REPLY_STATUS,
                                         NULL, NULL, NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (side == &side->redis->control) {
        ngx_str_set(&args[0], "CLIENT");
        ngx_str_set(&args[1], "ID");

        return ngx_http_whatsapp_redis_send(side, args, 2,
                                            REDIS_REPLY_INTEGER,
                                            ngx_http_whatsapp_redis_on_id,
                                            NULL, NULL);
    }

    if (conf->db) {
        ngx_str_set(&args[0], "SELECT");
        args[1].data = db;
        args[1].len = ngx_sprintf(db, "%ui", conf->db) - db;

        if (ngx_http_whatsapp_redis_send(side, args, 2, REDIS_REPLY_STATUS,
                                         NULL, NULL, NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* whether lookups would be answered: an empty key below the prefix */

    ngx_str_set(&args[0], "PTTL");
    args[1] = conf->prefix;

    return ngx_http_whatsapp_redis_send(side, args, 2, REDIS_REPLY_INTEGER,
                                        ngx_http_whatsapp_redis_on_ready,
                                        NULL, NULL);
}


static ngx_int_t
ngx_http_whatsapp_redis_receive(void *data, u_char *p, size_t len)
{
    ngx_http_whatsapp_redis_side_t *side = data;

    void         *reply;
    ngx_int_t     rc;
    redisReader  *reader;

    reader = side->reader;
    side->heard = ngx_current_msec;
    side->received += len;

    if (side->received > NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX
        || redisReaderFeed(reader, (char *) p, len) != REDIS_OK)
    {
        return ngx_http_whatsapp_connection_fail(&side->connection,
                                              NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                              "reply is too large", NULL);
    }

    for ( ;; ) {

        if (redisReaderGetReply(reader, &reply) != REDIS_OK) {
            return ngx_http_whatsapp_connection_fail(&side->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                             "protocol error", NULL);
        }

        if (reply == NULL) {
            return NGX_OK;
        }

        /* what is left belongs to the next reply */

        side->received = reader->len - reader->pos;
        side->elements = 0;

        rc = ngx_http_whatsapp_redis_dispatch(side, reply);

        freeReplyObject(reply);

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_redis_dispatch(ngx_http_whatsapp_redis_side_t *side,
    redisReply *reply)
{
    ngx_http_whatsapp_redis_command_t  command;

    if (side == &side->redis->control
        && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 3
        && reply->element[0]->type == REDIS_REPLY_STRING
        && ngx_strcmp(reply->element[0]->str, "message") == 0)
    {
        return ngx_http_whatsapp_redis_message(side->redis,
                                               reply->element[2]);
    }

    if (side->ncommands == 0) {
        return ngx_http_whatsapp_redis_unexpected(side, reply);
    }

    command = ngx_http_whatsapp_redis_next(side);

    if (command.type && reply->type != command.type) {

        if (command.handler) {
            command.handler(command.data, NGX_ERROR, 0);
        }

        return ngx_http_whatsapp_redis_unexpected(side, reply);
    }

    return command.reply ? command.reply(side, &command, reply) : NGX_OK;
}


/* takes the oldest command off the ring */

static ngx_http_whatsapp_redis_command_t
ngx_http_whatsapp_redis_next(ngx_http_whatsapp_redis_side_t *side)
{
    ngx_http_whatsapp_redis_command_t  command;

    command = side->commands[side->first];

    side->first = (side->first + 1) % NGX_HTTP_WHATSAPP_REDIS_PENDING;
    side->ncommands--;

    return command;
}


static ngx_int_t
ngx_http_whatsapp_redis_message(ngx_http_whatsapp_redis_t *redis,
    redisReply *keys)
{
    size_t     i;
    ngx_str_t  key;

    switch (keys->type) {

    case REDIS_REPLY_NIL:
        redis->events.invalidate(redis->events.data, NULL);
        return NGX_OK;

    case REDIS_REPLY_ARRAY:

        for (i = 0; i < keys->elements; i++) {

            if (keys->element[i]->type == REDIS_REPLY_STRING) {
                key.data = (u_char *) keys->element[i]->str;
                key.len = keys->element[i]->len;

                redis->events.invalidate(redis->events.data, &key);
            }
        }

        return NGX_OK;

    default:
        return ngx_http_whatsapp_redis_unexpected(&redis->control, keys);
    }
}


static ngx_int_t
ngx_http_whatsapp_redis_on_ready(ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    ngx_http_whatsapp_connection_ready(&side->connection);

    side->redis->events.state(side->redis->events.data);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_redis_on_id(ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    u_char     id[NGX_INT64_LEN];
    ngx_str_t  args[NGX_HTTP_WHATSAPP_REDIS_ARGS];

    ngx_str_set(&args[0], "CLIENT");
    ngx_str_set(&args[1], "TRACKING");
    ngx_str_set(&args[2], "ON");
    ngx_str_set(&args[3], "REDIRECT");
    args[4].data = id;
    args[4].len = ngx_sprintf(id, "%L", (int64_t) reply->integer) - id;
    ngx_str_set(&args[5], "BCAST");
    ngx_str_set(&args[6], "PREFIX");
    args[7] = side->redis->conf->prefix;

    if (ngx_http_whatsapp_redis_send(side, args, 8, REDIS_REPLY_STATUS,
                                     NULL, NULL, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&args[0], "SUBSCRIBE");
    ngx_str_set(&args[1], NGX_HTTP_WHATSAPP_REDIS_CHANNEL);

    return ngx_http_whatsapp_redis_send(side, args, 2, REDIS_REPLY_ARRAY,
                                        ngx_http_whatsapp_redis_on_ready,
                                        NULL, NULL);
}


static ngx_int_t
ngx_http_whatsapp_redis_on_pttl(ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    command->handler(command->data, NGX_OK, reply->integer);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_redis_on_set(ngx_http_whatsapp_redis_side_t *side,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    u_char                      code[NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];
    ngx_http_whatsapp_redis_t  *redis;

    redis = side->redis;

    switch (reply->type) {

    case REDIS_REPLY_STATUS:
    case REDIS_REPLY_NIL:

        if (redis->refused[0]) {
            ngx_log_error(NGX_LOG_NOTICE, redis->log, 0,
                          "redis %V: bans are stored again",
                          &redis->conf->name);
            redis->refused[0] = '\0';
        }

        command->handler(command->data, NGX_OK,
                         reply->type == REDIS_REPLY_STATUS);
        return NGX_OK;

    case REDIS_REPLY_ERROR:

        /* full or read-only; lookups go on */

        ngx_http_whatsapp_connection_code(code, reply->str);

        if (ngx_strcmp(code, redis->refused) != 0) {
            ngx_log_error(NGX_LOG_ERR, redis->log, 0,
                          "redis %V: bans are not stored: server answers %s",
                          &redis->conf->name, code);
            ngx_memcpy(redis->refused, code, sizeof(code));
        }

        command->handler(command->data, NGX_ERROR, 0);
        return NGX_OK;

    default:
        command->handler(command->data, NGX_ERROR, 0);
        return ngx_http_whatsapp_redis_unexpected(side, reply);
    }
}


static ngx_int_t
ngx_http_whatsapp_redis_unexpected(ngx_http_whatsapp_redis_side_t *side,
    redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        return ngx_http_whatsapp_connection_fail(&side->connection,
                                               NGX_HTTP_WHATSAPP_FAULT_REFUSED,
                                               "server answers", reply->str);
    }

    return ngx_http_whatsapp_connection_fail(&side->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                             "unexpected reply", NULL);
}


static ngx_int_t
ngx_http_whatsapp_redis_watch(void *data)
{
    ngx_http_whatsapp_redis_side_t *side = data;

    ngx_str_t  ping;

    if (side->ncommands) {

        if (ngx_current_msec - side->commands[side->first].sent
            > side->redis->conf->timeout + NGX_HTTP_WHATSAPP_REDIS_SILENCE)
        {
            return ngx_http_whatsapp_connection_fail(&side->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "server does not answer", NULL);
        }

        return NGX_OK;
    }

    if (ngx_current_msec - side->heard >= NGX_HTTP_WHATSAPP_REDIS_IDLE) {
        ngx_str_set(&ping, "PING");

        /* "PONG", or ["pong", ""] while subscribed */

        (void) ngx_http_whatsapp_redis_send(side, &ping, 1,
                                            (side == &side->redis->control)
                                                ? REDIS_REPLY_ARRAY
                                                : REDIS_REPLY_STATUS,
                                            NULL, NULL, NULL);
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_redis_lost(void *data)
{
    ngx_http_whatsapp_redis_side_t *side = data;

    side->redis->events.state(side->redis->events.data);

    ngx_http_whatsapp_redis_drain(side, NGX_ERROR);
}


static void
ngx_http_whatsapp_redis_drain(ngx_http_whatsapp_redis_side_t *side,
    ngx_int_t rc)
{
    ngx_http_whatsapp_redis_command_t  command;

    if (side->reader) {
        redisReaderFree(side->reader);
        side->reader = NULL;
    }

    while (side->ncommands) {
        command = ngx_http_whatsapp_redis_next(side);

        if (command.handler) {
            command.handler(command.data, rc, 0);
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_redis_send(ngx_http_whatsapp_redis_side_t *side,
    ngx_str_t *args, ngx_uint_t nargs, int type,
    ngx_http_whatsapp_redis_reply_pt reply, ngx_http_whatsapp_redis_pt handler,
    void *data)
{
    int                                 len;
    char                               *text;
    size_t                              lens[NGX_HTTP_WHATSAPP_REDIS_ARGS];
    ngx_int_t                           rc;
    ngx_uint_t                          i;
    const char                         *argv[NGX_HTTP_WHATSAPP_REDIS_ARGS];
    ngx_http_whatsapp_redis_command_t  *command;

    if (side->ncommands >= NGX_HTTP_WHATSAPP_REDIS_PENDING) {
        return NGX_BUSY;
    }

    for (i = 0; i < nargs; i++) {
        argv[i] = (const char *) args[i].data;
        lens[i] = args[i].len;
    }

    len = redisFormatCommandArgv(&text, nargs, argv, lens);

    if (len < 0) {
        goto failed;
    }

    rc = ngx_http_whatsapp_connection_send(&side->connection, text, len);

    redisFreeCommand(text);

    if (rc != NGX_OK) {
        goto failed;
    }

    i = (side->first + side->ncommands) % NGX_HTTP_WHATSAPP_REDIS_PENDING;

    command = &side->commands[i];

    command->sent = ngx_current_msec;
    command->type = type;
    command->reply = reply;
    command->handler = handler;
    command->data = data;

    side->ncommands++;

    return NGX_OK;

failed:

    return ngx_http_whatsapp_connection_fail(&side->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "no memory", NULL);
}
