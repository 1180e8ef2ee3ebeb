
/*
 * A connection to a server that comes and goes. The connection is nginx's
 * own, so it is closed by nginx; a drop happens only at the top of an event
 * handler, never below a call of ngx_http_whatsapp_link_send().
 *
 * One line is logged when the link is lost, when the kind of the fault
 * changes, and when it is up again; what nginx itself would log for every
 * attempt is kept quiet.
 */


#include "ngx_http_whatsapp_redis_connection.h"

#include <ngx_event_connect.h>


#define NGX_HTTP_WHATSAPP_LINK_BUFFER       16384
#define NGX_HTTP_WHATSAPP_LINK_READS        16       /* in one turn */

#define NGX_HTTP_WHATSAPP_LINK_BACKOFF_MIN  100      /* ms */
#define NGX_HTTP_WHATSAPP_LINK_BACKOFF_MAX  5000
#define NGX_HTTP_WHATSAPP_LINK_STABLE       1000
#define NGX_HTTP_WHATSAPP_LINK_WATCH        500
#define NGX_HTTP_WHATSAPP_LINK_CONNECT      1000


static void ngx_http_whatsapp_link_connect(ngx_http_whatsapp_link_t *link);
static ngx_int_t ngx_http_whatsapp_link_connected(
    ngx_http_whatsapp_link_t *link);
static void ngx_http_whatsapp_link_read_handler(ngx_event_t *rev);
static void ngx_http_whatsapp_link_write_handler(ngx_event_t *wev);
static void ngx_http_whatsapp_link_timer_handler(ngx_event_t *ev);
static ngx_int_t ngx_http_whatsapp_link_receive(
    ngx_http_whatsapp_link_t *link);
static ngx_int_t ngx_http_whatsapp_link_flush(ngx_http_whatsapp_link_t *link);
static void ngx_http_whatsapp_link_lose(ngx_http_whatsapp_link_t *link);
static void ngx_http_whatsapp_link_retry(ngx_http_whatsapp_link_t *link);
static void ngx_http_whatsapp_link_set_state(ngx_http_whatsapp_link_t *link,
    ngx_http_whatsapp_link_state_e state);
static void ngx_http_whatsapp_link_log(ngx_http_whatsapp_link_t *link);


void
ngx_http_whatsapp_link_open(ngx_http_whatsapp_link_t *link)
{
    link->quiet = *link->log;
    link->quiet.log_level = NGX_LOG_ALERT;

    link->timer.handler = ngx_http_whatsapp_link_timer_handler;
    link->timer.data = link;
    link->timer.log = link->log;
    link->timer.cancelable = 1;

    ngx_http_whatsapp_link_connect(link);
}


static void
ngx_http_whatsapp_link_connect(ngx_http_whatsapp_link_t *link)
{
    ngx_int_t               rc;
    ngx_addr_t             *addr;
    ngx_connection_t       *c;
    ngx_peer_connection_t   pc;

    addr = &link->addrs[link->addr++ % link->naddrs];

    ngx_memzero(&pc, sizeof(ngx_peer_connection_t));

    pc.sockaddr = addr->sockaddr;
    pc.socklen = addr->socklen;
    pc.name = &addr->name;
    pc.get = ngx_event_get_peer;
    pc.log = &link->quiet;
    pc.log_error = NGX_ERROR_INFO;
    pc.so_keepalive = (addr->sockaddr->sa_family != AF_UNIX);

    rc = ngx_event_connect_peer(&pc);

    if (rc != NGX_OK && rc != NGX_AGAIN) {
        link->err = ngx_socket_errno;
        ngx_http_whatsapp_link_fail(link, NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                    "connect() failed", NULL);
        ngx_http_whatsapp_link_log(link);
        ngx_http_whatsapp_link_retry(link);
        return;
    }

    c = pc.connection;
    c->data = link;
    c->log = &link->quiet;
    c->read->handler = ngx_http_whatsapp_link_read_handler;
    c->write->handler = ngx_http_whatsapp_link_write_handler;

    link->connection = c;

    ngx_http_whatsapp_link_set_state(link,
                                     NGX_HTTP_WHATSAPP_LINK_CONNECTING);
    ngx_add_timer(&link->timer, NGX_HTTP_WHATSAPP_LINK_WATCH);

    if (rc == NGX_OK && ngx_http_whatsapp_link_connected(link) != NGX_OK) {
        ngx_http_whatsapp_link_lose(link);
    }
}


static ngx_int_t
ngx_http_whatsapp_link_connected(ngx_http_whatsapp_link_t *link)
{
    int                err;
    socklen_t          len;
    ngx_connection_t  *c;

    c = link->connection;
    err = 0;
    len = sizeof(int);

    if (getsockopt(c->fd, SOL_SOCKET, SO_ERROR, (void *) &err, &len) == -1) {
        err = ngx_socket_errno;
    }

    if (err) {
        link->err = err;
        return ngx_http_whatsapp_link_fail(link,
                                           NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                           "connect() failed", NULL);
    }

    if (c->tcp_nodelay != NGX_TCP_NODELAY_DISABLED) {
        (void) ngx_tcp_nodelay(c);
    }

    ngx_http_whatsapp_link_set_state(link, NGX_HTTP_WHATSAPP_LINK_SETUP);

    return link->events.connected(link->data);
}


static void
ngx_http_whatsapp_link_read_handler(ngx_event_t *rev)
{
    ngx_connection_t          *c;
    ngx_http_whatsapp_link_t  *link;

    c = rev->data;
    link = c->data;

    if (c->close) {
        (void) ngx_http_whatsapp_link_fail(link,
                                           NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                           "worker is shut down", NULL);
        ngx_http_whatsapp_link_lose(link);
        return;
    }

    if (link->state == NGX_HTTP_WHATSAPP_LINK_CONNECTING
        && ngx_http_whatsapp_link_connected(link) != NGX_OK)
    {
        ngx_http_whatsapp_link_lose(link);
        return;
    }

    if (ngx_http_whatsapp_link_receive(link) != NGX_OK) {
        ngx_http_whatsapp_link_lose(link);
    }
}


static ngx_int_t
ngx_http_whatsapp_link_receive(ngx_http_whatsapp_link_t *link)
{
    u_char             buf[NGX_HTTP_WHATSAPP_LINK_BUFFER];
    ssize_t            n;
    ngx_uint_t         i;
    ngx_connection_t  *c;

    c = link->connection;

    for (i = 0; i < NGX_HTTP_WHATSAPP_LINK_READS; i++) {

        n = c->recv(c, buf, sizeof(buf));

        if (n == NGX_AGAIN) {
            break;
        }

        if (n == NGX_ERROR || n == 0) {
            link->err = (n == NGX_ERROR) ? ngx_socket_errno : 0;
            return ngx_http_whatsapp_link_fail(link,
                                             NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                             "connection is closed", NULL);
        }

        if (link->events.receive(link->data, buf, n) != NGX_OK) {
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
        return ngx_http_whatsapp_link_fail(link,
                                           NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                           "event is not accepted", NULL);
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_link_write_handler(ngx_event_t *wev)
{
    ngx_connection_t          *c;
    ngx_http_whatsapp_link_t  *link;

    c = wev->data;
    link = c->data;

    if (link->state == NGX_HTTP_WHATSAPP_LINK_CONNECTING
        && ngx_http_whatsapp_link_connected(link) != NGX_OK)
    {
        ngx_http_whatsapp_link_lose(link);
        return;
    }

    if (ngx_http_whatsapp_link_flush(link) != NGX_OK) {
        ngx_http_whatsapp_link_lose(link);
    }
}


static ngx_int_t
ngx_http_whatsapp_link_flush(ngx_http_whatsapp_link_t *link)
{
    ssize_t            n;
    ngx_connection_t  *c;

    c = link->connection;

    while (link->out_pos < link->out_last && c->write->ready) {

        n = c->send(c, link->out + link->out_pos,
                    link->out_last - link->out_pos);

        if (n == NGX_ERROR) {
            link->err = ngx_socket_errno;
            return ngx_http_whatsapp_link_fail(link,
                                             NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                             "send() failed", NULL);
        }

        if (n == NGX_AGAIN) {
            break;
        }

        link->out_pos += n;
    }

    if (link->out_pos == link->out_last) {
        link->out_pos = 0;
        link->out_last = 0;
    }

    if (ngx_handle_write_event(c->write, 0) != NGX_OK) {
        return ngx_http_whatsapp_link_fail(link,
                                           NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                           "event is not accepted", NULL);
    }

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_link_send(ngx_http_whatsapp_link_t *link, const void *data,
    size_t len)
{
    u_char  *out;
    size_t   size;

    if (link->connection == NULL) {
        return NGX_ERROR;
    }

    if (len > link->out_size - link->out_last) {

        size = ngx_max(2 * link->out_size, link->out_last + len);
        size = ngx_max(size, 1024);

        out = ngx_alloc(size, link->log);
        if (out == NULL) {
            return NGX_ERROR;
        }

        if (link->out) {
            ngx_memcpy(out, link->out, link->out_last);
            ngx_free(link->out);
        }

        link->out = out;
        link->out_size = size;
    }

    ngx_memcpy(link->out + link->out_last, data, len);
    link->out_last += len;

    ngx_post_event(link->connection->write, &ngx_posted_events);

    return NGX_OK;
}


void
ngx_http_whatsapp_link_ready(ngx_http_whatsapp_link_t *link)
{
    ngx_uint_t  level;

    ngx_http_whatsapp_link_set_state(link, NGX_HTTP_WHATSAPP_LINK_UP);

    level = link->logged ? NGX_LOG_NOTICE : NGX_LOG_INFO;

    ngx_log_error(level, link->log, 0, "redis %V: link for %s is up",
                  link->name, link->purpose);

    link->logged = 0;
}


static void
ngx_http_whatsapp_link_timer_handler(ngx_event_t *ev)
{
    ngx_http_whatsapp_link_t  *link;

    link = ev->data;

    if (link->state == NGX_HTTP_WHATSAPP_LINK_IDLE) {
        if (!ngx_exiting && !ngx_terminate && !ngx_quit) {
            ngx_http_whatsapp_link_connect(link);
        }

        return;
    }

    if (link->state == NGX_HTTP_WHATSAPP_LINK_CONNECTING
        && ngx_current_msec - link->since > NGX_HTTP_WHATSAPP_LINK_CONNECT)
    {
        link->err = NGX_ETIMEDOUT;
        (void) ngx_http_whatsapp_link_fail(link,
                                           NGX_HTTP_WHATSAPP_LINK_NETWORK,
                                           "connect() failed", NULL);
        ngx_http_whatsapp_link_lose(link);
        return;
    }

    if (link->state != NGX_HTTP_WHATSAPP_LINK_CONNECTING
        && link->events.watch(link->data) != NGX_OK)
    {
        ngx_http_whatsapp_link_lose(link);
        return;
    }

    ngx_add_timer(&link->timer, NGX_HTTP_WHATSAPP_LINK_WATCH);
}


ngx_int_t
ngx_http_whatsapp_link_fail(ngx_http_whatsapp_link_t *link,
    ngx_http_whatsapp_link_fault_e fault, const char *reason,
    const char *code)
{
    link->fault = fault;
    link->reason = reason;

    ngx_http_whatsapp_link_code(link->code, code ? code : "");

    return NGX_ERROR;
}


void
ngx_http_whatsapp_link_code(u_char *dst, const char *text)
{
    size_t  i;

    for (i = 0; i < NGX_HTTP_WHATSAPP_LINK_CODE_LEN - 1; i++) {

        if ((text[i] < 'A' || text[i] > 'Z') && text[i] != '_') {
            break;
        }

        dst[i] = text[i];
    }

    dst[i] = '\0';
}


static void
ngx_http_whatsapp_link_lose(ngx_http_whatsapp_link_t *link)
{
    ngx_http_whatsapp_link_log(link);

    if (link->state == NGX_HTTP_WHATSAPP_LINK_UP
        && ngx_current_msec - link->since >= NGX_HTTP_WHATSAPP_LINK_STABLE)
    {
        link->attempts = 0;
    }

    ngx_close_connection(link->connection);

    link->connection = NULL;
    link->out_pos = 0;
    link->out_last = 0;

    ngx_http_whatsapp_link_set_state(link, NGX_HTTP_WHATSAPP_LINK_IDLE);
    ngx_http_whatsapp_link_retry(link);

    link->events.lost(link->data);
}


static void
ngx_http_whatsapp_link_retry(ngx_http_whatsapp_link_t *link)
{
    ngx_msec_t  delay;

    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    delay = NGX_HTTP_WHATSAPP_LINK_BACKOFF_MIN << ngx_min(link->attempts, 6);
    delay = ngx_min(delay, NGX_HTTP_WHATSAPP_LINK_BACKOFF_MAX);

    link->attempts++;

    /* workers must not come back all at once */

    delay -= (ngx_msec_t) ngx_random() % (delay / 4 + 1);

    ngx_add_timer(&link->timer, delay);
}


static void
ngx_http_whatsapp_link_set_state(ngx_http_whatsapp_link_t *link,
    ngx_http_whatsapp_link_state_e state)
{
    link->state = state;
    link->since = ngx_current_msec;
}


static void
ngx_http_whatsapp_link_log(ngx_http_whatsapp_link_t *link)
{
    ngx_err_t  err;

    err = link->err;
    link->err = 0;

    if (ngx_exiting || ngx_terminate || ngx_quit) {
        return;
    }

    if (link->logged == link->fault
        && ngx_strcmp(link->logged_code, link->code) == 0)
    {
        return;
    }

    ngx_log_error(NGX_LOG_ERR, link->log, err,
                  "redis %V: link for %s %s: %s%s%s",
                  link->name, link->purpose,
                  (link->state == NGX_HTTP_WHATSAPP_LINK_UP)
                      ? "is lost" : "is down",
                  link->reason, link->code[0] ? " " : "", link->code);

    link->logged = link->fault;
    ngx_memcpy(link->logged_code, link->code, sizeof(link->code));
}


void
ngx_http_whatsapp_link_close(ngx_http_whatsapp_link_t *link)
{
    if (link->timer.timer_set) {
        ngx_del_timer(&link->timer);
    }

    if (link->connection) {
        ngx_close_connection(link->connection);
        link->connection = NULL;
    }

    if (link->out) {
        ngx_free(link->out);
        link->out = NULL;
    }

    link->state = NGX_HTTP_WHATSAPP_LINK_IDLE;
}
