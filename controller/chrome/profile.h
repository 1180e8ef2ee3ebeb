/*
 * The directories of one browser: its profile, which is the login and is
 * never deleted, locked against other controllers, and its temporary
 * directory, which is always wiped.
 */

#ifndef PROFILE_H
#define PROFILE_H


struct profile;


/*
 * Both paths are borrowed for the profile's life.  Returns NULL when memory
 * runs out.  Freed by profile_destroy().
 */
struct profile *profile_create(const char *profile_dir, const char *tmp_dir);

/*
 * Makes the directories that are missing, with mode 0700 and without parents,
 * and locks the profile.  Does nothing when it is locked already.  Returns 0,
 * or -1 with errno set: EWOULDBLOCK when another controller has it.
 */
int profile_lock(struct profile *p);

/*
 * Removes what a dead browser left: the Singleton links of the profile and
 * everything in the temporary directory.  Only with the lock held and no
 * browser running.
 */
void profile_clean(struct profile *p);

/* gives the lock up and removes its file and the temporary directory */
void profile_unlock(struct profile *p);

/* unlocks and frees; NULL is allowed */
void profile_destroy(struct profile *p);


#endif /* PROFILE_H */
