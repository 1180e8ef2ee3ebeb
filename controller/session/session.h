/*
 * A session is one WhatsApp account in one tab, with its state and the order
 * in which calls reach it.
 */

#ifndef SESSION_H
#define SESSION_H


#include <stdbool.h>
#include <stdint.h>

#include <event2/event.h>
#include <jansson.h>

#include "base/error.h"
#include "base/log.h"
#include "chrome/tab.h"
#include "session/boot_queue.h"
#include "session/logouts.h"
#include "session/recipient.h"
#include "session/scheduler.h"
#include "session/session_state.h"


/* digits of a session's id */

#define SESSION_ID_LEN  15


enum session_capability {
    SESSION_SEND_TEXT = 0,
    SESSION_MARK_READ,
    SESSION_TYPING,
    SESSION_RESOLVE,
    SESSION_SHOW_QR,
    SESSION_GIVE_CODE,
    SESSION_SEND_MEDIA,
    SESSION_SEND_LOCATION,
    SESSION_SEND_CONTACTS,
    SESSION_SEND_REACTION,
    SESSION_SEND_POLL,
    SESSION_EDIT,
    SESSION_REVOKE,
    SESSION_FORWARD,
    SESSION_GROUPS,
    SESSION_BLOCK,
    SESSION_PROFILE,
    SESSION_INBOUND,
    SESSION_HISTORY,
    SESSION_CAPABILITIES
};


/* how a send ends */

enum session_send {
    SESSION_SENT = 0,
    SESSION_NOT_SENT,
    SESSION_UNKNOWN,
    SESSION_SENDS
};


/*
 * Somebody who watches a session; calls come from the event loop, and may not
 * destroy the session
 */

struct session_watch {
    /* its state or reason may have changed */
    void  (*changed)(void *ctx);

    /* as in struct tab_handlers; NULL: the console is not listened to */
    void  (*console)(void *ctx, const char *method, json_t *params);

    void   *ctx;
};


/*
 * Somebody who takes what reaches the account; calls come from the event loop,
 * and may not destroy the session
 */

struct session_listener {
    /* the page's event "inbound"; data is borrowed */
    void  (*inbound)(void *ctx, json_t *data);

    /* state, account, capabilities or document may have changed */
    void  (*changed)(void *ctx);
};


struct session;


/* strings, watch and room_ctx are borrowed for the session's life */

struct session_config {
    const char                  *id;
    struct tab_config            tab;
    struct browser              *browser;       /* of the tab */
    struct boot_queue           *boots;         /* shared by all sessions */
    struct send_queue_config     lanes[LANES];
    unsigned                     code_rate;     /* per minute, 0: no limit */
    unsigned                     code_burst;
    const struct session_watch  *watch;         /* or NULL */

    /* NULL, or called when the session has its turn to start: false, there is
       no memory for it */
    bool                       (*room)(void *ctx,
                                       const struct session *session);
    void                        *room_ctx;
};


/*
 * Creates a stopped session; base, log and the strings of config must outlive
 * it.  Returns NULL when memory is short.  session_destroy frees it.
 */
struct session *session_create(struct event_base *base, struct log *log,
    const struct session_config *config);

/*
 * Takes the rates and bounds of calls and codes from config, which may differ
 * from those that the session was created with.
 */
void session_change_rates(struct session *session,
    const struct session_config *config);

/* Frees a session whose tab is stopped and that holds no job. */
void session_destroy(struct session *session);

/* Start, stop and restart the tab; each returns at once. */
void session_start(struct session *session);
void session_stop(struct session *session);
void session_restart(struct session *session);

/* Sets who listens, borrowed with ctx; NULL: nobody. */
void session_listen(struct session *session,
    const struct session_listener *listener, void *ctx);

/*
 * Refuses (shutting_down) the calls that wait, and all that come from now on.
 */
void session_drain(struct session *session);

/* Returns whether calls run in the page. */
bool session_busy(const struct session *session);

/*
 * Returns whether the session has had its turn to start since it was stopped:
 * it has memory, or soon will.
 */
bool session_launched(const struct session *session);

/* Returns whether nothing of the tab is left. */
bool session_down(const struct session *session);

/*
 * Return the id, for the session's life, the state, and the reason for it, ""
 * if there is none.
 */
const char *session_id(const struct session *session);
enum session_state session_state(const struct session *session);
const char *session_reason(const struct session *session);

/* Returns whether no account is linked, as far as is known. */
bool session_unlinked(const struct session *session);

/*
 * Returns the number of documents whose bridge has come up so far, the present
 * one included.
 */
unsigned session_documents(const struct session *session);

/* Return the linked account's number and name; NULL while there is none. */
const char *session_wa_id(const struct session *session);
const char *session_name(const struct session *session);

/* Returns its place in the queue of those that wait to start, or 0. */
unsigned session_place(const struct session *session);

/*
 * Returns the scheduler of the session's calls; session_check returns whether
 * one may be submitted now.
 */
struct scheduler *session_scheduler(struct session *session);

/* Returns the cache of recipients, which lives as long as the session. */
struct recipient_cache *session_recipients(struct session *session);

/* Count the end of a send, and return how many ended so. */
void session_count_send(struct session *session, enum session_send end);
uint64_t session_sends(const struct session *session, enum session_send end);

/* Returns the account's logouts, which live as long as the session. */
const struct logouts *session_logouts(const struct session *session);

/* Return the tab's counters, and its browser; both outlive the session. */
const struct tab_stats *session_tab_stats(const struct session *session);
struct browser *session_browser(const struct session *session);

/*
 * Lets calls wait instead of using the page, or no longer; a change of the
 * session's state ends that too.
 */
void session_hold(struct session *session, bool held);

/*
 * Returns whether the page may be replaced without harm to anybody: no call is
 * under way or waits, and nobody is linking a phone.
 */
bool session_idle(const struct session *session);

/* Returns whether no call uses the page. */
bool session_unused(const struct session *session);

/*
 * Replaces the page of a session that is up, or its browser; calls that come
 * wait for the new page.  reason is static.  False: the page is not up.
 */
bool session_renew(struct session *session, const char *reason);

/* Do the same as the functions of its tab. */
pid_t session_process(const struct session *session);
void session_set_memory(struct session *session, pid_t process,
    uint64_t bytes);
uint64_t session_memory(const struct session *session);

/*
 * Returns whether WhatsApp restricts the account in this way, as far as its
 * page knows.
 */
bool session_restricted(const struct session *session,
    enum session_restriction restriction);

/* Returns whether this version of WhatsApp Web offers the capability. */
bool session_can(const struct session *session,
    enum session_capability capability);

/*
 * Makes the page look for capabilities that are missing, which may have been
 * loaded since; a later call profits from it.  The page limits how often.
 */
void session_probe(struct session *session);

/*
 * Returns whether calls that need a ready session may be submitted, where they
 * may have to wait until its page is renewed; if not, fills error.
 */
bool session_check(const struct session *session, struct error *error);

/* Returns whether they may be made in its page now; if not, fills error. */
bool session_check_page(const struct session *session, struct error *error);

/* The same as session_check of a send, which also waits for a session that
   opens. */
bool session_check_send(const struct session *session, struct error *error);

/*
 * Takes one of the codes for linking that may be asked for; returns false and
 * fills error when none is left.
 */
bool session_take_code(struct session *session, struct error *error);

/*
 * Return the public object of a session, and its row in the list of sessions,
 * new references; NULL when memory is short.
 */
json_t *session_json(const struct session *session);
json_t *session_summary_json(const struct session *session);

/*
 * Calls the bridge: tab_call on the session's tab, or tab_call_file unless
 * path is NULL.
 */
bool session_call(struct session *session, const char *method,
    json_t *params, const char *path, uint64_t timeout_ms,
    tab_call_pt done, void *ctx);

/* Has a file of the page saved: tab_save on the session's tab. */
bool session_save(struct session *session, json_int_t handle, uint64_t size,
    uint64_t timeout_ms, tab_save_pt done, void *ctx);


#endif /* SESSION_H */
