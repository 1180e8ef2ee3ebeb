/*
 * Requests to the controller's socket.
 */

#ifndef CTL_REQUEST_H
#define CTL_REQUEST_H


#include "ctl/ctl.h"
#include "ctl/ctl_http.h"


struct ctl_request {
    const char  *method;
    const char  *session;    /* of the path, or NULL: the list of sessions */
    const char  *action;     /* behind the session, as "/start", or "" */
    const char  *accept;     /* or NULL: JSON */
    json_t      *body;       /* borrowed, or NULL */
};


/*
 * Makes a request.  Returns CTL_OK with an answer, or tells of an error:
 * CTL_USAGE if the session is no id or the address none, CTL_UNREACHABLE if no
 * answer came.
 */
enum ctl_exit ctl_request(const struct ctl *ctl,
    const struct ctl_request *request, struct ctl_answer *answer);

/* Returns an answer's JSON, a new reference; NULL when it is none. */
json_t *ctl_answer_json(const struct ctl_answer *answer);

/*
 * Tells of the error that an answer is, with what would mend it, and returns
 * CTL_REFUSED.
 */
enum ctl_exit ctl_answer_fail(const struct ctl *ctl,
    const struct ctl_answer *answer);

/*
 * Makes a request, and returns CTL_OK with the JSON of a success, a new
 * reference, or tells of the error.
 */
enum ctl_exit ctl_call(const struct ctl *ctl,
    const struct ctl_request *request, json_t **result);


#endif /* CTL_REQUEST_H */
