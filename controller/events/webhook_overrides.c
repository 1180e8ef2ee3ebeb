/*
 * The file is a JSON object, {"<session>": ["<sealed>", ...]}: what is sealed
 * are the pieces of the URL, in their order.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <jansson.h>

#include "base/files.h"
#include "events/webhook_overrides.h"
#include "events/webhook_url.h"
#include "protocol/limits.h"


#define WEBHOOK_OVERRIDES_FILE  "webhooks.json"
#define WEBHOOK_OVERRIDES_MAX   (1024 * 1024)


struct webhook_overrides {
    const char         *directory;
    const struct seal  *seal;
    json_t             *urls;         /* by session, as they are */
};


static bool webhook_overrides_path(
    const struct webhook_overrides *overrides, const char *suffix,
    char path[PATH_MAX]);
static json_t *webhook_overrides_read(
    const struct webhook_overrides *overrides, const char *path);
static json_t *webhook_overrides_open(
    const struct webhook_overrides *overrides, json_t *pieces);
static json_t *webhook_overrides_seal(
    const struct webhook_overrides *overrides);
static json_t *webhook_overrides_pieces(const struct seal *seal,
    const char *url);
static bool webhook_overrides_write(const char *path, const char *text);
static bool webhook_overrides_sync(const char *directory);


struct webhook_overrides *
webhook_overrides_create(const char *state_dir, const struct seal *seal)
{
    char                       path[PATH_MAX];
    struct webhook_overrides  *overrides;

    overrides = calloc(1, sizeof(struct webhook_overrides));

    if (overrides == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return NULL;
    }

    overrides->directory = state_dir;
    overrides->seal = seal;

    if (webhook_overrides_path(overrides, "", path)) {
        overrides->urls = access(path, F_OK) == 0 || errno != ENOENT
                          ? webhook_overrides_read(overrides, path)
                          : json_object();
    }

    if (overrides->urls == NULL) {
        webhook_overrides_destroy(overrides);
        return NULL;
    }

    return overrides;
}


struct webhook_overrides *
webhook_overrides_copy(const struct webhook_overrides *overrides)
{
    struct webhook_overrides  *copy;

    copy = calloc(1, sizeof(struct webhook_overrides));

    if (copy == NULL) {
        return NULL;
    }

    copy->directory = overrides->directory;
    copy->seal = overrides->seal;
    copy->urls = json_deep_copy(overrides->urls);

    if (copy->urls == NULL) {
        free(copy);
        return NULL;
    }

    return copy;
}


void
webhook_overrides_destroy(struct webhook_overrides *overrides)
{
    if (overrides != NULL) {
        json_decref(overrides->urls);
        free(overrides);
    }
}


const char *
webhook_overrides_get(const struct webhook_overrides *overrides,
    const char *session)
{
    return json_string_value(json_object_get(overrides->urls, session));
}


bool
webhook_overrides_set(struct webhook_overrides *overrides,
    const char *session, const char *url)
{
    if (url == NULL) {
        (void) json_object_del(overrides->urls, session);
        return true;
    }

    return json_object_set_new(overrides->urls, session, json_string(url))
           == 0;
}


bool
webhook_overrides_save(const struct webhook_overrides *overrides)
{
    bool     saved;
    char     path[PATH_MAX], new_path[PATH_MAX];
    char    *text;
    json_t  *sealed;

    if (!webhook_overrides_path(overrides, "", path)
        || !webhook_overrides_path(overrides, ".new", new_path))
    {
        return false;
    }

    sealed = webhook_overrides_seal(overrides);
    text = json_dumps(sealed, JSON_INDENT(2) | JSON_SORT_KEYS);
    json_decref(sealed);

    saved = text != NULL && webhook_overrides_write(new_path, text)
            && rename(new_path, path) == 0
            && webhook_overrides_sync(overrides->directory);

    free(text);

    return saved;
}


static bool
webhook_overrides_path(const struct webhook_overrides *overrides,
    const char *suffix, char path[PATH_MAX])
{
    int  n;

    n = snprintf(path, PATH_MAX, "%s/%s%s", overrides->directory,
                 WEBHOOK_OVERRIDES_FILE, suffix);

    if (n >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }

    return true;
}


/* NULL after the reason was written */

static json_t *
webhook_overrides_read(const struct webhook_overrides *overrides,
    const char *path)
{
    char        *text;
    size_t       size;
    json_t      *sealed, *urls, *pieces;
    const char  *session;

    text = files_read(path, WEBHOOK_OVERRIDES_MAX, &size);

    if (text == NULL) {
        return NULL;
    }

    sealed = json_loadb(text, size, JSON_REJECT_DUPLICATES, NULL);
    free(text);

    urls = json_is_object(sealed) ? json_object() : NULL;

    json_object_foreach(sealed, session, pieces) {
        if (json_object_set_new(urls, session,
                                webhook_overrides_open(overrides, pieces))
            != 0)
        {
            json_decref(urls);
            urls = NULL;
            break;
        }
    }

    json_decref(sealed);

    if (urls == NULL) {
        fprintf(stderr, "whatsapp-controller: \"%s\" is not what the "
                "controller has written with this seal.key: remove it, and "
                "set the callback URLs again\n", path);
    }

    return urls;
}


/* NULL: they are not the pieces of a URL */

static json_t *
webhook_overrides_open(const struct webhook_overrides *overrides,
    json_t *pieces)
{
    char         url[WHATSAPP_CALLBACK_MAX * 4 + SEAL_DATA_MAX + 1];
    size_t       i, n, len;
    json_t      *piece;
    const char  *text;

    len = 0;

    json_array_foreach(pieces, i, piece) {
        text = json_string_value(piece);

        if (text == NULL || len > sizeof(url) - SEAL_DATA_MAX - 1) {
            return NULL;
        }

        n = seal_open(overrides->seal, SEAL_CALLBACK, text, url + len,
                      SEAL_DATA_MAX);

        if (n == 0) {
            return NULL;
        }

        len += n;
    }

    url[len] = '\0';

    return webhook_url_valid(url) ? json_string(url) : NULL;
}


/* NULL: memory is short */

static json_t *
webhook_overrides_seal(const struct webhook_overrides *overrides)
{
    json_t      *sealed, *url;
    const char  *session;

    sealed = json_object();

    json_object_foreach(overrides->urls, session, url) {
        if (json_object_set_new(sealed, session,
                                webhook_overrides_pieces(overrides->seal,
                                    json_string_value(url)))
            != 0)
        {
            json_decref(sealed);
            return NULL;
        }
    }

    return sealed;
}


static json_t *
webhook_overrides_pieces(const struct seal *seal, const char *url)
{
    char     text[SEAL_TEXT_SIZE];
    size_t   len, n;
    json_t  *pieces;

    pieces = json_array();

    for (len = strlen(url); len != 0; len -= n, url += n) {
        n = len < SEAL_DATA_MAX ? len : SEAL_DATA_MAX;

        if (!seal_close(seal, SEAL_CALLBACK, url, n, text)
            || json_array_append_new(pieces, json_string(text)) != 0)
        {
            json_decref(pieces);
            return NULL;
        }
    }

    return pieces;
}


static bool
webhook_overrides_write(const char *path, const char *text)
{
    int      fd;
    bool     written;
    size_t   len;
    ssize_t  n;

    (void) unlink(path);

    fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd == -1) {
        return false;
    }

    len = strlen(text);
    n = write(fd, text, len);
    written = n == (ssize_t) len && fsync(fd) == 0;

    return close(fd) == 0 && written;
}


static bool
webhook_overrides_sync(const char *directory)
{
    int   fd;
    bool  synced;

    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd == -1) {
        return false;
    }

    synced = fsync(fd) == 0;

    (void) close(fd);

    return synced;
}
