/*
 * Whether this user may make user namespaces.
 */

#ifndef USER_NAMESPACES_H
#define USER_NAMESPACES_H


#include <stdbool.h>


/*
 * Whether a process of this user can make a user namespace and has rights in
 * it, which Chromium's sandbox needs unless its setuid helper is there.  Tried
 * in a child at the first call, which takes a millisecond; the answer is kept.
 */
bool user_namespaces_work(void);


#endif /* USER_NAMESPACES_H */
