/*
 * Public ids of groups.  An id has the session and WhatsApp's own id of the
 * group sealed in it, so that it leads to both; its prefix "g." tells it from
 * the id of a media file.
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
 * Writes the id of a session's group, which is the same one every time.  False
 * when libcrypto fails, or session or group is too long.
 */
bool group_id_close(const struct seal *seal, const char *session,
    const char *group, char id[GROUP_ID_SIZE]);

/* Reads the session and the group of an id; false when it is none. */
bool group_id_open(const struct seal *seal, const char *id,
    char session[GROUP_SESSION_SIZE], char group[WAMID_WID_SIZE]);

/* Reads the group of an id; false when it is none, or another session's. */
bool group_id_open_own(const struct seal *seal, const char *id,
    const char *session, char group[WAMID_WID_SIZE]);

/* Returns whether a text begins like an id of a group. */
bool group_id_has_prefix(const char *id);


#endif /* GROUP_ID_H */
