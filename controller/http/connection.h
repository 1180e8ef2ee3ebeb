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
    struct event           *closed;     /* added while request is suspended */
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
 * Takes the socket away from libmicrohttpd, which gets another one in its
 * place and closes that: who has made a copy of the descriptor answers the
 * request alone.  Called by the handler of the request; false: there is no
 * descriptor, and nothing was done.
 */
bool connection_detach(struct server_request *request);

/*
 * Whether an event on a socket (EV_READ, EV_CLOSED) tells that the peer has
 * left; one that has closed one direction only has left, too.
 */
bool connection_left(int fd, short what);

/*
 * Ends the suspended request of a connection without an answer: the handlers'
 * gone is called.
 */
void connection_drop(struct connection *connection);


#endif /* CONNECTION_H */
