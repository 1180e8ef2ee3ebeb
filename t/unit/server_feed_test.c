/*
 * Feeds of the HTTP server: what peers get, and what becomes of those that
 * leave or read nothing.
 */

#include <sys/socket.h>
#include <sys/un.h>

#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/clock.h"
#include "http/server.h"


#define FEEDS  64

/* ms that something may take to happen */
#define PATIENCE  20000


/* a feed, as its handler has it */

struct source {
    struct server_feeding  *feeding;    /* NULL: ended */
    const char             *text;       /* still to be told */
    size_t                  endless;    /* bytes of it, of any letter */
};


static struct event_base  *base;
static struct log         *logger;
static struct server      *server;
static char                path[64];
static struct source       sources[FEEDS];
static size_t              opened;
static size_t              ended;
static size_t              open_now;    /* as the last request has seen */
static uint64_t            stalled;


static size_t
source_read(void *ctx, char *to, size_t max)
{
    size_t          n;
    struct source  *source = ctx;

    if (source->endless != 0) {
        n = source->endless < max ? source->endless : max;
        memset(to, 'x', n);
        source->endless -= n;
        return n;
    }

    if (source->text == NULL) {
        return 0;
    }

    n = strlen(source->text);
    n = n < max ? n : max;
    memcpy(to, source->text, n);
    source->text += n;

    return n;
}


static void
source_end(void *ctx)
{
    struct source  *source = ctx;

    source->feeding = NULL;
    ended++;
}


static const struct server_feed  feed = {
    "text/event-stream", ":\n\n", source_read, source_end
};


static void
on_begin(void *ctx, struct server_request *request)
{
    (void) ctx;
    (void) request;
}


static void
on_request(void *ctx, struct server_request *request)
{
    struct source            *source;
    struct server_feed_stats  stats;

    (void) ctx;

    if (strcmp(server_path(request), "/stats") == 0) {
        stats = server_feeds(request);
        open_now = stats.open;
        stalled = stats.stalled;
        server_respond(request, 200, strdup("{}"), NULL);
        return;
    }

    source = &sources[opened++];
    source->text = server_query(request, "text") != NULL ? "first\n\n" : NULL;

    source->feeding = server_respond_feed(request, &feed, source);
}


static void
on_gone(void *ctx, void *data)
{
    (void) ctx;
    (void) data;
}


static const struct server_handlers  handlers = {
    on_begin, on_request, on_gone
};


/* runs the loop for so many ms */

static void
run(unsigned ms)
{
    struct timeval  tv;

    tv = clock_timeval(ms);

    assert_int_equal(event_base_loopexit(base, &tv), 0);
    assert_int_equal(event_base_dispatch(base), 0);
}


/* runs the loop until there are so many */

static void
run_until(const size_t *count, size_t wanted)
{
    uint64_t  end;

    end = clock_ms() + PATIENCE;

    while (*count < wanted && clock_ms() < end) {
        run(2);
    }

    assert_int_equal(*count, wanted);
}


static int
setup_for(unsigned idle, unsigned stall)
{
    int                    fd;
    struct sockaddr_un     sun;
    struct server_config   config;

    memset(sources, 0, sizeof(sources));
    opened = ended = 0;

    (void) snprintf(path, sizeof(path), "/tmp/server-feed-test-%d",
                    (int) getpid());
    (void) unlink(path);

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strcpy(sun.sun_path, path);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    assert_int_equal(bind(fd, (struct sockaddr *) &sun, sizeof(sun)), 0);
    assert_int_equal(listen(fd, FEEDS), 0);

    memset(&config, 0, sizeof(config));
    config.fd = fd;
    config.connections = FEEDS + 1;
    config.feed_idle = idle;
    config.feed_stall = stall;

    base = event_base_new();
    logger = log_create(stderr, LOG_ERROR);
    server = server_create(base, logger, &config, &handlers, NULL);
    assert_non_null(server);

    return 0;
}


static int
setup(void **state)
{
    (void) state;

    return setup_for(PATIENCE, PATIENCE);
}


static int
setup_lively(void **state)
{
    (void) state;

    return setup_for(300, PATIENCE);
}


static int
setup_strict(void **state)
{
    (void) state;

    return setup_for(3000, 300);
}


static int
teardown(void **state)
{
    (void) state;

    server_destroy(server);
    assert_int_equal(ended, opened);

    log_destroy(logger);
    event_base_free(base);
    (void) unlink(path);

    return 0;
}


static int
ask(const char *head)
{
    int                 fd;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strcpy(sun.sun_path, path);

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    assert_int_equal(connect(fd, (struct sockaddr *) &sun, sizeof(sun)), 0);
    assert_int_equal(write(fd, head, strlen(head)), strlen(head));

    return fd;
}


/* what has come by now; *over tells whether the peer has closed */

static const char *
got(int fd, bool *over)
{
    ssize_t      n;
    size_t       size;
    static char  text[8192];

    size = 0;

    do {
        n = recv(fd, text + size, sizeof(text) - 1 - size, MSG_DONTWAIT);
        size += n > 0 ? (size_t) n : 0;
    } while (n > 0 && size < sizeof(text) - 1);

    *over = n == 0 || (n == -1 && errno != EAGAIN);
    text[size] = '\0';

    return text;
}


/* runs the loop until this is there to be read */

static void
come(int fd, const char *part)
{
    char      text[8192];
    ssize_t   n;
    uint64_t  end;

    end = clock_ms() + PATIENCE;

    for ( ;; ) {
        n = recv(fd, text, sizeof(text) - 1, MSG_DONTWAIT | MSG_PEEK);
        text[n > 0 ? n : 0] = '\0';

        if (strstr(text, part) != NULL) {
            return;
        }

        assert_true(clock_ms() < end);
        run(2);
    }
}


/* runs the loop until the peer has closed, and reads what comes before */

static void
end_comes(int fd)
{
    bool      over;
    uint64_t  end;

    end = clock_ms() + PATIENCE;

    for ((void) got(fd, &over); !over; (void) got(fd, &over)) {
        assert_true(clock_ms() < end);
        run(2);
    }
}


static void
stats(void)
{
    int  fd;

    fd = ask("GET /stats HTTP/1.1\r\nHost: c\r\n\r\n");
    come(fd, "{}");
    (void) close(fd);
}


static void
text_is_told_at_once(void **state)
{
    int          fd;
    bool         over;
    const char  *text;

    (void) state;

    fd = ask("GET /?text=1 HTTP/1.0\r\n\r\n");
    come(fd, "first\n\n");
    text = got(fd, &over);

    assert_false(over);
    assert_non_null(strstr(text, " 200 "));
    assert_non_null(strstr(text, "Content-Type: text/event-stream\r\n"));
    assert_null(strstr(text, "Content-Length"));
    assert_null(strstr(text, "chunked"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nfirst\n\n");

    sources[0].text = "second\n\n";
    server_feed_wake(sources[0].feeding);
    server_feed_wake(sources[0].feeding);
    come(fd, "second\n\n");
    run(20);

    assert_string_equal(got(fd, &over), "second\n\n");

    stats();
    assert_int_equal(open_now, 1);

    server_end_feeds(server);
    end_comes(fd);
    run_until(&ended, 1);
    assert_false(server_busy(server));

    (void) close(fd);
}


/* the end of the text is that of the connection there, too */

static void
a_peer_of_http_1_1_gets_the_same(void **state)
{
    int          fd;
    bool         over;
    const char  *text;

    (void) state;

    fd = ask("GET /?text=1 HTTP/1.1\r\nHost: c\r\n\r\n");
    come(fd, "first\n\n");
    text = got(fd, &over);

    assert_non_null(strstr(text, "Connection: close\r\n"));
    assert_string_equal(strstr(text, "\r\n\r\n"), "\r\n\r\nfirst\n\n");

    server_end_feeds(server);
    end_comes(fd);

    (void) close(fd);
}


/* a peer that asks over a connection that was used before */

static void
a_connection_may_have_been_used(void **state)
{
    int          fd;
    bool         over;
    const char  *text;

    (void) state;

    fd = ask("GET /stats HTTP/1.1\r\nHost: c\r\n\r\n");
    come(fd, "{}");
    text = "GET /?text=1 HTTP/1.0\r\n\r\n";
    assert_int_equal(write(fd, text, strlen(text)), strlen(text));
    come(fd, "first\n\n");
    text = got(fd, &over);

    assert_false(over);
    assert_non_null(strstr(text, "{}HTTP/1.1 200 OK"));
    assert_non_null(strstr(text, "\r\n\r\nfirst\n\n"));

    (void) close(fd);
    run_until(&ended, 1);
}


/* each event is whole and in its place, however slowly it is read */

static void
a_slow_peer_gets_all(void **state)
{
    int          fd;
    bool         over;
    size_t       size;
    const char  *text;

    (void) state;

    fd = ask("GET / HTTP/1.0\r\n\r\n");
    come(fd, "\r\n\r\n");
    (void) got(fd, &over);

    sources[0].endless = 1000000;
    server_feed_wake(sources[0].feeding);
    server_end_feeds(server);

    for (size = 0, over = false; !over; run(1)) {
        for (text = got(fd, &over); *text != '\0'; text++) {
            size += *text == 'x';
        }
    }

    assert_int_equal(size, 1000000);
    assert_int_equal(ended, 1);

    (void) close(fd);
}


static void
what_there_is_is_told_before_the_end(void **state)
{
    int  fd;

    (void) state;

    fd = ask("GET / HTTP/1.0\r\n\r\n");
    come(fd, "\r\n\r\n");

    sources[0].text = "last\n\n";
    server_feed_wake(sources[0].feeding);
    server_end_feeds(server);
    come(fd, "\r\n\r\nlast\n\n");
    end_comes(fd);

    (void) close(fd);
}


static void
every_feed_gives_signs_of_life(void **state)
{
    int          i, fds[20];
    bool         over;
    const char  *text;

    (void) state;

    for (i = 0; i < 20; i++) {
        fds[i] = ask("GET /?text=1 HTTP/1.0\r\n\r\n");
    }

    for (i = 0; i < 20; i++) {
        come(fds[i], "first\n\n:\n\n");
        text = strstr(got(fds[i], &over), "first\n\n");
        assert_false(over);
        assert_non_null(text);
        (void) close(fds[i]);
    }
}


static void
a_peer_that_leaves_is_noticed(void **state)
{
    int  fd, half;

    (void) state;

    fd = ask("GET /?text=1 HTTP/1.0\r\n\r\n");
    half = ask("GET / HTTP/1.0\r\n\r\n");
    run_until(&opened, 2);

    (void) close(fd);
    (void) shutdown(half, SHUT_WR);
    run_until(&ended, 2);

    assert_false(server_busy(server));

    (void) close(half);
}


static void
a_peer_that_leaves_while_it_is_written_to(void **state)
{
    int  fd;

    (void) state;

    fd = ask("GET / HTTP/1.0\r\n\r\n");
    run_until(&opened, 1);

    sources[0].endless = (size_t) -1;
    server_feed_wake(sources[0].feeding);
    come(fd, "xxx");
    run(20);
    assert_int_equal(ended, 0);

    (void) close(fd);
    run_until(&ended, 1);
}


static void
a_peer_that_reads_nothing_is_dropped(void **state)
{
    int  fd, good;

    (void) state;

    fd = ask("GET / HTTP/1.0\r\n\r\n");
    come(fd, "\r\n\r\n");
    good = ask("GET / HTTP/1.0\r\n\r\n");
    come(good, "\r\n\r\n");

    sources[0].endless = (size_t) -1;
    server_feed_wake(sources[0].feeding);
    run_until(&ended, 1);

    assert_null(sources[0].feeding);

    stats();
    assert_int_equal(open_now, 1);
    assert_int_equal(stalled, 1);

    (void) close(fd);
    (void) close(good);
}


/* the peer has closed while the text of its feed came */

static void
a_peer_that_left_is_not_written_to(void **state)
{
    int  fd;

    (void) state;

    fd = ask("GET / HTTP/1.0\r\n\r\n");
    come(fd, "\r\n\r\n");

    (void) close(fd);
    sources[0].text = "second\n\n";
    server_feed_wake(sources[0].feeding);
    run_until(&ended, 1);
}


static void
the_server_may_go_first(void **state)
{
    int  i, fds[3];

    (void) state;

    for (i = 0; i < 3; i++) {
        fds[i] = ask("GET /?text=1 HTTP/1.0\r\n\r\n");
    }

    run_until(&opened, 3);

    /* one is waiting, one was just woken, one is blocked */

    sources[1].text = "second\n\n";
    server_feed_wake(sources[1].feeding);
    sources[2].endless = (size_t) -1;
    server_feed_wake(sources[2].feeding);

    server_quiesce(server);

    for (i = 0; i < 3; i++) {
        (void) close(fds[i]);
    }
}


int
main(void)
{
#define test(name)  cmocka_unit_test_setup_teardown(name, setup, teardown)

    static const struct CMUnitTest  tests[] = {
        test(text_is_told_at_once),
        test(a_peer_of_http_1_1_gets_the_same),
        test(a_connection_may_have_been_used),
        test(a_slow_peer_gets_all),
        test(what_there_is_is_told_before_the_end),
        cmocka_unit_test_setup_teardown(every_feed_gives_signs_of_life,
                                        setup_lively, teardown),
        test(a_peer_that_leaves_is_noticed),
        test(a_peer_that_leaves_while_it_is_written_to),
        cmocka_unit_test_setup_teardown(a_peer_that_reads_nothing_is_dropped,
                                        setup_strict, teardown),
        test(a_peer_that_left_is_not_written_to),
        test(the_server_may_go_first)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
