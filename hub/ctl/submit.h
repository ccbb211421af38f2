/* SPDX-License-Identifier: EUPL-1.2 */
/* submit - hand a native file to an adapter by hand, as if its folder door had found it. */
#ifndef CTL_SUBMIT_H
#define CTL_SUBMIT_H

#include "hub/ctl/command.h"

#define SUBMIT_FILE_MAX ((size_t)1536 * 1024)	/* in base64 it fits the adapter's limit of a request */

extern const struct command_option submit_options[];

/* Prints the adapter's answer in the agency's own format; exit 0 only if all of the file was taken. */
int submit_file(const struct call *call);

#endif
