/*
 * The two directories of a session.  The profile is the login: it is deleted
 * by profile_erase alone, it is locked against other controllers, and it names
 * the browser that has it open.  What Chromium keeps of it is in its directory
 * "Default", as if it were a browser's only profile.  The temporary directory
 * is wiped before each start and after each end.
 */

#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>
#include <stddef.h>


struct profile;


/*
 * Creates an unlocked profile; both paths are borrowed for its life.  Returns
 * NULL when memory runs out.  profile_destroy() frees it.
 */
struct profile *profile_create(const char *profile_dir, const char *tmp_dir);

/*
 * Makes the directories that are missing, with mode 0700 and without parents,
 * and locks the profile.  Does nothing when it is locked already.
 * Returns false with errno set: EWOULDBLOCK when another controller has it.
 */
bool profile_lock(struct profile *p);

/*
 * Notes that the browser whose profiles are in data_dir has the profile open,
 * as it will from now on.  Needs the lock.  Returns false with errno set.
 */
bool profile_open(struct profile *p, const char *data_dir);

/*
 * Counts the processes of browsers that have the profile open and are not the
 * one of data_dir, and sends them a signal: those of a controller that died.
 * Needs the lock.
 */
size_t profile_orphans(struct profile *p, const char *data_dir, int signal);

/*
 * Removes the leavings of a browser that has closed the profile: its name, the
 * Singleton links, what it notes of files that were saved, and everything in
 * the temporary directory; if it has ended also what it keeps of files that
 * were held by pages.  Does nothing without the lock.
 */
void profile_clean(struct profile *p, bool ended);

/*
 * Deletes a locked profile for good, with its directory; no browser may run.
 * Returns false when something of it is left.
 */
bool profile_erase(struct profile *p);

/* unlocks the profile, removes the lock's file and the temporary directory */
void profile_unlock(struct profile *p);

/* unlocks and frees a profile; NULL is allowed */
void profile_destroy(struct profile *p);


#endif /* PROFILE_H */
