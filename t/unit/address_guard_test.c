/*
 * Which addresses are public, and which the operator has made so.
 */

#include <net/if.h>
#include <netinet/in.h>
#include <sys/ioctl.h>

#include <arpa/inet.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/address_guard.h"


static struct address_guard  nobody;


static bool
permits(const struct address_guard *guard, const char *text)
{
    struct sockaddr_in   sin;
    struct sockaddr_in6  sin6;

    memset(&sin, 0, sizeof(sin));
    memset(&sin6, 0, sizeof(sin6));

    if (inet_pton(AF_INET, text, &sin.sin_addr) == 1) {
        sin.sin_family = AF_INET;
        return address_guard_permits(guard, (struct sockaddr *) &sin);
    }

    assert_int_equal(inet_pton(AF_INET6, text, &sin6.sin6_addr), 1);
    sin6.sin6_family = AF_INET6;

    return address_guard_permits(guard, (struct sockaddr *) &sin6);
}


static void
test_public(void **state)
{
    size_t  i;

    static const char *const  addresses[] = {
        "1.1.1.1", "8.8.8.8", "9.255.255.255", "11.0.0.0",
        "100.63.255.255", "100.128.0.0", "126.255.255.255", "128.0.0.0",
        "169.253.255.255", "169.255.0.0", "172.15.255.255", "172.32.0.0",
        "191.255.255.255", "192.0.1.0", "192.0.3.0", "192.167.255.255",
        "192.169.0.0", "198.17.255.255", "198.20.0.0", "203.0.112.255",
        "203.0.114.0", "223.255.255.255",
        "::ffff:8.8.8.8", "2000::1", "2606:4700:4700::1111",
        "2a00:1450::1", "2001:200::1", "3ffe::1"
    };

    (void) state;

    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (!permits(&nobody, addresses[i])) {
            fail_msg("%s", addresses[i]);
        }
    }
}


static void
test_refused(void **state)
{
    size_t  i;

    static const char *const  addresses[] = {

        /* IPv4, both ends of each network */

        "0.0.0.0", "0.255.255.255", "10.0.0.0", "10.255.255.255",
        "100.64.0.0", "100.127.255.255", "127.0.0.0", "127.0.0.1",
        "127.255.255.255", "169.254.0.0", "169.254.169.254",
        "169.254.255.255", "172.16.0.0", "172.31.255.255", "192.0.0.0",
        "192.0.0.255", "192.0.2.1", "192.88.99.1", "192.168.0.0",
        "192.168.255.255", "198.18.0.0", "198.19.255.255",
        "198.51.100.1", "203.0.113.255", "224.0.0.0", "239.255.255.255",
        "240.0.0.0", "255.255.255.255",

        /* IPv6 */

        "::", "::1", "::2", "fc00::1", "fd00::1", "fdff:ffff::", "fe80::1",
        "febf::1", "fec0::1", "ff00::1", "ff02::1", "100::1", "2001::1",
        "2001:db8::1", "2001:10::1", "3fff::1", "4000::1", "5f00::1",

        /* IPv4 inside of IPv6 */

        "::ffff:127.0.0.1", "::ffff:10.0.0.1", "::ffff:169.254.169.254",
        "::ffff:0.0.0.0", "::127.0.0.1", "::8.8.8.8", "64:ff9b::10.0.0.1",
        "64:ff9b::7f00:1", "64:ff9b::8.8.8.8", "64:ff9b:1::10.0.0.1",
        "64:ff9b:1:ffff::1", "2002:7f00:1::", "2002:a00:1::1",
        "2002:808:808::1", "2001:0:4136:e378:8000:63bf:3fff:fdd2",
        "2001:0:808:808:0:0:80ff:fffe", "2606:4700::5efe:10.0.0.1",
        "2606:4700::200:5efe:7f00:1"
    };

    (void) state;

    for (i = 0; i < sizeof(addresses) / sizeof(addresses[0]); i++) {
        if (permits(&nobody, addresses[i])) {
            fail_msg("%s", addresses[i]);
        }
    }
}


static void
test_other_families(void **state)
{
    struct sockaddr  address;

    (void) state;

    memset(&address, 0, sizeof(address));

    address.sa_family = AF_UNIX;
    assert_false(address_guard_permits(&nobody, &address));

    address.sa_family = AF_UNSPEC;
    assert_false(address_guard_permits(&nobody, &address));
}


static void
test_allowed(void **state)
{
    struct address_guard  guard;

    (void) state;

    memset(&guard, 0, sizeof(guard));

    assert_true(address_guard_allow(&guard, "10.1.0.0/16"));
    assert_true(address_guard_allow(&guard, "127.0.0.1"));
    assert_true(address_guard_allow(&guard, "::1"));
    assert_true(address_guard_allow(&guard, "fd00::/8"));

    assert_true(permits(&guard, "10.1.0.0"));
    assert_true(permits(&guard, "10.1.255.255"));
    assert_true(permits(&guard, "::ffff:10.1.2.3"));
    assert_true(permits(&guard, "127.0.0.1"));
    assert_true(permits(&guard, "::1"));
    assert_true(permits(&guard, "fd12::1"));
    assert_true(permits(&guard, "8.8.8.8"));

    assert_false(permits(&guard, "10.0.255.255"));
    assert_false(permits(&guard, "10.2.0.0"));
    assert_false(permits(&guard, "127.0.0.2"));
    assert_false(permits(&guard, "::2"));
    assert_false(permits(&guard, "fc00::1"));
    assert_false(permits(&guard, "64:ff9b::10.1.0.1"));
}


/* who allows NAT64 gets what is public behind it, and no more */

static void
test_allowed_nat64(void **state)
{
    struct address_guard  guard;

    (void) state;

    memset(&guard, 0, sizeof(guard));

    assert_true(address_guard_allow(&guard, "64:ff9b::/96"));
    assert_true(permits(&guard, "64:ff9b::8.8.8.8"));
    assert_false(permits(&guard, "64:ff9b::127.0.0.1"));
    assert_false(permits(&guard, "64:ff9b::192.168.1.1"));
}


static void
test_networks(void **state)
{
    size_t                i;
    struct address_guard  guard;

    static const char *const  bad[] = {
        "", "/", "/8", "10", "10.0.0.0/", "10.0.0.0/33", "10.0.0.0/-1",
        "10.0.0.0/8x", "10.0.0.0/ 8", "10.0.0.1/8", "10.0.0.0/8/8",
        "fd00::/129", "fd00::1/8", "::/0x", "localhost", "010.0.0.0/8",
        "10.0.0/8", "0x7f.1", "2130706433", "[::1]",
        "1111:1111:1111:1111:1111:1111:1111:1111:1111:1111:1111/8"
    };

    (void) state;

    memset(&guard, 0, sizeof(guard));

    for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        if (address_guard_allow(&guard, bad[i])) {
            fail_msg("%s", bad[i]);
        }
    }

    assert_int_equal(guard.nets_n, 0);

    for (i = 0; i < ADDRESS_GUARD_NETS; i++) {
        assert_true(address_guard_allow(&guard, "10.0.0.0/8"));
    }

    assert_false(address_guard_allow(&guard, "10.0.0.0/8"));

    memset(&guard, 0, sizeof(guard));
    assert_true(address_guard_allow(&guard, "0.0.0.0/0"));
    assert_true(permits(&guard, "127.0.0.1"));
    assert_false(permits(&guard, "::1"));
}


/* in a network of its own, where this host has such an address */

static void
test_this_host(void **state)
{
    int                   fd;
    struct ifreq          request;
    struct sockaddr_in   *sin;
    struct address_guard  guard;

    (void) state;

    if (unshare(CLONE_NEWNET) != 0
        && unshare(CLONE_NEWUSER | CLONE_NEWNET) != 0)
    {
        skip();
    }

    memset(&guard, 0, sizeof(guard));
    memset(&request, 0, sizeof(request));
    strcpy(request.ifr_name, "lo");

    sin = (struct sockaddr_in *) &request.ifr_addr;
    sin->sin_family = AF_INET;
    assert_int_equal(inet_pton(AF_INET, "9.1.2.3", &sin->sin_addr), 1);

    fd = socket(AF_INET, SOCK_DGRAM, 0);
    assert_int_equal(ioctl(fd, SIOCSIFADDR, &request), 0);
    request.ifr_flags = IFF_UP;
    assert_int_equal(ioctl(fd, SIOCSIFFLAGS, &request), 0);
    (void) close(fd);

    assert_false(permits(&guard, "9.1.2.3"));
    assert_false(permits(&guard, "::ffff:9.1.2.3"));
    assert_true(permits(&guard, "8.8.8.8"));
    assert_true(address_guard_allow(&guard, "9.1.2.3"));
    assert_true(permits(&guard, "9.1.2.3"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_public),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_other_families),
        cmocka_unit_test(test_allowed),
        cmocka_unit_test(test_allowed_nat64),
        cmocka_unit_test(test_networks),
        cmocka_unit_test(test_this_host),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
