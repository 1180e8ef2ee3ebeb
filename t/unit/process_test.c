/*
 * Child processes: what they get, and that nothing of them is left.
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
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <event2/event.h>

#include "base/clock.h"
#include "chrome/process.h"


struct fixture {
    struct event_base  *base;
    struct process     *process;
    int                 out;        /* what the child prints */
    unsigned            exited;
    int                 status;
    bool                gone;
};


static void
exited(void *ctx, int status)
{
    struct fixture  *f = ctx;

    f->exited++;
    f->status = status;
}


static void
gone(void *ctx)
{
    struct fixture  *f = ctx;

    f->gone = true;
    event_base_loopbreak(f->base);
}


static int
setup(void **state)
{
    struct fixture  *f;

    f = calloc(1, sizeof(struct fixture));
    assert_non_null(f);

    f->base = event_base_new();
    *state = f;

    return 0;
}


static int
teardown(void **state)
{
    struct fixture  *f = *state;

    process_destroy(f->process);
    event_base_free(f->base);
    free(f);

    /* no child is left, not even a zombie */

    assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
    assert_int_equal(errno, ECHILD);

    return 0;
}


/* nobody else's: another run of this test kills by its marks, too.  It is $0
   for the shell */

static char               mark[64];
static const char *const  marks[] = { mark, NULL };


static void
start(struct fixture *f, const char *script)
{
    int                     pair[2];
    const char             *argv[] = { "sh", "-c", script, mark, NULL };
    static const char      *envp[] = { "PATH=/usr/bin:/bin", "A=b", NULL };
    struct process_config   config;

    assert_int_equal(pipe2(pair, O_CLOEXEC), 0);

    config = (struct process_config) {
        .file = "/bin/sh",
        .argv = (char *const *) argv,
        .envp = (char *const *) envp,
        .fds = { -1, pair[1], -1, pair[1], -1 },
        .marks = marks
    };

    f->process = process_create(f->base, &config, exited, f);
    assert_non_null(f->process);

    close(pair[1]);
    f->out = pair[0];
}


static void
output(struct fixture *f, char *text, size_t size)
{
    size_t   n;
    ssize_t  rc;

    n = 0;

    while ((rc = read(f->out, text + n, size - 1 - n)) > 0) {
        n += (size_t) rc;
    }

    text[n] = '\0';
    close(f->out);
}


static void
end(struct fixture *f, unsigned grace_ms)
{
    struct timeval  tv = { 60, 0 };

    process_end(f->process, grace_ms, gone);
    event_base_loopexit(f->base, &tv);
    event_base_dispatch(f->base);

    assert_true(f->gone);
}


static void
missing_program(void **state)
{
    char *const             argv[] = { "x", NULL };
    struct fixture         *f = *state;
    struct process_config   config = {
        .file = "/nonexistent", .argv = argv, .envp = argv,
        .fds = { -1, -1, -1, -1, -1 }
    };

    errno = 0;
    assert_null(process_create(f->base, &config, exited, f));
    assert_int_equal(errno, ENOENT);

    config.file = "/";
    assert_null(process_create(f->base, &config, exited, f));
    assert_int_equal(errno, EACCES);
}


/* it has its five descriptors, its environment and a session, and no more */

static void
what_it_gets(void **state)
{
    int              extra;
    char             text[256], expected[256];
    struct fixture  *f = *state;

    extra = fcntl(STDIN_FILENO, F_DUPFD, 50);
    assert_true(extra >= 0);

    start(f, "for i in 0 1 2 3 4 5 6 7 8 9 50; do"
             " [ -e /proc/$$/fd/$i ] && echo -n \"$i \"; done; echo;"
             "readlink /proc/$$/fd/0; echo $A; umask; ulimit -c;"
             "cut -d ' ' -f 1,5,6 /proc/$$/stat");
    output(f, text, sizeof(text));

    snprintf(expected, sizeof(expected),
             "0 1 2 3 \n/dev/null\nb\n0077\n0\n%d %d %d\n",
             (int) process_pid(f->process), (int) process_pid(f->process),
             (int) process_pid(f->process));
    assert_string_equal(text, expected);

    end(f, 1000);
    assert_int_equal(f->exited, 1);
    close(extra);
}


static void
exit_status(void **state)
{
    struct fixture  *f = *state;

    start(f, "exit 21");

    while (f->exited == 0) {
        (void) event_base_loop(f->base, EVLOOP_ONCE);
    }

    assert_int_equal(f->exited, 1);
    assert_true(WIFEXITED(f->status));
    assert_int_equal(WEXITSTATUS(f->status), 21);

    end(f, 1000);
    assert_int_equal(f->exited, 1);
    close(f->out);
}


static void
children_are_ended(void **state)
{
    char             text[16];
    struct fixture  *f = *state;

    start(f, "sleep 100 & sleep 100 & (sleep 100 &) ; wait");

    end(f, 5000);

    /* all ends of the pipe are closed */

    output(f, text, sizeof(text));
    assert_string_equal(text, "");
}


static void
stubborn_is_killed(void **state)
{
    char             c;
    uint64_t         start_ms;
    struct fixture  *f = *state;

    start(f, "trap '' TERM; echo; while :; do sleep 0.1; done");
    assert_int_equal(read(f->out, &c, 1), 1);

    start_ms = clock_ms();
    end(f, 300);

    assert_true(clock_ms() - start_ms >= 300);
    assert_true(WIFSIGNALED(f->status));
    close(f->out);
}


static void
stopped_is_ended(void **state)
{
    struct fixture  *f = *state;

    start(f, "sleep 100");
    assert_int_equal(kill(process_pid(f->process), SIGSTOP), 0);

    end(f, 5000);
    assert_int_equal(WTERMSIG(f->status), SIGTERM);
    close(f->out);
}


/* one that left the session is found by its mark */

static void
runaway_is_found(void **state)
{
    char             c;
    struct fixture  *f = *state;

    start(f, "setsid sh -c 'trap \"\" TERM; echo; while :; do sleep 0.1; done'"
             " \"$0\" & wait");
    assert_int_equal(read(f->out, &c, 1), 1);

    end(f, 200);

    assert_int_equal(process_sweep(marks, 0), 0);
    close(f->out);
}


/* also when it wrote a title over its arguments, as Chromium does */

static void
titled_runaway_is_found(void **state)
{
    char             c;
    struct fixture  *f = *state;

    start(f, "setsid perl -e '$SIG{TERM} = q(IGNORE); $| = 1;"
             " $0 = qq(perl $ARGV[0] more);"
             " print qq(\\n); sleep 100' \"$0\" & wait");
    assert_int_equal(read(f->out, &c, 1), 1);

    assert_true(process_sweep(marks, 0) != 0);

    end(f, 200);

    assert_int_equal(process_sweep(marks, 0), 0);
    close(f->out);
}


/* and waited for, however long it takes to die: here it has much to free */

static void
slow_runaway_is_reaped(void **state)
{
    char             c;
    struct fixture  *f = *state;

    start(f, "setsid perl -e '$SIG{TERM} = q(IGNORE); $| = 1;"
             " my $much = q(x) x 400_000_000; print qq(\\n); sleep 100'"
             " \"$0\" & wait");
    assert_int_equal(read(f->out, &c, 1), 1);

    end(f, 200);

    close(f->out);
}


static void
signals_stay_in_the_group(void **state)
{
    struct fixture  *f = *state;

    start(f, "sleep 100");

    assert_int_equal(process_signal(f->process, getpid(), SIGKILL), -1);
    assert_int_equal(process_signal(f->process, 0, SIGKILL), -1);
    assert_int_equal(process_signal(f->process, -1, SIGKILL), -1);
    assert_int_equal(process_signal(f->process, process_pid(f->process),
                                    SIGKILL),
                     0);

    end(f, 1000);
    close(f->out);
}


#define TEST(name)                                                            \
    cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
    const struct CMUnitTest  tests[] = {
        TEST(missing_program),
        TEST(what_it_gets),
        TEST(exit_status),
        TEST(children_are_ended),
        TEST(stubborn_is_killed),
        TEST(stopped_is_ended),
        TEST(runaway_is_found),
        TEST(titled_runaway_is_found),
        TEST(slow_runaway_is_reaped),
        TEST(signals_stay_in_the_group)
    };

    (void) snprintf(mark, sizeof(mark), "the-mark-of-process-test-%d",
                    (int) getpid());

    return cmocka_run_group_tests(tests, NULL, NULL);
}
