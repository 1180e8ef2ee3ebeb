/*
 * The objects of message_media.c, which has the table and those who wait, and
 * message_media_steps.c, which makes the downloads; nobody else includes this
 * file.  message_media.c calls message_media_steps.c.
 */

#ifndef MESSAGE_MEDIA_PRIVATE_H
#define MESSAGE_MEDIA_PRIVATE_H


#include <sys/queue.h>

#include "base/wamid.h"
#include "calls/message_media.h"


enum message_media_state {
    MEDIA_QUEUED = 0,
    MEDIA_OPENING,
    MEDIA_SAVING,
    MEDIA_KEPT
};


struct message_media_wait {
    TAILQ_ENTRY(message_media_wait)  link;
    struct message_media_file       *file;
    struct event                    *timer;    /* its end, or its answer */
    message_media_pt                 done;
    void                            *ctx;
};


TAILQ_HEAD(message_media_waits, message_media_wait);


struct message_media_file {
    TAILQ_ENTRY(message_media_file)  link;
    struct message_media            *all;
    struct session                  *session;
    enum message_media_state         state;
    bool                             given_up;    /* nobody waits: it is not
                                                     shared any more */
    json_int_t                       handle;      /* in the page */
    struct message_media_waits       waits;
    size_t                           waiting;
    struct media                    *media;       /* held, or NULL */
    struct event                    *timer;       /* of what is kept, or of
                                                     one that can't start */
    char                            *mime_type;
    char                            *filename;    /* or NULL */
    char                             key[WAMID_KEY_SIZE];
};


TAILQ_HEAD(message_media_files, message_media_file);


struct message_media {
    struct event_base          *base;
    struct media_store         *store;
    struct message_media_files  files;    /* in the order of their start */
    json_int_t                  handles;
    uint64_t                    ends[MESSAGE_MEDIA_ENDS];
    uint64_t                    bytes;
};


/* Opens those of a session whose turn it is, as many as may run at once. */
void message_media_run(struct message_media *all,
    const struct session *session);

/* Lets the page forget a file, or stop fetching it. */
void message_media_close(struct message_media_file *file);

/* Keeps a file that is there for a while from now on. */
void message_media_keep(struct message_media_file *file);

/* The callback of a file's timer. */
void message_media_on_timer(evutil_socket_t fd, short what, void *ctx);

/* Frees a wait, whose file goes on. */
void message_media_wait_free(struct message_media_wait *wait);

/* Frees a file that nobody waits for. */
void message_media_free(struct message_media_file *file);


#endif /* MESSAGE_MEDIA_PRIVATE_H */
