/*
 * Random numbers that nobody can foresee, and that are not secret.
 */

#ifndef RANDOM_H
#define RANDOM_H


#include <stdint.h>


/* Returns any number; the middle one if the system has none to give. */
uint32_t random_number(void);


#endif /* RANDOM_H */
