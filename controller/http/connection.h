/*
 * A connection of the HTTP server: whether its peer may use the server, and
 * what happens when the peer leaves before it has its answer.
 */

#ifndef CONNECTION_H
#define CONNECTION_H


#include <sys/queue.h>

#include <stdbool.h>

#include <event2/event.h>
#include <microhttpd.h>


struct server;
struct server_request;


/* owned by libmicrohttpd's connection, which it lives as long as */

struct connection {
    LIST_ENTRY(connection)  link;
    struct server          *server;
    struct server_request  *request;    /* the suspended one, or NULL */
    struct event           *closed;     /* added while request is suspended,
                                           or left is set */
    void                  (*left)(void *ctx);    /* or NULL */
    void                   *left_ctx;
    int                     fd;
    bool                    allowed;    /* the peer may use the server */
    bool                    unread;     /* answered before all was read */
};


LIST_HEAD(connections, connection);


/*
 * Makes the object of a new connection, adds it to the server's and checks its
 * peer.  Returns NULL when memory is short.
 */
struct connection *connection_create(struct server *server,
    struct MHD_Connection *mhd);

/* Frees the object of a connection that is closed. */
void connection_destroy(struct connection *connection);

/* Suspends a request until it is answered or its peer leaves. */
void connection_suspend(struct server_request *request);

/* Lets the connection of a suspended request go on. */
void connection_resume(struct server_request *request);

/*
 * Has left called with ctx when the peer of a request that is being answered
 * leaves, until connection_unwatch is called.
 */
void connection_watch(struct connection *connection, void (*left)(void *ctx),
    void *ctx);
void connection_unwatch(struct connection *connection);

/*
 * Ends the suspended request of a connection without an answer: the handlers'
 * gone is called.
 */
void connection_drop(struct connection *connection);


#endif /* CONNECTION_H */
