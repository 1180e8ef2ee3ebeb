/*
 * A body of /messages on its way through both programs: what the module takes
 * and prints fits where it is printed, is well-formed JSON, and is taken by
 * the controller, but for ids that only the controller can judge.
 */

#include <stdbool.h>
#include <unistd.h>

#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_template_file.h"

#include "calls/message_params.h"

#include "../t/unit/nginx.h"
#include "fuzz.h"


/* what ngx_http_whatsapp_call_start() has room for beyond a call's own size */

#define ROOM  256


static ngx_http_whatsapp_loc_conf_t  conf;


ngx_int_t
ngx_http_whatsapp_error(ngx_http_request_t *r,
    ngx_http_whatsapp_error_e reason, const char *fmt, ...)
{
    return NGX_HTTP_BAD_REQUEST;
}


ngx_pool_t *
ngx_http_whatsapp_pool(ngx_http_request_t *r)
{
    return NULL;
}


/* one template of each kind, and interactive messages as text */

static void
configure(void)
{
    ngx_str_t    args[2];
    ngx_conf_t   cf;
    ngx_array_t  array;

    static const char  file[] = "[a en]\nHello {{1}}, {{2}}\n"
                                "[b en]\n{{name}}\n[c en]\ntext\n";

    memset(&cf, 0, sizeof(cf));
    memset(&array, 0, sizeof(array));

    args[1] = nginx_file(file, sizeof(file) - 1);
    array.elts = args;
    cf.args = &array;

    conf.interactive = NGX_HTTP_WHATSAPP_INTERACTIVE_TEXT;
    conf.templates = NGX_CONF_UNSET_PTR;

    require(ngx_http_whatsapp_templates(&cf, NULL, &conf) == NGX_CONF_OK);
}


static struct seal *
create_seal(void)
{
    char          path[64];
    struct seal  *seal;

    char  directory[] = "/tmp/fuzz-message-XXXXXX";

    require(mkdtemp(directory) != NULL);

    seal = seal_create(directory);
    require(seal != NULL);

    (void) snprintf(path, sizeof(path), "%s/seal.key", directory);
    (void) unlink(path);
    (void) rmdir(directory);

    return seal;
}


/* ids are sealed, and those of messages hold a key of WhatsApp Web's */

static bool
is_id(const struct error *error)
{
    return error->code == ERROR_GROUP_NOT_FOUND
           || error->code == ERROR_MEDIA_NOT_FOUND
           || (error->message != NULL
               && strstr(error->message, "message_id") != NULL);
}


/* the error's message may be of the parameters */

static bool
controller_takes(struct message_params *params, json_t *object,
    struct error *error)
{
    json_t  *message;

    static struct message_ids  ids;

    if (ids.seal == NULL) {
        ids.seal = create_seal();
        ids.session = "15550000001";
    }

    memset(error, 0, sizeof(struct error));

    if (!message_params_read(params, object, &ids, error)) {
        return false;
    }

    message = message_params_message(params);
    require(message != NULL);
    json_decref(message);

    return true;
}


static void
check_call(const char *text, size_t len)
{
    json_t                 *object;
    struct error            error;
    struct message_params   params;

    object = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    require(object != NULL);

    if (!controller_takes(&params, object, &error) && !is_id(&error)) {
        fprintf(stderr, "refused (%s): %.*s\n",
                error.message ? error.message : "", (int) len, text);
        abort();
    }

    json_decref(object);
}


/* a client that is not nginx may send the controller anything */

static void
check_body(const uint8_t *data, size_t size)
{
    json_t                 *object;
    struct error            error;
    struct message_params   params;

    object = json_loadb((const char *) data, size, 0, NULL);

    if (object != NULL) {
        (void) controller_takes(&params, object, &error);
        json_decref(object);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    void                      *confs[1], *ctxs[1];
    size_t                     offset, room;
    u_char                    *call, *p;
    ngx_str_t                  text;
    const char                *error;
    ngx_http_request_t         r;
    ngx_http_whatsapp_json_t  *body;

    memset(&r, 0, sizeof(r));
    memset(ctxs, 0, sizeof(ctxs));

    check_body(data, size);
    configure();

    confs[0] = &conf;
    r.loc_conf = confs;
    r.ctx = ctxs;

    text.data = (u_char *) data;
    text.len = size;

    body = ngx_http_whatsapp_json_parse(NULL, &text, &error, &offset);

    if (body == NULL || body->type != NGX_HTTP_WHATSAPP_JSON_OBJECT
        || ngx_http_whatsapp_json_member(body, "status")
        || ngx_http_whatsapp_message_prepare(&r, body, &room) != NGX_OK)
    {
        nginx_release();
        return 0;
    }

    call = ngx_pnalloc(NULL, room + ROOM);

    p = call;
    *p++ = '{';

    if (ngx_http_whatsapp_message_print(&r, &p, body) == NGX_OK) {
        *p++ = '}';
        check_call((char *) call, p - call);
    }

    nginx_release();

    return 0;
}
