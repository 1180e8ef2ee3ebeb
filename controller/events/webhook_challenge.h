/*
 * The challenge, by which a receiver shows that it expects the events: it has
 * to repeat a text that comes with the verify token.
 */

#ifndef WEBHOOK_CHALLENGE_H
#define WEBHOOK_CHALLENGE_H


#include "events/webhook_request.h"


struct webhook_challenge;


/*
 * Called once at the end, when the challenge is freed; wrong is a literal that
 * tells why it failed, NULL: it did not.
 */
typedef void (*webhook_challenge_pt)(void *ctx, const char *wrong);


/*
 * Starts a challenge; done is called after this function has returned, unless
 * it is cancelled.  All texts are copied.  Returns NULL when memory is short.
 */
struct webhook_challenge *webhook_challenge_start(
    struct webhook_client *client, const struct webhook_settings *settings,
    const char *url, const char *verify_token, webhook_challenge_pt done,
    void *ctx);

/* Ends and frees a challenge without a call of done; NULL is allowed. */
void webhook_challenge_cancel(struct webhook_challenge *challenge);


#endif /* WEBHOOK_CHALLENGE_H */
