
/*
 * The controller's part of a metrics page. A subrequest fetches it, so that a
 * controller that is down does not fail the page.
 */


#include "ngx_http_whatsapp_status.h"
#include "ngx_http_whatsapp_file.h"
#include "ngx_http_whatsapp_text.h"
#include "ngx_http_whatsapp_upstream.h"


/* for connecting, for writing and for reading, ms each */
#define NGX_HTTP_WHATSAPP_STATUS_TIMEOUT      1000

#define NGX_HTTP_WHATSAPP_STATUS_BUFFER_SIZE  (16 * 1024)
#define NGX_HTTP_WHATSAPP_STATUS_TEXT_MAX     (256 * 1024)

/* most labels of a sample */
#define NGX_HTTP_WHATSAPP_STATUS_LABELS       8


/* a label in the controller's text, name zero-terminated, value unescaped */

typedef struct {
    u_char                          *name;
    ngx_str_t                        value;
} ngx_http_whatsapp_status_label_t;


static ngx_int_t ngx_http_whatsapp_status_asked(ngx_http_request_t *r,
    void *data, ngx_int_t rc);
static ngx_int_t ngx_http_whatsapp_status_fetch(ngx_http_request_t *r);
static ngx_int_t ngx_http_whatsapp_status_create_request(
    ngx_http_request_t *r);
static void ngx_http_whatsapp_status_finalize_request(ngx_http_request_t *r,
    ngx_int_t rc);
static ngx_int_t ngx_http_whatsapp_status_filter_init(void *data);
static ngx_int_t ngx_http_whatsapp_status_filter(void *data, ssize_t bytes);
static void ngx_http_whatsapp_status_convert(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *line);
static u_char *ngx_http_whatsapp_status_label(u_char *p, u_char *last,
    ngx_http_whatsapp_status_label_t *label);
static u_char *ngx_http_whatsapp_status_name(u_char *p, u_char *last);


void
ngx_http_whatsapp_status_upstream(ngx_http_upstream_conf_t *conf)
{
    conf->connect_timeout = NGX_HTTP_WHATSAPP_STATUS_TIMEOUT;
    conf->send_timeout = NGX_HTTP_WHATSAPP_STATUS_TIMEOUT;
    conf->read_timeout = NGX_HTTP_WHATSAPP_STATUS_TIMEOUT;
    conf->buffer_size = NGX_HTTP_WHATSAPP_STATUS_BUFFER_SIZE;
    conf->next_upstream = NGX_CONF_BITMASK_SET|NGX_HTTP_UPSTREAM_FT_OFF;
}


ngx_int_t
ngx_http_whatsapp_status_ask(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page)
{
    ngx_http_request_t          *sr;
    ngx_http_post_subrequest_t  *ps;

    page->controller = NGX_HTTP_WHATSAPP_CONTROLLER_DOWN;

    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));
    if (ps == NULL) {
        return NGX_ERROR;
    }

    ps->handler = ngx_http_whatsapp_status_asked;
    ps->data = page;

    if (ngx_http_subrequest(r, &r->uri, NULL, &sr, ps,
                            NGX_HTTP_SUBREQUEST_WAITED
                            |NGX_HTTP_SUBREQUEST_CLONE)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    sr->method = NGX_HTTP_GET;
    sr->content_handler = ngx_http_whatsapp_status_fetch;

    /* the response is read into this context, which has no route */

    if (ngx_http_whatsapp_get_ctx(sr) == NULL) {
        return NGX_ERROR;
    }

    ngx_http_set_ctx(sr, page, ngx_http_whatsapp_status_module);

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_status_asked(ngx_http_request_t *r, void *data,
    ngx_int_t rc)
{
    ngx_http_whatsapp_page_t *page = data;

    ngx_http_whatsapp_ctx_t  *ctx;

    /* the page reports any failure, unless the client has left */

    if (rc == NGX_HTTP_CLIENT_CLOSED_REQUEST) {
        return rc;
    }

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);

    if (rc == NGX_OK && ctx->status.code == NGX_HTTP_OK && page->text
        && page->text->last == page->text->end)
    {
        page->controller = NGX_HTTP_WHATSAPP_CONTROLLER_UP;
    }

    page->done = 1;

    return NGX_OK;
}


/* the content handler of the subrequest */

static ngx_int_t
ngx_http_whatsapp_status_fetch(ngx_http_request_t *r)
{
    ngx_http_upstream_t                  *u;
    ngx_http_whatsapp_status_loc_conf_t  *slcf;

    slcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_status_module);

    if (ngx_http_whatsapp_create_upstream(r, &slcf->upstream) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    u = r->upstream;

    u->create_request = ngx_http_whatsapp_status_create_request;
    u->finalize_request = ngx_http_whatsapp_status_finalize_request;

    u->input_filter_init = ngx_http_whatsapp_status_filter_init;
    u->input_filter = ngx_http_whatsapp_status_filter;

    r->main->count++;

    ngx_http_upstream_init(r);

    return NGX_DONE;
}


static ngx_int_t
ngx_http_whatsapp_status_create_request(ngx_http_request_t *r)
{
    ngx_buf_t                     *b;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    b = ngx_http_whatsapp_request_buf(r,
            sizeof("GET /metrics HTTP/1.1" CRLF CRLF) - 1
            + NGX_HTTP_WHATSAPP_HEAD_LEN + wlcf->secret.len);

    if (b == NULL) {
        return NGX_ERROR;
    }

    b->last = ngx_sprintf(b->last, "GET /metrics HTTP/1.1" CRLF);
    b->last = ngx_http_whatsapp_request_head(b->last, &wlcf->secret);

    *b->last++ = CR; *b->last++ = LF;

    return NGX_OK;
}


static void
ngx_http_whatsapp_status_finalize_request(ngx_http_request_t *r, ngx_int_t rc)
{
    ngx_log_debug1(NGX_LOG_DEBUG_HTTP, r->connection->log, 0,
                   "finalize http whatsapp status request: %i", rc);
}


static ngx_int_t
ngx_http_whatsapp_status_filter_init(void *data)
{
    ngx_http_request_t *r = data;

    ngx_http_whatsapp_ctx_t   *ctx;
    ngx_http_whatsapp_page_t  *page;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);
    page = ngx_http_get_module_ctx(r, ngx_http_whatsapp_status_module);

    if (ctx->length > NGX_HTTP_WHATSAPP_STATUS_TEXT_MAX) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "whatsapp controller sent too large metrics");
        return NGX_ERROR;
    }

    r->upstream->length = ctx->length;

    page->text = ngx_create_temp_buf(r->pool, ctx->length);

    return page->text ? NGX_OK : NGX_ERROR;
}


/* keeps the body for the page; the subrequest sends nothing */

static ngx_int_t
ngx_http_whatsapp_status_filter(void *data, ssize_t bytes)
{
    ngx_http_request_t *r = data;

    ngx_buf_t                 *b;
    ngx_http_upstream_t       *u;
    ngx_http_whatsapp_ctx_t   *ctx;
    ngx_http_whatsapp_page_t  *page;

    ctx = ngx_http_get_module_ctx(r, ngx_http_whatsapp_module);
    page = ngx_http_get_module_ctx(r, ngx_http_whatsapp_status_module);

    u = r->upstream;
    b = &u->buffer;

    if (bytes > u->length) {
        return NGX_ERROR;
    }

    page->text->last = ngx_cpymem(page->text->last, b->last, bytes);
    b->last += bytes;

    u->length -= bytes;
    u->keepalive = (u->length == 0 && !ctx->close);

    return NGX_OK;
}


void
ngx_http_whatsapp_status_controller_print(ngx_http_whatsapp_page_t *page,
    ngx_http_whatsapp_samples_t *out)
{
    ngx_str_t  rest, line;

    static const char  name[] = "whatsapp_controller_up";

    if (page->controller == NGX_HTTP_WHATSAPP_CONTROLLER_NONE) {
        return;
    }

    ngx_http_whatsapp_sample_head(out, name, "gauge",
                                  "Whether the controller gave its metrics");
    ngx_http_whatsapp_sample_begin(out, name, "");
    ngx_http_whatsapp_sample_end_number(out, page->controller
                                          == NGX_HTTP_WHATSAPP_CONTROLLER_UP);

    if (page->controller == NGX_HTTP_WHATSAPP_CONTROLLER_DOWN) {
        return;
    }

    rest.data = page->text->pos;
    rest.len = page->text->last - page->text->pos;

    if (!out->json) {
        ngx_http_whatsapp_sample_copy(out, &rest);
        return;
    }

    while (ngx_http_whatsapp_next_line(&rest, &line)) {
        ngx_http_whatsapp_status_convert(out, &line);
    }
}


/*
 * Writes the sample of a line as name{label="value",...} number. A line of
 * another form is left out, as is a number that JSON cannot hold.
 */

static void
ngx_http_whatsapp_status_convert(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *line)
{
    u_char                            *p, *last, c;
    ngx_str_t                          value;
    ngx_uint_t                         i, n;
    ngx_http_whatsapp_status_label_t   labels[NGX_HTTP_WHATSAPP_STATUS_LABELS];

    last = line->data + line->len;
    p = ngx_http_whatsapp_status_name(line->data, last);

    if (p == line->data || p == last || (*p != '{' && *p != ' ')) {
        return;
    }

    c = *p;
    *p++ = '\0';
    n = 0;

    if (c == '{') {

        while (p < last && *p != '}') {

            if (n == NGX_HTTP_WHATSAPP_STATUS_LABELS) {
                return;
            }

            p = ngx_http_whatsapp_status_label(p, last, &labels[n++]);

            if (p == NULL) {
                return;
            }
        }

        if (last - p < 2 || p[1] != ' ') {
            return;
        }

        p += 2;
    }

    value.data = p;
    value.len = last - p;

    if (!ngx_http_whatsapp_decimal(&value)) {
        return;
    }

    ngx_http_whatsapp_sample_begin(out, (char *) line->data, "");

    for (i = 0; i < n; i++) {
        ngx_http_whatsapp_sample_label(out, (char *) labels[i].name,
                                       &labels[i].value);
    }

    ngx_http_whatsapp_sample_end(out, &value);
}


/* returns the position after the label and its comma; NULL: no label */

static u_char *
ngx_http_whatsapp_status_label(u_char *p, u_char *last,
    ngx_http_whatsapp_status_label_t *label)
{
    u_char  *dst;

    label->name = p;

    p = ngx_http_whatsapp_status_name(p, last);

    if (p == label->name || last - p < 2 || p[0] != '=' || p[1] != '"') {
        return NULL;
    }

    *p = '\0';
    p += 2;

    label->value.data = p;
    dst = p;

    while (p < last && *p != '"') {

        if (*p != '\\') {
            *dst++ = *p++;
            continue;
        }

        if (++p == last) {
            return NULL;
        }

        *dst++ = (*p == 'n') ? LF : *p;
        p++;
    }

    if (p == last) {
        return NULL;
    }

    label->value.len = dst - label->value.data;

    p++;

    return (p < last && *p == ',') ? p + 1 : p;
}


/* returns the end of the name, p if there is none */

static u_char *
ngx_http_whatsapp_status_name(u_char *p, u_char *last)
{
    u_char  c;

    for ( /* void */ ; p < last; p++) {
        c = *p | 0x20;

        if ((c < 'a' || c > 'z') && (*p < '0' || *p > '9')
            && *p != '_' && *p != ':')
        {
            break;
        }
    }

    return p;
}
