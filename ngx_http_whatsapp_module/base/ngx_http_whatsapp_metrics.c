
/*
 * Counters of the API in shared memory. Counting takes no lock, unless the
 * call is counted for the first time since nginx was started.
 */


#include "ngx_http_whatsapp_metrics.h"


#define NGX_HTTP_WHATSAPP_METRICS_ZONE_SIZE  (16 * ngx_pagesize)


static ngx_int_t ngx_http_whatsapp_metrics_init_zone(ngx_shm_zone_t *shm_zone,
    void *data);
static ngx_http_whatsapp_metrics_call_t *ngx_http_whatsapp_metrics_call(
    ngx_http_whatsapp_metrics_t *metrics, const ngx_str_t *name);
static ngx_http_whatsapp_metrics_call_t *ngx_http_whatsapp_metrics_find(
    ngx_http_whatsapp_metrics_sh_t *sh, const ngx_str_t *name);


const ngx_msec_t  ngx_http_whatsapp_metrics_limits[] = {
    1, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 10000, 60000
};


ngx_http_whatsapp_metrics_t *
ngx_http_whatsapp_metrics_add(ngx_conf_t *cf, void *tag)
{
    ngx_str_t                     name;
    ngx_shm_zone_t               *shm_zone;
    ngx_http_whatsapp_metrics_t  *metrics;

    metrics = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_metrics_t));
    if (metrics == NULL) {
        return NULL;
    }

    ngx_str_set(&name, "whatsapp_metrics");

    shm_zone = ngx_shared_memory_add(cf, &name,
                                     NGX_HTTP_WHATSAPP_METRICS_ZONE_SIZE,
                                     tag);
    if (shm_zone == NULL) {
        return NULL;
    }

    shm_zone->init = ngx_http_whatsapp_metrics_init_zone;
    shm_zone->data = metrics;

    return metrics;
}


static ngx_int_t
ngx_http_whatsapp_metrics_init_zone(ngx_shm_zone_t *shm_zone, void *data)
{
    ngx_http_whatsapp_metrics_t *previous = data;

    ngx_http_whatsapp_metrics_t  *metrics;

    metrics = shm_zone->data;

    if (previous) {
        metrics->sh = previous->sh;
        metrics->shpool = previous->shpool;
        return NGX_OK;
    }

    metrics->shpool = (ngx_slab_pool_t *) shm_zone->shm.addr;

    if (shm_zone->shm.exists) {
        metrics->sh = metrics->shpool->data;
        return NGX_OK;
    }

    metrics->sh = ngx_slab_calloc(metrics->shpool,
                                  sizeof(ngx_http_whatsapp_metrics_sh_t));
    if (metrics->sh == NULL) {
        return NGX_ERROR;
    }

    metrics->shpool->data = metrics->sh;

    return NGX_OK;
}


void
ngx_http_whatsapp_metrics_request(ngx_http_whatsapp_metrics_t *metrics,
    const ngx_str_t *call, ngx_http_whatsapp_result_e result, ngx_msec_t ms)
{
    ngx_uint_t                         i;
    ngx_http_whatsapp_metrics_call_t  *c;

    c = ngx_http_whatsapp_metrics_call(metrics, call);

    if (c == NULL) {
        return;
    }

    for (i = 0; i < NGX_HTTP_WHATSAPP_METRICS_BUCKETS - 1; i++) {
        if (ms <= ngx_http_whatsapp_metrics_limits[i]) {
            break;
        }
    }

    (void) ngx_atomic_fetch_add(&c->results[result], 1);
    (void) ngx_atomic_fetch_add(&c->buckets[i], 1);
    (void) ngx_atomic_fetch_add(&c->msec, ms);
}


void
ngx_http_whatsapp_metrics_error(ngx_http_whatsapp_metrics_t *metrics,
    ngx_uint_t reason)
{
    if (reason < NGX_HTTP_WHATSAPP_METRICS_ERRORS) {
        (void) ngx_atomic_fetch_add(&metrics->sh->errors[reason], 1);
    }
}


static ngx_http_whatsapp_metrics_call_t *
ngx_http_whatsapp_metrics_call(ngx_http_whatsapp_metrics_t *metrics,
    const ngx_str_t *name)
{
    ngx_http_whatsapp_metrics_sh_t    *sh;
    ngx_http_whatsapp_metrics_call_t  *c;

    sh = metrics->sh;
    c = ngx_http_whatsapp_metrics_find(sh, name);

    if (c || name->len > NGX_HTTP_WHATSAPP_METRICS_NAME_LEN) {
        return c;
    }

    ngx_shmtx_lock(&metrics->shpool->mutex);

    c = ngx_http_whatsapp_metrics_find(sh, name);

    if (c == NULL && sh->ncalls < NGX_HTTP_WHATSAPP_METRICS_CALLS) {

        c = &sh->calls[sh->ncalls];

        ngx_memcpy(c->name, name->data, name->len);
        c->len = (u_char) name->len;

        /* the name must be visible before the number that includes it */

        ngx_memory_barrier();

        sh->ncalls++;
    }

    ngx_shmtx_unlock(&metrics->shpool->mutex);

    return c;
}


static ngx_http_whatsapp_metrics_call_t *
ngx_http_whatsapp_metrics_find(ngx_http_whatsapp_metrics_sh_t *sh,
    const ngx_str_t *name)
{
    ngx_uint_t                         i, n;
    ngx_http_whatsapp_metrics_call_t  *c;

    n = sh->ncalls;

    for (i = 0; i < n; i++) {
        c = &sh->calls[i];

        if (c->len == name->len
            && ngx_memcmp(c->name, name->data, name->len) == 0)
        {
            return c;
        }
    }

    return NULL;
}
