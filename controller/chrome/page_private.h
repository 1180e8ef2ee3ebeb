/*
 * What page.c and page_call.c share; nobody else includes it.
 */

#ifndef PAGE_PRIVATE_H
#define PAGE_PRIVATE_H

#include "chrome/page.h"


#define PAGE_ID_MAX  128     /* bytes of a session's, target's or object's */


struct page {
    struct cdp                  *cdp;
    struct log                  *log;
    const struct page_config    *config;
    const struct page_handlers  *handlers;
    void                        *ctx;
    bool                         destroyed;
    bool                         failed;    /* said so already */
    bool                         closed;    /* said so, by one of two events */
    bool                         taking;    /* the bridge */
    bool                         delivering;
    bool                         leaving;   /* sent elsewhere: the document
                                               that is there is the old one */
    bool                         unreachable;   /* it is an error page */
    unsigned                     navigations;   /* not answered yet */
    unsigned                     setup;     /* calls not answered yet */
    json_int_t                   context;   /* of the bridge; 0: none */
    json_int_t                   seq;       /* of its last event */
    json_t                      *early;     /* its events, an array or NULL */
    char                         target[PAGE_ID_MAX];
    char                         session[PAGE_ID_MAX];
    char                         bridge[PAGE_ID_MAX];    /* "": not held */
};


#endif /* PAGE_PRIVATE_H */
