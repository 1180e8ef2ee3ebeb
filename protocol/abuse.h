/*
 * How Redis holds the addresses of abusers: for the module, which looks them
 * up and writes them, and for whatsapp-ctl.  docs/redis.md describes it.
 *
 * A key is the prefix and a name: "v4:203.0.113.7", "v6:2001:db8::/64", or
 * with a hash key "h:" and the hexadecimal digits of a digest of such a name.
 * A key whose name begins with WHATSAPP_ABUSE_FORGET is written and deleted in
 * one transaction: all that it does is to tell every nginx that tracks the
 * prefix to forget the address behind it.
 *
 * The includer defines WHATSAPP_EMBEDDED_IPV4 before it includes this file if
 * it needs the IPv6 networks with IPv4 addresses inside, which count as these
 * IPv4 addresses: cut to 64 bits, all of IPv4 behind one translator or relay
 * would be a single client.
 *
 * WHATSAPP_EMBEDDED_IPV4(len, offset, mask, ...): the bytes of a network's
 * prefix, of which there are len; where the IPv4 address begins, and with what
 * each of its bytes is combined by exclusive or.
 */

#ifndef WHATSAPP_ABUSE_H
#define WHATSAPP_ABUSE_H


#define WHATSAPP_ABUSE_PREFIX       "wa:abuse:"
#define WHATSAPP_ABUSE_PREFIX_MAX   64    /* bytes of another one */
#define WHATSAPP_ABUSE_FORGET       "forget:"
#define WHATSAPP_ABUSE_IPV6_PREFIX  64    /* bits that make a client */
#define WHATSAPP_ABUSE_DIGEST_SIZE  16    /* bytes of an HMAC-SHA-256 */
#define WHATSAPP_ABUSE_HASH_KEY_MIN 16    /* bytes of its key */


/*
 * 64:ff9b:1::/48, NAT64 of a site: where the IPv4 address stands is the site's
 * choice, so that only the whole address tells its clients apart
 */

#define WHATSAPP_ABUSE_LOCAL_NAT64  0x00, 0x64, 0xff, 0x9b, 0x00, 0x01


/* the request to a location with whatsapp_abuse_forget, and its header */

#define WHATSAPP_FORGET_METHOD      "DELETE"
#define WHATSAPP_FORGET_HEADER      "X-Abuse-Address"


#endif /* WHATSAPP_ABUSE_H */


#ifdef WHATSAPP_EMBEDDED_IPV4

/* ::ffff:0:0/96, IPv4-mapped */
WHATSAPP_EMBEDDED_IPV4(12, 12, 0x00,
                       0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff)

/* ::ffff:0:0:0/96, IPv4-translated */
WHATSAPP_EMBEDDED_IPV4(12, 12, 0x00,
                       0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, 0, 0)

/* 64:ff9b::/96, NAT64 */
WHATSAPP_EMBEDDED_IPV4(12, 12, 0x00,
                       0x00, 0x64, 0xff, 0x9b, 0, 0, 0, 0, 0, 0, 0, 0)

/* 2002::/16, 6to4 */
WHATSAPP_EMBEDDED_IPV4(2, 2, 0x00, 0x20, 0x02)

/* 2001::/32, Teredo, which inverts the address */
WHATSAPP_EMBEDDED_IPV4(4, 12, 0xff, 0x20, 0x01, 0x00, 0x00)

#undef WHATSAPP_EMBEDDED_IPV4

#endif
