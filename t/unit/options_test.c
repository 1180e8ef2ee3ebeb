/*
 * The command line, every option from both sides.
 */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "options.h"
#include "protocol/version.h"


#define MAX_WORDS  32


static struct options  options;
static char            said[8192];


/* words of a command line, one blank between */

static enum options_verdict
parse(const char *line)
{
    int                   argc;
    char                 *text, *word, *save, *argv[MAX_WORDS];
    FILE                 *out;
    static char           name[] = "whatsapp-controller";
    static char          *kept;
    enum options_verdict  verdict;

    free(kept);
    text = strdup(line);
    kept = text;

    argc = 0;
    argv[argc++] = name;
    save = NULL;

    for (word = strtok_r(text, " ", &save);
         word != NULL;
         word = strtok_r(NULL, " ", &save))
    {
        argv[argc++] = word;
    }

    argv[argc] = NULL;

    memset(said, 0, sizeof(said));
    out = fmemopen(said, sizeof(said) - 1, "w");

    options_free(&options);

    verdict = options_parse(&options, argc, argv, out, out);

    (void) fclose(out);

    return verdict;
}


static void
accepted(const char *line)
{
    assert_int_equal(parse(line), OPTIONS_RUN);
    assert_string_equal(said, "");
}


/* the complaint is one line and names what it is about */

static void
refused(const char *line, const char *about)
{
    assert_int_equal(parse(line), OPTIONS_INVALID);
    assert_non_null(strstr(said, about));
    assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
}


static void
test_defaults(void **state)
{
    const char  *path;

    (void) state;

    accepted("");

    assert_true(options_unix_path(&options, &path));
    assert_string_equal(path, "/run/whatsapp-controller/controller.sock");
    assert_string_equal(options.state_dir, "/var/lib/whatsapp-controller");
    assert_string_equal(options.runtime_dir, "/run/whatsapp-controller");
    assert_string_equal(options.web_url, "https://web.whatsapp.com/");
    assert_string_equal(options.chromium, "/usr/lib/chromium/chromium");
    assert_true(options.chromium_sandbox);
    assert_int_equal(options.sessions_n, 0);
    assert_int_equal(options.max_sessions, 10);
    assert_int_equal(options.send_rate, 20);
    assert_int_equal(options.send_burst, 5);
    assert_int_equal(options.send_window, 1);
    assert_int_equal(options.pair_rate, 10);
    assert_int_equal(options.pair_burst, 45);
    assert_int_equal(options.code_rate, 1);
    assert_int_equal(options.code_burst, 5);
    assert_int_equal(options.queue_max, 200);
    assert_int_equal(options.calls_max, 16);
    assert_int_equal(options.ping_interval_ms, 5000);
    assert_int_equal(options.boot_timeout_ms, 60000);
    assert_int_equal(options.boots_max, 2);
    assert_int_equal(options.idempotency_ttl_s, 86400);
    assert_int_equal(options.idempotency_max, 20000);
    assert_int_equal(options.media_ttl_s, 3600);
    assert_int_equal(options.media_max, 256 * 1024 * 1024);
    assert_int_equal(options.media_file_max, 100 * 1024 * 1024);
    assert_int_equal(options.media_nets.nets_n, 0);
    assert_int_equal(options.streams_max, 4096);
    assert_int_equal(options.streams_per_token, 256);
    assert_int_equal(options.stream_heartbeat_ms, 15000);
    assert_int_equal(options.stream_timeout_ms, 60000);
    assert_int_equal(options.log_level, LOG_NOTICE);
    assert_null(options.user);
    assert_null(options.user_agent);
    assert_null(options.secret_file);
    assert_null(options.socket_group);
}


static void
test_values(void **state)
{
    const char  *path;

    (void) state;

    accepted("--listen unix:/a/b --session 1 --session 123456789012345 "
             "--send-rate 0 --send-window=8 --log-level debug "
             "--calls-max 7 "
             "--allow-user root --allow-user daemon --user nobody");

    assert_true(options_unix_path(&options, &path));
    assert_string_equal(path, "/a/b");
    assert_int_equal(options.sessions_n, 2);
    assert_string_equal(options.sessions[1], "123456789012345");
    assert_int_equal(options.send_rate, 0);
    assert_int_equal(options.send_window, 8);
    assert_int_equal(options.calls_max, 7);
    assert_int_equal(options.log_level, LOG_DEBUG);
    assert_int_equal(options.allow_users_n, 2);
    assert_string_equal(options.user, "nobody");

    accepted("--reads-max 8");
    assert_int_equal(options.calls_max, 8);
}


static void
test_help_and_version(void **state)
{
    (void) state;

    assert_int_equal(parse("--help"), OPTIONS_HELP);
    assert_non_null(strstr(said, "--idempotency-ttl"));
    assert_null(strstr(said, "--reads-max"));

    assert_int_equal(parse("--version --nonsense"), OPTIONS_HELP);
    assert_string_equal(said,
                        "whatsapp-controller " WHATSAPP_VERSION "\n");
}


static void
test_words(void **state)
{
    (void) state;

    refused("--nonsense", "--nonsense");
    refused("-x", "-x");
    refused("word", "word");
    refused("--session", "--session");
    refused("--session 1 -- 2", "2");
    refused("--session=", "session");
}


static void
test_numbers(void **state)
{
    (void) state;

    accepted("--queue-max 1");
    accepted("--queue-max 10000");
    refused("--queue-max 0", "queue-max");
    refused("--queue-max 10001", "queue-max");
    refused("--queue-max -1", "queue-max");
    refused("--queue-max 1x", "queue-max");
    refused("--queue-max x", "queue-max");
    refused("--queue-max 99999999999999999999", "queue-max");
    refused("--queue-max=+1", "queue-max");

    accepted("--ping-interval 100");
    refused("--ping-interval 99", "ping-interval");
    accepted("--boot-timeout 1000");
    refused("--boot-timeout 999", "boot-timeout");
    accepted("--boots-max 1");
    refused("--boots-max 0", "boots-max");
    accepted("--memory-interval 100");
    refused("--memory-interval 99", "memory-interval");
    accepted("--page-memory-high 100 --page-memory-max 100");
    accepted("--page-memory-high 100 --page-memory-max 0");
    refused("--page-memory-high 101 --page-memory-max 100",
            "page-memory-high 101 is more");
    refused("--browser-memory-high 101 --browser-memory-max 100",
            "browser-memory-high 101 is more");
    refused("--page-memory-max 1048577", "page-memory-max");
    accepted("--max-memory 0");
    refused("--max-memory 1048577", "max-memory");
    refused("--streams-max 0", "streams-max");
    refused("--streams-per-token 0", "streams-per-token");
    accepted("--stream-heartbeat 1000");
    refused("--stream-heartbeat 999", "stream-heartbeat");
    refused("--stream-timeout 999", "stream-timeout");
    refused("--send-window 0", "send-window");
    refused("--calls-max 0", "calls-max");
    refused("--reads-max 0", "reads-max");
    refused("--send-burst 0", "send-burst");
    refused("--idempotency-max 0", "idempotency-max");
    refused("--idempotency-ttl 0", "idempotency-ttl");
}


static void
test_media(void **state)
{
    (void) state;

    accepted("--media-ttl 1 --media-max 4294967295 --media-file-max 1 "
             "--allow-media-net 10.0.0.0/8 --allow-media-net fd00::/8");
    assert_int_equal(options.media_max, 4294967295);
    assert_int_equal(options.media_nets.nets_n, 2);

    refused("--media-ttl 0", "media-ttl");
    refused("--media-max 4294967296", "media-max");
    refused("--media-file-max 0", "media-file-max");
    refused("--allow-media-net localhost", "allow-media-net");
    refused("--allow-media-net 10.0.0.1/8", "allow-media-net");
}


static void
test_sessions(void **state)
{
    (void) state;

    refused("--session 1234567890123456", "session");
    refused("--session 12a", "session");
    refused("--session 1 --session 1", "twice");
    accepted("--session 1 --session 01");
    accepted("--max-sessions 2 --session 1 --session 2");
    refused("--max-sessions 1 --session 1 --session 2", "max-sessions");
}


static void
test_modes(void **state)
{
    (void) state;

    accepted("");
    assert_int_equal(options.mode, OPTIONS_SERVE);

    accepted("--probe");
    assert_int_equal(options.mode, OPTIONS_PROBE);
    assert_int_equal(options.sessions_n, 0);

    accepted("--session 7 --probe");
    assert_int_equal(options.sessions_n, 1);

    accepted("--link 7");
    assert_int_equal(options.mode, OPTIONS_LINK);
    assert_string_equal(options.sessions[0], "7");

    refused("--link", "--link");
    refused("--link=", "link");
    refused("--link seven", "digits");
    refused("--link 7 --session 7", "twice");
    refused("--link 7 --session 8", "one session");
    refused("--probe --session 7 --session 8", "one session");
    refused("--probe --link 7", "not both");
    refused("--link 7 --link 8", "not both");
}


static void
test_listen(void **state)
{
    (void) state;

    accepted("--listen 127.0.0.1:8000 --secret-file /s");
    accepted("--listen [::1]:8000 --secret-file /s");
    refused("--listen 127.0.0.1:8000", "secret-file");
    refused("--listen 127.0.0.1: --secret-file /s", "listen");
    refused("--listen 127.0.0.1:65536 --secret-file /s", "listen");
    refused("--listen 127.0.0.1:x --secret-file /s", "listen");
    refused("--listen :80 --secret-file /s", "listen");
    refused("--listen nothing --secret-file /s", "listen");
    refused("--listen unix:relative", "listen");
    refused("--listen unix:", "listen");
    refused("--listen unix:/aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
            "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
            "listen");
}


static void
test_sandbox(void **state)
{
    (void) state;

    refused("--chromium-sandbox maybe", "chromium-sandbox");
    refused("--chromium-sandbox off", "chromium-sandbox");
    accepted("--chromium-sandbox on");
    accepted("--chromium-sandbox off --web-url http://127.0.0.1/");
    accepted("--chromium-sandbox off --web-url http://127.0.0.1:80/web/");
    accepted("--chromium-sandbox off --web-url http://localhost:80/a@b");
    accepted("--chromium-sandbox off --web-url http://[::1]:80/");
    assert_false(options.chromium_sandbox);
    refused("--chromium-sandbox off --web-url http://127.0.0.1.a.org/",
            "chromium-sandbox");
    refused("--chromium-sandbox off --web-url http://127.0.0.1@a.org/",
            "chromium-sandbox");
    refused("--chromium-sandbox off --web-url http://127.0.0.1:80@a.org/",
            "chromium-sandbox");
    refused("--chromium-sandbox off --web-url http://a.org/127.0.0.1",
            "chromium-sandbox");
}


static void
test_urls_and_paths(void **state)
{
    (void) state;

    refused("--web-url nowhere", "web-url");
    refused("--web-url file:///etc/passwd", "web-url");
    refused("--state-dir relative", "state-dir");
    refused("--runtime-dir relative", "runtime-dir");
    refused("--log-level loud", "log-level");
}


/* parses a line with --config before it, for a file of that text */

static enum options_verdict
parse_file(const char *text, const char *line)
{
    int                   fd;
    char                  words[512];
    char                  path[] = "/tmp/options-test-XXXXXX";
    enum options_verdict  verdict;

    fd = mkstemp(path);
    assert_int_not_equal(fd, -1);
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    (void) close(fd);

    (void) snprintf(words, sizeof(words), "%s --config %s", line, path);

    verdict = parse(words);

    (void) unlink(path);

    return verdict;
}


static void
test_file(void **state)
{
    (void) state;

    assert_int_equal(parse_file("# numbers\n; and more\n\n"
                                "session = 1\n  session=2\r\n"
                                "send-rate = 7\nuser-agent = a ; b # c\n",
                                "--session 3"),
                     OPTIONS_RUN);
    assert_string_equal(said, "");
    assert_int_equal(options.sessions_n, 3);
    assert_string_equal(options.sessions[0], "1");
    assert_string_equal(options.sessions[1], "2");
    assert_string_equal(options.sessions[2], "3");
    assert_int_equal(options.send_rate, 7);
    assert_string_equal(options.user_agent, "a ; b # c");

    /* the command line outweighs it, also from before --config */

    assert_int_equal(parse_file("send-rate = 7\n", "--send-rate 8"),
                     OPTIONS_RUN);
    assert_int_equal(options.send_rate, 8);

    /* a session may be in both, a section too */

    assert_int_equal(parse_file("session = 1\n[session 1]\n[session 4]\n"
                                "url = anything\n[session\t5]\n[session *]\n"
                                "[session 4]\n",
                                "--session 1 --session 6"),
                     OPTIONS_RUN);
    assert_int_equal(options.sessions_n, 4);
    assert_string_equal(options.sessions[0], "1");
    assert_string_equal(options.sessions[1], "4");
    assert_string_equal(options.sessions[2], "5");
    assert_string_equal(options.sessions[3], "6");

    /* a command concerns the session that it names, whatever the file has */

    assert_int_equal(parse_file("[session 1]\n[session 4]\n", "--link 4"),
                     OPTIONS_RUN);
    assert_int_equal(options.sessions_n, 1);
    assert_string_equal(options.sessions[0], "4");

    assert_int_equal(parse_file("[session 1]\n[session 4]\n", "--probe"),
                     OPTIONS_RUN);
    assert_int_equal(options.sessions_n, 0);

    assert_int_equal(parse_file("# nothing\n", "--check"), OPTIONS_RUN);
    assert_true(options.check);

    assert_int_equal(parse_file("send-burst = 0\n", "--check"),
                     OPTIONS_INVALID);
}


static void
test_file_errors(void **state)
{
    size_t  i;
    char    text[6000];

    static const struct {
        const char  *text;
        const char  *about;
    } cases[] = {
        { "send-rate = 5\n\nsend-rate = 5x\n", ":3: --send-rate must be" },
        { "send-rat = 5\n", ":1: unknown option \"send-rat\"" },
        { "--send-rate = 5\n", ":1: unknown option" },
        { "help =\n", ":1: unknown option \"help\"" },
        { "config = /a\n", ":1: unknown option \"config\"" },
        { "probe = on\n", ":1: unknown option \"probe\"" },
        { "link = 1\n", ":1: unknown option \"link\"" },
        { "user =\n", ":1: --user is empty" },
        { "# a\nsession\n", ":2: must be" },
        { "[1]\nsession = 1\n", ":1: a section must be" },
        { "[session 1\n", ":1: must be" },
        { "[1\n", ":1: must be" },
        { "session = 1\nsession = 1\n", ":2: session 1 is given twice" },
    };

    (void) state;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        assert_int_equal(parse_file(cases[i].text, "--check"),
                         OPTIONS_INVALID);

        if (strstr(said, cases[i].about) == NULL) {
            fail_msg("%s: %s", cases[i].text, said);
        }

        assert_ptr_equal(strchr(said, '\n'), said + strlen(said) - 1);
    }

    /* a long line is refused, not cut */

    memset(text, 'a', sizeof(text));
    memcpy(text, "user-agent = ", 13);
    text[4000] = '\0';
    assert_int_equal(parse_file(text, "--check"), OPTIONS_RUN);

    text[4000] = 'a';
    text[5000] = '\0';
    assert_int_equal(parse_file(text, "--check"), OPTIONS_INVALID);
    assert_non_null(strstr(said, ":1: is too long"));
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_defaults),
        cmocka_unit_test(test_values),
        cmocka_unit_test(test_help_and_version),
        cmocka_unit_test(test_words),
        cmocka_unit_test(test_numbers),
        cmocka_unit_test(test_media),
        cmocka_unit_test(test_sessions),
        cmocka_unit_test(test_modes),
        cmocka_unit_test(test_listen),
        cmocka_unit_test(test_sandbox),
        cmocka_unit_test(test_urls_and_paths),
        cmocka_unit_test(test_file),
        cmocka_unit_test(test_file_errors),
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
