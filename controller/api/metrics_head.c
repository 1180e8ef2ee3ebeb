/*
 * What stands above the samples of a metric.
 */

#include "api/metrics_private.h"


void
metrics_head(FILE *out, const char *name, const char *type, const char *help)
{
    fprintf(out, "# HELP %s %s\n# TYPE %s %s\n", name, help, name, type);
}
