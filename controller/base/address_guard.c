/*
 * The table of networks that are not the public internet.
 */

#include <netinet/in.h>

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/address_guard.h"


static bool address_permitted(const struct address_guard *guard,
    const uint8_t address[16]);
static bool address_allowed(const struct address_guard *guard,
    const uint8_t address[16]);
static bool address_public(const uint8_t address[16]);
static bool address_is_ours(const uint8_t address[16]);
static bool address_bytes(const struct sockaddr *sa, uint8_t bytes[16]);
static bool address_embedded(const uint8_t address[16], uint8_t v4[16]);
static void address_map(const uint8_t *v4, uint8_t mapped[16]);
static bool address_in(const uint8_t address[16], const uint8_t net[16],
    unsigned bits);
static bool address_in_text(const uint8_t address[16], const char *net,
    unsigned bits);


/* RFC 6890 and its registries, IPv4 */

static const struct {
    const char  *net;
    unsigned     bits;
} address_special[] = {
    { "0.0.0.0", 8 },          /* this host */
    { "10.0.0.0", 8 },
    { "100.64.0.0", 10 },      /* carrier-grade NAT */
    { "127.0.0.0", 8 },
    { "169.254.0.0", 16 },     /* link-local, metadata of clouds */
    { "172.16.0.0", 12 },
    { "192.0.0.0", 24 },
    { "192.0.2.0", 24 },
    { "192.88.99.0", 24 },     /* 6to4 relays */
    { "192.168.0.0", 16 },
    { "198.18.0.0", 15 },
    { "198.51.100.0", 24 },
    { "203.0.113.0", 24 },
    { "224.0.0.0", 4 },        /* multicast */
    { "240.0.0.0", 4 }         /* reserved, broadcast */
};


/* the parts of 2000::/3, the public IPv6 addresses, that are not public */

static const struct {
    const char  *net;
    unsigned     bits;
} address_special6[] = {
    { "2001::", 23 },          /* Teredo, ORCHID, benchmarks ... */
    { "2001:db8::", 32 },
    { "2002::", 16 },          /* 6to4 */
    { "3fff::", 20 }
};


#define ADDRESS_V4  "::ffff:0:0"


bool
address_guard_allow(struct address_guard *guard, const char *cidr)
{
    char                 text[INET6_ADDRSTRLEN];
    size_t               len, i;
    uint8_t              v4[4];
    unsigned             bits, most;
    const char          *slash;
    struct address_net  *net;

    len = strcspn(cidr, "/");
    slash = cidr[len] == '/' ? cidr + len + 1 : NULL;

    if (len >= sizeof(text) || guard->nets_n == ADDRESS_GUARD_NETS) {
        return false;
    }

    memcpy(text, cidr, len);
    text[len] = '\0';

    net = &guard->nets[guard->nets_n];

    if (inet_pton(AF_INET, text, v4) == 1) {
        address_map(v4, net->address);
        most = 32;

    } else if (inet_pton(AF_INET6, text, net->address) == 1) {
        most = 128;

    } else {
        return false;
    }

    bits = most;

    if (slash != NULL) {
        if (strspn(slash, "0123456789") != strlen(slash)
            || *slash == '\0' || strlen(slash) > 3)
        {
            return false;
        }

        bits = (unsigned) strtoul(slash, NULL, 10);
    }

    if (bits > most) {
        return false;
    }

    net->bits = 128 - most + bits;

    for (i = net->bits; i < 128; i++) {
        if ((net->address[i / 8] & (0x80 >> i % 8)) != 0) {
            return false;
        }
    }

    guard->nets_n++;

    return true;
}


bool
address_guard_permits(const struct address_guard *guard,
    const struct sockaddr *address)
{
    uint8_t  bytes[16], v4[16];

    if (!address_bytes(address, bytes)) {
        return false;
    }

    /* an address that embeds an IPv4 address leads to that address */

    if (address_embedded(bytes, v4) && !address_permitted(guard, v4)) {
        return false;
    }

    return address_permitted(guard, bytes);
}


bool
address_guard_lists(const struct address_guard *guard,
    const struct sockaddr *address)
{
    uint8_t  bytes[16];

    return address_bytes(address, bytes) && address_allowed(guard, bytes);
}


static bool
address_permitted(const struct address_guard *guard,
    const uint8_t address[16])
{
    return address_allowed(guard, address)
           || (address_public(address) && !address_is_ours(address));
}


static bool
address_allowed(const struct address_guard *guard, const uint8_t address[16])
{
    size_t  i;

    for (i = 0; i < guard->nets_n; i++) {
        if (address_in(address, guard->nets[i].address,
                       guard->nets[i].bits))
        {
            return true;
        }
    }

    return false;
}


static bool
address_public(const uint8_t address[16])
{
    size_t   i;
    uint8_t  net[16], v4[4];

    if (address_in_text(address, ADDRESS_V4, 96)) {

        for (i = 0;
             i < sizeof(address_special) / sizeof(address_special[0]);
             i++)
        {
            (void) inet_pton(AF_INET, address_special[i].net, v4);
            address_map(v4, net);

            if (address_in(address, net, 96 + address_special[i].bits)) {
                return false;
            }
        }

        return true;
    }

    for (i = 0;
         i < sizeof(address_special6) / sizeof(address_special6[0]);
         i++)
    {
        if (address_in_text(address, address_special6[i].net,
                            address_special6[i].bits))
        {
            return false;
        }
    }

    return address_in_text(address, "2000::", 3);
}


/*
 * Whether the address is one of this host, whose services a firewall may keep
 * from others.  The kernel connects to such an address from the same address;
 * connecting a datagram socket shows that and sends nothing.
 */

static bool
address_is_ours(const uint8_t address[16])
{
    int                  fd;
    bool                 ours;
    uint8_t              from[16];
    socklen_t            size;
    struct sockaddr     *sa;
    struct sockaddr_in   sin;
    struct sockaddr_in6  sin6;

    memset(&sin, 0, sizeof(sin));
    memset(&sin6, 0, sizeof(sin6));

    sin.sin_family = AF_INET;
    sin.sin_port = htons(9);
    memcpy(&sin.sin_addr, address + 12, 4);

    sin6.sin6_family = AF_INET6;
    sin6.sin6_port = htons(9);
    memcpy(&sin6.sin6_addr, address, 16);

    if (address_in_text(address, ADDRESS_V4, 96)) {
        sa = (struct sockaddr *) &sin;
        size = sizeof(sin);

    } else {
        sa = (struct sockaddr *) &sin6;
        size = sizeof(sin6);
    }

    fd = socket(sa->sa_family, SOCK_DGRAM | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        return true;
    }

    ours = connect(fd, sa, size) == 0 && getsockname(fd, sa, &size) == 0
           && address_bytes(sa, from)
           && memcmp(from, address, sizeof(from)) == 0;

    (void) close(fd);

    return ours;
}


/* writes IPv4 as ::ffff:0:0/96; false for other families than IPv4, IPv6 */

static bool
address_bytes(const struct sockaddr *sa, uint8_t bytes[16])
{
    const struct sockaddr_in   *sin;
    const struct sockaddr_in6  *sin6;

    switch (sa->sa_family) {

    case AF_INET:
        sin = (const struct sockaddr_in *) sa;
        address_map((const uint8_t *) &sin->sin_addr, bytes);
        return true;

    case AF_INET6:
        sin6 = (const struct sockaddr_in6 *) sa;
        memcpy(bytes, &sin6->sin6_addr, 16);
        return true;

    default:
        return false;
    }
}


/* finds the IPv4 address in an address of NAT64, 6to4, Teredo or ISATAP */

static bool
address_embedded(const uint8_t address[16], uint8_t v4[16])
{
    size_t   i;
    uint8_t  inverted[4];

    static const uint8_t  isatap[] = { 0, 0, 0x5e, 0xfe };

    /* :: and ::1 embed nothing */

    if (address_in_text(address, ADDRESS_V4, 96)
        || address_in_text(address, "::", 127))
    {
        return false;
    }

    if (address_in_text(address, "::", 96)
        || address_in_text(address, "64:ff9b::", 96)
        || address_in_text(address, "64:ff9b:1::", 48)
        || ((address[8] & 0xfd) == isatap[0]
            && memcmp(address + 9, isatap + 1, 3) == 0))
    {
        address_map(address + 12, v4);
        return true;
    }

    if (address_in_text(address, "2002::", 16)) {
        address_map(address + 2, v4);
        return true;
    }

    if (address_in_text(address, "2001::", 32)) {
        for (i = 0; i < 4; i++) {
            inverted[i] = address[12 + i] ^ 0xff;
        }

        address_map(inverted, v4);
        return true;
    }

    return false;
}


static void
address_map(const uint8_t *v4, uint8_t mapped[16])
{
    memset(mapped, 0, 10);
    memset(mapped + 10, 0xff, 2);
    memcpy(mapped + 12, v4, 4);
}


static bool
address_in(const uint8_t address[16], const uint8_t net[16], unsigned bits)
{
    unsigned  rest;

    if (memcmp(address, net, bits / 8) != 0) {
        return false;
    }

    rest = bits % 8;

    return rest == 0
           || (address[bits / 8] ^ net[bits / 8]) >> (8 - rest) == 0;
}


static bool
address_in_text(const uint8_t address[16], const char *net, unsigned bits)
{
    uint8_t  bytes[16];

    (void) inet_pton(AF_INET6, net, bytes);

    return address_in(address, bytes, bits);
}
