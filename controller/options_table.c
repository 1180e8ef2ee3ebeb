/*
 * The table of options, their defaults, and the help.
 */

#include <limits.h>
#include <string.h>

#include "options_private.h"
#include "protocol/version.h"


#ifndef PREFIX
#define PREFIX  "/usr/local"
#endif


/* --media-file-max when it is not given, or --media-max if that is less */

#define OPTIONS_FILE_MAX  (100 * 1024 * 1024)


/* MiB that a page may have, and those of a browser that are no page's */

#define OPTIONS_PAGE_MIB     1024
#define OPTIONS_BROWSER_MIB  1024


#define OPTIONS_AT(member)  offsetof(struct options, member)


static void options_derive_memory(unsigned *mib, unsigned value,
    unsigned max);
static unsigned options_browser_mib(const struct options *options,
    unsigned page);


const struct options_row  options_rows[] = {

    { "config", OPTIONS_OTHER, OPTIONS_CONFIG, 0, 0, "FILE",
      "options by their names, one \"NAME = VALUE\" a line, and sections of\n"
      "sessions; options of the command line outweigh those of the file" },

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

    { "sessions-per-browser", OPTIONS_NUMBER,
      OPTIONS_AT(sessions_per_browser), 1, OPTIONS_SESSIONS_MAX, "N",
      "sessions that share a browser (5)" },

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
      "(5000)" },

    { "collect-idle", OPTIONS_NUMBER, OPTIONS_AT(collect_idle_s), 0, 86400,
      "S", "how long a page is idle before its garbage is collected, 0: never "
      "(60)" },

    { "boot-timeout", OPTIONS_NUMBER, OPTIONS_AT(boot_timeout_ms), 1000,
      600000, "MS", "how long the page may take to load (60000)" },

    { "boots-max", OPTIONS_NUMBER, OPTIONS_AT(boots_max), 1, 100, "N",
      "sessions that start at once, the others wait (2)" },

    { "memory-interval", OPTIONS_NUMBER, OPTIONS_AT(memory_interval_ms), 100,
      3600000, "MS", "how often the memory of pages and browsers is measured "
      "(30000)" },

    { "page-memory-high", OPTIONS_NUMBER, OPTIONS_AT(page_memory_high), 0,
      OPTIONS_MIB_MAX, "MIB", "memory above which a page is replaced when "
      "nobody needs it,\n0: no limit (1024)" },

    { "page-memory-max", OPTIONS_NUMBER, OPTIONS_AT(page_memory_max), 0,
      OPTIONS_MIB_MAX, "MIB", "memory above which a page is replaced at "
      "once, 0: no limit (2048)" },

    { "browser-memory-high", OPTIONS_NUMBER, OPTIONS_AT(browser_memory_high),
      0, OPTIONS_MIB_MAX, "MIB", "the same for a browser with all its "
      "processes\n(1024 and --page-memory-high for each of its sessions)" },

    { "browser-memory-max", OPTIONS_NUMBER, OPTIONS_AT(browser_memory_max),
      0, OPTIONS_MIB_MAX, "MIB", "the same\n(1024 and --page-memory-max for "
      "each of its sessions)" },

    { "max-memory", OPTIONS_NUMBER, OPTIONS_AT(max_memory), 0,
      OPTIONS_MIB_MAX, "MIB", "memory of controller and browsers above which "
      "no further session\nstarts, 0: no limit (nine tenths of the host's, or "
      "of the limit of its\ncontrol group)" },

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

    { "webhook-ca", OPTIONS_TEXT, OPTIONS_AT(webhook_ca), 0, 0, "FILE",
      "CAs (PEM) of the receivers' certificates (the system's)" },

    { "webhook-give-up", OPTIONS_NUMBER, OPTIONS_AT(webhook_give_up_s), 0,
      31536000, "S", "how long a receiver may refuse an event until it is "
      "dropped,\n0: for ever (604800)" },

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


const size_t  options_rows_n = sizeof(options_rows)
                               / sizeof(options_rows[0]);

_Static_assert(sizeof(options_rows) / sizeof(options_rows[0])
               < OPTIONS_ROWS_MAX, "the table has more rows than that");


/* defaults that depend on other options */

void
options_derive(struct options *options)
{
    if (options->media_file_max == 0) {
        options->media_file_max = options->media_max < OPTIONS_FILE_MAX
                                  ? options->media_max : OPTIONS_FILE_MAX;
    }

    options_derive_memory(&options->page_memory_high, OPTIONS_PAGE_MIB,
                          options->page_memory_max);

    options_derive_memory(&options->browser_memory_max,
                          options_browser_mib(options,
                                              options->page_memory_max),
                          0);
    options_derive_memory(&options->browser_memory_high,
                          options_browser_mib(options,
                                              options->page_memory_high),
                          options->browser_memory_max);
}


/* a default is no more than max, unless that is 0 */

static void
options_derive_memory(unsigned *mib, unsigned value, unsigned max)
{
    if (*mib == OPTIONS_MIB_DERIVED) {
        *mib = max != 0 && value > max ? max : value;
    }
}


static unsigned
options_browser_mib(const struct options *options, unsigned page)
{
    return page == 0 ? 0 : OPTIONS_BROWSER_MIB
                           + page * options->sessions_per_browser;
}


void
options_default(struct options *options)
{
    memset(options, 0, sizeof(struct options));

    options->listen = "unix:/run/whatsapp-controller/controller.sock";
    options->state_dir = "/var/lib/whatsapp-controller";
    options->runtime_dir = "/run/whatsapp-controller";
    options->max_sessions = 10;
    options->sessions_per_browser = 5;
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
    options->collect_idle_s = 60;
    options->boot_timeout_ms = 60000;
    options->boots_max = 2;
    options->memory_interval_ms = 30000;
    options->page_memory_high = OPTIONS_MIB_DERIVED;
    options->page_memory_max = 2048;
    options->browser_memory_high = OPTIONS_MIB_DERIVED;
    options->browser_memory_max = OPTIONS_MIB_DERIVED;
    options->max_memory = OPTIONS_MIB_DERIVED;
    options->idempotency_ttl_s = 86400;
    options->idempotency_max = 20000;
    options->media_ttl_s = 3600;
    options->media_max = 256 * 1024 * 1024;
    options->webhook_give_up_s = 604800;
    options->streams_max = 4096;
    options->streams_per_token = 256;
    options->stream_heartbeat_ms = 15000;
    options->stream_timeout_ms = 60000;
    options->log_level = LOG_NOTICE;
}


bool
options_is(const struct options_row *row, enum options_other other)
{
    return row->kind == OPTIONS_OTHER && row->offset == other;
}


/* prints help or version */

void
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

    for (i = 0; i < options_rows_n; i++) {
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
