
/*
 * Calls that are made once more, on a new connection to the same peer.
 *
 * A controller that stops answers "shutting_down" to a call that it has not
 * begun.  Its listening socket may outlive it; then the new connection waits
 * there for the next controller.  Where it does not, the connection fails, and
 * the client is told that the controller can't be reached.
 *
 * nginx by itself would pass no POST on whose bytes have left, would give up
 * when the only peer has answered, and would choose another peer among
 * several, which has other sessions.  So the peer's two callbacks are
 * replaced: the balancer's own is told that its peer is done with, and the
 * next attempt gets the same address.
 *
 * The other case is a kept connection that the controller has closed while
 * nginx was about to use it.  nginx tries a new one, but counts a POST as sent
 * before it writes it.
 */


#include "ngx_http_whatsapp_upstream.h"


/* a controller may be restarted again; no chain of them goes on for ever */
#define NGX_HTTP_WHATSAPP_REPEATS       5

/* a call is not repeated with less time than this, ms */
#define NGX_HTTP_WHATSAPP_REPEAT_MIN    1000


/* data of the two callbacks */

typedef struct {
    ngx_http_upstream_conf_t         conf;        /* of the repeats */
    ngx_msec_t                       timeout;     /* of all attempts, ms */

    ngx_event_free_peer_pt           free;        /* the balancer's, or NULL */
    void                            *data;        /* its */

    struct sockaddr                 *sockaddr;
    socklen_t                        socklen;
    ngx_str_t                        name;

    unsigned                         again:1;     /* an attempt follows */
} ngx_http_whatsapp_repeat_t;


static ngx_int_t ngx_http_whatsapp_write(void *data, ngx_chain_t *in);
static ngx_http_whatsapp_repeat_t *ngx_http_whatsapp_take_peer(
    ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_get_peer(ngx_peer_connection_t *pc,
    void *data);
static void ngx_http_whatsapp_free_peer(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state);


void
ngx_http_whatsapp_watch_output(ngx_http_request_t *r)
{
    r->upstream->output.output_filter = ngx_http_whatsapp_write;
    r->upstream->output.filter_ctx = r;
}


/*
 * The output filter of the upstream.  A send by GET may go to no second peer,
 * but this one was not sent, either.
 */

static ngx_int_t
ngx_http_whatsapp_write(void *data, ngx_chain_t *in)
{
    ngx_http_request_t *r = data;

    ngx_int_t                      rc;
    ngx_http_upstream_t           *u;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    u = r->upstream;

    rc = ngx_chain_writer(&u->writer, in);

    if (rc == NGX_ERROR && u->peer.cached && u->peer.connection->sent == 0
        && !r->request_body_no_buffering)
    {
        wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

        u->conf = &wlcf->upstream;
        u->request_sent = 0;
    }

    return rc;
}


ngx_int_t
ngx_http_whatsapp_repeat(ngx_http_request_t *r, ngx_http_whatsapp_ctx_t *ctx)
{
    ngx_msec_t                   passed;
    ngx_http_upstream_t         *u;
    ngx_http_whatsapp_repeat_t  *repeat;

    u = r->upstream;

    if (ctx->repeats == NGX_HTTP_WHATSAPP_REPEATS
        || r->request_body_no_buffering)
    {
        return NGX_DECLINED;
    }

    repeat = ngx_http_whatsapp_take_peer(r);
    if (repeat == NULL) {
        return NGX_ERROR;
    }

    passed = ngx_current_msec - u->peer.start_time;

    if (passed + NGX_HTTP_WHATSAPP_REPEAT_MIN > repeat->timeout) {
        return NGX_DECLINED;
    }

    ngx_log_error(NGX_LOG_INFO, r->connection->log, 0,
                  "whatsapp controller stops, the call is repeated");

    repeat->again = 1;

    ctx->repeats++;
    ctx->repeated = 1;
    ctx->attempts = r->upstream_states->nelts;
    ctx->sent = 0;
    ctx->passed = 0;

    /* the time that is left counts for both, see create_request */

    repeat->conf.read_timeout = repeat->timeout - passed;
    repeat->conf.next_upstream = NGX_HTTP_UPSTREAM_FT_INVALID_HEADER
                                 |NGX_HTTP_UPSTREAM_FT_NON_IDEMPOTENT;

    u->conf = &repeat->conf;
    u->request_bufs = r->request_body ? r->request_body->bufs : NULL;

    if (u->create_request(r) != NGX_OK) {
        return NGX_ERROR;
    }

    return NGX_HTTP_UPSTREAM_INVALID_HEADER;
}


/* the peer's callbacks become ours, once for a request; NULL: no memory */

static ngx_http_whatsapp_repeat_t *
ngx_http_whatsapp_take_peer(ngx_http_request_t *r)
{
    ngx_http_upstream_t         *u;
    ngx_peer_connection_t       *pc;
    ngx_http_whatsapp_repeat_t  *repeat;

    u = r->upstream;
    pc = &u->peer;

    if (pc->get == ngx_http_whatsapp_get_peer) {
        return pc->data;
    }

    repeat = ngx_pcalloc(r->pool, sizeof(ngx_http_whatsapp_repeat_t));
    if (repeat == NULL) {
        return NULL;
    }

    /* a peer may be removed from its zone before the next attempt */

    repeat->sockaddr = ngx_palloc(r->pool, pc->socklen);
    if (repeat->sockaddr == NULL) {
        return NULL;
    }

    ngx_memcpy(repeat->sockaddr, pc->sockaddr, pc->socklen);
    repeat->socklen = pc->socklen;

    repeat->name.data = ngx_pstrdup(r->pool, pc->name);
    if (repeat->name.data == NULL) {
        return NULL;
    }

    repeat->name.len = pc->name->len;

    repeat->conf = *u->conf;
    repeat->conf.next_upstream_timeout = 0;
    repeat->timeout = u->conf->read_timeout;

    repeat->free = pc->free;
    repeat->data = pc->data;

    pc->get = ngx_http_whatsapp_get_peer;
    pc->free = ngx_http_whatsapp_free_peer;
    pc->notify = NULL;
    pc->data = repeat;

    return repeat;
}


static ngx_int_t
ngx_http_whatsapp_get_peer(ngx_peer_connection_t *pc, void *data)
{
    ngx_http_whatsapp_repeat_t *repeat = data;

    pc->cached = 0;
    pc->connection = NULL;

    pc->sockaddr = repeat->sockaddr;
    pc->socklen = repeat->socklen;
    pc->name = &repeat->name;

    /* whatever follows is no reason for another attempt */

    repeat->again = 0;
    repeat->conf.next_upstream = NGX_HTTP_UPSTREAM_FT_OFF;

    return NGX_OK;
}


static void
ngx_http_whatsapp_free_peer(ngx_peer_connection_t *pc, void *data,
    ngx_uint_t state)
{
    ngx_http_whatsapp_repeat_t *repeat = data;

    /* the peer has not failed: it was told to stop */

    if (repeat->free) {
        repeat->free(pc, repeat->data, 0);
        repeat->free = NULL;
    }

    pc->tries = repeat->again;
}
