/*
 * What api.c, api_link.c and api_media.c share; nobody else includes it.
 */

#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include "api.h"
#include "call.h"


/* a media id, or the seal of a download, follows */

#define API_MEDIA     "/v1/media/"
#define API_DOWNLOAD  "/v1/download/"


struct api {
    struct event_base   *base;
    struct api_parts     parts;
    struct session     **sessions;
    size_t               n;
    bool                 draining;
};


/* Answers with a call's result, which is stolen. */
typedef void (*api_answer_pt)(struct server_request *request,
    json_t *result);


/* a call on behalf of a request; freed when either is over */

struct api_call {
    struct call             call;      /* first */
    struct server_request  *request;
    json_t                 *root;
    api_answer_pt           answer;
};


/*
 * Starts a call whose parameters are root's "params"; steals root, which may
 * be NULL.
 */
void api_start_call(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum call_scope scope, api_answer_pt answer);

/* The route of the QR code. */
void api_link_qr(struct api *api, struct server_request *request,
    struct session *session);

/* Routes of media; session is NULL but for uploads. */
void api_media_begin_upload(struct api *api, struct server_request *request,
    struct session *session);
void api_media_upload(struct api *api, struct server_request *request,
    struct session *session);
void api_media_show(struct api *api, struct server_request *request,
    struct session *session);
void api_media_delete(struct api *api, struct server_request *request,
    struct session *session);
void api_media_download(struct api *api, struct server_request *request,
    struct session *session);

/* Answers with result, which is stolen; NULL stands for no memory. */
void api_answer(struct server_request *request, json_t *result);

/* Answers with an error; message is a literal or NULL. */
void api_refuse(struct server_request *request, enum error_code code,
    const char *message);


#endif /* API_PRIVATE_H */
