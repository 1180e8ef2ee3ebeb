
/*
 * A connection to a server that comes and goes. It is made and closed by
 * nginx's own functions. Only event handlers drop it, so no caller of
 * ngx_http_whatsapp_connection_send() finds it gone afterwards.
 *
 * One line is logged when the connection is lost, when the kind of the fault
 * changes, and when it is up again. The lines that nginx itself would log for
 * every attempt are suppressed.
 */


#include "ngx_http_whatsapp_redis_connection.h"

#include <ngx_event_connect.h>


#define NGX_HTTP_WHATSAPP_CONNECTION_BUFFER      16384
#define NGX_HTTP_WHATSAPP_CONNECTION_READS       16     /* in a row */

#define NGX_HTTP_WHATSAPP_CONNECTION_DELAY_MIN   100    /* ms */
#define NGX_HTTP_WHATSAPP_CONNECTION_DELAY_MAX   5000
#define NGX_HTTP_WHATSAPP_CONNECTION_STABLE      1000
#define NGX_HTTP_WHATSAPP_CONNECTION_WATCH       500
#define NGX_HTTP_WHATSAPP_CONNECTION_TIMEOUT     1000


static void ngx_http_whatsapp_connection_connect(
    ngx_http_whatsapp_connection_t *conn);
static ngx_int_t ngx_http_whatsapp_connection_connected(
    ngx_http_whatsapp_connection_t *conn);
static void ngx_http_whatsapp_connection_read_handler(ngx_event_t *rev);
static void ngx_http_whatsapp_connection_write_handler(ngx_event_t *wev);
static void ngx_http_whatsapp_connection_timer_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_whatsapp_connection_receive(
    ngx_http_whatsapp_connection_t *conn);
static ngx_int_t ngx_http_whatsapp_connection_flush(
    ngx_http_whatsapp_connection_t *conn);
static void ngx_http_whatsapp_connection_drop(
    ngx_http_whatsapp_connection_t *conn);
static void ngx_http_whatsapp_connection_retry(
    ngx_http_whatsapp_connection_t *conn);
static void ngx_http_whatsapp_connection_set_state(
    ngx_http_whatsapp_connection_t *conn,
    ngx_http_whatsapp_connection_state_e state);
static void ngx_http_whatsapp_connection_log(
    ngx_http_whatsapp_connection_t *conn);


void
ngx_http_whatsapp_connection_open(ngx_http_whatsapp_connection_t *conn)
{
    conn->quiet = *conn->log;
    conn->quiet.log_level = NGX_LOG_ALERT;

    conn->timer.handler = ngx_http_whatsapp_connection_timer_handler;
    conn->timer.data = conn;
    conn->timer.log = conn->log;
    conn->timer.cancelable = 1;

    ngx_http_whatsapp_connection_connect(conn);
}


static void
ngx_http_whatsapp_connection_connect(ngx_http_whatsapp_connection_t *conn)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   pc;

    addr = &conn->addrs[conn->addr++ % conn->naddrs];

    ngx_memzero(&pc, sizeof(ngx_peer_connection_t));

    pc.sockaddr = addr->sockaddr;
    pc.socklen = addr->socklen;
    pc.name = &addr->name;
    pc.get = ngx_event_get_peer;
    pc.log = &conn->quiet;
    pc.log_error = NGX_ERROR_INFO;
    pc.so_keepalive = (addr->sockaddr->sa_family != AF_UNIX);

    rc = ngx_event_connect_peer(&pc);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        conn->err = ngx_socket_errno;
        ngx_http_whatsapp_connection_fail(conn,
                                          NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                          "connect() failed", NULL);
        ngx_http_whatsapp_connection_log(conn);
        ngx_http_whatsapp_connection_retry(conn);
        return;
    }

    c = pc.connection;
    c->data = conn;
    c->log = &conn->quiet;
    c->read->handler = ngx_http_whatsapp_connection_read_handler;
    c->write->handler = ngx_http_whatsapp_connection_write_handler;

    conn->connection = c;

    ngx_http_whatsapp_connection_set_state(conn,
                                      NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING);
    ngx_add_timer(&conn->timer, NGX_HTTP_WHATSAPP_CONNECTION_WATCH);

    if (rc == NGX_OK
        && ngx_http_whatsapp_connection_connected(conn) != NGX_OK)
    {
        ngx_http_whatsapp_connection_drop(conn);
    }
}


static ngx_int_t
ngx_http_whatsapp_connection_connected(ngx_http_whatsapp_connection_t *conn)
{
    int                err;
    socklen_t          len;
    ngx_connection_t  *c;

    c = conn->connection;
    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        conn->err = err;
        return ngx_http_whatsapp_connection_fail(conn,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "connect() failed", NULL);
    }

    if (c->tcp_nodelay != NGX_TCP_NODELAY_DISABLED) {
        (void) ngx_tcp_nodelay(c);
    }

    ngx_http_whatsapp_connection_set_state(conn,
                                          NGX_HTTP_WHATSAPP_CONNECTION_SETUP);

    return conn->events.connected(conn->data);
}


static void
ngx_http_whatsapp_connection_read_handler(ngx_event_t *rev)
{
    ngx_connection_t                *c;
    ngx_http_whatsapp_connection_t  *conn;

    c = rev->data;
    conn = c->data;

    if (c->close) {
        (void) ngx_http_whatsapp_connection_fail(conn,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "worker is shut down", NULL);
        ngx_http_whatsapp_connection_drop(conn);
        return;
    }

    if (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING
        && ngx_http_whatsapp_connection_connected(conn) != NGX_OK)
    {
        ngx_http_whatsapp_connection_drop(conn);
        return;
    }

    if (ngx_http_whatsapp_connection_receive(conn) != NGX_OK) {
        ngx_http_whatsapp_connection_drop(conn);
    }
}


static ngx_int_t
ngx_http_whatsapp_connection_receive(ngx_http_whatsapp_connection_t *conn)
{
    u_char             buf[NGX_HTTP_WHATSAPP_CONNECTION_BUFFER];
    ssize_t            n;
    ngx_uint_t         i;
    ngx_connection_t  *c;

    c = conn->connection;

    for (i = 0; i < NGX_HTTP_WHATSAPP_CONNECTION_READS; i++) {

        n = c->recv(c, buf, sizeof(buf));

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR || n == 0) {
            conn->err = (n == NGX_ERROR) ? ngx_socket_errno : 0;
            return ngx_http_whatsapp_connection_fail(conn,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "connection is closed", NULL);
        }

        if (conn->events.receive(conn->data, buf, n) != NGX_OK) {
            return NGX_ERROR;
        }

        if (!c->read->ready) {
            break;
        }
    }

    if (c->read->ready) {
        ngx_post_event(c->read, &ngx_posted_next_events);
        return NGX_OK;
    }

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        return ngx_http_whatsapp_connection_fail(conn,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "event is not accepted", NULL);
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_connection_write_handler(ngx_event_t *wev)
{
    ngx_connection_t                *c;
    ngx_http_whatsapp_connection_t  *conn;

    c = wev->data;
    conn = c->data;

    if (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING
        && ngx_http_whatsapp_connection_connected(conn) != NGX_OK)
    {
        ngx_http_whatsapp_connection_drop(conn);
        return;
    }

    if (ngx_http_whatsapp_connection_flush(conn) != NGX_OK) {
        ngx_http_whatsapp_connection_drop(conn);
    }
}


static ngx_int_t
ngx_http_whatsapp_connection_flush(ngx_http_whatsapp_connection_t *conn)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = conn->connection;

    while (conn->out_pos < conn->out_last && c->write->ready) {

        n = c->send(c, conn->out + conn->out_pos,
                    conn->out_last - conn->out_pos);

        if (n == NGX_ERROR) {
            conn->err = ngx_socket_errno;
            return ngx_http_whatsapp_connection_fail(conn,
                                             NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                             "send() failed", NULL);
        }

        if (n == NGX_AGAIN) {
            break;
        }

        conn->out_pos += n;
    }

    if (conn->out_pos == conn->out_last) {
        conn->out_pos = 0;
        conn->out_last = 0;
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return ngx_http_whatsapp_connection_fail(conn,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "event is not accepted", NULL);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_connection_send(ngx_http_whatsapp_connection_t *conn,
    const void *data, size_t len)
{
    u_char  *out;
    size_t   size;

    if (conn->connection == NULL) {
        return NGX_ERROR;
    }

    if (len > conn->out_size - conn->out_last) {

        size = ngx_max(2 * conn->out_size, conn->out_last + len);
        size = ngx_max(size, 1024);

        out = ngx_alloc(size, conn->log);
        if (out == NULL) {
            return NGX_ERROR;
        }

        if (conn->out) {
            ngx_memcpy(out, conn->out, conn->out_last);
            ngx_free(conn->out);
        }

        conn->out = out;
        conn->out_size = size;
    }

    ngx_memcpy(conn->out + conn->out_last, data, len);
    conn->out_last += len;

    ngx_post_event(conn->connection->write, &ngx_posted_events);

    return NGX_OK;
}


void
ngx_http_whatsapp_connection_ready(ngx_http_whatsapp_connection_t *conn)
{
    ngx_uint_t  level;

    ngx_http_whatsapp_connection_set_state(conn,
                                          NGX_HTTP_WHATSAPP_CONNECTION_UP);

    level = conn->logged ? NGX_LOG_NOTICE : NGX_LOG_INFO;

    ngx_log_error(level, conn->log, 0, "redis %V: link for %s is up",
                  conn->name, conn->purpose);

    conn->logged = 0;
}


static void
ngx_http_whatsapp_connection_timer_handler(ngx_event_t *ev)
{
    ngx_http_whatsapp_connection_t  *conn;

    conn = ev->data;

    if (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_IDLE) {
        if (!ngx_exiting && !ngx_terminate && !ngx_quit) {
            ngx_http_whatsapp_connection_connect(conn);
        }

        return;
    }

    if (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING
        && ngx_current_msec - conn->since
           > NGX_HTTP_WHATSAPP_CONNECTION_TIMEOUT)
    {
        conn->err = NGX_ETIMEDOUT;
        (void) ngx_http_whatsapp_connection_fail(conn,
                                               NGX_HTTP_WHATSAPP_FAULT_NETWORK,
                                               "connect() failed", NULL);
        ngx_http_whatsapp_connection_drop(conn);
        return;
    }

    if (conn->state != NGX_HTTP_WHATSAPP_CONNECTION_CONNECTING
        && conn->events.watch(conn->data) != NGX_OK)
    {
        ngx_http_whatsapp_connection_drop(conn);
        return;
    }

    ngx_add_timer(&conn->timer, NGX_HTTP_WHATSAPP_CONNECTION_WATCH);
}


ngx_int_t
ngx_http_whatsapp_connection_fail(ngx_http_whatsapp_connection_t *conn,
    ngx_http_whatsapp_connection_fault_e fault, const char *reason,
    const char *code)
{
    conn->fault = fault;
    conn->reason = reason;

    ngx_http_whatsapp_connection_code(conn->code, code ? code : "");

    return NGX_ERROR;
}


void
ngx_http_whatsapp_connection_code(u_char *dst, const char *text)
{
    size_t  i;

    for (i = 0; i < NGX_HTTP_WHATSAPP_CONNECTION_CODE_LEN - 1; i++) {

        if ((text[i] < 'A' || text[i] > 'Z') && text[i] != '_') {
            break;
        }

        dst[i] = text[i];
    }

    dst[i] = '\0';
}


static void
ngx_http_whatsapp_connection_drop(ngx_http_whatsapp_connection_t *conn)
{
    ngx_http_whatsapp_connection_log(conn);

    if (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_UP
        && ngx_current_msec - conn->since
           >= NGX_HTTP_WHATSAPP_CONNECTION_STABLE)
    {
        conn->attempts = 0;
    }

    ngx_close_connection(conn->connection);

    conn->connection = NULL;
    conn->out_pos = 0;
    conn->out_last = 0;

    ngx_http_whatsapp_connection_set_state(conn,
                                          NGX_HTTP_WHATSAPP_CONNECTION_IDLE);
    ngx_http_whatsapp_connection_retry(conn);

    conn->events.lost(conn->data);
}


static void
ngx_http_whatsapp_connection_retry(ngx_http_whatsapp_connection_t *conn)
{
    ngx_msec_t  delay;

    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    delay = NGX_HTTP_WHATSAPP_CONNECTION_DELAY_MIN
            << ngx_min(conn->attempts, 6);
    delay = ngx_min(delay, NGX_HTTP_WHATSAPP_CONNECTION_DELAY_MAX);

    conn->attempts++;

    /* a random part keeps the workers from connecting all at once */

    delay -= (ngx_msec_t) ngx_random() % (delay / 4 + 1);

    ngx_add_timer(&conn->timer, delay);
}


static void
ngx_http_whatsapp_connection_set_state(ngx_http_whatsapp_connection_t *conn,
    ngx_http_whatsapp_connection_state_e state)
{
    conn->state = state;
    conn->since = ngx_current_msec;
}


static void
ngx_http_whatsapp_connection_log(ngx_http_whatsapp_connection_t *conn)
{
    ngx_err_t  err;

    err = conn->err;
    conn->err = 0;

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    if (conn->logged == conn->fault
        && ngx_strcmp(conn->logged_code, conn->code) == 0)
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, conn->log, err,
                  "redis %V: link for %s %s: %s%s%s",
                  conn->name, conn->purpose,
                  (conn->state == NGX_HTTP_WHATSAPP_CONNECTION_UP)
                      ? "is lost" : "is down",
                  conn->reason, conn->code[0] ? " " : "", conn->code);

    conn->logged = conn->fault;
    ngx_memcpy(conn->logged_code, conn->code, sizeof(conn->code));
}


void
ngx_http_whatsapp_connection_close(ngx_http_whatsapp_connection_t *conn)
{
    if (conn->timer.timer_set) {
        ngx_del_timer(&conn->timer);
    }

    if (conn->connection) {
        ngx_close_connection(conn->connection);
        conn->connection = NULL;
    }

    if (conn->out) {
        ngx_free(conn->out);
        conn->out = NULL;
    }

    conn->state = NGX_HTTP_WHATSAPP_CONNECTION_IDLE;
}
