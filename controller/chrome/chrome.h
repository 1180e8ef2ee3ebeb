/*
 * The start of Chromium: its command line, environment and pipe, and before
 * them its version.
 */

#ifndef CHROME_H
#define CHROME_H

#include <stdbool.h>

#include <event2/event.h>

#include "chrome/process.h"


#define CHROME_EXIT_PROFILE_IN_USE  21
#define CHROME_USER_AGENT_MAX       512
#define CHROME_PATH                 "PATH=/usr/local/bin:/usr/bin:/bin"


/* the arguments by which all processes of one browser are found: Chromium's
   own and those of its crash handlers, which leave its session */
enum {
    CHROME_MARK_DATA,
    CHROME_MARK_CRASHES,
    CHROME_MARKS
};

struct chrome_marks {
    char  *arguments[CHROME_MARKS + 1];   /* ended by NULL */
};


/* all pointers are borrowed for the life of the process */
struct chrome_options {
    const char                 *chromium;      /* executable */
    const char                 *tmp_dir;       /* TMPDIR and HOME */
    const char                 *profile;       /* its name in the browser's
                                                  directory */
    const char                 *first_url;     /* of the profile's page */
    const char                 *user_agent;
    const char                 *web_url;       /* its host can be reached */
    const struct chrome_marks  *marks;         /* its directory is in them */
    bool                        sandbox;
    bool                        visible;       /* needs a display, below */
};


struct chrome_version;


/* user_agent is that of a Chrome of this version, or NULL when the executable
   can't be run; then errno tells why, and is 0 when it printed no version */
typedef void (*chrome_version_pt)(void *ctx, const char *user_agent);


/*
 * Writes the marks of a browser whose profiles are in data_dir.  Returns false
 * when memory runs out; chrome_marks_destroy() frees them in both cases.
 */
bool chrome_marks_create(struct chrome_marks *marks, const char *data_dir,
    const char *tmp_dir);

/* frees the arguments */
void chrome_marks_destroy(struct chrome_marks *marks);

/* Returns whether the environment names a display, X11's or Wayland's. */
bool chrome_display(void);

/*
 * Starts Chromium with a pipe for DevTools and one page.
 * Stores the controller's end of the pipe in *fd.  Returns NULL with errno set
 * when it can't be started.  process_destroy() frees it.
 */
struct process *chrome_create(struct event_base *base,
    const struct chrome_options *options, int *fd, process_exited_pt exited,
    void *ctx);

/*
 * Asks an executable for its version, for at most timeout_ms, and calls done
 * once, never from inside.  Returns NULL with errno set when it can't be
 * started.  chrome_version_destroy() frees it, also before done and from it.
 */
struct chrome_version *chrome_version_create(struct event_base *base,
    const char *chromium, unsigned timeout_ms, chrome_version_pt done,
    void *ctx);

/*
 * Returns what the executable printed, one line at most, "" when nothing; to
 * be asked from done.
 */
const char *chrome_version_text(const struct chrome_version *v);

/* frees it and kills an executable that still runs; NULL is allowed */
void chrome_version_destroy(struct chrome_version *v);


#endif /* CHROME_H */
