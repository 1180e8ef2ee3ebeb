/*
 * From options to the configuration of a session and of a browser.
 */

#include <string.h>

#include "base/host_memory.h"
#include "configure.h"


/* calls of a session, other than sends, that may wait for their turn */

#define CONFIGURE_CALLS_WAIT  64

#define CONFIGURE_MIB         (1024 * 1024)


static uint64_t configure_max_memory(const struct options *options);


void
configure_sessions(struct session_config *config,
    const struct options *options, const struct setup *setup)
{
    struct tab_config  *tab = &config->tab;

    memset(config, 0, sizeof(struct session_config));

    tab->web_url = options->web_url;
    tab->wa_js = &setup->wa_js;
    tab->visible = options->mode == OPTIONS_LINK;
    tab->acknowledged = "message.send";
    tab->ping_interval_ms = options->ping_interval_ms;
    tab->collect_idle_ms = options->collect_idle_s * 1000;
    tab->boot_timeout_ms = options->boot_timeout_ms;

    configure_rates(config, options);
}


void
configure_rates(struct session_config *config, const struct options *options)
{
    struct send_queue_config  *lanes = config->lanes;

    lanes[LANE_SENDS].max = options->queue_max;
    lanes[LANE_SENDS].window = options->send_window;
    lanes[LANE_SENDS].rate = options->send_rate;
    lanes[LANE_SENDS].burst = options->send_burst;

    lanes[LANE_CALLS].max = CONFIGURE_CALLS_WAIT;
    lanes[LANE_CALLS].window = options->calls_max;

    config->code_rate = options->code_rate;
    config->code_burst = options->code_burst;
}


void
configure_memory(struct memory_config *config,
    const struct options *options)
{
    config->page.high = (uint64_t) options->page_memory_high * CONFIGURE_MIB;
    config->page.max = (uint64_t) options->page_memory_max * CONFIGURE_MIB;
    config->browser.high = (uint64_t) options->browser_memory_high
                           * CONFIGURE_MIB;
    config->browser.max = (uint64_t) options->browser_memory_max
                          * CONFIGURE_MIB;
    config->all = configure_max_memory(options);
    config->interval_ms = options->memory_interval_ms;
}


static uint64_t
configure_max_memory(const struct options *options)
{
    struct host_memory  host;

    if (options->max_memory != OPTIONS_MIB_DERIVED) {
        return (uint64_t) options->max_memory * CONFIGURE_MIB;
    }

    host_memory_read(&host);

    return host.total == UINT64_MAX ? 0 : host.total / 10 * 9;
}


void
configure_webhooks(struct webhooks_config *config,
    const struct options *options, const struct setup *setup)
{
    config->sections = setup->webhooks;
    config->ca = setup->webhook_ca;
    config->give_up_ms = (uint64_t) options->webhook_give_up_s * 1000;
}


void
configure_browsers(struct browser_config *config,
    const struct options *options)
{
    memset(config, 0, sizeof(struct browser_config));

    config->chromium = options->chromium;
    config->web_url = options->web_url;
    config->user_agent = options->user_agent;
    config->sandbox = options->chromium_sandbox;
    config->visible = options->mode == OPTIONS_LINK;
    config->console = options->mode != OPTIONS_SERVE;
}
