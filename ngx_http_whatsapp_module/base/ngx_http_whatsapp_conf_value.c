
/*
 * Checks words of directives, and reports errors at places that the parser has
 * left already.
 */


#include "ngx_http_whatsapp_conf_value.h"


static char *ngx_http_whatsapp_check_word(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *word, ngx_str_t *names, size_t size);
static u_char *ngx_http_whatsapp_list_words(u_char *p, u_char *last,
    ngx_str_t *names, size_t size);


/* nginx's two kinds of rows are walked alike: their names come first */

_Static_assert(offsetof(ngx_conf_enum_t, name) == 0
               && offsetof(ngx_conf_bitmask_t, name) == 0,
               "a row begins with its name");


void
ngx_http_whatsapp_conf_place(ngx_conf_t *cf,
    ngx_http_whatsapp_conf_place_t *place)
{
    place->file = cf->conf_file->file.name.data;
    place->line = cf->conf_file->line;
}


void
ngx_http_whatsapp_conf_error(ngx_conf_t *cf,
    ngx_http_whatsapp_conf_place_t *place, const char *fmt, ...)
{
    u_char   text[NGX_MAX_CONF_ERRSTR], *p;
    va_list  args;

    va_start(args, fmt);
    p = ngx_vslprintf(text, text + NGX_MAX_CONF_ERRSTR, fmt, args);
    va_end(args);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0, "%*s in %s:%ui",
                  (size_t) (p - text), text, place->file, place->line);
}


char *
ngx_http_whatsapp_set_enum_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char       *rv;
    ngx_str_t  *value;

    value = cf->args->elts;

    rv = ngx_http_whatsapp_check_word(cf, cmd, &value[1], cmd->post,
                                      sizeof(ngx_conf_enum_t));

    return rv == NGX_CONF_OK ? ngx_conf_set_enum_slot(cf, cmd, conf) : rv;
}


char *
ngx_http_whatsapp_set_bitmask_slot(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf)
{
    char        *rv;
    ngx_str_t   *value;
    ngx_uint_t   i;

    value = cf->args->elts;

    for (i = 1; i < cf->args->nelts; i++) {

        rv = ngx_http_whatsapp_check_word(cf, cmd, &value[i], cmd->post,
                                          sizeof(ngx_conf_bitmask_t));
        if (rv != NGX_CONF_OK) {
            return rv;
        }
    }

    return ngx_conf_set_bitmask_slot(cf, cmd, conf);
}


/* size: of a row, the first member of which is its name; the last is empty */

static char *
ngx_http_whatsapp_check_word(ngx_conf_t *cf, ngx_command_t *cmd,
    ngx_str_t *word, ngx_str_t *names, size_t size)
{
    u_char      words[NGX_MAX_CONF_ERRSTR], *p;
    ngx_str_t  *name;

    for (name = names; name->len;
         name = (ngx_str_t *) ((u_char *) name + size))
    {
        if (name->len == word->len
            && ngx_strcasecmp(name->data, word->data) == 0)
        {
            return NGX_CONF_OK;
        }
    }

    p = ngx_http_whatsapp_list_words(words, words + NGX_MAX_CONF_ERRSTR,
                                     names, size);

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "invalid value \"%V\" in \"%V\" directive, it must be "
                       "%*s", word, &cmd->name, (size_t) (p - words), words);

    return NGX_CONF_ERROR;
}


/* prints "a", "b" or "c" */

static u_char *
ngx_http_whatsapp_list_words(u_char *p, u_char *last, ngx_str_t *names,
    size_t size)
{
    ngx_str_t   *name, *next;
    const char  *end;

    for (name = names; name->len; name = next) {

        next = (ngx_str_t *) ((u_char *) name + size);

        if (next->len == 0) {
            end = "";

        } else {
            end = ((ngx_str_t *) ((u_char *) next + size))->len ? ", "
                                                                : " or ";
        }

        p = ngx_slprintf(p, last, "\"%V\"%s", name, end);
    }

    return p;
}
