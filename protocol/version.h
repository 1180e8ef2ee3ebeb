/*
 * The version of module and controller, which are released together.  The API
 * file (docs/openapi.yaml) has the same one, and t/openapi.t compares them.
 */

#ifndef WHATSAPP_VERSION_H
#define WHATSAPP_VERSION_H


#define WHATSAPP_VERSION  "0.2.0"


#endif /* WHATSAPP_VERSION_H */
