/*
 * What sessions of a controller that was killed have left.
 */

#ifndef SESSION_LEFTOVERS_H
#define SESSION_LEFTOVERS_H


/*
 * Ends the browsers that a killed controller has left and removes the
 * directories of its sessions below runtime_dir, with what the browsers cached
 * there and with media.  Profiles below state_dir stay.  Called at the start
 * by the holder of runtime_dir's lock, before a session exists; takes a second
 * at most for a browser that does not die.
 */
void session_leftovers_remove(const char *state_dir, const char *runtime_dir);


#endif /* SESSION_LEFTOVERS_H */
