/*
 * The stack of the process.
 */

#ifndef STACK_H
#define STACK_H


/*
 * Overwrites what functions that have returned have left on the stack, as deep
 * as the caller's own callees went, up to 64 KiB.
 */
void stack_wipe(void);


#endif /* STACK_H */
