/*
 * The names of banned clients.
 */

#include <netinet/in.h>

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "ctl/ban_name.h"


struct ban_embedding {
    size_t   len;         /* of the network's prefix, bytes */
    size_t   offset;      /* of the IPv4 address */
    uint8_t  mask;        /* of each of its bytes */
    uint8_t  prefix[12];
};


static bool ban_embedded(const uint8_t address[16], uint8_t v4[4]);
static unsigned ban_cut(const struct ban_rule *rule, uint8_t address[16]);
static void ban_print6(const uint8_t address[16],
    char text[INET6_ADDRSTRLEN]);


static const struct ban_embedding  ban_embeddings[] = {

#define WHATSAPP_EMBEDDED_IPV4(len, offset, mask, ...)                        \
    { len, offset, mask, { __VA_ARGS__ } },
#include "protocol/abuse.h"

};


static const uint8_t  ban_local_nat64[] = { WHATSAPP_ABUSE_LOCAL_NAT64 };


bool
ban_client(const struct ban_rule *rule, const char *address,
    char client[BAN_NAME_SIZE])
{
    char         text[INET6_ADDRSTRLEN];
    size_t       len;
    uint8_t      v4[4], v6[16];
    unsigned     bits;
    const char  *slash;

    len = strcspn(address, "/");
    slash = address[len] == '/' ? address + len + 1 : NULL;

    if (len >= sizeof(text)) {
        return false;
    }

    memcpy(text, address, len);
    text[len] = '\0';

    if (inet_pton(AF_INET, text, v4) == 1) {
        bits = 32;

    } else if (inet_pton(AF_INET6, text, v6) != 1) {
        return false;

    } else if (ban_embedded(v6, v4)) {
        bits = 128;

    } else {
        bits = ban_cut(rule, v6);
        ban_print6(v6, text);

        (void) snprintf(client, BAN_NAME_SIZE, "%s/%u", text, bits);

        return slash == NULL || strcmp(slash, strrchr(client, '/') + 1) == 0;
    }

    (void) snprintf(client, BAN_NAME_SIZE, "%u.%u.%u.%u", v4[0], v4[1], v4[2],
                    v4[3]);

    return slash == NULL || strcmp(slash, bits == 32 ? "32" : "128") == 0;
}


static bool
ban_embedded(const uint8_t address[16], uint8_t v4[4])
{
    size_t                       i, n;
    const struct ban_embedding  *e;

    for (n = 0; n < sizeof(ban_embeddings) / sizeof(ban_embeddings[0]); n++) {
        e = &ban_embeddings[n];

        if (memcmp(address, e->prefix, e->len) == 0) {
            for (i = 0; i < 4; i++) {
                v4[i] = address[e->offset + i] ^ e->mask;
            }

            return true;
        }
    }

    return false;
}


/* clears what does not tell clients apart; returns the bits that do */

static unsigned
ban_cut(const struct ban_rule *rule, uint8_t address[16])
{
    size_t    i;
    unsigned  bits, rest;

    bits = rule->ipv6_prefix;

    if (memcmp(address, ban_local_nat64, sizeof(ban_local_nat64)) == 0) {
        bits = 128;
    }

    for (i = 0, rest = bits; i < 16; i++) {
        if (rest < 8) {
            address[i] &= (uint8_t) (0xff00 >> rest);
        }

        rest -= rest < 8 ? rest : 8;
    }

    return bits;
}


/* as nginx does, which sees more addresses with IPv4 inside than libc */

static void
ban_print6(const uint8_t address[16], char text[INET6_ADDRSTRLEN])
{
    static const uint8_t  zeros[14];

    if (memcmp(address, zeros, sizeof(zeros)) == 0 && address[14] != 0
        && address[15] != 1)
    {
        (void) snprintf(text, INET6_ADDRSTRLEN, "::0.0.%u.%u", address[14],
                        address[15]);
        return;
    }

    (void) inet_ntop(AF_INET6, address, text, INET6_ADDRSTRLEN);
}


bool
ban_name(const struct ban_rule *rule, const char *client,
    char name[BAN_NAME_SIZE])
{
    size_t    i;
    uint8_t   md[EVP_MAX_MD_SIZE];
    unsigned  len;

    (void) snprintf(name, BAN_NAME_SIZE, "%s%s",
                    strchr(client, ':') == NULL ? "v4:" : "v6:", client);

    if (rule->hash_key == NULL) {
        return true;
    }

    if (HMAC(EVP_sha256(), rule->hash_key, (int) rule->hash_key_size,
             (const uint8_t *) name, strlen(name), md, &len)
        == NULL)
    {
        return false;
    }

    (void) snprintf(name, BAN_NAME_SIZE, "h:");

    for (i = 0; i < WHATSAPP_ABUSE_DIGEST_SIZE; i++) {
        (void) snprintf(name + 2 + 2 * i, 3, "%02x", md[i]);
    }

    return true;
}


const char *
ban_name_client(const char *name)
{
    if (strncmp(name, "v4:", 3) == 0 || strncmp(name, "v6:", 3) == 0) {
        return name + 3;
    }

    if (strncmp(name, "h:", 2) == 0
        && strlen(name) == 2 + 2 * WHATSAPP_ABUSE_DIGEST_SIZE
        && strspn(name + 2, "0123456789abcdef")
           == 2 * WHATSAPP_ABUSE_DIGEST_SIZE)
    {
        return name;
    }

    return NULL;
}
