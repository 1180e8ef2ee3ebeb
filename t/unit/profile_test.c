/*
 * The directories of a browser: locked against others, cleaned of what a dead
 * browser left, and nothing else touched.
 */

#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "chrome/profile.h"


struct fixture {
    char             dir[64];
    char             profile_dir[96];
    char             tmp_dir[96];
    struct profile  *profile;
};


static int
setup(void **state)
{
    struct fixture  *f;

    f = calloc(1, sizeof(struct fixture));
    assert_non_null(f);

    strcpy(f->dir, "/tmp/profile_test.XXXXXX");
    assert_non_null(mkdtemp(f->dir));

    snprintf(f->profile_dir, sizeof(f->profile_dir), "%s/profile", f->dir);
    snprintf(f->tmp_dir, sizeof(f->tmp_dir), "%s/tmp", f->dir);

    f->profile = profile_create(f->profile_dir, f->tmp_dir);
    assert_non_null(f->profile);

    *state = f;

    return 0;
}


static const char *
path(struct fixture *f, const char *name)
{
    static char  text[256];

    snprintf(text, sizeof(text), "%s/%s", f->dir, name);

    return text;
}


static int
teardown(void **state)
{
    struct fixture  *f = *state;

    profile_destroy(f->profile);

    /* empty by now, or the test has failed */

    rmdir(path(f, "profile/Default"));
    rmdir(f->profile_dir);
    rmdir(f->tmp_dir);
    assert_int_equal(rmdir(f->dir), 0);
    free(f);

    return 0;
}


static void
touch(struct fixture *f, const char *name)
{
    int  fd;

    fd = open(path(f, name), O_WRONLY|O_CREAT, 0600);
    assert_true(fd >= 0);
    close(fd);
}


static bool
exists(struct fixture *f, const char *name)
{
    struct stat  st;

    return lstat(path(f, name), &st) == 0;
}


static void
one_owner(void **state)
{
    struct stat      st;
    struct fixture  *f = *state;
    struct profile  *other;

    other = profile_create(f->profile_dir, f->tmp_dir);
    assert_non_null(other);

    assert_true(profile_lock(f->profile));
    assert_true(profile_lock(f->profile));

    assert_int_equal(stat(f->profile_dir, &st), 0);
    assert_int_equal(st.st_mode & 0777, 0700);

    errno = 0;
    assert_false(profile_lock(other));
    assert_int_equal(errno, EWOULDBLOCK);

    profile_unlock(f->profile);
    assert_true(profile_lock(other));
    assert_false(profile_lock(f->profile));

    profile_destroy(other);
    assert_false(exists(f, "profile/.controller.lock"));
    assert_false(exists(f, "tmp"));

    assert_true(profile_lock(f->profile));
}


static void
no_parent(void **state)
{
    struct fixture  *f = *state;
    struct profile  *other;

    other = profile_create("/nonexistent/profile", f->tmp_dir);
    assert_non_null(other);

    assert_false(profile_lock(other));
    assert_int_equal(errno, ENOENT);

    profile_destroy(other);
}


static void
cleaning(void **state)
{
    struct fixture  *f = *state;

    assert_true(profile_lock(f->profile));

    touch(f, "outside");
    touch(f, "profile/kept");
    assert_true(exists(f, "profile/Default"));
    assert_int_equal(mkdir(path(f, "profile/Default/blob_storage"), 0700), 0);
    assert_int_equal(mkdir(path(f, "profile/Default/blob_storage/a"), 0700),
                     0);
    touch(f, "profile/Default/History");
    touch(f, "profile/Default/History-journal");
    touch(f, "profile/Default/Cookies");
    touch(f, "profile/Default/blob_storage/a/0");
    touch(f, "tmp/file");
    assert_int_equal(symlink("host-123", path(f, "profile/SingletonLock")), 0);
    assert_int_equal(symlink("456", path(f, "profile/SingletonCookie")), 0);
    assert_int_equal(symlink("..", path(f, "tmp/up")), 0);
    assert_int_equal(mkdir(path(f, "tmp/a"), 0700), 0);
    assert_int_equal(mkdir(path(f, "tmp/a/b"), 0700), 0);
    touch(f, "tmp/a/b/file");
    assert_int_equal(symlink("../../../outside", path(f, "tmp/a/b/l")), 0);

    /* a browser that runs on may hold a file */

    profile_clean(f->profile, false);

    assert_false(exists(f, "profile/Default/History"));
    assert_true(exists(f, "profile/Default/blob_storage/a/0"));

    profile_clean(f->profile, true);

    assert_false(exists(f, "profile/SingletonLock"));
    assert_false(exists(f, "profile/SingletonCookie"));
    assert_false(exists(f, "profile/Default/History"));
    assert_false(exists(f, "profile/Default/History-journal"));
    assert_false(exists(f, "profile/Default/blob_storage/a"));
    assert_true(exists(f, "profile/Default/blob_storage"));
    assert_true(exists(f, "profile/Default/Cookies"));
    assert_false(exists(f, "tmp/file"));
    assert_false(exists(f, "tmp/up"));
    assert_false(exists(f, "tmp/a"));
    assert_true(exists(f, "tmp"));
    assert_true(exists(f, "outside"));
    assert_true(exists(f, "profile/kept"));

    unlink(path(f, "outside"));
    unlink(path(f, "profile/kept"));
    unlink(path(f, "profile/Default/Cookies"));
    rmdir(path(f, "profile/Default/blob_storage"));
}


/* returns whether a process was begun with an argument */

static bool
has_argument(pid_t pid, const char *argument)
{
    char    name[64], data[4096];
    FILE   *file;
    size_t  n;

    snprintf(name, sizeof(name), "/proc/%d/cmdline", (int) pid);

    file = fopen(name, "r");
    assert_non_null(file);

    n = fread(data, 1, sizeof(data), file);
    fclose(file);

    return memmem(data, n, argument, strlen(argument)) != NULL;
}


/* the processes of the browser that has the profile open, by its name */

static void
orphans(void **state)
{
    pid_t            pid;
    char             argument[64 + sizeof("--user-data-dir=/other")];
    struct fixture  *f = *state;

    assert_true(profile_lock(f->profile));
    assert_int_equal(profile_orphans(f->profile, "/own", 0), 0);

    snprintf(argument, sizeof(argument), "--user-data-dir=%s/other", f->dir);

    pid = fork();

    if (pid == 0) {
        setsid();
        execlp("sh", "sh", "-c", "sleep 100; true", argument, NULL);
        _exit(1);
    }

    assert_true(pid > 0);
    assert_true(profile_open(f->profile, path(f, "other")));

    /* a child that is about to have its arguments counts as one that ends */

    while (!has_argument(pid, argument)
           || profile_orphans(f->profile, "/own", 0) == 0)
    {
        usleep(1000);
    }

    assert_true(profile_open(f->profile, "/own"));
    assert_int_equal(profile_orphans(f->profile, "/own", 0), 0);
    assert_true(profile_open(f->profile, path(f, "other")));
    assert_int_equal(profile_orphans(f->profile, path(f, "other"), 0), 0);

    while (profile_orphans(f->profile, "/own", SIGKILL) != 0) {
        usleep(1000);
    }

    profile_clean(f->profile, true);
    assert_false(exists(f, "profile/.browser"));
}


static void
no_cleaning_without_lock(void **state)
{
    struct fixture  *f = *state;

    assert_true(profile_lock(f->profile));
    profile_unlock(f->profile);

    assert_int_equal(symlink("host-1", path(f, "profile/SingletonLock")), 0);

    profile_clean(f->profile, true);
    assert_true(exists(f, "profile/SingletonLock"));

    unlink(path(f, "profile/SingletonLock"));
}


#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(one_owner),
        TEST(no_parent),
        TEST(cleaning),
        TEST(orphans),
        TEST(no_cleaning_without_lock)
    };

    return cmocka_run_group_tests(tests, NULL, NULL);
}
