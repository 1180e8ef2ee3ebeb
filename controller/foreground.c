/*
 * What --probe and --link need of the options and of the system.
 */

#include <stdio.h>

#include <event2/event.h>

#include "base/log.h"
#include "command/linking.h"
#include "command/probe.h"
#include "configure.h"
#include "foreground.h"
#include "setup.h"


static int foreground_command(const struct options *options,
    const struct setup *setup);


int
foreground_run(const struct options *options)
{
    int           status;
    struct setup  setup;

    status = setup_take(&setup, options) ? foreground_command(options, &setup)
                                         : 1;
    setup_release(&setup);

    return status;
}


static int
foreground_command(const struct options *options, const struct setup *setup)
{
    int                      status;
    enum log_level           level;
    struct command_config    config;

    /* what happens is said on standard output */

    level = options->log_level == LOG_NOTICE ? LOG_ERROR : options->log_level;

    config.base = event_base_new();
    config.log = log_create(stderr, level);
    config.out = stdout;
    config.id = options->sessions_n != 0 ? options->sessions[0] : NULL;
    config.state_dir = options->state_dir;
    config.runtime_dir = options->runtime_dir;
    config.wa_js_digest = setup->wa_js_digest;
    config.timeout_ms = options->boot_timeout_ms;

    configure_sessions(&config.session, options, setup);
    configure_browsers(&config.browser, options);

    if (config.base == NULL || config.log == NULL) {
        fprintf(stderr, "whatsapp-controller: not enough memory\n");
        status = 1;

    } else if (options->mode == OPTIONS_PROBE) {
        status = probe_run(&config);

    } else {
        status = linking_run(&config);
    }

    if (config.base != NULL) {
        event_base_free(config.base);
    }

    log_destroy(config.log);

    return status;
}
