/* SPDX-License-Identifier: EUPL-1.2 */
/* bug - faults that are put into the product on purpose, to show that the tests would find them (bug.def).
 *
 * bug(BUG_X) is false, and leaves nothing behind, unless all is built with NASOKA_SEEDED_BUGS (preset "bugs"); there the environment
 * variable NASOKA_BUG names the one that is on. Called by whatever file has a row in bug.def; driven by the fault programme.
 */
#ifndef BASE_BUG_H
#define BASE_BUG_H

#include <stdbool.h>

#ifdef NASOKA_SEEDED_BUGS
enum bug {
#define BUG(id, name, what, catcher) id,
#include "proto/base/bug.def"
#undef BUG
	N_BUGS
};

bool bug(enum bug which);
#else
#define bug(which) false
#endif

#endif
