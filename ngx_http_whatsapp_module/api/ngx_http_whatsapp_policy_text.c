
/*
 * The texts of the privacy policy, which are made with the configuration.  The
 * built-in ones are PRIVACY.md, as it is and as a page, with the operator's
 * contact; whatsapp_privacy_policy may name files instead.
 */


#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_file.h"
#include "ngx_http_whatsapp_policy_source.h"
#include "ngx_http_whatsapp_text.h"

#include <openssl/evp.h>


#define NGX_HTTP_WHATSAPP_CSP_LEN       256

/* bytes of a digest that an ETag has, in hexadecimal, and its quotes */
#define NGX_HTTP_WHATSAPP_ETAG_BYTES    16
#define NGX_HTTP_WHATSAPP_ETAG_LEN      (2 * NGX_HTTP_WHATSAPP_ETAG_BYTES + 2)

/* most characters of a contact, the longest that a mail address may have */
#define NGX_HTTP_WHATSAPP_CONTACT_LEN   254

/* the line of the built-in texts that the contact replaces */
#define NGX_HTTP_WHATSAPP_CONTACT_MARK  "<!-- contact -->\n"


static char *ngx_http_whatsapp_policy_word(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t word, ngx_str_t *contact);
static char *ngx_http_whatsapp_policy_file(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t *name);
static ngx_int_t ngx_http_whatsapp_policy_type(ngx_str_t *name);
static char *ngx_http_whatsapp_policy_check(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text);
static ngx_uint_t ngx_http_whatsapp_is_contact(ngx_str_t *contact);
static ngx_uint_t ngx_http_whatsapp_is_mail(ngx_str_t *contact);
static ngx_int_t ngx_http_whatsapp_policy_built_in(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t *contact);
static ngx_int_t ngx_http_whatsapp_policy_insert(ngx_conf_t *cf,
    ngx_str_t *text, const char *source, size_t size, ngx_str_t *contact);
static ngx_int_t ngx_http_whatsapp_policy_html(ngx_conf_t *cf,
    ngx_str_t *contact, ngx_str_t *line);
static ngx_int_t ngx_http_whatsapp_policy_markdown(ngx_conf_t *cf,
    ngx_str_t *contact, ngx_str_t *line);
static ngx_int_t ngx_http_whatsapp_policy_style(ngx_conf_t *cf,
    ngx_str_t *csp);
static ngx_int_t ngx_http_whatsapp_policy_etag(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_form_t *form);


/* a file of the operator's may have styles and pictures, but no scripts */

static ngx_str_t  ngx_http_whatsapp_policy_file_csp = ngx_string(
    "default-src 'none'; style-src 'unsafe-inline'; img-src 'self' data:; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'");


char *
ngx_http_whatsapp_privacy_policy(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    char                        *rv;
    ngx_str_t                   *value, contact;
    ngx_uint_t                   i;
    ngx_http_whatsapp_policy_t  *policy;

    if (wlcf->policy != NGX_CONF_UNSET_PTR) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (cf->args->nelts == 2 && ngx_http_whatsapp_text_is(&value[1], "off")) {
        wlcf->policy = NULL;
        return NGX_CONF_OK;
    }

    policy = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_policy_t));
    if (policy == NULL) {
        return NGX_CONF_ERROR;
    }

    wlcf->policy = policy;

    ngx_str_null(&contact);

    for (i = 1; i < cf->args->nelts; i++) {
        rv = ngx_http_whatsapp_policy_word(cf, policy, value[i], &contact);

        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    if (policy->files) {
        return contact.len ? "puts \"contact=\" into the built-in text only: "
                             "write it into the file"
                           : NGX_CONF_OK;
    }

    if (contact.len == 0) {
        ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                           "\"whatsapp_privacy_policy\" has no \"contact=\": "
                           "the policy does not say whom to ask");
    }

    return ngx_http_whatsapp_policy_built_in(cf, policy, &contact) == NGX_OK
           ? NGX_CONF_OK : NGX_CONF_ERROR;
}


static char *
ngx_http_whatsapp_policy_word(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t word, ngx_str_t *contact)
{
    if (ngx_strncmp(word.data, "file=", 5) == 0) {
        word.data += 5;
        word.len -= 5;

        policy->files++;

        return ngx_http_whatsapp_policy_file(cf, policy, &word);
    }

    if (ngx_strncmp(word.data, "contact=", 8) != 0) {
        return "takes \"off\", \"contact=\" or \"file=\"";
    }

    if (contact->len) {
        return "has two contacts";
    }

    contact->data = word.data + 8;
    contact->len = word.len - 8;

    return ngx_http_whatsapp_is_contact(contact)
           ? NGX_CONF_OK
           : "needs a mail address or an https URL as \"contact=\"";
}


static char *
ngx_http_whatsapp_policy_file(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t *name)
{
    char                             *rv;
    ngx_int_t                         type;
    ngx_file_info_t                   info;
    ngx_http_whatsapp_policy_form_t  *form;

    type = ngx_http_whatsapp_policy_type(name);

    if (type == NGX_DECLINED) {
        return "needs a file of the name *.html or *.md as \"file=\"";
    }

    form = &policy->forms[type];

    if (form->text.len) {
        return "has two files of one kind";
    }

    if (ngx_http_whatsapp_read_file(cf, name, &form->text) != NGX_OK) {
        return NGX_CONF_ERROR;
    }

    rv = ngx_http_whatsapp_policy_check(cf, name, &form->text);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    form->modified = (ngx_file_info(name->data, &info) == NGX_FILE_ERROR)
                     ? ngx_time() : ngx_file_mtime(&info);

    if (type == NGX_HTTP_WHATSAPP_POLICY_HTML) {
        form->csp = ngx_http_whatsapp_policy_file_csp;
    }

    return ngx_http_whatsapp_policy_etag(cf, form) == NGX_OK ? NGX_CONF_OK
                                                             : NGX_CONF_ERROR;
}


static ngx_int_t
ngx_http_whatsapp_policy_type(ngx_str_t *name)
{
    if (name->len > 5
        && ngx_strcmp(name->data + name->len - 5, ".html") == 0)
    {
        return NGX_HTTP_WHATSAPP_POLICY_HTML;
    }

    if (name->len > 3 && ngx_strcmp(name->data + name->len - 3, ".md") == 0) {
        return NGX_HTTP_WHATSAPP_POLICY_MARKDOWN;
    }

    return NGX_DECLINED;
}


/* files are served with the charset UTF-8 */

static char *
ngx_http_whatsapp_policy_check(ngx_conf_t *cf, ngx_str_t *name,
    ngx_str_t *text)
{
    u_char      *p, *last;
    size_t       n;
    ngx_uint_t   line;

    if (text->len == 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "\"%V\" is empty", name);
        return NGX_CONF_ERROR;
    }

    line = 1;
    last = text->data + text->len;

    for (p = text->data; p < last; p += n) {

        n = ngx_http_whatsapp_utf8(p, last);

        if (n == 0 || *p == '\0') {
            ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                               "line %ui of \"%V\" is not text in UTF-8",
                               line, name);
            return NGX_CONF_ERROR;
        }

        line += (*p == LF);
    }

    return NGX_CONF_OK;
}


static ngx_uint_t
ngx_http_whatsapp_is_contact(ngx_str_t *contact)
{
    u_char     *p, *last;
    ngx_str_t   url;

    static u_char  marks[] = "?#&=+,;@!$'()*";

    if (contact->len > NGX_HTTP_WHATSAPP_CONTACT_LEN) {
        return 0;
    }

    if (ngx_strncmp(contact->data, "https://", 8) != 0) {
        return ngx_http_whatsapp_is_mail(contact);
    }

    last = contact->data + contact->len;

    url.data = contact->data;

    for (p = url.data; p < last && *p != '?' && *p != '#'; p++) {
        /* void */
    }

    url.len = p - url.data;

    for ( /* void */ ; p < last; p++) {
        if (!ngx_http_whatsapp_is_url_char(*p)
            && ngx_strlchr(marks, marks + sizeof(marks) - 1, *p) == NULL)
        {
            return 0;
        }
    }

    return ngx_http_whatsapp_is_url(&url);
}


/* what needs no escapes in a URL of mailto: */

static ngx_uint_t
ngx_http_whatsapp_is_mail(ngx_str_t *contact)
{
    u_char  ch, *p, *at, *last;

    last = contact->data + contact->len;
    at = ngx_strlchr(contact->data, last, '@');

    if (at == NULL || at == contact->data || at + 1 == last
        || at[1] == '.' || last[-1] == '.')
    {
        return 0;
    }

    for (p = contact->data; p < last; p++) {
        ch = *p;

        if (p == at
            || (ch >= '0' && ch <= '9')
            || (ch >= 'a' && ch <= 'z')
            || (ch >= 'A' && ch <= 'Z')
            || ch == '.' || ch == '-'
            || (p < at && (ch == '_' || ch == '+')))
        {
            continue;
        }

        return 0;
    }

    return 1;
}


static ngx_int_t
ngx_http_whatsapp_policy_built_in(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_t *policy, ngx_str_t *contact)
{
    ngx_str_t                         line;
    ngx_http_whatsapp_policy_form_t  *html, *markdown;

    html = &policy->forms[NGX_HTTP_WHATSAPP_POLICY_HTML];
    markdown = &policy->forms[NGX_HTTP_WHATSAPP_POLICY_MARKDOWN];

    if (ngx_http_whatsapp_policy_html(cf, contact, &line) != NGX_OK
        || ngx_http_whatsapp_policy_insert(cf, &html->text,
                                   ngx_http_whatsapp_policy_html_source,
                                   ngx_http_whatsapp_policy_html_source_size,
                                   &line)
           != NGX_OK
        || ngx_http_whatsapp_policy_style(cf, &html->csp) != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_whatsapp_policy_markdown(cf, contact, &line) != NGX_OK
        || ngx_http_whatsapp_policy_insert(cf, &markdown->text,
                                   ngx_http_whatsapp_policy_text_source,
                                   ngx_http_whatsapp_policy_text_source_size,
                                   &line)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    /* a new contact or a new module may come with each configuration */

    html->modified = ngx_time();
    markdown->modified = html->modified;

    if (ngx_http_whatsapp_policy_etag(cf, html) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_whatsapp_policy_etag(cf, markdown);
}


static ngx_int_t
ngx_http_whatsapp_policy_insert(ngx_conf_t *cf, ngx_str_t *text,
    const char *source, size_t size, ngx_str_t *line)
{
    char    *mark;
    u_char  *p;

    mark = ngx_strstr(source, NGX_HTTP_WHATSAPP_CONTACT_MARK);

    if (mark == NULL) {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(cf->pool, size + line->len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    text->data = p;

    p = ngx_cpymem(p, source, mark - source);
    p = ngx_cpymem(p, line->data, line->len);

    mark += sizeof(NGX_HTTP_WHATSAPP_CONTACT_MARK) - 1;

    p = ngx_cpymem(p, mark, source + size - mark);

    text->len = p - text->data;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_policy_html(ngx_conf_t *cf, ngx_str_t *contact,
    ngx_str_t *line)
{
    u_char     *p;
    size_t      len;
    ngx_str_t   text;

    if (contact->len == 0) {
        ngx_str_set(line, "");
        return NGX_OK;
    }

    len = contact->len + ngx_escape_html(NULL, contact->data, contact->len);

    text.data = ngx_pnalloc(cf->pool, len);
    p = ngx_pnalloc(cf->pool, 2 * len
                    + sizeof("<p><a href=\"mailto:\"></a></p>\n") - 1);

    if (text.data == NULL || p == NULL) {
        return NGX_ERROR;
    }

    (void) ngx_escape_html(text.data, contact->data, contact->len);
    text.len = len;

    line->data = p;
    line->len = ngx_sprintf(p, "<p><a href=\"%s%V\">%V</a></p>\n",
                            ngx_http_whatsapp_is_mail(contact) ? "mailto:"
                                                               : "",
                            &text, &text)
                - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_policy_markdown(ngx_conf_t *cf, ngx_str_t *contact,
    ngx_str_t *line)
{
    u_char  *p;

    if (contact->len == 0) {
        ngx_str_set(line, "");
        return NGX_OK;
    }

    p = ngx_pnalloc(cf->pool, contact->len + sizeof("<>\n") - 1);
    if (p == NULL) {
        return NGX_ERROR;
    }

    line->data = p;
    line->len = ngx_sprintf(p, "<%V>\n", contact) - p;

    return NGX_OK;
}


/* the built-in page may have its own style and nothing else */

static ngx_int_t
ngx_http_whatsapp_policy_style(ngx_conf_t *cf, ngx_str_t *csp)
{
    u_char     *p, text[NGX_HTTP_WHATSAPP_PAGE_HASH_LEN];
    ngx_str_t   hash;

    hash.data = text;

    if (ngx_http_whatsapp_page_hash(ngx_http_whatsapp_policy_html_source,
                                    "<style>", "</style>", &hash)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(cf->pool, NGX_HTTP_WHATSAPP_CSP_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    csp->data = p;
    csp->len = ngx_snprintf(p, NGX_HTTP_WHATSAPP_CSP_LEN,
                            "default-src 'none'; style-src 'sha256-%V'; "
                            "base-uri 'none'; form-action 'none'; "
                            "frame-ancestors 'none'", &hash)
               - p;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_policy_etag(ngx_conf_t *cf,
    ngx_http_whatsapp_policy_form_t *form)
{
    u_char  *p, digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(form->text.data, form->text.len, digest, NULL,
                   EVP_sha256(), NULL)
        != 1)
    {
        return NGX_ERROR;
    }

    p = ngx_pnalloc(cf->pool, NGX_HTTP_WHATSAPP_ETAG_LEN);
    if (p == NULL) {
        return NGX_ERROR;
    }

    form->etag.data = p;
    form->etag.len = NGX_HTTP_WHATSAPP_ETAG_LEN;

    *p++ = '"';
    p = ngx_hex_dump(p, digest, NGX_HTTP_WHATSAPP_ETAG_BYTES);
    *p = '"';

    return NGX_OK;
}
