/*
 * The order matters: what needs root's rights comes first, then the user is
 * changed, then the rights of that user are checked.
 */

#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <openssl/evp.h>

#include "base/files.h"
#include "base/lock.h"
#include "base/rlimits.h"
#include "http/listener.h"
#include "setup.h"


#define SETUP_LOCK         ".controller.lock"
#define SETUP_WA_JS_MAX    (8 * 1024 * 1024)

/* connections beside those of event streams */

#define SETUP_CONNECTIONS  8192

/* descriptors that are kept for browsers, files, downloads and deliveries */

#define SETUP_DESCRIPTORS  1024

/* descriptors of the largest process of a browser, by itself and for each
   session: nearly twice as many as it has while they are idle */

#define SETUP_BROWSER      256
#define SETUP_SESSION      128


static void setup_init(struct setup *setup);
static bool setup_read_files(struct setup *setup,
    const struct options *options);
static bool setup_read_webhooks(struct setup *setup,
    const struct options *options, uid_t uid);
static bool setup_has_socket(const struct setup *setup);
static bool setup_digest(struct setup *setup);
static bool setup_directories(const struct setup *setup,
    const struct options *options);
static bool setup_listen(struct setup *setup, const struct options *options);
static bool setup_check_rights(const struct setup *setup,
    const struct options *options);
static bool setup_lock(struct setup *setup, const char *path);
static void setup_connections(struct setup *setup,
    const struct options *options);
static bool setup_check_descriptors(const struct options *options);


bool
setup_take(struct setup *setup, const struct options *options)
{
    bool  serves;

    serves = options->mode == OPTIONS_SERVE;

    setup_init(setup);

    rlimits_set(SETUP_CONNECTIONS * 2 + options->streams_max);
    setup_connections(setup, options);

    if (!setup_check_descriptors(options)
        || !identity_resolve(&setup->identity, options)
        || !setup_read_files(setup, options)
        || !setup_directories(setup, options)
        || (serves && !setup_listen(setup, options))
        || !identity_assume(&setup->identity))
    {
        return false;
    }

    /* changing users has reset this */

    (void) prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);

    return setup_check_rights(setup, options)
           && (!serves || setup_lock(setup, options->runtime_dir));
}


static void
setup_init(struct setup *setup)
{
    memset(setup, 0, sizeof(struct setup));

    setup->fd = -1;
    setup->runtime_fd = -1;
    setup->lock_fd = -1;
}


bool
setup_read_again(struct setup *again, const struct setup *setup,
    const struct options *options)
{
    setup_init(again);

    again->identity.uid = setup->identity.uid;

    return setup_read_files(again, options);
}


void
setup_exchange(struct setup *setup, struct setup *again)
{
    struct setup  before;

    before = *setup;

    setup->wa_js = again->wa_js;
    setup->webhooks = again->webhooks;
    setup->webhook_ca = again->webhook_ca;
    memcpy(setup->wa_js_digest, again->wa_js_digest, SETUP_DIGEST_SIZE);

    again->wa_js = before.wa_js;
    again->webhooks = before.webhooks;
    again->webhook_ca = before.webhook_ca;
    memcpy(again->wa_js_digest, before.wa_js_digest, SETUP_DIGEST_SIZE);

    if (setup->secret != NULL && again->secret != NULL) {
        setup->secret = again->secret;
        again->secret = before.secret;
    }
}


bool
setup_check(const struct options *options)
{
    bool          ok;
    uid_t         uid;
    struct setup  setup;

    memset(&setup, 0, sizeof(struct setup));

    ok = identity_find_uid(options, &uid)
         && setup_read_webhooks(&setup, options, uid);

    webhook_sections_destroy(setup.webhooks);
    free(setup.webhook_ca);

    return ok;
}


void
setup_unlink(struct setup *setup)
{
    if (setup->socket_path != NULL && !setup->kept
        && setup_has_socket(setup))
    {
        (void) unlink(setup->socket_path);
    }

    setup->socket_path = NULL;
}


bool
setup_intact(const struct setup *setup)
{
    return lock_current(setup->runtime_fd, SETUP_LOCK, setup->lock_fd)
           && (setup->socket_path == NULL || setup_has_socket(setup));
}


/* whether the file at the socket's path is the one that was made */

static bool
setup_has_socket(const struct setup *setup)
{
    struct stat  st;

    return lstat(setup->socket_path, &st) == 0
           && st.st_ino == setup->socket_ino;
}


void
setup_release(struct setup *setup)
{
    if (setup->fd != -1) {
        (void) close(setup->fd);
    }

    setup_unlink(setup);

    if (setup->lock_fd != -1) {
        lock_drop(setup->runtime_fd, SETUP_LOCK, setup->lock_fd);
    }

    if (setup->runtime_fd != -1) {
        (void) close(setup->runtime_fd);
    }

    webhook_sections_destroy(setup->webhooks);
    free(setup->webhook_ca);
    free(setup->secret);
    free(setup->wa_js.text);
}


static bool
setup_read_files(struct setup *setup, const struct options *options)
{
    setup->wa_js.text = files_read(options->wa_js, SETUP_WA_JS_MAX,
                                   &setup->wa_js.size);

    if (setup->wa_js.text == NULL) {
        fprintf(stderr, "whatsapp-controller: that is wa-js: run \"make "
                "install\", or name another file by --wa-js\n");
        return false;
    }

    if (!setup_digest(setup)) {
        return false;
    }

    if (!files_check_program(options->chromium)) {
        fprintf(stderr, "whatsapp-controller: that is the browser: install "
                "Debian's package chromium, or name another file by "
                "--chromium\n");
        return false;
    }

    if (options->secret_file != NULL) {
        setup->secret = files_read_secret(options->secret_file);

        if (setup->secret == NULL) {
            return false;
        }
    }

    return options->mode != OPTIONS_SERVE
           || setup_read_webhooks(setup, options, setup->identity.uid);
}


static bool
setup_read_webhooks(struct setup *setup, const struct options *options,
    uid_t uid)
{
    if (options->webhook_ca != NULL) {
        setup->webhook_ca = webhook_sections_read_ca(options->webhook_ca);

        if (setup->webhook_ca == NULL) {
            return false;
        }
    }

    if (options->config_text != NULL) {
        setup->webhooks = webhook_sections_read(options->config,
                              options->config_text, options->config_size,
                              uid);

        if (setup->webhooks == NULL) {
            return false;
        }
    }

    return true;
}


static bool
setup_digest(struct setup *setup)
{
    size_t         i;
    unsigned       size;
    unsigned char  digest[EVP_MAX_MD_SIZE];

    if (EVP_Digest(setup->wa_js.text, setup->wa_js.size, digest, &size,
                   EVP_sha256(), NULL)
        != 1)
    {
        fprintf(stderr, "whatsapp-controller: can't make a SHA-256 digest\n");
        return false;
    }

    for (i = 0; i < size; i++) {
        (void) snprintf(setup->wa_js_digest + 2 * i, 3, "%02x", digest[i]);
    }

    return true;
}


static bool
setup_directories(const struct setup *setup, const struct options *options)
{
    const struct identity  *identity = &setup->identity;

    return files_make_directory(options->state_dir, 0700, identity->uid,
                                identity->gid)
           && files_make_directory(options->runtime_dir, 0755, identity->uid,
                                   identity->gid)
           && files_check_tmpfs(options->runtime_dir);
}


static bool
setup_listen(struct setup *setup, const struct options *options)
{
    const char   *path;
    struct stat   st;

    if (!options_unix_path(options, &path)) {
        setup->fd = listener_open_tcp(options->listen, &setup->kept);

        return setup->fd != -1;
    }

    setup->fd = listener_open_unix(path, setup->identity.uid,
                                   setup->identity.socket_gid,
                                   &setup->kept);

    if (setup->fd == -1) {
        return false;
    }

    setup->socket_path = path;

    if (lstat(path, &st) != 0) {
        fprintf(stderr, "whatsapp-controller: can't examine \"%s\": %s\n",
                path, strerror(errno));
        return false;
    }

    setup->socket_ino = st.st_ino;

    return true;
}


static bool
setup_check_rights(const struct setup *setup, const struct options *options)
{
    char  directory[PATH_MAX];

    /* the socket's file is removed at the end */

    if (setup->socket_path != NULL) {
        (void) snprintf(directory, sizeof(directory), "%s",
                        setup->socket_path);

        if (!files_check_writable(dirname(directory))) {
            return false;
        }
    }

    return files_check_writable(options->state_dir)
           && files_check_writable(options->runtime_dir);
}


/*
 * Who holds the lock may remove what lies in the runtime directory, which the
 * controller does at its start and at its end
 */

static bool
setup_lock(struct setup *setup, const char *path)
{
    setup->runtime_fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (setup->runtime_fd != -1) {
        setup->lock_fd = lock_take(setup->runtime_fd, SETUP_LOCK);
    }

    if (setup->lock_fd != -1) {
        return true;
    }

    if (errno == EWOULDBLOCK) {
        fprintf(stderr, "whatsapp-controller: another controller uses "
                "\"%s\"\n", path);

    } else {
        fprintf(stderr, "whatsapp-controller: can't lock \"%s\": %s\n",
                path, strerror(errno));
    }

    return false;
}


/* event streams, which last, leave half of the descriptors for calls */

static void
setup_connections(struct setup *setup, const struct options *options)
{
    rlim_t         room;
    struct rlimit  limit;

    setup->streams = options->streams_max;
    setup->connections = SETUP_CONNECTIONS;

    if (getrlimit(RLIMIT_NOFILE, &limit) != 0) {
        return;
    }

    room = limit.rlim_cur > SETUP_DESCRIPTORS * 2
           ? limit.rlim_cur - SETUP_DESCRIPTORS : limit.rlim_cur / 2;

    if (setup->streams > room / 2) {
        setup->streams = (unsigned) (room / 2);
    }

    if (setup->connections > room - setup->streams) {
        setup->connections = (unsigned) (room - setup->streams);
    }
}


/* a browser inherits the limit; short of descriptors, it fails somewhere */

static bool
setup_check_descriptors(const struct options *options)
{
    rlim_t         needed;
    unsigned       shared;
    struct rlimit  limit;

    shared = options->max_sessions < options->sessions_per_browser
             ? options->max_sessions : options->sessions_per_browser;

    needed = SETUP_BROWSER + SETUP_SESSION * shared;

    if (shared == 1 || options->mode != OPTIONS_SERVE
        || getrlimit(RLIMIT_NOFILE, &limit) != 0 || limit.rlim_cur >= needed)
    {
        return true;
    }

    fprintf(stderr, "whatsapp-controller: %u sessions in a browser need %lu "
            "open files, but the limit is %lu: raise it (LimitNOFILE of "
            "systemd, \"ulimit -n\"), or lower --sessions-per-browser\n",
            shared, (unsigned long) needed, (unsigned long) limit.rlim_cur);

    return false;
}
