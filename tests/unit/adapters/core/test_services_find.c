/* SPDX-License-Identifier: EUPL-1.2 */
/* The search finds by each of its questions, and puts first where there is room now. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>
#include <cmocka.h>

#include "adapters/core/services_find.h"
#include "tests/support/announce_sample.h"

#define NOW INT64_C(1772445600000)

static const struct agency centre = { .id = "cop", .name_bg = "ЦОП „Надежда“", .name_en = "Hope" };
static struct service all[5];
static const struct service *found[5];

static void
fill(void)
{
	static const char *const ids[] = { "a", "b", "c", "d", "e" };
	static const char *other[] = { "PDV42" };

	for (size_t i = 0; i < 5; i++)
		all[i] = (struct service){ .announce = sample_announce("cop", ids[i], NOW), .agency = &centre };
	all[0].announce.capacity_status = "no-capacity";
	all[0].announce.available = 0;
	all[1].announce.available = 2;
	all[2].announce.valid_until_ms = NOW;
	all[3].announce.capacity_status = "waitlist";
	all[3].announce.available = ANNOUNCE_UNSAID;
	all[3].announce.municipalities = other;
	all[3].announce.n_municipalities = 1;
	all[4].announce.service_kind = "mentoring";
	all[4].announce.programme = "P3";
	all[4].announce.name_bg = "МЕНТОРСТВО Ѝ";
	all[4].announce.name_en = NULL;
	all[4].announce.min_age = ANNOUNCE_UNSAID;
	all[4].announce.max_age = 2;
}

static void
finds(const struct services_query *q, const char *wanted)
{
	char got[6] = "";
	size_t n;

	fill();
	n = services_find(all, 5, q, NOW, found);
	for (size_t i = 0; i < n; i++)
		got[i] = found[i]->announce.service_id[0];
	assert_string_equal(got, wanted);
}

#define FINDS(wanted, years, ...) finds(&(struct services_query){ .age = (years), __VA_ARGS__ }, wanted)
#define ANY ANNOUNCE_UNSAID

/* Room first, and most of it; then waiting lists, full ones, and last what nobody knows any more. */
static void
order(void **state)
{
	(void)state;
	FINDS("ebdac", ANY, .id = NULL);
}

/* By kind, programme, municipality, age, agency, id and text, in both alphabets, whatever the case. */
static void
questions(void **state)
{
	(void)state;
	FINDS("e", ANY, .kind = "mentoring");
	FINDS("", ANY, .kind = "information");
	FINDS("e", ANY, .programme = "P3");
	FINDS("d", ANY, .municipality = "PDV42");
	FINDS("", ANY, .municipality = "PDV01");
	FINDS("bdac", 3, .id = NULL);
	FINDS("bdac", 17, .id = NULL);
	FINDS("e", 0, .id = NULL);
	FINDS("", 18, .id = NULL);
	FINDS("c", ANY, .id = "c");
	FINDS("", ANY, .agency = "ozd");
	FINDS("e", ANY, .text = "ментор");
	FINDS("e", ANY, .text = "ѝ");
	FINDS("bdac", ANY, .text = "COUNSEL");
	FINDS("ebdac", ANY, .text = "надежда");
	FINDS("", ANY, .text = "няма такова");
}

/* Free is what is free now: neither stale nor a waiting list, whatever numbers they give. */
static void
only_free(void **state)
{
	(void)state;
	FINDS("eb", ANY, .only_free = true);
	FINDS("b", 7, .only_free = true);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(order), cmocka_unit_test(questions), cmocka_unit_test(only_free) };

	return cmocka_run_group_tests_name("services_find", tests, NULL, NULL);
}
