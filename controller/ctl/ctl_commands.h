/*
 * The commands of whatsapp-ctl: each prints its result, or why there is none,
 * and returns the exit status.
 */

#ifndef CTL_COMMANDS_H
#define CTL_COMMANDS_H


#include "ctl/ctl.h"


/* ctl_status.c */
enum ctl_exit ctl_status(struct ctl *ctl);

/* ctl_session.c */
enum ctl_exit ctl_start(struct ctl *ctl);
enum ctl_exit ctl_stop(struct ctl *ctl);
enum ctl_exit ctl_restart(struct ctl *ctl);
enum ctl_exit ctl_logout(struct ctl *ctl);

/* ctl_link.c */
enum ctl_exit ctl_qr(struct ctl *ctl);
enum ctl_exit ctl_code(struct ctl *ctl);
enum ctl_exit ctl_link(struct ctl *ctl);

/* ctl_ban.c */
enum ctl_exit ctl_ban_list(struct ctl *ctl);
enum ctl_exit ctl_ban_add(struct ctl *ctl);
enum ctl_exit ctl_ban_remove(struct ctl *ctl);
enum ctl_exit ctl_forget(struct ctl *ctl);

/* ctl_token.c */
enum ctl_exit ctl_token_add(struct ctl *ctl);
enum ctl_exit ctl_token_list(struct ctl *ctl);
enum ctl_exit ctl_token_revoke(struct ctl *ctl);

/* ctl_audit.c: becomes another program, unless it can't */
enum ctl_exit ctl_audit(struct ctl *ctl);


#endif /* CTL_COMMANDS_H */
