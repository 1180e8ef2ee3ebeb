/*
 * Stands in for the few functions of nginx's core that the module's pure
 * files call, so that these can be linked without nginx: Debian has nginx's
 * headers alone.  Each allocation of a pool is one of malloc(), for a
 * sanitizer to see its bounds; the pool itself may be NULL.
 */

#ifndef UNIT_NGINX_H
#define UNIT_NGINX_H


#include <ngx_config.h>
#include <ngx_core.h>


/*
 * Makes a file of len bytes and returns its name, for a directive's argument.
 * There is one such file: it lasts until the next call.
 */
ngx_str_t nginx_file(const void *text, size_t len);

/* Frees everything that was allocated from any pool. */
void nginx_release(void);


#endif /* UNIT_NGINX_H */
