
/*
 * The writer of samples. Each function takes the room that it needs, so no
 * caller computes the length of a page beforehand. When memory is short, all
 * further calls do nothing, and ngx_http_whatsapp_sample_close() returns NULL.
 */


#include "ngx_http_whatsapp_status.h"


#define NGX_HTTP_WHATSAPP_SAMPLE_BUFFER  (16 * 1024)


static void ngx_http_whatsapp_sample_write(ngx_http_whatsapp_samples_t *out,
    const char *s);
static void ngx_http_whatsapp_sample_escape(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *s);
static u_char *ngx_http_whatsapp_sample_room(ngx_http_whatsapp_samples_t *out,
    size_t size);


void
ngx_http_whatsapp_sample_open(ngx_http_whatsapp_samples_t *out)
{
    out->last = &out->chain;

    if (out->json) {
        ngx_http_whatsapp_sample_write(out, "{\"metrics\":[");
    }
}


void
ngx_http_whatsapp_sample_head(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *type, const char *help)
{
    if (out->json) {
        return;
    }

    ngx_http_whatsapp_sample_write(out, "# HELP ");
    ngx_http_whatsapp_sample_write(out, name);
    ngx_http_whatsapp_sample_write(out, " ");
    ngx_http_whatsapp_sample_write(out, help);
    ngx_http_whatsapp_sample_write(out, "\n# TYPE ");
    ngx_http_whatsapp_sample_write(out, name);
    ngx_http_whatsapp_sample_write(out, " ");
    ngx_http_whatsapp_sample_write(out, type);
    ngx_http_whatsapp_sample_write(out, "\n");
}


void
ngx_http_whatsapp_sample_begin(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *suffix)
{
    if (out->json) {
        ngx_http_whatsapp_sample_write(out, out->samples ? ",{\"name\":\""
                                                         : "{\"name\":\"");
    }

    ngx_http_whatsapp_sample_write(out, name);
    ngx_http_whatsapp_sample_write(out, suffix);

    if (out->json) {
        ngx_http_whatsapp_sample_write(out, "\",\"labels\":{");
    }

    out->samples++;
    out->labels = 0;
}


void
ngx_http_whatsapp_sample_label(ngx_http_whatsapp_samples_t *out,
    const char *name, ngx_str_t *value)
{
    if (out->labels++) {
        ngx_http_whatsapp_sample_write(out, ",");

    } else if (!out->json) {
        ngx_http_whatsapp_sample_write(out, "{");
    }

    if (out->json) {
        ngx_http_whatsapp_sample_write(out, "\"");
    }

    ngx_http_whatsapp_sample_write(out, name);
    ngx_http_whatsapp_sample_write(out, out->json ? "\":\"" : "=\"");
    ngx_http_whatsapp_sample_escape(out, value);
    ngx_http_whatsapp_sample_write(out, "\"");
}


void
ngx_http_whatsapp_sample_word(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *word)
{
    ngx_str_t  value;

    value.data = (u_char *) word;
    value.len = ngx_strlen(word);

    ngx_http_whatsapp_sample_label(out, name, &value);
}


void
ngx_http_whatsapp_sample_end(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *value)
{
    if (out->json) {
        ngx_http_whatsapp_sample_write(out, "},\"value\":");
        ngx_http_whatsapp_sample_copy(out, value);
        ngx_http_whatsapp_sample_write(out, "}");
        return;
    }

    ngx_http_whatsapp_sample_write(out, out->labels ? "} " : " ");
    ngx_http_whatsapp_sample_copy(out, value);
    ngx_http_whatsapp_sample_write(out, "\n");
}


void
ngx_http_whatsapp_sample_end_number(ngx_http_whatsapp_samples_t *out,
    ngx_atomic_uint_t value)
{
    u_char     number[NGX_ATOMIC_T_LEN];
    ngx_str_t  text;

    text.data = number;
    text.len = ngx_sprintf(number, "%uA", value) - number;

    ngx_http_whatsapp_sample_end(out, &text);
}


ngx_chain_t *
ngx_http_whatsapp_sample_close(ngx_http_whatsapp_samples_t *out)
{
    if (out->json) {
        ngx_http_whatsapp_sample_write(out, "]}\n");
    }

    return out->failed ? NULL : out->chain;
}


static void
ngx_http_whatsapp_sample_write(ngx_http_whatsapp_samples_t *out, const char *s)
{
    ngx_str_t  text;

    text.data = (u_char *) s;
    text.len = ngx_strlen(s);

    ngx_http_whatsapp_sample_copy(out, &text);
}


void
ngx_http_whatsapp_sample_copy(ngx_http_whatsapp_samples_t *out,
    ngx_str_t *text)
{
    u_char  *p;

    p = ngx_http_whatsapp_sample_room(out, text->len);

    if (p) {
        out->buf->last = ngx_cpymem(p, text->data, text->len);
    }
}


/* the text format escapes quotes, backslashes and line feeds only */

static void
ngx_http_whatsapp_sample_escape(ngx_http_whatsapp_samples_t *out, ngx_str_t *s)
{
    u_char  *p, c;
    size_t   i;

    p = ngx_http_whatsapp_sample_room(out, 6 * s->len);

    if (p == NULL) {
        return;
    }

    if (out->json) {
        out->buf->last = (u_char *) ngx_escape_json(p, s->data, s->len);
        return;
    }

    for (i = 0; i < s->len; i++) {
        c = s->data[i];

        if (c == '"' || c == '\\' || c == LF) {
            *p++ = '\\';
        }

        *p++ = (c == LF) ? 'n' : c;
    }

    out->buf->last = p;
}


/* returns the end of a buffer that has room for size bytes, or NULL */

static u_char *
ngx_http_whatsapp_sample_room(ngx_http_whatsapp_samples_t *out, size_t size)
{
    ngx_buf_t    *b;
    ngx_chain_t  *cl;

    if (out->failed) {
        return NULL;
    }

    b = out->buf;

    if (b && (size_t) (b->end - b->last) >= size) {
        return b->last;
    }

    b = ngx_create_temp_buf(out->pool,
                            ngx_max(size, NGX_HTTP_WHATSAPP_SAMPLE_BUFFER));
    cl = ngx_alloc_chain_link(out->pool);

    if (b == NULL || cl == NULL) {
        out->failed = 1;
        return NULL;
    }

    cl->buf = b;
    cl->next = NULL;

    *out->last = cl;
    out->last = &cl->next;
    out->buf = b;

    return b->last;
}
