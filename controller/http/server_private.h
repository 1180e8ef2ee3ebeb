/*
 * What server.c and server_answer.c share; nobody else includes it.
 */

#ifndef SERVER_PRIVATE_H
#define SERVER_PRIVATE_H

#include <sys/queue.h>

#include <microhttpd.h>

#include "http/request_head.h"
#include "http/server.h"


struct server_connection {
    LIST_ENTRY(server_connection)  link;
    struct server                 *server;
    struct server_request         *request;  /* the suspended one, or NULL */
    struct event                  *closed;   /* added while suspended */
    int                            fd;
    bool                           allowed;
};


LIST_HEAD(server_connections, server_connection);


struct server {
    struct log                *log;
    struct server_config       config;
    struct server_handlers     handlers;
    void                      *ctx;
    struct event_base         *base;
    struct MHD_Daemon         *daemon;
    struct event              *ready;
    struct event              *timer;
    struct server_connections  connections;
    size_t                     requests;     /* read, and not yet over */
    bool                       quiet;
};


struct server_request {
    struct server             *server;
    struct server_connection  *connection;
    struct MHD_Connection     *mhd;
    struct request_head        head;
    const char                *method;
    const char                *path;
    struct server_stream       stream;
    void                      *stream_ctx;   /* NULL: there is none */
    char                      *body;
    size_t                     size;         /* read so far */
    size_t                     room;
    bool                       handled;
    void                      *data;         /* the handler's, unanswered */
    struct MHD_Response       *response;
    unsigned                   status;
};


/* Lets the connection of a suspended request go on. */
void server_resume(struct server_request *request);


#endif /* SERVER_PRIVATE_H */
