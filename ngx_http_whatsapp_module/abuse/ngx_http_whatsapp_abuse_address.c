
/*
 * Keys of client addresses. The first byte of a key is the family, '4', '6' or
 * 'h', the second the number of bits that count. The rest is the address, cut
 * to those bits, or with 'h' the first half of an HMAC-SHA-256 of its text.
 */


#include "ngx_http_whatsapp_abuse_address.h"

#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "protocol/abuse.h"


#if (NGX_HAVE_INET6)

typedef struct {
    u_char  len;                                  /* of the prefix, bytes */
    u_char  offset;                               /* of the IPv4 address */
    u_char  mask;                                 /* of each of its bytes */
    u_char  prefix[12];
} ngx_http_whatsapp_abuse_embedding_t;

#endif


static void ngx_http_whatsapp_abuse_address_cleanup(void *data);
static ngx_int_t ngx_http_whatsapp_abuse_address_digest(
    ngx_http_whatsapp_abuse_address_t *rule,
    ngx_http_whatsapp_abuse_key_t *key);
#if (NGX_HAVE_INET6)
static void ngx_http_whatsapp_abuse_address_inet6(
    ngx_http_whatsapp_abuse_key_t *key, struct in6_addr *addr,
    ngx_uint_t prefix);
#endif
static ngx_int_t ngx_http_whatsapp_abuse_address_parse_digest(ngx_str_t *text,
    ngx_http_whatsapp_abuse_key_t *key);


#if (NGX_HAVE_INET6)

static const ngx_http_whatsapp_abuse_embedding_t
    ngx_http_whatsapp_abuse_embeddings[] =
{

#define WHATSAPP_EMBEDDED_IPV4(len, offset, mask, ...)                        \
    { len, offset, mask, { __VA_ARGS__ } },
#include "protocol/abuse.h"

    { 0, 0, 0, { 0 } }
};


static const u_char  ngx_http_whatsapp_abuse_local_nat64[] = {
    WHATSAPP_ABUSE_LOCAL_NAT64
};

#endif


ngx_int_t
ngx_http_whatsapp_abuse_address_key(ngx_http_whatsapp_abuse_address_t *rule,
    struct sockaddr *sockaddr, ngx_http_whatsapp_abuse_key_t *key)
{
    struct sockaddr_in   *sin;
#if (NGX_HAVE_INET6)
    struct sockaddr_in6  *sin6;
#endif

    ngx_memzero(key, sizeof(ngx_http_whatsapp_abuse_key_t));

    switch (sockaddr->sa_family) {

    case AF_INET:
        sin = (struct sockaddr_in *) sockaddr;

        key->data[0] = '4';
        key->data[1] = 32;
        ngx_memcpy(&key->data[2], &sin->sin_addr, 4);
        break;

#if (NGX_HAVE_INET6)
    case AF_INET6:
        sin6 = (struct sockaddr_in6 *) sockaddr;

        ngx_http_whatsapp_abuse_address_inet6(key, &sin6->sin6_addr,
                                              rule->ipv6_prefix);
        break;
#endif

    default:
        return NGX_DECLINED;
    }

    if (rule->mac) {
        return ngx_http_whatsapp_abuse_address_digest(rule, key);
    }

    return NGX_OK;
}


#if (NGX_HAVE_INET6)

static void
ngx_http_whatsapp_abuse_address_inet6(ngx_http_whatsapp_abuse_key_t *key,
    struct in6_addr *addr, ngx_uint_t prefix)
{
    ngx_uint_t                                  i, bits;
    const ngx_http_whatsapp_abuse_embedding_t  *e;

    for (e = ngx_http_whatsapp_abuse_embeddings; e->len; e++) {

        if (ngx_memcmp(addr->s6_addr, e->prefix, e->len) != 0) {
            continue;
        }

        key->data[0] = '4';
        key->data[1] = 32;

        for (i = 0; i < 4; i++) {
            key->data[i + 2] = addr->s6_addr[e->offset + i] ^ e->mask;
        }

        return;
    }

    if (ngx_memcmp(addr->s6_addr, ngx_http_whatsapp_abuse_local_nat64,
                   sizeof(ngx_http_whatsapp_abuse_local_nat64))
        == 0)
    {
        prefix = 128;
    }

    key->data[0] = '6';
    key->data[1] = (u_char) prefix;

    for (i = 0; i < 16 && prefix > 0; i++) {
        bits = ngx_min(prefix, 8);
        key->data[i + 2] = addr->s6_addr[i] & (u_char) (0xff00 >> bits);
        prefix -= bits;
    }
}

#endif


static ngx_int_t
ngx_http_whatsapp_abuse_address_digest(ngx_http_whatsapp_abuse_address_t *rule,
    ngx_http_whatsapp_abuse_key_t *key)
{
    size_t  len;
    u_char  *p, text[NGX_HTTP_WHATSAPP_ABUSE_ADDRESS_LEN], md[EVP_MAX_MD_SIZE];

    p = ngx_http_whatsapp_abuse_address_text(text, key);

    /* NULL makes OpenSSL use the key of the last EVP_MAC_init() again */

    if (EVP_MAC_init(rule->mac, NULL, 0, NULL) != 1
        || EVP_MAC_update(rule->mac, text, p - text) != 1
        || EVP_MAC_final(rule->mac, md, &len, sizeof(md)) != 1
        || len < WHATSAPP_ABUSE_DIGEST_SIZE)
    {
        return NGX_ERROR;
    }

    key->data[0] = 'h';
    key->data[1] = WHATSAPP_ABUSE_DIGEST_SIZE * 8;
    ngx_memcpy(&key->data[2], md, WHATSAPP_ABUSE_DIGEST_SIZE);

    return NGX_OK;
}


u_char *
ngx_http_whatsapp_abuse_address_text(u_char *p,
    ngx_http_whatsapp_abuse_key_t *key)
{
    u_char  *addr;

    addr = &key->data[2];

    switch (key->data[0]) {

    case '4':
        return ngx_sprintf(p, "v4:%ud.%ud.%ud.%ud",
                           addr[0], addr[1], addr[2], addr[3]);

#if (NGX_HAVE_INET6)
    case '6':
        p = ngx_cpymem(p, "v6:", 3);
        p += ngx_inet6_ntop(addr, p, NGX_INET6_ADDRSTRLEN);

        return ngx_sprintf(p, "/%ud", key->data[1]);
#endif

    default: /* 'h' */
        p = ngx_cpymem(p, "h:", 2);

        return ngx_hex_dump(p, addr, WHATSAPP_ABUSE_DIGEST_SIZE);
    }
}


ngx_int_t
ngx_http_whatsapp_abuse_address_parse(ngx_str_t *text,
    ngx_http_whatsapp_abuse_key_t *key)
{
#if (NGX_HAVE_INET6)
    u_char          *slash;
    ngx_int_t        prefix;
    struct in6_addr  addr6;
#endif
    in_addr_t        addr;

    ngx_memzero(key, sizeof(ngx_http_whatsapp_abuse_key_t));

    if (text->len > 3 && ngx_strncmp(text->data, "v4:", 3) == 0) {
        addr = ngx_inet_addr(text->data + 3, text->len - 3);

        if (addr == INADDR_NONE) {
            return NGX_DECLINED;
        }

        key->data[0] = '4';
        key->data[1] = 32;
        ngx_memcpy(&key->data[2], &addr, 4);

        return NGX_OK;
    }

#if (NGX_HAVE_INET6)

    if (text->len > 3 && ngx_strncmp(text->data, "v6:", 3) == 0) {
        slash = ngx_strlchr(text->data, text->data + text->len, '/');

        if (slash == NULL) {
            return NGX_DECLINED;
        }

        prefix = ngx_atoi(slash + 1, text->data + text->len - slash - 1);

        if (prefix < 1 || prefix > 128
            || ngx_inet6_addr(text->data + 3, slash - text->data - 3,
                              addr6.s6_addr)
               != NGX_OK)
        {
            return NGX_DECLINED;
        }

        ngx_http_whatsapp_abuse_address_inet6(key, &addr6, prefix);

        return NGX_OK;
    }

#endif

    return ngx_http_whatsapp_abuse_address_parse_digest(text, key);
}


static ngx_int_t
ngx_http_whatsapp_abuse_address_parse_digest(ngx_str_t *text,
    ngx_http_whatsapp_abuse_key_t *key)
{
    ngx_int_t   n;
    ngx_uint_t  i;

    if (text->len != 2 + 2 * WHATSAPP_ABUSE_DIGEST_SIZE
        || ngx_strncmp(text->data, "h:", 2) != 0)
    {
        return NGX_DECLINED;
    }

    for (i = 0; i < WHATSAPP_ABUSE_DIGEST_SIZE; i++) {
        n = ngx_hextoi(text->data + 2 + 2 * i, 2);

        if (n == NGX_ERROR) {
            return NGX_DECLINED;
        }

        key->data[i + 2] = (u_char) n;
    }

    key->data[0] = 'h';
    key->data[1] = WHATSAPP_ABUSE_DIGEST_SIZE * 8;

    return NGX_OK;
}


ngx_int_t
ngx_http_whatsapp_abuse_address_mac(ngx_http_whatsapp_abuse_address_t *rule,
    ngx_pool_t *pool, ngx_str_t *key)
{
    char                 digest[] = "SHA256";
    EVP_MAC             *mac;
    OSSL_PARAM           params[2];
    ngx_pool_cleanup_t  *cln;

    cln = ngx_pool_cleanup_add(pool, 0);
    if (cln == NULL) {
        return NGX_ERROR;
    }

    mac = EVP_MAC_fetch(NULL, "HMAC", NULL);
    if (mac == NULL) {
        return NGX_ERROR;
    }

    rule->mac = EVP_MAC_CTX_new(mac);

    EVP_MAC_free(mac);

    if (rule->mac == NULL) {
        return NGX_ERROR;
    }

    cln->handler = ngx_http_whatsapp_abuse_address_cleanup;
    cln->data = rule->mac;

    params[0] = OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST,
                                                 digest, 0);
    params[1] = OSSL_PARAM_construct_end();

    if (EVP_MAC_init(rule->mac, key->data, key->len, params) != 1) {
        return NGX_ERROR;
    }

    return NGX_OK;
}


static void
ngx_http_whatsapp_abuse_address_cleanup(void *data)
{
    EVP_MAC_CTX_free(data);
}
