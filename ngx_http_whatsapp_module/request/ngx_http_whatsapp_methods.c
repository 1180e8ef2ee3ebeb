
/*
 * The table of calls, by method.
 */


#include "ngx_http_whatsapp_request.h"


#define NGX_HTTP_WHATSAPP_KIND_SEND         1
#define NGX_HTTP_WHATSAPP_KIND_CALL         0


static const ngx_http_whatsapp_call_t  ngx_http_whatsapp_calls[] = {

#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)              \
    [NGX_HTTP_WHATSAPP_METHOD_##NAME] = { ngx_string(name),                   \
                                          NGX_HTTP_WHATSAPP_SCOPE_##SCOPE,    \
                                          NGX_HTTP_WHATSAPP_KIND_##KIND },
#include "protocol/methods.h"

};

_Static_assert(sizeof(ngx_http_whatsapp_calls)
               / sizeof(ngx_http_whatsapp_calls[0])
               == NGX_HTTP_WHATSAPP_METHODS, "a row for each method");


const ngx_http_whatsapp_call_t *
ngx_http_whatsapp_method_call(ngx_http_whatsapp_method_e method)
{
    return method == NGX_HTTP_WHATSAPP_METHOD_ANY
           ? NULL : &ngx_http_whatsapp_calls[method];
}
