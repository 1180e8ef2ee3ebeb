/*
 * The table of options, and how the command line is read by it.
 */

#include <ctype.h>
#include <errno.h>
#include <getopt.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "options.h"
#include "options_file.h"
#include "protocol/version.h"
#include "session/session.h"


#ifndef PREFIX
#define PREFIX  "/usr/local"
#endif


/* --media-file-max when it is not given, or --media-max if that is less */

#define OPTIONS_FILE_MAX  (100 * 1024 * 1024)


enum options_kind {
    OPTIONS_TEXT = 0,
    OPTIONS_NUMBER,
    OPTIONS_OTHER
};


enum options_other {
    OPTIONS_ALLOW_USER = 1,
    OPTIONS_SESSION,
    OPTIONS_SANDBOX,
    OPTIONS_MEDIA_NET,
    OPTIONS_WEBHOOK_NET,
    OPTIONS_LOG_LEVEL,
    OPTIONS_CONFIG,
    OPTIONS_START_PROBE,
    OPTIONS_START_LINK,
    OPTIONS_CHECK,
    OPTIONS_SHOW_HELP,
    OPTIONS_SHOW_VERSION
};


struct options_row {
    const char          *name;
    enum options_kind    kind;
    size_t               offset;      /* of the member, or an options_other */
    unsigned             min;
    unsigned             max;
    const char          *argument;    /* as help shows it */
    const char          *help;        /* NULL: an old name, not shown */
};


static enum options_verdict options_read(struct options *options, int argc,
    char **argv, bool config, FILE *out, FILE *err);
static bool options_apply(void *ctx, const char *name, const char *value,
    FILE *err);
static bool options_is(const struct options_row *row,
    enum options_other other);
static void options_names(struct option *names);
static void options_derive(struct options *options);
static void options_default(struct options *options);
static bool options_exact(const struct options_row *row, const char *given);
static bool options_set(struct options *options,
    const struct options_row *row, const char *value, FILE *err);
static bool options_set_number(struct options *options,
    const struct options_row *row, const char *value, FILE *err);
static bool options_set_other(struct options *options,
    const struct options_row *row, const char *value, FILE *err);
static bool options_allow_net(struct address_guard *nets,
    const struct options_row *row, const char *value, FILE *err);
static bool options_set_mode(struct options *options, enum options_mode mode,
    FILE *err);
static bool options_add_session(struct options *options, const char *id,
    FILE *err);
static void options_print(const struct options_row *row, FILE *out);


#define OPTIONS_AT(member)  offsetof(struct options, member)


static const struct options_row  options_rows[] = {

    { "config", OPTIONS_OTHER, OPTIONS_CONFIG, 0, 0, "FILE",
      "options by their names, one \"NAME = VALUE\" a line; those of the\n"
      "command line outweigh them" },

    { "listen", OPTIONS_TEXT, OPTIONS_AT(listen), 0, 0, "ADDR",
      "unix:PATH, or IP:PORT or [IPV6]:PORT with --secret-file\n"
      "(unix:/run/whatsapp-controller/controller.sock)" },

    { "socket-group", OPTIONS_TEXT, OPTIONS_AT(socket_group), 0, 0, "GROUP",
      "group of the unix socket, whose members are accepted" },

    { "allow-user", OPTIONS_OTHER, OPTIONS_ALLOW_USER, 0, 0, "NAME",
      "a further user whose connections are accepted; repeatable" },

    { "secret-file", OPTIONS_TEXT, OPTIONS_AT(secret_file), 0, 0, "FILE",
      "shared secret that requests must carry" },

    { "state-dir", OPTIONS_TEXT, OPTIONS_AT(state_dir), 0, 0, "DIR",
      "browser profiles (/var/lib/whatsapp-controller)" },

    { "runtime-dir", OPTIONS_TEXT, OPTIONS_AT(runtime_dir), 0, 0, "DIR",
      "temporary files, on a tmpfs (/run/whatsapp-controller)" },

    { "session", OPTIONS_OTHER, OPTIONS_SESSION, 0, 0, "ID",
      "a session, named by 1 to 15 digits; repeatable" },

    { "max-sessions", OPTIONS_NUMBER, OPTIONS_AT(max_sessions), 1,
      OPTIONS_SESSIONS_MAX, "N", "sessions at most (10)" },

    { "web-url", OPTIONS_TEXT, OPTIONS_AT(web_url), 0, 0, "URL",
      "the page (https://web.whatsapp.com/)" },

    { "wa-js", OPTIONS_TEXT, OPTIONS_AT(wa_js), 0, 0, "FILE",
      "wa-js\n(" PREFIX
      "/share/whatsapp-controller/wppconnect-wa.js)" },

    { "chromium", OPTIONS_TEXT, OPTIONS_AT(chromium), 0, 0, "FILE",
      "the browser (/usr/lib/chromium/chromium)" },

    { "chromium-sandbox", OPTIONS_OTHER, OPTIONS_SANDBOX, 0, 0, "on|off",
      "off only when --web-url is on this host (on)" },

    { "user-agent", OPTIONS_TEXT, OPTIONS_AT(user_agent), 0, 0, "TEXT",
      "the browser's user agent (its own, without \"Headless\")" },

    { "user", OPTIONS_TEXT, OPTIONS_AT(user), 0, 0, "NAME",
      "user to run as; required when started as root" },

    { "send-rate", OPTIONS_NUMBER, OPTIONS_AT(send_rate), 0, 6000, "N",
      "sends a minute and session, 0: not paced (20)" },

    { "send-burst", OPTIONS_NUMBER, OPTIONS_AT(send_burst), 1, 1000, "N",
      "sends at once after a pause (5)" },

    { "send-window", OPTIONS_NUMBER, OPTIONS_AT(send_window), 1, 64, "N",
      "sends in flight a session, one a chat (1)" },

    { "pair-rate", OPTIONS_NUMBER, OPTIONS_AT(pair_rate), 0, 6000, "N",
      "sends a minute, session and recipient, 0: no limit (10)" },

    { "pair-burst", OPTIONS_NUMBER, OPTIONS_AT(pair_burst), 1, 1000, "N",
      "sends to one recipient at once after a pause (45)" },

    { "code-rate", OPTIONS_NUMBER, OPTIONS_AT(code_rate), 0, 6000, "N",
      "codes for linking a minute and session, 0: no limit (1)" },

    { "code-burst", OPTIONS_NUMBER, OPTIONS_AT(code_burst), 1, 1000, "N",
      "codes for linking at once after a pause (5)" },

    { "queue-max", OPTIONS_NUMBER, OPTIONS_AT(queue_max), 1, 10000, "N",
      "sends waiting a session (200)" },

    { "calls-max", OPTIONS_NUMBER, OPTIONS_AT(calls_max), 1, 256, "N",
      "other calls in flight a session (16)" },

    { "reads-max", OPTIONS_NUMBER, OPTIONS_AT(calls_max), 1, 256, "N", NULL },

    { "ping-interval", OPTIONS_NUMBER, OPTIONS_AT(ping_interval_ms), 100,
      600000, "MS", "how often a quiet page is asked for a sign of life "
      "(15000)" },

    { "boot-timeout", OPTIONS_NUMBER, OPTIONS_AT(boot_timeout_ms), 1000,
      600000, "MS", "how long the page may take to load (60000)" },

    { "boots-max", OPTIONS_NUMBER, OPTIONS_AT(boots_max), 1, 100, "N",
      "sessions that start at once, the others wait (2)" },

    { "idempotency-ttl", OPTIONS_NUMBER, OPTIONS_AT(idempotency_ttl_s), 1,
      604800, "S", "how long finished sends are remembered (86400)" },

    { "idempotency-max", OPTIONS_NUMBER, OPTIONS_AT(idempotency_max), 1,
      1000000, "N", "sends remembered at most (20000)" },

    { "media-ttl", OPTIONS_NUMBER, OPTIONS_AT(media_ttl_s), 1, 604800, "S",
      "how long uploaded media are kept (3600)" },

    { "media-max", OPTIONS_NUMBER, OPTIONS_AT(media_max), 1, UINT_MAX,
      "BYTES", "all media together (268435456)" },

    { "media-file-max", OPTIONS_NUMBER, OPTIONS_AT(media_file_max), 1,
      UINT_MAX, "BYTES", "one media file (104857600)" },

    { "allow-media-net", OPTIONS_OTHER, OPTIONS_MEDIA_NET, 0, 0, "NET",
      "a network of other than public addresses that links to media may "
      "lead\nto, as 10.0.0.0/8; repeatable" },

    { "webhooks", OPTIONS_TEXT, OPTIONS_AT(webhooks), 0, 0, "FILE",
      "where events are delivered to, and the secrets for it" },

    { "webhook-ca", OPTIONS_TEXT, OPTIONS_AT(webhook_ca), 0, 0, "FILE",
      "CAs (PEM) of the receivers' certificates (the system's)" },

    { "allow-webhook-net", OPTIONS_OTHER, OPTIONS_WEBHOOK_NET, 0, 0, "NET",
      "a network of other than public addresses that webhooks may be in, as\n"
      "10.0.0.0/8; repeatable" },

    { "streams-max", OPTIONS_NUMBER, OPTIONS_AT(streams_max), 1, 65536, "N",
      "event streams at once (4096)" },

    { "streams-per-token", OPTIONS_NUMBER, OPTIONS_AT(streams_per_token), 1,
      65536, "N", "event streams at once that one token may have (256)" },

    { "stream-heartbeat", OPTIONS_NUMBER, OPTIONS_AT(stream_heartbeat_ms),
      1000, 600000, "MS", "how often a stream gives a sign of life (15000)" },

    { "stream-timeout", OPTIONS_NUMBER, OPTIONS_AT(stream_timeout_ms), 1000,
      600000, "MS", "how long the reader of a stream may take nothing "
      "(60000)" },

    { "log-level", OPTIONS_OTHER, OPTIONS_LOG_LEVEL, 0, 0, "LEVEL",
      "error, warn, notice, info or debug (notice)" },

    { "check", OPTIONS_OTHER, OPTIONS_CHECK, 0, 0, NULL,
      "check all options, those of --config too, and exit" },

    { "probe", OPTIONS_OTHER, OPTIONS_START_PROBE, 0, 0, NULL,
      "print a report on WhatsApp Web and exit; without --session a\n"
      "profile is made for it and removed again" },

    { "link", OPTIONS_OTHER, OPTIONS_START_LINK, 0, 0, "ID",
      "open a session in a window, and exit when its phone is linked" },

    { "help", OPTIONS_OTHER, OPTIONS_SHOW_HELP, 0, 0, NULL,
      "print this and exit" },

    { "version", OPTIONS_OTHER, OPTIONS_SHOW_VERSION, 0, 0, NULL,
      "print the version and exit" },
};


#define OPTIONS_ROWS  (sizeof(options_rows) / sizeof(options_rows[0]))


enum options_verdict
options_parse(struct options *options, int argc, char **argv, FILE *out,
    FILE *err)
{
    enum options_verdict  verdict;

    options_default(options);

    /* the file comes first, wherever its name stands */

    verdict = options_read(options, argc, argv, true, out, err);

    if (verdict == OPTIONS_RUN && options->config != NULL
        && !options_file_read(options->config, options_apply, options, err))
    {
        return OPTIONS_INVALID;
    }

    if (verdict == OPTIONS_RUN) {
        verdict = options_read(options, argc, argv, false, out, err);
    }

    if (verdict != OPTIONS_RUN) {
        return verdict;
    }

    options_derive(options);

    if (!options_check(options, err)) {
        return OPTIONS_INVALID;
    }

    if (options->check) {
        fprintf(out, "whatsapp-controller: the options are valid\n");
        return OPTIONS_HELP;
    }

    return OPTIONS_RUN;
}


/* sets an option of a file */

static bool
options_apply(void *ctx, const char *name, const char *value, FILE *err)
{
    size_t                i;
    struct options       *options = ctx;
    struct options_text  *text;

    for (i = 0; i < OPTIONS_ROWS; i++) {
        if (strcmp(options_rows[i].name, name) == 0) {
            break;
        }
    }

    if (i == OPTIONS_ROWS || options_rows[i].argument == NULL
        || options_is(&options_rows[i], OPTIONS_CONFIG)
        || options_is(&options_rows[i], OPTIONS_START_LINK))
    {
        fprintf(err, "whatsapp-controller: unknown option \"%s\"\n", name);
        return false;
    }

    text = malloc(sizeof(struct options_text) + strlen(value) + 1);

    if (text == NULL) {
        fprintf(err, "whatsapp-controller: not enough memory\n");
        return false;
    }

    strcpy(text->text, value);
    text->next = options->texts;
    options->texts = text;

    return options_set(options, &options_rows[i], text->text, err);
}


void
options_free(struct options *options)
{
    struct options_text  *text;

    while ((text = options->texts) != NULL) {
        options->texts = text->next;
        free(text);
    }
}


/* reads the command line: only --config of it, or all else */

static enum options_verdict
options_read(struct options *options, int argc, char **argv, bool config,
    FILE *out, FILE *err)
{
    int                        c, index, at;
    struct option              names[OPTIONS_ROWS + 1];
    const struct options_row  *row;

    options_names(names);

    /* getopt_long starts again when optind is 0 */

    opterr = 0;
    optind = 0;
    index = -1;

    for ( ;; ) {
        at = optind > 0 ? optind : 1;
        c = getopt_long(argc, argv, "+:", names, &index);

        if (c == -1) {
            break;
        }

        if (c != 0) {
            fprintf(err, "whatsapp-controller: %s \"%s\", see --help\n",
                    c == ':' ? "no value for" : "unknown option",
                    argv[optind - 1]);
            return OPTIONS_INVALID;
        }

        row = &options_rows[index];

        if (!options_exact(row, argv[at])) {
            fprintf(err, "whatsapp-controller: unknown option \"%s\", did "
                    "you mean \"--%s\"?\n", argv[at], row->name);
            return OPTIONS_INVALID;
        }

        if (options_is(row, OPTIONS_SHOW_HELP)
            || options_is(row, OPTIONS_SHOW_VERSION))
        {
            options_print(row, out);
            return OPTIONS_HELP;
        }

        if (config == options_is(row, OPTIONS_CONFIG)
            && !options_set(options, row, optarg, err))
        {
            return OPTIONS_INVALID;
        }
    }

    if (optind < argc) {
        fprintf(err, "whatsapp-controller: unexpected argument \"%s\", "
                "see --help\n", argv[optind]);
        return OPTIONS_INVALID;
    }

    return OPTIONS_RUN;
}


static bool
options_is(const struct options_row *row, enum options_other other)
{
    return row->kind == OPTIONS_OTHER && row->offset == other;
}


/* the table as getopt_long wants it, with an empty row at its end */

static void
options_names(struct option *names)
{
    size_t  i;

    memset(names, 0, (OPTIONS_ROWS + 1) * sizeof(struct option));

    for (i = 0; i < OPTIONS_ROWS; i++) {
        names[i].name = options_rows[i].name;
        names[i].has_arg = options_rows[i].argument != NULL
                           ? required_argument : no_argument;
    }
}


/* defaults that depend on other options */

static void
options_derive(struct options *options)
{
    if (options->media_file_max == 0) {
        options->media_file_max = options->media_max < OPTIONS_FILE_MAX
                                  ? options->media_max : OPTIONS_FILE_MAX;
    }
}


static void
options_default(struct options *options)
{
    memset(options, 0, sizeof(struct options));

    options->listen = "unix:/run/whatsapp-controller/controller.sock";
    options->state_dir = "/var/lib/whatsapp-controller";
    options->runtime_dir = "/run/whatsapp-controller";
    options->max_sessions = 10;
    options->web_url = "https://web.whatsapp.com/";
    options->wa_js = PREFIX
                     "/share/whatsapp-controller/wppconnect-wa.js";
    options->chromium = "/usr/lib/chromium/chromium";
    options->chromium_sandbox = true;
    options->send_rate = 20;
    options->send_burst = 5;
    options->send_window = 1;
    options->pair_rate = 10;
    options->pair_burst = 45;
    options->code_rate = 1;
    options->code_burst = 5;
    options->queue_max = 200;
    options->calls_max = 16;
    options->ping_interval_ms = 5000;
    options->boot_timeout_ms = 60000;
    options->boots_max = 2;
    options->idempotency_ttl_s = 86400;
    options->idempotency_max = 20000;
    options->media_ttl_s = 3600;
    options->media_max = 256 * 1024 * 1024;
    options->streams_max = 4096;
    options->streams_per_token = 256;
    options->stream_heartbeat_ms = 15000;
    options->stream_timeout_ms = 60000;
    options->log_level = LOG_NOTICE;
}


/*
 * Whether an argument names the option in full.  getopt_long takes any
 * beginning of a name, of which a later version may have two.
 */

static bool
options_exact(const struct options_row *row, const char *given)
{
    return strcspn(given, "=") == sizeof("--") - 1 + strlen(row->name);
}


static bool
options_set(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    /* --help and --version, the others without an argument, end the parsing */

    if (value == NULL && row->offset == OPTIONS_CHECK) {
        options->check = true;
        return true;
    }

    if (value == NULL) {
        return options_set_mode(options, OPTIONS_PROBE, err);
    }

    if (*value == '\0') {
        fprintf(err, "whatsapp-controller: --%s is empty\n", row->name);
        return false;
    }

    switch (row->kind) {

    case OPTIONS_TEXT:
        *(const char **) ((char *) options + row->offset) = value;
        return true;

    case OPTIONS_NUMBER:
        return options_set_number(options, row, value, err);

    case OPTIONS_OTHER:
        break;
    }

    return options_set_other(options, row, value, err);
}


static bool
options_set_number(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    char           *end;
    unsigned long   number;

    errno = 0;
    number = strtoul(value, &end, 10);

    if (!isdigit((unsigned char) *value) || *end != '\0' || errno != 0
        || number < row->min || number > row->max)
    {
        fprintf(err, "whatsapp-controller: --%s must be a number from %u "
                "to %u, not \"%s\"\n", row->name, row->min, row->max, value);
        return false;
    }

    *(unsigned *) ((char *) options + row->offset) = (unsigned) number;

    return true;
}


static bool
options_set_other(struct options *options, const struct options_row *row,
    const char *value, FILE *err)
{
    switch (row->offset) {

    case OPTIONS_ALLOW_USER:
        if (options->allow_users_n == OPTIONS_USERS_MAX) {
            fprintf(err, "whatsapp-controller: --allow-user may be given "
                    "%d times\n", OPTIONS_USERS_MAX);
            return false;
        }

        options->allow_users[options->allow_users_n++] = value;
        return true;

    case OPTIONS_CONFIG:
        options->config = value;
        return true;

    case OPTIONS_SESSION:
        return options_add_session(options, value, err);

    case OPTIONS_START_LINK:
        return options_set_mode(options, OPTIONS_LINK, err)
               && options_add_session(options, value, err);

    case OPTIONS_SANDBOX:
        if (strcmp(value, "on") != 0 && strcmp(value, "off") != 0) {
            fprintf(err, "whatsapp-controller: --chromium-sandbox is on "
                    "or off, not \"%s\"\n", value);
            return false;
        }

        options->chromium_sandbox = strcmp(value, "on") == 0;
        return true;

    case OPTIONS_MEDIA_NET:
        return options_allow_net(&options->media_nets, row, value, err);

    case OPTIONS_WEBHOOK_NET:
        return options_allow_net(&options->webhook_nets, row, value, err);

    default: /* OPTIONS_LOG_LEVEL */
        if (!log_level_find(value, &options->log_level)) {
            fprintf(err, "whatsapp-controller: --log-level is error, warn, "
                    "notice, info or debug, not \"%s\"\n", value);
            return false;
        }

        return true;
    }
}


static bool
options_allow_net(struct address_guard *nets, const struct options_row *row,
    const char *value, FILE *err)
{
    if (!address_guard_allow(nets, value)) {
        fprintf(err, "whatsapp-controller: --%s must be a network as "
                "10.0.0.0/8 or fd00::/8, not \"%s\", and at most %d times\n",
                row->name, value, ADDRESS_GUARD_NETS);
        return false;
    }

    return true;
}


static bool
options_set_mode(struct options *options, enum options_mode mode, FILE *err)
{
    if (options->mode != OPTIONS_SERVE) {
        fprintf(err, "whatsapp-controller: --probe and --link are given "
                "once, and not both\n");
        return false;
    }

    options->mode = mode;

    return true;
}


static bool
options_add_session(struct options *options, const char *id, FILE *err)
{
    size_t  i, len;

    len = strlen(id);

    if (len > SESSION_ID_LEN || strspn(id, "0123456789") != len) {
        fprintf(err, "whatsapp-controller: a session is named by 1 to %d "
                "digits, not \"%s\"\n", SESSION_ID_LEN, id);
        return false;
    }

    for (i = 0; i < options->sessions_n; i++) {
        if (strcmp(options->sessions[i], id) == 0) {
            fprintf(err, "whatsapp-controller: session %s is given "
                    "twice\n", id);
            return false;
        }
    }

    if (options->sessions_n == OPTIONS_SESSIONS_MAX) {
        fprintf(err, "whatsapp-controller: more than %d sessions\n",
                OPTIONS_SESSIONS_MAX);
        return false;
    }

    options->sessions[options->sessions_n++] = id;

    return true;
}


/* prints help or version */

static void
options_print(const struct options_row *row, FILE *out)
{
    char         left[40];
    size_t       i;
    const char  *p, *end;

    if (row->offset == OPTIONS_SHOW_VERSION) {
        fprintf(out, "whatsapp-controller " WHATSAPP_VERSION "\n");
        return;
    }

    fprintf(out, "Usage: whatsapp-controller [OPTION]...\n"
            "Keeps WhatsApp Web sessions in Chromium and answers calls "
            "from nginx.\n\n");

    for (i = 0; i < OPTIONS_ROWS; i++) {
        (void) snprintf(left, sizeof(left), "--%s %s", options_rows[i].name,
                        options_rows[i].argument != NULL
                        ? options_rows[i].argument : "");

        for (p = options_rows[i].help; p != NULL; p = end) {
            end = strchr(p, '\n');
            end = end != NULL ? end + 1 : NULL;

            fprintf(out, "  %-24s %.*s\n",
                    p == options_rows[i].help ? left : "",
                    (int) strcspn(p, "\n"), p);
        }
    }
}
