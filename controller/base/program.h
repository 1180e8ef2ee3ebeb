/*
 * The name of the program in its messages, as base/ is a part of several.
 */

#ifndef PROGRAM_H
#define PROGRAM_H


/* "whatsapp-controller", unless another program sets its own at its start */

extern const char  *program_name;


#endif /* PROGRAM_H */
