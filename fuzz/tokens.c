/*
 * The file of tokens: what is taken has digests in their order, none of them
 * twice, and no token without a scope.
 */

#include "ngx_http_whatsapp_request.h"

#include "../t/unit/nginx.h"
#include "fuzz.h"


static void
check_token(const ngx_http_whatsapp_token_t *token)
{
    size_t      n;
    ngx_str_t  *session;
    ngx_uint_t  i;

    require(token->scopes != 0);
    require((token->scopes & ~NGX_HTTP_WHATSAPP_SCOPES) == 0);

    if (token->sessions == NULL) {
        return;
    }

    require(token->sessions->nelts != 0);

    session = token->sessions->elts;

    for (i = 0; i < token->sessions->nelts; i++) {
        require(session[i].len != 0);
        require(session[i].len <= NGX_HTTP_WHATSAPP_SESSION_LEN);

        for (n = 0; n < session[i].len; n++) {
            require(session[i].data[n] >= '0' && session[i].data[n] <= '9');
        }
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                          *rc;
    ngx_str_t                      args[2];
    ngx_uint_t                     i;
    ngx_conf_t                     cf;
    ngx_array_t                    array;
    ngx_http_whatsapp_token_t     *token;
    ngx_http_whatsapp_loc_conf_t   conf;

    memset(&cf, 0, sizeof(cf));
    memset(&array, 0, sizeof(array));
    memset(&conf, 0, sizeof(conf));

    args[1] = nginx_file(data, size);
    array.elts = args;
    cf.args = &array;
    conf.tokens = NGX_CONF_UNSET_PTR;

    rc = ngx_http_whatsapp_tokens(&cf, NULL, &conf);

    if (rc == NGX_CONF_OK) {
        token = conf.tokens->elts;

        for (i = 0; i < conf.tokens->nelts; i++) {
            check_token(&token[i]);

            require(i == 0
                    || memcmp(token[i - 1].digest, token[i].digest,
                              NGX_HTTP_WHATSAPP_DIGEST_LEN)
                       < 0);
        }

    } else {
        require(rc == NGX_CONF_ERROR);
    }

    nginx_release();

    return 0;
}
