/* SPDX-License-Identifier: EUPL-1.2 */
/* lifecycle_list - the referral's life once more, written by hand from the domain's description, step by step: what lifecycle.def and both
 * adapters are held against. Header-only.
 */
#ifndef TESTS_LIFECYCLE_LIST_H
#define TESTS_LIFECYCLE_LIST_H

#include <stdbool.h>
#include <stddef.h>
#include <string.h>

#include "proto/lifecycle.h"

static const char *const all_states[] = {
	"draft", "requested", "received", "info-requested", "accepted", "waitlisted", "scheduled", "in-progress",
	"on-hold", "cancel-requested", "late-offered", "declined", "redirected", "expired", "cancelled", "withdrawn", "transferred",
	"completed", "failed", "entered-in-error",
};

/* One line for each pair of states that a step joins: who may take it (I, R or B for both), from, to, its ids. */
static const struct step {
	char by;
	const char *from, *to, *ids;
} steps[] = {
	{ 'I', "draft", "requested", "T01 T26" },
	{ 'R', "requested", "received", "T02" },
	{ 'R', "requested", "info-requested", "T03" },
	{ 'R', "received", "info-requested", "T03" },
	{ 'I', "info-requested", "received", "T04" },
	{ 'R', "requested", "accepted", "T05" },
	{ 'R', "received", "accepted", "T05" },
	{ 'R', "requested", "declined", "T06" },
	{ 'R', "received", "declined", "T06" },
	{ 'R', "info-requested", "declined", "T06" },
	{ 'R', "waitlisted", "declined", "T06" },
	{ 'R', "requested", "redirected", "T07" },
	{ 'R', "received", "redirected", "T07" },
	{ 'R', "accepted", "redirected", "T07" },
	{ 'R', "waitlisted", "redirected", "T07" },
	{ 'R', "accepted", "waitlisted", "T08" },
	{ 'R', "requested", "waitlisted", "T08" },
	{ 'R', "received", "waitlisted", "T08" },
	{ 'R', "waitlisted", "accepted", "T09" },
	{ 'R', "waitlisted", "scheduled", "T09" },
	{ 'R', "waitlisted", "waitlisted", "T10" },
	{ 'R', "accepted", "scheduled", "T11" },
	{ 'R', "in-progress", "scheduled", "T11" },
	{ 'R', "scheduled", "scheduled", "T12 T13" },
	{ 'R', "scheduled", "accepted", "T14" },
	{ 'R', "accepted", "in-progress", "T15" },
	{ 'R', "scheduled", "in-progress", "T15" },
	{ 'R', "in-progress", "in-progress", "T16" },
	{ 'R', "in-progress", "on-hold", "T17" },
	{ 'R', "accepted", "on-hold", "T17" },
	{ 'R', "on-hold", "in-progress", "T18" },
	{ 'R', "accepted", "declined", "T19" },
	{ 'R', "scheduled", "declined", "T19" },
	{ 'R', "in-progress", "declined", "T19" },
	{ 'I', "requested", "cancel-requested", "T20" },
	{ 'I', "received", "cancel-requested", "T20" },
	{ 'I', "info-requested", "cancel-requested", "T20" },
	{ 'I', "accepted", "cancel-requested", "T20" },
	{ 'I', "waitlisted", "cancel-requested", "T20" },
	{ 'I', "scheduled", "cancel-requested", "T20" },
	{ 'I', "in-progress", "cancel-requested", "T20" },
	{ 'I', "on-hold", "cancel-requested", "T20" },
	{ 'R', "cancel-requested", "cancelled", "T21" },
	{ 'R', "cancel-requested", "completed", "T22" },
	{ 'R', "accepted", "completed", "T23" },
	{ 'R', "scheduled", "completed", "T23" },
	{ 'R', "in-progress", "completed", "T23" },
	{ 'R', "accepted", "failed", "T24" },
	{ 'R', "scheduled", "failed", "T24" },
	{ 'R', "in-progress", "failed", "T24" },
	{ 'R', "on-hold", "failed", "T24" },
	{ 'I', "requested", "expired", "T25" },
	{ 'I', "received", "expired", "T25" },
	{ 'I', "info-requested", "expired", "T25" },
	{ 'B', "requested", "withdrawn", "T27" },
	{ 'B', "received", "withdrawn", "T27" },
	{ 'B', "info-requested", "withdrawn", "T27" },
	{ 'B', "accepted", "withdrawn", "T27" },
	{ 'B', "waitlisted", "withdrawn", "T27" },
	{ 'B', "scheduled", "withdrawn", "T27" },
	{ 'B', "in-progress", "withdrawn", "T27" },
	{ 'B', "on-hold", "withdrawn", "T27" },
	{ 'B', "cancel-requested", "withdrawn", "T27" },
	{ 'B', "requested", "transferred", "T28" },
	{ 'B', "received", "transferred", "T28" },
	{ 'B', "info-requested", "transferred", "T28" },
	{ 'B', "accepted", "transferred", "T28" },
	{ 'B', "waitlisted", "transferred", "T28" },
	{ 'B', "scheduled", "transferred", "T28" },
	{ 'B', "in-progress", "transferred", "T28" },
	{ 'B', "on-hold", "transferred", "T28" },
	{ 'B', "cancel-requested", "transferred", "T28" },
	{ 'I', "requested", "cancelled", "T29" },
	{ 'I', "requested", "entered-in-error", "T30" },
	{ 'I', "received", "entered-in-error", "T30" },
	{ 'I', "info-requested", "entered-in-error", "T30" },
	{ 'I', "accepted", "entered-in-error", "T30" },
	{ 'I', "waitlisted", "entered-in-error", "T30" },
	{ 'I', "scheduled", "entered-in-error", "T30" },
	{ 'I', "in-progress", "entered-in-error", "T30" },
	{ 'I', "on-hold", "entered-in-error", "T30" },
	{ 'I', "cancel-requested", "entered-in-error", "T30" },
	{ 'I', "declined", "entered-in-error", "T30" },
	{ 'I', "redirected", "entered-in-error", "T30" },
	{ 'I', "expired", "entered-in-error", "T30" },
	{ 'I', "cancelled", "entered-in-error", "T30" },
	{ 'I', "withdrawn", "entered-in-error", "T30" },
	{ 'I', "transferred", "entered-in-error", "T30" },
	{ 'I', "completed", "entered-in-error", "T30" },
	{ 'I', "failed", "entered-in-error", "T30" },
	{ 'I', "completed", "completed", "T31" },
	{ 'I', "failed", "failed", "T31" },
	{ 'I', "declined", "declined", "T31" },
	{ 'R', "expired", "late-offered", "T32" },
	{ 'I', "late-offered", "accepted", "T33" },
	{ 'I', "late-offered", "expired", "T25" },
	{ 'I', "late-offered", "cancel-requested", "T20" },
	{ 'I', "late-offered", "entered-in-error", "T30" },
	{ 'R', "late-offered", "declined", "T06" },
	{ 'B', "late-offered", "withdrawn", "T27" },
	{ 'B', "late-offered", "transferred", "T28" },
};

#define N(a) (sizeof(a) / sizeof((a)[0]))

static inline const struct step *
find_step(const char *from, const char *to)
{
	for (size_t i = 0; i < N(steps); i++)
		if (strcmp(steps[i].from, from) == 0 && strcmp(steps[i].to, to) == 0)
			return &steps[i];
	return NULL;
}

static inline bool
may(const struct step *step, enum actor actor)
{
	return step != NULL && (step->by == 'B' || step->by == (actor == ACTOR_INITIATOR ? 'I' : 'R'));
}

#endif
