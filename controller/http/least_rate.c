/*
 * A least rate.
 */

#include "base/clock.h"
#include "http/least_rate.h"


static void least_rate_on_timer(int fd, short what, void *ctx);


bool
least_rate_start(struct least_rate *rate, struct event_base *base,
    uint64_t window_ms, uint64_t least, void (*slow)(void *ctx), void *ctx)
{
    struct timeval  tv;

    rate->window_ms = window_ms;
    rate->least = least;
    rate->bytes = 0;
    rate->slow = slow;
    rate->ctx = ctx;
    rate->timer = evtimer_new(base, least_rate_on_timer, rate);

    if (rate->timer == NULL) {
        return false;
    }

    tv = clock_timeval(window_ms);

    return evtimer_add(rate->timer, &tv) == 0;
}


void
least_rate_count(struct least_rate *rate, uint64_t bytes)
{
    rate->bytes += bytes;
}


void
least_rate_stop(struct least_rate *rate)
{
    if (rate->timer != NULL) {
        event_free(rate->timer);
        rate->timer = NULL;
    }
}


static void
least_rate_on_timer(int fd, short what, void *ctx)
{
    struct timeval      tv;
    struct least_rate  *rate = ctx;

    (void) fd;
    (void) what;

    if (rate->bytes < rate->least) {
        rate->slow(rate->ctx);
        return;
    }

    rate->bytes = 0;
    tv = clock_timeval(rate->window_ms);

    (void) evtimer_add(rate->timer, &tv);
}
