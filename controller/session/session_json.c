/*
 * The public objects of a session: all about it, and its row in the list.
 */

#include <stdio.h>

#include "session/session_private.h"


#define SESSION_PLACE_SIZE  48


static const char *session_shown_reason(const struct session *session,
    char *place);


json_t *
session_json(const struct session *session)
{
    int      rc;
    char     place[SESSION_PLACE_SIZE];
    size_t   i;
    json_t  *object, *capabilities;

    rc = 0;
    capabilities = json_object();

    for (i = 0; i < SESSION_CAPABILITIES; i++) {
        rc |= json_object_set_new(capabilities, session_capability_names[i],
                                  json_boolean(session->capabilities[i]));
    }

    object = json_pack("{s:s, s:s, s:I, s:s?, s:s?, s:s?, "
                       "s:s?, s:s?, s:o}",
                       "id", session->config.id,
                       "state", session_state_name(session->state),
                       "since", (json_int_t) session->since,
                       "reason", session_shown_reason(session, place),
                       "wa_id", session_wa_id(session),
                       "name", session_name(session),
                       "web_version", session->web_version[0] != '\0'
                                      ? session->web_version : NULL,
                       "via", session->via[0] != '\0' ? session->via : NULL,
                       "capabilities", capabilities);

    if (rc != 0) {
        json_decref(object);
        return NULL;
    }

    return object;
}


/* the row is for people who look after many sessions: what it counts is in the
   metrics too */

json_t *
session_summary_json(const struct session *session)
{
    char     place[SESSION_PLACE_SIZE], number[RECIPIENT_WA_ID_SIZE + 1];
    json_t  *memory;

    memory = session_memory(session) != 0
             ? json_integer((json_int_t) session_memory(session))
             : json_null();

    (void) snprintf(number, sizeof(number), "+%s", session->wa_id);

    return json_pack("{s:s, s:s, s:I, s:s?, s:s?, s:s?, s:I, s:I, s:I, s:o}",
                     "id", session->config.id,
                     "state", session_state_name(session->state),
                     "since", (json_int_t) session->since,
                     "reason", session_shown_reason(session, place),
                     "number", session_wa_id(session) != NULL ? number : NULL,
                     "name", session_name(session),
                     "queue", (json_int_t) scheduler_waiting(
                                  session->scheduler, LANE_SENDS),
                     "sends", (json_int_t) session->sends[SESSION_SENT],
                     "failures",
                     (json_int_t) session->sends[SESSION_NOT_SENT]
                     + (json_int_t) session->sends[SESSION_UNKNOWN],
                     "memory", memory);
}


/* the place of a session that waits to start is more than its last trouble;
   place has SESSION_PLACE_SIZE bytes and is used for its text */

static const char *
session_shown_reason(const struct session *session, char *place)
{
    unsigned  position;

    position = session_place(session);

    if (position != 0) {
        (void) snprintf(place, SESSION_PLACE_SIZE,
                        "waits to start, place %u", position);
        return place;
    }

    return session->reason[0] != '\0' ? session->reason : NULL;
}
