
/*
 * A client connection that a worker keeps up: it is made, watched, and made
 * again after growing delays. It carries bytes and does not know their
 * meaning.
 *
 *   IDLE -> CONNECTING -> SETUP -> UP -> IDLE -> ...
 */


#ifndef _NGX_HTTP_WHATSAPP_REDIS_CONNECTION_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_REDIS_CONNECTION_H_INCLUDED_


#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>


#define NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN  24


typedef enum {
    NGX_HTTP_WHATSAPP_CONNECTION_IDLE = 0,  /* waits to connect again */
    NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING,
    NGX_HTTP_WHATSAPP_CONNECTION_SETUP,     /* connected, not yet usable */
    NGX_HTTP_WHATSAPP_CONNECTION_UP
} ngx_http_whatsapp_connection_state_e;


typedef enum {
    NGX_HTTP_WHATSAPP_FAULT_NETWORK = 1,    /* unreachable, closed, silent */
    NGX_HTTP_WHATSAPP_FAULT_PROTOCOL,       /* not the protocol */
    NGX_HTTP_WHATSAPP_FAULT_REFUSED         /* the code says why */
} ngx_http_whatsapp_connection_fault_e;


typedef struct ngx_http_whatsapp_connection_s  ngx_http_whatsapp_connection_t;


/*
 * Callbacks of the owner. One that returns NGX_ERROR, after
 * ngx_http_whatsapp_connection_fail(), has the connection dropped.
 */

typedef struct {
    ngx_int_t                      (*connected)(void *data);
    ngx_int_t                      (*receive)(void *data, u_char *p,
                                       size_t len);
    ngx_int_t                      (*watch)(void *data); /* every 500 ms */
    void                           (*lost)(void *data);
} ngx_http_whatsapp_connection_events_t;


struct ngx_http_whatsapp_connection_s {
    ngx_connection_t                      *connection;
    ngx_http_whatsapp_connection_state_e   state;
    ngx_http_whatsapp_connection_events_t  events;
    void                                  *data;

    ngx_str_t                             *name;     /* server, for logs */
    const char                            *purpose;  /* "lookups" */
    ngx_addr_t                            *addrs;
    ngx_uint_t                             naddrs;
    ngx_uint_t                             addr;

    u_char                                *out;
    size_t                                 out_pos;
    size_t                                 out_last;
    size_t                                 out_size;

    ngx_event_t                            timer;    /* retries, watches */
    ngx_msec_t                             since;    /* time of the state */
    ngx_uint_t                             attempts;

    ngx_http_whatsapp_connection_fault_e   fault;
    const char                            *reason;
    ngx_err_t                              err;
    u_char                                 code[
                                        NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];

    ngx_http_whatsapp_connection_fault_e   logged;   /* 0: nothing is wrong */
    u_char                                 logged_code[
                                        NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN];

    ngx_log_t                             *log;
    ngx_log_t                              quiet;    /* level ALERT */
};


/*
 * Begins to connect. The fields name, purpose, addrs, naddrs, events, data
 * and log must be set, all others be zero.
 */
void ngx_http_whatsapp_connection_open(ngx_http_whatsapp_connection_t *conn);

/* Closes for good and frees the output buffer, without calling lost(). */
void ngx_http_whatsapp_connection_close(ngx_http_whatsapp_connection_t *conn);

/*
 * Queues bytes; they are written together at the end of the event loop's
 * turn. Never drops the connection itself.
 * @return NGX_OK, or NGX_ERROR without memory or connection
 */
ngx_int_t ngx_http_whatsapp_connection_send(
    ngx_http_whatsapp_connection_t *conn, const void *data, size_t len);

/* Makes the state UP, after the setup. */
void ngx_http_whatsapp_connection_ready(ngx_http_whatsapp_connection_t *conn);

/*
 * Says why the connection is about to be dropped.
 * @param reason  static text for the log
 * @param code    the server's error reply, of which the leading capitals are
 *                logged; NULL: none
 * @return NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_connection_fail(
    ngx_http_whatsapp_connection_t *conn,
    ngx_http_whatsapp_connection_fault_e fault, const char *reason,
    const char *code);

/* Copies the leading capitals of an error reply, at most CODE_LEN bytes. */
void ngx_http_whatsapp_connection_code(u_char *dst, const char *text);


#endif /* _NGX_HTTP_WHATSAPP_LINK_H_INCLUDED_ */
