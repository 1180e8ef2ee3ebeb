
/*
 * The peers of whatsapp_pass: its address may have variables, and whoever is
 * not reached by a unix socket must be given a secret.
 */


#include "ngx_http_whatsapp_upstream.h"


static ngx_uint_t ngx_http_whatsapp_resolved_local(ngx_http_request_t *r);


ngx_int_t
ngx_http_whatsapp_eval_pass(ngx_http_request_t *r,
    ngx_http_whatsapp_loc_conf_t *wlcf)
{
    ngx_url_t             url;
    ngx_http_upstream_t  *u;

    ngx_memzero(&url, sizeof(ngx_url_t));

    if (ngx_http_complex_value(r, wlcf->pass, &url.url) != NGX_OK) {
        return NGX_ERROR;
    }

    url.no_resolve = 1;

    if (ngx_parse_url(r->pool, &url) != NGX_OK) {
        if (url.err) {
            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "%s in whatsapp upstream \"%V\"",
                          url.err, &url.url);
        }

        return NGX_ERROR;
    }

    u = r->upstream;

    u->resolved = ngx_pcalloc(r->pool, sizeof(ngx_http_upstream_resolved_t));
    if (u->resolved == NULL) {
        return NGX_ERROR;
    }

    if (url.addrs) {
        u->resolved->sockaddr = url.addrs[0].sockaddr;
        u->resolved->socklen = url.addrs[0].socklen;
        u->resolved->name = url.addrs[0].name;
        u->resolved->naddrs = 1;
    }

    u->resolved->host = url.host;
    u->resolved->port = url.port;
    u->resolved->no_port = url.no_port;

    if (wlcf->secret.len == 0 && !ngx_http_whatsapp_resolved_local(r)) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp upstream \"%V\" is not a unix socket and "
                      "needs \"whatsapp_secret_file\"", &url.url);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_whatsapp_resolved_local(ngx_http_request_t *r)
{
    ngx_str_t                       *host;
    ngx_uint_t                       i;
    ngx_http_upstream_resolved_t    *resolved;
    ngx_http_upstream_srv_conf_t   **uscfp;
    ngx_http_upstream_main_conf_t   *umcf;

    resolved = r->upstream->resolved;

    if (resolved->sockaddr) {
        return resolved->sockaddr->sa_family == AF_UNIX;
    }

    host = &resolved->host;

    umcf = ngx_http_get_module_main_conf(r, ngx_http_upstream_module);

    uscfp = umcf->upstreams.elts;

    for (i = 0; i < umcf->upstreams.nelts; i++) {

        if (uscfp[i]->host.len == host->len
            && ((uscfp[i]->port == 0 && resolved->no_port)
                || uscfp[i]->port == resolved->port)
            && ngx_strncasecmp(uscfp[i]->host.data, host->data, host->len)
               == 0)
        {
            return ngx_http_whatsapp_upstream_local(uscfp[i]);
        }
    }

    return 0;
}


ngx_uint_t
ngx_http_whatsapp_upstream_local(ngx_http_upstream_srv_conf_t *us)
{
    ngx_uint_t                   i, j;
    ngx_http_upstream_server_t  *server;

    /* the name is resolved at run time */

    if (us->servers == NULL) {
        return 0;
    }

    server = us->servers->elts;

    for (i = 0; i < us->servers->nelts; i++) {

        if (server[i].naddrs == 0) {
            return 0;
        }

        for (j = 0; j < server[i].naddrs; j++) {
            if (server[i].addrs[j].sockaddr->sa_family != AF_UNIX) {
                return 0;
            }
        }
    }

    return 1;
}
