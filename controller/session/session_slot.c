/*
 * A session slot derives the directories of a session from its name.
 */

#include <stdio.h>
#include <unistd.h>

#include "base/files.h"
#include "session/session_slot.h"


static bool session_slot_paths(struct session_slot *slot,
    const struct session_slot_parts *parts, const char *id);


bool
session_slot_open(struct session_slot *slot,
    const struct session_slot_parts *parts, const char *id,
    struct error *error)
{
    struct tab_config  *tab = &slot->config.tab;

    *error = error_say(ERROR_PAGE_ERROR, "The session can't be made");
    error->outcome = OUTCOME_NOT_SENT;

    if (!session_slot_paths(slot, parts, id)
        || !files_make_directory(slot->profile_dir, 0700, (uid_t) -1,
                                 (gid_t) -1)
        || !files_make_directory(slot->runtime_dir, 0700, (uid_t) -1,
                                 (gid_t) -1))
    {
        return false;
    }

    slot->config = *parts->config;
    slot->config.id = slot->id;
    slot->config.boots = parts->boots;
    slot->config.browser = parts->browser;
    slot->config.room = parts->room;
    slot->config.room_ctx = parts->room_ctx;

    tab->name = slot->id;
    tab->profile_dir = slot->profile_dir;
    tab->tmp_dir = slot->tmp_dir;

    slot->session = session_create(parts->base, parts->log, &slot->config);

    if (slot->session == NULL) {
        return false;
    }

    if (parts->made != NULL && !parts->made(parts->ctx, slot->session)) {
        session_destroy(slot->session);
        return false;
    }

    return true;
}


void
session_slot_close(struct session_slot *slot)
{
    session_destroy(slot->session);

    (void) rmdir(slot->tmp_dir);
    (void) rmdir(slot->runtime_dir);
}


static bool
session_slot_paths(struct session_slot *slot,
    const struct session_slot_parts *parts, const char *id)
{
    int  profile, runtime, tmp;

    (void) snprintf(slot->id, sizeof(slot->id), "%s", id);

    profile = snprintf(slot->profile_dir, sizeof(slot->profile_dir),
                       "%s/sessions/%s/profile", parts->state_dir, id);
    runtime = snprintf(slot->runtime_dir, sizeof(slot->runtime_dir), "%s/%s",
                       parts->runtime_dir, id);
    tmp = snprintf(slot->tmp_dir, sizeof(slot->tmp_dir), "%s/%s/tmp",
                   parts->runtime_dir, id);

    if (profile >= PATH_MAX || runtime >= PATH_MAX || tmp >= PATH_MAX) {
        fprintf(stderr, "whatsapp-controller: the directories' names are "
                "too long\n");
        return false;
    }

    return true;
}
