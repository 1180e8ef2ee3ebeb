/*
 * The file of templates: each that is taken is listed as well-formed JSON with
 * its own text and buttons in it, and its parts are its text.
 */

#include <jansson.h>

#include "ngx_http_whatsapp_messages.h"
#include "ngx_http_whatsapp_template_file.h"

#include "../t/unit/nginx.h"
#include "fuzz.h"


static void
check_json(const ngx_http_whatsapp_template_t *template)
{
    json_t  *root, *text, *components, *buttons;
    size_t   body;

    root = json_loadb((char *) template->json.data, template->json.len,
                      JSON_REJECT_DUPLICATES, NULL);
    require(root != NULL);

    components = json_object_get(root, "components");
    body = template->header != NULL;
    text = json_object_get(json_array_get(components, body), "text");
    buttons = json_object_get(json_array_get(components, body + 1), "buttons");

    require(json_array_size(buttons) == template->buttons);

    require(json_string_length(text) == template->text.len);
    require(memcmp(json_string_value(text), template->text.data,
                   template->text.len)
            == 0);

    json_decref(root);
}


static void
check_parts(const ngx_http_whatsapp_template_t *template)
{
    u_char                             *p;
    size_t                              edge;
    ngx_str_t                          *parameter;
    ngx_uint_t                          i;
    ngx_http_whatsapp_template_part_t  *part;

    p = template->text.data;
    part = template->parts.elts;
    parameter = template->parameters.elts;

    for (i = 0; i < template->parts.nelts; i++) {

        edge = (part[i].parameter == -1) ? 0 : sizeof("{{") - 1;

        require(part[i].text.data == p + edge);

        p += edge + part[i].text.len + edge;

        if (edge) {
            require(part[i].parameter >= 0);
            require((ngx_uint_t) part[i].parameter
                    < template->parameters.nelts);
            require(parameter[part[i].parameter].len == part[i].text.len);
        }
    }

    require(p == template->text.data + template->text.len);
}


int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char                          *rc;
    ngx_str_t                      args[2];
    ngx_uint_t                     i;
    ngx_conf_t                     cf;
    ngx_array_t                    array;
    ngx_http_whatsapp_loc_conf_t   conf;
    ngx_http_whatsapp_template_t  *template;

    memset(&cf, 0, sizeof(cf));
    memset(&array, 0, sizeof(array));
    memset(&conf, 0, sizeof(conf));

    args[1] = nginx_file(data, size);
    array.elts = args;
    cf.args = &array;
    conf.templates = NGX_CONF_UNSET_PTR;

    rc = ngx_http_whatsapp_templates(&cf, NULL, &conf);

    if (rc == NGX_CONF_OK) {
        template = conf.templates->elts;

        for (i = 0; i < conf.templates->nelts; i++) {
            check_json(&template[i]);
            check_parts(&template[i]);
        }

    } else {
        require(rc == NGX_CONF_ERROR);
    }

    nginx_release();

    return 0;
}
