/*
 * Erasing an address in the memory of an nginx without Redis.
 */

#ifndef CTL_FORGET_H
#define CTL_FORGET_H


#include "ctl/ctl.h"


/*
 * Has the nginx of --nginx forget a client.  Returns CTL_OK, and whether nginx
 * knew it, or tells of the error.
 */
enum ctl_exit ctl_forget_nginx(const struct ctl *ctl, const char *client,
    bool *was_known);


#endif /* CTL_FORGET_H */
