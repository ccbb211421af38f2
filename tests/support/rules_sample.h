/* SPDX-License-Identifier: EUPL-1.2 */
/* rules_sample - small rules of the programme, for tests. Header-only. */
#ifndef SUPPORT_RULES_SAMPLE_H
#define SUPPORT_RULES_SAMPLE_H

#include "proto/base/clock.h"
#include "proto/rules.h"

static inline struct rules
sample_rules(void)
{
	static const char *kinds[] = { "attendance-support", "psych-counselling" };
	static const char *to_office[] = { "ozd" }, *to_all[] = { "*" };
	static struct rule_send sends[] = { { "ozd", "*", to_all, 1 }, { "school", "attendance-support", to_office, 1 } };
	static struct rule_deadline deadlines[] = {
		{ 1, "psych-counselling", NULL, { .working_days = 2 }, { .ms = 10 * CLOCK_DAY }, { 0, 0 } },
		{ 0, NULL, "PDV22", { 0, 0 }, { .ms = 5 * CLOCK_DAY }, { .ms = 60 * CLOCK_DAY } },
	};

	return (struct rules){ kinds, 2, sends, 2, deadlines, 2 };
}

#endif
