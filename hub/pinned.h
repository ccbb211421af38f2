/* SPDX-License-Identifier: EUPL-1.2 */
/* pinned - the hub's outside truth: the pinned registrars, the signed directory note, the agencies' sheets, as files.
 *
 * Verified here and given to the core, which journals what is new. Called by hubd at the start and at a reload.
 */
#ifndef HUB_PINNED_H
#define HUB_PINNED_H

#include "config/hub_config.h"
#include "hub/hub.h"
#include "proto/directory.h"

/* Text of "threshold K" and one verifier key a line; empty lines and those with '#' are skipped. */
enum err pinned_parse(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why) MUST_USE;

/* What the directory must say of this hub. */
struct pinned_self { const char *origin; const struct public_key *log, *notice, *curve; };

/* Directory and sheets from their files into the core. An expired directory is refused when it is new, kept when the core
 * has it already. A sheet that does not verify is left out and counted. */
enum err pinned_load(const struct hub_config *config, const struct pinned_self *self, struct hub *hub, int64_t now_ms,
		     size_t *ret_bad_sheets, struct why *why) MUST_USE;

#endif
