/*
 * Addresses that may be connected to: the first 16 bytes of an input are one,
 * the rest, if there is any, a network to allow.  No notation of an address
 * opens what another one keeps closed.
 */

#include <netinet/in.h>

#include <stdbool.h>

#include "base/address_guard.h"

#include "fuzz.h"


static bool
permits6(const struct address_guard *guard, const uint8_t address[16])
{
    struct sockaddr_in6  sin6;

    memset(&sin6, 0, sizeof(sin6));
    sin6.sin6_family = AF_INET6;
    memcpy(&sin6.sin6_addr, address, 16);

    return address_guard_permits(guard, (struct sockaddr *) &sin6);
}


static bool
permits4(const struct address_guard *guard, const uint8_t address[4])
{
    struct sockaddr_in  sin;

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    memcpy(&sin.sin_addr, address, 4);

    return address_guard_permits(guard, (struct sockaddr *) &sin);
}


/* the least that nobody may be let to, told in another way */

static bool
is_private(const uint8_t v4[4])
{
    return v4[0] == 0 || v4[0] == 10 || v4[0] == 127 || v4[0] >= 224
           || (v4[0] == 169 && v4[1] == 254)
           || (v4[0] == 172 && v4[1] >= 16 && v4[1] <= 31)
           || (v4[0] == 192 && v4[1] == 168)
           || (v4[0] == 100 && v4[1] >= 64 && v4[1] <= 127);
}


static void
check_notations(const struct address_guard *guard, const uint8_t v4[4])
{
    bool     permitted;
    uint8_t  mapped[16];

    static const uint8_t  nat64[12] = { 0, 0x64, 0xff, 0x9b };

    memset(mapped, 0, 10);
    memset(mapped + 10, 0xff, 2);
    memcpy(mapped + 12, v4, 4);

    permitted = permits4(guard, v4);

    require(permits6(guard, mapped) == permitted);

    memcpy(mapped, nat64, sizeof(nat64));
    require(permitted || !permits6(guard, mapped));

    memset(mapped, 0, 12);
    require(permitted || !permits6(guard, mapped));

    memset(mapped, 0, 16);
    memcpy(mapped, "\x20\x02", 2);
    memcpy(mapped + 2, v4, 4);
    require(permitted || !permits6(guard, mapped));
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                 *cidr;
    bool                  before;
    struct address_guard  guard;

    if (size < 16) {
        return -1;
    }

    memset(&guard, 0, sizeof(guard));

    before = permits6(&guard, data);

    require(!before || (data[0] & 0xe0) == 0x20
            || memcmp(data, "\0\0\0\0\0\0\0\0\0\0\xff\xff", 12) == 0);
    require(!is_private(data + 12) || !permits4(&guard, data + 12));

    check_notations(&guard, data + 12);

    cidr = fuzz_copy(data + 16, size - 16);

    if (address_guard_allow(&guard, cidr)) {
        require(guard.nets_n == 1);
        require(guard.nets[0].bits <= 128);

        /* more is permitted now, but not less */

        require(!before || permits6(&guard, data));

    } else {
        require(guard.nets_n == 0);
    }

    free(cidr);

    return 0;
}
