/*
 * What all calls share.  The controller's main file makes and frees it; it
 * outlives every call.
 */

#ifndef SERVICES_H
#define SERVICES_H


struct beta;
struct call_errors;
struct erasures;
struct event_base;
struct fetcher;
struct idempotency;
struct inbox_list;
struct media_store;
struct message_media;
struct pair_limit;
struct seal;
struct webhooks;


struct services {
    struct event_base     *base;
    const char            *state_dir;
    struct idempotency    *idempotency;    /* sends by their key */
    struct pair_limit     *pair_limit;     /* messages to one recipient */
    struct seal           *seal;           /* of ids that leave us */
    struct call_errors    *errors;         /* that calls ended with */
    struct media_store    *media;
    struct message_media  *message_media;  /* files of messages */
    struct fetcher        *fetcher;        /* of media links */
    struct inbox_list     *inboxes;        /* of all sessions */
    struct webhooks       *webhooks;       /* of all sessions */
    struct beta           *beta;           /* webhooks of the BETA calls */
    struct erasures       *erasures;       /* of sessions, that run */
};


#endif /* SERVICES_H */
