/*
 * nginx's pools, arrays and strings, as far as the tests need them.  What a
 * function takes and returns is what nginx 1.22 says, oddities included.
 */

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>

#include <sys/mman.h>

#include "nginx.h"


static void   **allocs;
static size_t   nallocs, allocs_size;

volatile ngx_msec_t  ngx_current_msec;
ngx_module_t         ngx_http_whatsapp_module;
uint32_t             ngx_crc32_table256[256];


void
nginx_release(void)
{
    while (nallocs) {
        free(allocs[--nallocs]);
    }
}


/* a file in memory */

ngx_str_t
nginx_file(const void *text, size_t len)
{
    ngx_str_t  name;

    static int   fd = -1;
    static char  path[64];

    if (fd == -1) {
        fd = memfd_create("nginx", MFD_CLOEXEC);
        (void) snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
    }

    if (fd == -1 || ftruncate(fd, 0) == -1
        || pwrite(fd, text, len, 0) != (ssize_t) len)
    {
        abort();
    }

    name.data = (u_char *) path;
    name.len = strlen(path);

    return name;
}


/* ==== ngx_palloc.c, ngx_array.c ==== */

void *
ngx_palloc(ngx_pool_t *pool, size_t size)
{
    void  *p, **more;

    if (nallocs == allocs_size) {
        allocs_size = 2 * allocs_size + 64;
        more = realloc(allocs, allocs_size * sizeof(void *));

        if (more == NULL) {
            abort();
        }

        allocs = more;
    }

    p = malloc(size);

    if (p == NULL) {
        abort();
    }

    allocs[nallocs++] = p;

    return p;
}


void *
ngx_pnalloc(ngx_pool_t *pool, size_t size)
{
    return ngx_palloc(pool, size);
}


void *
ngx_pcalloc(ngx_pool_t *pool, size_t size)
{
    return memset(ngx_palloc(pool, size), 0, size);
}


/* its handler is never called, as a pool is released without it */

ngx_pool_cleanup_t *
ngx_pool_cleanup_add(ngx_pool_t *pool, size_t size)
{
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pcalloc(pool, sizeof(ngx_pool_cleanup_t));
    cln->data = ngx_palloc(pool, size);

    return cln;
}


void
ngx_explicit_memzero(void *buf, size_t n)
{
    explicit_bzero(buf, n);
}


ngx_array_t *
ngx_array_create(ngx_pool_t *pool, ngx_uint_t n, size_t size)
{
    ngx_array_t  *array;

    array = ngx_palloc(pool, sizeof(ngx_array_t));

    (void) ngx_array_init(array, pool, n, size);

    return array;
}


void *
ngx_array_push(ngx_array_t *a)
{
    return ngx_array_push_n(a, 1);
}


void *
ngx_array_push_n(ngx_array_t *a, ngx_uint_t n)
{
    void  *elts;

    if (a->nelts + n > a->nalloc) {
        elts = a->elts;

        a->nalloc = 2 * ngx_max(n, a->nalloc);
        a->elts = ngx_palloc(a->pool, a->nalloc * a->size);

        memcpy(a->elts, elts, a->nelts * a->size);
    }

    a->nelts += n;

    return (u_char *) a->elts + (a->nelts - n) * a->size;
}


/* ==== ngx_string.c ==== */

u_char *
ngx_pstrdup(ngx_pool_t *pool, ngx_str_t *src)
{
    return memcpy(ngx_pnalloc(pool, src->len), src->data, src->len);
}


ngx_int_t
ngx_atoi(u_char *line, size_t n)
{
    ngx_int_t  value;

    if (n == 0) {
        return NGX_ERROR;
    }

    for (value = 0; n--; line++) {

        if (*line < '0' || *line > '9'
            || value > (NGX_MAX_INT_T_VALUE - (*line - '0')) / 10)
        {
            return NGX_ERROR;
        }

        value = value * 10 + (*line - '0');
    }

    return value;
}


ngx_int_t
ngx_hextoi(u_char *line, size_t n)
{
    u_char     c;
    ngx_int_t  value;

    if (n == 0) {
        return NGX_ERROR;
    }

    for (value = 0; n--; line++) {
        c = *line | 0x20;

        if (*line >= '0' && *line <= '9') {
            value = value * 16 + (*line - '0');

        } else if (c >= 'a' && c <= 'f') {
            value = value * 16 + (c - 'a' + 10);

        } else {
            return NGX_ERROR;
        }
    }

    return value;
}


ngx_int_t
ngx_strncasecmp(u_char *s1, u_char *s2, size_t n)
{
    return strncasecmp((char *) s1, (char *) s2, n);
}


u_char *
ngx_strnstr(u_char *s1, char *s2, size_t len)
{
    size_t  n;

    n = strlen(s2);

    for ( /* void */ ; len >= n && *s1 != '\0'; s1++, len--) {
        if (strncmp((char *) s1, s2, n) == 0) {
            return s1;
        }
    }

    return NULL;
}


/* n is the length of s2 without its last character */

u_char *
ngx_strlcasestrn(u_char *s1, u_char *last, u_char *s2, size_t n)
{
    for ( /* void */ ; s1 < last && (size_t) (last - s1) > n; s1++) {
        if (strncasecmp((char *) s1, (char *) s2, n + 1) == 0) {
            return s1;
        }
    }

    return NULL;
}


/* takes any byte from 0x80 on for one that continues a character */

uint32_t
ngx_utf8_decode(u_char **p, size_t n)
{
    size_t    len;
    uint32_t  u, c, valid;

    u = **p;

    if (u >= 0xf0) {
        u &= 0x07;
        valid = 0xffff;
        len = 3;

    } else if (u >= 0xe0) {
        u &= 0x0f;
        valid = 0x7ff;
        len = 2;

    } else if (u >= 0xc2) {
        u &= 0x1f;
        valid = 0x7f;
        len = 1;

    } else {
        (*p)++;
        return 0xffffffff;
    }

    if (n - 1 < len) {
        return 0xfffffffe;
    }

    (*p)++;

    while (len) {
        c = *(*p)++;

        if (c < 0x80) {
            return 0xffffffff;
        }

        len--;

        u = (u << 6) | (c & 0x3f);
    }

    return u > valid ? u : 0xffffffff;
}


/* the number of bytes, if they are not UTF-8 */

size_t
ngx_utf8_length(u_char *p, size_t n)
{
    size_t   len;
    u_char  *last;

    last = p + n;

    for (len = 0; p < last; len++) {

        if (*p < 0x80) {
            p++;

        } else if (ngx_utf8_decode(&p, last - p) > 0x10ffff) {
            return n;
        }
    }

    return len;
}


uintptr_t
ngx_escape_json(u_char *dst, u_char *src, size_t size)
{
    u_char      *p;
    size_t       len;
    const char  *letter;

    static const char  escaped[] = "\"\\\n\r\t\b\f";
    static const char  letters[] = "\"\\nrtbf";

    len = 0;

    for ( /* void */ ; size; size--, src++) {
        letter = *src ? strchr(escaped, *src) : NULL;
        len += letter ? 1 : *src < 0x20 ? 5 : 0;

        if (dst == NULL) {
            continue;
        }

        if (letter) {
            *dst++ = '\\';
            *dst++ = letters[letter - escaped];

        } else if (*src < 0x20) {
            for (p = (u_char *) "\\u00"; *p; /* void */ ) {
                *dst++ = *p++;
            }

            *dst++ = "01"[*src >> 4];
            *dst++ = "0123456789ABCDEF"[*src & 0xf];

        } else {
            *dst++ = *src;
        }
    }

    return dst ? (uintptr_t) dst : (uintptr_t) len;
}


u_char * ngx_cdecl
ngx_sprintf(u_char *buf, const char *fmt, ...)
{
    u_char   *p;
    va_list   args;

    va_start(args, fmt);
    p = ngx_vslprintf(buf, (void *) -1, fmt, args);
    va_end(args);

    return p;
}


static u_char *
nginx_print(u_char *buf, u_char *last, const char *s, size_t len)
{
    len = ngx_min(len, (size_t) (last - buf));

    return ngx_cpymem(buf, s, len);
}


static u_char *
nginx_print_number(u_char *buf, u_char *last, const char *fmt,
    long long value)
{
    int   n;
    char  number[32];

    n = snprintf(number, sizeof(number), fmt, value);

    return nginx_print(buf, last, number, n);
}


/* "%V", "%s", "%d", "%ui", "%uL", "%L", "%T" */

u_char *
ngx_vslprintf(u_char *buf, u_char *last, const char *fmt, va_list args)
{
    const char  *s;
    ngx_str_t   *v;

    for ( /* void */ ; *fmt && buf < last; fmt++) {

        if (*fmt != '%') {
            *buf++ = *fmt;
            continue;
        }

        switch (*++fmt) {

        case 'V':
            v = va_arg(args, ngx_str_t *);
            buf = nginx_print(buf, last, (char *) v->data, v->len);
            break;

        case 's':
            s = va_arg(args, const char *);
            buf = nginx_print(buf, last, s, strlen(s));
            break;

        case 'd':
            buf = nginx_print_number(buf, last, "%lld", va_arg(args, int));
            break;

        case 'L':
        case 'T':
            buf = nginx_print_number(buf, last, "%lld",
                                     va_arg(args, int64_t));
            break;

        case 'u':
            if (*++fmt != 'i' && *fmt != 'L') {
                abort();
            }

            buf = nginx_print_number(buf, last, "%llu",
                                     va_arg(args, uint64_t));
            break;

        default:
            abort();
        }
    }

    return buf;
}


/* ==== ngx_crc32.c, ngx_http_parse.c ==== */

static void __attribute__((constructor))
nginx_crc32_init(void)
{
    uint32_t  i, bit, c;

    for (i = 0; i < 256; i++) {
        c = i;

        for (bit = 0; bit < 8; bit++) {
            c = (c & 1) ? (c >> 1) ^ 0xedb88320 : c >> 1;
        }

        ngx_crc32_table256[i] = c;
    }
}


ngx_int_t
ngx_http_arg(ngx_http_request_t *r, u_char *name, size_t len,
    ngx_str_t *value)
{
    u_char  *p, *last;

    p = r->args.data;
    last = p + r->args.len;

    for ( /* void */ ; p < last; p++) {

        p = ngx_strlcasestrn(p, last, name, len - 1);

        if (p == NULL) {
            return NGX_DECLINED;
        }

        if ((p == r->args.data || p[-1] == '&') && p + len < last
            && p[len] == '=')
        {
            value->data = p + len + 1;

            p = ngx_strlchr(value->data, last, '&');

            value->len = (p ? p : last) - value->data;

            return NGX_OK;
        }
    }

    return NGX_DECLINED;
}


/* ==== ngx_files.c, ngx_conf_file.c ==== */

ssize_t
ngx_read_file(ngx_file_t *file, u_char *buf, size_t size, off_t offset)
{
    return pread(file->fd, buf, size, offset);
}


ngx_int_t
ngx_conf_full_name(ngx_cycle_t *cycle, ngx_str_t *name, ngx_uint_t conf_prefix)
{
    return NGX_OK;
}


/* nobody reads what is logged */

void ngx_cdecl
ngx_conf_log_error(ngx_uint_t level, ngx_conf_t *cf, ngx_err_t err,
    const char *fmt, ...)
{
    /* void */
}


/* ==== ngx_log.c ==== */

void
ngx_log_error_core(ngx_uint_t level, ngx_log_t *log, ngx_err_t err,
    const char *fmt, ...)
{
    /* void */
}
