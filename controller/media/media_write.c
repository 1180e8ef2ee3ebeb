/*
 * Writes media files: bytes are counted against the store's room before they
 * are written, and the type is decided when the file is complete.
 *
 * A file that somebody else writes is taken over when it is complete; its room
 * is reserved before.
 */

#include <sys/stat.h>
#include <sys/statvfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/rand.h>

#include "media/media_private.h"
#include "media/media_write.h"


/* files in the store */

#define MEDIA_FILES_MAX  4096

/*
 * Bytes that are reserved before they arrive: a file that somebody announces
 * but does not send must not take the room of others
 */

#define MEDIA_AHEAD      (2 * 1024 * 1024)


static struct media *media_create(struct media_store *store,
    const char *session, uint64_t expected, struct error *error);
static bool media_admit(struct media *media, struct error *error);
static bool media_admit_whole(struct media *media, uint64_t size,
    struct error *error);
static bool media_has_space(const struct media_store *store, uint64_t size);
static bool media_read_type(struct media *media, const char *path,
    const char *declared, const char *filename);
static bool media_set_filename(struct media *media, const char *filename);
static bool media_is_header(const char *declared);
static bool media_reserve_ahead(struct media_state *state, uint64_t size);
static bool media_open(struct media *media);
static bool media_make_path(struct media *media);
static bool media_write(struct media *media, const uint8_t *data,
    size_t size);


struct media *
media_begin(struct media_store *store, const char *session,
    uint64_t expected, struct error *error)
{
    struct media  *media;

    media = media_create(store, session, expected, error);

    if (media != NULL && !media_admit(media, error)) {
        media_remove(media);
        return NULL;
    }

    return media;
}


struct media *
media_expect(struct media_store *store, const char *session, uint64_t size,
    struct error *error)
{
    struct media  *media;

    media = media_create(store, session, size, error);

    if (media != NULL && !media_admit_whole(media, size, error)) {
        media_remove(media);
        return NULL;
    }

    return media;
}


bool
media_take(struct media *media, const char *path, const char *declared,
    const char *filename, struct error *error)
{
    if (!media_read_type(media, path, declared, filename)
        || !media_make_path(media)
        || rename(path, media->path) != 0)
    {
        return error_set(error, ERROR_MEDIA_FULL,
                         "A file for the media can't be made");
    }

    (void) chmod(media->path, 0600);

    media_close(media->state);

    if (media_is_header(declared)) {
        media->content_type = strdup(declared);
    }

    if (!media_set_filename(media, filename)) {
        *error = error_memory();
        return false;
    }

    return true;
}


static struct media *
media_create(struct media_store *store, const char *session,
    uint64_t expected, struct error *error)
{
    struct media        *media;
    struct media_share  *share;
    struct media_state  *state;

    media = calloc(1, sizeof(struct media));
    state = calloc(1, sizeof(struct media_state));
    share = media_share(store, session);

    if (media == NULL || state == NULL || share == NULL) {
        free(media);
        free(state);
        *error = error_memory();
        return NULL;
    }

    media->session = session;
    media->state = state;

    if (expected > media_store_file_max(store)) {
        expected = media_store_file_max(store);
    }

    state->store = store;
    state->media = media;
    state->share = share;
    state->expected = expected;
    state->holds = 1;
    state->fd = -1;

    TAILQ_INSERT_TAIL(&store->others, state, link);
    store->files++;

    return media;
}


bool
media_append(struct media *media, const void *data, size_t size,
    struct error *error)
{
    size_t               n;
    struct media_state  *state;

    state = media->state;

    if (media->size + size > media_store_file_max(state->store)) {
        return error_set(error, ERROR_MEDIA_TOO_LARGE, NULL);
    }

    if (!media_reserve_ahead(state, media->size + size)
        || !media_write(media, data, size)
        || EVP_DigestUpdate(state->digest, data, size) != 1)
    {
        return error_set(error, ERROR_MEDIA_FULL, NULL);
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
        return error_set(error, ERROR_MEDIA_INVALID, "The file is empty");
    }

    if (document) {
        media_type_document(&media->type, state->head, state->head_size,
                            declared, filename);

    } else if (!media_type_decide(&media->type, state->head,
                                  state->head_size, declared, filename,
                                  error))
    {
        return false;
    }

    if (media->size > media->type.max) {
        return error_set(error, ERROR_MEDIA_TOO_LARGE,
                         media_kind_limit(media->type.kind));
    }

    ok = EVP_DigestFinal_ex(state->digest, media->digest, NULL) == 1;

    media_close(state);

    media_shrink(state);

    if (!media_set_filename(media, filename) || !ok) {
        *error = error_memory();
        return false;
    }

    return true;
}


static bool
media_set_filename(struct media *media, const char *filename)
{
    if (filename == NULL || *filename == '\0') {
        return true;
    }

    media->filename = strndup(filename, MEDIA_FILENAME_SIZE - 1);

    return media->filename != NULL;
}


/* whether a declared type can stand in a header as it is */

static bool
media_is_header(const char *declared)
{
    size_t  i;

    if (declared == NULL || strchr(declared, '/') == NULL) {
        return false;
    }

    for (i = 0; declared[i] != '\0'; i++) {
        if (declared[i] < ' ' || declared[i] > '~') {
            return false;
        }
    }

    return i < MEDIA_TYPE_SIZE;
}


/* takes what a new file needs: room, a slot for writing, its file */

static bool
media_admit(struct media *media, struct error *error)
{
    struct media_state  *state;

    state = media->state;

    if (state->store->files > MEDIA_FILES_MAX
        || !media_has_room(state->store, state->share,
                           state->expected > 0 ? state->expected : 1)
        || !media_reserve_ahead(state, 0))
    {
        return error_set(error, ERROR_MEDIA_FULL, NULL);
    }

    state->writing = media_open_slot(state->store, state->share);

    if (!state->writing) {
        return error_set(error, ERROR_QUEUE_FULL, "Too many files are on "
                         "their way");
    }

    state->digest = EVP_MD_CTX_new();

    if (state->digest == NULL
        || EVP_DigestInit_ex(state->digest, EVP_sha256(), NULL) != 1
        || RAND_bytes(media->name, sizeof(media->name)) != 1
        || !media_open(media))
    {
        return error_set(error, ERROR_MEDIA_FULL,
                         "A file for the media can't be made");
    }

    return true;
}


/* takes what a file of size bytes needs that somebody else writes */

static bool
media_admit_whole(struct media *media, uint64_t size, struct error *error)
{
    struct media_state  *state;

    state = media->state;

    if (size > media_store_file_max(state->store)) {
        return error_set(error, ERROR_MEDIA_DOWNLOAD,
                         "The file is larger than this server takes");
    }

    if (state->store->files > MEDIA_FILES_MAX
        || !media_has_space(state->store, size)
        || !media_reserve(state, size))
    {
        return error_set(error, ERROR_MEDIA_FULL, NULL);
    }

    state->writing = media_open_slot(state->store, state->share);

    if (!state->writing) {
        return error_set(error, ERROR_QUEUE_FULL, "Too many files are on "
                         "their way");
    }

    return RAND_bytes(media->name, sizeof(media->name)) == 1
           || error_set(error, ERROR_MEDIA_FULL,
                        "A file for the media can't be made");
}


/* the store is not the only user of the tmpfs */

static bool
media_has_space(const struct media_store *store, uint64_t size)
{
    struct statvfs  fs;

    return statvfs(store->config.runtime_dir, &fs) != 0
           || size / fs.f_frsize < fs.f_bavail;
}


/* reads the size of a file, too; false: it is not there, or of another size */

static bool
media_read_type(struct media *media, const char *path, const char *declared,
    const char *filename)
{
    int           fd;
    ssize_t       n;
    uint8_t       head[MEDIA_TYPE_HEAD];
    struct stat   st;
    struct error  error;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOFOLLOW);

    if (fd == -1) {
        return false;
    }

    n = read(fd, head, sizeof(head));

    if (n < 0 || fstat(fd, &st) != 0 || !S_ISREG(st.st_mode)
        || (uint64_t) st.st_size != media->state->expected)
    {
        (void) close(fd);
        return false;
    }

    (void) close(fd);

    media->size = (uint64_t) st.st_size;

    if (!media_type_decide(&media->type, head, (size_t) n, declared, filename,
                           &error))
    {
        media_type_document(&media->type, head, (size_t) n, declared,
                            filename);
    }

    return true;
}


/* reserves room for size bytes, and for some of those that are to follow */

static bool
media_reserve_ahead(struct media_state *state, uint64_t size)
{
    uint64_t  ahead;

    ahead = size + MEDIA_AHEAD;
    ahead = ahead < state->expected ? ahead : state->expected;

    return (ahead > size && media_reserve(state, ahead))
           || media_reserve(state, size);
}


static bool
media_open(struct media *media)
{
    struct media_state  *state;

    state = media->state;

    if (!media_make_path(media)) {
        return false;
    }

    state->fd = open(media->path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
                     | O_NOFOLLOW, 0600);

    return state->fd != -1;
}


/* makes the directory of the session's files, and the name of one in it */

static bool
media_make_path(struct media *media)
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

    media->path = strdup(path);

    return media->path != NULL;
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

        /* the tmpfs may be full: the store is not its only user */

        if (n <= 0) {
            return false;
        }

        media->size += (uint64_t) n;
    }

    return true;
}
