/*
 * The file is an array of records.  The first one has the set's floor in place
 * of a time, and a fixed text in place of a digest.  What a death in the
 * middle of a write has left of the last record is cut off.
 */

#include <sys/stat.h>

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "events/delivered.h"


/* records beyond those of the set before the file is written anew */

#define DELIVERED_EXTRA    1024

#define DELIVERED_READ     1024    /* records at once */


struct delivered_record {
    uint8_t   digest[KEYED_HASH_SIZE];
    uint64_t  time;
};

_Static_assert(sizeof(struct delivered_record) == KEYED_HASH_SIZE + 8,
               "a record has no holes");


struct delivered {
    char    path[PATH_MAX];
    int     fd;         /* for appending, or -1 */
    size_t  records;    /* in the file */
};


static bool delivered_read(struct delivered *delivered, struct seen *seen,
    int fd);
static bool delivered_read_records(struct seen *seen,
    const struct delivered_record *records, size_t n);
static bool delivered_open_new(struct delivered *delivered,
    char new[PATH_MAX], int *fd);
static bool delivered_write_record(FILE *out,
    const uint8_t digest[KEYED_HASH_SIZE], uint64_t time);
static bool delivered_write_one(void *ctx,
    const uint8_t digest[KEYED_HASH_SIZE], uint64_t time);
static void delivered_close(struct delivered *delivered);


static const uint8_t  delivered_head[KEYED_HASH_SIZE] = "delivered 1";


struct delivered *
delivered_create(const char *path)
{
    struct delivered  *delivered;

    delivered = calloc(1, sizeof(struct delivered));

    if (delivered == NULL) {
        return NULL;
    }

    delivered->fd = -1;

    if (snprintf(delivered->path, PATH_MAX, "%s", path) >= PATH_MAX) {
        free(delivered);
        return NULL;
    }

    return delivered;
}


void
delivered_destroy(struct delivered *delivered)
{
    if (delivered != NULL) {
        delivered_close(delivered);
        free(delivered);
    }
}


bool
delivered_load(struct delivered *delivered, struct seen *seen)
{
    int   fd;
    bool  ok;

    fd = open(delivered->path, O_RDWR | O_APPEND | O_CLOEXEC | O_NOFOLLOW);

    if (fd == -1) {
        return false;
    }

    ok = delivered_read(delivered, seen, fd);

    if (!ok) {
        (void) close(fd);
        seen_clear(seen);
        return false;
    }

    delivered->fd = fd;

    return true;
}


bool
delivered_add(struct delivered *delivered, const struct seen *seen,
    const uint8_t digest[KEYED_HASH_SIZE], uint64_t time)
{
    struct delivered_record  record;

    if (delivered->fd == -1
        || delivered->records > 2 * seen_count(seen) + DELIVERED_EXTRA)
    {
        return delivered_write(delivered, seen);
    }

    memcpy(record.digest, digest, KEYED_HASH_SIZE);
    record.time = time;

    if (write(delivered->fd, &record, sizeof(record))
        == (ssize_t) sizeof(record))
    {
        delivered->records++;
        return true;
    }

    /* a part of a record would shift all that follow */

    delivered_close(delivered);

    return false;
}


bool
delivered_write(struct delivered *delivered, const struct seen *seen)
{
    int    fd, failure;
    bool   ok;
    char   new[PATH_MAX];
    FILE  *out;

    delivered_close(delivered);

    if (!delivered_open_new(delivered, new, &fd)) {
        return false;
    }

    out = fdopen(fd, "a");

    if (out == NULL) {
        (void) close(fd);
        return false;
    }

    ok = delivered_write_record(out, delivered_head, seen_floor(seen))
         && seen_each_delivered(seen, delivered_write_one, out);

    ok = fflush(out) == 0 && ok && rename(new, delivered->path) == 0;

    if (ok) {
        delivered->records = seen_count(seen);
        delivered->fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
    }

    failure = errno;

    if (!ok) {
        (void) unlink(new);
    }

    (void) fclose(out);

    errno = failure;

    return ok;
}


void
delivered_remove(struct delivered *delivered)
{
    delivered_close(delivered);
    (void) unlink(delivered->path);
}


static bool
delivered_read(struct delivered *delivered, struct seen *seen, int fd)
{
    bool                      ok, head;
    ssize_t                   n;
    size_t                    whole;
    struct delivered_record  *records;

    records = calloc(DELIVERED_READ, sizeof(struct delivered_record));

    if (records == NULL) {
        return false;
    }

    ok = true;
    head = true;

    while (ok
           && (n = read(fd, records,
                        DELIVERED_READ * sizeof(struct delivered_record)))
              > 0)
    {
        whole = (size_t) n / sizeof(struct delivered_record);
        delivered->records += whole;

        if (head) {
            ok = whole != 0 && memcmp(records[0].digest, delivered_head,
                                      KEYED_HASH_SIZE)
                               == 0;
            seen_set_floor(seen, records[0].time);
        }

        ok = ok && delivered_read_records(seen, records + head,
                                          whole - head);
        head = false;
    }

    free(records);

    /* the file's first reads are whole: only its end can be a part */

    return ok && !head
           && ftruncate(fd, (off_t) (delivered->records
                                     * sizeof(struct delivered_record)))
              == 0;
}


static bool
delivered_read_records(struct seen *seen,
    const struct delivered_record *records, size_t n)
{
    size_t  i;

    for (i = 0; i < n; i++) {
        if (!seen_note(seen, records[i].digest, records[i].time,
                       SEEN_DELIVERED))
        {
            return false;
        }
    }

    return true;
}


/* opens a new file beside the old one */

static bool
delivered_open_new(struct delivered *delivered, char new[PATH_MAX], int *fd)
{
    char  directory[PATH_MAX];

    if (snprintf(new, PATH_MAX, "%s.new", delivered->path) >= PATH_MAX) {
        errno = ENAMETOOLONG;
        return false;
    }

    (void) snprintf(directory, sizeof(directory), "%s", delivered->path);

    if (mkdir(dirname(directory), 0700) != 0 && errno != EEXIST) {
        return false;
    }

    *fd = open(new,
               O_WRONLY | O_CREAT | O_TRUNC | O_APPEND | O_CLOEXEC
               | O_NOFOLLOW,
               0600);

    return *fd != -1;
}


static bool
delivered_write_record(FILE *out, const uint8_t digest[KEYED_HASH_SIZE],
    uint64_t time)
{
    struct delivered_record  record;

    memcpy(record.digest, digest, KEYED_HASH_SIZE);
    record.time = time;

    return fwrite(&record, sizeof(record), 1, out) == 1;
}


static bool
delivered_write_one(void *ctx, const uint8_t digest[KEYED_HASH_SIZE],
    uint64_t time)
{
    return delivered_write_record(ctx, digest, time);
}


static void
delivered_close(struct delivered *delivered)
{
    if (delivered->fd != -1) {
        (void) close(delivered->fd);
        delivered->fd = -1;
    }

    delivered->records = 0;
}
