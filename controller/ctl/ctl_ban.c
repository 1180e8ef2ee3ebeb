/*
 * The commands about the addresses of abusers, in Redis.
 *
 * Whatever is changed there, Redis tells every nginx at once, as its workers
 * track the prefix of the keys.  A key that begins with "forget:" exists in a
 * transaction only: it makes every nginx forget an address of which Redis may
 * know nothing.
 */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/crypto.h>

#include "base/files.h"
#include "ctl/ban_name.h"
#include "ctl/ctl_commands.h"
#include "ctl/ctl_forget.h"
#include "ctl/ctl_redis.h"
#include "ctl/ctl_text.h"


#define BAN_TTL          "1h"
#define BAN_HASH_MAX     4096    /* bytes of the file of the key */
#define BAN_KEY_SIZE     (WHATSAPP_ABUSE_PREFIX_MAX                           \
                          + sizeof(WHATSAPP_ABUSE_FORGET) + BAN_NAME_SIZE)
#define BAN_PATTERN_SIZE (2 * WHATSAPP_ABUSE_PREFIX_MAX + 2)
#define BAN_SCAN         "1000"
#define BAN_GONE         (-2)    /* PTTL: there is no such key */
#define BAN_FOR_GOOD     (-1)


/* an address as it is shown, and its keys */

struct ban {
    char  client[BAN_NAME_SIZE];
    char  key[BAN_KEY_SIZE];
    char  forget[BAN_KEY_SIZE];
};


/* names of keys in the order that SCAN finds them in, some of them twice */

struct ban_list {
    char    **names;
    size_t    n;
};


static enum ctl_exit ban_prepare(const struct ctl *ctl, const char *address,
    struct ban *ban);
static enum ctl_exit ban_rule_load(const struct ctl *ctl,
    struct ban_rule *rule, char **key);
static const char *ban_prefix(const struct ctl *ctl);
static enum ctl_exit ban_erase(const struct ctl *ctl, const struct ban *ban,
    bool *was_banned);
static enum ctl_exit ban_scan(const struct ctl *ctl, redisContext *redis,
    struct ban_list *list);
static void ban_pattern(const struct ctl *ctl, char *pattern);
static bool ban_keep(const struct ctl *ctl, const redisReply *keys,
    struct ban_list *list);
static int ban_compare(const void *one, const void *two);
static enum ctl_exit ban_times(const struct ctl *ctl, redisContext *redis,
    const struct ban_list *list, json_t *bans);
static enum ctl_exit ban_print(const struct ctl *ctl, json_t *bans);


enum ctl_exit
ctl_ban_list(struct ctl *ctl)
{
    size_t            i;
    json_t           *bans;
    redisContext     *redis;
    enum ctl_exit     status;
    struct ban_list   list;

    status = ctl_redis_connect(ctl, &redis);

    if (status != CTL_OK) {
        return status;
    }

    memset(&list, 0, sizeof(list));
    bans = json_array();

    status = ban_scan(ctl, redis, &list);

    if (status == CTL_OK) {
        status = ban_times(ctl, redis, &list, bans);
    }

    redisFree(redis);

    for (i = 0; i < list.n; i++) {
        free(list.names[i]);
    }

    free(list.names);

    if (status != CTL_OK) {
        json_decref(bans);
        return status;
    }

    return ban_print(ctl, bans);
}


enum ctl_exit
ctl_ban_add(struct ctl *ctl)
{
    char            ttl[CTL_TIME_SIZE];
    unsigned        seconds;
    struct ban      ban;
    redisReply     *reply;
    redisContext   *redis;
    enum ctl_exit   status;

    if (!ctl_text_time(ctl->args_n > 1 ? ctl->args[1] : BAN_TTL, &seconds)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_time", "\"%s\" is no time; "
                        "write one as 90s, 10m, 2h or 7d, up to 366d",
                        ctl->args[1]);
    }

    status = ban_prepare(ctl, ctl->args[0], &ban);

    if (status == CTL_OK) {
        status = ctl_redis_connect(ctl, &redis);
    }

    if (status != CTL_OK) {
        return status;
    }

    (void) snprintf(ttl, sizeof(ttl), "%u", seconds);

    status = ctl_redis_command(ctl, redis, REDIS_REPLY_STATUS, &reply, 5,
                               "SET", ban.key, "1", "EX", ttl);

    freeReplyObject(reply);
    redisFree(redis);

    if (status != CTL_OK) {
        return status;
    }

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:s, s:I}", "address", ban.client,
                                        "ttl", (json_int_t) seconds));
    }

    printf("%s is banned for %s\n", ban.client,
           ctl_text_span(seconds, ttl));

    return CTL_OK;
}


enum ctl_exit
ctl_ban_remove(struct ctl *ctl)
{
    bool            was_banned;
    struct ban      ban;
    enum ctl_exit   status;

    status = ban_prepare(ctl, ctl->args[0], &ban);

    if (status == CTL_OK) {
        status = ban_erase(ctl, &ban, &was_banned);
    }

    if (status != CTL_OK) {
        return status;
    }

    if (!was_banned) {
        return ctl_fail(ctl, CTL_REFUSED, "not_banned", "Redis has no ban of "
                        "%s; \"whatsapp-ctl ban list\" lists the bans",
                        ban.client);
    }

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:s}", "address", ban.client));
    }

    printf("%s is not banned any more\n", ban.client);

    return CTL_OK;
}


/* erases an address wherever it is known */

enum ctl_exit
ctl_forget(struct ctl *ctl)
{
    bool            was_banned, was_known;
    struct ban      ban;
    enum ctl_exit   status;

    if (ctl->redis == NULL && ctl->nginx == NULL) {
        return ctl_fail(ctl, CTL_USAGE, "no_redis", "neither Redis nor nginx "
                        "is named; set \"redis\", or without Redis \"nginx\", "
                        "in the settings, or give --redis or --nginx");
    }

    status = ban_prepare(ctl, ctl->args[0], &ban);

    if (status == CTL_OK && ctl->redis != NULL) {
        status = ban_erase(ctl, &ban, &was_banned);
    }

    if (status == CTL_OK && ctl->nginx != NULL) {
        status = ctl_forget_nginx(ctl, ban.client, &was_known);
    }

    if (status != CTL_OK) {
        return status;
    }

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:s, s:o, s:o}",
                             "address", ban.client,
                             "was_banned", ctl->redis != NULL
                                 ? json_boolean(was_banned) : json_null(),
                             "was_known", ctl->nginx != NULL
                                 ? json_boolean(was_known) : json_null()));
    }

    printf("%s is forgotten\n", ban.client);

    return CTL_OK;
}


static enum ctl_exit
ban_prepare(const struct ctl *ctl, const char *address, struct ban *ban)
{
    char            *key;
    char             name[BAN_NAME_SIZE];
    bool             ok;
    const char      *prefix, *client;
    enum ctl_exit    status;
    struct ban_rule  rule;

    prefix = ban_prefix(ctl);

    if (strlen(prefix) > WHATSAPP_ABUSE_PREFIX_MAX) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_settings", "prefix may have "
                        "%d characters", WHATSAPP_ABUSE_PREFIX_MAX);
    }

    /* a digest, as a list shows it */

    client = ban_name_client(address);
    ok = client == address;

    if (ok) {
        (void) snprintf(ban->client, sizeof(ban->client), "%s", address);
        (void) snprintf(name, sizeof(name), "%s", address);

    } else {
        status = ban_rule_load(ctl, &rule, &key);

        if (status != CTL_OK) {
            return status;
        }

        if (!ban_client(&rule, address, ban->client)) {
            free(key);
            return ctl_fail(ctl, CTL_USAGE, "invalid_address", "\"%s\" is "
                            "neither an IPv4 or IPv6 address nor a network "
                            "of %u bits, which is a client for nginx",
                            address, rule.ipv6_prefix);
        }

        ok = ban_name(&rule, ban->client, name);

        if (key != NULL) {
            OPENSSL_cleanse(key, rule.hash_key_size);
        }

        free(key);
    }

    (void) snprintf(ban->key, sizeof(ban->key), "%s%s", prefix, name);
    (void) snprintf(ban->forget, sizeof(ban->forget), "%s%s%s", prefix,
                    WHATSAPP_ABUSE_FORGET, name);

    return ok ? CTL_OK : ctl_fail_memory(ctl);
}


/* *key is freed by the caller */

static enum ctl_exit
ban_rule_load(const struct ctl *ctl, struct ban_rule *rule, char **key)
{
    size_t  size;

    *key = NULL;
    memset(rule, 0, sizeof(struct ban_rule));

    rule->ipv6_prefix = WHATSAPP_ABUSE_IPV6_PREFIX;

    if (ctl->ipv6_prefix != NULL
        && !ctl_text_number(ctl->ipv6_prefix, 1, 128, &rule->ipv6_prefix))
    {
        return ctl_fail(ctl, CTL_USAGE, "invalid_settings", "ipv6-prefix "
                        "must be a number from 1 to 128");
    }

    if (ctl->hash_key_file == NULL) {
        return CTL_OK;
    }

    *key = files_read(ctl->hash_key_file, BAN_HASH_MAX, &size);

    if (*key == NULL) {
        return ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
    }

    while (size > 0 && ((*key)[size - 1] == '\n' || (*key)[size - 1] == '\r'))
    {
        size--;
    }

    rule->hash_key = (const uint8_t *) *key;
    rule->hash_key_size = size;

    if (size >= WHATSAPP_ABUSE_HASH_KEY_MIN) {
        return CTL_OK;
    }

    free(*key);
    *key = NULL;

    return ctl_fail(ctl, CTL_REFUSED, "invalid_key", "the key in \"%s\" must "
                    "have at least %d bytes", ctl->hash_key_file,
                    WHATSAPP_ABUSE_HASH_KEY_MIN);
}


static const char *
ban_prefix(const struct ctl *ctl)
{
    return ctl->prefix != NULL ? ctl->prefix : WHATSAPP_ABUSE_PREFIX;
}


/* deletes the ban, and has every nginx forget the address */

static enum ctl_exit
ban_erase(const struct ctl *ctl, const struct ban *ban, bool *was_banned)
{
    int              i;
    redisReply      *reply;
    redisContext    *redis;
    enum ctl_exit    status;

    status = ctl_redis_connect(ctl, &redis);

    if (status != CTL_OK) {
        return status;
    }

    *was_banned = false;

    if (!ctl_redis_append(redis, 1, "MULTI")
        || !ctl_redis_append(redis, 2, "DEL", ban->key)
        || !ctl_redis_append(redis, 5, "SET", ban->forget, "1", "EX", "1")
        || !ctl_redis_append(redis, 2, "DEL", ban->forget)
        || !ctl_redis_append(redis, 1, "EXEC"))
    {
        redisFree(redis);
        return ctl_fail_memory(ctl);
    }

    /* "OK", "QUEUED" for each, and the replies of all */

    for (i = 0; i < 5 && status == CTL_OK; i++) {
        status = ctl_redis_read(ctl, redis, i < 4 ? REDIS_REPLY_STATUS
                                                  : REDIS_REPLY_ARRAY, &reply);

        if (status == CTL_OK && i == 4 && reply->elements > 0) {
            *was_banned = reply->element[0]->integer != 0;
        }

        freeReplyObject(reply);
    }

    redisFree(redis);

    return status;
}


static enum ctl_exit
ban_scan(const struct ctl *ctl, redisContext *redis, struct ban_list *list)
{
    bool            ok;
    char            cursor[24], pattern[BAN_PATTERN_SIZE];
    redisReply     *reply;
    enum ctl_exit   status;

    ban_pattern(ctl, pattern);
    (void) snprintf(cursor, sizeof(cursor), "0");

    do {
        status = ctl_redis_command(ctl, redis, REDIS_REPLY_ARRAY, &reply, 6,
                                   "SCAN", cursor, "MATCH", pattern, "COUNT",
                                   BAN_SCAN);

        if (status != CTL_OK) {
            return status;
        }

        ok = reply->elements == 2
             && reply->element[0]->type == REDIS_REPLY_STRING
             && reply->element[1]->type == REDIS_REPLY_ARRAY
             && ban_keep(ctl, reply->element[1], list);

        if (ok) {
            (void) snprintf(cursor, sizeof(cursor), "%s",
                            reply->element[0]->str);
        }

        freeReplyObject(reply);

        if (!ok) {
            return ctl_fail_memory(ctl);
        }

    } while (strcmp(cursor, "0") != 0);

    if (list->n > 1) {
        qsort(list->names, list->n, sizeof(char *), ban_compare);
    }

    return CTL_OK;
}


/* the prefix and a star; what is special in a pattern is escaped */

static void
ban_pattern(const struct ctl *ctl, char *pattern)
{
    const char  *p;

    for (p = ban_prefix(ctl);
         *p != '\0' && p - ban_prefix(ctl) < WHATSAPP_ABUSE_PREFIX_MAX;
         p++)
    {
        if (strchr("*?[]^\\", *p) != NULL) {
            *pattern++ = '\\';
        }

        *pattern++ = *p;
    }

    *pattern++ = '*';
    *pattern = '\0';
}


static bool
ban_keep(const struct ctl *ctl, const redisReply *keys,
    struct ban_list *list)
{
    char    **names;
    size_t    i, len;

    len = strlen(ban_prefix(ctl));

    names = realloc(list->names, (list->n + keys->elements + 1)
                                 * sizeof(char *));

    if (names == NULL) {
        return false;
    }

    list->names = names;

    for (i = 0; i < keys->elements; i++) {

        if (keys->element[i]->type != REDIS_REPLY_STRING
            || keys->element[i]->len < len
            || ban_name_client(keys->element[i]->str + len) == NULL)
        {
            continue;
        }

        names[list->n] = strdup(keys->element[i]->str + len);

        if (names[list->n] == NULL) {
            return false;
        }

        list->n++;
    }

    return true;
}


static int
ban_compare(const void *one, const void *two)
{
    return strcmp(*(const char *const *) one, *(const char *const *) two);
}


/* asks for the rest of each ban; one that has ended meanwhile is left out */

static enum ctl_exit
ban_times(const struct ctl *ctl, redisContext *redis,
    const struct ban_list *list, json_t *bans)
{
    char            key[BAN_KEY_SIZE];
    size_t          i;
    json_t         *ban;
    redisReply     *reply;
    enum ctl_exit   status;

    for (i = 0; i < list->n; i++) {

        if (i > 0 && strcmp(list->names[i], list->names[i - 1]) == 0) {
            continue;
        }

        (void) snprintf(key, sizeof(key), "%s%s", ban_prefix(ctl),
                        list->names[i]);

        status = ctl_redis_command(ctl, redis, REDIS_REPLY_INTEGER, &reply, 2,
                                   "PTTL", key);

        if (status != CTL_OK) {
            return status;
        }

        if (reply->integer != BAN_GONE) {
            ban = json_pack("{s:s, s:o}",
                            "address", ban_name_client(list->names[i]), "ttl",
                            reply->integer == BAN_FOR_GOOD ? json_null()
                            : json_integer((reply->integer + 999) / 1000));

            if (json_array_append_new(bans, ban) != 0) {
                freeReplyObject(reply);
                return ctl_fail_memory(ctl);
            }
        }

        freeReplyObject(reply);
    }

    return CTL_OK;
}


static enum ctl_exit
ban_print(const struct ctl *ctl, json_t *bans)
{
    char              span[CTL_TIME_SIZE];
    size_t            i;
    json_t           *ban, *ttl;
    struct ctl_table  table;

    if (ctl->json) {
        return ctl_print(ctl, json_pack("{s:o}", "bans", bans));
    }

    memset(&table, 0, sizeof(table));

    table.columns = 2;

    ctl_table_add(&table, "ADDRESS");
    ctl_table_add(&table, "LEFT");

    json_array_foreach(bans, i, ban) {
        ttl = json_object_get(ban, "ttl");

        ctl_table_add(&table,
                      json_string_value(json_object_get(ban, "address")));
        ctl_table_add(&table, json_is_integer(ttl)
                              ? ctl_text_span(json_integer_value(ttl), span)
                              : "for good");
    }

    json_decref(bans);

    return ctl_table_print(&table, stdout) ? CTL_OK : ctl_fail_memory(ctl);
}
