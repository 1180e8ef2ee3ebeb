/*
 * The object of a session, for the files that make it up.
 */

#ifndef SESSION_PRIVATE_H
#define SESSION_PRIVATE_H


#include <time.h>

#include "base/bucket.h"
#include "session/session.h"


#define SESSION_NAME_SIZE  256
#define SESSION_VIA_SIZE   16


struct session {
    struct log               *log;
    struct session_config     config;
    struct tab               *tab;
    enum tab_state            tab_state;
    struct boot_place         boot;

    enum session_state        state;
    time_t                    since;
    char                      reason[SESSION_REASON_SIZE];
    struct session_page       page;           /* the page's last word */
    bool                      unlinked;       /* when it was last known */

    char                      wa_id[RECIPIENT_WA_ID_SIZE];
    char                      name[SESSION_NAME_SIZE];    /* in UTF-8 */
    char                      web_version[64];
    char                      via[SESSION_VIA_SIZE];      /* "": not known */
    bool                      capabilities[SESSION_CAPABILITIES];
    struct recipient_cache   *recipients;
    uint64_t                  sends[SESSION_SENDS];
    struct logouts            logouts;
    struct bucket             codes;          /* for linking */

    const struct session_listener  *listener;        /* or NULL */
    void                           *listener_ctx;
    unsigned                        documents;       /* that came up */

    bool                      launched;       /* has had its turn */
    bool                      opening;        /* sends wait for it */
    bool                      draining;
    bool                      erased;         /* is being forgotten */
    struct scheduler         *scheduler;
};


extern const char *const  session_capability_names[SESSION_CAPABILITIES];


/*
 * session_admission.c: which calls are taken
 */

/* Returns whether the session opens in the state that it comes to. */
bool session_opens(const struct session *session, enum session_state state);

/* Starts, holds or refuses the calls that wait, as the new state says. */
void session_admit(struct session *session);

/* Refuses the calls that wait; error is borrowed. */
void session_refuse(struct session *session, const struct error *error);


#endif /* SESSION_PRIVATE_H */
