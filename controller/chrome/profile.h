/*
 * The two directories of a browser.  The profile is the login: it is deleted
 * by profile_erase alone, and it is locked against other controllers.  The
 * temporary directory is wiped before each start and after each end.
 */

#ifndef PROFILE_H
#define PROFILE_H

#include <stdbool.h>


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
 * Removes the leavings of a dead browser: the Singleton links of the profile,
 * what it notes of files that were saved or held by pages, and everything in
 * the temporary directory.  Does nothing without the lock;
 * no browser may run.
 */
void profile_clean(struct profile *p);

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
