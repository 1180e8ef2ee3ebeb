/*
 * Places for sessions.
 */

#include <stdio.h>
#include <unistd.h>

#include "base/files.h"
#include "session/session_slot.h"


/* calls beside the sends that may wait for their turn */

#define SLOT_READS_WAIT  64


bool
slot_open(struct slot *slot, const struct slot_parts *parts, const char *id)
{
    int                     profile, runtime, tmp;
    const struct options   *options = parts->options;
    struct queue_config    *lanes = slot->config.lanes;
    struct browser_config  *browser = &slot->config.browser;

    profile = snprintf(slot->profile_dir, sizeof(slot->profile_dir),
                       "%s/sessions/%s/profile", options->state_dir, id);
    runtime = snprintf(slot->runtime_dir, sizeof(slot->runtime_dir), "%s/%s",
                       options->runtime_dir, id);
    tmp = snprintf(slot->tmp_dir, sizeof(slot->tmp_dir), "%s/%s/tmp",
                   options->runtime_dir, id);

    if (profile >= PATH_MAX || runtime >= PATH_MAX || tmp >= PATH_MAX) {
        fprintf(stderr, "whatsapp-controller: the directories' names are "
                "too long\n");
        return false;
    }

    if (!files_make_directory(slot->profile_dir, 0700, (uid_t) -1,
                              (gid_t) -1)
        || !files_make_directory(slot->runtime_dir, 0700, (uid_t) -1,
                                 (gid_t) -1))
    {
        return false;
    }

    (void) snprintf(slot->id, sizeof(slot->id), "%s", id);

    slot->config.id = slot->id;

    browser->name = slot->id;
    browser->chromium = options->chromium;
    browser->web_url = options->web_url;
    browser->profile_dir = slot->profile_dir;
    browser->tmp_dir = slot->tmp_dir;
    browser->user_agent = options->user_agent;
    browser->wa_js = parts->wa_js;
    browser->wa_js_size = parts->wa_js_size;
    browser->sandbox = options->chromium_sandbox;
    browser->ping_interval_ms = options->ping_interval_ms;
    browser->boot_timeout_ms = options->boot_timeout_ms;

    lanes[LANE_SENDS].max = options->queue_max;
    lanes[LANE_SENDS].window = options->send_window;
    lanes[LANE_SENDS].rate = options->send_rate;
    lanes[LANE_SENDS].burst = options->send_burst;

    lanes[LANE_READS].max = SLOT_READS_WAIT;
    lanes[LANE_READS].window = options->reads_max;

    slot->config.code_rate = options->code_rate;
    slot->config.code_burst = options->code_burst;

    slot->session = session_create(parts->base, parts->log, &slot->config);

    if (slot->session == NULL) {
        fprintf(stderr, "whatsapp-controller: can't make session %s\n", id);
        return false;
    }

    return true;
}


void
slot_close(struct slot *slot)
{
    session_destroy(slot->session);

    (void) rmdir(slot->tmp_dir);
    (void) rmdir(slot->runtime_dir);
}
