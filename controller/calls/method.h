/*
 * The methods: a name leads to the code that runs the call.
 */

#ifndef METHOD_H
#define METHOD_H


#include "calls/call.h"


/* who may call a method: a peer by its name, or only our own routes */

enum method_scope {
    METHOD_PUBLIC = 0,
    METHOD_PRIVATE
};


/*
 * Starts a call of a method; call->done follows exactly once, unless
 * method_forget is called before.
 */
void method_start(struct call *call, const char *name,
    enum method_scope scope);

/*
 * The peer of a call that was started has left: done is not called any more.
 * A call that has not been dispatched is dropped; one that has been runs on,
 * and a send is recorded.
 */
void method_forget(struct call *call);


#endif /* METHOD_H */
