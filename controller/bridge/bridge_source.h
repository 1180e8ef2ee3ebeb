/*
 * The page's side of the bridge, held as text in the program: made from
 * controller/bridge/ when it is built.
 */

#ifndef BRIDGE_SOURCE_H
#define BRIDGE_SOURCE_H

#include <stddef.h>


/* sizes in bytes, without the NUL at the end */

extern const char    preload_source[];      /* before wa-js */
extern const size_t  preload_source_size;

extern const char    bridge_source[];       /* after wa-js */
extern const size_t  bridge_source_size;


#endif /* BRIDGE_SOURCE_H */
