
/*
 * Checks of text by its characters.
 */


#include "ngx_http_whatsapp_text.h"


ngx_uint_t
ngx_http_whatsapp_text_equal(ngx_str_t *one, ngx_str_t *two)
{
    return one->len == two->len
           && ngx_memcmp(one->data, two->data, one->len) == 0;
}


ngx_uint_t
ngx_http_whatsapp_text_is(ngx_str_t *s, const char *word)
{
    return s->len == ngx_strlen(word)
           && ngx_memcmp(s->data, word, s->len) == 0;
}


ngx_uint_t
ngx_http_whatsapp_digits(u_char *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {
        if (p[i] < '0' || p[i] > '9') {
            return 0;
        }
    }

    return len > 0;
}


ngx_uint_t
ngx_http_whatsapp_decimal(ngx_str_t *s)
{
    u_char  *p, *last, *dot;

    p = s->data;
    last = p + s->len;

    if (p < last && *p == '-') {
        p++;
    }

    dot = ngx_strlchr(p, last, '.');

    if (dot == NULL) {
        dot = last;

    } else if (!ngx_http_whatsapp_digits(dot + 1, last - dot - 1)) {
        return 0;
    }

    return ngx_http_whatsapp_digits(p, dot - p)
           && (*p != '0' || dot - p == 1);
}


ngx_uint_t
ngx_http_whatsapp_visible(ngx_str_t *s)
{
    size_t  i;

    for (i = 0; i < s->len; i++) {
        if (s->data[i] <= 0x20 || s->data[i] >= 0x7f) {
            return 0;
        }
    }

    return s->len > 0;
}


/*
 * ngx_utf8_decode() takes surrogates, and any byte from 0x80 on for one that
 * continues a character
 */

size_t
ngx_http_whatsapp_utf8(u_char *p, u_char *last)
{
    size_t    len, i;
    uint32_t  code, least;

    if (*p < 0x80) {
        return 1;

    } else if (*p >= 0xc2 && *p <= 0xdf) {
        len = 2;
        code = *p & 0x1f;
        least = 0x80;

    } else if ((*p & 0xf0) == 0xe0) {
        len = 3;
        code = *p & 0x0f;
        least = 0x800;

    } else if (*p >= 0xf0 && *p <= 0xf4) {
        len = 4;
        code = *p & 0x07;
        least = 0x10000;

    } else {
        return 0;
    }

    if ((size_t) (last - p) < len) {
        return 0;
    }

    for (i = 1; i < len; i++) {

        if ((p[i] & 0xc0) != 0x80) {
            return 0;
        }

        code = (code << 6) | (p[i] & 0x3f);
    }

    if (code < least || code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff))
    {
        return 0;
    }

    return len;
}


size_t
ngx_http_whatsapp_base64url(u_char *p, size_t len)
{
    size_t  i;

    for (i = 0; i < len; i++) {

        if ((p[i] < 'a' || p[i] > 'z')
            && (p[i] < 'A' || p[i] > 'Z')
            && (p[i] < '0' || p[i] > '9')
            && p[i] != '-' && p[i] != '_')
        {
            break;
        }
    }

    return i;
}


ngx_uint_t
ngx_http_whatsapp_wamid(u_char *p, size_t len)
{
    size_t  prefix;

    prefix = sizeof("wamid.") - 1;

    return len > prefix && len <= NGX_HTTP_WHATSAPP_WAMID_LEN
           && ngx_strncmp(p, "wamid.", prefix) == 0
           && ngx_http_whatsapp_base64url(p + prefix, len - prefix)
              == len - prefix;
}


ngx_uint_t
ngx_http_whatsapp_is_url(ngx_str_t *url)
{
    u_char  *p, *last;

    p = url->data;
    last = p + url->len;

    if (url->len > 7 && ngx_strncmp(p, "http://", 7) == 0) {
        p += 7;

    } else if (url->len > 8 && ngx_strncmp(p, "https://", 8) == 0) {
        p += 8;

    } else {
        return 0;
    }

    if (*p == '/') {
        return 0;
    }

    while (p < last && ngx_http_whatsapp_is_url_char(*p)) {
        p++;
    }

    return p == last;
}


ngx_uint_t
ngx_http_whatsapp_is_url_char(u_char ch)
{
    switch (ch) {

    case '-':
    case '.':
    case '_':
    case '~':
    case ':':
    case '/':
    case '[':
    case ']':
    case '%':
        return 1;

    default:
        return (ch >= 'a' && ch <= 'z')
               || (ch >= 'A' && ch <= 'Z')
               || (ch >= '0' && ch <= '9');
    }
}
