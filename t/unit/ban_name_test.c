/*
 * The names of banned clients: what an operator may write, and what nginx
 * looks up.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "ctl/ban_name.h"


#define KEY  "the key of this test"


static void
named(unsigned ipv6_prefix, const char *address, const char *expected)
{
    char             client[BAN_NAME_SIZE], name[BAN_NAME_SIZE];
    struct ban_rule  rule;

    memset(&rule, 0, sizeof(rule));
    rule.ipv6_prefix = ipv6_prefix;

    assert_true(ban_client(&rule, address, client));
    assert_true(ban_name(&rule, client, name));
    assert_string_equal(name, expected);
    assert_string_equal(ban_name_client(name), client);
}


static void
refused(const char *address)
{
    char                          client[BAN_NAME_SIZE];
    static const struct ban_rule  rule = { 64, NULL, 0 };

    assert_false(ban_client(&rule, address, client));
}


static void
ipv4(void **state)
{
    (void) state;

    named(64, "203.0.113.7", "v4:203.0.113.7");
    named(64, "203.0.113.7/32", "v4:203.0.113.7");
    named(64, "0.0.0.0", "v4:0.0.0.0");
}


static void
ipv4_inside(void **state)
{
    (void) state;

    named(64, "::ffff:203.0.113.7", "v4:203.0.113.7");
    named(64, "::ffff:203.0.113.7/128", "v4:203.0.113.7");
    named(64, "::ffff:0:203.0.113.7", "v4:203.0.113.7");
    named(64, "64:ff9b::203.0.113.7", "v4:203.0.113.7");
    named(64, "2002:cb00:7107::1", "v4:203.0.113.7");
    named(64, "2001:0:1:2:3:4:34ff:8ef8", "v4:203.0.113.7");
    named(64, "64:ff9b:1::cb00:7107", "v6:64:ff9b:1::cb00:7107/128");
}


static void
ipv6(void **state)
{
    (void) state;

    named(64, "2001:DB8:0:1:2:3:4:5", "v6:2001:db8:0:1::/64");
    named(64, "2001:db8::/64", "v6:2001:db8::/64");
    named(128, "2001:db8::a0", "v6:2001:db8::a0/128");
    named(56, "2001:db8:0:1ff::", "v6:2001:db8:0:100::/56");
    named(60, "2001:db8:0:1ff::", "v6:2001:db8:0:1f0::/60");
    named(1, "ffff::", "v6:8000::/1");
    named(63, "2001:db8:0:3::", "v6:2001:db8:0:2::/63");

    /* the longest run of zeros, of two the first, and never one zero alone */

    named(128, "1:0:0:2:0:0:0:3", "v6:1:0:0:2::3/128");
    named(128, "1:0:0:2:3:0:0:4", "v6:1::2:3:0:0:4/128");
    named(128, "1:0:2:3:4:5:6:7", "v6:1:0:2:3:4:5:6:7/128");
    named(128, "::", "v6:::/128");
    named(128, "::1", "v6:::1/128");
    named(128, "::102", "v6:::0.0.1.2/128");
}


static void
digest(void **state)
{
    char             name[BAN_NAME_SIZE];
    struct ban_rule  rule;

    (void) state;

    rule.ipv6_prefix = 64;
    rule.hash_key = (const uint8_t *) KEY;
    rule.hash_key_size = sizeof(KEY) - 1;

    /* printf %s v4:203.0.113.20 | openssl dgst -sha256 -hmac "$KEY" */

    assert_true(ban_name(&rule, "203.0.113.20", name));
    assert_string_equal(name, "h:64e43eb010ef8054ff4421340bf68eb9");
    assert_ptr_equal(ban_name_client(name), name);
}


static void
no_address(void **state)
{
    (void) state;

    refused("");
    refused("x");
    refused("203.0.113");
    refused("203.0.113.7/24");
    refused("203.0.113.7/");
    refused("203.0.113.7 ");
    refused("2001:db8::/48");
    refused("2001:db8::1/64x");
    refused("::ffff:203.0.113.7/64");
    refused("1:2:3:4:5:6:7:8:9:10:11:12:13:14:15:16:17:18:19:20:21:22:23:24");
}


static void
no_name(void **state)
{
    (void) state;

    assert_null(ban_name_client("forget:v4:203.0.113.7"));
    assert_null(ban_name_client("h:12"));
    assert_null(ban_name_client("h:0123456789abcdef0123456789abcdeF"));
    assert_null(ban_name_client(""));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(ipv4),
        cmocka_unit_test(ipv4_inside),
        cmocka_unit_test(ipv6),
        cmocka_unit_test(digest),
        cmocka_unit_test(no_address),
        cmocka_unit_test(no_name)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
