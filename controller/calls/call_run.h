/*
 * Runs the calls that are no sends: most ask the page once, or in several
 * steps, beside the sends.  How many run at once is bounded, and none is
 * repeated.
 */

#ifndef CALL_RUN_H
#define CALL_RUN_H


#include <stdbool.h>

#include "calls/call.h"


/* the functions and the page's method that make a call */

struct call_handler {

    /* Returns whether the session's state allows the call, else why not. */
    bool       (*check)(const struct session *session, struct error *error);

    /* the bridge's method; NULL: the page is not asked */
    const char  *method;

    /*
     * Makes the bridge's parameters, a new reference; NULL: error says why.  A
     * file that the page shall get is held and put into call->file.
     */
    json_t    *(*params)(struct call *call, struct error *error);

    /*
     * Makes the peer's result from the page's (NULL if it was not asked), a
     * new reference; NULL: the page's is of no use, or memory is short.
     */
    json_t    *(*result)(struct call *call, json_t *result);

    /*
     * NULL for a call of one step.  Else it is called after each step, with
     * the list of all results so far (borrowed; {"error":object}, of
     * error_graph, for a step that the page refused), and returns the
     * parameters of the next step, a new reference, or NULL: then result gets
     * the list.
     */
    json_t    *(*next)(struct call *call, json_t *results);

    /*
     * NULL, or whether a call whose page went away before it answered was
     * done, as the session's state shows.
     */
    bool       (*lost)(const struct session *session);
};


/* Starts a call; handler is static. */
void call_run_start(struct call *call, const struct call_handler *handler);

/* The peer of a call that was started here has left. */
void call_run_forget(struct call *call);

/* For rows of struct call_handler: the result {"success":true}. */
json_t *call_run_success(struct call *call, json_t *result);


#endif /* CALL_RUN_H */
