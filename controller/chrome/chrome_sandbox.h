/*
 * What Chromium can make its sandbox of.
 */

#ifndef CHROME_SANDBOX_H
#define CHROME_SANDBOX_H


/*
 * Returns why the browser at this path will have no sandbox, and thus not
 * start: there are no user namespaces, and its set-user-ID helper is of no
 * use.  NULL: it will have one.  The text is a literal.
 */
const char *chrome_sandbox_lacks(const char *chromium);


#endif /* CHROME_SANDBOX_H */
