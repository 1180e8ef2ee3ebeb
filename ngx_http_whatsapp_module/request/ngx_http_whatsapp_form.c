
/*
 * Forms in place of JSON, as the Graph API takes them.  Each field becomes a
 * member of one JSON object, which is then parsed like any other body.  The
 * text of a JSON object or array becomes that object or array, any other value
 * a string.  Adjacent fields "a[]" become one array "a".
 */


#include "ngx_http_whatsapp_request.h"


#define NGX_HTTP_WHATSAPP_URLENCODED    "application/x-www-form-urlencoded"
#define NGX_HTTP_WHATSAPP_MULTIPART     "multipart/form-data"

/* most characters of a boundary, RFC 2046 */
#define NGX_HTTP_WHATSAPP_BOUNDARY_LEN  70

/* most bytes of one escaped byte, "\u0000" */
#define NGX_HTTP_WHATSAPP_ESCAPED_LEN   6

/* bytes around the name and value of a member, at most "":[""], */
#define NGX_HTTP_WHATSAPP_MEMBER_LEN    8


typedef struct {
    ngx_str_t                        name;
    ngx_str_t                        value;
    ngx_uint_t                       file;     /* unsigned  file:1 */
} ngx_http_whatsapp_form_part_t;


/* the JSON text that is printed */

typedef struct {
    ngx_str_t                   json;
    u_char                     *p;        /* the end of what is printed */
    ngx_uint_t                  fields;
    ngx_uint_t                  args;     /* of a URI */
    ngx_uint_t                  strings;  /* all values are */
    ngx_str_t                   array;    /* its name if the last member is */
} ngx_http_whatsapp_form_t;


static ngx_int_t ngx_http_whatsapp_form_start(ngx_http_request_t *r,
    ngx_http_whatsapp_form_t *form, ngx_str_t *text);
static void ngx_http_whatsapp_form_end(ngx_http_whatsapp_form_t *form,
    ngx_str_t *text);
static ngx_uint_t ngx_http_whatsapp_is_type(ngx_http_request_t *r,
    const char *type);
static ngx_uint_t ngx_http_whatsapp_is_json(ngx_str_t *text);
static ngx_int_t ngx_http_whatsapp_urlencoded(ngx_http_request_t *r,
    ngx_str_t *body, ngx_http_whatsapp_form_t *form);
static void ngx_http_whatsapp_decode(ngx_str_t *s);
static ngx_int_t ngx_http_whatsapp_multipart(ngx_http_request_t *r,
    ngx_str_t *body, ngx_http_whatsapp_form_t *form);
static ngx_int_t ngx_http_whatsapp_boundary(ngx_http_request_t *r,
    ngx_str_t *delimiter);
static u_char *ngx_http_whatsapp_part(u_char *p, u_char *last,
    ngx_str_t *delimiter, ngx_http_whatsapp_form_part_t *part);
static ngx_uint_t ngx_http_whatsapp_part_head(u_char *p, u_char *last,
    ngx_http_whatsapp_form_part_t *part);
static ngx_uint_t ngx_http_whatsapp_quoted(u_char *p, u_char *last,
    const char *name, ngx_str_t *value);
static u_char *ngx_http_whatsapp_find_bytes(u_char *p, u_char *last,
    ngx_str_t *what);
static ngx_int_t ngx_http_whatsapp_print_field(ngx_http_request_t *r,
    ngx_http_whatsapp_form_t *form, ngx_str_t *name, ngx_str_t *value);
static u_char *ngx_http_whatsapp_print_name(u_char *p,
    ngx_http_whatsapp_form_t *form, ngx_str_t *name);
static ngx_uint_t ngx_http_whatsapp_is_element(ngx_str_t *name);


ngx_int_t
ngx_http_whatsapp_form_json(ngx_http_request_t *r, ngx_str_t *text,
    ngx_uint_t strings)
{
    ngx_int_t                  rc;
    ngx_uint_t                 multipart;
    ngx_http_whatsapp_form_t   form;

    multipart = ngx_http_whatsapp_is_type(r, NGX_HTTP_WHATSAPP_MULTIPART);

    if ((!multipart
         && !ngx_http_whatsapp_is_type(r, NGX_HTTP_WHATSAPP_URLENCODED))
        || ngx_http_whatsapp_is_json(text))
    {
        return NGX_OK;
    }

    if (ngx_http_whatsapp_form_start(r, &form, text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form.strings = strings;

    rc = multipart ? ngx_http_whatsapp_multipart(r, text, &form)
                   : ngx_http_whatsapp_urlencoded(r, text, &form);

    if (rc == NGX_OK) {
        ngx_http_whatsapp_form_end(&form, text);
    }

    return rc;
}


ngx_int_t
ngx_http_whatsapp_args_json(ngx_http_request_t *r, ngx_str_t *text)
{
    ngx_int_t                  rc;
    ngx_http_whatsapp_form_t   form;

    if (ngx_http_whatsapp_form_start(r, &form, text) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    form.args = 1;
    form.strings = 1;

    rc = ngx_http_whatsapp_urlencoded(r, text, &form);

    if (rc == NGX_OK) {
        ngx_http_whatsapp_form_end(&form, text);
    }

    return rc;
}


static ngx_int_t
ngx_http_whatsapp_form_start(ngx_http_request_t *r,
    ngx_http_whatsapp_form_t *form, ngx_str_t *text)
{
    ngx_memzero(form, sizeof(ngx_http_whatsapp_form_t));

    form->json.data = ngx_pnalloc(ngx_http_whatsapp_pool(r),
                                  text->len * NGX_HTTP_WHATSAPP_ESCAPED_LEN
                                  + (NGX_HTTP_WHATSAPP_JSON_MEMBERS + 1)
                                    * NGX_HTTP_WHATSAPP_MEMBER_LEN);
    if (form->json.data == NULL) {
        return NGX_ERROR;
    }

    form->p = form->json.data;

    *form->p++ = '{';

    return NGX_OK;
}


static void
ngx_http_whatsapp_form_end(ngx_http_whatsapp_form_t *form, ngx_str_t *text)
{
    if (form->fields) {
        form->p--;
    }

    *form->p++ = '}';

    form->json.len = form->p - form->json.data;

    *text = form->json;
}


static ngx_uint_t
ngx_http_whatsapp_is_type(ngx_http_request_t *r, const char *type)
{
    size_t      len;
    ngx_str_t  *value;

    if (r->headers_in.content_type == NULL) {
        return 0;
    }

    value = &r->headers_in.content_type->value;
    len = ngx_strlen(type);

    return value->len >= len
           && ngx_strncasecmp(value->data, (u_char *) type, len) == 0;
}


/* curl -d names JSON a form too, unless it is told otherwise */

static ngx_uint_t
ngx_http_whatsapp_is_json(ngx_str_t *text)
{
    size_t  i;

    for (i = 0; i < text->len; i++) {

        switch (text->data[i]) {

        case ' ':
        case '\t':
        case CR:
        case LF:
            continue;

        default:
            return text->data[i] == '{' || text->data[i] == '[';
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_whatsapp_urlencoded(ngx_http_request_t *r, ngx_str_t *body,
    ngx_http_whatsapp_form_t *form)
{
    u_char     *text, *next, *equals, *end, *last;
    ngx_int_t   rc;
    ngx_str_t   name, value;

    /* a copy is decoded in place: a redirect may need the body again */

    text = ngx_pnalloc(ngx_http_whatsapp_pool(r), body->len);
    if (text == NULL) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    last = ngx_cpymem(text, body->data, body->len);

    for (next = text; next < last; next = end + 1) {

        end = ngx_strlchr(next, last, '&');

        if (end == NULL) {
            end = last;
        }

        equals = ngx_strlchr(next, end, '=');

        if (equals == NULL && form->args) {
            continue;
        }

        if (equals == NULL) {
            return ngx_http_whatsapp_error(r,
                                           NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                           "the body is neither JSON nor a "
                                           "form");
        }

        name.data = next;
        name.len = equals - next;

        value.data = equals + 1;
        value.len = end - value.data;

        ngx_http_whatsapp_decode(&name);
        ngx_http_whatsapp_decode(&value);

        rc = ngx_http_whatsapp_print_field(r, form, &name, &value);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return NGX_OK;
}


/*
 * A percent sign that escapes nothing stays as it is, as other servers do it.
 * ngx_unescape_uri() would drop it and what follows, and change the text.
 */

static void
ngx_http_whatsapp_decode(ngx_str_t *s)
{
    u_char     *dst, *src, *last;
    ngx_int_t   ch;

    dst = s->data;
    last = s->data + s->len;

    for (src = s->data; src < last; src++) {

        ch = (*src == '+') ? ' ' : *src;

        if (ch == '%' && last - src > 2) {
            ch = ngx_hextoi(src + 1, 2);

            if (ch == NGX_ERROR) {
                ch = '%';

            } else {
                src += 2;
            }
        }

        *dst++ = (u_char) ch;
    }

    s->len = dst - s->data;
}


static ngx_int_t
ngx_http_whatsapp_multipart(ngx_http_request_t *r, ngx_str_t *body,
    ngx_http_whatsapp_form_t *form)
{
    u_char                         *next, *last;
    ngx_int_t                       rc;
    ngx_str_t                       delimiter;
    ngx_http_whatsapp_form_part_t   part;

    rc = ngx_http_whatsapp_boundary(r, &delimiter);

    if (rc == NGX_DECLINED) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "multipart/form-data has no boundary");
    }

    if (rc != NGX_OK) {
        return rc;
    }

    last = body->data + body->len;
    next = ngx_http_whatsapp_find_bytes(body->data, last, &delimiter);

    while (next) {
        next += delimiter.len;

        if (last - next >= 2 && next[0] == '-' && next[1] == '-') {
            return NGX_OK;
        }

        next = ngx_http_whatsapp_part(next, last, &delimiter, &part);

        if (next == NULL) {
            break;
        }

        if (part.file) {
            return ngx_http_whatsapp_error(r,
                                         NGX_HTTP_WHATSAPP_PARAMETER_INVALID,
                                         "no file can be taken here");
        }

        rc = ngx_http_whatsapp_print_field(r, form, &part.name, &part.value);

        if (rc != NGX_OK) {
            return rc;
        }
    }

    return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                   "the multipart/form-data body is not "
                                   "complete");
}


/*
 * Two hyphens and the boundary of Content-Type, which may be quoted;
 * NGX_DECLINED: there is none.
 */

static ngx_int_t
ngx_http_whatsapp_boundary(ngx_http_request_t *r, ngx_str_t *delimiter)
{
    u_char     *p, *last, *end;
    ngx_str_t  *type, name, value;

    ngx_str_null(delimiter);

    type = &r->headers_in.content_type->value;
    last = type->data + type->len;

    ngx_str_set(&name, "boundary=");

    p = ngx_strlcasestrn(type->data, last, name.data, name.len - 1);

    if (p) {
        p += name.len;

        if (p < last && *p == '"') {
            p++;
            end = ngx_strlchr(p, last, '"');

        } else {
            for (end = p; end < last && *end != ';' && *end != ' '; end++) {
                /* void */
            }
        }

        if (end && end > p && end - p <= NGX_HTTP_WHATSAPP_BOUNDARY_LEN) {
            value.data = p;
            value.len = end - p;

            delimiter->data = ngx_pnalloc(r->pool, 2 + value.len);
            if (delimiter->data == NULL) {
                return NGX_HTTP_INTERNAL_SERVER_ERROR;
            }

            delimiter->len = ngx_sprintf(delimiter->data, "--%V", &value)
                             - delimiter->data;

            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* p is behind a delimiter; returns the next delimiter; NULL: no valid part */

static u_char *
ngx_http_whatsapp_part(u_char *p, u_char *last, ngx_str_t *delimiter,
    ngx_http_whatsapp_form_part_t *part)
{
    u_char     *head, *end;
    ngx_str_t   gap;

    ngx_str_set(&gap, CRLF CRLF);

    head = p;

    p = ngx_http_whatsapp_find_bytes(p, last, &gap);

    if (p == NULL) {
        return NULL;
    }

    end = ngx_http_whatsapp_find_bytes(p + gap.len, last, delimiter);

    if (end == NULL || end - p < (ssize_t) gap.len + 2
        || end[-2] != CR || end[-1] != LF
        || !ngx_http_whatsapp_part_head(head, p, part))
    {
        return NULL;
    }

    part->value.data = p + gap.len;
    part->value.len = end - 2 - part->value.data;

    return end;
}


static ngx_uint_t
ngx_http_whatsapp_part_head(u_char *p, u_char *last,
    ngx_http_whatsapp_form_part_t *part)
{
    u_char     *end;
    ngx_str_t   header, value;

    ngx_str_set(&header, "Content-Disposition:");

    p = ngx_strlcasestrn(p, last, header.data, header.len - 1);

    if (p == NULL) {
        return 0;
    }

    end = ngx_strlchr(p, last, CR);

    if (end == NULL) {
        end = last;
    }

    part->file = ngx_http_whatsapp_quoted(p, end, " filename=", &value);

    return ngx_http_whatsapp_quoted(p, end, " name=", &part->name);
}


static ngx_uint_t
ngx_http_whatsapp_quoted(u_char *p, u_char *last, const char *name,
    ngx_str_t *value)
{
    u_char  *end;
    size_t   len;

    len = ngx_strlen(name);

    p = ngx_strlcasestrn(p, last, (u_char *) name, len - 1);

    if (p == NULL || last - p <= (ssize_t) len) {
        return 0;
    }

    p += len;

    if (*p == '"') {
        p++;
        end = ngx_strlchr(p, last, '"');

    } else {
        end = ngx_strlchr(p, last, ';');

        if (end == NULL) {
            end = last;
        }
    }

    if (end == NULL) {
        return 0;
    }

    value->data = p;
    value->len = end - p;

    return 1;
}


/* memmem(3) for a string that is not empty; the bytes may be zeroes */

static u_char *
ngx_http_whatsapp_find_bytes(u_char *p, u_char *last, ngx_str_t *what)
{
    for ( /* void */ ; last - p >= (ssize_t) what->len; p++) {

        p = ngx_strlchr(p, last, what->data[0]);

        if (p == NULL || last - p < (ssize_t) what->len) {
            return NULL;
        }

        if (ngx_memcmp(p, what->data, what->len) == 0) {
            return p;
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_whatsapp_print_field(ngx_http_request_t *r,
    ngx_http_whatsapp_form_t *form, ngx_str_t *name, ngx_str_t *value)
{
    u_char                    *dst;
    size_t                     offset;
    ngx_uint_t                 element;
    const char                *error;
    ngx_http_whatsapp_json_t  *json;

    if (form->fields++ == NGX_HTTP_WHATSAPP_JSON_MEMBERS) {
        return ngx_http_whatsapp_error(r, NGX_HTTP_WHATSAPP_INVALID_REQUEST,
                                       "the form has more than %d fields",
                                       NGX_HTTP_WHATSAPP_JSON_MEMBERS);
    }

    element = ngx_http_whatsapp_is_element(name);
    dst = ngx_http_whatsapp_print_name(form->p, form, name);
    json = NULL;

    if (!form->strings && ngx_http_whatsapp_is_json(value)) {
        json = ngx_http_whatsapp_json_parse(ngx_http_whatsapp_pool(r), value,
                                            &error, &offset);

        if (json == NULL && error == NULL) {
            return NGX_HTTP_INTERNAL_SERVER_ERROR;
        }
    }

    if (json) {
        dst = ngx_cpymem(dst, value->data, value->len);

    } else {
        *dst++ = '"';
        dst = (u_char *) ngx_escape_json(dst, value->data, value->len);
        *dst++ = '"';
    }

    if (element) {
        *dst++ = ']';
    }

    *dst++ = ',';

    form->p = dst;

    return NGX_OK;
}


/* prints the name, but only a comma between elements of the same array */

static u_char *
ngx_http_whatsapp_print_name(u_char *p, ngx_http_whatsapp_form_t *form,
    ngx_str_t *name)
{
    ngx_str_t   member;
    ngx_uint_t  element;

    member = *name;
    element = ngx_http_whatsapp_is_element(name);

    if (element) {
        member.len -= sizeof("[]") - 1;

        if (form->array.len == member.len
            && ngx_memcmp(form->array.data, member.data, member.len) == 0)
        {
            /* "]," becomes "," */

            p[-2] = ',';
            return p - 1;
        }
    }

    *p++ = '"';
    p = (u_char *) ngx_escape_json(p, member.data, member.len);
    *p++ = '"'; *p++ = ':';

    ngx_str_null(&form->array);

    if (element) {
        form->array = member;
        *p++ = '[';
    }

    return p;
}


static ngx_uint_t
ngx_http_whatsapp_is_element(ngx_str_t *name)
{
    return name->len > 2 && name->data[name->len - 2] == '['
           && name->data[name->len - 1] == ']';
}
