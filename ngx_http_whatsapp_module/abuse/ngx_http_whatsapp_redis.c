
/*
 * The commands that bans need. A worker has two connections, since RESP2
 * cannot mix replies and invalidations on one: "command" asks and writes;
 * "control" redirects the tracking of keys to itself, so that no invalidation
 * is lost unless this connection is.
 */


#include "ngx_http_whatsapp_redis_pipeline.h"


#define NGX_HTTP_WHATSAPP_REDIS_CHANNEL    "__redis__:invalidate"


struct ngx_http_whatsapp_redis_s {
    ngx_http_whatsapp_redis_conf_t     *conf;
    ngx_http_whatsapp_redis_events_t    events;
    ngx_http_whatsapp_pipeline_t        command;
    ngx_http_whatsapp_pipeline_t        control;
    ngx_log_t                          *log;
    u_char                              refused[
                                        NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];
};


static void ngx_http_whatsapp_redis_connect(ngx_http_whatsapp_redis_t *redis,
    ngx_http_whatsapp_pipeline_t *pipeline, const char *purpose);
static ngx_int_t ngx_http_whatsapp_redis_setup(
    ngx_http_whatsapp_pipeline_t *pipeline);
static void ngx_http_whatsapp_redis_report(
    ngx_http_whatsapp_pipeline_t *pipeline);
static ngx_int_t ngx_http_whatsapp_redis_message(
    ngx_http_whatsapp_pipeline_t *pipeline, redisReply *keys);
static ngx_int_t ngx_http_whatsapp_redis_on_ready(
    ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_id(
    ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_pttl(
    ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);
static ngx_int_t ngx_http_whatsapp_redis_on_set(
    ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);


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

    redis->control.message = ngx_http_whatsapp_redis_message;

    ngx_http_whatsapp_redis_connect(redis, &redis->command, "lookups");
    ngx_http_whatsapp_redis_connect(redis, &redis->control, "invalidations");

    return redis;
}


static void
ngx_http_whatsapp_redis_connect(ngx_http_whatsapp_redis_t *redis,
    ngx_http_whatsapp_pipeline_t *pipeline, const char *purpose)
{
    pipeline->redis = redis;
    pipeline->timeout = redis->conf->timeout;
    pipeline->setup = ngx_http_whatsapp_redis_setup;
    pipeline->lost = ngx_http_whatsapp_redis_report;

    pipeline->connection.name = &redis->conf->name;
    pipeline->connection.purpose = purpose;
    pipeline->connection.addrs = redis->conf->addrs;
    pipeline->connection.naddrs = redis->conf->naddrs;
    pipeline->connection.log = redis->log;

    ngx_http_whatsapp_pipeline_open(pipeline);
}


void
ngx_http_whatsapp_redis_destroy(ngx_http_whatsapp_redis_t *redis)
{
    ngx_http_whatsapp_pipeline_close(&redis->command);
    ngx_http_whatsapp_pipeline_close(&redis->control);
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

    return ngx_http_whatsapp_pipeline_send(&redis->command, args, 2,
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

    /* NX: a longer ban, or one for good, must not be shortened */

    ngx_str_set(&args[5], "NX");

    return ngx_http_whatsapp_pipeline_send(&redis->command, args, 6, 0,
                                           ngx_http_whatsapp_redis_on_set,
                                           handler, data);
}


static ngx_int_t
ngx_http_whatsapp_redis_setup(ngx_http_whatsapp_pipeline_t *pipeline)
{
    u_char                           db[NGX_INT_T_LEN];
    ngx_str_t                        args[3];
    ngx_uint_t                       n;
    ngx_http_whatsapp_redis_conf_t  *conf;

    conf = pipeline->redis->conf;

    if (conf->password.len) {
        ngx_str_set(&args[0], "AUTH");
        n = 1;

        if (conf->user.len) {
            args[n++] = conf->user;
        }

        args[n++] = conf->password;

        if (ngx_http_whatsapp_pipeline_send(pipeline, args, n,
                                            REDIS_REPLY_STATUS,
                                            NULL, NULL, NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    if (pipeline == &pipeline->redis->control) {
        ngx_str_set(&args[0], "CLIENT");
        ngx_str_set(&args[1], "ID");

        return ngx_http_whatsapp_pipeline_send(pipeline, args, 2,
                                               REDIS_REPLY_INTEGER,
                                               ngx_http_whatsapp_redis_on_id,
                                               NULL, NULL);
    }

    if (conf->db) {
        ngx_str_set(&args[0], "SELECT");
        args[1].data = db;
        args[1].len = ngx_sprintf(db, "%ui", conf->db) - db;

        if (ngx_http_whatsapp_pipeline_send(pipeline, args, 2,
                                            REDIS_REPLY_STATUS,
                                            NULL, NULL, NULL)
            != NGX_OK)
        {
            return NGX_ERROR;
        }
    }

    /* a first lookup tells whether the user may look up keys of the prefix */

    ngx_str_set(&args[0], "PTTL");
    args[1] = conf->prefix;

    return ngx_http_whatsapp_pipeline_send(pipeline, args, 2,
                                           REDIS_REPLY_INTEGER,
                                           ngx_http_whatsapp_redis_on_ready,
                                           NULL, NULL);
}


static void
ngx_http_whatsapp_redis_report(ngx_http_whatsapp_pipeline_t *pipeline)
{
    pipeline->redis->events.state(pipeline->redis->events.data);
}


static ngx_int_t
ngx_http_whatsapp_redis_message(ngx_http_whatsapp_pipeline_t *pipeline,
    redisReply *keys)
{
    size_t                      i;
    ngx_str_t                   key;
    ngx_http_whatsapp_redis_t  *redis;

    redis = pipeline->redis;

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
        return ngx_http_whatsapp_pipeline_refuse(pipeline, keys);
    }
}


static ngx_int_t
ngx_http_whatsapp_redis_on_ready(ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    ngx_http_whatsapp_connection_ready(&pipeline->connection);
    ngx_http_whatsapp_redis_report(pipeline);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_redis_on_id(ngx_http_whatsapp_pipeline_t *pipeline,
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
    args[7] = pipeline->redis->conf->prefix;

    if (ngx_http_whatsapp_pipeline_send(pipeline, args, 8,
                                        REDIS_REPLY_STATUS,
                                        NULL, NULL, NULL)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_str_set(&args[0], "SUBSCRIBE");
    ngx_str_set(&args[1], NGX_HTTP_WHATSAPP_REDIS_CHANNEL);

    return ngx_http_whatsapp_pipeline_send(pipeline, args, 2,
                                           REDIS_REPLY_ARRAY,
                                           ngx_http_whatsapp_redis_on_ready,
                                           NULL, NULL);
}


static ngx_int_t
ngx_http_whatsapp_redis_on_pttl(ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    command->handler(command->data, NGX_OK, reply->integer);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_redis_on_set(ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply)
{
    u_char                      code[NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];
    ngx_http_whatsapp_redis_t  *redis;

    redis = pipeline->redis;

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

        /* Redis is full or read-only, but lookups still work */

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
        return ngx_http_whatsapp_pipeline_refuse(pipeline, reply);
    }
}
