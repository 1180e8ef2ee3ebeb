/*
 * The parts of the API: api.c has the routes, the files api_*.c their
 * handlers; nobody else includes this file.
 *
 * A handler answers its request before it returns, or starts a call, which
 * answers it later.
 */

#ifndef API_PRIVATE_H
#define API_PRIVATE_H


#include <sys/queue.h>

#include "api/api.h"
#include "api/api_upload.h"
#include "calls/method.h"


#define API_SESSIONS  "/v1/sessions"

/* prefixes of a media id, and of the sealed text of a download's URL */

#define API_GROUPS    "/v1/groups/"
#define API_MEDIA     "/v1/media/"
#define API_DOWNLOAD  "/v1/download/"


LIST_HEAD(api_stream_list, api_stream);


/* the open event streams */

struct api_streams {
    struct api_stream_list  list;
    size_t                  count;
    size_t                  max;
    size_t                  per_token;
    uint64_t                refused;    /* by these bounds */
    uint64_t                gaps;       /* that readers were told of */
};


struct media;


struct api {
    const struct services  *services;
    struct session_list    *sessions;
    struct api_streams      streams;
    unsigned                challenges;    /* of callback URLs, that run */
    bool                    draining;
};


/*
 * What a handler keeps with a request (server_keep) that is answered later, as
 * the first member of something; gone is called when the peer leaves before.
 */

struct api_kept {
    void  (*gone)(struct api_kept *kept);
};


/* Answers a request with the result of its call, which is stolen. */
typedef void (*api_answer_pt)(struct server_request *request,
    json_t *result);


/* api_answer.c */

/* Answers with result, which is stolen; NULL stands for no memory. */
void api_answer(struct server_request *request, json_t *result);

/* The same for a result that tells of failures only: nothing was done. */
void api_answer_failures(struct server_request *request, json_t *result);

/* Answers with {"success":true}. */
void api_answer_success(struct server_request *request);

/* Answers with an error; message is a literal or NULL. */
void api_refuse(struct server_request *request, enum error_code code,
    const char *message);


/* api_session.c */

/*
 * Finds the session whose id path begins with; *rest becomes what follows the
 * id: "", or a text that begins with a /.  Returns NULL when there is none.
 */
struct session *api_session_find(struct api *api, const char *path,
    const char **rest);

/*
 * Adds "webhook" to the object of a session, which is stolen and may be NULL,
 * and returns it, or NULL when memory is short.
 */
json_t *api_session_add_webhook(struct api *api,
    const struct session *session, json_t *object);

void api_session_show(struct api *api, struct server_request *request,
    struct session *session);
void api_session_stop(struct api *api, struct server_request *request,
    struct session *session);
void api_session_restart(struct api *api, struct server_request *request,
    struct session *session);

/* Forgets a session for good; the body confirms which one. */
void api_session_forget(struct api *api, struct server_request *request,
    struct session *session);

/* Starts a session; one that does not exist (NULL) is added first. */
void api_session_start(struct api *api, struct server_request *request,
    struct session *session);


/* api_call.c */

/*
 * Starts the call that the body describes; session is NULL for a session that
 * does not exist.
 */
void api_call(struct api *api, struct server_request *request,
    struct session *session);

/*
 * Starts a call whose path names no session: the id of a group does, or the
 * call is about all of them.
 */
void api_call_any(struct api *api, struct server_request *request,
    struct session *session);

void api_call_logout(struct api *api, struct server_request *request,
    struct session *session);

/*
 * Starts a call whose parameters are root's "params"; root is stolen and may
 * be NULL.  answer gets the result; errors are answered here.
 */
void api_call_start(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum method_scope scope, api_answer_pt answer);


/*
 * Starts the call of a client, as the functions above do: root is stolen, and
 * missing is the error without a session.
 */
void api_call_public(struct api *api, struct server_request *request,
    struct session *session, json_t *root, const char *method,
    enum error_code missing);

/*
 * Finds the session of a group's sealed id (which may be NULL), unless the
 * argument phone_number_id names another one.  Returns NULL for none.
 */
struct session *api_call_group_session(struct api *api,
    struct server_request *request, const char *group);


/* api_group.c */

/*
 * A change of a group by a form, which may have a picture.  The id of the
 * group, which is the last part of the path, names the session.
 */
void api_group_begin(struct api *api, struct server_request *request,
    struct session *session);
void api_group_update(struct api *api, struct server_request *request,
    struct session *session);


/* api_sessions.c */

/* Answers with the list of all sessions; session is NULL. */
void api_session_list(struct api *api, struct server_request *request,
    struct session *session);

/* Answers the call session.list; params are borrowed. */
void api_session_list_some(struct api *api, struct server_request *request,
    json_t *params);

/*
 * Points *sessions to the member "sessions" of params, the ids that a call is
 * about, or to NULL, which stands for all.  Returns false if it is no list of
 * texts.
 */
bool api_sessions_read(json_t *params, json_t **sessions);

/* Returns whether such a list has the id. */
bool api_sessions_have(json_t *sessions, const char *id);


/* api_phone_numbers.c */

/* Answers the call phone_number.list; params are borrowed. */
void api_phone_number_list(struct api *api, struct server_request *request,
    json_t *params);


/* api_apps.c */

/*
 * Answers the calls app.list, app.subscribe and app.unsubscribe, or returns
 * false for another method; params are borrowed.
 */
bool api_app(struct api *api, struct server_request *request,
    const char *method, json_t *params);


/* api_qr.c */

/* Answers with the QR code in the form that Accept asks for. */
void api_qr(struct api *api, struct server_request *request,
    struct session *session);


/* api_events.c */

/* Answers with the stream of a session's events. */
void api_events(struct api *api, struct server_request *request,
    struct session *session);


/* api_file.c */

/* bytes of a URL's base */

#define API_MEDIA_BASE_MAX  256

/* Answers with a file, whose hold is stolen. */
void api_media_respond(struct server_request *request, struct media *media);

/* *base becomes "" without X-Public-Base; false: that is not valid. */
bool api_media_base(struct server_request *request, const char **base);

/* Whether phone_number_id is missing, or that of the session of media. */
bool api_media_of(struct server_request *request, const char *session);


/* api_media.c; session is NULL for all routes but those of uploads */

/* Has the body of an upload parsed while it arrives. */
void api_media_begin_upload(struct api *api, struct server_request *request,
    struct session *session);

/*
 * The same for any form: its texts are stolen if the request is refused, else
 * end, which gets the struct api_upload, has to free both.
 */
void api_media_begin_form(struct api *api, struct server_request *request,
    struct session *session, const struct api_upload_form *form,
    void (*end)(void *ctx));

void api_media_upload(struct api *api, struct server_request *request,
    struct session *session);
void api_media_show(struct api *api, struct server_request *request,
    struct session *session);
void api_media_delete(struct api *api, struct server_request *request,
    struct session *session);
void api_media_download(struct api *api, struct server_request *request,
    struct session *session);

/*
 * api_message_media.c: the same for media of messages.  Each function answers
 * the request and returns true, or returns false for an id, or the end of a
 * URL, that is none of a message's media.
 */
bool api_message_media_show(struct api *api, struct server_request *request,
    const char *base);
bool api_message_media_delete(struct api *api,
    struct server_request *request);
bool api_message_media_download(struct api *api,
    struct server_request *request, const char *sealed);


#endif /* API_PRIVATE_H */
