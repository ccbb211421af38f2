/* SPDX-License-Identifier: EUPL-1.2 */
/* refusal - the one answer of the core that looks at nothing but the sector: the door itself found what is wrong. */
#include "adapters/core/core.h"

enum err
adapter_refuse(struct adapter *a, enum err e, const struct why *why, const struct native *in, const char *door, struct arena *mem,
	       struct native *ret_answer)
{
	struct intake intake = { .e = e };

	if (why)
		intake.why = *why;
	a->env.now_ms = core_now(a);
	core_tell(a, LOG_DOOR_REFUSED, "door=%s code=%s where=%s", door, err_code(e), intake.why.where);
	return a->p.sector->answer(in, &intake, &a->env, mem, ret_answer);
}
