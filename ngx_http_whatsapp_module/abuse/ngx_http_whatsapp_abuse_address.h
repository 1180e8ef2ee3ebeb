
/*
 * The key of a client's address, and the text that names the key in Redis:
 * "v4:203.0.113.7", "v6:2001:db8::/64" or, with a hash key, "h:" and 32
 * hexadecimal digits.
 */


#ifndef _NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_H_INCLUDED_
#define _NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_H_INCLUDED_


#include "ngx_http_whatsapp_abuse_cache.h"


/* most bytes of the text: "v6:", an address, "/128" */

#define NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_LEN                                   \
    (sizeof("v6:") + NGX_INET6_ADDRSTRLEN + sizeof("/128"))


typedef struct {
    ngx_uint_t  ipv6_prefix;                      /* bits */
    void       *mac;                              /* EVP_MAC_CTX or NULL */
} ngx_http_whatsapp_abuse_address_t;


/*
 * Sets up rule->mac with the key, which the caller may wipe afterwards. The
 * pool frees it.
 * @return NGX_OK or NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_abuse_address_mac(
    ngx_http_whatsapp_abuse_address_t *rule, ngx_pool_t *pool, ngx_str_t *key);

/*
 * Makes the key of an address: IPv4 whole, IPv4-mapped as IPv4, IPv6 cut to
 * the prefix, or the digest of that.
 * @return NGX_OK, NGX_DECLINED for a unix socket, NGX_ERROR
 */
ngx_int_t ngx_http_whatsapp_abuse_address_key(
    ngx_http_whatsapp_abuse_address_t *rule, struct sockaddr *sockaddr,
    ngx_http_whatsapp_abuse_key_t *key);

/*
 * Writes the key's text, at most NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_LEN bytes.
 * @return the end of the text
 */
u_char *ngx_http_whatsapp_abuse_address_text(u_char *p,
    ngx_http_whatsapp_abuse_key_t *key);

/*
 * Makes a key of its text.
 * @return NGX_OK, or NGX_DECLINED when the text names no key
 */
ngx_int_t ngx_http_whatsapp_abuse_address_parse(ngx_str_t *text,
    ngx_http_whatsapp_abuse_key_t *key);


#endif /* _NGX_HTTP_WHATSAPP_ADDRESS_H_INCLUDED_ */
