/*
 * The name of the program.
 */

#include "base/program.h"


const char  *program_name = "whatsapp-controller";
