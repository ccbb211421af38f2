/* SPDX-License-Identifier: EUPL-1.2 */
/* Which records close which: the whole table, spelt out apart from the code's. */
#include "adapters/core/closing.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

/* r referral, q questions, d decision after them, c cancellation asked, o late offer: what each step of either side stops. */
static const struct { const char *transition, *by_recipient, *by_initiator; } table[] = {
	{ "T01", "", "" }, { "T02", "", "" },
	{ "T03", "rd", "" }, { "T04", "", "q" },
	{ "T05", "rqd", "" }, { "T06", "rqdo", "" }, { "T07", "rqd", "" }, { "T08", "rqd", "" },
	{ "T09", "rd", "" }, { "T10", "rd", "" }, { "T11", "rd", "" }, { "T12", "rd", "" }, { "T13", "rd", "" }, { "T14", "rd", "" },
	{ "T15", "rd", "" }, { "T16", "rd", "" }, { "T17", "rd", "" }, { "T18", "rd", "" }, { "T19", "rd", "" },
	{ "T20", "", "rqdo" },
	{ "T21", "rqdco", "" }, { "T22", "rqdco", "" }, { "T23", "rd", "" }, { "T24", "rd", "" },
	{ "T25", "", "rqdco" }, { "T26", "", "" }, { "T27", "rqdco", "rqdco" }, { "T28", "rqdco", "rqdco" },
	{ "T29", "", "rqdco" }, { "T30", "", "rqdco" }, { "T31", "", "" }, { "T32", "rd", "" }, { "T33", "", "o" },
};

static void
whole_table(void **state)
{
	static const char letters[] = { [ASK_REFERRAL] = 'r', [ASK_QUESTIONS] = 'q', [ASK_DECISION] = 'd', [ASK_CANCEL] = 'c', [ASK_OFFER] = 'o' };

	(void)state;
	assert_int_equal(sizeof(table) / sizeof(table[0]), 33);
	for (size_t i = 0; i < 33; i++) {
		assert_true(lifecycle_is_transition(table[i].transition));
		for (enum ask ask = ASK_NONE; ask <= ASK_OFFER; ask++) {
			if (ask == ASK_CONSENT || ask == ASK_RSVP)
				continue;
			bool recipient = ask != ASK_NONE && strchr(table[i].by_recipient, letters[ask]) != NULL;
			bool initiator = ask != ASK_NONE && strchr(table[i].by_initiator, letters[ask]) != NULL;

			if (closing_stops(table[i].transition, ACTOR_RECIPIENT, ask) != recipient ||
			    closing_stops(table[i].transition, ACTOR_INITIATOR, ask) != initiator)
				fail_msg("%s and ask %d", table[i].transition, (int)ask);
		}
	}
	assert_false(closing_stops("T99", ACTOR_RECIPIENT, ASK_REFERRAL));
}

/* An invitation wants each member's answer, until that comes or the coordinator has decided; nothing else at a conference wants one. */
static void
conferences(void **state)
{
	static const char *const others[] = { "conference-rsvp", "conference-decision", "commitment", "commitment-update", "attachment" };

	(void)state;
	assert_int_equal(closing_ask("conference-invite"), ASK_RSVP);
	for (size_t i = 0; i < 5; i++) {
		assert_int_equal(closing_ask(others[i]), ASK_NONE);
		assert_true(closing_stops(others[i], ACTOR_RECIPIENT, ASK_RSVP) == (i == 0));
		assert_true(closing_stops(others[i], ACTOR_INITIATOR, ASK_RSVP) == (i == 1));
	}
}

/* The five steps that want an answer, and no other. */
static void
what_asks(void **state)
{
	(void)state;
	assert_int_equal(closing_ask(NULL), ASK_REFERRAL);
	for (size_t i = 0; i < 33; i++) {
		enum ask ask = closing_ask(table[i].transition);

		assert_int_equal(ask, i == 0 || i == 25 ? ASK_REFERRAL : i == 2 ? ASK_QUESTIONS : i == 3 ? ASK_DECISION :
				 i == 19 ? ASK_CANCEL : i == 31 ? ASK_OFFER : ASK_NONE);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(whole_table), cmocka_unit_test(conferences), cmocka_unit_test(what_asks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
