/*
 * How often codes for linking may be asked for, and how a reload changes this
 * and the pace of calls.
 */

#include "base/bucket.h"
#include "base/clock.h"
#include "session/session_private.h"


void
session_change_rates(struct session *session,
    const struct session_config *config)
{
    scheduler_change(session->scheduler, config->lanes);
    bucket_change(&session->codes, config->code_rate, config->code_burst,
                  clock_ms());
}


bool
session_take_code(struct session *session, struct error *error)
{
    uint64_t  now;

    now = clock_ms();

    if (bucket_take(&session->codes, now)) {
        return true;
    }

    *error = error_say(ERROR_QUEUE_FULL, "Too many codes were asked for");
    error->retry_after_ms = bucket_wait(&session->codes, 1, now);

    return false;
}
