/*
 * The metrics of inboxes and their rings.
 */

#include <time.h>

#include "api/metrics_private.h"


static uint64_t metrics_inbox_events(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_dropped(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_lost(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_readings(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_caught_up(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_behind(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_mark_age(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_digests(struct inbox *inbox, size_t i);
static uint64_t metrics_inbox_sent(struct inbox *inbox, size_t i);
static uint64_t metrics_ring_events(struct inbox *inbox, size_t i);
static uint64_t metrics_ring_bytes(struct inbox *inbox, size_t i);
static uint64_t metrics_ring_evicted(struct inbox *inbox, size_t i);
static uint64_t metrics_ring_readers(struct inbox *inbox, size_t i);


static const char *const  metrics_types[EVENT_KINDS] = {

#define WHATSAPP_EVENT_TYPE(NAME, DEFAULT, name)                              \
    [EVENT_##NAME] = (name),
#include "protocol/event_types.h"

};

static const char *const  metrics_reasons[] = {
    "repeated", "foreign", "malformed"
};

static const char *const  metrics_results[] = {
    "complete", "failed"
};


const struct metrics_family  metrics_inbox_families[] = {
    { "whatsapp_events_total", "counter", "Events that were told, by type",
      "type", metrics_types, EVENT_KINDS, NULL, metrics_inbox_events, NULL },
    { "whatsapp_events_dropped_total", "counter",
      "Events of the page that were not worth telling", "reason",
      metrics_reasons, 3, NULL, metrics_inbox_dropped, NULL },
    { "whatsapp_events_lost_total", "counter",
      "Events that somebody was never told of", NULL, NULL, 1, NULL,
      metrics_inbox_lost, NULL },
    { "whatsapp_history_readings_total", "counter",
      "Readings of the page's history", "result", metrics_results, 2, NULL,
      metrics_inbox_readings, NULL },
    { "whatsapp_history_events_total", "counter",
      "Events that readings of the page's history have found", NULL, NULL, 1,
      NULL, metrics_inbox_caught_up, NULL },
    { "whatsapp_events_behind", "gauge",
      "Whether there are events that the deliveries had no room for", NULL,
      NULL, 1, NULL, metrics_inbox_behind, NULL },
    { "whatsapp_mark_age_seconds", "gauge",
      "How long ago the time was before which all is delivered", NULL, NULL,
      1, NULL, metrics_inbox_mark_age, NULL },
    { "whatsapp_seen_ids", "gauge", "Digests of ids that are remembered",
      NULL, NULL, 1, NULL, metrics_inbox_digests, NULL },
    { "whatsapp_sent_messages", "gauge",
      "Messages that were sent and are remembered for their statuses", NULL,
      NULL, 1, NULL, metrics_inbox_sent, NULL },
    { "whatsapp_ring_events", "gauge", "Events that streams can resume from",
      NULL, NULL, 1, NULL, metrics_ring_events, NULL },
    { "whatsapp_ring_bytes", "gauge", "Bytes of these events", NULL, NULL, 1,
      NULL, metrics_ring_bytes, NULL },
    { "whatsapp_ring_evicted_total", "counter",
      "Events that made room for younger ones", NULL, NULL, 1, NULL,
      metrics_ring_evicted, NULL },
    { "whatsapp_ring_readers", "gauge", "Streams that are open", NULL, NULL,
      1, NULL, metrics_ring_readers, NULL }
};

const size_t  metrics_inbox_families_n =
    sizeof(metrics_inbox_families) / sizeof(metrics_inbox_families[0]);


static uint64_t
metrics_inbox_events(struct inbox *inbox, size_t i)
{
    return inbox_stats(inbox)->events[i];
}


static uint64_t
metrics_inbox_dropped(struct inbox *inbox, size_t i)
{
    const struct inbox_stats  *stats;

    stats = inbox_stats(inbox);

    return i == 0 ? stats->repeated : i == 1 ? stats->foreign
                                             : stats->malformed;
}


static uint64_t
metrics_inbox_lost(struct inbox *inbox, size_t i)
{
    (void) i;

    return inbox_stats(inbox)->lost;
}


static uint64_t
metrics_inbox_readings(struct inbox *inbox, size_t i)
{
    return i == 0 ? inbox_stats(inbox)->catch_ups
                  : inbox_stats(inbox)->failures;
}


static uint64_t
metrics_inbox_caught_up(struct inbox *inbox, size_t i)
{
    (void) i;

    return inbox_stats(inbox)->caught_up;
}


static uint64_t
metrics_inbox_behind(struct inbox *inbox, size_t i)
{
    (void) i;

    return inbox_levels(inbox).behind;
}


/* 0: there is no mark, or it lies in the future */

static uint64_t
metrics_inbox_mark_age(struct inbox *inbox, size_t i)
{
    uint64_t  mark, now;

    (void) i;

    mark = inbox_levels(inbox).mark;
    now = (uint64_t) time(NULL);

    return mark != 0 && mark < now ? now - mark : 0;
}


static uint64_t
metrics_inbox_digests(struct inbox *inbox, size_t i)
{
    (void) i;

    return inbox_levels(inbox).digests;
}


static uint64_t
metrics_inbox_sent(struct inbox *inbox, size_t i)
{
    (void) i;

    return inbox_levels(inbox).sent;
}


static uint64_t
metrics_ring_events(struct inbox *inbox, size_t i)
{
    (void) i;

    return ring_stats(inbox_ring(inbox)).events;
}


static uint64_t
metrics_ring_bytes(struct inbox *inbox, size_t i)
{
    (void) i;

    return ring_stats(inbox_ring(inbox)).bytes;
}


static uint64_t
metrics_ring_evicted(struct inbox *inbox, size_t i)
{
    (void) i;

    return ring_stats(inbox_ring(inbox)).evicted;
}


static uint64_t
metrics_ring_readers(struct inbox *inbox, size_t i)
{
    (void) i;

    return ring_stats(inbox_ring(inbox)).readers;
}
