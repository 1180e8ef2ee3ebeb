
/*
 * What the files about the controller share: calls to it over nginx's
 * upstream, and its responses.
 */


#ifndef _NGX_HTTP_WHATSAPP_UPSTREAM_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_UPSTREAM_H_INCLUDED_


#include "ngx_http_whatsapp_request.h"


/* bytes of the headers of every request to the controller, but the secret */
#define NGX_HTTP_WHATSAPP_HEAD_LEN                                            \
    (sizeof("Host: whatsapp-controller" CRLF "X-Whatsapp-Secret: " CRLF) - 1)


/* ngx_http_whatsapp_upstream.c */

/* the content handler of locations with whatsapp_pass */
ngx_int_t ngx_http_whatsapp_handler(ngx_http_request_t *r);

/*
 * creates the upstream of r, which has a context, for one request to the
 * controller; the caller sets create_request, finalize_request,
 * input_filter_init and input_filter, whose data is r; NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_create_upstream(ngx_http_request_t *r,
    ngx_http_upstream_conf_t *conf);

/* makes a buffer of len bytes r's request to its upstream; NULL: no memory */
ngx_buf_t *ngx_http_whatsapp_request_buf(ngx_http_request_t *r, size_t len);

/*
 * prints the headers of every request to the controller at p, at most
 * NGX_HTTP_WHATSAPP_HEAD_LEN bytes and the secret, which may be empty; returns
 * their end
 */
u_char *ngx_http_whatsapp_request_head(u_char *p, ngx_str_t *secret);


/* ngx_http_whatsapp_peer.c */

/* finds the address of a whatsapp_pass with variables; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_eval_pass(ngx_http_request_t *r,
    ngx_http_whatsapp_loc_conf_t *wlcf);

/* 1 if all peers of the upstream are unix sockets */
ngx_uint_t ngx_http_whatsapp_upstream_local(ngx_http_upstream_srv_conf_t *us);


/* ngx_http_whatsapp_repeat.c */

/*
 * sees that a call of which no byte could be written to a kept connection is
 * not taken for one that was sent; called before the upstream is started
 */
void ngx_http_whatsapp_watch_output(ngx_http_request_t *r);

/*
 * has a call of which the controller did nothing made once more, on a new
 * connection to it; NGX_DECLINED: it can't be; else what a process_header
 * callback has to return
 */
ngx_int_t ngx_http_whatsapp_repeat(ngx_http_request_t *r,
    ngx_http_whatsapp_ctx_t *ctx);


/* ngx_http_whatsapp_upload.c */

/*
 * starts the upstream, which gets the client's body as it arrives; returns
 * what a content handler does: NGX_DONE or a status
 */
ngx_int_t ngx_http_whatsapp_pass_body(ngx_http_request_t *r);

/* appends copies of the buffers of body to cl; NGX_OK or NGX_ERROR */
ngx_int_t ngx_http_whatsapp_add_body(ngx_http_request_t *r, ngx_chain_t *cl,
    ngx_chain_t *body);

/* the output filter of an upstream whose request is chunked; data is r */
ngx_int_t ngx_http_whatsapp_chunk_filter(void *data, ngx_chain_t *in);


/* ngx_http_whatsapp_response.c */

/* notes that bytes of the context's call have left for the controller */
void ngx_http_whatsapp_call_left(ngx_http_whatsapp_ctx_t *ctx);

/* callbacks of ngx_http_upstream_t, data is r */

ngx_int_t ngx_http_whatsapp_process_status_line(ngx_http_request_t *r);
ngx_int_t ngx_http_whatsapp_input_filter_init(void *data);
ngx_int_t ngx_http_whatsapp_input_filter(void *data, ssize_t bytes);


/* ngx_http_whatsapp_controller_error.c */

/* the process_header callback for a response that is an error */
ngx_int_t ngx_http_whatsapp_process_error(ngx_http_request_t *r);


#endif /* _NGX_HTTP_WHATSAPP_UPSTREAM_H_INCLUDED_ */
