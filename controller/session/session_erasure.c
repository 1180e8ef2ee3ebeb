/*
 * The note is the last file that goes, after what was deleted before has
 * reached the disk.
 */

#include <sys/stat.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/files.h"
#include "base/wipe.h"
#include "chrome/profile.h"
#include "session/session_erasure.h"
#include "session/session_private.h"


#define ERASURE_NOTE  "forget"


static bool session_erasure_path(const char *profile_dir, const char *name,
    char path[PATH_MAX]);
static bool session_erasure_note(const char *profile_dir);
static bool session_erasure_delete(const char *profile_dir,
    const char *tmp_dir);
static bool session_erasure_sync(const char *path);
static bool session_erasure_delete_rest(const char *state_dir,
    const char *runtime_dir, const char *id);


bool
session_erasure_begin(struct session *session)
{
    struct error  error;

    if (!session_erasure_note(session->config.tab.profile_dir)) {
        log_event(session->log, LOG_ERROR, "session_erasure_failed",
                  log_const("session", session->config.id),
                  log_int("errno", errno));
        return false;
    }

    session->erased = true;

    (void) session_check(session, &error);
    session_refuse(session, &error);

    return true;
}


bool
session_erasure_end(struct session *session)
{
    const char  *profile_dir = session->config.tab.profile_dir;

    if (!session_erasure_delete(profile_dir, session->config.tab.tmp_dir)
        || !files_make_directory(profile_dir, 0700, (uid_t) -1, (gid_t) -1))
    {
        log_event(session->log, LOG_ERROR, "session_erasure_failed",
                  log_const("session", session->config.id),
                  log_int("errno", errno));
        return false;
    }

    recipient_cache_clear(session->recipients);
    memset(session->wa_id, 0, sizeof(session->wa_id));
    memset(session->name, 0, sizeof(session->name));
    memset(session->reason, 0, sizeof(session->reason));
    logouts_end(&session->logouts, NULL, clock_ms());

    session->unlinked = true;
    session->erased = false;

    log_event(session->log, LOG_NOTICE, "session_forgotten",
              log_const("session", session->config.id));

    if (session->listener != NULL) {
        session->listener->changed(session->listener_ctx);
    }

    return true;
}


bool
session_erasure_runs(const struct session *session)
{
    return session->erased;
}


bool
session_erasure_resume(const char *state_dir, const char *runtime_dir,
    bool (*ended)(void *ctx, const char *id), void *ctx)
{
    DIR            *dir;
    bool            ok;
    char            path[PATH_MAX];
    struct dirent  *entry;

    if (snprintf(path, sizeof(path), "%s/sessions", state_dir)
        >= (int) sizeof(path))
    {
        return true;
    }

    ok = true;
    dir = opendir(path);

    while (dir != NULL && (entry = readdir(dir)) != NULL) {

        if (snprintf(path, sizeof(path), "%s/sessions/%s/" ERASURE_NOTE,
                     state_dir, entry->d_name)
            >= (int) sizeof(path)
            || access(path, F_OK) != 0)
        {
            continue;
        }

        if (!ended(ctx, entry->d_name)
            || !session_erasure_delete_rest(state_dir, runtime_dir,
                                            entry->d_name))
        {
            fprintf(stderr, "whatsapp-controller: can't delete what session "
                    "%s has left in \"%s/sessions/%s\": %s\n", entry->d_name,
                    state_dir, entry->d_name, strerror(errno));
            ok = false;
        }
    }

    if (dir != NULL) {
        (void) closedir(dir);
    }

    return ok;
}


/* the path of a file beside the profile; name "" is their directory */

static bool
session_erasure_path(const char *profile_dir, const char *name,
    char path[PATH_MAX])
{
    const char  *end;

    end = strrchr(profile_dir, '/');

    if (end == NULL
        || snprintf(path, PATH_MAX, "%.*s%s", (int) (end + 1 - profile_dir),
                    profile_dir, name)
           >= PATH_MAX)
    {
        errno = ENAMETOOLONG;
        return false;
    }

    return true;
}


static bool
session_erasure_note(const char *profile_dir)
{
    int   fd;
    char  path[PATH_MAX], directory[PATH_MAX];

    if (!session_erasure_path(profile_dir, ERASURE_NOTE, path)
        || !session_erasure_path(profile_dir, "", directory))
    {
        return false;
    }

    fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);

    if (fd == -1) {
        return false;
    }

    (void) close(fd);

    return session_erasure_sync(directory);
}


/* false with errno set */

static bool
session_erasure_delete(const char *profile_dir, const char *tmp_dir)
{
    bool             gone;
    char             directory[PATH_MAX];
    struct profile  *profile;

    if (!session_erasure_path(profile_dir, "", directory)) {
        return false;
    }

    profile = profile_create(profile_dir, tmp_dir);

    gone = profile != NULL && profile_lock(profile) && profile_erase(profile)
           && session_erasure_sync(directory);

    profile_destroy(profile);

    if (!gone) {
        return false;
    }

    wipe_directory(directory);

    return rmdir(directory) == 0;
}


static bool
session_erasure_sync(const char *path)
{
    int   fd;
    bool  synced;

    fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd == -1) {
        return false;
    }

    synced = fsync(fd) == 0;

    (void) close(fd);

    return synced;
}


/* the session has no directory on the tmpfs, which a lock takes */

static bool
session_erasure_delete_rest(const char *state_dir, const char *runtime_dir,
    const char *id)
{
    bool  gone;
    char  profile[PATH_MAX], runtime[PATH_MAX], tmp[PATH_MAX];

    if (snprintf(profile, PATH_MAX, "%s/sessions/%s/profile", state_dir, id)
        >= PATH_MAX
        || snprintf(runtime, PATH_MAX, "%s/%s", runtime_dir, id) >= PATH_MAX
        || snprintf(tmp, PATH_MAX, "%s/%s/tmp", runtime_dir, id) >= PATH_MAX)
    {
        errno = ENAMETOOLONG;
        return false;
    }

    if (mkdir(runtime, 0700) != 0 && errno != EEXIST) {
        return false;
    }

    gone = session_erasure_delete(profile, tmp);

    (void) rmdir(runtime);

    return gone;
}
