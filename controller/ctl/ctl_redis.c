/*
 * Commands to Redis.
 */

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "base/files.h"
#include "base/text.h"
#include "ctl/ctl_redis.h"
#include "ctl/ctl_text.h"


#define CTL_REDIS_TIMEOUT   5        /* s */
#define CTL_REDIS_PORT      6379
#define CTL_REDIS_WORDS     8
#define CTL_REDIS_PASSWORD  4096     /* bytes */
#define CTL_REDIS_DB_MAX    65535
#define CTL_REDIS_HOST      256


static redisContext *ctl_redis_open(const char *address);
static enum ctl_exit ctl_redis_login(const struct ctl *ctl,
    redisContext *connection);
static enum ctl_exit ctl_redis_unreachable(const struct ctl *ctl,
    const char *why);
static enum ctl_exit ctl_redis_refused(const struct ctl *ctl,
    const char *error);
static bool ctl_redis_append_list(redisContext *connection, int n,
    va_list args);


enum ctl_exit
ctl_redis_connect(const struct ctl *ctl, redisContext **connection)
{
    enum ctl_exit  status;

    if (ctl->redis == NULL) {
        return ctl_fail(ctl, CTL_USAGE, "no_redis", "no Redis is named; set "
                        "\"redis\" in the settings, or give --redis, as in "
                        "whatsapp_abuse_zone");
    }

    *connection = ctl_redis_open(ctl->redis);

    if (*connection == NULL) {
        return ctl_fail_memory(ctl);
    }

    status = (*connection)->err != 0
             ? ctl_redis_unreachable(ctl, (*connection)->errstr)
             : ctl_redis_login(ctl, *connection);

    if (status != CTL_OK) {
        redisFree(*connection);
        *connection = NULL;
    }

    return status;
}


/* unix:PATH, ADDRESS, or ADDRESS:PORT with [] around an IPv6 address */

static redisContext *
ctl_redis_open(const char *address)
{
    int          port;
    char         host[CTL_REDIS_HOST];
    char        *colon, *end;
    const char  *start;

    static const struct timeval  timeout = { CTL_REDIS_TIMEOUT, 0 };

    if (strncmp(address, "unix:", 5) == 0) {
        return redisConnectUnixWithTimeout(address + 5, timeout);
    }

    port = CTL_REDIS_PORT;
    start = address + (*address == '[');

    text_copy(host, sizeof(host), start, NULL);

    end = *address == '[' ? strchr(host, ']') : host;
    colon = end != NULL ? strrchr(end, ':') : NULL;

    if (colon != NULL) {
        port = atoi(colon + 1);
        *colon = '\0';
    }

    host[strcspn(host, "]")] = '\0';

    return redisConnectWithTimeout(host, port, timeout);
}


static enum ctl_exit
ctl_redis_login(const struct ctl *ctl, redisContext *connection)
{
    char            *password;
    size_t           size;
    unsigned         db;
    redisReply      *reply;
    enum ctl_exit    status;

    static const struct timeval  timeout = { CTL_REDIS_TIMEOUT, 0 };

    if (redisSetTimeout(connection, timeout) != REDIS_OK) {
        return ctl_redis_unreachable(ctl, connection->errstr);
    }

    status = CTL_OK;

    if (ctl->redis_password_file != NULL) {
        password = files_read(ctl->redis_password_file, CTL_REDIS_PASSWORD,
                              &size);

        if (password == NULL) {
            return ctl_fail_told(ctl, CTL_REFUSED, "not_readable");
        }

        password[strcspn(password, "\r\n")] = '\0';

        status = ctl->redis_user != NULL
                 ? ctl_redis_command(ctl, connection, REDIS_REPLY_STATUS,
                                     &reply, 3, "AUTH", ctl->redis_user,
                                     password)
                 : ctl_redis_command(ctl, connection, REDIS_REPLY_STATUS,
                                     &reply, 2, "AUTH", password);

        text_wipe(password);

        if (status == CTL_OK) {
            freeReplyObject(reply);
        }
    }

    if (status != CTL_OK || ctl->redis_db == NULL) {
        return status;
    }

    if (!ctl_text_number(ctl->redis_db, 0, CTL_REDIS_DB_MAX, &db)) {
        return ctl_fail(ctl, CTL_USAGE, "invalid_settings", "redis-db must "
                        "be a number up to %d", CTL_REDIS_DB_MAX);
    }

    status = ctl_redis_command(ctl, connection, REDIS_REPLY_STATUS, &reply, 2,
                               "SELECT", ctl->redis_db);

    if (status == CTL_OK) {
        freeReplyObject(reply);
    }

    return status;
}


enum ctl_exit
ctl_redis_command(const struct ctl *ctl, redisContext *connection, int type,
    redisReply **reply, int n, ...)
{
    bool     ok;
    va_list  args;

    va_start(args, n);
    ok = ctl_redis_append_list(connection, n, args);
    va_end(args);

    return ok ? ctl_redis_read(ctl, connection, type, reply)
              : ctl_fail_memory(ctl);
}


bool
ctl_redis_append(redisContext *connection, int n, ...)
{
    bool     ok;
    va_list  args;

    va_start(args, n);
    ok = ctl_redis_append_list(connection, n, args);
    va_end(args);

    return ok;
}


static bool
ctl_redis_append_list(redisContext *connection, int n, va_list args)
{
    int          i;
    const char  *words[CTL_REDIS_WORDS];

    for (i = 0; i < n && i < CTL_REDIS_WORDS; i++) {
        words[i] = va_arg(args, const char *);
    }

    return redisAppendCommandArgv(connection, i, words, NULL) == REDIS_OK;
}


enum ctl_exit
ctl_redis_read(const struct ctl *ctl, redisContext *connection, int type,
    redisReply **reply)
{
    enum ctl_exit  status;

    *reply = NULL;

    if (redisGetReply(connection, (void **) reply) != REDIS_OK) {
        return ctl_redis_unreachable(ctl, connection->errstr);
    }

    if ((*reply)->type == type) {
        return CTL_OK;
    }

    status = ctl_redis_refused(ctl, (*reply)->type == REDIS_REPLY_ERROR
                                    ? (*reply)->str : "an unexpected reply");

    freeReplyObject(*reply);
    *reply = NULL;

    return status;
}


static enum ctl_exit
ctl_redis_unreachable(const struct ctl *ctl, const char *why)
{
    return ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "Redis at %s can't "
                    "be reached: %s; start it, or name another one by "
                    "--redis", ctl->redis, why);
}


static enum ctl_exit
ctl_redis_refused(const struct ctl *ctl, const char *error)
{
    const char  *fix;

    fix = "";

    if (strncmp(error, "NOAUTH", 6) == 0
        || strncmp(error, "WRONGPASS", 9) == 0)
    {
        fix = "; name user and password by --redis-user and "
              "--redis-password-file";

    } else if (strncmp(error, "NOPERM", 6) == 0) {
        fix = "; docs/redis.md has the rights that whatsapp-ctl needs";
    }

    return ctl_fail(ctl, CTL_REFUSED, "redis", "Redis at %s: %s%s",
                    ctl->redis, error, fix);
}
