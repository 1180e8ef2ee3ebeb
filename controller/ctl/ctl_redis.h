/*
 * Commands to Redis, one after another.
 */

#ifndef CTL_REDIS_H
#define CTL_REDIS_H


#include <hiredis/hiredis.h>

#include "ctl/ctl.h"


/*
 * Connects to the server of --redis, logs in and chooses the database.
 * Returns CTL_OK and a connection for redisFree, or tells of the error.
 */
enum ctl_exit ctl_redis_connect(const struct ctl *ctl,
    redisContext **connection);

/*
 * Sends a command of n words without blanks or with any bytes, and reads the
 * reply, for freeReplyObject, which has the given type (REDIS_REPLY_...).
 * Returns CTL_OK, or tells of the error.
 */
enum ctl_exit ctl_redis_command(const struct ctl *ctl,
    redisContext *connection, int type, redisReply **reply, int n, ...);

/* Sends a command whose reply ctl_redis_read reads; false when it can't. */
bool ctl_redis_append(redisContext *connection, int n, ...);

/* Reads the reply of the next command that was appended. */
enum ctl_exit ctl_redis_read(const struct ctl *ctl, redisContext *connection,
    int type, redisReply **reply);


#endif /* CTL_REDIS_H */
