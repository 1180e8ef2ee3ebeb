/*
 * Media files: counted references, one of them the store's own while a file
 * can be found.
 */

#include <sys/queue.h>
#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>
#include <openssl/rand.h>

#include "base/clock.h"
#include "media/media.h"


#define MEDIA_FILES_MAX  4096
#define MEDIA_DIR        "media"


struct media_state {
    TAILQ_ENTRY(media_state)  link;        /* all, or by age when published */
    struct media_store       *store;
    struct media             *media;
    uint64_t                  taken;       /* bytes of the store's room */
    unsigned                  holds;
    bool                      published;
    uint64_t                  expires;     /* ms */
    int                       fd;          /* while it is written, or -1 */
    EVP_MD_CTX               *digest;
    size_t                    head_size;
    uint8_t                   head[MEDIA_TYPE_HEAD];
};


TAILQ_HEAD(media_list, media_state);


struct media_store {
    struct media_config   config;
    struct media_list     published;    /* the oldest first */
    struct media_list     others;
    size_t                files;
    uint64_t              used;         /* bytes, those set aside too */
    struct event         *timer;
};


static bool media_take(struct media_state *state, uint64_t size);
static bool media_decide(struct media *media, const char *declared,
    const char *filename, struct error *error);
static bool media_open(struct media *media);
static bool media_write(struct media *media, const uint8_t *data,
    size_t size);
static void media_close(struct media_state *state);
static void media_remove(struct media *media);
static void media_watch(struct media_store *store);
static void media_on_timer(int fd, short what, void *ctx);
static void media_wipe_directory(const char *path);
static bool media_say(struct error *error, enum error_code code,
    const char *message);


struct media_store *
media_store_create(struct event_base *base,
    const struct media_config *config)
{
    struct media_store  *store;

    store = calloc(1, sizeof(struct media_store));

    if (store == NULL) {
        return NULL;
    }

    store->config = *config;
    store->timer = evtimer_new(base, media_on_timer, store);

    TAILQ_INIT(&store->published);
    TAILQ_INIT(&store->others);

    if (store->timer == NULL) {
        free(store);
        return NULL;
    }

    return store;
}


void
media_store_destroy(struct media_store *store)
{
    struct media_state  *state;

    if (store == NULL) {
        return;
    }

    while ((state = TAILQ_FIRST(&store->published)) != NULL) {
        media_delete(state->media);
    }

    while ((state = TAILQ_FIRST(&store->others)) != NULL) {
        media_remove(state->media);
    }

    event_free(store->timer);
    free(store);
}


void
media_store_wipe(const char *runtime_dir)
{
    DIR            *dir;
    char            path[PATH_MAX];
    struct dirent  *entry;

    dir = opendir(runtime_dir);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {

        if (strspn(entry->d_name, "0123456789") != strlen(entry->d_name)) {
            continue;
        }

        if (snprintf(path, sizeof(path), "%s/%s/" MEDIA_DIR, runtime_dir,
                     entry->d_name)
            < (int) sizeof(path))
        {
            media_wipe_directory(path);
        }
    }

    if (dir != NULL) {
        (void) closedir(dir);
    }
}


uint64_t
media_store_file_max(const struct media_store *store)
{
    return store->config.file_max;
}


uint64_t
media_store_used(const struct media_store *store)
{
    return store->used;
}


size_t
media_store_files(const struct media_store *store)
{
    return store->files;
}


uint64_t
media_store_max(const struct media_store *store)
{
    return store->config.max;
}


struct media *
media_begin(struct media_store *store, const char *session,
    uint64_t expected, struct error *error)
{
    struct media        *media;
    struct media_state  *state;

    media = calloc(1, sizeof(struct media));
    state = calloc(1, sizeof(struct media_state));

    if (media == NULL || state == NULL) {
        free(media);
        free(state);
        *error = error_memory();
        return NULL;
    }

    media->session = session;
    media->state = state;

    state->store = store;
    state->media = media;
    state->holds = 1;
    state->fd = -1;
    state->digest = EVP_MD_CTX_new();

    TAILQ_INSERT_TAIL(&store->others, state, link);
    store->files++;

    if (expected > store->config.file_max) {
        expected = store->config.file_max;
    }

    if (store->files > MEDIA_FILES_MAX || store->used == store->config.max
        || !media_take(state, expected))
    {
        media_remove(media);
        *error = error_make(ERROR_MEDIA_FULL);
        return NULL;
    }

    if (state->digest == NULL
        || EVP_DigestInit_ex(state->digest, EVP_sha256(), NULL) != 1
        || RAND_bytes(media->name, sizeof(media->name)) != 1
        || !media_open(media))
    {
        media_remove(media);
        *error = error_say(ERROR_MEDIA_FULL,
                           "A file for the media can't be made");
        return NULL;
    }

    return media;
}


bool
media_append(struct media *media, const void *data, size_t size,
    struct error *error)
{
    size_t               n;
    struct media_state  *state;

    state = media->state;

    if (size > state->store->config.file_max - media->size) {
        return media_say(error, ERROR_MEDIA_TOO_LARGE, NULL);
    }

    if (!media_take(state, media->size + size)
        || !media_write(media, data, size)
        || EVP_DigestUpdate(state->digest, data, size) != 1)
    {
        return media_say(error, ERROR_MEDIA_FULL, NULL);
    }

    n = MEDIA_TYPE_HEAD - state->head_size;
    n = n < size ? n : size;

    memcpy(state->head + state->head_size, data, n);
    state->head_size += n;

    return true;
}


bool
media_end(struct media *media, const char *declared, const char *filename,
    bool document, struct error *error)
{
    bool                 ok;
    struct media_state  *state;

    state = media->state;

    if (media->size == 0) {
        return media_say(error, ERROR_MEDIA_INVALID, "The file is empty");
    }

    if (document) {
        media_type_document(&media->type, state->head, state->head_size,
                            declared, filename);

    } else if (!media_decide(media, declared, filename, error)) {
        return false;
    }

    if (media->size > media->type.max) {
        return media_say(error, ERROR_MEDIA_TOO_LARGE,
                         media_kind_limit(media->type.kind));
    }

    ok = EVP_DigestFinal_ex(state->digest, media->digest, NULL) == 1;

    media_close(state);

    state->store->used -= state->taken - media->size;
    state->taken = media->size;

    if (filename != NULL && *filename != '\0') {
        media->filename = strndup(filename, MEDIA_FILENAME_SIZE - 1);
        ok = ok && media->filename != NULL;
    }

    if (!ok) {
        *error = error_memory();
    }

    return ok;
}


void
media_publish(struct media *media)
{
    struct media_state  *state;
    struct media_store  *store;

    state = media->state;
    store = state->store;

    state->published = true;
    state->holds++;
    state->expires = clock_ms() + store->config.ttl_ms;

    TAILQ_REMOVE(&store->others, state, link);
    TAILQ_INSERT_TAIL(&store->published, state, link);

    media_watch(store);
}


struct media *
media_hold(struct media_store *store, const uint8_t name[MEDIA_NAME_SIZE])
{
    struct media_state  *state;

    TAILQ_FOREACH(state, &store->published, link) {

        if (memcmp(state->media->name, name, MEDIA_NAME_SIZE) != 0) {
            continue;
        }

        if (state->expires <= clock_ms()) {
            return NULL;
        }

        state->holds++;

        return state->media;
    }

    return NULL;
}


void
media_delete(struct media *media)
{
    struct media_state  *state;
    struct media_store  *store;

    state = media->state;
    store = state->store;

    if (!state->published) {
        return;
    }

    state->published = false;

    TAILQ_REMOVE(&store->published, state, link);
    TAILQ_INSERT_TAIL(&store->others, state, link);

    media_release(media);
}


void
media_release(struct media *media)
{
    if (--media->state->holds == 0) {
        media_remove(media);
    }
}


/* sees to it that the file has room for size bytes in all */

static bool
media_take(struct media_state *state, uint64_t size)
{
    uint64_t             more;
    struct media_store  *store;

    store = state->store;
    more = size > state->taken ? size - state->taken : 0;

    if (more > store->config.max - store->used) {
        return false;
    }

    state->taken += more;
    store->used += more;

    return true;
}


static bool
media_decide(struct media *media, const char *declared,
    const char *filename, struct error *error)
{
    const struct media_state  *state = media->state;

    switch (media_type_decide(&media->type, state->head, state->head_size,
                              declared, filename))
    {
    case MEDIA_TYPE_OK:
        return true;

    case MEDIA_TYPE_UNSUPPORTED:
        return media_say(error, ERROR_MEDIA_INVALID,
                         "WhatsApp takes no media of this type");

    default: /* MEDIA_TYPE_MISMATCH */
        return media_say(error, ERROR_MEDIA_INVALID,
                         "The file is not of the type that it is said to be");
    }
}


static bool
media_open(struct media *media)
{
    int                  n;
    char                 path[PATH_MAX];
    size_t               i, used;
    struct media_state  *state;

    state = media->state;

    n = snprintf(path, sizeof(path), "%s/%s/" MEDIA_DIR,
                 state->store->config.runtime_dir, media->session);

    if (n < 0 || (size_t) n + MEDIA_NAME_SIZE * 2 + 2 > sizeof(path)
        || (mkdir(path, 0700) != 0 && errno != EEXIST))
    {
        return false;
    }

    used = (size_t) n;
    path[used++] = '/';

    for (i = 0; i < MEDIA_NAME_SIZE; i++) {
        used += (size_t) snprintf(path + used, sizeof(path) - used, "%02x",
                                  media->name[i]);
    }

    state->fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
                     | O_NOFOLLOW, 0600);

    if (state->fd == -1) {
        return false;
    }

    media->path = strdup(path);

    if (media->path == NULL) {
        (void) unlink(path);
        return false;
    }

    return true;
}


static bool
media_write(struct media *media, const uint8_t *data, size_t size)
{
    size_t   done;
    ssize_t  n;

    for (done = 0; done < size; done += (size_t) n) {
        n = write(media->state->fd, data + done, size - done);

        if (n == -1 && errno == EINTR) {
            n = 0;
            continue;
        }

        /* ENOSPC: others may use this tmpfs too */

        if (n <= 0) {
            return false;
        }

        media->size += (uint64_t) n;
    }

    return true;
}


static void
media_close(struct media_state *state)
{
    if (state->fd != -1) {
        (void) close(state->fd);
        state->fd = -1;
    }

    EVP_MD_CTX_free(state->digest);
    state->digest = NULL;
}


static void
media_remove(struct media *media)
{
    struct media_state  *state;
    struct media_store  *store;

    state = media->state;
    store = state->store;

    media_close(state);

    if (media->path != NULL) {
        (void) unlink(media->path);
    }

    TAILQ_REMOVE(&store->others, state, link);

    store->files--;
    store->used -= state->taken;

    free(media->path);
    free(media->filename);
    free(media);
    free(state);
}


/* all have the same time to live: the first one is the first to go */

static void
media_watch(struct media_store *store)
{
    uint64_t             now, left;
    struct timeval       tv;
    struct media_state  *state;

    state = TAILQ_FIRST(&store->published);

    if (state == NULL) {
        (void) evtimer_del(store->timer);
        return;
    }

    now = clock_ms();
    left = state->expires > now ? state->expires - now : 0;

    tv.tv_sec = (time_t) (left / 1000);
    tv.tv_usec = (suseconds_t) (left % 1000 * 1000);

    (void) evtimer_add(store->timer, &tv);
}


static void
media_on_timer(int fd, short what, void *ctx)
{
    uint64_t             now;
    struct media_state  *state;
    struct media_store  *store = ctx;

    (void) fd;
    (void) what;

    now = clock_ms();

    while ((state = TAILQ_FIRST(&store->published)) != NULL
           && state->expires <= now)
    {
        media_delete(state->media);
    }

    media_watch(store);
}


static void
media_wipe_directory(const char *path)
{
    DIR            *dir;
    struct dirent  *entry;

    dir = opendir(path);

    if (dir == NULL) {
        return;
    }

    while ((entry = readdir(dir)) != NULL) {
        if (strcmp(entry->d_name, ".") != 0
            && strcmp(entry->d_name, "..") != 0)
        {
            (void) unlinkat(dirfd(dir), entry->d_name, 0);
        }
    }

    (void) closedir(dir);
    (void) rmdir(path);
}


static bool
media_say(struct error *error, enum error_code code, const char *message)
{
    *error = error_say(code, message);

    return false;
}
