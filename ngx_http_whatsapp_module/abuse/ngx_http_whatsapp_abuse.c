
/*
 * The check of the client's address, and the strikes against it.
 *
 * The cache or Redis is asked once for a request and a zone. The answer is
 * kept in a cleanup of the request's pool, as realip does, since an internal
 * redirect loses the module's context. Each location that the request passes
 * decides anew what follows from the answer, so neither try_files nor a
 * location in dry run opens another one. A refused request passes only to the
 * error page of its refusal.
 *
 * A request that waits for Redis is suspended in the PREACCESS phase and
 * entered again when the answer or the timeout comes. Strikes are counted in
 * the LOG phase, when all verdicts about the request are known.
 */


#include "ngx_http_whatsapp_abuse.h"


typedef struct {
    ngx_http_whatsapp_abuse_waiter_t  waiter;
    ngx_http_request_t               *request;
    ngx_http_whatsapp_abuse_ctx_t    *ctx;
} ngx_http_whatsapp_abuse_wait_t;


static ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_abuse_get_ctx(
    ngx_http_request_t *r, ngx_http_whatsapp_abuse_zone_t *zone);
static ngx_http_whatsapp_abuse_ctx_t *ngx_http_whatsapp_abuse_create_ctx(
    ngx_http_request_t *r, ngx_http_whatsapp_abuse_zone_t *zone);
static ngx_pool_cleanup_t *ngx_http_whatsapp_abuse_next_ctx(
    ngx_pool_cleanup_t *cln);
static void ngx_http_whatsapp_abuse_cleanup(void *data);
static ngx_int_t ngx_http_whatsapp_abuse_find_fact(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_abuse_suspend(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx);
static void ngx_http_whatsapp_abuse_resume(
    ngx_http_whatsapp_abuse_waiter_t *waiter,
    ngx_http_whatsapp_abuse_verdict_t *verdict);
static void ngx_http_whatsapp_abuse_cancel(void *data);
static void ngx_http_whatsapp_abuse_set_fact(
    ngx_http_whatsapp_abuse_ctx_t *ctx,
    ngx_http_whatsapp_abuse_verdict_t *verdict,
    ngx_http_whatsapp_abuse_cache_e cache);
static void ngx_http_whatsapp_abuse_set_unknown(
    ngx_http_whatsapp_abuse_ctx_t *ctx);
static ngx_int_t ngx_http_whatsapp_abuse_enforce(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx,
    ngx_http_whatsapp_abuse_loc_conf_t *alcf);
static ngx_int_t ngx_http_whatsapp_abuse_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx, ngx_uint_t status, time_t retry);
static void ngx_http_whatsapp_abuse_note_limits(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx);
static ngx_uint_t ngx_http_whatsapp_abuse_limit_struck(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx, ngx_uint_t cause, ngx_int_t index);
static void ngx_http_whatsapp_abuse_count_strikes(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx);


ngx_int_t
ngx_http_whatsapp_abuse_handler(ngx_http_request_t *r)
{
    ngx_int_t                            rc;
    ngx_http_request_t                  *pr;
    ngx_pool_cleanup_t                  *cln;
    ngx_http_whatsapp_abuse_ctx_t       *ctx;
    ngx_http_whatsapp_abuse_loc_conf_t  *alcf;

    cln = ngx_http_whatsapp_abuse_next_ctx(r->pool->cleanup);

    while (cln) {
        ngx_http_whatsapp_abuse_note_limits(r, cln->data);
        cln = ngx_http_whatsapp_abuse_next_ctx(cln->next);
    }

    alcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_abuse_module);

    if (alcf->shm_zone == NULL) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_whatsapp_abuse_decision(r);

    if (ctx && ctx->refused) {

        /* a refused request may load its error page and parts of it */

        for (pr = r; pr; pr = pr->parent) {
            if (pr == ctx->request) {
                return NGX_DECLINED;
            }
        }
    }

    ctx = ngx_http_whatsapp_abuse_get_ctx(r, alcf->shm_zone->data);
    if (ctx == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    rc = ctx->exempt ? NGX_DECLINED
                     : ngx_http_test_predicates(r, alcf->bypass);

    if (rc == NGX_ERROR) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (rc == NGX_DECLINED) {
        ctx->status = NGX_HTTP_WHATSAPP_ABUSE_BYPASSED;
        return NGX_DECLINED;
    }

    if (ctx->conf == NULL && alcf->strikes) {
        ctx->conf = alcf;
    }

    if (ctx->fact == NGX_HTTP_WHATSAPP_ABUSE_FACT_NONE) {
        rc = ngx_http_whatsapp_abuse_find_fact(r, ctx);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_whatsapp_abuse_enforce(r, ctx, alcf);
}


static ngx_http_whatsapp_abuse_ctx_t *
ngx_http_whatsapp_abuse_get_ctx(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    cln = ngx_http_whatsapp_abuse_next_ctx(r->pool->cleanup);

    while (cln) {
        ctx = cln->data;

        if (ctx->zone == zone) {
            return ctx;
        }

        cln = ngx_http_whatsapp_abuse_next_ctx(cln->next);
    }

    return ngx_http_whatsapp_abuse_create_ctx(r, zone);
}


static ngx_http_whatsapp_abuse_ctx_t *
ngx_http_whatsapp_abuse_create_ctx(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_int_t                       rc;
    ngx_pool_cleanup_t             *cln;
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_whatsapp_abuse_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_whatsapp_abuse_ctx_t));

    ctx->zone = zone;

    ngx_http_whatsapp_abuse_note_limits(r, ctx);

    rc = ngx_http_whatsapp_abuse_address_key(&zone->address,
                                           r->connection->sockaddr, &ctx->key);
    if (rc == NGX_ERROR) {
        return NULL;
    }

    ctx->exempt = (rc == NGX_DECLINED);

    cln->handler = ngx_http_whatsapp_abuse_cleanup;

    return ctx;
}


static ngx_pool_cleanup_t *
ngx_http_whatsapp_abuse_next_ctx(ngx_pool_cleanup_t *cln)
{
    while (cln && cln->handler != ngx_http_whatsapp_abuse_cleanup) {
        cln = cln->next;
    }

    return cln;
}


/* the handler's address marks our contexts among the pool's cleanups */

static void
ngx_http_whatsapp_abuse_cleanup(void *data)
{
}


ngx_http_whatsapp_abuse_ctx_t *
ngx_http_whatsapp_abuse_decision(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_whatsapp_abuse_ctx_t  *ctx, *found;

    found = NULL;

    cln = ngx_http_whatsapp_abuse_next_ctx(r->pool->cleanup);

    while (cln) {
        ctx = cln->data;

        if (found == NULL || ctx->refused) {
            found = ctx;
        }

        cln = ngx_http_whatsapp_abuse_next_ctx(cln->next);
    }

    return found;
}


static ngx_int_t
ngx_http_whatsapp_abuse_find_fact(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx)
{
    ngx_http_whatsapp_abuse_verdict_t  verdict;

    ngx_http_whatsapp_abuse_cache_get(&ctx->zone->cache, &ctx->key, &verdict);

    if (verdict.fresh || !ctx->zone->cache.redis) {
        ngx_http_whatsapp_abuse_set_fact(ctx, &verdict,
                                         NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT);
        return NGX_OK;
    }

    return ngx_http_whatsapp_abuse_suspend(r, ctx);
}


static ngx_int_t
ngx_http_whatsapp_abuse_suspend(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx)
{
    ngx_http_cleanup_t              *cln;
    ngx_http_whatsapp_abuse_wait_t  *wait;

    wait = ngx_pcalloc(r->pool, sizeof(ngx_http_whatsapp_abuse_wait_t));
    if (wait == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    wait->waiter.handler = ngx_http_whatsapp_abuse_resume;
    wait->waiter.data = wait;
    wait->request = r;
    wait->ctx = ctx;

    cln = ngx_http_cleanup_add(r, 0);
    if (cln == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    cln->handler = ngx_http_whatsapp_abuse_cancel;
    cln->data = &wait->waiter;

    if (ngx_http_whatsapp_abuse_bans_lookup(ctx->zone, &ctx->key,
                                            &wait->waiter, r->connection->log)
        != NGX_AGAIN)
    {
        ngx_http_whatsapp_abuse_set_unknown(ctx);
        return NGX_OK;
    }

    /* the main request watches the client for its subrequests */

    if (r == r->main) {
        r->read_event_handler = ngx_http_test_reading;

        if (r->connection->read->ready) {
            ngx_post_event(r->connection->read, &ngx_posted_events);

        } else if (ngx_handle_read_event(r->connection->read, 0) != NGX_OK) {
            ngx_http_whatsapp_abuse_bans_cancel(&wait->waiter);
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    r->write_event_handler = ngx_http_request_empty_handler;

    return NGX_AGAIN;
}


static void
ngx_http_whatsapp_abuse_resume(ngx_http_whatsapp_abuse_waiter_t *waiter,
    ngx_http_whatsapp_abuse_verdict_t *verdict)
{
    ngx_connection_t                *c;
    ngx_http_request_t              *r;
    ngx_http_whatsapp_abuse_wait_t  *wait;

    wait = waiter->data;
    r = wait->request;
    c = r->connection;

    ngx_http_set_log_request(c->log, r);

    if (verdict) {
        ngx_http_whatsapp_abuse_set_fact(wait->ctx, verdict,
                                         NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS);

    } else {
        ngx_http_whatsapp_abuse_set_unknown(wait->ctx);
    }

    if (r == r->main) {
        r->read_event_handler = ngx_http_block_reading;
    }

    r->write_event_handler = ngx_http_core_run_phases;

    ngx_http_core_run_phases(r);

    ngx_http_run_posted_requests(c);
}


static void
ngx_http_whatsapp_abuse_cancel(void *data)
{
    ngx_http_whatsapp_abuse_bans_cancel(data);
}


static void
ngx_http_whatsapp_abuse_set_fact(ngx_http_whatsapp_abuse_ctx_t *ctx,
    ngx_http_whatsapp_abuse_verdict_t *verdict,
    ngx_http_whatsapp_abuse_cache_e cache)
{
    ctx->cache = cache;

    if (verdict->fact != NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED) {
        ctx->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR;
        return;
    }

    ctx->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED;
    ctx->until = (verdict->remaining == NGX_HTTP_WHATSAPP_ABUSE_FOREVER)
                 ? NGX_HTTP_WHATSAPP_ABUSE_FOREVER
                 : ngx_current_msec + verdict->remaining;
}


/* without an answer of Redis, a ban in shared memory still holds */

static void
ngx_http_whatsapp_abuse_set_unknown(ngx_http_whatsapp_abuse_ctx_t *ctx)
{
    ngx_http_whatsapp_abuse_verdict_t  verdict;

    ngx_http_whatsapp_abuse_cache_get(&ctx->zone->cache, &ctx->key, &verdict);

    if (verdict.fact == NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED) {
        ngx_http_whatsapp_abuse_set_fact(ctx, &verdict,
                                         NGX_HTTP_WHATSAPP_ABUSE_CACHE_STALE);
        return;
    }

    ctx->fact = NGX_HTTP_WHATSAPP_ABUSE_FACT_UNKNOWN;
    ctx->cache = NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS;
}


static ngx_int_t
ngx_http_whatsapp_abuse_enforce(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx,
    ngx_http_whatsapp_abuse_loc_conf_t *alcf)
{
    time_t  retry;

    switch (ctx->fact) {

    case NGX_HTTP_WHATSAPP_ABUSE_FACT_BANNED:

        ngx_log_error(alcf->log_level, r->connection->log, 0,
                      "turning away banned client%s, zone \"%V\"",
                      alcf->dry_run ? ", dry run" : "", &ctx->zone->name);

        if (alcf->dry_run) {
            ctx->status = NGX_HTTP_WHATSAPP_ABUSE_DRY_RUN;
            return NGX_DECLINED;
        }

        retry = 0;

        if (ctx->until != NGX_HTTP_WHATSAPP_ABUSE_FOREVER) {
            retry = 1;

            if (ctx->until > ngx_current_msec) {
                retry = (ctx->until - ngx_current_msec + 999) / 1000;
            }
        }

        ctx->status = NGX_HTTP_WHATSAPP_ABUSE_BLOCKED;

        return ngx_http_whatsapp_abuse_refuse(r, ctx, alcf->status, retry);

    case NGX_HTTP_WHATSAPP_ABUSE_FACT_UNKNOWN:

        ctx->status = NGX_HTTP_WHATSAPP_ABUSE_ERROR;

        if (alcf->fail == NGX_HTTP_WHATSAPP_ABUSE_FAIL_OPEN
            || alcf->dry_run)
        {
            return NGX_DECLINED;
        }

        return ngx_http_whatsapp_abuse_refuse(r, ctx,
                                         NGX_HTTP_SERVICE_UNAVAILABLE, 1);

    default: /* NGX_HTTP_WHATSAPP_ABUSE_FACT_CLEAR */

        ctx->status = NGX_HTTP_WHATSAPP_ABUSE_PASSED;
        return NGX_DECLINED;
    }
}


static ngx_int_t
ngx_http_whatsapp_abuse_refuse(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx, ngx_uint_t status, time_t retry)
{
    u_char           *p;
    ngx_table_elt_t  *h;

    ctx->refused = status;
    ctx->request = r;

    if (retry == 0) {
        return status;
    }

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    p = ngx_pnalloc(r->pool, NGX_TIME_T_LEN);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    h->hash = 1;
    ngx_str_set(&h->key, "Retry-After");
    h->value.data = p;
    h->value.len = ngx_sprintf(p, "%T", retry) - p;

    return status;
}


void
ngx_http_whatsapp_abuse_strike(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_strike_e cause)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    cln = ngx_http_whatsapp_abuse_next_ctx(r->pool->cleanup);

    while (cln) {
        ctx = cln->data;
        ctx->struck |= 1 << cause;

        cln = ngx_http_whatsapp_abuse_next_ctx(cln->next);
    }
}


ngx_int_t
ngx_http_whatsapp_abuse_log(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t             *cln;
    ngx_http_whatsapp_abuse_ctx_t  *ctx;

    if (r != r->main) {
        return NGX_OK;
    }

    cln = ngx_http_whatsapp_abuse_next_ctx(r->pool->cleanup);

    while (cln) {
        ctx = cln->data;

        ngx_http_whatsapp_abuse_cache_count(&ctx->zone->cache,
                                            verdicts[ctx->status][ctx->cache]);

        if (ctx->conf) {
            ngx_http_whatsapp_abuse_count_strikes(r, ctx);
        }

        cln = ngx_http_whatsapp_abuse_next_ctx(cln->next);
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_abuse_count_strikes(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx)
{
    ngx_uint_t                            i, struck;
    ngx_http_whatsapp_abuse_verdict_t     verdict;
    ngx_http_whatsapp_abuse_loc_conf_t   *alcf;
    ngx_http_whatsapp_abuse_main_conf_t  *amcf;

    alcf = ctx->conf;
    amcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_abuse_module);

    struck = ctx->struck;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_LIMITS; i++) {
        if (ngx_http_whatsapp_abuse_limit_struck(r, ctx, i,
                                                 amcf->limit_index[i]))
        {
            struck |= 1 << i;
        }
    }

    struck &= alcf->strikes->causes;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES; i++) {

        if (!(struck & (1 << i))) {
            continue;
        }

        ngx_http_whatsapp_abuse_cache_count(&ctx->zone->cache, strikes[i]);

        if (ngx_http_whatsapp_abuse_cache_strike(&ctx->zone->cache, &ctx->key,
                                                 alcf->strikes, alcf->dry_run,
                                                 &verdict)
            != NGX_DONE)
        {
            continue;
        }

        ngx_log_error(alcf->log_level, r->connection->log, 0,
                      "banning client%s for %Ms, level %ui, zone \"%V\"",
                      alcf->dry_run ? ", dry run," : "",
                      verdict.remaining / 1000, verdict.level,
                      &ctx->zone->name);

        if (!alcf->dry_run) {
            ngx_http_whatsapp_abuse_cache_count(&ctx->zone->cache, bans);
            ngx_http_whatsapp_abuse_bans_write(ctx->zone, &ctx->key, &verdict);
        }
    }
}


/*
 * A limit gives one verdict about a request, in the first location that has
 * zones for it. This handler comes before it, so the last zones that it finds
 * without a verdict are those that decided.
 */

static void
ngx_http_whatsapp_abuse_note_limits(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx)
{
    ngx_http_whatsapp_limits_loc_conf_t  *llcf;

    llcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_limits_module);

    if (r->main->limit_req_status == 0) {
        ctx->limits[NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] =
                      llcf->zones[NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ];
    }

    if (r->main->limit_conn_status == 0) {
        ctx->limits[NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] =
                      llcf->zones[NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN];
    }
}


/*
 * A refusal by one of several zones counts if each of them is named. Limits in
 * dry run say "REJECTED_DRY_RUN", which is no strike.
 */

static ngx_uint_t
ngx_http_whatsapp_abuse_limit_struck(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_ctx_t *ctx, ngx_uint_t cause, ngx_int_t index)
{
    ngx_array_t                *named;
    ngx_http_variable_value_t  *vv;

    named = ctx->conf->strikes->zones[cause];

    if (named == NULL || ctx->limits[cause] == NULL
        || ngx_http_whatsapp_limits_unnamed(ctx->limits[cause], named))
    {
        return 0;
    }

    vv = ngx_http_get_flushed_variable(r, index);

    return vv != NULL && !vv->not_found
           && vv->len == sizeof("REJECTED") - 1
           && ngx_strncmp(vv->data, "REJECTED", vv->len) == 0;
}
