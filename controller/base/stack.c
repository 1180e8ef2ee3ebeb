/*
 * Overwrites the stack below the caller.
 */

#include <string.h>

#include "base/stack.h"


/* deeper than callbacks go, bytes */

#define STACK_DEPTH  65536


__attribute__((noinline)) void
stack_wipe(void)
{
    char  below[STACK_DEPTH];

    explicit_bzero(below, sizeof(below));
}
