/*
 * The text is a number, as Meta's is: receivers read it as one.
 */

#include <sys/random.h>

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "events/webhook_challenge.h"
#include "events/webhook_url.h"


#define WEBHOOK_CHALLENGE_SIZE  16
#define WEBHOOK_CHALLENGE_MIN   1000000000u    /* it has 10 digits */
#define WEBHOOK_CHALLENGE_OK    200


struct webhook_challenge {
    struct webhook_request  *request;
    webhook_challenge_pt     done;
    void                    *ctx;
    char                     text[WEBHOOK_CHALLENGE_SIZE];
};


static bool webhook_challenge_make(struct webhook_challenge *challenge);
static char *webhook_challenge_url(const struct webhook_challenge *challenge,
    const char *url, const char *verify_token);
static void webhook_challenge_on_answer(void *ctx,
    const struct webhook_answer *answer);
static bool webhook_challenge_is_repeated(
    const struct webhook_challenge *challenge, const char *text);


static const char *const  webhook_challenge_wrongs[WEBHOOK_RESULTS] = {
    [WEBHOOK_ANSWERED] = "the URL answered the challenge with another status "
                         "than 200",
    [WEBHOOK_UNREACHABLE] = "no connection could be made",
    [WEBHOOK_ADDRESS] = "the URL leads to an address that is not allowed",
    [WEBHOOK_TLS] = "no TLS connection that can be trusted could be made",
    [WEBHOOK_TIMEOUT] = "the URL did not answer the challenge in time",
    [WEBHOOK_BROKEN] = "the connection ended without an answer to the "
                       "challenge"
};


struct webhook_challenge *
webhook_challenge_start(struct webhook_client *client,
    const struct webhook_settings *settings, const char *url,
    const char *verify_token, webhook_challenge_pt done, void *ctx)
{
    char                      *full;
    struct webhook_challenge  *challenge;

    challenge = calloc(1, sizeof(struct webhook_challenge));

    if (challenge == NULL || !webhook_challenge_make(challenge)) {
        free(challenge);
        return NULL;
    }

    challenge->done = done;
    challenge->ctx = ctx;

    full = webhook_challenge_url(challenge, url, verify_token);

    if (full != NULL) {
        challenge->request = webhook_request_start(client, settings, full,
                                 NULL, 0, NULL, webhook_challenge_on_answer,
                                 challenge);

        text_wipe(full);
    }

    if (challenge->request == NULL) {
        free(challenge);
        return NULL;
    }

    return challenge;
}


void
webhook_challenge_cancel(struct webhook_challenge *challenge)
{
    if (challenge != NULL) {
        webhook_request_cancel(challenge->request);
        free(challenge);
    }
}


static bool
webhook_challenge_make(struct webhook_challenge *challenge)
{
    uint32_t  number;

    if (getrandom(&number, sizeof(number), 0) != sizeof(number)) {
        return false;
    }

    number = WEBHOOK_CHALLENGE_MIN
             + number % (UINT32_MAX - WEBHOOK_CHALLENGE_MIN);

    (void) snprintf(challenge->text, sizeof(challenge->text), "%" PRIu32,
                    number);

    return true;
}


static char *
webhook_challenge_url(const struct webhook_challenge *challenge,
    const char *url, const char *verify_token)
{
    char  *token, *query, *full;

    full = NULL;
    query = NULL;
    token = curl_easy_escape(NULL, verify_token, 0);

    if (token != NULL
        && asprintf(&query, "hub.mode=subscribe&hub.verify_token=%s&"
                    "hub.challenge=%s", token, challenge->text)
           != -1)
    {
        full = webhook_url_add_query(url, query);

        text_wipe(query);
    }

    curl_free(token);

    return full;
}


static void
webhook_challenge_on_answer(void *ctx, const struct webhook_answer *answer)
{
    const char                *wrong;
    struct webhook_challenge  *challenge = ctx;

    wrong = webhook_challenge_wrongs[answer->result];

    if (answer->status == WEBHOOK_CHALLENGE_OK) {
        wrong = webhook_challenge_is_repeated(challenge, answer->text)
                ? NULL : "the URL did not answer with hub.challenge";
    }

    challenge->done(challenge->ctx, wrong);

    free(challenge);
}


/* receivers differ in the white space around it */

static bool
webhook_challenge_is_repeated(const struct webhook_challenge *challenge,
    const char *text)
{
    size_t  len;

    static const char  white[] = " \t\r\n";

    text += strspn(text, white);
    len = strlen(challenge->text);

    return strncmp(text, challenge->text, len) == 0
           && text[len + strspn(text + len, white)] == '\0';
}
