/*
 * What api.c and the files of its routes, api_*.c, share; nobody else includes
 * it.
 */

#ifndef API_PRIVATE_H
#define API_PRIVATE_H

#include "api/api.h"
#include "calls/method.h"


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


/*
 * The session that a path, which may go on behind a /, begins with, or NULL;
 * *rest is what follows it.
 */
struct session *api_session(struct api *api, const char *path,
    const char **rest);

/* Routes of calls; session may be NULL for api_call(), and is for a group. */
void api_call(struct api *api, struct server_request *request,
    struct session *session);
void api_call_group(struct api *api, struct server_request *request,
    struct session *session);
void api_call_logout(struct api *api, struct server_request *request,
    struct session *session);

/* The peer of a request with a call, which is data, has left. */
void api_call_gone(void *ctx, void *data);

/*
 * Starts a call whose parameters are root's "params"; steals root, which may
 * be NULL.
 */
void api_start_call(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum method_scope scope, api_answer_pt answer);

/* The route of the QR code. */
void api_qr(struct api *api, struct server_request *request,
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
