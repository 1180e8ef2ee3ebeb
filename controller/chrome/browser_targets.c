/*
 * The pages of a browser's guests.
 *
 * A profile's page can't be made by the protocol.  The first one comes with
 * the command line, each further one by the browser's door.  Which page is
 * whose is never guessed, as a message could leave by another account: each is
 * ordered with a URL of its own, data:,PROFILE.NUMBER, which no page can go to
 * by itself, and is known by that.  A page with such a URL that nobody waits
 * for any more is closed.
 *
 * Chromium ends when its last page is closed.  So a page that is replaced is
 * closed when the new one is there.
 */

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "chrome/browser_private.h"


#define BROWSER_DOOR_MS    10000
#define BROWSER_CLOSE_MS   5000
#define BROWSER_URL_SIZE   64
#define BROWSER_URL_HEAD   "data:,"


static void browser_guest_url(const struct browser_guest *guest, char *url,
    size_t size);
static void browser_door_answer(void *ctx, bool opened);
static void browser_refuse(struct browser_guest *guest);
static void browser_target_created(struct browser *b, json_t *info);
static bool browser_target_claim(struct browser_guest *guest,
    const char *target, const char *url);
static void browser_target_destroyed(struct browser *b, const char *target);
static void browser_target_close(struct browser *b, const char *target);
static void browser_target_answer(void *ctx, enum cdp_status status,
    json_t *result);


void
browser_targets_first(struct browser_guest *guest, char *url, size_t size)
{
    guest->opened++;
    guest->opening = true;
    guest->browser->first = guest;

    browser_guest_url(guest, url, size);
}


void
browser_open(struct browser_guest *guest)
{
    char             url[BROWSER_URL_SIZE], link[PATH_MAX], profile[64];
    struct browser  *b = guest->browser;

    /* the page of the command line may be there already, or is awaited */

    if (b->first == guest) {
        b->first = NULL;

        if (guest->target[0] != '\0') {
            guest->handlers->opened(guest->ctx, guest->target);
        }

        if (guest->opening || guest->target[0] != '\0') {
            return;
        }
    }

    if (guest->target[0] != '\0') {
        strcpy(guest->old, guest->target);
        guest->target[0] = '\0';
    }

    guest->opened++;
    guest->opening = true;

    browser_guest_url(guest, url, sizeof(url));

    (void) snprintf(profile, sizeof(profile), "--profile-directory=%s",
                    guest->name);

    door_destroy(guest->door);
    guest->door = NULL;

    if (browser_profile_link(guest)
        && snprintf(link, sizeof(link), "%s/SingletonSocket", b->data_dir)
           < (int) sizeof(link))
    {
        guest->door = door_open(b->base, link,
                                (const char *const []) { b->config.chromium,
                                                         profile, url, NULL },
                                BROWSER_DOOR_MS, browser_door_answer, guest);
    }

    if (guest->door == NULL) {
        browser_refuse(guest);
    }
}


static void
browser_guest_url(const struct browser_guest *guest, char *url, size_t size)
{
    (void) snprintf(url, size, BROWSER_URL_HEAD "%s.%u", guest->name,
                    guest->opened);
}


/* the page itself is told by an event of the protocol, before this or after */

static void
browser_door_answer(void *ctx, bool opened)
{
    struct browser_guest  *guest = ctx;

    door_destroy(guest->door);
    guest->door = NULL;

    if (!opened && guest->opening) {
        browser_refuse(guest);
    }
}


static void
browser_refuse(struct browser_guest *guest)
{
    guest->opening = false;
    guest->handlers->opened(guest->ctx, NULL);
}


bool
browser_close(struct browser_guest *guest)
{
    struct browser  *b = guest->browser;

    guest->opening = false;

    browser_target_close(b, guest->target);
    browser_target_close(b, guest->old);

    return guest->target[0] != '\0';
}


void
browser_targets_lose(struct browser *b)
{
    struct browser_guest  *guest;

    b->first = NULL;

    TAILQ_FOREACH(guest, &b->guests, link) {
        door_destroy(guest->door);
        guest->door = NULL;
        guest->opening = false;
        guest->target[0] = '\0';
        guest->old[0] = '\0';
    }
}


void
browser_targets_receive(struct browser *b, const char *method, json_t *params)
{
    const char  *target;

    if (strcmp(method, "Target.targetDestroyed") == 0) {
        target = json_string_value(json_object_get(params, "targetId"));

        if (target != NULL) {
            browser_target_destroyed(b, target);
        }

    } else {
        browser_target_created(b, json_object_get(params, "targetInfo"));
    }
}


static void
browser_target_created(struct browser *b, json_t *info)
{
    const char            *target, *type, *url;
    struct browser_guest  *guest;

    target = json_string_value(json_object_get(info, "targetId"));
    type = json_string_value(json_object_get(info, "type"));
    url = json_string_value(json_object_get(info, "url"));

    if (target == NULL || strlen(target) >= BROWSER_TARGET_SIZE
        || type == NULL || strcmp(type, "page") != 0
        || url == NULL || strncmp(url, BROWSER_URL_HEAD,
                                  sizeof(BROWSER_URL_HEAD) - 1) != 0)
    {
        return;
    }

    TAILQ_FOREACH(guest, &b->guests, link) {
        if (strcmp(guest->target, target) == 0
            || strcmp(guest->old, target) == 0
            || browser_target_claim(guest, target, url))
        {
            return;
        }
    }

    browser_target_close(b, target);
}


/* returns whether the page is the one that the guest waits for */

static bool
browser_target_claim(struct browser_guest *guest, const char *target,
    const char *url)
{
    char             expected[BROWSER_URL_SIZE];
    struct browser  *b = guest->browser;

    browser_guest_url(guest, expected, sizeof(expected));

    if (!guest->opening || strcmp(url, expected) != 0) {
        return false;
    }

    guest->opening = false;
    strcpy(guest->target, target);

    browser_target_close(b, guest->old);

    /* the guest has not asked for the page of the command line so far */

    if (b->first != guest) {
        guest->handlers->opened(guest->ctx, guest->target);
    }

    return true;
}


static void
browser_target_destroyed(struct browser *b, const char *target)
{
    struct browser_guest  *guest;

    TAILQ_FOREACH(guest, &b->guests, link) {

        if (strcmp(guest->old, target) == 0) {
            guest->old[0] = '\0';
        }

        if (strcmp(guest->target, target) == 0) {
            guest->target[0] = '\0';
            guest->handlers->closed(guest->ctx);
        }
    }
}


/* that it is closed is told by an event; "": nothing to close */

static void
browser_target_close(struct browser *b, const char *target)
{
    if (target[0] != '\0' && b->cdp != NULL) {
        (void) cdp_call(b->cdp, NULL, "Target.closeTarget",
                        json_pack("{s:s}", "targetId", target),
                        BROWSER_CLOSE_MS, browser_target_answer, NULL);
    }
}


static void
browser_target_answer(void *ctx, enum cdp_status status, json_t *result)
{
    (void) ctx;
    (void) status;
    (void) result;
}


bool
browser_profile_link(const struct browser_guest *guest)
{
    int   n;
    char  path[PATH_MAX];

    n = snprintf(path, sizeof(path), "%s/%s", guest->browser->data_dir,
                 guest->name);

    return n > 0 && n < (int) sizeof(path)
           && (symlink(guest->directory, path) == 0 || errno == EEXIST);
}
