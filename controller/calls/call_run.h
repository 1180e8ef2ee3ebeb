/*
 * The calls that are no sends: they run beside the sends, bounded, and none is
 * ever repeated by us.
 */

#ifndef READ_H
#define READ_H


#include "calls/call.h"


struct read_method {

    /* Whether the session's state allows it; else fills error. */
    bool       (*allowed)(struct session *session, struct error *error);

    /* the bridge's method */
    const char  *method;

    /*
     * The bridge's parameters, a new reference; NULL: error says why.  A file
     * that the page is to read is held and put into the call.
     */
    json_t    *(*params)(struct call *call, struct error *error);

    /* The answer, a new reference, or NULL when the page's is no good. */
    json_t    *(*answer)(struct call *call, json_t *result);

    /*
     * NULL for one call to the page.  Else it is called after each, with the
     * list of all results so far (borrowed; {"error":code} for one that the
     * page refused), and returns the parameters of the next call, a new
     * reference, or NULL: then answer gets the list.
     */
    json_t    *(*next)(struct call *call, json_t *results);
};


/* Starts a call; method is static. */
void read_start(struct call *call, const struct read_method *method);

/* The peer of a call that was started here has left. */
void read_forget(struct call *call);


#endif /* READ_H */
