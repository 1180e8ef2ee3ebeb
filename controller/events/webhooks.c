/*
 * Webhooks are added with their sessions and never removed.
 */

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "events/webhook_overrides.h"
#include "events/webhooks.h"


struct webhooks {
    struct webhook_parts             parts;
    const struct webhook_sections   *sections;
    struct webhook_overrides        *overrides;
    struct webhook                 **list;
    size_t                           n;
};


static const char *webhooks_override(const struct webhooks *webhooks,
    const char *session, const struct webhook_settings *settings);
static bool webhooks_keep(struct webhooks *webhooks, struct webhook **chosen,
    size_t n, const char *url);


struct webhooks *
webhooks_create(const struct webhooks_config *config)
{
    struct webhooks  *webhooks;

    webhooks = calloc(1, sizeof(struct webhooks));

    if (webhooks == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        return NULL;
    }

    webhooks->sections = config->sections;
    webhooks->parts.base = config->base;
    webhooks->parts.log = config->log;
    webhooks->parts.client.guard = config->guard;
    webhooks->parts.client.ca = config->ca;
    webhooks->parts.give_up_ms = config->give_up_ms;
    webhooks->parts.client.loop = transfer_loop_create(config->base);
    webhooks->overrides = webhook_overrides_create(config->state_dir,
                                                   config->seal);

    if (webhooks->parts.client.loop == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
    }

    if (webhooks->parts.client.loop == NULL || webhooks->overrides == NULL) {
        webhooks_destroy(webhooks);
        return NULL;
    }

    return webhooks;
}


void
webhooks_destroy(struct webhooks *webhooks)
{
    size_t  i;

    if (webhooks == NULL) {
        return;
    }

    for (i = 0; i < webhooks->n; i++) {
        webhook_destroy(webhooks->list[i]);
    }

    free(webhooks->list);
    webhook_overrides_destroy(webhooks->overrides);
    transfer_loop_destroy(webhooks->parts.client.loop);
    free(webhooks);
}


bool
webhooks_add(struct webhooks *webhooks, const char *session,
    struct inbox *inbox)
{
    const char               *url;
    struct webhook           *webhook, **list;
    struct webhook_settings   settings;

    list = realloc(webhooks->list,
                   (webhooks->n + 1) * sizeof(struct webhook *));

    if (list == NULL) {
        return false;
    }

    webhooks->list = list;
    settings = webhook_sections_find(webhooks->sections, session);
    url = webhooks_override(webhooks, session, &settings);

    webhook = webhook_create(&webhooks->parts, inbox, session, &settings,
                             url);
    if (webhook == NULL) {
        return false;
    }

    list[webhooks->n++] = webhook;

    return true;
}


void
webhooks_change(struct webhooks *webhooks,
    const struct webhooks_config *config)
{
    size_t                    i;
    const char               *session;
    struct webhook_settings   settings;

    webhooks->sections = config->sections;
    webhooks->parts.client.ca = config->ca;
    webhooks->parts.give_up_ms = config->give_up_ms;

    for (i = 0; i < webhooks->n; i++) {
        session = webhook_session(webhooks->list[i]);
        settings = webhook_sections_find(webhooks->sections, session);

        webhook_change(webhooks->list[i], &settings,
                       webhooks_override(webhooks, session, &settings));
    }
}


struct webhook *
webhooks_find(const struct webhooks *webhooks, const char *session)
{
    size_t  i;

    for (i = 0; i < webhooks->n; i++) {
        if (strcmp(webhook_session(webhooks->list[i]), session) == 0) {
            return webhooks->list[i];
        }
    }

    return NULL;
}


struct webhook_challenge *
webhooks_challenge(struct webhooks *webhooks, const struct webhook *webhook,
    const char *url, const char *verify_token, webhook_challenge_pt done,
    void *ctx)
{
    return webhook_challenge_start(&webhooks->parts.client,
                                   webhook_settings(webhook), url,
                                   verify_token, done, ctx);
}


bool
webhooks_set_override(struct webhooks *webhooks, struct webhook **chosen,
    size_t n, const char *url)
{
    bool    set;
    size_t  i;

    if (!webhooks_keep(webhooks, chosen, n, url)) {
        log_event(webhooks->parts.log, LOG_ERROR, "webhook_override_not_kept",
                  log_int("errno", errno));
        return false;
    }

    set = true;

    for (i = 0; i < n; i++) {
        set = webhook_set_override(chosen[i], url) && set;
    }

    return set;
}


bool
webhooks_forget(struct webhooks *webhooks, const char *session)
{
    struct webhook  *webhook;

    webhook = webhooks_find(webhooks, session);

    if (webhook_overrides_get(webhooks->overrides, session) != NULL
        && !webhooks_keep(webhooks, &webhook, 1, NULL))
    {
        return false;
    }

    webhook_forget(webhook);

    return true;
}


void
webhooks_drain(struct webhooks *webhooks)
{
    size_t  i;

    for (i = 0; i < webhooks->n; i++) {
        webhook_drain(webhooks->list[i]);
    }
}


bool
webhooks_busy(const struct webhooks *webhooks)
{
    size_t  i;

    for (i = 0; i < webhooks->n; i++) {
        if (webhook_busy(webhooks->list[i])) {
            return true;
        }
    }

    return false;
}


/* the URL that a client has set, NULL if there is none that counts */

static const char *
webhooks_override(const struct webhooks *webhooks, const char *session,
    const struct webhook_settings *settings)
{
    const char  *url;

    url = webhook_overrides_get(webhooks->overrides, session);

    /* the operator may have forbidden it since */

    if (url != NULL && !settings->overrides) {
        log_event(webhooks->parts.log, LOG_WARN, "webhook_override_ignored",
                  log_const("session", session));
        return NULL;
    }

    return url;
}


/* writes the file of URLs; false: it is as before */

static bool
webhooks_keep(struct webhooks *webhooks, struct webhook **chosen, size_t n,
    const char *url)
{
    bool                       kept;
    size_t                     i;
    struct webhook_overrides  *changed;

    changed = webhook_overrides_copy(webhooks->overrides);

    kept = changed != NULL;

    for (i = 0; kept && i < n; i++) {
        kept = webhook_overrides_set(changed, webhook_session(chosen[i]),
                                     url);
    }

    if (!kept || !webhook_overrides_save(changed)) {
        webhook_overrides_destroy(changed);
        return false;
    }

    webhook_overrides_destroy(webhooks->overrides);
    webhooks->overrides = changed;

    return true;
}
