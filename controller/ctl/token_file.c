/*
 * The file of tokens is replaced by renaming: nginx, which may read it at any
 * moment, sees the old file or the new one, and so does who comes after a
 * crash.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/files.h"
#include "base/lock.h"
#include "base/program.h"
#include "ctl/token_file.h"


#define TOKEN_FILE_LOCK    ".whatsapp-tokens.lock"
#define TOKEN_FILE_NEW     ".whatsapp-tokens.new"
#define TOKEN_FILE_TRIES   250
#define TOKEN_FILE_WAIT    20000000    /* ns */


static bool token_file_path(struct token_file *file, const char *path);
static bool token_file_lock(struct token_file *file);
static bool token_file_write(const struct token_file *file, int fd,
    const char *text, size_t size);
static bool token_file_fail(const char *path, const char *what);


char *
token_file_read(const char *path, size_t *size)
{
    struct stat  st;

    *size = 0;

    if (stat(path, &st) == 0 ? st.st_size == 0 && S_ISREG(st.st_mode)
                             : errno == ENOENT)
    {
        return strdup("");
    }

    return files_read(path, TOKEN_FILE_MAX, size);
}


bool
token_file_open(struct token_file *file, const char *path)
{
    memset(file, 0, sizeof(struct token_file));

    file->dir_fd = -1;
    file->lock_fd = -1;

    if (!token_file_path(file, path) || !token_file_lock(file)) {
        token_file_close(file);
        return false;
    }

    file->text = token_file_read(file->path, &file->size);

    if (file->text == NULL) {
        token_file_close(file);
        return false;
    }

    return true;
}


/* a link to the file stays one */

static bool
token_file_path(struct token_file *file, const char *path)
{
    char  *slash;

    file->path = realpath(path, NULL);

    if (file->path == NULL && errno == ENOENT) {
        file->path = strdup(path);
    }

    if (file->path == NULL) {
        return token_file_fail(path, "find");
    }

    slash = strrchr(file->path, '/');

    if (slash == NULL) {
        file->name = file->path;
        file->dir_fd = open(".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    } else {
        file->name = slash + 1;
        *slash = '\0';
        file->dir_fd = open(slash == file->path ? "/" : file->path,
                            O_RDONLY | O_DIRECTORY | O_CLOEXEC);
        *slash = '/';
    }

    return file->dir_fd != -1 || token_file_fail(file->path, "change");
}


/* waits a while for another whatsapp-ctl */

static bool
token_file_lock(struct token_file *file)
{
    unsigned  i;

    static const struct timespec  wait = { 0, TOKEN_FILE_WAIT };

    for (i = 0; i < TOKEN_FILE_TRIES; i++) {
        file->lock_fd = lock_take(file->dir_fd, TOKEN_FILE_LOCK);

        if (file->lock_fd != -1) {
            return true;
        }

        if (errno != EWOULDBLOCK) {
            break;
        }

        (void) nanosleep(&wait, NULL);
    }

    return token_file_fail(file->path, "lock");
}


bool
token_file_replace(const struct token_file *file, const char *text,
    size_t size)
{
    int   fd;
    bool  ok;

    /* one that a killed whatsapp-ctl has left, as this one has the lock */

    (void) unlinkat(file->dir_fd, TOKEN_FILE_NEW, 0);

    fd = openat(file->dir_fd, TOKEN_FILE_NEW, O_WRONLY | O_CREAT | O_EXCL
                | O_NOFOLLOW | O_CLOEXEC, 0600);

    if (fd == -1) {
        return token_file_fail(file->path, "change");
    }

    ok = token_file_write(file, fd, text, size)
         && renameat(file->dir_fd, TOKEN_FILE_NEW, file->dir_fd, file->name)
            == 0;

    if (!ok) {
        (void) token_file_fail(file->path, "change");
        (void) unlinkat(file->dir_fd, TOKEN_FILE_NEW, 0);
    }

    (void) close(fd);

    if (ok) {
        (void) fsync(file->dir_fd);
    }

    return ok;
}


static bool
token_file_write(const struct token_file *file, int fd, const char *text,
    size_t size)
{
    ssize_t      n;
    struct stat  st;

    if (fstatat(file->dir_fd, file->name, &st, 0) == 0
        && (fchown(fd, st.st_uid, st.st_gid) != 0
            || fchmod(fd, st.st_mode & 0777) != 0))
    {
        return false;
    }

    while (size > 0) {
        n = write(fd, text, size);

        if (n <= 0) {
            return false;
        }

        text += n;
        size -= (size_t) n;
    }

    return fsync(fd) == 0;
}


void
token_file_close(struct token_file *file)
{
    if (file->lock_fd != -1) {
        lock_drop(file->dir_fd, TOKEN_FILE_LOCK, file->lock_fd);
    }

    if (file->dir_fd != -1) {
        (void) close(file->dir_fd);
    }

    free(file->text);
    free(file->path);
}


/* returns false */

static bool
token_file_fail(const char *path, const char *what)
{
    int  error = errno;

    fprintf(stderr, "%s: can't %s \"%s\": %s%s\n", program_name, what, path,
            error == EWOULDBLOCK ? "another whatsapp-ctl changes it"
                                 : strerror(error),
            error == EACCES || error == EPERM ? "; run this as root"
            : error == ENOENT ? "; name the file of whatsapp_tokens by "
                                "--tokens" : "");

    return false;
}
