/*
 * The webhooks of all sessions.
 */

#ifndef WEBHOOKS_H
#define WEBHOOKS_H


#include <stdbool.h>
#include <stddef.h>

#include "events/webhook.h"
#include "events/webhook_challenge.h"


/* all of it is borrowed */

struct webhooks_config {
    struct event_base           *base;
    struct log                  *log;
    const char                  *state_dir;
    const struct seal           *seal;
    const struct address_guard  *guard;

    /* until webhooks_change */
    const struct webhook_sections  *sections;    /* or NULL */
    const char                     *ca;          /* PEM, or NULL: the
                                                    system's */
    uint64_t                        give_up_ms;  /* see webhook_parts */
};


struct webhooks;


/* Makes a list without webhooks; NULL after an error was written to stderr. */
struct webhooks *webhooks_create(const struct webhooks_config *config);

/* Frees the list and its webhooks; NULL is allowed. */
void webhooks_destroy(struct webhooks *webhooks);

/*
 * Adds the webhook of a new session, with the URL that a client has set
 * before.  Returns false when memory is short.
 */
bool webhooks_add(struct webhooks *webhooks, const char *session,
    struct inbox *inbox);

/*
 * Takes sections, CAs and time from config; the ones before are used no more.
 */
void webhooks_change(struct webhooks *webhooks,
    const struct webhooks_config *config);

/* Finds the webhook of a session; NULL when there is none. */
struct webhook *webhooks_find(const struct webhooks *webhooks,
    const char *session);

/*
 * Challenges the receiver of a URL that a client wants to set for a session.
 * done is called as webhook_challenge_start says.  Returns NULL when memory is
 * short.
 */
struct webhook_challenge *webhooks_challenge(struct webhooks *webhooks,
    const struct webhook *webhook, const char *url, const char *verify_token,
    webhook_challenge_pt done, void *ctx);

/*
 * Sets a client's URL for n webhooks, NULL removes it, and keeps that over a
 * restart.  Returns false, and nothing has changed, when it can't be kept.
 */
bool webhooks_set_override(struct webhooks *webhooks,
    struct webhook **chosen, size_t n, const char *url);

/*
 * Forgets the client's URL of a session that has a webhook, in the file too,
 * and the events on their way to its receiver.  Returns false, and nothing is
 * forgotten, when the file can't be written.
 */
bool webhooks_forget(struct webhooks *webhooks, const char *session);

/* Start no further deliveries; whether some run. */
void webhooks_drain(struct webhooks *webhooks);
bool webhooks_busy(const struct webhooks *webhooks);


#endif /* WEBHOOKS_H */
