/*
 * The metrics of deliveries.
 */

#include "api/metrics_private.h"


static uint64_t metrics_deliveries(const struct webhook *webhook, size_t i);
static uint64_t metrics_retries(const struct webhook *webhook, size_t i);
static uint64_t metrics_given_up(const struct webhook *webhook, size_t i);
static uint64_t metrics_queued(const struct webhook *webhook, size_t i);
static uint64_t metrics_queued_bytes(const struct webhook *webhook, size_t i);
static uint64_t metrics_oldest(const struct webhook *webhook, size_t i);


/* as in enum webhook_result, but an answer with 2xx is told apart */

static const char *const  metrics_results[] = {
    [WEBHOOK_ANSWERED] = "status",
    [WEBHOOK_UNREACHABLE] = "unreachable",
    [WEBHOOK_ADDRESS] = "address_refused",
    [WEBHOOK_TLS] = "tls",
    [WEBHOOK_TIMEOUT] = "timeout",
    [WEBHOOK_BROKEN] = "broken",
    [WEBHOOK_RESULTS] = "taken"
};


const struct metrics_family  metrics_webhook_families[] = {
    { "whatsapp_webhook_deliveries_total", "counter",
      "Deliveries that were tried, by result", "result", metrics_results,
      WEBHOOK_RESULTS + 1, NULL, NULL, metrics_deliveries },
    { "whatsapp_webhook_retries_total", "counter",
      "Deliveries that failed and are tried again", NULL, NULL, 1, NULL, NULL,
      metrics_retries },
    { "whatsapp_webhook_given_up_total", "counter",
      "Events that the receiver has refused for too long, and that are lost",
      NULL, NULL, 1, NULL, NULL, metrics_given_up },
    { "whatsapp_webhook_queue_length", "gauge",
      "Events that wait for their delivery", NULL, NULL, 1, NULL, NULL,
      metrics_queued },
    { "whatsapp_webhook_queue_bytes", "gauge",
      "Bytes of the events that wait for their delivery", NULL, NULL, 1, NULL,
      NULL, metrics_queued_bytes },
    { "whatsapp_webhook_oldest_seconds", "gauge",
      "How long the oldest event has waited for its delivery", NULL, NULL, 1,
      NULL, NULL, metrics_oldest }
};

const size_t  metrics_webhook_families_n =
    sizeof(metrics_webhook_families) / sizeof(metrics_webhook_families[0]);


static uint64_t
metrics_deliveries(const struct webhook *webhook, size_t i)
{
    const struct webhook_stats  *stats;

    stats = webhook_stats(webhook);

    return i == WEBHOOK_RESULTS ? stats->taken : stats->failed[i];
}


static uint64_t
metrics_retries(const struct webhook *webhook, size_t i)
{
    (void) i;

    return webhook_stats(webhook)->retries;
}


static uint64_t
metrics_given_up(const struct webhook *webhook, size_t i)
{
    (void) i;

    return webhook_stats(webhook)->given_up;
}


static uint64_t
metrics_queued(const struct webhook *webhook, size_t i)
{
    (void) i;

    return webhook_queued(webhook);
}


static uint64_t
metrics_queued_bytes(const struct webhook *webhook, size_t i)
{
    (void) i;

    return webhook_queued_bytes(webhook);
}


static uint64_t
metrics_oldest(const struct webhook *webhook, size_t i)
{
    (void) i;

    return webhook_oldest_ms(webhook) / 1000;
}
