/*
 * Prints a field report.  Whatever comes from the page is cut to the
 * characters of names in programs; the account's number, name and texts are in
 * none of it.
 */

#include <string.h>

#include "base/text.h"
#include "command/probe_report.h"
#include "protocol/version.h"


#define PROBE_NAME_SIZE    96
#define PROBE_POLICY_SIZE  2048

#define PROBE_NAMES   "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"  \
                      "0123456789._$-"
#define PROBE_POLICY  PROBE_NAMES " ;:/*'"


static void probe_print_head(const struct probe_report *report, FILE *out);
static void probe_print_page(json_t *page, FILE *out);
static void probe_print_seconds(const char *title, json_t *ms, FILE *out);
static void probe_print_policy(json_t *page, FILE *out);
static void probe_print_steps(const struct probe_report *report, FILE *out);
static void probe_print_capabilities(json_t *page, FILE *out);
static bool probe_needed(json_t *page, const char *capability);
static void probe_print_bindings(json_t *page, FILE *out);
static const char *probe_name(char *to, json_t *from);


void
probe_report_step(struct probe_report *report, uint64_t ms,
    enum session_state state, const char *reason)
{
    struct probe_step  *step;

    if (report->steps_n != 0) {
        step = &report->steps[report->steps_n - 1];

        if (step->state == state && strcmp(step->reason, reason) == 0) {
            return;
        }
    }

    if (report->steps_n == PROBE_STEPS) {
        return;
    }

    step = &report->steps[report->steps_n++];
    step->ms = ms;
    step->state = state;

    text_copy(step->reason, sizeof(step->reason), reason, NULL);
}


bool
probe_report_complete(const struct probe_report *report)
{
    return json_is_true(json_object_get(report->page, "complete"));
}


void
probe_report_print(const struct probe_report *report, FILE *out)
{
    probe_print_head(report, out);

    if (report->page != NULL) {
        probe_print_page(report->page, out);
    }

    probe_print_steps(report, out);

    if (report->page != NULL) {
        probe_print_capabilities(report->page, out);
        probe_print_bindings(report->page, out);
    }

    fprintf(out, "\nerrors on the console (words that may be names, numbers "
            "and texts are masked):\n");
    console_print(&report->console, out);

    fprintf(out, "\nended: %s\nverdict: ", report->end);

    if (report->page == NULL) {
        fprintf(out, "the page gave no report\n");

    } else {
        fprintf(out, "%s of what %s needs is there\n",
                probe_report_complete(report) ? "all" : "not all",
                json_is_true(json_object_get(report->page, "linked"))
                ? "a linked page" : "a page with a QR code");
    }
}


static void
probe_print_head(const struct probe_report *report, FILE *out)
{
    size_t       scheme, host;
    const char  *url = report->web_url;

    /* a path or a port may be the operator's own business */

    scheme = strcspn(url, ":") + strlen("://");
    host = strcspn(url + scheme, "/:?#");

    fprintf(out, "whatsapp-controller field report\n\n"
            "controller: " WHATSAPP_VERSION "\n"
            "chromium: %s\n"
            "page: %.*s\n"
            "profile: %s\n"
            "wa-js: sha256 %s\n",
            report->chromium[0] != '\0' ? report->chromium : "unknown",
            (int) (scheme + host), url,
            report->fresh ? "made for this report" : "a session's",
            report->wa_js_digest);
}


static void
probe_print_page(json_t *page, FILE *out)
{
    char     name[PROBE_NAME_SIZE];
    json_t  *modules, *times;

    modules = json_object_get(page, "modules");
    times = json_object_get(page, "times");

    fprintf(out, "wa-js version: %s\n",
            probe_name(name, json_object_get(page, "wa_js_version")));
    fprintf(out, "web version: %s\n",
            probe_name(name, json_object_get(page, "web_version")));
    fprintf(out, "loader: %s, %lld modules\n",
            probe_name(name, json_object_get(page, "loader")),
            (long long) json_integer_value(modules));
    fprintf(out, "linked: %s\n",
            json_is_true(json_object_get(page, "linked")) ? "yes" : "no");

    fprintf(out, "\ntimes of the document:\n");
    probe_print_seconds("application", json_object_get(times, "version"), out);
    probe_print_seconds("wa-js injected", json_object_get(times, "injected"),
                        out);
    probe_print_seconds("wa-js ready", json_object_get(times, "ready"), out);

    probe_print_policy(page, out);
}


static void
probe_print_seconds(const char *title, json_t *ms, FILE *out)
{
    if (json_is_integer(ms)) {
        fprintf(out, "  %-15s %7.1f s\n", title,
                (double) json_integer_value(ms) / 1000);

    } else {
        fprintf(out, "  %-15s   never\n", title);
    }
}


static void
probe_print_policy(json_t *page, FILE *out)
{
    char         policy[PROBE_POLICY_SIZE], name[PROBE_NAME_SIZE];
    json_t      *times, *violations;
    const char  *key, *word;
    size_t       length;

    text_copy(policy, sizeof(policy),
              json_string_value(json_object_get(page, "policy")),
              PROBE_POLICY);

    fprintf(out, "\ncontent security policy:\n ");

    /* a nonce is of one document only */

    for (word = policy; *word != '\0'; word += length) {
        word += strspn(word, " ");
        length = strcspn(word, " ");

        fprintf(out, " %.*s",
                strncmp(word, "'nonce-", 7) == 0 ? 6 : (int) length, word);
    }

    fprintf(out, "%s\n", policy[0] != '\0' ? "" : " none was sent");

    violations = json_object_get(page, "violations");

    json_object_foreach(violations, key, times) {
        text_copy(name, sizeof(name), key, PROBE_NAMES);
        fprintf(out, "  violated: %s, %lldx\n", name,
                (long long) json_integer_value(times));
    }
}


static void
probe_print_steps(const struct probe_report *report, FILE *out)
{
    size_t                    i;
    const struct probe_step  *step;

    fprintf(out, "\nstates, in seconds since the start:\n");

    for (i = 0; i < report->steps_n; i++) {
        step = &report->steps[i];

        fprintf(out, "  %6.1f %s%s%s\n", (double) step->ms / 1000,
                session_state_name(step->state),
                step->reason[0] != '\0' ? ": " : "", step->reason);
    }
}


static void
probe_print_capabilities(json_t *page, FILE *out)
{
    char         name[PROBE_NAME_SIZE];
    json_t      *found;
    const char  *key;

    fprintf(out, "\ncapabilities (* a page in this state needs it):\n");

    json_object_foreach(json_object_get(page, "capabilities"), key, found) {
        text_copy(name, sizeof(name), key, PROBE_NAMES);
        fprintf(out, "  %-7s %s%s\n", json_is_true(found) ? "yes" : "missing",
                name, probe_needed(page, key) ? " *" : "");
    }
}


static bool
probe_needed(json_t *page, const char *capability)
{
    size_t   i;
    json_t  *name;

    json_array_foreach(json_object_get(page, "needed"), i, name) {
        if (json_is_string(name)
            && strcmp(json_string_value(name), capability) == 0)
        {
            return true;
        }
    }

    return false;
}


/* a binding that is missing has the module of the revision that was read */

static void
probe_print_bindings(json_t *page, FILE *out)
{
    char     path[PROBE_NAME_SIZE], module[PROBE_NAME_SIZE];
    char     capability[PROBE_NAME_SIZE], way[PROBE_NAME_SIZE];
    json_t  *row, *arity;
    size_t   i;

    fprintf(out, "\nbindings (way, capability, path/arguments, module):\n");

    json_array_foreach(json_object_get(page, "bindings"), i, row) {

        arity = json_object_get(row, "arity");

        fprintf(out, "  %-7s %-16s %s",
                json_is_string(json_object_get(row, "way"))
                ? probe_name(way, json_object_get(row, "way")) : "missing",
                probe_name(capability, json_object_get(row, "capability")),
                probe_name(path, json_object_get(row, "path")));

        if (json_is_integer(arity)) {
            fprintf(out, "/%lld", (long long) json_integer_value(arity));
        }

        fprintf(out, " %s\n", probe_name(module, json_object_get(row,
                                                                 "module")));
    }
}


/* returns to, which has PROBE_NAME_SIZE bytes */

static const char *
probe_name(char *to, json_t *from)
{
    text_copy(to, PROBE_NAME_SIZE,
              json_is_string(from) ? json_string_value(from) : "-",
              PROBE_NAMES);

    return to;
}
