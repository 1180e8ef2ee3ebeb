
/*
 * A strict reader of JSON for small bodies, by recursive descent. Every
 * function leaves p->pos where it stopped, so that the offset of an error is
 * known.
 */


#include "ngx_http_whatsapp_json.h"
#include "ngx_http_whatsapp_text.h"


typedef struct {
    u_char                     *pos;
    u_char                     *start;
    u_char                     *last;
    ngx_pool_t                 *pool;
    ngx_uint_t                  depth;
    const char                 *error;
} ngx_http_whatsapp_json_parser_t;


static ngx_int_t ngx_http_whatsapp_json_value(
    ngx_http_whatsapp_json_parser_t *p, ngx_http_whatsapp_json_t *json);
static ngx_int_t ngx_http_whatsapp_json_members(
    ngx_http_whatsapp_json_parser_t *p, ngx_http_whatsapp_json_t *json,
    u_char close);
static ngx_http_whatsapp_json_t *ngx_http_whatsapp_json_next(
    ngx_http_whatsapp_json_parser_t *p, ngx_http_whatsapp_json_t *json);
static ngx_int_t ngx_http_whatsapp_json_string(
    ngx_http_whatsapp_json_parser_t *p, ngx_str_t *string);
static ngx_int_t ngx_http_whatsapp_json_skip_escape(
    ngx_http_whatsapp_json_parser_t *p);
static ngx_int_t ngx_http_whatsapp_json_skip_utf8(
    ngx_http_whatsapp_json_parser_t *p);
static ngx_int_t ngx_http_whatsapp_json_decode(
    ngx_http_whatsapp_json_parser_t *p, ngx_str_t *string);
static u_char ngx_http_whatsapp_json_unescape(u_char ch);
static u_char *ngx_http_whatsapp_json_utf8(u_char *dst, uint32_t code);
static ngx_int_t ngx_http_whatsapp_json_number(
    ngx_http_whatsapp_json_parser_t *p, ngx_http_whatsapp_json_t *json);
static ngx_uint_t ngx_http_whatsapp_json_digits(
    ngx_http_whatsapp_json_parser_t *p);
static ngx_int_t ngx_http_whatsapp_json_literal(
    ngx_http_whatsapp_json_parser_t *p, const char *literal);
static void ngx_http_whatsapp_json_space(ngx_http_whatsapp_json_parser_t *p);
static ngx_int_t ngx_http_whatsapp_json_failed(
    ngx_http_whatsapp_json_parser_t *p, const char *error);


ngx_http_whatsapp_json_t *
ngx_http_whatsapp_json_parse(ngx_pool_t *pool, ngx_str_t *text,
    const char **error, size_t *offset)
{
    ngx_http_whatsapp_json_t        *json;
    ngx_http_whatsapp_json_parser_t  p;

    ngx_memzero(&p, sizeof(ngx_http_whatsapp_json_parser_t));

    p.pos = text->data;
    p.start = text->data;
    p.last = text->data + text->len;
    p.pool = pool;

    json = ngx_pcalloc(pool, sizeof(ngx_http_whatsapp_json_t));

    if (json && ngx_http_whatsapp_json_value(&p, json) == NGX_OK) {

        ngx_http_whatsapp_json_space(&p);

        if (p.pos == p.last) {
            return json;
        }

        p.error = "something follows the value";
    }

    *error = p.error;
    *offset = p.pos - p.start;

    return NULL;
}


ngx_http_whatsapp_json_t *
ngx_http_whatsapp_json_member(ngx_http_whatsapp_json_t *object,
    const char *name)
{
    ngx_http_whatsapp_json_t  *json;

    for (json = object->members; json; json = json->next) {

        if (ngx_http_whatsapp_text_is(&json->name, name)) {
            return json->type == NGX_HTTP_WHATSAPP_JSON_NULL ? NULL : json;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_whatsapp_json_value(ngx_http_whatsapp_json_parser_t *p,
    ngx_http_whatsapp_json_t *json)
{
    ngx_int_t  rc;

    ngx_http_whatsapp_json_space(p);

    json->raw.data = p->pos;

    switch (p->pos < p->last ? *p->pos : '\0') {

    case '{':
        json->type = NGX_HTTP_WHATSAPP_JSON_OBJECT;
        rc = ngx_http_whatsapp_json_members(p, json, '}');
        break;

    case '[':
        json->type = NGX_HTTP_WHATSAPP_JSON_ARRAY;
        rc = ngx_http_whatsapp_json_members(p, json, ']');
        break;

    case '"':
        json->type = NGX_HTTP_WHATSAPP_JSON_STRING;
        rc = ngx_http_whatsapp_json_string(p, &json->string);
        break;

    case 't':
        json->type = NGX_HTTP_WHATSAPP_JSON_TRUE;
        rc = ngx_http_whatsapp_json_literal(p, "true");
        break;

    case 'f':
        json->type = NGX_HTTP_WHATSAPP_JSON_FALSE;
        rc = ngx_http_whatsapp_json_literal(p, "false");
        break;

    case 'n':
        json->type = NGX_HTTP_WHATSAPP_JSON_NULL;
        rc = ngx_http_whatsapp_json_literal(p, "null");
        break;

    default:
        rc = ngx_http_whatsapp_json_number(p, json);
        break;
    }

    json->raw.len = p->pos - json->raw.data;

    return rc;
}


static ngx_int_t
ngx_http_whatsapp_json_members(ngx_http_whatsapp_json_parser_t *p,
    ngx_http_whatsapp_json_t *json, u_char close)
{
    ngx_uint_t                  n, most;
    ngx_http_whatsapp_json_t   *member, **last;

    if (++p->depth > NGX_HTTP_WHATSAPP_JSON_DEPTH) {
        return ngx_http_whatsapp_json_failed(p, "it is nested too deep");
    }

    p->pos++;

    last = &json->members;
    most = close == '}' ? NGX_HTTP_WHATSAPP_JSON_MEMBERS
                        : NGX_HTTP_WHATSAPP_JSON_ELEMENTS;

    for (n = 0; /* void */ ; n++) {

        ngx_http_whatsapp_json_space(p);

        if (p->pos < p->last && *p->pos == close && n == 0) {
            break;
        }

        if (n == most) {
            return ngx_http_whatsapp_json_failed(p, "it has too many members");
        }

        member = ngx_http_whatsapp_json_next(p, json);
        if (member == NULL) {
            return NGX_ERROR;
        }

        *last = member;
        last = &member->next;

        ngx_http_whatsapp_json_space(p);

        if (p->pos < p->last && *p->pos == close) {
            break;
        }

        if (p->pos == p->last || *p->pos != ',') {
            return ngx_http_whatsapp_json_failed(p, "a comma is missing");
        }

        p->pos++;
    }

    p->pos++;
    p->depth--;

    return NGX_OK;
}


static ngx_http_whatsapp_json_t *
ngx_http_whatsapp_json_next(ngx_http_whatsapp_json_parser_t *p,
    ngx_http_whatsapp_json_t *json)
{
    ngx_http_whatsapp_json_t  *member, *other;

    member = ngx_pcalloc(p->pool, sizeof(ngx_http_whatsapp_json_t));
    if (member == NULL) {
        return NULL;
    }

    if (json->type == NGX_HTTP_WHATSAPP_JSON_OBJECT) {

        if (ngx_http_whatsapp_json_string(p, &member->name) != NGX_OK) {
            return NULL;
        }

        for (other = json->members; other; other = other->next) {

            if (ngx_http_whatsapp_text_equal(&other->name, &member->name)) {
                (void) ngx_http_whatsapp_json_failed(p, "a member is there "
                                                        "twice");
                return NULL;
            }
        }

        ngx_http_whatsapp_json_space(p);

        if (p->pos == p->last || *p->pos != ':') {
            (void) ngx_http_whatsapp_json_failed(p, "a colon is missing");
            return NULL;
        }

        p->pos++;
    }

    if (ngx_http_whatsapp_json_value(p, member) != NGX_OK) {
        return NULL;
    }

    return member;
}


static ngx_int_t
ngx_http_whatsapp_json_string(ngx_http_whatsapp_json_parser_t *p,
    ngx_str_t *string)
{
    u_char      c;
    ngx_int_t   rc;
    ngx_uint_t  escaped;

    if (p->pos == p->last || *p->pos != '"') {
        return ngx_http_whatsapp_json_failed(p, "a string is missing");
    }

    string->data = ++p->pos;
    escaped = 0;

    while (p->pos < p->last) {

        c = *p->pos;

        if (c == '"') {
            string->len = p->pos++ - string->data;

            return escaped ? ngx_http_whatsapp_json_decode(p, string)
                           : NGX_OK;
        }

        if (c == '\\') {
            escaped = 1;
            rc = ngx_http_whatsapp_json_skip_escape(p);

        } else if (c >= 0x80) {
            rc = ngx_http_whatsapp_json_skip_utf8(p);

        } else if (c < 0x20) {
            rc = ngx_http_whatsapp_json_failed(p, "a control character is "
                                                  "not escaped");

        } else {
            p->pos++;
            continue;
        }

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_whatsapp_json_failed(p, "a string has no end");
}


/* refuses \u0000, and surrogates that do not come in pairs */

static ngx_int_t
ngx_http_whatsapp_json_skip_escape(ngx_http_whatsapp_json_parser_t *p)
{
    u_char     *pos;
    ngx_int_t   high, low;

    pos = p->pos + 1;

    if (pos < p->last && *pos != 'u') {

        switch (*pos) {

        case '"':
        case '\\':
        case '/':
        case 'b':
        case 'f':
        case 'n':
        case 'r':
        case 't':
            p->pos += 2;
            return NGX_OK;
        }
    }

    high = (p->last - pos > 4 && *pos == 'u') ? ngx_hextoi(pos + 1, 4)
                                              : NGX_ERROR;

    if (high <= 0 || (high >= 0xdc00 && high <= 0xdfff)) {
        return ngx_http_whatsapp_json_failed(p, "an escape is not valid");
    }

    p->pos += 6;

    if (high < 0xd800 || high > 0xdbff) {
        return NGX_OK;
    }

    low = (p->last - p->pos > 5 && p->pos[0] == '\\' && p->pos[1] == 'u')
          ? ngx_hextoi(p->pos + 2, 4) : NGX_ERROR;

    if (low < 0xdc00 || low > 0xdfff) {
        return ngx_http_whatsapp_json_failed(p, "a surrogate stands alone");
    }

    p->pos += 6;

    return NGX_OK;
}


static ngx_int_t
ngx_http_whatsapp_json_skip_utf8(ngx_http_whatsapp_json_parser_t *p)
{
    size_t  len;

    len = ngx_http_whatsapp_utf8(p->pos, p->last);

    if (len == 0) {
        return ngx_http_whatsapp_json_failed(p, "it is not UTF-8");
    }

    p->pos += len;

    return NGX_OK;
}


/* decodes escapes, which are valid already; the text only gets shorter */

static ngx_int_t
ngx_http_whatsapp_json_decode(ngx_http_whatsapp_json_parser_t *p,
    ngx_str_t *string)
{
    u_char    *src, *last, *dst;
    uint32_t   code;

    src = string->data;
    last = src + string->len;

    dst = ngx_pnalloc(p->pool, string->len);
    if (dst == NULL) {
        return NGX_ERROR;
    }

    string->data = dst;

    while (src < last) {

        if (*src != '\\') {
            *dst++ = *src++;
            continue;
        }

        src += 2;

        if (src[-1] != 'u') {
            *dst++ = ngx_http_whatsapp_json_unescape(src[-1]);
            continue;
        }

        code = (uint32_t) ngx_hextoi(src, 4);
        src += 4;

        if (code >= 0xd800 && code <= 0xdbff) {
            code = 0x10000 + ((code - 0xd800) << 10)
                   + ((uint32_t) ngx_hextoi(src + 2, 4) - 0xdc00);
            src += 6;
        }

        dst = ngx_http_whatsapp_json_utf8(dst, code);
    }

    string->len = dst - string->data;

    return NGX_OK;
}


static u_char
ngx_http_whatsapp_json_unescape(u_char ch)
{
    switch (ch) {

    case 'b':
        return '\b';

    case 'f':
        return '\f';

    case 'n':
        return '\n';

    case 'r':
        return '\r';

    case 't':
        return '\t';

    default: /* '"', '\\', '/' */
        return ch;
    }
}


static u_char *
ngx_http_whatsapp_json_utf8(u_char *dst, uint32_t code)
{
    if (code < 0x80) {
        *dst++ = (u_char) code;
        return dst;
    }

    if (code < 0x800) {
        *dst++ = (u_char) (0xc0 | (code >> 6));
        *dst++ = (u_char) (0x80 | (code & 0x3f));
        return dst;
    }

    if (code < 0x10000) {
        *dst++ = (u_char) (0xe0 | (code >> 12));

    } else {
        *dst++ = (u_char) (0xf0 | (code >> 18));
        *dst++ = (u_char) (0x80 | ((code >> 12) & 0x3f));
    }

    *dst++ = (u_char) (0x80 | ((code >> 6) & 0x3f));
    *dst++ = (u_char) (0x80 | (code & 0x3f));

    return dst;
}


static ngx_int_t
ngx_http_whatsapp_json_number(ngx_http_whatsapp_json_parser_t *p,
    ngx_http_whatsapp_json_t *json)
{
    u_char  *start;

    json->type = NGX_HTTP_WHATSAPP_JSON_INTEGER;

    if (p->pos < p->last && *p->pos == '-') {
        p->pos++;
    }

    start = p->pos;

    if (!ngx_http_whatsapp_json_digits(p)
        || (*start == '0' && p->pos - start > 1))
    {
        return ngx_http_whatsapp_json_failed(p, "a value is not valid");
    }

    if (p->pos < p->last && *p->pos == '.') {
        json->type = NGX_HTTP_WHATSAPP_JSON_REAL;
        p->pos++;

        if (!ngx_http_whatsapp_json_digits(p)) {
            return ngx_http_whatsapp_json_failed(p, "a number is not valid");
        }
    }

    if (p->pos < p->last && (*p->pos | 0x20) == 'e') {
        json->type = NGX_HTTP_WHATSAPP_JSON_REAL;
        p->pos++;

        if (p->pos < p->last && (*p->pos == '+' || *p->pos == '-')) {
            p->pos++;
        }

        if (!ngx_http_whatsapp_json_digits(p)) {
            return ngx_http_whatsapp_json_failed(p, "a number is not valid");
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_whatsapp_json_digits(ngx_http_whatsapp_json_parser_t *p)
{
    u_char  *start;

    start = p->pos;

    while (p->pos < p->last && *p->pos >= '0' && *p->pos <= '9') {
        p->pos++;
    }

    return p->pos > start;
}


static ngx_int_t
ngx_http_whatsapp_json_literal(ngx_http_whatsapp_json_parser_t *p,
    const char *literal)
{
    size_t  len;

    len = ngx_strlen(literal);

    if ((size_t) (p->last - p->pos) < len
        || ngx_memcmp(p->pos, literal, len) != 0)
    {
        return ngx_http_whatsapp_json_failed(p, "a value is not valid");
    }

    p->pos += len;

    return NGX_OK;
}


static void
ngx_http_whatsapp_json_space(ngx_http_whatsapp_json_parser_t *p)
{
    while (p->pos < p->last
           && (*p->pos == ' ' || *p->pos == '\t' || *p->pos == LF
               || *p->pos == CR))
    {
        p->pos++;
    }
}


static ngx_int_t
ngx_http_whatsapp_json_failed(ngx_http_whatsapp_json_parser_t *p,
    const char *error)
{
    p->error = error;

    return NGX_ERROR;
}
