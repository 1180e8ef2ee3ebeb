/*
 * Reads files, and makes and checks directories, at the start.
 */

#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/vfs.h>

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <linux/magic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/files.h"
#include "base/program.h"


#define FILES_SECRET_MIN  16
#define FILES_SECRET_MAX  4096


/* rights that nobody but the owner may have to a file with secrets */

#define FILES_PRIVATE  (S_IWGRP | S_IRWXO)


static char *files_read_checked(const char *path, size_t max,
    const uid_t *uid, size_t *size);
static bool files_check_owner(const char *path, const struct stat *st,
    const uid_t *uid);
static bool files_check_mode(const char *path, mode_t mode, mode_t most);
static bool files_read_fd(int fd, char *to, size_t size, size_t *got);


char *
files_read(const char *path, size_t max, size_t *size)
{
    return files_read_checked(path, max, NULL, size);
}


char *
files_read_private(const char *path, size_t max, uid_t uid, size_t *size)
{
    return files_read_checked(path, max, &uid, size);
}


bool
files_check_private(const char *path, uid_t uid)
{
    struct stat  st;

    if (stat(path, &st) != 0) {
        fprintf(stderr, "whatsapp-controller: can't examine \"%s\": %s\n",
                path, strerror(errno));
        return false;
    }

    return files_check_owner(path, &st, &uid);
}


char *
files_read_secret(const char *path)
{
    char    *text, *p;
    size_t   size;

    text = files_read(path, FILES_SECRET_MAX + 2, &size);

    if (text == NULL) {
        return NULL;
    }

    if (size > 0 && text[size - 1] == '\n') {
        text[--size] = '\0';
    }

    if (size > 0 && text[size - 1] == '\r') {
        text[--size] = '\0';
    }

    for (p = text; *p > ' ' && *p <= '~'; p++) { /* void */ }

    if ((size_t) (p - text) != size
        || size < FILES_SECRET_MIN || size > FILES_SECRET_MAX)
    {
        fprintf(stderr, "%s: the secret in \"%s\" must be one line of %d to "
                "%d visible ASCII characters\n", program_name, path,
                FILES_SECRET_MIN, FILES_SECRET_MAX);
        free(text);
        return NULL;
    }

    return text;
}


bool
files_make_directory(const char *path, mode_t mode, uid_t uid, gid_t gid)
{
    char         part[PATH_MAX];
    char        *slash;
    struct stat  st;

    if (stat(path, &st) == 0 && S_ISDIR(st.st_mode)) {
        return files_check_mode(path, st.st_mode & 0777, mode);
    }

    if (strlen(path) >= sizeof(part)) {
        errno = ENAMETOOLONG;
        goto failed;
    }

    strcpy(part, path);

    for (slash = strchr(part + 1, '/');
         slash != NULL;
         slash = strchr(slash + 1, '/'))
    {
        *slash = '\0';

        if (mkdir(part, 0755) == 0) {
            (void) chmod(part, 0755);

        } else if (errno != EEXIST) {
            goto failed;
        }

        *slash = '/';
    }

    if (mkdir(path, 0700) != 0
        || chmod(path, mode) != 0 || lchown(path, uid, gid) != 0)
    {
        goto failed;
    }

    return true;

failed:

    fprintf(stderr, "whatsapp-controller: can't make directory \"%s\": %s\n",
            path, strerror(errno));

    return false;
}


bool
files_check_program(const char *path)
{
    struct stat  st;

    errno = EACCES;

    if (stat(path, &st) != 0 || !S_ISREG(st.st_mode)
        || access(path, X_OK) != 0)
    {
        fprintf(stderr, "whatsapp-controller: can't run \"%s\": %s\n", path,
                strerror(errno));
        return false;
    }

    return true;
}


bool
files_check_tmpfs(const char *path)
{
    struct statfs  fs;

    if (statfs(path, &fs) != 0) {
        fprintf(stderr, "whatsapp-controller: can't examine \"%s\": %s\n",
                path, strerror(errno));
        return false;
    }

    if (fs.f_type != TMPFS_MAGIC && fs.f_type != RAMFS_MAGIC) {
        fprintf(stderr, "whatsapp-controller: --runtime-dir \"%s\" is not "
                "on a tmpfs: what the browser writes there must not reach a "
                "disk. Mount a tmpfs there, or name a directory of one, as "
                "/dev/shm/whatsapp-controller\n", path);
        return false;
    }

    return true;
}


uint64_t
files_room(const char *path)
{
    struct statvfs  fs;

    if (statvfs(path, &fs) != 0) {
        return UINT64_MAX;
    }

    return (uint64_t) fs.f_bavail * fs.f_frsize;
}


bool
files_check_writable(const char *path)
{
    if (access(path, R_OK | W_OK | X_OK) != 0) {
        fprintf(stderr, "whatsapp-controller: can't write in directory "
                "\"%s\": %s, it must belong to the user with the number "
                "%lu (chown %lu)\n", path, strerror(errno),
                (unsigned long) geteuid(), (unsigned long) geteuid());
        return false;
    }

    return true;
}


/* uid is that of files_read_private, NULL for any other file */

static char *
files_read_checked(const char *path, size_t max, const uid_t *uid,
    size_t *size)
{
    int          fd;
    char        *text;
    struct stat  st;

    text = NULL;

    /* O_NONBLOCK: to open a fifo would wait for its writer */

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY | O_NONBLOCK);

    if (fd == -1 || fstat(fd, &st) != 0) {
        fprintf(stderr, "%s: can't read \"%s\": %s\n", program_name, path,
                strerror(errno));

    } else if (!S_ISREG(st.st_mode)) {
        fprintf(stderr, "%s: \"%s\" is not a regular file\n", program_name,
                path);

    } else if (st.st_size == 0 || (uint64_t) st.st_size > max) {
        fprintf(stderr, "%s: \"%s\" is empty or larger than %zu bytes\n",
                program_name, path, max);

    } else if (files_check_owner(path, &st, uid)) {
        text = malloc((size_t) st.st_size + 1);

        if (text == NULL
            || !files_read_fd(fd, text, (size_t) st.st_size, size))
        {
            fprintf(stderr, "%s: can't read \"%s\": %s\n", program_name, path,
                    strerror(errno));
            free(text);
            text = NULL;
        }
    }

    if (fd != -1) {
        (void) close(fd);
    }

    return text;
}


static bool
files_check_owner(const char *path, const struct stat *st, const uid_t *uid)
{
    if (uid == NULL) {
        return true;
    }

    if (st->st_uid != 0 && st->st_uid != *uid && *uid != (uid_t) -1) {
        fprintf(stderr, "whatsapp-controller: \"%s\" holds secrets: it must "
                "belong to root or to the controller's user\n", path);
        return false;
    }

    if ((st->st_mode & FILES_PRIVATE) != 0) {
        fprintf(stderr, "whatsapp-controller: \"%s\" holds secrets, and has "
                "mode %04o: it must be 0640 or less (chmod 0640)\n", path,
                (unsigned) st->st_mode & 07777);
        return false;
    }

    return true;
}


/* the mode is not corrected: others may need a directory named by mistake */

static bool
files_check_mode(const char *path, mode_t mode, mode_t most)
{
    if ((mode & ~most) == 0) {
        return true;
    }

    fprintf(stderr, "whatsapp-controller: directory \"%s\" has mode %04o, "
            "which lets others in: it must be %04o or less (chmod %04o)\n",
            path, (unsigned) mode, (unsigned) most, (unsigned) most);

    return false;
}


static bool
files_read_fd(int fd, char *to, size_t size, size_t *got)
{
    ssize_t  n;

    for (*got = 0; *got < size; *got += (size_t) n) {
        n = read(fd, to + *got, size - *got);

        if (n == 0) {
            break;
        }

        if (n == -1) {
            return false;
        }
    }

    to[*got] = '\0';

    return true;
}
