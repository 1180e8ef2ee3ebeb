
/*
 * The pages for people, which are constants: the one that links an account,
 * and the one of all sessions.  They hold nothing; their scripts ask for a
 * token and call the API with it.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_page_source.h"

#include <openssl/evp.h>


#define NGX_HTTP_WHATSAPP_POLICY_LEN    512
#define NGX_HTTP_WHATSAPP_HASH_LEN      32

/* the line of a page where the link to the privacy policy comes */
#define NGX_HTTP_WHATSAPP_PAGE_MARK     "<!-- policy -->\n"


typedef struct {
    const char                 *source;
    const size_t               *size;
    const char                 *link;     /* to the privacy policy; %s: "../"
                                             if the URI has a slash at its
                                             end, else "" */
    ngx_str_t                   policy;   /* empty: not made so far */
    u_char                      text[NGX_HTTP_WHATSAPP_POLICY_LEN];
} ngx_http_whatsapp_page_t;


static ngx_int_t ngx_http_whatsapp_answer_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_page_t *page);
static ngx_int_t ngx_http_whatsapp_page_text(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page, ngx_str_t *text);
static ngx_int_t ngx_http_whatsapp_page_policy(ngx_http_whatsapp_page_t *page);


/*
 * The browser may do what the page does and nothing more: run its script and
 * style, call this host, and show the picture that it makes of an answer.
 */

static const char  ngx_http_whatsapp_policy[] =
    "default-src 'none'; script-src 'sha256-%V'; style-src 'sha256-%V'; "
    "connect-src 'self'; img-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'; require-trusted-types-for 'script'";


/* every session has the same page, also one that does not exist */

ngx_int_t
ngx_http_whatsapp_build_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    static ngx_http_whatsapp_page_t  page = {
        .source = ngx_http_whatsapp_page_source,
        .size = &ngx_http_whatsapp_page_source_size,
        .link = "<p class=\"hint\"><a href=\"%s../../privacy\" "
                "target=\"_blank\" rel=\"noopener privacy-policy\">"
                "Privacy policy</a></p>\n"
    };

    return ngx_http_whatsapp_answer_page(r, ctx, &page);
}


ngx_int_t
ngx_http_whatsapp_build_sessions_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_json_t *body)
{
    static ngx_http_whatsapp_page_t  page = {
        .source = ngx_http_whatsapp_sessions_page_source,
        .size = &ngx_http_whatsapp_sessions_page_source_size,
        .link = "<footer class=\"dim\"><a href=\"%s../privacy\" "
                "target=\"_blank\" rel=\"noopener privacy-policy\">"
                "Privacy policy</a></footer>\n"
    };

    return ngx_http_whatsapp_answer_page(r, ctx, &page);
}


static ngx_int_t
ngx_http_whatsapp_answer_page(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx, ngx_http_whatsapp_page_t *page)
{
    ngx_uint_t  i;

    static struct {
        const char  *name;
        ngx_str_t    value;
    } headers[] = {
        { "Referrer-Policy", ngx_string("no-referrer") },
        { "X-Content-Type-Options", ngx_string("nosniff") }
    };

    if (ngx_http_whatsapp_page_policy(page) != NGX_OK
        || ngx_http_whatsapp_add_header(r, "Content-Security-Policy",
                                        &page->policy)
           != NGX_OK)
    {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    for (i = 0; i < sizeof(headers) / sizeof(headers[0]); i++) {
        if (ngx_http_whatsapp_add_header(r, headers[i].name,
                                         &headers[i].value)
            != NGX_OK)
        {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    ngx_str_set(&ctx->answer_type, "text/html; charset=UTF-8");

    return ngx_http_whatsapp_page_text(r, page, &ctx->answer);
}


/* the page, with the link in the place of its mark if a policy is served */

static ngx_int_t
ngx_http_whatsapp_page_text(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page, ngx_str_t *text)
{
    char                          *mark;
    u_char                        *p;
    const char                    *last;
    ngx_http_whatsapp_loc_conf_t  *wlcf;

    wlcf = ngx_http_get_module_loc_conf(r, ngx_http_whatsapp_module);

    last = page->source + *page->size;
    mark = ngx_strstr(page->source, NGX_HTTP_WHATSAPP_PAGE_MARK);

    if (mark == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    p = ngx_pnalloc(r->pool, *page->size + ngx_strlen(page->link)
                             + sizeof("../") - 1);
    if (p == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    text->data = p;

    p = ngx_cpymem(p, page->source, mark - page->source);

    if (wlcf->policy) {
        p = ngx_sprintf(p, page->link,
                        r->uri.data[r->uri.len - 1] == '/' ? "../" : "");
    }

    mark += sizeof(NGX_HTTP_WHATSAPP_PAGE_MARK) - 1;

    p = ngx_cpymem(p, mark, last - mark);

    text->len = p - text->data;

    return NGX_DECLINED;
}


/* a page is a constant, so each process makes its digests only once */

static ngx_int_t
ngx_http_whatsapp_page_policy(ngx_http_whatsapp_page_t *page)
{
    u_char     hashes[2 * NGX_HTTP_WHATSAPP_PAGE_HASH_LEN];
    ngx_str_t  script, style;

    if (page->policy.len) {
        return NGX_OK;
    }

    script.data = hashes;
    style.data = hashes + NGX_HTTP_WHATSAPP_PAGE_HASH_LEN;

    if (ngx_http_whatsapp_page_hash(page->source, "<script>", "</script>",
                                    &script)
        != NGX_OK
        || ngx_http_whatsapp_page_hash(page->source, "<style>", "</style>",
                                       &style)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    page->policy.data = page->text;
    page->policy.len = ngx_snprintf(page->text, NGX_HTTP_WHATSAPP_POLICY_LEN,
                                    ngx_http_whatsapp_policy, &script, &style)
                       - page->text;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_page_hash(const char *page, const char *from,
    const char *to, ngx_str_t *hash)
{
    char       *start, *end;
    u_char      digest[NGX_HTTP_WHATSAPP_HASH_LEN];
    ngx_str_t   src;

    start = ngx_strstr(page, from);
    end = ngx_strstr(page, to);

    if (start == NULL || end == NULL) {
        return NGX_ERROR;
    }

    start += ngx_strlen(from);

    if (EVP_Digest(start, end - start, digest, NULL, EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    src.data = digest;
    src.len = NGX_HTTP_WHATSAPP_HASH_LEN;

    ngx_encode_base64(hash, &src);

    return NGX_OK;
}
