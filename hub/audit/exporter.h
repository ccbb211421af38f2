/* SPDX-License-Identifier: EUPL-1.2 */
/* exporter - a log as an export's files, handed one by one to whoever keeps them: a folder, or memory.
 *
 * It ends at the newest checkpoint. What it writes is a function of the log: no time, no name of a machine.
 */
#ifndef AUDIT_EXPORTER_H
#define AUDIT_EXPORTER_H

#include "hub/audit/source.h"

typedef enum err exporter_put_fn(void *arg, const char *name, struct span bytes, struct why *why);

/* ERR_NOTFOUND: the log has no checkpoint yet. */
enum err exporter_run(struct source *s, exporter_put_fn *put, void *arg, struct why *why) MUST_USE;

#endif
