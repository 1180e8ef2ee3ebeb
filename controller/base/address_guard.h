/*
 * Decides which addresses the controller connects to for clients: public ones
 * of other hosts, and networks that the operator has allowed.  The address
 * itself is checked, whatever name or notation led to it.
 */

#ifndef ADDRESS_GUARD_H
#define ADDRESS_GUARD_H


#include <sys/socket.h>

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>


#define ADDRESS_GUARD_NETS  32


/* IPv4 networks are held as the last 4 bytes of ::ffff:0:0/96 */

struct address_net {
    uint8_t   address[16];
    unsigned  bits;
};


/* all zero: only public addresses are allowed */

struct address_guard {
    struct address_net  nets[ADDRESS_GUARD_NETS];
    size_t              nets_n;
};


/*
 * Allows a network, "10.0.0.0/8" or "fd00::/8", or without a slash an address.
 * Returns false when it is not valid, has bits behind its prefix, or there are
 * ADDRESS_GUARD_NETS already.
 */
bool address_guard_allow(struct address_guard *guard, const char *cidr);

/* Whether an address may be connected to. */
bool address_guard_permits(const struct address_guard *guard,
    const struct sockaddr *address);

/* Whether an address is in a network that was allowed. */
bool address_guard_lists(const struct address_guard *guard,
    const struct sockaddr *address);


#endif /* ADDRESS_GUARD_H */
