/*
 * A request to a location with whatsapp_abuse_forget.
 */

#include "ctl/ctl_forget.h"
#include "ctl/ctl_http.h"
#include "protocol/abuse.h"


static enum ctl_exit ctl_forget_read(const struct ctl *ctl,
    const struct ctl_answer *answer, bool *was_known);


enum ctl_exit
ctl_forget_nginx(const struct ctl *ctl, const char *client, bool *was_known)
{
    int                 error;
    const char         *why;
    enum ctl_exit       status;
    struct ctl_http    *http;
    struct ctl_answer   answer;

    http = ctl_http_create(WHATSAPP_FORGET_METHOD, ctl->nginx, NULL);

    if (http == NULL
        || !ctl_http_header(http, WHATSAPP_FORGET_HEADER, client))
    {
        ctl_http_free(http);
        return ctl_fail_memory(ctl);
    }

    why = ctl_http_perform(http, &answer, &error);

    if (why != NULL) {
        status = ctl_fail(ctl, CTL_UNREACHABLE, "unreachable", "nginx at %s "
                          "can't be reached: %s; name the location of "
                          "whatsapp_abuse_forget by --nginx", ctl->nginx,
                          why);
    } else {
        status = ctl_forget_read(ctl, &answer, was_known);
        ctl_answer_free(&answer);
    }

    ctl_http_free(http);

    return status;
}


static enum ctl_exit
ctl_forget_read(const struct ctl *ctl, const struct ctl_answer *answer,
    bool *was_known)
{
    bool     ok;
    json_t  *object, *forgotten;

    object = json_loadb(answer->text != NULL ? answer->text : "",
                        answer->size, 0, NULL);
    forgotten = json_object_get(object, "forgotten");
    ok = answer->status == 200 && json_is_boolean(forgotten);
    *was_known = json_is_true(forgotten);

    json_decref(object);

    return ok ? CTL_OK
              : ctl_fail(ctl, CTL_REFUSED, "no_location", "nginx at %s has "
                         "answered with status %ld, but not as a location "
                         "with whatsapp_abuse_forget does; allow this host "
                         "there, or name another location by --nginx",
                         ctl->nginx, answer->status);
}
