
/*
 * whatsapp_abuse_forget: a location by which an operator has this nginx forget
 * an address, which without Redis nothing else can. The address stands in a
 * header, as URIs are logged.
 */


#include "ngx_http_whatsapp_abuse.h"
#include "ngx_http_whatsapp_request.h"
#include "ngx_http_whatsapp_status.h"
#include "protocol/abuse.h"


static ngx_int_t ngx_http_whatsapp_forget_handler(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_forget_key(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key);
static ngx_int_t ngx_http_whatsapp_forget_send(ngx_http_request_t *r,
    ngx_uint_t forgotten);


static ngx_int_t
ngx_http_whatsapp_forget_handler(ngx_http_request_t *r)
{
    ngx_int_t                             rc;
    ngx_http_whatsapp_abuse_key_t         key;
    ngx_http_whatsapp_abuse_zone_t       *zone;
    ngx_http_whatsapp_status_loc_conf_t  *slcf;

    if (r->method != NGX_HTTP_DELETE) {
        return NGX_HTTP_NOT_ALLOWED;
    }

    rc = ngx_http_discard_request_body(r);

    if (rc != NGX_OK) {
        return rc;
    }

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_status_module);
    zone = slcf->forget->data;

    if (ngx_http_whatsapp_forget_key(r, zone, &key) != NGX_OK) {
        return NGX_HTTP_BAD_REQUEST;
    }

    return ngx_http_whatsapp_forget_send(r,
                     ngx_http_whatsapp_abuse_cache_forget(&zone->cache, &key));
}


/* the key of the address in the header, of which a network's size is cut */

static ngx_int_t
ngx_http_whatsapp_forget_key(ngx_http_request_t *r,
    ngx_http_whatsapp_abuse_zone_t *zone, ngx_http_whatsapp_abuse_key_t *key)
{
    u_char                     *slash;
    ngx_str_t                  *value, text;
    ngx_addr_t                  addr;
    ngx_http_whatsapp_place_t   place;

    ngx_memzero(&place, sizeof(ngx_http_whatsapp_place_t));

    value = ngx_http_whatsapp_next_header(r, WHATSAPP_FORGET_HEADER, &place);
    if (value == NULL) {
        return NGX_DECLINED;
    }

    /* a digest, as a zone with hash_key_file keeps it */

    if (ngx_strncmp(value->data, "h:", 2) == 0) {
        return ngx_http_whatsapp_abuse_address_parse(value, key);
    }

    text = *value;
    slash = ngx_strlchr(text.data, text.data + text.len, '/');

    if (slash) {
        text.len = slash - text.data;
    }

    if (ngx_parse_addr(r->pool, &addr, text.data, text.len) != NGX_OK) {
        return NGX_DECLINED;
    }

    return ngx_http_whatsapp_abuse_address_key(&zone->address, addr.sockaddr,
                                               key);
}


static ngx_int_t
ngx_http_whatsapp_forget_send(ngx_http_request_t *r, ngx_uint_t forgotten)
{
    ngx_int_t     rc;
    ngx_buf_t    *b;
    ngx_chain_t   out;

    static ngx_str_t  answers[] = {
        ngx_string("{\"forgotten\":false}" CRLF),
        ngx_string("{\"forgotten\":true}" CRLF)
    };

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    b->pos = answers[forgotten].data;
    b->last = b->pos + answers[forgotten].len;
    b->memory = 1;
    b->last_buf = (r == r->main) ? 1 : 0;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    r->headers_out.status = NGX_HTTP_OK;
    r->headers_out.content_length_n = answers[forgotten].len;
    ngx_str_set(&r->headers_out.content_type, "application/json");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        return rc;
    }

    return ngx_http_output_filter(r, &out);
}


char *
ngx_http_whatsapp_forget(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_status_loc_conf_t *slcf = conf;

    ngx_str_t                 *value;
    ngx_http_core_loc_conf_t  *clcf;

    if (slcf->forget) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->handler) {
        return "stands beside another content handler";
    }

    clcf->handler = ngx_http_whatsapp_forget_handler;

    ngx_http_whatsapp_conf_place(cf, &slcf->place);

    value = cf->args->elts;
    slcf->forget = ngx_http_whatsapp_abuse_read_zone(cf, &value[1], "");

    return slcf->forget ? NGX_CONF_OK : NGX_CONF_ERROR;
}


char *
ngx_http_whatsapp_forget_merge(ngx_conf_t *cf,
    ngx_http_whatsapp_status_loc_conf_t *prev,
    ngx_http_whatsapp_status_loc_conf_t *conf)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if ((clcf->noname || clcf->lmt_excpt)
        && prev->forget && clcf->handler == NULL)
    {
        *conf = *prev;
        clcf->handler = ngx_http_whatsapp_forget_handler;
    }

    if (conf->forget && clcf->handler != ngx_http_whatsapp_forget_handler) {
        ngx_http_whatsapp_conf_error(cf, &conf->place,
            "\"whatsapp_abuse_forget\" in location \"%V\" stands beside "
            "another content handler", &clcf->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
