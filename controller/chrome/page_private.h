/*
 * The page's own structure, shared by page.c and the files whose names begin
 * with page_; nobody else includes it.
 */

#ifndef PAGE_PRIVATE_H
#define PAGE_PRIVATE_H

#include <sys/types.h>

#include "chrome/page.h"


#define PAGE_ID_MAX  128     /* bytes of a session's or object's, with its
                                NUL */


struct page {
    struct cdp                  *cdp;
    struct log                  *log;
    const struct page_config    *config;
    const struct page_handlers  *handlers;
    void                        *ctx;
    bool                         destroyed;
    bool                         failed;    /* PAGE_FAILED was reported */
    bool                         closed;    /* PAGE_CLOSED was reported; Chrome
                                               says it by two events */
    bool                         taking;    /* the bridge is being taken out of
                                               its document */
    bool                         delivering;    /* page_deliver() was called */
    bool                         leaving;   /* the page was sent to its URL:
                                               the document is the old one */
    bool                         unreachable;   /* the document is Chrome's
                                                   error page */
    unsigned                     navigations;   /* not answered yet */
    unsigned                     setup;     /* calls not answered yet */
    bool                         searching;     /* to learn the process */
    pid_t                        process;   /* of the document; 0: unknown */
    json_int_t                   context;   /* of the bridge; 0: none */
    json_int_t                   seq;       /* of the bridge's last event */
    json_t                      *early;     /* kept events, or NULL */
    char                         session[PAGE_ID_MAX];
    char                         bridge[PAGE_ID_MAX];    /* "": not held */
};


#endif /* PAGE_PRIVATE_H */
