/*
 * The objects of server.c, server_answer.c, server_feed.c, server_slow.c,
 * server_refusal.c and connection.c; nobody else includes this file.  server.c
 * calls the others, server_feed.c calls server_answer.c, which calls
 * server_slow.c and connection.c.
 */

#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H


#include <microhttpd.h>

#include "http/connection.h"
#include "http/least_rate.h"
#include "http/linger.h"
#include "http/request_body.h"
#include "http/request_head.h"
#include "http/server.h"


/* all feeds of a server */

struct server_feed_list {
    LIST_HEAD(server_feeding_list, server_feeding)  list;
    struct event             *tick;       /* added while there are feeds */
    unsigned                  ticks;
    unsigned                  phase;      /* of the next feed */
    struct server_feed_stats  stats;
};


struct server {
    struct log             *log;
    struct server_config    config;
    struct server_handlers  handlers;
    void                   *ctx;          /* the handlers' */
    struct event_base      *base;
    struct MHD_Daemon      *daemon;
    struct event           *ready;        /* libmicrohttpd's epoll fd */
    struct event           *timer;        /* libmicrohttpd's time-outs */
    struct connections      connections;
    struct lingers          lingers;
    struct server_feed_list feeds;
    size_t                  requests;     /* complete, and not yet over */
    bool                    resumed;      /* a connection goes on */
    bool                    quiet;        /* server_quiesce was called */
    bool                    finished;     /* server_finish was called */
};


struct server_request {
    struct server          *server;
    struct connection      *connection;
    struct MHD_Connection  *mhd;
    struct request_head     head;
    struct request_body     body;
    struct least_rate       rate;         /* of the body, then of a file */
    const char             *method;
    const char             *path;
    bool                    handled;      /* counted in server->requests */
    bool                    resumed;      /* within its handler */
    void                   *data;         /* the handler's, until answered */
    struct MHD_Response    *response;     /* until it is queued */
    unsigned                status;
};


/*
 * Watches that the body of a request comes, or its answer is read, at a least
 * rate; otherwise the connection is closed, after an error where nothing was
 * answered yet.  Ended by least_rate_stop.  False when memory is short.
 */
bool server_watch_body(struct server_request *request);
bool server_watch_answer(struct server_request *request);


/* server_feed.c */

/* Prepares the feeds of a new server; false: memory is short. */
bool server_feed_init(struct server *server);

/* Ends all feeds at once, and frees what server_feed_init has made. */
void server_feed_exit(struct server *server);


#endif /* SERVER_PRIVATE_H */
