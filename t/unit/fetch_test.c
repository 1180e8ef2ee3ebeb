/*
 * Downloads from a small server of our own: what is refused, limited, ended.
 */

#include <netinet/in.h>
#include <sys/socket.h>

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include <event2/buffer.h>
#include <event2/bufferevent.h>
#include <event2/listener.h>

#include "media/fetch.h"


/* by gzip: "hello", and 16384 zeros */

static const char  hello[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xcb\x48\xcd\xc9\xc9\x07\x00"
    "\x86\xa6\x10\x36\x05\x00\x00\x00";

static const char  zeros[] =
    "\x1f\x8b\x08\x00\x00\x00\x00\x00\x02\x03\xed\xc1\x31\x01\x00\x00\x00"
    "\xc2\xa0\x4a\xeb\x9f\xce\x18\x3e\x40\x01\x00\x00\x00\x00\x00\x00\x00"
    "\x00\x00\x00\x00\x00\x00\x00\x00\x6f\x03\x5a\x95\x9a\x05\x00\x40\x00"
    "\x00";


static struct event_base      *base;
static struct evconnlistener  *listener;
static unsigned                port;
static unsigned                hits;
static unsigned                peers;
static struct address_guard    guard;
static struct fetcher         *fetcher;

static int                     done;       /* how often it was called */
static enum fetch_status       status;
static char                    type[128];
static char                    got[4096];
static size_t                  got_size;
static bool                    wanted;     /* more data */


static void
give(struct evbuffer *out, const char *encoding, const char *body,
    size_t size)
{
    evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Encoding: %.*s\r\n"
                        "Content-Length: %zu\r\n\r\n",
                        (int) strcspn(encoding, " "), encoding, size);
    evbuffer_add(out, body, size);
}


static void
on_read(struct bufferevent *peer, void *ctx)
{
    int               i;
    char             *line;
    struct evbuffer  *in, *out;

    (void) ctx;

    in = bufferevent_get_input(peer);
    out = bufferevent_get_output(peer);

    if (evbuffer_search(in, "\r\n\r\n", 4, NULL).pos == -1) {
        return;
    }

    hits++;
    line = evbuffer_readln(in, NULL, EVBUFFER_EOL_CRLF);

    if (strncmp(line, "GET /file ", 10) == 0) {
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\nContent-Type: image/x\r"
                            "\nContent-Length: 5\r\n\r\nhello");

    } else if (strncmp(line, "GET /chunks ", 12) == 0) {
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "8\r\n01234567\r\n8\r\n01234567\r\n0\r\n\r\n");

    } else if (strncmp(line, "GET /to/", 8) == 0) {
        evbuffer_add_printf(out, "HTTP/1.1 302 Found\r\nLocation: %.*s\r\n"
                            "Content-Length: 0\r\n\r\n",
                            (int) strcspn(line + 8, " "), line + 8);

    } else if (strncmp(line, "GET /status/", 12) == 0) {
        evbuffer_add_printf(out, "HTTP/1.1 %.3s X\r\n"
                            "Content-Length: 5\r\n\r\nhello", line + 12);

    } else if (strncmp(line, "GET /hello/", 11) == 0) {
        give(out, line + 11, hello, sizeof(hello) - 1);

    } else if (strncmp(line, "GET /zeros/", 11) == 0) {
        give(out, line + 11, zeros, sizeof(zeros) - 1);

    } else if (strncmp(line, "GET /trailers ", 14) == 0) {
        evbuffer_add_printf(out, "HTTP/1.1 200 OK\r\n"
                            "Transfer-Encoding: chunked\r\n\r\n"
                            "5\r\nhello\r\n0\r\n");

        for (i = 0; i < 100; i++) {
            evbuffer_add_printf(out, "X-%d: %01000d\r\n", i, i);
        }

        evbuffer_add_printf(out, "\r\n");

    } else if (strncmp(line, "GET /change ", 12) == 0) {

        /* as if the name led somewhere else from now on */

        memset(&guard, 0, sizeof(guard));
        evbuffer_add_printf(out, "HTTP/1.1 302 Found\r\nLocation: /file\r\n"
                            "Content-Length: 0\r\n\r\n");

    } else if (strncmp(line, "GET /hang ", 10) != 0) {
        evbuffer_add_printf(out, "HTTP/1.1 404 No\r\n"
                            "Content-Length: 2\r\n\r\nno");
    }

    free(line);
}


static void
on_event(struct bufferevent *peer, short what, void *ctx)
{
    (void) what;
    (void) ctx;

    bufferevent_free(peer);
    peers--;
}


static void
on_accept(struct evconnlistener *from, evutil_socket_t fd,
    struct sockaddr *address, int size, void *ctx)
{
    struct bufferevent  *peer;

    (void) from;
    (void) address;
    (void) size;
    (void) ctx;

    peers++;
    peer = bufferevent_socket_new(base, fd, BEV_OPT_CLOSE_ON_FREE);
    bufferevent_setcb(peer, on_read, NULL, on_event, NULL);
    bufferevent_enable(peer, EV_READ | EV_WRITE);
}


static int
set_up(void **state)
{
    socklen_t           size;
    struct sockaddr_in  sin;

    (void) state;

    base = event_base_new();

    memset(&sin, 0, sizeof(sin));
    sin.sin_family = AF_INET;
    sin.sin_addr.s_addr = htonl(INADDR_ANY);

    listener = evconnlistener_new_bind(base, on_accept, NULL,
                                       LEV_OPT_CLOSE_ON_FREE, 16,
                                       (struct sockaddr *) &sin,
                                       sizeof(sin));

    if (listener == NULL) {
        return -1;
    }

    size = sizeof(sin);
    (void) getsockname(evconnlistener_get_fd(listener),
                       (struct sockaddr *) &sin, &size);
    port = ntohs(sin.sin_port);

    fetcher = fetcher_create(base, &guard);

    return fetcher != NULL ? 0 : -1;
}


static int
tear_down(void **state)
{
    (void) state;

    fetcher_destroy(fetcher);

    while (peers != 0) {
        (void) event_base_loop(base, EVLOOP_ONCE);
    }

    evconnlistener_free(listener);
    event_base_free(base);

    return 0;
}


static bool
on_data(void *ctx, const void *data, size_t size)
{
    (void) ctx;

    if (wanted && got_size + size < sizeof(got)) {
        memcpy(got + got_size, data, size);
        got_size += size;
        got[got_size] = '\0';
    }

    return wanted;
}


static void
on_done(void *ctx, enum fetch_status end, const struct fetch_answer *answer)
{
    (void) ctx;

    done++;
    status = end;
    (void) snprintf(type, sizeof(type), "%s", answer->type);

    (void) event_base_loopbreak(base);
}


static const struct fetch_handlers  handlers = { on_data, on_done };


static struct fetch *
start(const char *url, uint64_t max, uint64_t timeout_ms)
{
    done = 0;
    got_size = 0;
    got[0] = '\0';
    wanted = true;

    return fetch_start(fetcher, "1", url, max, timeout_ms, &handlers, NULL);
}


/* each %u in the text becomes the port */

static enum fetch_status
fetch(const char *text, uint64_t max, uint64_t timeout_ms)
{
    int          n;
    char         url[512];
    const char  *mark;

    url[0] = '\0';
    n = 0;

    while ((mark = strstr(text, "%u")) != NULL) {
        n += snprintf(url + n, sizeof(url) - (size_t) n, "%.*s%u",
                      (int) (mark - text), text, port);
        text = mark + 2;
    }

    (void) snprintf(url + n, sizeof(url) - (size_t) n, "%s", text);

    assert_non_null(start(url, max, timeout_ms));
    assert_int_equal(done, 0);
    assert_int_equal(event_base_dispatch(base), 0);
    assert_int_equal(done, 1);

    return status;
}


static void
allow_loopback(void)
{
    memset(&guard, 0, sizeof(guard));
    assert_true(address_guard_allow(&guard, "127.0.0.1"));
}


static void
test_good(void **state)
{
    (void) state;

    allow_loopback();

    assert_int_equal(fetch("http://127.0.0.1:%u/file", 5, 5000), FETCH_OK);
    assert_string_equal(got, "hello");
    assert_string_equal(type, "image/x");

    assert_int_equal(fetch("http://127.0.0.1:%u/chunks", 16, 5000),
                     FETCH_OK);
    assert_int_equal(got_size, 16);
    assert_string_equal(type, "");

    assert_int_equal(fetch("http://127.0.0.1:%u/to//to//to//file", 5, 5000),
                     FETCH_OK);
    assert_int_equal(fetch("http://127.0.0.1:%u/to//to//to//to//file", 5,
                           5000), FETCH_FAILED);
    assert_int_equal(fetch("http://127.0.0.1:%u/to/http://127.0.0.1:%u/file",
                           5, 5000), FETCH_OK);
}


/* nothing of it reaches the server */

static void
test_refused(void **state)
{
    size_t  i;

    static const char *const  urls[] = {
        "http://127.0.0.1:%u/file", "http://2130706433:%u/file",
        "http://0x7f000001:%u/file", "http://0x7f.1:%u/file",
        "http://0177.0.0.1:%u/file", "http://017700000001:%u/file",
        "http://127.1:%u/file", "http://0:%u/file", "http://0.0.0.0:%u/file",
        "http://localhost:%u/file", "http://LOCALHOST.:%u/file",
        "http://[::1]:%u/file", "http://[::]:%u/file",
        "http://[::ffff:127.0.0.1]:%u/file",
        "http://[::ffff:7f00:1]:%u/file", "http://[::127.0.0.1]:%u/file",
        "http://[64:ff9b::127.0.0.1]:%u/file",
        "http://[64:ff9b:1::127.0.0.1]:%u/file",
        "http://[2002:7f00:1::]:%u/file", "http://[fd00::1]:%u/file",
        "http://[fe80::1]:%u/file", "http://[ff02::1]:%u/file",
        "http://1.1.1.1@127.0.0.1:%u/file",
        "http://1.1.1.1:80@127.0.0.1:%u/file",
        "http://10.0.0.1:%u/", "http://100.64.0.1:%u/",
        "http://169.254.169.254/latest/meta-data/",
        "https://192.168.0.1:%u/", "http://224.0.0.1:%u/",
        "file:///etc/passwd", "FILE:///etc/passwd",
        "gopher://127.0.0.1:%u/_x", "ftp://127.0.0.1:%u/file",
        "dict://127.0.0.1:%u/x", "ldap://127.0.0.1:%u/x",
        "scp://127.0.0.1:%u/file", "telnet://127.0.0.1:%u/",
        "tftp://127.0.0.1:%u/x", "smtp://127.0.0.1:%u/x",
        "data:text/plain,x", "http://"
    };

    (void) state;

    memset(&guard, 0, sizeof(guard));
    hits = 0;

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        if (fetch(urls[i], 100, 2000) == FETCH_OK) {
            fail_msg("%s", urls[i]);
        }
    }

    assert_int_equal(hits, 0);
    assert_int_equal(fetch("http://127.0.0.1:%u/file", 100, 2000),
                     FETCH_REFUSED);
    assert_int_equal(fetch("file:///etc/passwd", 100, 2000), FETCH_REFUSED);
}


static void
test_redirects(void **state)
{
    (void) state;

    allow_loopback();
    hits = 0;

    assert_int_equal(fetch("http://127.0.0.1:%u/to/http://127.0.0.2:%u/file",
                           100, 2000), FETCH_REFUSED);
    assert_int_equal(fetch("http://127.0.0.1:%u/to/http://[::1]:%u/file",
                           100, 2000), FETCH_REFUSED);
    assert_int_equal(fetch("http://127.0.0.1:%u/to/file:///etc/passwd", 100,
                           2000), FETCH_REFUSED);
    assert_int_equal(fetch("http://127.0.0.1:%u/to/gopher://127.0.0.1:%u/x",
                           100, 2000), FETCH_REFUSED);
    assert_int_equal(hits, 4);
    assert_int_equal(got_size, 0);
}


/* the guard sees every connection, also the second one to the same name */

static void
test_answers_that_change(void **state)
{
    (void) state;

    allow_loopback();
    hits = 0;

    assert_int_equal(fetch("http://localhost:%u/change", 100, 2000),
                     FETCH_REFUSED);
    assert_int_equal(hits, 1);
    assert_int_equal(fetch("http://localhost:%u/file", 100, 2000),
                     FETCH_REFUSED);
    assert_int_equal(hits, 1);
}


/* a proxy would connect in our place, unguarded */

static void
test_no_proxy(void **state)
{
    char    proxy[64];
    size_t  i;

    static const char *const  names[] = {
        "http_proxy", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"
    };

    (void) state;

    memset(&guard, 0, sizeof(guard));
    hits = 0;
    (void) snprintf(proxy, sizeof(proxy), "http://127.0.0.1:%u", port);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void) setenv(names[i], proxy, 1);
    }

    assert_int_equal(fetch("http://10.0.0.1/file", 100, 2000),
                     FETCH_REFUSED);
    assert_int_equal(hits, 0);

    for (i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void) unsetenv(names[i]);
    }
}


static void
test_limits(void **state)
{
    (void) state;

    allow_loopback();

    assert_int_equal(fetch("http://127.0.0.1:%u/file", 4, 5000),
                     FETCH_STOPPED);
    assert_int_equal(fetch("http://127.0.0.1:%u/chunks", 15, 5000),
                     FETCH_STOPPED);
    assert_int_equal(fetch("http://127.0.0.1:%u/hang", 4, 100),
                     FETCH_TIMEOUT);
    assert_int_equal(fetch("http://127.0.0.1:%u/nothing", 4, 5000),
                     FETCH_FAILED);
    assert_int_equal(fetch("http://127.0.0.1:1/", 4, 5000), FETCH_FAILED);
}


/* what comes without being the whole file is none */

static void
test_statuses(void **state)
{
    size_t  i;

    static const char *const  urls[] = {
        "http://127.0.0.1:%u/status/204", "http://127.0.0.1:%u/status/206",
        "http://127.0.0.1:%u/status/300", "http://127.0.0.1:%u/status/302",
        "http://127.0.0.1:%u/status/304", "http://127.0.0.1:%u/status/404",
        "http://127.0.0.1:%u/status/500"
    };

    (void) state;

    allow_loopback();

    assert_int_equal(fetch("http://127.0.0.1:%u/status/200", 5, 5000),
                     FETCH_OK);

    for (i = 0; i < sizeof(urls) / sizeof(urls[0]); i++) {
        if (fetch(urls[i], 5, 5000) != FETCH_FAILED) {
            fail_msg("%s: %d", urls[i], status);
        }
    }
}


/* also behind the body, where libcurl itself would take any number of them */

static void
test_many_headers(void **state)
{
    (void) state;

    allow_loopback();

    assert_int_equal(fetch("http://127.0.0.1:%u/trailers", 100, 5000),
                     FETCH_FAILED);
    assert_string_equal(got, "hello");
}


/* what a server encodes unasked is the file when it is decoded */

static void
test_encoded(void **state)
{
    (void) state;

    allow_loopback();

    assert_int_equal(fetch("http://127.0.0.1:%u/hello/gzip", 25, 5000),
                     FETCH_OK);
    assert_string_equal(got, "hello");

    assert_int_equal(fetch("http://127.0.0.1:%u/zeros/gzip", 16384, 5000),
                     FETCH_OK);

    /* the limit is the file's, however short its encoding is */

    assert_int_equal(fetch("http://127.0.0.1:%u/zeros/gzip", 16383, 5000),
                     FETCH_STOPPED);

    assert_int_equal(fetch("http://127.0.0.1:%u/hello/unheard-of", 25, 5000),
                     FETCH_FAILED);
    assert_int_equal(fetch("http://127.0.0.1:%u/hello/deflate", 25, 5000),
                     FETCH_FAILED);
}


static void
test_unwanted(void **state)
{
    char  url[64];

    (void) state;

    allow_loopback();

    (void) snprintf(url, sizeof(url), "http://127.0.0.1:%u/file", port);
    assert_non_null(start(url, 100, 5000));
    wanted = false;
    assert_int_equal(event_base_dispatch(base), 0);
    assert_int_equal(status, FETCH_STOPPED);
}


static void
test_cancel(void **state)
{
    char           url[64];
    struct fetch  *one;

    (void) state;

    allow_loopback();

    (void) snprintf(url, sizeof(url), "http://localhost:%u/hang", port);

    one = start(url, 100, 5000);
    fetch_cancel(one);

    one = start(url, 100, 5000);
    hits = 0;

    while (hits == 0) {
        (void) event_base_loop(base, EVLOOP_ONCE);
    }

    fetch_cancel(one);
    assert_int_equal(done, 0);
}


int
main(void)
{
    const struct CMUnitTest  tests[] = {
        cmocka_unit_test(test_good),
        cmocka_unit_test(test_refused),
        cmocka_unit_test(test_redirects),
        cmocka_unit_test(test_answers_that_change),
        cmocka_unit_test(test_no_proxy),
        cmocka_unit_test(test_limits),
        cmocka_unit_test(test_statuses),
        cmocka_unit_test(test_many_headers),
        cmocka_unit_test(test_encoded),
        cmocka_unit_test(test_unwanted),
        cmocka_unit_test(test_cancel),
    };

    return cmocka_run_group_tests(tests, set_up, tear_down);
}
