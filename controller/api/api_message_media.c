/*
 * The routes of media for the media of messages.  Their ids hold the session
 * and the message; the file comes from the page when its URL is asked for.
 */

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "api/api_private.h"
#include "calls/message_media.h"
#include "media/message_media_id.h"


/* ms of a request's time that are kept for its answer, at the most */

#define API_MEDIA_MARGIN  500


/* kept with a request that waits for a file */

struct api_download {
    struct api_kept             kept;       /* first */
    struct server_request      *request;
    struct message_media_wait  *wait;
};


static struct session *api_message_media_session(struct api *api,
    const char *id);
static void api_download_gone(struct api_kept *kept);
static void api_download_done(void *ctx, struct media *media,
    const struct error *error);


bool
api_message_media_show(struct api *api, struct server_request *request,
    const char *base)
{
    char             id[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];
    json_t          *root;
    const char      *text;
    struct session  *session;

    text = server_path(request) + sizeof(API_MEDIA) - 1;

    if (!message_media_id_open(api->services->seal, text, id, key)) {
        return false;
    }

    session = api_message_media_session(api, id);

    if (session == NULL || !api_media_of(request, id)) {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
        return true;
    }

    root = json_pack("{s:{s:s, s:s, s:s}}", "params", "id", text, "key", key,
                     "base", base);

    if (root == NULL) {
        api_answer(request, NULL);
        return true;
    }

    api_call_start(api, request, session, root, "media.get", METHOD_PRIVATE,
                   api_answer);

    return true;
}


bool
api_message_media_delete(struct api *api, struct server_request *request)
{
    char  id[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];

    if (!message_media_id_open(api->services->seal,
                               server_path(request) + sizeof(API_MEDIA) - 1,
                               id, key))
    {
        return false;
    }

    if (api_message_media_session(api, id) == NULL
        || !api_media_of(request, id))
    {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
        return true;
    }

    /* the message keeps its media: only our copy goes */

    message_media_forget(api->services->message_media, id, key);
    api_answer_success(request);

    return true;
}


bool
api_message_media_download(struct api *api, struct server_request *request,
    const char *sealed)
{
    char                  id[MESSAGE_MEDIA_SESSION_SIZE], key[WAMID_KEY_SIZE];
    uint64_t              deadline;
    struct error          error;
    struct session       *session;
    struct api_download  *download;

    if (!message_media_url_open(api->services->seal, sealed,
                                (uint64_t) time(NULL), id, key))
    {
        return false;
    }

    session = api_message_media_session(api, id);

    if (session == NULL) {
        api_refuse(request, ERROR_MEDIA_NOT_FOUND, NULL);
        return true;
    }

    download = calloc(1, sizeof(struct api_download));

    if (download == NULL) {
        api_answer(request, NULL);
        return true;
    }

    download->kept.gone = api_download_gone;
    download->request = request;

    deadline = server_deadline(request);
    deadline -= deadline > 2 * API_MEDIA_MARGIN ? API_MEDIA_MARGIN
                                                : deadline / 10;

    download->wait = message_media_start(api->services->message_media,
                                         session, key, deadline,
                                         api_download_done, download, &error);

    if (download->wait == NULL) {
        free(download);
        server_respond_error(request, &error, NULL);
        return true;
    }

    server_keep(request, download);

    return true;
}


static struct session *
api_message_media_session(struct api *api, const char *id)
{
    return session_list_find(api->sessions, id, strlen(id));
}


static void
api_download_gone(struct api_kept *kept)
{
    struct api_download  *download = (struct api_download *) kept;

    message_media_cancel(download->wait);
    free(download);
}


static void
api_download_done(void *ctx, struct media *media, const struct error *error)
{
    struct api_download    *download = ctx;
    struct server_request  *request;

    request = download->request;
    free(download);

    if (media != NULL) {
        api_media_respond(request, media);

    } else {
        server_respond_error(request, error, NULL);
    }
}
