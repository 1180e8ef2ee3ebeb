
/*
 * Directives and the configuration of locations: how it is created and
 * inherited.  A directive is a row here, with its default and its setter;
 * setters that read a file are beside what the file holds.
 */


#include "ngx_http_whatsapp_module.h"
#include "ngx_http_whatsapp_api.h"
#include "ngx_http_whatsapp_file.h"
#include "ngx_http_whatsapp_upstream.h"
#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_text.h"


/* ms */
#define NGX_HTTP_WHATSAPP_READ_TIMEOUT_MIN  200

/* a head of the controller and an error object fit into the buffer, bytes */
#define NGX_HTTP_WHATSAPP_BUFFER_MIN        8192


static void ngx_http_whatsapp_merge_upstream(ngx_http_upstream_conf_t *conf,
    ngx_http_upstream_conf_t *prev);
static void ngx_http_whatsapp_inherit_pass(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf, ngx_http_whatsapp_loc_conf_t *prev);
static void ngx_http_whatsapp_drop_error_pages(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf, ngx_http_whatsapp_loc_conf_t *prev);
static ngx_int_t ngx_http_whatsapp_set_head(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf);
static char *ngx_http_whatsapp_set_peer(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *wlcf, ngx_str_t *value);
static char *ngx_http_whatsapp_pass(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_whatsapp_beta_api(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_whatsapp_read_timeout(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_whatsapp_json_max_size(ngx_conf_t *cf, void *post,
    void *data);
static char *ngx_http_whatsapp_buffer_size(ngx_conf_t *cf, void *post,
    void *data);


/* "non_idempotent" is missing: a send goes to one controller only */

static ngx_conf_bitmask_t  ngx_http_whatsapp_next_upstream_masks[] = {
    { ngx_string("error"), NGX_HTTP_UPSTREAM_FT_ERROR },
    { ngx_string("timeout"), NGX_HTTP_UPSTREAM_FT_TIMEOUT },
    { ngx_string("invalid_header"), NGX_HTTP_UPSTREAM_FT_INVALID_HEADER },
    { ngx_string("http_500"), NGX_HTTP_UPSTREAM_FT_HTTP_500 },
    { ngx_string("http_503"), NGX_HTTP_UPSTREAM_FT_HTTP_503 },
    { ngx_string("http_504"), NGX_HTTP_UPSTREAM_FT_HTTP_504 },
    { ngx_string("http_404"), NGX_HTTP_UPSTREAM_FT_HTTP_404 },
    { ngx_string("http_429"), NGX_HTTP_UPSTREAM_FT_HTTP_429 },
    { ngx_string("off"), NGX_HTTP_UPSTREAM_FT_OFF },
    { ngx_null_string, 0 }
};


static ngx_conf_enum_t  ngx_http_whatsapp_interactive_modes[] = {
    { ngx_string("off"), NGX_HTTP_WHATSAPP_INTERACTIVE_OFF },
    { ngx_string("text"), NGX_HTTP_WHATSAPP_INTERACTIVE_TEXT },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_http_whatsapp_read_timeout_post = {
    ngx_http_whatsapp_read_timeout
};


static ngx_conf_post_t  ngx_http_whatsapp_json_max_size_post = {
    ngx_http_whatsapp_json_max_size
};


static ngx_conf_post_t  ngx_http_whatsapp_buffer_size_post = {
    ngx_http_whatsapp_buffer_size
};


ngx_command_t  ngx_http_whatsapp_commands[] = {

    { ngx_string("whatsapp_pass"),
      NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_pass,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_tokens"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_tokens,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_auth"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, auth),
      NULL },

    { ngx_string("whatsapp_secret_file"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_secret_file,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_interactive"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_set_enum_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, interactive),
      &ngx_http_whatsapp_interactive_modes },

    { ngx_string("whatsapp_templates"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_templates,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_beta_api"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE12,
      ngx_http_whatsapp_beta_api,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_public_url"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_http_whatsapp_set_public_url,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, public_url),
      NULL },

    { ngx_string("whatsapp_privacy_policy"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_NOARGS
      |NGX_CONF_TAKE12,
      ngx_http_whatsapp_privacy_policy,
      NGX_HTTP_LOC_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("whatsapp_json_max_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, json_max_size),
      &ngx_http_whatsapp_json_max_size_post },

    { ngx_string("whatsapp_connect_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.connect_timeout),
      NULL },

    { ngx_string("whatsapp_send_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.send_timeout),
      NULL },

    { ngx_string("whatsapp_read_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.read_timeout),
      &ngx_http_whatsapp_read_timeout_post },

    { ngx_string("whatsapp_buffer_size"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.buffer_size),
      &ngx_http_whatsapp_buffer_size_post },

    { ngx_string("whatsapp_socket_keepalive"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.socket_keepalive),
      NULL },

    { ngx_string("whatsapp_next_upstream"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_1MORE,
      ngx_http_whatsapp_set_bitmask_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream),
      &ngx_http_whatsapp_next_upstream_masks },

    { ngx_string("whatsapp_next_upstream_tries"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_num_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream_tries),
      NULL },

    { ngx_string("whatsapp_next_upstream_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_HTTP_LOC_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_LOC_CONF_OFFSET,
      offsetof(ngx_http_whatsapp_loc_conf_t, upstream.next_upstream_timeout),
      NULL },

      ngx_null_command
};


void *
ngx_http_whatsapp_create_main_conf(ngx_conf_t *cf)
{
    /*
     * set by ngx_pcalloc():
     *
     *     conf->enabled = 0;
     */

    return ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_main_conf_t));
}


void *
ngx_http_whatsapp_create_loc_conf(ngx_conf_t *cf)
{
    ngx_http_whatsapp_loc_conf_t  *conf;

    conf = ngx_pcalloc(cf->pool, sizeof(ngx_http_whatsapp_loc_conf_t));
    if (conf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     conf->upstream.bufs.num = 0;
     *     conf->upstream.next_upstream = 0;
     *     conf->upstream.temp_path = NULL;
     *     conf->upstream.buffering = 0;
     *     conf->upstream.ignore_client_abort = 0;
     *     conf->upstream.store = 0;
     *     conf->upstream.max_temp_file_size = 0;
     *     conf->upstream.force_ranges = 0;
     *     conf->pass = NULL;
     *     conf->place = { NULL, 0 };
     *     conf->root = { 0, NULL };
     *     conf->root_uri = { 0, NULL };
     *     conf->secret = { 0, NULL };
     *     conf->beta_session = { 0, NULL };
     *     conf->public_url = NULL;
     *     conf->base = NULL;
     *     conf->error_pages = NULL;
     *     conf->enabled = 0;
     *     conf->pages_dropped = 0;
     */

    conf->upstream.socket_keepalive = NGX_CONF_UNSET;
    conf->upstream.next_upstream_tries = NGX_CONF_UNSET_UINT;
    conf->upstream.connect_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.send_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.read_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.next_upstream_timeout = NGX_CONF_UNSET_MSEC;
    conf->upstream.buffer_size = NGX_CONF_UNSET_SIZE;

    /* the hardcoded values */
    conf->upstream.intercept_errors = 1;

    conf->tokens = NGX_CONF_UNSET_PTR;
    conf->templates = NGX_CONF_UNSET_PTR;
    conf->policy = NGX_CONF_UNSET_PTR;
    conf->interactive = NGX_CONF_UNSET_UINT;
    conf->auth = NGX_CONF_UNSET;
    conf->beta_api = NGX_CONF_UNSET;
    conf->json_max_size = NGX_CONF_UNSET_SIZE;

    return conf;
}


char *
ngx_http_whatsapp_merge_loc_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_whatsapp_loc_conf_t *prev = parent;
    ngx_http_whatsapp_loc_conf_t *conf = child;

    ngx_http_whatsapp_merge_upstream(&conf->upstream, &prev->upstream);

    ngx_conf_merge_ptr_value(conf->tokens, prev->tokens, NULL);
    ngx_conf_merge_ptr_value(conf->templates, prev->templates, NULL);
    ngx_conf_merge_ptr_value(conf->policy, prev->policy, NULL);
    ngx_conf_merge_uint_value(conf->interactive, prev->interactive,
                              NGX_HTTP_WHATSAPP_INTERACTIVE_OFF);
    ngx_conf_merge_value(conf->auth, prev->auth, 1);
    ngx_conf_merge_str_value(conf->secret, prev->secret, "");

    if (conf->beta_api == NGX_CONF_UNSET) {
        conf->beta_session = prev->beta_session;
    }

    ngx_conf_merge_value(conf->beta_api, prev->beta_api, 0);
    ngx_conf_merge_size_value(conf->json_max_size, prev->json_max_size,
                              64 * 1024);

    if (conf->public_url == NULL) {
        conf->public_url = prev->public_url;
    }

    ngx_http_whatsapp_inherit_pass(cf, conf, prev);
    ngx_http_whatsapp_drop_error_pages(cf, conf, prev);

    if (!conf->enabled) {
        return NGX_CONF_OK;
    }

    if (ngx_http_whatsapp_set_head(cf, conf) != NGX_OK
        || ngx_http_whatsapp_set_base(cf, conf) != NGX_CONF_OK)
    {
        return NGX_CONF_ERROR;
    }

    return ngx_http_whatsapp_check_conf(cf, conf);
}


/* the headers of all calls are printed once */

static ngx_int_t
ngx_http_whatsapp_set_head(ngx_conf_t *cf, ngx_http_whatsapp_loc_conf_t *conf)
{
    u_char  *p;

    p = ngx_pnalloc(cf->pool, NGX_HTTP_WHATSAPP_HEAD_LEN + conf->secret.len);
    if (p == NULL) {
        return NGX_ERROR;
    }

    conf->head.data = p;

    p = ngx_http_whatsapp_request_head(p, &conf->secret);

    conf->head.len = p - conf->head.data;

    return ngx_http_whatsapp_wipe_later(cf->pool, &conf->head);
}


static void
ngx_http_whatsapp_merge_upstream(ngx_http_upstream_conf_t *conf,
    ngx_http_upstream_conf_t *prev)
{
    ngx_conf_merge_value(conf->socket_keepalive, prev->socket_keepalive, 0);

    ngx_conf_merge_uint_value(conf->next_upstream_tries,
                              prev->next_upstream_tries, 0);

    ngx_conf_merge_msec_value(conf->connect_timeout,
                              prev->connect_timeout, 5000);

    ngx_conf_merge_msec_value(conf->send_timeout, prev->send_timeout, 10000);

    ngx_conf_merge_msec_value(conf->read_timeout, prev->read_timeout, 60000);

    ngx_conf_merge_msec_value(conf->next_upstream_timeout,
                              prev->next_upstream_timeout, 0);

    ngx_conf_merge_size_value(conf->buffer_size, prev->buffer_size,
                              NGX_HTTP_WHATSAPP_BUFFER_MIN);

    ngx_conf_merge_bitmask_value(conf->next_upstream, prev->next_upstream,
                                 (NGX_CONF_BITMASK_SET
                                  |NGX_HTTP_UPSTREAM_FT_ERROR
                                  |NGX_HTTP_UPSTREAM_FT_TIMEOUT));

    if (conf->next_upstream & NGX_HTTP_UPSTREAM_FT_OFF) {
        conf->next_upstream = NGX_CONF_BITMASK_SET|NGX_HTTP_UPSTREAM_FT_OFF;
    }
}


/* blocks of "if" and "limit_except" pass to where their location does */

static void
ngx_http_whatsapp_inherit_pass(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf, ngx_http_whatsapp_loc_conf_t *prev)
{
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (!prev->enabled || conf->enabled
        || !(clcf->noname || clcf->lmt_excpt))
    {
        return;
    }

    if (clcf->handler == NULL) {
        clcf->handler = ngx_http_whatsapp_handler;
    }

    conf->enabled = 1;
    conf->upstream.upstream = prev->upstream.upstream;
    conf->pass = prev->pass;
    conf->place = prev->place;
    conf->root = prev->root;
}


/*
 * Pages of outer levels would answer with HTML.  The core has merged all
 * levels before this module, so that a pointer equal to the outer level's is
 * inherited.
 */

static void
ngx_http_whatsapp_drop_error_pages(ngx_conf_t *cf,
    ngx_http_whatsapp_loc_conf_t *conf, ngx_http_whatsapp_loc_conf_t *prev)
{
    ngx_uint_t                 inherited;
    ngx_http_core_loc_conf_t  *clcf;

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    conf->error_pages = clcf->error_pages;

    inherited = (conf->error_pages == prev->error_pages);

    if (clcf->noname || clcf->lmt_excpt) {
        inherited = inherited && prev->pages_dropped;
    }

    if (conf->enabled && inherited) {
        clcf->error_pages = NULL;
        conf->pages_dropped = 1;
    }
}


static char *
ngx_http_whatsapp_pass(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    char                           *rv;
    ngx_str_t                      *value;
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    if (wlcf->enabled) {
        return "is duplicate";
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    rv = ngx_http_whatsapp_check_location(cf, clcf);

    if (rv != NGX_CONF_OK) {
        return rv;
    }

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);

    wmcf->enabled = 1;
    wlcf->enabled = 1;

    ngx_http_whatsapp_conf_place(cf, &wlcf->place);

    clcf->handler = ngx_http_whatsapp_handler;

    wlcf->root = clcf->name;

    if (wlcf->root.data[wlcf->root.len - 1] == '/') {
        wlcf->root.len--;
        clcf->auto_redirect = 1;
    }

    value = cf->args->elts;

    return ngx_http_whatsapp_set_peer(cf, wlcf, &value[1]);
}


static char *
ngx_http_whatsapp_set_peer(ngx_conf_t *cf, ngx_http_whatsapp_loc_conf_t *wlcf,
    ngx_str_t *value)
{
    ngx_url_t                          u;
    ngx_http_compile_complex_value_t   ccv;

    if (ngx_http_script_variables_count(value)) {

        wlcf->pass = ngx_palloc(cf->pool, sizeof(ngx_http_complex_value_t));
        if (wlcf->pass == NULL) {
            return NGX_CONF_ERROR;
        }

        ngx_memzero(&ccv, sizeof(ngx_http_compile_complex_value_t));

        ccv.cf = cf;
        ccv.value = value;
        ccv.complex_value = wlcf->pass;

        if (ngx_http_compile_complex_value(&ccv) != NGX_OK) {
            return NGX_CONF_ERROR;
        }

        return NGX_CONF_OK;
    }

    if (ngx_strlchr(value->data, value->data + value->len, '/')
        && ngx_strncasecmp(value->data, (u_char *) "unix:", 5) != 0)
    {
        return value->data[0] == '/'
               ? "takes an address, a name or a socket: \"unix:\" is missing "
                 "before the path"
               : "takes an address, a name or \"unix:\" and a path";
    }

    ngx_memzero(&u, sizeof(ngx_url_t));

    u.url = *value;
    u.no_resolve = 1;

    wlcf->upstream.upstream = ngx_http_upstream_add(cf, &u, 0);
    if (wlcf->upstream.upstream == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_beta_api(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_whatsapp_loc_conf_t *wlcf = conf;

    ngx_str_t                      *value, session;
    ngx_http_whatsapp_main_conf_t  *wmcf;

    if (wlcf->beta_api != NGX_CONF_UNSET) {
        return "is duplicate";
    }

    value = cf->args->elts;

    if (ngx_http_whatsapp_text_is(&value[1], "on")) {
        wlcf->beta_api = 1;

    } else if (ngx_http_whatsapp_text_is(&value[1], "off")
               && cf->args->nelts == 2)
    {
        wlcf->beta_api = 0;

    } else {
        return "takes \"off\", or \"on\" and \"phone_number_id=\"";
    }

    if (cf->args->nelts == 3) {
        session = value[2];

        if (session.len < sizeof("phone_number_id=") - 1
            || ngx_strncmp(session.data, "phone_number_id=",
                           sizeof("phone_number_id=") - 1)
               != 0)
        {
            return "takes \"phone_number_id=\" and nothing else after \"on\"";
        }

        session.data += sizeof("phone_number_id=") - 1;
        session.len -= sizeof("phone_number_id=") - 1;

        if (session.len > NGX_HTTP_WHATSAPP_SESSION_LEN
            || !ngx_http_whatsapp_digits(session.data, session.len))
        {
            return "needs 1 to 15 digits as \"phone_number_id=\"";
        }

        wlcf->beta_session = session;
    }

    wmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_whatsapp_module);

    wmcf->beta_api |= wlcf->beta_api;

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_read_timeout(ngx_conf_t *cf, void *post, void *data)
{
    ngx_msec_t *np = data;

    if (*np < NGX_HTTP_WHATSAPP_READ_TIMEOUT_MIN) {
        return "must be at least 200ms";
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_whatsapp_json_max_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *sp = data;

    return *sp ? NGX_CONF_OK : "must not be 0";
}


static char *
ngx_http_whatsapp_buffer_size(ngx_conf_t *cf, void *post, void *data)
{
    size_t *sp = data;

    if (*sp < NGX_HTTP_WHATSAPP_BUFFER_MIN) {
        return "must be at least 8192";
    }

    return NGX_CONF_OK;
}
