
/*
 * Commands and replies of one connection to Redis.
 */


#include "ngx_http_whatsapp_redis_pipeline.h"


#define NGX_HTTP_WHATSAPP_REDIS_IDLE       1000     /* ms, then a PING */
#define NGX_HTTP_WHATSAPP_REDIS_SILENCE    1000     /* ms beyond the timeout */


static ngx_int_t ngx_http_whatsapp_pipeline_connected(void *data);
static void *ngx_http_whatsapp_pipeline_array(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n);
static ngx_int_t ngx_http_whatsapp_pipeline_receive(void *data,
    u_char *p, size_t len);
static ngx_int_t ngx_http_whatsapp_pipeline_dispatch(
    ngx_http_whatsapp_pipeline_t *pipeline, redisReply *reply);
static ngx_http_whatsapp_redis_command_t ngx_http_whatsapp_pipeline_next(
    ngx_http_whatsapp_pipeline_t *pipeline);
static ngx_int_t ngx_http_whatsapp_pipeline_watch(void *data);
static void ngx_http_whatsapp_pipeline_lost(void *data);
static void ngx_http_whatsapp_pipeline_drain(
    ngx_http_whatsapp_pipeline_t *pipeline, ngx_int_t rc);


void
ngx_http_whatsapp_pipeline_open(
    ngx_http_whatsapp_pipeline_t *pipeline)
{
    ngx_http_whatsapp_connection_events_t  *events;

    events = &pipeline->connection.events;

    events->connected = ngx_http_whatsapp_pipeline_connected;
    events->receive = ngx_http_whatsapp_pipeline_receive;
    events->watch = ngx_http_whatsapp_pipeline_watch;
    events->lost = ngx_http_whatsapp_pipeline_lost;

    pipeline->connection.data = pipeline;

    ngx_http_whatsapp_connection_open(&pipeline->connection);
}


static ngx_int_t
ngx_http_whatsapp_pipeline_connected(void *data)
{
    ngx_http_whatsapp_pipeline_t *pipeline = data;

    pipeline->heard = ngx_current_msec;
    pipeline->reader = redisReaderCreate();

    if (pipeline->reader == NULL) {
        return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "no memory", NULL);
    }

    pipeline->functions = *pipeline->reader->fn;
    pipeline->create_array = pipeline->functions.createArray;
    pipeline->functions.createArray = ngx_http_whatsapp_pipeline_array;
    pipeline->reader->fn = &pipeline->functions;
    pipeline->reader->privdata = pipeline;
    pipeline->received = 0;
    pipeline->elements = 0;

    return pipeline->setup(pipeline);
}


/*
 * createArray of hiredis's reader. Its own would allocate any length that a
 * server announces, at once; here NULL makes the reader fail.
 */

static void *
ngx_http_whatsapp_pipeline_array(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n)
{
    ngx_http_whatsapp_pipeline_t *pipeline = task->privdata;

    if ((size_t) n > NGX_HTTP_WHATSAPP_REDIS_ELEMENTS - pipeline->elements) {
        return NULL;
    }

    pipeline->elements += n;

    return pipeline->create_array(task, n);
}


static ngx_int_t
ngx_http_whatsapp_pipeline_receive(void *data, u_char *p, size_t len)
{
    ngx_http_whatsapp_pipeline_t *pipeline = data;

    void         *reply;
    ngx_int_t     rc;
    redisReader  *reader;

    reader = pipeline->reader;
    pipeline->heard = ngx_current_msec;
    pipeline->received += len;

    if (pipeline->received > NGX_HTTP_WHATSAPP_REDIS_REPLY_MAX
        || redisReaderFeed(reader, (char *) p, len) != REDIS_OK)
    {
        return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                              NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                              "reply is too large", NULL);
    }

    for ( ;; ) {

        if (redisReaderGetReply(reader, &reply) != REDIS_OK) {
            return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                             "protocol error", NULL);
        }

        if (reply == NULL) {
            return NGX_OK;
        }

        /* bytes that are left belong to the next reply */

        pipeline->received = reader->len - reader->pos;
        pipeline->elements = 0;

        rc = ngx_http_whatsapp_pipeline_dispatch(pipeline, reply);

        freeReplyObject(reply);

        if (rc != NGX_OK) {
            return rc;
        }
    }
}


static ngx_int_t
ngx_http_whatsapp_pipeline_dispatch(
    ngx_http_whatsapp_pipeline_t *pipeline, redisReply *reply)
{
    ngx_http_whatsapp_redis_command_t  command;

    if (pipeline->message
        && reply->type == REDIS_REPLY_ARRAY
        && reply->elements == 3
        && reply->element[0]->type == REDIS_REPLY_STRING
        && ngx_strcmp(reply->element[0]->str, "message") == 0)
    {
        return pipeline->message(pipeline, reply->element[2]);
    }

    if (pipeline->ncommands == 0) {
        return ngx_http_whatsapp_pipeline_refuse(pipeline, reply);
    }

    command = ngx_http_whatsapp_pipeline_next(pipeline);

    if (command.type && reply->type != command.type) {

        if (command.handler) {
            command.handler(command.data, NGX_ERROR, 0);
        }

        return ngx_http_whatsapp_pipeline_refuse(pipeline, reply);
    }

    return command.reply ? command.reply(pipeline, &command, reply) : NGX_OK;
}


/* takes the oldest command off the ring */

static ngx_http_whatsapp_redis_command_t
ngx_http_whatsapp_pipeline_next(
    ngx_http_whatsapp_pipeline_t *pipeline)
{
    ngx_http_whatsapp_redis_command_t  command;

    command = pipeline->commands[pipeline->first];

    pipeline->first = (pipeline->first + 1) % NGX_HTTP_WHATSAPP_REDIS_PENDING;
    pipeline->ncommands--;

    return command;
}


ngx_int_t
ngx_http_whatsapp_pipeline_refuse(
    ngx_http_whatsapp_pipeline_t *pipeline, redisReply *reply)
{
    if (reply->type == REDIS_REPLY_ERROR) {
        return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                               NGX_HTTP_WHATSAPP_FAULT_REFUSED,
                                               "server answers", reply->str);
    }

    return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,
                                             "unexpected reply", NULL);
}


ngx_int_t
ngx_http_whatsapp_pipeline_send(
    ngx_http_whatsapp_pipeline_t *pipeline, ngx_str_t *args,
    ngx_uint_t nargs, int type, ngx_http_whatsapp_redis_reply_pt reply,
    ngx_http_whatsapp_redis_pt handler, void *data)
{
    int                                 len;
    char                               *text;
    size_t                              lens[NGX_HTTP_WHATSAPP_REDIS_ARGS];
    ngx_int_t                           rc;
    ngx_uint_t                          i;
    const char                         *argv[NGX_HTTP_WHATSAPP_REDIS_ARGS];
    ngx_http_whatsapp_redis_command_t  *command;

    if (pipeline->ncommands >= NGX_HTTP_WHATSAPP_REDIS_PENDING) {
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

    rc = ngx_http_whatsapp_connection_send(&pipeline->connection, text, len);

    redisFreeCommand(text);

    if (rc != NGX_OK) {
        goto failed;
    }

    i = (pipeline->first + pipeline->ncommands)
        % NGX_HTTP_WHATSAPP_REDIS_PENDING;

    command = &pipeline->commands[i];

    command->sent = ngx_current_msec;
    command->type = type;
    command->reply = reply;
    command->handler = handler;
    command->data = data;

    pipeline->ncommands++;

    return NGX_OK;

failed:

    return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "no memory", NULL);
}


static ngx_int_t
ngx_http_whatsapp_pipeline_watch(void *data)
{
    ngx_http_whatsapp_pipeline_t *pipeline = data;

    ngx_str_t  ping;

    if (pipeline->ncommands) {

        if (ngx_current_msec - pipeline->commands[pipeline->first].sent
            > pipeline->timeout + NGX_HTTP_WHATSAPP_REDIS_SILENCE)
        {
            return ngx_http_whatsapp_connection_fail(&pipeline->connection,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "server does not answer", NULL);
        }

        return NGX_OK;
    }

    if (ngx_current_msec - pipeline->heard >= NGX_HTTP_WHATSAPP_REDIS_IDLE) {
        ngx_str_set(&ping, "PING");

        /* the reply is "PONG", or ["pong", ""] on a subscribed connection */

        (void) ngx_http_whatsapp_pipeline_send(pipeline, &ping, 1,
                                               pipeline->message
                                                   ? REDIS_REPLY_ARRAY
                                                   : REDIS_REPLY_STATUS,
                                               NULL, NULL, NULL);
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_pipeline_lost(void *data)
{
    ngx_http_whatsapp_pipeline_t *pipeline = data;

    pipeline->lost(pipeline);

    ngx_http_whatsapp_pipeline_drain(pipeline, NGX_ERROR);
}


void
ngx_http_whatsapp_pipeline_close(
    ngx_http_whatsapp_pipeline_t *pipeline)
{
    ngx_http_whatsapp_connection_close(&pipeline->connection);

    ngx_http_whatsapp_pipeline_drain(pipeline, NGX_ABORT);
}


static void
ngx_http_whatsapp_pipeline_drain(
    ngx_http_whatsapp_pipeline_t *pipeline, ngx_int_t rc)
{
    ngx_http_whatsapp_redis_command_t  command;

    if (pipeline->reader) {
        redisReaderFree(pipeline->reader);
        pipeline->reader = NULL;
    }

    while (pipeline->ncommands) {
        command = ngx_http_whatsapp_pipeline_next(pipeline);

        if (command.handler) {
            command.handler(command.data, rc, 0);
        }
    }
}
