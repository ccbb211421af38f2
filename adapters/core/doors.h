/* SPDX-License-Identifier: EUPL-1.2 */
/* doors - opens what the configuration says: HTTP, MLLP and folder in; webhook, MLLP and folder out; and the mail. */
#ifndef ADAPTER_DOORS_H
#define ADAPTER_DOORS_H

#include "adapters/core/adapter.h"
#include "proto/base/loop.h"

struct doors;

/* Doors out first, since the adapter is made with them; doors in when it stands. `slot` is adapter_parts.doors. */
enum err doors_open_out(const struct adapter_config *config, struct loop *loop, void (*on_fatal)(void *arg, enum err e), void *arg,
			struct door *slot[ADAPTER_DOORS_MAX + 1], struct doors **ret_doors, struct why *why) MUST_USE;
enum err doors_open_in(struct doors *doors, struct adapter *adapter, struct why *why) MUST_USE;
struct mailer *doors_mailer(struct doors *doors);	/* NULL: no mail is configured */
void doors_close(struct doors *doors);		/* NULL is fine */

#endif
