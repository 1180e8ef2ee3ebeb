/*
 * The module's part of Redis, included as a whole, on connections that are
 * there at once and only note what becomes of them.
 */

#ifndef UNIT_REDIS_H
#define UNIT_REDIS_H


#include <stdlib.h>

#include "ngx_http_whatsapp_redis.c"
#include "ngx_http_whatsapp_redis_pipeline.c"


void
ngx_http_whatsapp_connection_open(ngx_http_whatsapp_connection_t *conn)
{
    conn->state = NGX_HTTP_WHATSAPP_CONNECTION_SETUP;

    if (conn->events.connected(conn->data) != NGX_OK) {
        abort();
    }
}


void
ngx_http_whatsapp_connection_close(ngx_http_whatsapp_connection_t *conn)
{
    conn->state = NGX_HTTP_WHATSAPP_CONNECTION_IDLE;
}


ngx_int_t
ngx_http_whatsapp_connection_send(ngx_http_whatsapp_connection_t *conn,
    const void *data, size_t len)
{
    return NGX_OK;
}


void
ngx_http_whatsapp_connection_ready(ngx_http_whatsapp_connection_t *conn)
{
    conn->state = NGX_HTTP_WHATSAPP_CONNECTION_UP;
}


ngx_int_t
ngx_http_whatsapp_connection_fail(ngx_http_whatsapp_connection_t *conn,
    ngx_http_whatsapp_connection_fault_e fault, const char *reason,
    const char *code)
{
    conn->fault = fault;

    return NGX_ERROR;
}


void
ngx_http_whatsapp_connection_code(u_char *dst, const char *text)
{
    dst[0] = '\0';
}


#endif /* UNIT_REDIS_H */
