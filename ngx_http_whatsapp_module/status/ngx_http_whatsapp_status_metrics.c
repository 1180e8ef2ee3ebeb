
/*
 * The module's own metrics: a table with one row a metric, printed from the
 * counters in shared memory. Labels hold words of the tables below, names of
 * calls and names of zones, nothing that came from a client.
 */


#include "ngx_http_whatsapp_status.h"
#include "ngx_http_whatsapp_abuse.h"


#define ngx_http_whatsapp_bit(n)      (1 << (n))


typedef struct ngx_http_whatsapp_metric_s  ngx_http_whatsapp_metric_t;

/* prints the samples of a metric; of zone, or of the API if that is NULL */

typedef void (*ngx_http_whatsapp_metric_pt)(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);


struct ngx_http_whatsapp_metric_s {
    const char                   *name;
    const char                   *type;
    const char                   *help;
    ngx_http_whatsapp_metric_pt   print;
    ngx_uint_t                    zones;   /* unsigned  zones:1, of each */

    /* counters of a zone side by side, told apart by a label, or one alone */
    size_t                        offset;
    ngx_uint_t                    n;
    const char                   *label;   /* NULL: none */
    const char *const            *values;  /* of the label */
};


static void ngx_http_whatsapp_metric_requests(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_durations(
    ngx_http_whatsapp_samples_t *out, const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_duration(ngx_http_whatsapp_samples_t *out,
    const char *name, ngx_http_whatsapp_metrics_call_t *c);
static void ngx_http_whatsapp_metric_errors(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_verdicts(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_counters(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_addresses(
    ngx_http_whatsapp_samples_t *out, const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_redis(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone);
static void ngx_http_whatsapp_metric_begin(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *suffix, ngx_http_whatsapp_metrics_call_t *c);


static const char *const  ngx_http_whatsapp_results[] = {
    [NGX_HTTP_WHATSAPP_RESULT_SUCCESS] = "success",
    [NGX_HTTP_WHATSAPP_RESULT_REFUSED] = "refused",
    [NGX_HTTP_WHATSAPP_RESULT_LIMITED] = "limited",
    [NGX_HTTP_WHATSAPP_RESULT_BLOCKED] = "blocked",
    [NGX_HTTP_WHATSAPP_RESULT_FAILED] = "failed",
    [NGX_HTTP_WHATSAPP_RESULT_ABORTED] = "aborted"
};

static const char *const  ngx_http_whatsapp_bucket_names[] = {
    "0.001", "0.005", "0.01", "0.025", "0.05", "0.1", "0.25", "0.5", "1",
    "2.5", "10", "60", "+Inf"
};

static const char *const  ngx_http_whatsapp_verdicts[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_NONE] = "none",
    [NGX_HTTP_WHATSAPP_ABUSE_PASSED] = "passed",
    [NGX_HTTP_WHATSAPP_ABUSE_BLOCKED] = "blocked",
    [NGX_HTTP_WHATSAPP_ABUSE_BYPASSED] = "bypassed",
    [NGX_HTTP_WHATSAPP_ABUSE_ERROR] = "error",
    [NGX_HTTP_WHATSAPP_ABUSE_DRY_RUN] = "dry_run"
};

static const char *const  ngx_http_whatsapp_caches[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_NONE] = "none",
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT] = "hit",
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS] = "miss",
    [NGX_HTTP_WHATSAPP_ABUSE_CACHE_STALE] = "stale"
};

static const char *const  ngx_http_whatsapp_causes[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_REQ] = "limit_req",
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_LIMIT_CONN] = "limit_conn",
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_AUTH] = "auth",
    [NGX_HTTP_WHATSAPP_ABUSE_STRIKE_INVALID] = "invalid"
};

static const char *const  ngx_http_whatsapp_writes[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_WRITE_STORED] = "stored",
    [NGX_HTTP_WHATSAPP_ABUSE_WRITE_PRESENT] = "present",
    [NGX_HTTP_WHATSAPP_ABUSE_WRITE_FAILED] = "failed"
};

static const char *const  ngx_http_whatsapp_lookups[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_CLEAR] = "clear",
    [NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_BANNED] = "banned",
    [NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FAILED] = "failed",
    [NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_DOWN] = "down",
    [NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_FULL] = "full"
};


/* for each verdict the caches whose sample is shown even if it is 0 */

static const ngx_uint_t  ngx_http_whatsapp_usual[] = {
    [NGX_HTTP_WHATSAPP_ABUSE_NONE] = 0,
    [NGX_HTTP_WHATSAPP_ABUSE_PASSED] =
        ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT)
        |ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS),
    [NGX_HTTP_WHATSAPP_ABUSE_BLOCKED] =
        ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_HIT)
        |ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS)
        |ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_STALE),
    [NGX_HTTP_WHATSAPP_ABUSE_BYPASSED] =
        ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_NONE),
    [NGX_HTTP_WHATSAPP_ABUSE_ERROR] =
        ngx_http_whatsapp_bit(NGX_HTTP_WHATSAPP_ABUSE_CACHE_MISS),
    [NGX_HTTP_WHATSAPP_ABUSE_DRY_RUN] = 0
};


#define ngx_http_whatsapp_status_rows(table, n)                               \
    _Static_assert(sizeof(table) / sizeof(table[0]) == n,                     \
                   "a row for each value of the enum")

ngx_http_whatsapp_status_rows(ngx_http_whatsapp_results,
                              NGX_HTTP_WHATSAPP_RESULTS);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_bucket_names,
                              NGX_HTTP_WHATSAPP_METRICS_BUCKETS);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_verdicts,
                              NGX_HTTP_WHATSAPP_ABUSE_STATUSES);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_usual,
                              NGX_HTTP_WHATSAPP_ABUSE_STATUSES);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_caches,
                              NGX_HTTP_WHATSAPP_ABUSE_CACHES);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_causes,
                              NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_writes,
                              NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES);
ngx_http_whatsapp_status_rows(ngx_http_whatsapp_lookups,
                              NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES);

_Static_assert(NGX_HTTP_WHATSAPP_ERRORS <= NGX_HTTP_WHATSAPP_METRICS_ERRORS,
               "a counter for each error");


/* a row of counters that lie side by side in each zone */

#define ngx_http_whatsapp_counters(name, help, member, n, label, values)      \
                                                                              \
    { name, "counter", help, ngx_http_whatsapp_metric_counters, 1,            \
      offsetof(ngx_http_whatsapp_abuse_cache_stat_t, member),                 \
      n, label, values }


static const ngx_http_whatsapp_metric_t  ngx_http_whatsapp_status_metrics[] = {

    { "whatsapp_requests_total", "counter",
      "Requests to the API, by call and result",
      ngx_http_whatsapp_metric_requests, 0, 0, 0, NULL, NULL },

    { "whatsapp_request_duration_seconds", "histogram",
      "Time from the first byte of a request to its end, by call",
      ngx_http_whatsapp_metric_durations, 0, 0, 0, NULL, NULL },

    { "whatsapp_errors_total", "counter", "Errors of the API, by code",
      ngx_http_whatsapp_metric_errors, 0, 0, 0, NULL, NULL },

    { "whatsapp_abuse_verdicts_total", "counter",
      "Requests checked, by verdict and where it came from",
      ngx_http_whatsapp_metric_verdicts, 1, 0, 0, NULL, NULL },

    ngx_http_whatsapp_counters("whatsapp_abuse_strikes_total",
        "Refusals that were counted, by cause", strikes,
        NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES, "cause",
        ngx_http_whatsapp_causes),

    ngx_http_whatsapp_counters("whatsapp_abuse_bans_total",
        "Bans begun by strikes", bans, 1, NULL, NULL),

    ngx_http_whatsapp_counters("whatsapp_abuse_dry_bans_total",
        "Bans that strikes would have begun, in dry run", dry_bans, 1, NULL,
        NULL),

    ngx_http_whatsapp_counters("whatsapp_abuse_writes_total",
        "Bans written to Redis, by outcome", writes,
        NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES, "outcome",
        ngx_http_whatsapp_writes),

    ngx_http_whatsapp_counters("whatsapp_abuse_lookups_total",
        "Questions to Redis, by outcome", lookups,
        NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES, "outcome",
        ngx_http_whatsapp_lookups),

    ngx_http_whatsapp_counters("whatsapp_abuse_lookups_joined_total",
        "Requests that waited for the answer to another one's question",
        joined, 1, NULL, NULL),

    ngx_http_whatsapp_counters("whatsapp_abuse_timeouts_total",
        "Requests that Redis did not answer in time", timeouts, 1, NULL, NULL),

    ngx_http_whatsapp_counters("whatsapp_abuse_evicted_total",
        "Addresses forgotten for lack of memory", evicted, 1, NULL, NULL),

    ngx_http_whatsapp_counters("whatsapp_abuse_evicted_bans_total",
        "Bans among those addresses", evicted_bans, 1, NULL, NULL),

    { "whatsapp_abuse_addresses", "gauge", "Addresses in shared memory",
      ngx_http_whatsapp_metric_addresses, 1, 0, 0, NULL, NULL },

    { "whatsapp_abuse_redis_up", "gauge",
      "Whether a worker's connection to Redis is up",
      ngx_http_whatsapp_metric_redis, 1, 0, 0, NULL, NULL },

    { NULL, NULL, NULL, NULL, 0, 0, 0, NULL, NULL }
};


void
ngx_http_whatsapp_status_metrics_print(ngx_http_request_t *r,
    ngx_http_whatsapp_samples_t *out)
{
    ngx_uint_t                             i, n;
    ngx_http_whatsapp_abuse_zone_t       **zone;
    const ngx_http_whatsapp_metric_t      *m;
    ngx_http_whatsapp_abuse_main_conf_t   *amcf;
    ngx_http_whatsapp_status_main_conf_t  *smcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_abuse_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_status_module);

    zone = amcf->zones.elts;
    n = amcf->zones.nelts;

    for (m = ngx_http_whatsapp_status_metrics; m->name; m++) {

        if (!m->zones) {
            ngx_http_whatsapp_sample_head(out, m->name, m->type, m->help);
            m->print(out, m, smcf->metrics->sh, NULL);

        } else if (n) {
            ngx_http_whatsapp_sample_head(out, m->name, m->type, m->help);

            for (i = 0; i < n; i++) {
                m->print(out, m, NULL, zone[i]);
            }
        }
    }
}


static void
ngx_http_whatsapp_metric_requests(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t                         i, n, result;
    ngx_http_whatsapp_metrics_call_t  *c;

    n = sh->ncalls;

    for (i = 0; i < n; i++) {
        c = &sh->calls[i];

        for (result = 0; result < NGX_HTTP_WHATSAPP_RESULTS; result++) {
            ngx_http_whatsapp_metric_begin(out, metric->name, "", c);
            ngx_http_whatsapp_sample_word(out, "result",
                                          ngx_http_whatsapp_results[result]);
            ngx_http_whatsapp_sample_end_number(out, c->results[result]);
        }
    }
}


static void
ngx_http_whatsapp_metric_durations(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t  i, n;

    n = sh->ncalls;

    for (i = 0; i < n; i++) {
        ngx_http_whatsapp_metric_duration(out, metric->name, &sh->calls[i]);
    }
}


static void
ngx_http_whatsapp_metric_duration(ngx_http_whatsapp_samples_t *out,
    const char *name, ngx_http_whatsapp_metrics_call_t *c)
{
    u_char             seconds[NGX_ATOMIC_T_LEN + sizeof(".000")];
    ngx_str_t          text;
    ngx_uint_t         i;
    ngx_atomic_uint_t  sum, msec;

    sum = 0;

    for (i = 0; i < NGX_HTTP_WHATSAPP_METRICS_BUCKETS; i++) {
        sum += c->buckets[i];

        ngx_http_whatsapp_metric_begin(out, name, "_bucket", c);
        ngx_http_whatsapp_sample_word(out, "le",
                                      ngx_http_whatsapp_bucket_names[i]);
        ngx_http_whatsapp_sample_end_number(out, sum);
    }

    msec = c->msec;

    text.data = seconds;
    text.len = ngx_sprintf(seconds, "%uA.%03uA", msec / 1000, msec % 1000)
               - seconds;

    ngx_http_whatsapp_metric_begin(out, name, "_sum", c);
    ngx_http_whatsapp_sample_end(out, &text);

    ngx_http_whatsapp_metric_begin(out, name, "_count", c);
    ngx_http_whatsapp_sample_end_number(out, sum);
}


/* adds up the reasons that have the same code */

static void
ngx_http_whatsapp_metric_errors(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    u_char             name[NGX_INT_T_LEN + 1];
    ngx_uint_t         i, j, code;
    ngx_atomic_uint_t  sum;

    for (i = 0; i < NGX_HTTP_WHATSAPP_ERRORS; i++) {

        code = ngx_http_whatsapp_error_code(i);

        for (j = 0; j < i; j++) {
            if (ngx_http_whatsapp_error_code(j) == code) {
                break;
            }
        }

        if (j < i) {
            continue;
        }

        for (sum = 0; j < NGX_HTTP_WHATSAPP_ERRORS; j++) {
            if (ngx_http_whatsapp_error_code(j) == code) {
                sum += sh->errors[j];
            }
        }

        ngx_sprintf(name, "%ui%Z", code);

        ngx_http_whatsapp_sample_begin(out, metric->name, "");
        ngx_http_whatsapp_sample_word(out, "code", (char *) name);
        ngx_http_whatsapp_sample_end_number(out, sum);
    }
}


static void
ngx_http_whatsapp_metric_verdicts(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t         verdict, cache;
    ngx_atomic_uint_t  n;

    for (verdict = NGX_HTTP_WHATSAPP_ABUSE_PASSED;
         verdict < NGX_HTTP_WHATSAPP_ABUSE_STATUSES;
         verdict++)
    {
        for (cache = 0; cache < NGX_HTTP_WHATSAPP_ABUSE_CACHES; cache++) {

            n = zone->cache.sh->stat.verdicts[verdict][cache];

            if (n == 0
                && !(ngx_http_whatsapp_usual[verdict]
                     & ngx_http_whatsapp_bit(cache)))
            {
                continue;
            }

            ngx_http_whatsapp_sample_begin(out, metric->name, "");
            ngx_http_whatsapp_sample_label(out, "zone", &zone->name);
            ngx_http_whatsapp_sample_word(out, "verdict",
                                          ngx_http_whatsapp_verdicts[verdict]);
            ngx_http_whatsapp_sample_word(out, "cache",
                                          ngx_http_whatsapp_caches[cache]);
            ngx_http_whatsapp_sample_end_number(out, n);
        }
    }
}


static void
ngx_http_whatsapp_metric_counters(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t     i;
    ngx_atomic_t  *counters;

    counters = (ngx_atomic_t *) ((u_char *) &zone->cache.sh->stat
                                 + metric->offset);

    for (i = 0; i < metric->n; i++) {
        ngx_http_whatsapp_sample_begin(out, metric->name, "");
        ngx_http_whatsapp_sample_label(out, "zone", &zone->name);

        if (metric->label) {
            ngx_http_whatsapp_sample_word(out, metric->label,
                                          metric->values[i]);
        }

        ngx_http_whatsapp_sample_end_number(out, counters[i]);
    }
}


static void
ngx_http_whatsapp_metric_addresses(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_http_whatsapp_sample_begin(out, metric->name, "");
    ngx_http_whatsapp_sample_label(out, "zone", &zone->name);
    ngx_http_whatsapp_sample_end_number(out, zone->cache.sh->nodes);
}


static void
ngx_http_whatsapp_metric_redis(ngx_http_whatsapp_samples_t *out,
    const ngx_http_whatsapp_metric_t *metric,
    ngx_http_whatsapp_metrics_sh_t *sh, ngx_http_whatsapp_abuse_zone_t *zone)
{
    u_char                                   number[NGX_INT_T_LEN + 1];
    ngx_uint_t                               i, n;
    ngx_core_conf_t                         *ccf;
    ngx_http_whatsapp_abuse_cache_worker_t  *worker;

    if (!zone->used || !zone->cache.redis) {
        return;
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                           ngx_core_module);

    n = ngx_min((ngx_uint_t) ngx_max(ccf->worker_processes, 1),
                NGX_HTTP_WHATSAPP_ABUSE_WORKERS);

    for (i = 0; i < n; i++) {
        worker = &zone->cache.sh->workers[i];
        ngx_sprintf(number, "%ui%Z", i);

        ngx_http_whatsapp_sample_begin(out, metric->name, "");
        ngx_http_whatsapp_sample_label(out, "zone", &zone->name);
        ngx_http_whatsapp_sample_word(out, "worker", (char *) number);
        ngx_http_whatsapp_sample_word(out, "connection", "lookups");
        ngx_http_whatsapp_sample_end_number(out, worker->lookups);

        ngx_http_whatsapp_sample_begin(out, metric->name, "");
        ngx_http_whatsapp_sample_label(out, "zone", &zone->name);
        ngx_http_whatsapp_sample_word(out, "worker", (char *) number);
        ngx_http_whatsapp_sample_word(out, "connection", "invalidations");
        ngx_http_whatsapp_sample_end_number(out, worker->invalidations);
    }
}


/* begins a sample that has the name of a call for its first label */

static void
ngx_http_whatsapp_metric_begin(ngx_http_whatsapp_samples_t *out,
    const char *name, const char *suffix, ngx_http_whatsapp_metrics_call_t *c)
{
    ngx_str_t  call;

    call.data = c->name;
    call.len = c->len;

    ngx_http_whatsapp_sample_begin(out, name, suffix);
    ngx_http_whatsapp_sample_label(out, "call", &call);
}
