/*
 * The ends of a call, and its deadlines.
 */

#include "calls/call.h"


#define CALL_MARGIN_MAX  500     /* ms kept for the way back to the peer */
#define CALL_PAGE_MIN    1000    /* ms that the page gets at least */


static void call_release_file(struct call *call);
static uint64_t call_tenth(const struct call *call, uint64_t most);


void
call_return(struct call *call, json_t *result)
{
    call_release_file(call);
    call->done(call, NULL, result);
}


void
call_fail(struct call *call, const struct error *error)
{
    struct error  returned;

    returned = *error;

    /* a peer that can't link the account is told the session's state */

    if (returned.code == ERROR_NOT_IN_QR_STATE && returned.state == NULL) {
        returned.state = session_state_name(session_state(call->session));
    }

    if (call->method != CALL_METHODS) {
        call_errors_count(call->services->errors, session_id(call->session),
                          call->method, returned.code);
    }

    call_release_file(call);
    call->done(call, &returned, NULL);
}


uint64_t
call_page_deadline(const struct call *call)
{
    return call->arrived + call->deadline_ms
           - call_tenth(call, CALL_MARGIN_MAX);
}


uint64_t
call_start_deadline(const struct call *call)
{
    return call_page_deadline(call) - call_tenth(call, CALL_PAGE_MIN);
}


static void
call_release_file(struct call *call)
{
    if (call->file != NULL) {
        media_release(call->file);
        call->file = NULL;
    }
}


static uint64_t
call_tenth(const struct call *call, uint64_t most)
{
    uint64_t  tenth;

    tenth = call->deadline_ms / 10;

    return tenth < most ? tenth : most;
}
