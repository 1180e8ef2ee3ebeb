/*
 * Token bucket in whole numbers: a token is 60000 parts, so that a rate per
 * minute adds a whole number of parts each millisecond and nothing drifts.
 */

#include "base/bucket.h"


#define BUCKET_TOKEN  60000


static uint64_t bucket_level(const struct bucket *bucket, uint64_t now_ms);


void
bucket_init(struct bucket *bucket, unsigned rate_per_minute, unsigned burst,
    uint64_t now_ms)
{
    bucket->rate = rate_per_minute;
    bucket->limit = (uint64_t) (burst > 0 ? burst : 1) * BUCKET_TOKEN;
    bucket->level = bucket->limit;
    bucket->updated = now_ms;
}


void
bucket_change(struct bucket *bucket, unsigned rate_per_minute,
    unsigned burst, uint64_t now_ms)
{
    uint64_t  level;

    level = bucket->rate != 0 ? bucket_level(bucket, now_ms) : UINT64_MAX;

    bucket_init(bucket, rate_per_minute, burst, now_ms);

    if (level < bucket->limit) {
        bucket->level = level;
    }
}


uint64_t
bucket_wait(const struct bucket *bucket, uint64_t n, uint64_t now_ms)
{
    uint64_t  level, needed;

    if (bucket->rate == 0) {
        return 0;
    }

    level = bucket_level(bucket, now_ms);
    needed = n * BUCKET_TOKEN;

    if (needed <= level) {
        return 0;
    }

    return (needed - level + bucket->rate - 1) / bucket->rate;
}


bool
bucket_take(struct bucket *bucket, uint64_t now_ms)
{
    uint64_t  level;

    if (bucket->rate == 0) {
        return true;
    }

    level = bucket_level(bucket, now_ms);

    if (level < BUCKET_TOKEN) {
        return false;
    }

    bucket->level = level - BUCKET_TOKEN;
    bucket->updated = now_ms;

    return true;
}


void
bucket_return(struct bucket *bucket, uint64_t now_ms)
{
    uint64_t  level;

    if (bucket->rate == 0) {
        return;
    }

    level = bucket_level(bucket, now_ms) + BUCKET_TOKEN;

    bucket->level = level < bucket->limit ? level : bucket->limit;
    bucket->updated = now_ms;
}


uint64_t
bucket_fill_time(const struct bucket *bucket, uint64_t now_ms)
{
    return bucket_wait(bucket, bucket->limit / BUCKET_TOKEN, now_ms);
}


static uint64_t
bucket_level(const struct bucket *bucket, uint64_t now_ms)
{
    uint64_t  passed, missing;

    if (now_ms <= bucket->updated) {
        return bucket->level;
    }

    passed = now_ms - bucket->updated;
    missing = bucket->limit - bucket->level;

    /* compared this way round, a long sleep can't overflow */

    if (passed > missing / bucket->rate) {
        return bucket->limit;
    }

    return bucket->level + passed * bucket->rate;
}
