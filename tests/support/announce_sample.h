/* SPDX-License-Identifier: EUPL-1.2 */
/* announce_sample - one service as its agency announces it, for tests: a community support centre with free places. Header-only. */
#ifndef SUPPORT_ANNOUNCE_SAMPLE_H
#define SUPPORT_ANNOUNCE_SAMPLE_H

#include "proto/announce.h"

static inline struct announce
sample_announce(const char *agency, const char *service_id, int64_t now_ms)
{
	static const char *municipalities[] = { "PDV17", "PDV22", "PDV26" };
	static const char *schedule[] = { "понеделник до петък, 9:00 до 17:00" };
	static const char *languages[] = { "bg", "rom" };
	static struct announce_contact contacts[] = { { "phone", "+359 32 000 000" }, { "email", "priem@cop.example" } };
	static struct announce_place places[] = { { "PDV22", "56784", "ул. Примерна 1" } };

	return (struct announce){
		.service_id = service_id, .agency = agency, .service_kind = "psych-counselling", .programme = "P2",
		.name_bg = "Психологическо консултиране", .name_en = "Psychological counselling", .municipalities = municipalities,
		.n_municipalities = 3, .min_age = 3, .max_age = 17, .eligibility = "Деца и семейства в риск", .schedule = schedule,
		.n_schedule = 1, .contacts = contacts, .n_contacts = 2, .languages = languages, .n_languages = 2, .places = places,
		.n_places = 1, .capacity_status = "capacity", .unit = "place", .total = 20, .funded = 20, .available = 4,
		.waiting = 0, .median_wait_days = ANNOUNCE_UNSAID, .as_of_ms = now_ms - CLOCK_HOUR,
		.valid_until_ms = now_ms + 30 * CLOCK_DAY,
	};
}

#endif
