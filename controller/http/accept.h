/*
 * The Accept header: chooses one of the types that an answer can have.  Pure.
 */

#ifndef ACCEPT_H
#define ACCEPT_H


#include <stddef.h>


/*
 * Chooses one of n types ("image/svg+xml") by an Accept header's value.  The
 * type with the highest quality is chosen; among equals the one that is named
 * most exactly, then the first.  NULL and "" choose the first type.  Ranges
 * that are not well-formed, and parameters but q, are ignored (RFC 9110,
 * 12.5.1).  Returns the type's index, or -1 when none is accepted.
 */
int accept_choose(const char *header, const char *const *types, size_t n);


#endif /* ACCEPT_H */
