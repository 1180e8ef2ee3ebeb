/*
 * What the files of a send, send*.c, share; nobody else includes it.
 */

#ifndef SEND_PRIVATE_H
#define SEND_PRIVATE_H


#include "base/wamid.h"
#include "calls/idempotency.h"
#include "calls/message_params.h"
#include "calls/pair_limit.h"
#include "calls/send.h"
#include "calls/send_media.h"


TAILQ_HEAD(send_calls, call);


/* what the page says of a message */

enum send_fate {
    SEND_ABSENT = 0,       /* it has none, and is not about to send it */
    SEND_PENDING,          /* nothing tells yet whether it has left */
    SEND_ACKNOWLEDGED,     /* by WhatsApp's server */
    SEND_REFUSED           /* the same */
};


/*
 * One send, or one question about a send whose fate is unknown.  The entry in
 * the table of keys names it as its owner until it ends, which frees it.
 */

struct send {
    struct scheduler_job        job;            /* first */
    enum lane                   lane;
    struct session             *session;
    const struct services      *services;
    struct pair_limit_ticket    pair;
    struct idempotency_entry   *entry;
    struct send_calls           calls;          /* that wait for it */
    struct recipient            recipient;
    json_t                     *message;        /* NULL of a question */
    enum session_capability     capability;
    struct send_media           media;
    char                       *callback_data;  /* for statuses, or NULL */
    uint64_t                    page_deadline;  /* ms */
    char                        begun[WAMID_KEY_SIZE];    /* the key that was
                                                   dispatched, or "" */
    bool                        looked_up;      /* the page has no message of
                                                   this id, and need not look
                                                   for it when it sends */
    bool                        counted;        /* an earlier send was, which
                                                   dispatched the message */
};


/*
 * send_outcome.c: the object and its ends
 */

/*
 * Makes a send for an entry, with call as the first that waits for it; the
 * caller then makes it the entry's owner.  NULL when memory is short.
 */
struct send *send_create(struct call *call, struct idempotency_entry *entry,
    enum lane lane);

/* Lets a call wait for the send. */
void send_attach(struct send *send, struct call *call);

/* The call does not wait for its send any more. */
void send_detach(struct call *call);

/* The time that is left for the page, 1 to most ms. */
uint64_t send_time_left(const struct send *send, uint64_t most);

/* Ends a send that WhatsApp's server has acknowledged. */
void send_end_sent(struct send *send);

/* Ends a send that has not left; the error is borrowed. */
void send_end_not_sent(struct send *send, const struct error *error);

/*
 * Ends a send of which the browser did not take a call: it is not up, or has
 * too many calls.
 */
void send_end_not_written(struct send *send);

/* Ends a send that was dispatched and may have left. */
void send_end_unknown(struct send *send, enum error_code code,
    const char *message);

/* Takes the id of a message that WhatsApp Web has named, if it has. */
void send_rename(struct send *send, json_t *result);

/* Answers a call with the entry's success. */
void send_return(struct call *call, const struct idempotency_entry *entry);

/* Answers a call with the entry's error, outcome unknown. */
void send_return_unknown(struct call *call,
    const struct idempotency_entry *entry);

/*
 * The error of a dispatched send: the entry's code, outcome unknown, and the
 * message id, which is written to text.
 */
struct error send_unknown_error(const struct idempotency_entry *entry,
    char text[WAMID_TEXT_SIZE]);


/*
 * send_dispatch.c: from the resolved recipient to the acknowledgement
 */

/*
 * Takes a token of the limit of messages to the recipient, once for a send.
 * False: error says why there is none.
 */
bool send_take_pair_limit(struct send *send, const struct recipient *to,
    struct error *error);

/*
 * Goes on with a send whose turn it is and whose recipient is known.  A
 * message that the page has already ends it; one that WhatsApp has refused is
 * sent under another id.
 */
void send_proceed(struct send *send);


/*
 * send_report.c: what the inbox is told, which tells of statuses
 */

/* A message of this key is about to be dispatched. */
void send_report_begin(struct send *send, const char *key);

/* The calls of a send that may have left are answered. */
void send_report_end(struct send *send,
    const struct idempotency_entry *entry);

/* The calls of a send are answered that it has not left. */
void send_report_not_sent(struct send *send);


/*
 * send_lookup.c: a question about a message that may be in the page
 */

/*
 * Asks the page for a message; the answer goes to done.  deleted is NULL or
 * the key of the message that this one was to delete, which WhatsApp Web then
 * does under an id of its own.  False: the page can't be asked.
 */
bool send_ask(struct send *send, const struct wamid *wamid,
    const char *deleted, tab_call_pt done);

/* Reads the page's answer to that. */
enum send_fate send_read_fate(json_t *result);


/*
 * send_submit.c: from the call to the resolved recipient
 */

/* Reads a call's parameters; false: error says what is wrong. */
bool send_read_params(const struct call *call, struct message_params *params,
    struct error *error);

/* Lets a send, of which nothing has left, wait for its turn. */
void send_submit(struct send *send, struct call *call,
    const struct message_params *params);


/*
 * send_wait.c: the other calls that wait for a send
 */

/* Lets a call wait for a send that runs, until its own deadline. */
void send_join(struct call *call, struct send *send);


/*
 * send_check.c: the repeat of a send whose fate is unknown
 */

/*
 * Asks the page what became of the entry's message, and answers the call; a
 * message that is nowhere is sent.
 */
void send_check(struct call *call, struct idempotency_entry *entry);


#endif /* SEND_PRIVATE_H */
