/* SPDX-License-Identifier: EUPL-1.2 */
/* export - the command that writes a log into a folder. */
#ifndef AUDIT_EXPORT_H
#define AUDIT_EXPORT_H

#include "hub/ctl/command.h"
#include "proto/base/bytes.h"

extern const struct command_option export_options[];
int export_log(const struct call *call);

/* A new folder to export into; ERR_EXISTS: something is there. The file function fits exporter_run, `arg` its path. */
enum err export_make_dir(const char *dir, struct why *why) MUST_USE;
enum err export_put_file(void *arg, const char *name, struct span bytes, struct why *why) MUST_USE;

#endif
