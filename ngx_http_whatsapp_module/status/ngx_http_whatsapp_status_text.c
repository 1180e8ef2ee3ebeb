
/*
 * The metrics page: Prometheus' text format, version 0.0.4, from the counters
 * in shared memory, and the same samples as JSON.  What may stand in a label
 * comes from the tables here, from names of calls and of zones.
 */


#include "ngx_http_whatsapp_status.h"
#include "ngx_http_whatsapp_abuse.h"


/* a sample without the name of its zone; what a family begins with */
#define NGX_HTTP_WHATSAPP_LINE_LEN    192
#define NGX_HTTP_WHATSAPP_FAMILY_LEN  384

/* of a call, a zone, a worker and a page, more than there are */
#define NGX_HTTP_WHATSAPP_CALL_LINES                                          \
    (NGX_HTTP_WHATSAPP_RESULTS + NGX_HTTP_WHATSAPP_METRICS_BUCKETS + 2)
#define NGX_HTTP_WHATSAPP_ZONE_LINES                                          \
    (NGX_HTTP_WHATSAPP_ABUSE_STATUSES * NGX_HTTP_WHATSAPP_ABUSE_CACHES + 32)
#define NGX_HTTP_WHATSAPP_FAMILIES    20

/* of a line of text in JSON, its braces, quotes and names of members aside */
#define NGX_HTTP_WHATSAPP_JSON_LEN    64


#define ngx_http_whatsapp_bit(n)      (1 << (n))


/* counters of a zone side by side, told apart by a label, or a single one */

typedef struct {
    const char                *name;
    const char                *help;
    const char                *label;
    const char *const         *values;
    ngx_uint_t                 n;
    size_t                     offset;   /* in the zone's counters */
} ngx_http_whatsapp_family_t;


static u_char *ngx_http_whatsapp_print_calls(u_char *p,
    ngx_http_whatsapp_metrics_sh_t *sh);
static u_char *ngx_http_whatsapp_print_durations(u_char *p,
    ngx_http_whatsapp_metrics_sh_t *sh);
static u_char *ngx_http_whatsapp_print_errors(u_char *p,
    ngx_http_whatsapp_metrics_sh_t *sh);
static u_char *ngx_http_whatsapp_print_zones(u_char *p, ngx_array_t *zones);
static u_char *ngx_http_whatsapp_print_family(u_char *p,
    const ngx_http_whatsapp_family_t *f, ngx_http_whatsapp_abuse_zone_t *zone);
static u_char *ngx_http_whatsapp_print_verdicts(u_char *p,
    ngx_http_whatsapp_abuse_zone_t *zone);
static u_char *ngx_http_whatsapp_print_redis(u_char *p,
    ngx_http_whatsapp_abuse_zone_t *zone);
static u_char *ngx_http_whatsapp_print_head(u_char *p, const char *name,
    const char *type, const char *help);
static u_char *ngx_http_whatsapp_print_zone(u_char *p, const char *name,
    ngx_http_whatsapp_abuse_zone_t *zone);
static size_t ngx_http_whatsapp_page_len(ngx_array_t *zones,
    ngx_http_whatsapp_page_t *page);
static ngx_buf_t *ngx_http_whatsapp_page_json(ngx_pool_t *pool,
    ngx_buf_t *text);
static u_char *ngx_http_whatsapp_sample_json(u_char *p, u_char *line,
    u_char *last);
static u_char *ngx_http_whatsapp_label_end(u_char *p, u_char *last);


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


/* the verdicts' usual caches, shown also as long as there are none */

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


#define ngx_http_whatsapp_assert_rows(table, n)                               \
    _Static_assert(sizeof(table) / sizeof(table[0]) == n,                     \
                   "a row for each value of the enum")

ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_results,
                              NGX_HTTP_WHATSAPP_RESULTS);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_bucket_names,
                              NGX_HTTP_WHATSAPP_METRICS_BUCKETS);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_verdicts,
                              NGX_HTTP_WHATSAPP_ABUSE_STATUSES);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_usual,
                              NGX_HTTP_WHATSAPP_ABUSE_STATUSES);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_caches,
                              NGX_HTTP_WHATSAPP_ABUSE_CACHES);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_causes,
                              NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_writes,
                              NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES);
ngx_http_whatsapp_assert_rows(ngx_http_whatsapp_lookups,
                              NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES);

_Static_assert(NGX_HTTP_WHATSAPP_ERRORS <= NGX_HTTP_WHATSAPP_METRICS_ERRORS,
               "a counter for each error");


#define ngx_http_whatsapp_stat(member)                                        \
    offsetof(ngx_http_whatsapp_abuse_cache_stat_t, member)


static const ngx_http_whatsapp_family_t  ngx_http_whatsapp_families[] = {

    { "whatsapp_abuse_strikes_total", "Refusals that were counted, by cause",
      "cause", ngx_http_whatsapp_causes, NGX_HTTP_WHATSAPP_ABUSE_STRIKE_CAUSES,
      ngx_http_whatsapp_stat(strikes) },

    { "whatsapp_abuse_bans_total", "Bans begun by strikes",
      NULL, NULL, 1, ngx_http_whatsapp_stat(bans) },

    { "whatsapp_abuse_writes_total", "Bans written to Redis, by outcome",
      "outcome", ngx_http_whatsapp_writes,
      NGX_HTTP_WHATSAPP_ABUSE_WRITE_OUTCOMES,
      ngx_http_whatsapp_stat(writes) },

    { "whatsapp_abuse_lookups_total", "Questions to Redis, by outcome",
      "outcome", ngx_http_whatsapp_lookups,
      NGX_HTTP_WHATSAPP_ABUSE_LOOKUP_OUTCOMES,
      ngx_http_whatsapp_stat(lookups) },

    { "whatsapp_abuse_lookups_joined_total",
      "Requests that waited for the answer to another one's question",
      NULL, NULL, 1, ngx_http_whatsapp_stat(joined) },

    { "whatsapp_abuse_timeouts_total",
      "Requests that Redis did not answer in time",
      NULL, NULL, 1, ngx_http_whatsapp_stat(timeouts) },

    { "whatsapp_abuse_evicted_total", "Addresses forgotten for lack of memory",
      NULL, NULL, 1, ngx_http_whatsapp_stat(evicted) },

    { "whatsapp_abuse_evicted_bans_total", "Bans among those addresses",
      NULL, NULL, 1, ngx_http_whatsapp_stat(evicted_bans) },

    { NULL, NULL, NULL, NULL, 0, 0 }
};


ngx_buf_t *
ngx_http_whatsapp_status_print(ngx_http_request_t *r,
    ngx_http_whatsapp_page_t *page)
{
    ngx_buf_t                             *b;
    ngx_http_whatsapp_metrics_sh_t        *sh;
    ngx_http_whatsapp_abuse_main_conf_t   *amcf;
    ngx_http_whatsapp_status_main_conf_t  *smcf;

    amcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_abuse_module);
    smcf = ngx_http_get_module_main_conf(r, ngx_http_whatsapp_status_module);

    sh = smcf->metrics->sh;

    b = ngx_create_temp_buf(r->pool,
                            ngx_http_whatsapp_page_len(&amcf->zones, page));
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_http_whatsapp_print_calls(b->last, sh);
    b->last = ngx_http_whatsapp_print_durations(b->last, sh);
    b->last = ngx_http_whatsapp_print_errors(b->last, sh);
    b->last = ngx_http_whatsapp_print_zones(b->last, &amcf->zones);

    if (page->controller != NGX_HTTP_WHATSAPP_CONTROLLER_NONE) {

        b->last = ngx_http_whatsapp_print_head(b->last,
                                               "whatsapp_controller_up",
                                               "gauge", "Whether the "
                                               "controller gave its metrics");

        b->last = ngx_sprintf(b->last, "whatsapp_controller_up %d\n",
                              page->controller
                              == NGX_HTTP_WHATSAPP_CONTROLLER_UP);
    }

    if (page->controller == NGX_HTTP_WHATSAPP_CONTROLLER_UP) {
        b->last = ngx_cpymem(b->last, page->text->pos,
                             page->text->last - page->text->pos);
    }

    return page->json ? ngx_http_whatsapp_page_json(r->pool, b) : b;
}


static u_char *
ngx_http_whatsapp_print_calls(u_char *p, ngx_http_whatsapp_metrics_sh_t *sh)
{
    ngx_uint_t                         i, n, result;
    ngx_http_whatsapp_metrics_call_t  *c;

    p = ngx_http_whatsapp_print_head(p, "whatsapp_requests_total", "counter",
                                     "Requests to the API, by call and "
                                     "result");
    n = sh->ncalls;

    for (i = 0; i < n; i++) {
        c = &sh->calls[i];

        for (result = 0; result < NGX_HTTP_WHATSAPP_RESULTS; result++) {
            p = ngx_sprintf(p, "whatsapp_requests_total{call=\"%*s\","
                            "result=\"%s\"} %uA\n", (size_t) c->len, c->name,
                            ngx_http_whatsapp_results[result],
                            c->results[result]);
        }
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_durations(u_char *p,
    ngx_http_whatsapp_metrics_sh_t *sh)
{
    ngx_uint_t                         i, n, bucket;
    ngx_atomic_uint_t                  sum, msec;
    ngx_http_whatsapp_metrics_call_t  *c;

    p = ngx_http_whatsapp_print_head(p, "whatsapp_request_duration_seconds",
                                     "histogram", "Time from the first byte "
                                     "of a request to its end, by call");
    n = sh->ncalls;

    for (i = 0; i < n; i++) {
        c = &sh->calls[i];
        sum = 0;

        for (bucket = 0; bucket < NGX_HTTP_WHATSAPP_METRICS_BUCKETS; bucket++)
        {
            sum += c->buckets[bucket];

            p = ngx_sprintf(p, "whatsapp_request_duration_seconds_bucket{"
                            "call=\"%*s\",le=\"%s\"} %uA\n", (size_t) c->len,
                            c->name, ngx_http_whatsapp_bucket_names[bucket],
                            sum);
        }

        msec = c->msec;

        p = ngx_sprintf(p, "whatsapp_request_duration_seconds_sum{"
                        "call=\"%*s\"} %uA.%03uA\n", (size_t) c->len, c->name,
                        msec / 1000, msec % 1000);

        p = ngx_sprintf(p, "whatsapp_request_duration_seconds_count{"
                        "call=\"%*s\"} %uA\n", (size_t) c->len, c->name, sum);
    }

    return p;
}


/* several reasons have one code */

static u_char *
ngx_http_whatsapp_print_errors(u_char *p, ngx_http_whatsapp_metrics_sh_t *sh)
{
    ngx_uint_t         i, j, code;
    ngx_atomic_uint_t  sum;

    p = ngx_http_whatsapp_print_head(p, "whatsapp_errors_total", "counter",
                                     "Errors of the API, by code");

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

        p = ngx_sprintf(p, "whatsapp_errors_total{code=\"%ui\"} %uA\n", code,
                        sum);
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_zones(u_char *p, ngx_array_t *zones)
{
    ngx_uint_t                         i;
    ngx_http_whatsapp_abuse_zone_t   **zone;
    const ngx_http_whatsapp_family_t  *f;

    if (zones->nelts == 0) {
        return p;
    }

    zone = zones->elts;

    p = ngx_http_whatsapp_print_head(p, "whatsapp_abuse_verdicts_total",
                                     "counter", "Requests checked, by verdict "
                                     "and where it came from");

    for (i = 0; i < zones->nelts; i++) {
        p = ngx_http_whatsapp_print_verdicts(p, zone[i]);
    }

    for (f = ngx_http_whatsapp_families; f->name; f++) {

        p = ngx_http_whatsapp_print_head(p, f->name, "counter", f->help);

        for (i = 0; i < zones->nelts; i++) {
            p = ngx_http_whatsapp_print_family(p, f, zone[i]);
        }
    }

    p = ngx_http_whatsapp_print_head(p, "whatsapp_abuse_addresses", "gauge",
                                     "Addresses in shared memory");

    for (i = 0; i < zones->nelts; i++) {
        p = ngx_http_whatsapp_print_zone(p, "whatsapp_abuse_addresses",
                                         zone[i]);
        p = ngx_sprintf(p, "} %ui\n", zone[i]->cache.sh->nodes);
    }

    p = ngx_http_whatsapp_print_head(p, "whatsapp_abuse_redis_up", "gauge",
                                     "Whether a worker's link to Redis is up");

    for (i = 0; i < zones->nelts; i++) {
        p = ngx_http_whatsapp_print_redis(p, zone[i]);
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_family(u_char *p, const ngx_http_whatsapp_family_t *f,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t     i;
    ngx_atomic_t  *counters;

    counters = (ngx_atomic_t *) ((u_char *) &zone->cache.sh->stat
                                 + f->offset);

    for (i = 0; i < f->n; i++) {
        p = ngx_http_whatsapp_print_zone(p, f->name, zone);

        if (f->label) {
            p = ngx_sprintf(p, ",%s=\"%s\"", f->label, f->values[i]);
        }

        p = ngx_sprintf(p, "} %uA\n", counters[i]);
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_verdicts(u_char *p,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t                             verdict, cache;
    ngx_atomic_uint_t                      n;
    ngx_http_whatsapp_abuse_cache_stat_t  *stat;

    stat = &zone->cache.sh->stat;

    for (verdict = NGX_HTTP_WHATSAPP_ABUSE_PASSED;
         verdict < NGX_HTTP_WHATSAPP_ABUSE_STATUSES;
         verdict++)
    {
        for (cache = 0; cache < NGX_HTTP_WHATSAPP_ABUSE_CACHES; cache++) {

            n = stat->verdicts[verdict][cache];

            if (n == 0
                && !(ngx_http_whatsapp_usual[verdict]
                     & ngx_http_whatsapp_bit(cache)))
            {
                continue;
            }

            p = ngx_http_whatsapp_print_zone(p,
                                             "whatsapp_abuse_verdicts_total",
                                             zone);

            p = ngx_sprintf(p, ",verdict=\"%s\",cache=\"%s\"} %uA\n",
                            ngx_http_whatsapp_verdicts[verdict],
                            ngx_http_whatsapp_caches[cache], n);
        }
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_redis(u_char *p, ngx_http_whatsapp_abuse_zone_t *zone)
{
    ngx_uint_t                               i, n;
    ngx_core_conf_t                         *ccf;
    ngx_http_whatsapp_abuse_cache_worker_t  *worker;

    if (!zone->used || !zone->cache.redis) {
        return p;
    }

    ccf = (ngx_core_conf_t *) ngx_get_conf(ngx_cycle->conf_ctx,
                                           ngx_core_module);

    n = ngx_min((ngx_uint_t) ngx_max(ccf->worker_processes, 1),
                NGX_HTTP_WHATSAPP_ABUSE_WORKERS);

    for (i = 0; i < n; i++) {
        worker = &zone->cache.sh->workers[i];

        p = ngx_http_whatsapp_print_zone(p, "whatsapp_abuse_redis_up", zone);
        p = ngx_sprintf(p, ",worker=\"%ui\",link=\"lookups\"} %uA\n", i,
                        worker->lookups);

        p = ngx_http_whatsapp_print_zone(p, "whatsapp_abuse_redis_up", zone);
        p = ngx_sprintf(p, ",worker=\"%ui\",link=\"invalidations\"} %uA\n", i,
                        worker->invalidations);
    }

    return p;
}


static u_char *
ngx_http_whatsapp_print_head(u_char *p, const char *name, const char *type,
    const char *help)
{
    return ngx_sprintf(p, "# HELP %s %s\n# TYPE %s %s\n", name, help, name,
                       type);
}


static u_char *
ngx_http_whatsapp_print_zone(u_char *p, const char *name,
    ngx_http_whatsapp_abuse_zone_t *zone)
{
    size_t  i;
    u_char  c;

    p = ngx_sprintf(p, "%s{zone=\"", name);

    for (i = 0; i < zone->name.len; i++) {
        c = zone->name.data[i];

        if (c == '"' || c == '\\') {
            *p++ = '\\';
        }

        *p++ = (c < ' ') ? ' ' : c;
    }

    *p++ = '"';

    return p;
}


/* an upper bound, whatever is counted while it is printed */

static size_t
ngx_http_whatsapp_page_len(ngx_array_t *zones,
    ngx_http_whatsapp_page_t *page)
{
    size_t                            len, lines;
    ngx_uint_t                        i;
    ngx_http_whatsapp_abuse_zone_t  **zone;

    len = NGX_HTTP_WHATSAPP_FAMILIES * NGX_HTTP_WHATSAPP_FAMILY_LEN;

    lines = NGX_HTTP_WHATSAPP_METRICS_CALLS * NGX_HTTP_WHATSAPP_CALL_LINES
            + NGX_HTTP_WHATSAPP_ERRORS + 1;

    len += lines * NGX_HTTP_WHATSAPP_LINE_LEN;

    zone = zones->elts;

    for (i = 0; i < zones->nelts; i++) {
        lines = NGX_HTTP_WHATSAPP_ZONE_LINES
                + 2 * NGX_HTTP_WHATSAPP_ABUSE_WORKERS;

        len += lines * (NGX_HTTP_WHATSAPP_LINE_LEN + 2 * zone[i]->name.len);
    }

    if (page->text) {
        len += page->text->last - page->text->pos;
    }

    return len;
}


/* {"metrics":[{"name":"...","labels":{"call":"..."},"value":1},...]} */

static ngx_buf_t *
ngx_http_whatsapp_page_json(ngx_pool_t *pool, ngx_buf_t *text)
{
    size_t      len;
    u_char     *p, *end;
    ngx_buf_t  *b;

    len = sizeof("{\"metrics\":[]}\n");

    /* no line grows but by what stands around its parts */

    for (p = text->pos; p < text->last; p++) {
        len += (*p == '\n') ? NGX_HTTP_WHATSAPP_JSON_LEN
                            : (*p == '=') ? 3 : 1;
    }

    b = ngx_create_temp_buf(pool, len);
    if (b == NULL) {
        return NULL;
    }

    b->last = ngx_cpymem(b->last, "{\"metrics\":[", 12);

    for (p = text->pos; p < text->last; p = end + 1) {

        end = ngx_strlchr(p, text->last, '\n');

        if (end == NULL) {
            break;
        }

        if (*p != '#') {
            b->last = ngx_http_whatsapp_sample_json(b->last, p, end);
        }
    }

    if (b->last[-1] == ',') {
        b->last--;
    }

    b->last = ngx_cpymem(b->last, "]}\n", 3);

    return b;
}


/* name{label="value",...} number; what isn't one is left out */

static u_char *
ngx_http_whatsapp_sample_json(u_char *p, u_char *line, u_char *last)
{
    u_char  *start, *name, *end;

    start = p;
    name = line;

    while (line < last && *line != '{' && *line != ' ') {
        line++;
    }

    p = ngx_sprintf(p, "{\"name\":\"%*s\",\"labels\":{",
                    (size_t) (line - name), name);

    if (line < last && *line == '{') {
        line++;

        while (line < last && *line != '}') {
            end = ngx_http_whatsapp_label_end(line, last);

            if (end == NULL) {
                return start;
            }

            name = line;
            line = ngx_strlchr(line, end, '=');

            p = ngx_sprintf(p, "\"%*s\":%*s,", (size_t) (line - name), name,
                            (size_t) (end - line - 1), line + 1);

            line = (end < last && *end == ',') ? end + 1 : end;
        }

        if (p[-1] == ',') {
            p--;
        }

        line++;
    }

    if (line >= last || *line != ' '
        || line + 1 == last || line[1] < '0' || line[1] > '9')
    {
        return start;
    }

    return ngx_sprintf(p, "},\"value\":%*s},", (size_t) (last - line - 1),
                       line + 1);
}


/* after the closing quote of label="value" */

static u_char *
ngx_http_whatsapp_label_end(u_char *p, u_char *last)
{
    p = ngx_strlchr(p, last, '=');

    if (p == NULL || ++p == last || *p != '"') {
        return NULL;
    }

    for (p++; p < last && *p != '"'; p++) {
        if (*p == '\\') {
            p++;
        }
    }

    return p < last ? p + 1 : NULL;
}
