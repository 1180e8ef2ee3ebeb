/*
 * Public ids of groups: "g.", and then "<session>/<group>", sealed.
 */

#include <stdio.h>
#include <string.h>

#include "base/group_id.h"


#define GROUP_ID_PREFIX_LEN  (sizeof(GROUP_ID_PREFIX) - 1)


bool
group_id_close(const struct seal *seal, const char *session,
    const char *group, char id[GROUP_ID_SIZE])
{
    int   n;
    char  data[GROUP_SESSION_SIZE + WAMID_WID_SIZE];

    n = snprintf(data, sizeof(data), "%s/%s", session, group);

    if (n < 0 || (size_t) n >= sizeof(data)) {
        return false;
    }

    memcpy(id, GROUP_ID_PREFIX, GROUP_ID_PREFIX_LEN);

    return seal_close(seal, SEAL_GROUP, data, (size_t) n,
                      id + GROUP_ID_PREFIX_LEN);
}


bool
group_id_open(const struct seal *seal, const char *id,
    char session[GROUP_SESSION_SIZE], char group[WAMID_WID_SIZE])
{
    char    data[SEAL_DATA_MAX + 1];
    size_t  len, before;

    if (!group_id_has_prefix(id)) {
        return false;
    }

    len = seal_open(seal, SEAL_GROUP, id + GROUP_ID_PREFIX_LEN, data,
                    SEAL_DATA_MAX);

    if (len == 0) {
        return false;
    }

    data[len] = '\0';
    before = strcspn(data, "/");

    if (before == len || before >= GROUP_SESSION_SIZE
        || len - before - 1 >= WAMID_WID_SIZE)
    {
        return false;
    }

    memcpy(session, data, before);
    session[before] = '\0';

    memcpy(group, data + before + 1, len - before);

    return true;
}


bool
group_id_open_own(const struct seal *seal, const char *id,
    const char *session, char group[WAMID_WID_SIZE])
{
    char  own[GROUP_SESSION_SIZE];

    return group_id_open(seal, id, own, group) && strcmp(own, session) == 0;
}


bool
group_id_has_prefix(const char *id)
{
    return strncmp(id, GROUP_ID_PREFIX, GROUP_ID_PREFIX_LEN) == 0;
}
