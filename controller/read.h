/*
 * The calls that change nothing, or nothing that may not happen twice: they
 * run beside the sends, bounded.
 */

#ifndef READ_H
#define READ_H


#include "call.h"


struct read_method {

    /* Whether the session's state allows it; else fills error. */
    bool       (*allowed)(struct session *session, struct error *error);

    /* the bridge's method */
    const char  *method;

    /* The bridge's parameters, a new reference; NULL: error says why. */
    json_t    *(*params)(struct call *call, struct error *error);

    /* The answer, a new reference, or NULL when the page's is no good. */
    json_t    *(*answer)(struct call *call, json_t *result);
};


/* Starts a call; method is static. */
void read_start(struct call *call, const struct read_method *method);

/* The peer of a call that was started here has left. */
void read_forget(struct call *call);


#endif /* READ_H */
