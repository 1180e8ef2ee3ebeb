/*
 * The module's reader of JSON against jansson: what it takes, jansson takes as
 * well and finds the same in it; what it refuses, jansson refuses, but for the
 * reader's own bounds.  jansson's are those of numbers.
 */

#include <jansson.h>

#include "ngx_http_whatsapp_json.h"

#include "../t/unit/nginx.h"
#include "fuzz.h"


static void
compare_value(const ngx_http_whatsapp_json_t *ours, json_t *theirs)
{
    char  *text;

    text = fuzz_copy(ours->raw.data, ours->raw.len);

    switch (ours->type) {

    case NGX_HTTP_WHATSAPP_JSON_NULL:
        require(json_is_null(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_TRUE:
        require(json_is_true(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_FALSE:
        require(json_is_false(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_INTEGER:
        require(json_is_integer(theirs));
        require(strtoll(text, NULL, 10) == json_integer_value(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_REAL:
        require(json_is_real(theirs));
        require(strtod(text, NULL) == json_real_value(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_STRING:
        require(json_is_string(theirs));
        require(ours->string.len == json_string_length(theirs));
        require(memcmp(ours->string.data, json_string_value(theirs),
                       ours->string.len)
                == 0);
        break;

    case NGX_HTTP_WHATSAPP_JSON_ARRAY:
        require(json_is_array(theirs));
        break;

    case NGX_HTTP_WHATSAPP_JSON_OBJECT:
        require(json_is_object(theirs));
        break;
    }

    free(text);
}


static void
compare(const ngx_http_whatsapp_json_t *ours, json_t *theirs)
{
    char                            *text;
    size_t                           n;
    json_t                          *member;
    const ngx_http_whatsapp_json_t  *m;

    compare_value(ours, theirs);

    for (n = 0, m = ours->members; m != NULL; n++, m = m->next) {

        if (ours->type == NGX_HTTP_WHATSAPP_JSON_OBJECT) {
            text = fuzz_copy(m->name.data, m->name.len);
            member = json_object_get(theirs, text);
            free(text);

        } else {
            member = json_array_get(theirs, n);
        }

        require(member != NULL);
        compare(m, member);
    }

    require(n == (json_is_object(theirs) ? json_object_size(theirs)
                                         : json_array_size(theirs)));
}


static int
is_bound(const char *error)
{
    return strcmp(error, "it is nested too deep") == 0
           || strcmp(error, "it has too many members") == 0;
}


static int
is_out_of_range(const char *error)
{
    return strncmp(error, "too big integer", 15) == 0
           || strncmp(error, "too big negative integer", 24) == 0
           || strncmp(error, "real number overflow", 20) == 0;
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    size_t                     offset;
    json_t                    *theirs;
    ngx_str_t                  text;
    const char                *error;
    json_error_t               jansson;
    ngx_http_whatsapp_json_t  *ours;

    /* libFuzzer's own copy has its bounds watched; nothing writes to it */

    text.data = (u_char *) data;
    text.len = size;
    error = NULL;

    ours = ngx_http_whatsapp_json_parse(NULL, &text, &error, &offset);
    theirs = json_loadb((const char *) data, size,
                        JSON_REJECT_DUPLICATES | JSON_DECODE_ANY, &jansson);

    if (ours != NULL) {
        require(theirs != NULL || is_out_of_range(jansson.text));

        if (theirs != NULL) {
            compare(ours, theirs);
        }

    } else {
        require(error != NULL);
        require(offset <= size);

        /* jansson passes over a NUL behind the value */

        require(theirs == NULL || is_bound(error)
                || memchr(data, '\0', size) != NULL);
    }

    json_decref(theirs);
    nginx_release();

    return 0;
}
