/* SPDX-License-Identifier: EUPL-1.2 */
/* agency - what the name of a party looks like: agencies, auditors, the hub itself. */
#ifndef PROTO_AGENCY_H
#define PROTO_AGENCY_H

#include <stdbool.h>

#define AGENCY_ID_MAX 64
#define AGENCY_HUB "hub"	/* the sender of notices; no agency may be called so */

/* 1 to AGENCY_ID_MAX of a-z, 0-9 and hyphen, the first a letter or digit. NULL is none. */
bool agency_is_id(const char *id);

#endif
