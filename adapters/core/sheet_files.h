/* SPDX-License-Identifier: EUPL-1.2 */
/* sheet_files - key sheets that came by file: what lets an adapter seal before it has ever reached the hub. */
#ifndef ADAPTER_SHEET_FILES_H
#define ADAPTER_SHEET_FILES_H

#include "adapters/core/contacts.h"

#define SHEET_FILE_MAX (64 * 1024)	/* bytes of one sheet */

/* Take every `*.sheet` of folder `dir` that verifies into the contacts; newer ones in the store stand. A file that is none, or
 * of an agency that is not in the directory, is passed over: the hub sends its own. ERR_NOTFOUND: no such folder. */
enum err sheet_files_take(const char *dir, struct contacts *contacts, int64_t now_ms, struct why *why) MUST_USE;

#endif
