/*
 * Answers to what libmicrohttpd refuses by itself.
 */

#ifndef SERVER_REFUSAL_H
#define SERVER_REFUSAL_H


#include <microhttpd.h>


/*
 * Queues an answer of ours, as libmicrohttpd's MHD_queue_response does, which
 * this program must not call by that name.
 */
enum MHD_Result server_refusal_queue_own(struct MHD_Connection *mhd,
    unsigned status, struct MHD_Response *response);


#endif /* SERVER_REFUSAL_H */
