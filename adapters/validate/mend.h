/* SPDX-License-Identifier: EUPL-1.2 */
/* mend - puts into a record what is not its file's fault, or was told already, so that its next fault shows. */
#ifndef VALIDATE_MEND_H
#define VALIDATE_MEND_H

#include "proto/record.h"

struct adapter_config;

/* What the core would fill in, and what the agency's defaults would. `config` may be NULL. */
void mend_complete(struct record *record, const struct adapter_config *config, struct arena *mem);
/* The file that a row names is not here: only what is said of it can be judged. */
void mend_file(struct record *record, struct arena *mem);
/* Something that the rules take, in place of what they refused at `path` with `e`. False: there is nothing to put. */
bool mend_fault(struct record *record, const char *path, enum err e, struct arena *mem);

#endif
