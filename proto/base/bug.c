/* SPDX-License-Identifier: EUPL-1.2 */
/* bug - which of them is on is read once. An ordinary build has nothing of this. */
#include "proto/base/bug.h"

#ifdef NASOKA_SEEDED_BUGS
#include <stdlib.h>
#include <string.h>

bool
bug(enum bug which)
{
	static const char *const names[] = {
#define BUG(id, name, what, catcher) name,
#include "proto/base/bug.def"
#undef BUG
	};
	static int on = -1;
	const char *name;

	if (on < 0) {
		name = getenv("NASOKA_BUG");
		for (on = 0; on < N_BUGS && (name == NULL || strcmp(names[on], name) != 0); on++)
			;
	}
	return on == (int)which;
}
#else
extern int bug_is_nowhere;	/* a source is never empty */
#endif
