
/*
 * A connection to Redis with the commands that wait for their replies. Redis
 * answers in the order in which it was asked, so the waiting commands are a
 * ring. hiredis formats commands and parses replies; its own asynchronous API
 * asserts on replies that it does not expect, and a worker must survive
 * whatever a server sends.
 */


#ifndef _NGX_HTTP_WHATSAPP_REDIS_PIPELINE_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_REDIS_PIPELINE_H_INCLUDED_


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

/* most words of a command */
#define NGX_HTTP_WHATSAPP_REDIS_ARGS       8


/* the type of an array's length in createArray of hiredis */

#if (HIREDIS_MAJOR < 1)
typedef int  ngx_http_whatsapp_redis_elements_t;
#else
typedef size_t  ngx_http_whatsapp_redis_elements_t;
#endif

typedef void *(*ngx_http_whatsapp_redis_array_pt)(const redisReadTask *task,
    ngx_http_whatsapp_redis_elements_t n);


typedef struct ngx_http_whatsapp_pipeline_s
    ngx_http_whatsapp_pipeline_t;
typedef struct ngx_http_whatsapp_redis_command_s
    ngx_http_whatsapp_redis_command_t;

/*
 * Takes a reply of the command's type.
 * @return NGX_OK, or NGX_ERROR to drop the connection
 */
typedef ngx_int_t (*ngx_http_whatsapp_redis_reply_pt)(
    ngx_http_whatsapp_pipeline_t *pipeline,
    ngx_http_whatsapp_redis_command_t *command, redisReply *reply);


struct ngx_http_whatsapp_redis_command_s {
    ngx_msec_t                        sent;
    int                               type;      /* of the reply; 0: any */
    ngx_http_whatsapp_redis_reply_pt  reply;     /* NULL: type says enough */
    ngx_http_whatsapp_redis_pt        handler;   /* NULL: nobody waits */
    void                             *data;      /* of the handler */
};


struct ngx_http_whatsapp_pipeline_s {
    ngx_http_whatsapp_connection_t     connection;
    ngx_http_whatsapp_redis_t         *redis;         /* the owner */
    ngx_msec_t                         timeout;       /* of a command */

    /* sends the first commands of a new connection; NGX_OK or NGX_ERROR */
    ngx_int_t                        (*setup)(
                                  ngx_http_whatsapp_pipeline_t *pipeline);

    /* takes a message of a subscription; NULL: the connection has none */
    ngx_int_t                        (*message)(
                                  ngx_http_whatsapp_pipeline_t *pipeline,
                                  redisReply *message);

    /* the connection is closed, its commands are about to fail */
    void                             (*lost)(
                                  ngx_http_whatsapp_pipeline_t *pipeline);

    redisReader                       *reader;
    redisReplyObjectFunctions          functions;     /* of the reader */
    ngx_http_whatsapp_redis_array_pt   create_array;  /* hiredis's own */
    size_t                             received;      /* bytes of the reply */
    size_t                             elements;      /* of its arrays */
    ngx_msec_t                         heard;         /* time of last bytes */

    /* the ring of waiting commands, the oldest first */
    ngx_http_whatsapp_redis_command_t  commands[
                                           NGX_HTTP_WHATSAPP_REDIS_PENDING];
    ngx_uint_t                         first;
    ngx_uint_t                         ncommands;
};


/*
 * Begins to connect. The callbacks, redis, timeout, and of the connection
 * name, purpose, addrs, naddrs and log must be set, all others be zero.
 */
void ngx_http_whatsapp_pipeline_open(
    ngx_http_whatsapp_pipeline_t *pipeline);

/* Closes for good, without lost(); waiting commands get NGX_ABORT. */
void ngx_http_whatsapp_pipeline_close(
    ngx_http_whatsapp_pipeline_t *pipeline);

/*
 * Sends a command.
 * @param type  of the reply, as hiredis names it; 0: reply takes any
 * @return NGX_OK, NGX_BUSY when too many commands wait, NGX_ERROR without
 *         memory or connection
 */
ngx_int_t ngx_http_whatsapp_pipeline_send(
    ngx_http_whatsapp_pipeline_t *pipeline, ngx_str_t *args,
    ngx_uint_t nargs, int type, ngx_http_whatsapp_redis_reply_pt reply,
    ngx_http_whatsapp_redis_pt handler, void *data);

/* Notes the fault of an unexpected reply, and returns NGX_ERROR. */
ngx_int_t ngx_http_whatsapp_pipeline_refuse(
    ngx_http_whatsapp_pipeline_t *pipeline, redisReply *reply);


#endif /* _NGX_HTTP_WHATSAPP_REDIS_PIPELINE_H_INCLUDED_ */
