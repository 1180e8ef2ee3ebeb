/*
 * The message is what Chromium's process singleton sends: the word START, the
 * directory, and the command line, with NULs between them.  The answer is ACK,
 * or SHUTDOWN from a browser that is about to end.
 */

#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/clock.h"
#include "chrome/door.h"


#define DOOR_MESSAGE_MAX  4096


struct door {
    int              fd;
    struct event    *read;
    door_answer_pt   answer;
    void            *ctx;
};


static bool door_connect(struct door *door, const char *link);
static bool door_send(const struct door *door, const char *const *arguments);
static bool door_add(char *message, size_t *size, const char *text);
static void door_on_read(evutil_socket_t fd, short what, void *arg);


struct door *
door_open(struct event_base *base, const char *link,
    const char *const *arguments, unsigned timeout_ms, door_answer_pt answer,
    void *ctx)
{
    struct door     *door;
    struct timeval   tv;

    door = calloc(1, sizeof(struct door));

    if (door == NULL) {
        return NULL;
    }

    door->answer = answer;
    door->ctx = ctx;
    door->fd = -1;

    tv = clock_timeval(timeout_ms);

    if (!door_connect(door, link) || !door_send(door, arguments)) {
        door_destroy(door);
        return NULL;
    }

    door->read = event_new(base, door->fd, EV_READ, door_on_read, door);

    if (door->read == NULL || event_add(door->read, &tv) != 0) {
        door_destroy(door);
        return NULL;
    }

    return door;
}


void
door_destroy(struct door *door)
{
    if (door == NULL) {
        return;
    }

    if (door->read != NULL) {
        event_free(door->read);
    }

    if (door->fd != -1) {
        (void) close(door->fd);
    }

    free(door);
}


/* a unix socket connects at once or not at all */

static bool
door_connect(struct door *door, const char *link)
{
    ssize_t             n;
    struct sockaddr_un  address;

    memset(&address, 0, sizeof(address));
    address.sun_family = AF_UNIX;

    n = readlink(link, address.sun_path, sizeof(address.sun_path));

    if (n <= 0 || (size_t) n == sizeof(address.sun_path)) {
        return false;
    }

    door->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

    return door->fd != -1
           && connect(door->fd, (const struct sockaddr *) &address,
                      sizeof(address))
              == 0;
}


static bool
door_send(const struct door *door, const char *const *arguments)
{
    char    message[DOOR_MESSAGE_MAX];
    size_t  size;

    size = 0;

    if (!door_add(message, &size, "START") || !door_add(message, &size, "/")) {
        return false;
    }

    for ( /* void */ ; *arguments != NULL; arguments++) {
        if (!door_add(message, &size, *arguments)) {
            return false;
        }
    }

    /* the last NUL would begin an empty argument */

    size--;

    return send(door->fd, message, size, MSG_NOSIGNAL) == (ssize_t) size
           && shutdown(door->fd, SHUT_WR) == 0;
}


static bool
door_add(char *message, size_t *size, const char *text)
{
    size_t  length;

    length = strlen(text) + 1;

    if (length > DOOR_MESSAGE_MAX - *size) {
        return false;
    }

    memcpy(message + *size, text, length);
    *size += length;

    return true;
}


static void
door_on_read(evutil_socket_t fd, short what, void *arg)
{
    char          word[3];
    ssize_t       n;
    struct door  *door = arg;

    n = (what & EV_READ) != 0 ? recv(fd, word, sizeof(word), 0) : 0;

    door->answer(door->ctx, n == sizeof(word)
                            && memcmp(word, "ACK", sizeof(word)) == 0);
}
