/*
 * How Redis names a client that is banned: the same as the nginx module does,
 * see docs/redis.md.
 */

#ifndef BAN_NAME_H
#define BAN_NAME_H


#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "protocol/abuse.h"


#define BAN_NAME_SIZE  64    /* of a name, with its NUL */


/* what makes a client of an address */

struct ban_rule {
    unsigned        ipv6_prefix;    /* bits */
    const uint8_t  *hash_key;       /* or NULL: addresses are plain */
    size_t          hash_key_size;
};


/*
 * Writes what is banned with an address: "203.0.113.7", or for IPv6 its
 * network, as "2001:db8::/64", which address may be too.  Returns false if it
 * is no address, or a network of another size.
 */
bool ban_client(const struct ban_rule *rule, const char *address,
    char client[BAN_NAME_SIZE]);

/*
 * Writes the name of a client behind the prefix of a key: "v4:203.0.113.7",
 * "v6:2001:db8::/64", or its digest, "h:" and hexadecimal digits.  Returns
 * false when libcrypto fails.
 */
bool ban_name(const struct ban_rule *rule, const char *client,
    char name[BAN_NAME_SIZE]);

/*
 * Returns the client of a name, which is a part of it, or the name itself if
 * that is a digest; NULL if it is the name of no client.
 */
const char *ban_name_client(const char *name);


#endif /* BAN_NAME_H */
