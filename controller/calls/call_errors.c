/*
 * A dense table of counts for each session that had an error.
 */

#include <sys/queue.h>

#include <stdlib.h>
#include <string.h>

#include "calls/call_errors.h"


struct call_errors_session {
    LIST_ENTRY(call_errors_session)  link;
    const char                      *id;
    uint64_t                         n[CALL_METHODS][ERROR_CODES];
};


LIST_HEAD(call_errors_list, call_errors_session);


struct call_errors {
    struct call_errors_list  sessions;
};


static struct call_errors_session *call_errors_find(
    struct call_errors *errors, const char *id);


static const char *const  call_errors_methods[CALL_METHODS] = {

#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)              \
    [CALL_METHOD_##identifier] = (name),
#include "protocol/methods.h"

};


struct call_errors *
call_errors_create(void)
{
    struct call_errors  *errors;

    errors = malloc(sizeof(struct call_errors));

    if (errors != NULL) {
        LIST_INIT(&errors->sessions);
    }

    return errors;
}


void
call_errors_destroy(struct call_errors *errors)
{
    struct call_errors_session  *session;

    if (errors == NULL) {
        return;
    }

    while ((session = LIST_FIRST(&errors->sessions)) != NULL) {
        LIST_REMOVE(session, link);
        free(session);
    }

    free(errors);
}


void
call_errors_count(struct call_errors *errors, const char *session,
    enum call_method method, enum error_code code)
{
    struct call_errors_session  *found;

    found = call_errors_find(errors, session);

    if (found != NULL) {
        found->n[method][code]++;
    }
}


void
call_errors_each(const struct call_errors *errors,
    void (*show)(void *ctx, const char *session, const char *method,
        const char *code, uint64_t n),
    void *ctx)
{
    unsigned                           code, method;
    const struct call_errors_session  *session;

    LIST_FOREACH(session, &errors->sessions, link) {
        for (method = 0; method < CALL_METHODS; method++) {
            for (code = 0; code < ERROR_CODES; code++) {
                if (session->n[method][code] != 0) {
                    show(ctx, session->id, call_errors_methods[method],
                         error_name(code), session->n[method][code]);
                }
            }
        }
    }
}


/* makes a session's table at its first error; NULL when memory is short */

static struct call_errors_session *
call_errors_find(struct call_errors *errors, const char *id)
{
    struct call_errors_session  *session;

    LIST_FOREACH(session, &errors->sessions, link) {
        if (strcmp(session->id, id) == 0) {
            return session;
        }
    }

    session = calloc(1, sizeof(struct call_errors_session));

    if (session != NULL) {
        session->id = id;
        LIST_INSERT_HEAD(&errors->sessions, session, link);
    }

    return session;
}
