/*
 * Opens the listening socket, unix or TCP, or takes over one that the process
 * was given (inherited.c).
 */

#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <errno.h>
#include <fcntl.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "http/inherited.h"
#include "http/listener.h"


#define LISTENER_BACKLOG  511


static int listener_lock(const char *path);
static int listener_bind(const char *path, const struct sockaddr_un *sun);
static int listener_inherit(const char *path, const struct sockaddr_un *sun);
static bool listener_own(const char *path, uid_t uid, gid_t gid);
static int listener_bind_tcp(const struct addrinfo *info);
static bool listener_clear(const char *path, const struct sockaddr_un *sun);
static int listener_start(int fd, const struct sockaddr *address,
    socklen_t len);


int
listener_open_unix(const char *path, uid_t uid, gid_t gid, bool *inherited)
{
    int                 fd, lock;
    struct sockaddr_un  sun;

    memset(&sun, 0, sizeof(sun));
    sun.sun_family = AF_UNIX;
    strncpy(sun.sun_path, path, sizeof(sun.sun_path) - 1);

    lock = listener_lock(path);

    if (lock == -1) {
        return -1;
    }

    fd = listener_inherit(path, &sun);
    *inherited = fd != -1;

    if (!*inherited && listener_clear(path, &sun)) {
        fd = listener_bind(path, &sun);
    }

    (void) close(lock);

    if (fd == -1 || listener_own(path, uid, gid)) {
        return fd;
    }

    if (!*inherited) {
        (void) unlink(path);
    }

    (void) close(fd);

    return -1;
}


/*
 * Two controllers that start at once would each take the other's new socket
 * for that of a dead one.  A lock on the directory, which leaves no file,
 * makes them start one after the other.
 */

static int
listener_lock(const char *path)
{
    int     fd;
    char    directory[sizeof(((struct sockaddr_un *) 0)->sun_path)];
    size_t  len;
    char   *slash;

    len = strlen(path);

    if (len >= sizeof(directory)) {
        fprintf(stderr, "whatsapp-controller: \"%s\" is too long\n", path);
        return -1;
    }

    memcpy(directory, path, len + 1);
    slash = strrchr(directory, '/');

    if (slash == NULL) {
        memcpy(directory, ".", 2);

    } else {
        slash[slash == directory] = '\0';
    }

    fd = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd == -1 || flock(fd, LOCK_EX) != 0) {
        fprintf(stderr, "whatsapp-controller: can't lock \"%s\": %s\n",
                directory, strerror(errno));

        if (fd != -1) {
            (void) close(fd);
        }

        return -1;
    }

    return fd;
}


static int
listener_bind(const char *path, const struct sockaddr_un *sun)
{
    int     fd;
    mode_t  mask;

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        fprintf(stderr, "whatsapp-controller: socket: %s\n",
                strerror(errno));
        return -1;
    }

    /* by the umask the mode is right from the beginning, without a chmod */

    mask = umask(0117);
    fd = listener_start(fd, (const struct sockaddr *) sun, sizeof(*sun));
    (void) umask(mask);

    if (fd == -1) {
        fprintf(stderr, "whatsapp-controller: can't listen on \"%s\": %s\n",
                path, strerror(errno));
    }

    return fd;
}


/* a socket whose file was removed is of no use: nobody can connect to it */

static int
listener_inherit(const char *path, const struct sockaddr_un *sun)
{
    int          fd;
    struct stat  st;

    fd = inherited_take((const struct sockaddr *) sun, sizeof(*sun));

    if (fd != -1 && (lstat(path, &st) != 0 || !S_ISSOCK(st.st_mode))) {
        (void) close(fd);
        return -1;
    }

    return fd;
}


static bool
listener_own(const char *path, uid_t uid, gid_t gid)
{
    if (lchown(path, uid, gid) == 0) {
        return true;
    }

    fprintf(stderr, "whatsapp-controller: can't change the owner or group of "
            "\"%s\": %s\n", path, strerror(errno));

    return false;
}


int
listener_open_tcp(const char *address, bool *inherited)
{
    int               fd, rc;
    char              host[64];
    size_t            len;
    const char       *colon, *from;
    struct addrinfo   hints, *info;

    colon = strrchr(address, ':');
    from = address;
    len = (size_t) (colon - address);

    if (*from == '[' && len > 2 && colon[-1] == ']') {
        from++;
        len -= 2;
    }

    (void) snprintf(host, sizeof(host), "%.*s", (int) len, from);

    memset(&hints, 0, sizeof(hints));
    hints.ai_socktype = SOCK_STREAM;
    hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;

    rc = getaddrinfo(host, colon + 1, &hints, &info);

    if (rc != 0) {
        fprintf(stderr, "whatsapp-controller: \"%s\" is not an address: "
                "%s\n", address, gai_strerror(rc));
        return -1;
    }

    fd = inherited_take(info->ai_addr, info->ai_addrlen);
    *inherited = fd != -1;

    if (!*inherited) {
        fd = listener_bind_tcp(info);
    }

    freeaddrinfo(info);

    if (fd == -1) {
        fprintf(stderr, "whatsapp-controller: can't listen on \"%s\": %s\n",
                address, strerror(errno));
    }

    return fd;
}


/* returns -1 with errno set if it fails */

static int
listener_bind_tcp(const struct addrinfo *info)
{
    int  fd, on;

    on = 1;
    fd = socket(info->ai_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC,
                0);

    if (fd == -1) {
        return -1;
    }

    (void) setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));

    return listener_start(fd, info->ai_addr, info->ai_addrlen);
}


/* removes the socket of a controller that is dead */

static bool
listener_clear(const char *path, const struct sockaddr_un *sun)
{
    int          fd, rc, error;
    struct stat  st;

    if (lstat(path, &st) != 0) {
        return true;
    }

    if (!S_ISSOCK(st.st_mode)) {
        fprintf(stderr, "whatsapp-controller: \"%s\" exists and is not a "
                "socket\n", path);
        return false;
    }

    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

    if (fd == -1) {
        fprintf(stderr, "whatsapp-controller: socket: %s\n",
                strerror(errno));
        return false;
    }

    rc = connect(fd, (const struct sockaddr *) sun, sizeof(*sun));
    error = errno;

    (void) close(fd);

    if (rc == 0 || error == EAGAIN) {
        fprintf(stderr, "whatsapp-controller: another process listens on "
                "\"%s\"\n", path);
        return false;
    }

    if (error != ECONNREFUSED || unlink(path) != 0) {
        fprintf(stderr, "whatsapp-controller: can't replace \"%s\": %s\n",
                path, strerror(error != ECONNREFUSED ? error : errno));
        return false;
    }

    return true;
}


/* returns fd, or closes it and returns -1 with errno set */

static int
listener_start(int fd, const struct sockaddr *address, socklen_t len)
{
    int  error;

    if (bind(fd, address, len) == 0 && listen(fd, LISTENER_BACKLOG) == 0) {
        return fd;
    }

    error = errno;
    (void) close(fd);
    errno = error;

    return -1;
}
