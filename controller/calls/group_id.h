/*
 * Ids of groups: a session and WhatsApp's own id, sealed, so that an id alone
 * leads to the group; "g." before them tells them from ids of media.
 */

#ifndef GROUP_ID_H
#define GROUP_ID_H


#include <stdbool.h>

#include "base/seal.h"
#include "base/wamid.h"


#define GROUP_ID_PREFIX     "g."
#define GROUP_ID_SIZE       (SEAL_TEXT_SIZE + sizeof(GROUP_ID_PREFIX))
#define GROUP_SESSION_SIZE  32    /* a session's id, with NUL */


/*
 * Writes the id by which a session knows a group; always the same one.  False
 * when libcrypto fails, or one of both is too long.
 */
bool group_id_close(const struct seal *seal, const char *session,
    const char *group, char id[GROUP_ID_SIZE]);

/*
 * Reads such an id.  False for anything else.
 */
bool group_id_open(const struct seal *seal, const char *id,
    char session[GROUP_SESSION_SIZE], char group[WAMID_WID_SIZE]);

/* The same for an id that must be the session's. */
bool group_id_open_of(const struct seal *seal, const char *id,
    const char *session, char group[WAMID_WID_SIZE]);

/* Whether it is meant as such an id, be it a session's or not. */
bool group_id_looks(const char *id);


#endif /* GROUP_ID_H */
