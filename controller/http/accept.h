/*
 * The Accept header: which of the forms that an answer has is wanted.  Pure.
 */

#ifndef ACCEPT_H
#define ACCEPT_H


#include <stddef.h>


/*
 * Chooses one of n types ("image/svg+xml") by an Accept header's value: the
 * one of the highest quality, of those the one that is named most exactly, of
 * those the first.  The first for NULL or "".  Ranges that are not well-formed
 * count for nothing, parameters other than q are not looked at (RFC 9110,
 * 12.5.1).  -1 when none is wanted.
 */
int accept_choose(const char *header, const char *const *types, size_t n);


#endif /* ACCEPT_H */
