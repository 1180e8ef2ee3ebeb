/*
 * HTTP requests to other hosts: libcurl's multi interface on the event loop.
 * The address guard checks each address when a connection is made, so that no
 * name, no notation of an address, no redirect and no change of a DNS answer
 * leads past it.
 *
 * An owner embeds a struct transfer, sets libcurl's options that it needs
 * beside those of transfer_open, and starts it.
 */

#ifndef TRANSFER_H
#define TRANSFER_H


#include <stdbool.h>

#include <curl/curl.h>
#include <event2/event.h>

#include "base/address_guard.h"


#define TRANSFER_CONNECT_MS  10000
#define TRANSFER_HEADERS     (64 * 1024)    /* bytes of an answer's head */


struct transfer_loop;


/* easy and refused are for reading; the others are set by the owner */

struct transfer {
    CURL                        *easy;
    const struct address_guard  *guard;
    bool                         only_listed;  /* only networks that the guard
                                                  lists, no public address */
    bool                         refused;      /* the guard has refused an
                                                  address */

    /*
     * Called once after transfer_start, from the event loop; it should call
     * transfer_close.
     */
    void                       (*done)(void *ctx, CURLcode code);
    void                        *ctx;

    struct transfer_loop        *loop;         /* NULL: not started */
};


/* Makes a loop for transfers; NULL when memory is short. */
struct transfer_loop *transfer_loop_create(struct event_base *base);

/*
 * Frees a loop that has no transfers, and closes its idle connections; NULL is
 * allowed.
 */
void transfer_loop_destroy(struct transfer_loop *loop);

/*
 * Makes the easy handle of a zeroed transfer, and sets what all of them have
 * in common: the URL, which is copied, http or https without a proxy, the
 * guard, no signals and no encodings.  Returns false when memory is short;
 * transfer_close is to be called in either case.
 */
bool transfer_open(struct transfer *transfer, const char *url);

/* Starts a transfer; false when memory is short. */
bool transfer_start(struct transfer_loop *loop, struct transfer *transfer);

/* Ends a transfer without a call of done, or closes one that has ended. */
void transfer_close(struct transfer *transfer);


#endif /* TRANSFER_H */
