/*
 * What the browser says on its pipe: each call is completed once, whatever is
 * said, and only events that were asked for are delivered.
 */

#include <stdbool.h>
#include <sys/socket.h>
#include <unistd.h>

#include "chrome/cdp.h"

#include "fuzz.h"


#define CALLS       4
#define TIMEOUT_MS  60000


static struct event_base  *base;


static void
on_answer(void *ctx, enum cdp_status status, json_t *result)
{
    unsigned  *answers = ctx;

    (void) status;
    (void) result;

    require(++*answers == 1);
}


static void
on_event(void *ctx, const char *session, const char *method, json_t *params)
{
    (void) ctx;
    (void) session;
    (void) params;

    require(method != NULL);
}


static void
on_closed(void *ctx)
{
    require(++*(unsigned *) ctx == 1);
}


static const char *const  names[] = { "Page.loaded", "Runtime.called", NULL };

static const struct cdp_handlers  handlers = {
    on_event, on_closed, names
};


static void
loop(void)
{
    int  i;

    for (i = 0; i < 8; i++) {
        (void) event_base_loop(base, EVLOOP_NONBLOCK);
    }
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    int          pair[2];
    unsigned     answers[CALLS], closed, i;
    struct cdp  *cdp;

    if (base == NULL) {
        base = event_base_new();
        require(base != NULL);
    }

    memset(answers, 0, sizeof(answers));
    closed = 0;

    require(socketpair(AF_UNIX, SOCK_STREAM, 0, pair) == 0);

    cdp = cdp_create(base, pair[0], 1, &handlers, &closed);
    require(cdp != NULL);

    for (i = 0; i < CALLS; i++) {
        require(cdp_call(cdp, i % 2 ? "S" : NULL, "Runtime.evaluate", NULL,
                         TIMEOUT_MS, on_answer, &answers[i])
                == 0);
    }

    /* in two pieces, of which each is a read of its own */

    require(write(pair[1], data, size / 2) == (ssize_t) (size / 2));
    loop();

    require(write(pair[1], data + size / 2, size - size / 2)
            == (ssize_t) (size - size / 2));
    loop();

    require(closed == 0);

    cdp_fail(cdp, "S", NULL, NULL);
    require(answers[1] == 1 && answers[3] == 1);

    close(pair[1]);
    loop();
    require(closed == 1);

    cdp_destroy(cdp);

    for (i = 0; i < CALLS; i++) {
        require(answers[i] == 1);
    }

    return 0;
}
