/* SPDX-License-Identifier: EUPL-1.2 */
/* directory_check - what a directory must be like to be taken. */
#ifndef PROTO_DIRECTORY_CHECK_H
#define PROTO_DIRECTORY_CHECK_H

#include "proto/directory.h"

#define DIRECTORY_ALL "*"
#define DIRECTORY_KIND "kind:"

/* Limits, grammar, order, references, unique names and keys. ERR_FORMAT, ERR_UNKNOWN_AGENCY, with the place in `why`. */
enum err directory_check(const struct directory *d, struct why *why) MUST_USE;

#endif
