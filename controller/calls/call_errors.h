/*
 * Counts the calls that failed, by session, method and error.  All three have
 * a fixed set of values, so the table is bounded: 8 bytes for each pair of
 * method and error in each session that had an error.
 */

#ifndef CALL_ERRORS_H
#define CALL_ERRORS_H


#include <stdint.h>

#include "base/error.h"


enum call_method {

#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)              \
    CALL_METHOD_##identifier,
#include "protocol/methods.h"

    CALL_METHODS
};


struct call_errors;


/* Makes an empty table; NULL when memory is short. */
struct call_errors *call_errors_create(void);

/* Frees the table; NULL is allowed. */
void call_errors_destroy(struct call_errors *errors);

/*
 * Counts an error of a call.  session is a session's id, borrowed for the
 * table's life.  Nothing is counted when memory is short.
 */
void call_errors_count(struct call_errors *errors, const char *session,
    enum call_method method, enum error_code code);

/* Calls show for each count that is not 0, with the names of both. */
void call_errors_each(const struct call_errors *errors,
    void (*show)(void *ctx, const char *session, const char *method,
        const char *code, uint64_t n),
    void *ctx);


#endif /* CALL_ERRORS_H */
