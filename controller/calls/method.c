/*
 * The table of methods.
 */

#include <string.h>

#include "calls/call_handlers.h"
#include "calls/method.h"
#include "calls/send.h"


struct method {
    const char                 *name;
    enum call_method            index;
    enum method_scope           scope;
    const struct call_handler  *handler;    /* NULL: a send */
};


/* rows of protocol/methods.h; what is no call of the controller's has none */

#define METHOD_ROW_NAME(KIND, identifier, name)                               \
    { name, CALL_METHOD_##identifier, METHOD_PUBLIC,                          \
      METHOD_HANDLER_##KIND(identifier) },
#define METHOD_ROW_PATH(KIND, identifier, name)                               \
    { name, CALL_METHOD_##identifier, METHOD_PRIVATE,                         \
      METHOD_HANDLER_##KIND(identifier) },
#define METHOD_ROW_NONE(KIND, identifier, name)

#define METHOD_HANDLER_SEND(identifier)  NULL
#define METHOD_HANDLER_CALL(identifier)  &call_##identifier


static const struct method  methods[] = {

#define WHATSAPP_METHOD(NAME, KIND, SCOPE, BY, identifier, name)              \
    METHOD_ROW_##BY(KIND, identifier, name)
#include "protocol/methods.h"

};


void
method_start(struct call *call, const char *name, enum method_scope scope)
{
    size_t                i;
    struct error          error;
    const struct method  *method;

    call->method = CALL_METHODS;

    for (i = 0; i < sizeof(methods) / sizeof(methods[0]); i++) {
        method = &methods[i];

        if (method->scope != scope || strcmp(method->name, name) != 0) {
            continue;
        }

        call->method = method->index;

        if (method->handler != NULL) {
            call_run_start(call, method->handler);

        } else {
            send_start(call);
        }

        return;
    }

    error = error_make(ERROR_UNKNOWN_METHOD);
    call_fail(call, &error);
}


void
method_forget(struct call *call)
{
    if (call->send != NULL) {
        send_forget(call);

    } else if (call->run != NULL) {
        call_run_forget(call);
    }
}
