/*
 * Sessions share the store's room, and the files that may be open at once: a
 * session that would hold more than it leaves free is refused.  So one alone
 * gets half, two that want all get a third each, and something is always left
 * for the next one.
 *
 * The store counts the holds of each file.  A published file has one hold
 * more, the store's own, which ends with its time to live or by media_delete.
 */

#include <sys/queue.h>

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/wipe.h"
#include "media/media_private.h"


static bool media_shared(const struct media_store *store);
static void media_close_slot(struct media_store *store,
    struct media_share *share);
static void media_watch(struct media_store *store);
static void media_on_timer(int fd, short what, void *ctx);


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
    LIST_INIT(&store->shares);

    if (store->timer == NULL) {
        free(store);
        return NULL;
    }

    return store;
}


void
media_store_change(struct media_store *store, uint64_t ttl_ms, uint64_t max,
    uint64_t file_max)
{
    store->config.ttl_ms = ttl_ms;
    store->config.max = max;
    store->config.file_max = file_max;
}


void
media_store_destroy(struct media_store *store)
{
    struct media_share  *share;
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

    while ((share = LIST_FIRST(&store->shares)) != NULL) {
        LIST_REMOVE(share, link);
        free(share);
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
            wipe_directory(path);
            (void) rmdir(path);
        }
    }

    if (dir != NULL) {
        (void) closedir(dir);
    }
}


uint64_t
media_store_file_max(const struct media_store *store)
{
    uint64_t  room;

    room = store->config.max / (media_shared(store) ? 2 : 1);

    return store->config.file_max < room ? store->config.file_max : room;
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
media_keep(struct media *media)
{
    media->state->holds++;
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
media_store_forget(struct media_store *store, const char *session)
{
    struct media_state  *state, *next;

    for (state = TAILQ_FIRST(&store->published); state != NULL; state = next) {
        next = TAILQ_NEXT(state, link);

        if (strcmp(state->media->session, session) == 0) {
            media_delete(state->media);
        }
    }

    media_watch(store);
}


void
media_release(struct media *media)
{
    if (--media->state->holds == 0) {
        media_remove(media);
    }
}


bool
media_begin_read(struct media *media)
{
    return media_open_slot(media->state->store, media->state->share);
}


void
media_end_read(struct media *media)
{
    media_close_slot(media->state->store, media->state->share);
}


struct media_share *
media_share(struct media_store *store, const char *session)
{
    struct media_share  *share;

    LIST_FOREACH(share, &store->shares, link) {
        if (strcmp(share->session, session) == 0) {
            return share;
        }
    }

    share = calloc(1, sizeof(struct media_share));

    if (share != NULL) {
        share->session = session;
        LIST_INSERT_HEAD(&store->shares, share, link);
    }

    return share;
}


bool
media_has_room(const struct media_store *store,
    const struct media_share *share, uint64_t more)
{
    uint64_t  left;

    left = store->config.max > store->used
           ? store->config.max - store->used : 0;

    return more <= left
           && (!media_shared(store) || share->used + more <= left - more);
}


bool
media_reserve(struct media_state *state, uint64_t size)
{
    uint64_t             more;
    struct media_store  *store;

    store = state->store;
    more = size > state->reserved ? size - state->reserved : 0;

    if (more != 0 && !media_has_room(store, state->share, more)) {
        return false;
    }

    state->reserved += more;
    state->share->used += more;
    store->used += more;

    return true;
}


void
media_shrink(struct media_state *state)
{
    uint64_t  less;

    less = state->reserved - state->media->size;

    state->reserved -= less;
    state->share->used -= less;
    state->store->used -= less;
}


bool
media_open_slot(struct media_store *store, struct media_share *share)
{
    size_t  left;

    left = MEDIA_OPEN_MAX - store->open;

    if (left == 0 || (media_shared(store) && share->open + 1 > left - 1)) {
        return false;
    }

    share->open++;
    store->open++;

    return true;
}


void
media_close(struct media_state *state)
{
    if (state->fd != -1) {
        (void) close(state->fd);
        state->fd = -1;
    }

    if (state->writing) {
        state->writing = false;
        media_close_slot(state->store, state->share);
    }

    EVP_MD_CTX_free(state->digest);
    state->digest = NULL;
}


void
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
    store->used -= state->reserved;
    state->share->used -= state->reserved;

    free(media->path);
    free(media->filename);
    free(media->content_type);
    free(media);
    free(state);
}


/* whether sessions have to share the store */

static bool
media_shared(const struct media_store *store)
{
    return store->config.sessions != NULL
           && store->config.sessions(store->config.ctx) > 1;
}


static void
media_close_slot(struct media_store *store, struct media_share *share)
{
    share->open--;
    store->open--;
}


/* the first of the published files is the first to expire */

static void
media_watch(struct media_store *store)
{
    uint64_t             now;
    struct timeval       tv;
    struct media_state  *state;

    state = TAILQ_FIRST(&store->published);

    if (state == NULL) {
        (void) evtimer_del(store->timer);
        return;
    }

    now = clock_ms();
    tv = clock_timeval(state->expires > now ? state->expires - now : 0);

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
