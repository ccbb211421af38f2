/* SPDX-License-Identifier: EUPL-1.2 */
/* test_lifecycle - the table against a second one, written by hand from the domain's description, step by step. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "proto/lifecycle.h"
#include "proto/record.h"
#include "tests/support/lifecycle_list.h"

/* A status that lacks nothing that any step could ask for. */
static struct status
complete_status(void)
{
	static struct appointment appointment;
	static struct waitlist waitlist;
	static struct outcome outcome;
	static struct question *questions[1];
	static const int64_t one = 1;

	return (struct status){
		.referral_id = "r", .at = &one, .reason_code = "other", .reason_text = "t", .new_target = "n",
		.appointment = &appointment, .waitlist = &waitlist, .outcome = &outcome, .questions = questions,
		.n_questions = 1, .attempt_no = &one, .supersedes = "s", .milestone = "m",
	};
}

/* Every pair of states by either side is allowed, the other side's, or impossible, exactly as the list by hand says, and
 * an allowed step gets one of its ids. */
static void
lifecycle_infer_agrees_with_the_list(void **state)
{
	size_t n_ok = 0;

	(void)state;
	for (size_t i = 0; i < N(all_states); i++) {
		for (size_t j = 0; j < N(all_states); j++) {
			for (int k = ACTOR_INITIATOR; k <= ACTOR_RECIPIENT; k++) {
				const struct step *step = find_step(all_states[i], all_states[j]);
				struct status s = complete_status();
				const char *id;
				struct why why;
				enum err e;

				s.to = all_states[j];
				e = lifecycle_infer(lifecycle_state_by_code(all_states[i]), (enum actor)k, &s, &id, &why);
				if (step == NULL) {
					assert_int_equal(e, ERR_BAD_TRANSITION);
				} else if (!may(step, (enum actor)k)) {
					assert_int_equal(e, ERR_BAD_ACTOR);
				} else {
					assert_int_equal(e, OK);
					assert_non_null(strstr(step->ids, id));
					n_ok++;
				}
			}
		}
	}
	assert_int_equal(n_ok, N(steps) + 20);	/* the steps of both sides count twice */
}

/* Every step with each of the 33 ids: only the ids of the list pass the check. */
static void
lifecycle_check_agrees_with_the_list(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(all_states) * N(all_states); i++) {
		const char *from = all_states[i / N(all_states)], *to = all_states[i % N(all_states)];
		const struct step *step = find_step(from, to);

		for (int t = 1; t <= 66; t++) {
			const enum actor actor = t > 33 ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
			const int no = (t - 1) % 33 + 1;
			char id[4] = { 'T', (char)('0' + no / 10), (char)('0' + no % 10), '\0' };
			struct status s = complete_status();
			bool is_good = may(step, actor) && strstr(step->ids, id) != NULL;
			struct why why;

			s.from = from;
			s.to = to;
			s.transition = id;
			assert_int_equal(lifecycle_check(lifecycle_state_by_code(from), actor, &s, &why) == OK, is_good);
		}
	}
}

/* Who comes with a step that is not possible is told all that are, and no other: from each state, for each side. */
static void
lifecycle_check_names_what_is_possible(void **state)
{
	(void)state;
	for (size_t i = 0; i < 2 * N(all_states); i++) {
		const enum actor actor = i % 2 ? ACTOR_INITIATOR : ACTOR_RECIPIENT;
		const char *now = all_states[i / 2];
		struct status s = complete_status();
		char want[256] = "";
		struct why why;

		s.from = strcmp(now, "draft") == 0 ? "requested" : "draft";
		s.to = "accepted";
		s.transition = "T05";
		for (size_t k = 0; k < N(all_states); k++) {
			const struct step *step = find_step(now, all_states[k]);

			if (step != NULL && may(step, actor))
				snprintf(want + strlen(want), sizeof(want) - strlen(want), "%s%s", want[0] ? ", " : "", all_states[k]);
		}
		assert_int_equal(lifecycle_check(lifecycle_state_by_code(now), actor, &s, &why), ERR_BAD_TRANSITION);
		assert_non_null(strstr(why.text, "possible now: "));
		assert_string_equal(strstr(why.text, "possible now: ") + 14, want[0] ? want : "nothing");
	}
}

/* Each step without what it must say is refused, and the field is named. */
static void
lifecycle_check_names_the_missing_field(void **state)
{
	static const struct {
		const char *id, *from, *to, *where;
	} bare[] = {
		{ "T02", "requested", "received", NULL },
		{ "T03", "requested", "info-requested", "status.questions" },
		{ "T04", "info-requested", "received", "status.reason_text" },
		{ "T05", "received", "accepted", NULL },
		{ "T06", "received", "declined", "status.reason_code" },
		{ "T07", "received", "redirected", "status.reason_code" },
		{ "T08", "accepted", "waitlisted", "status.waitlist" },
		{ "T09", "waitlisted", "accepted", NULL },
		{ "T10", "waitlisted", "waitlisted", "status.waitlist" },
		{ "T11", "accepted", "scheduled", "status.appointment" },
		{ "T12", "scheduled", "scheduled", "status.reason_text" },
		{ "T13", "scheduled", "scheduled", "status.attempt_no" },
		{ "T14", "scheduled", "accepted", "status.reason_text" },
		{ "T15", "accepted", "in-progress", NULL },
		{ "T16", "in-progress", "in-progress", "status.reason_text" },
		{ "T17", "accepted", "on-hold", "status.reason_text" },
		{ "T18", "on-hold", "in-progress", NULL },
		{ "T19", "accepted", "declined", "status.reason_code" },
		{ "T20", "accepted", "cancel-requested", "status.reason_text" },
		{ "T21", "cancel-requested", "cancelled", NULL },
		{ "T22", "cancel-requested", "completed", "status.outcome" },
		{ "T23", "accepted", "completed", "status.outcome" },
		{ "T24", "on-hold", "failed", "status.outcome" },
		{ "T25", "requested", "expired", NULL },
		{ "T26", "draft", "requested", "status.supersedes" },
		{ "T27", "accepted", "withdrawn", NULL },
		{ "T28", "accepted", "transferred", "status.new_target" },
		{ "T29", "requested", "cancelled", NULL },
		{ "T30", "declined", "entered-in-error", "status.reason_text" },
		{ "T31", "completed", "completed", "status.satisfied" },
		{ "T32", "expired", "late-offered", NULL },
		{ "T33", "late-offered", "accepted", NULL },
	};

	(void)state;
	for (size_t i = 0; i < N(bare); i++) {
		struct status s = { .from = bare[i].from, .to = bare[i].to, .transition = bare[i].id };
		const enum actor actor = find_step(s.from, s.to)->by == 'R' ? ACTOR_RECIPIENT : ACTOR_INITIATOR;
		struct why why = { 0 };
		enum err e = lifecycle_check(lifecycle_state_by_code(s.from), actor, &s, &why);

		assert_int_equal(e, bare[i].where == NULL ? OK : ERR_REQUIRED);
		if (bare[i].where != NULL)
			assert_string_equal(why.where, bare[i].where);
	}
}

/* A decline for another reason must say which; a redirect must name the new target besides. */
static void
lifecycle_check_asks_for_the_rest(void **state)
{
	struct status s = { .from = "received", .to = "declined", .transition = "T06", .reason_code = "other" };
	struct why why;

	(void)state;
	assert_int_equal(lifecycle_check(STATE_RECEIVED, ACTOR_RECIPIENT, &s, &why), ERR_REQUIRED);
	assert_string_equal(why.where, "status.reason_text");
	s.reason_code = "no-capacity";
	assert_int_equal(lifecycle_check(STATE_RECEIVED, ACTOR_RECIPIENT, &s, &why), OK);
	s.to = "redirected";
	s.transition = "T07";
	assert_int_equal(lifecycle_check(STATE_RECEIVED, ACTOR_RECIPIENT, &s, &why), ERR_REQUIRED);
	assert_string_equal(why.where, "status.new_target");
}

/* An acknowledgement says whether the family is satisfied, either way, or in words why that is not known. */
static void
lifecycle_check_asks_for_the_family(void **state)
{
	static const bool no = false;
	struct status s = { .from = "declined", .to = "declined", .transition = "T31", .satisfied = &no };
	struct why why;

	(void)state;
	assert_int_equal(lifecycle_check(STATE_DECLINED, ACTOR_INITIATOR, &s, &why), OK);
	s.satisfied = NULL;
	s.reason_code = "other";
	assert_int_equal(lifecycle_check(STATE_DECLINED, ACTOR_INITIATOR, &s, &why), ERR_REQUIRED);
	s.reason_text = "не са намерени";
	assert_int_equal(lifecycle_check(STATE_DECLINED, ACTOR_INITIATOR, &s, &why), OK);
}

/* Of all steps two ask for what went before: the end of who could not be reached, where an appointment stands, for three that were missed, and
 * the end by a transfer for the word of who is responsible. Nothing is asked where the past is not known.
 */
static void
lifecycle_check_past_asks_for_what_went_before(void **state)
{
	struct outcome missed = { .outcome = "could-not-contact" }, met = { .outcome = "refused" };
	const struct lifecycle_past unknown = LIFECYCLE_PAST_UNKNOWN;
	size_t n_asked = 0;

	(void)state;
	for (size_t i = 0; i < N(steps); i++)
		for (int no = 1; no <= 33; no++) {
			const char id[4] = { 'T', (char)('0' + no / 10), (char)('0' + no % 10), '\0' };
			struct status s = { .from = steps[i].from, .to = steps[i].to, .transition = id, .outcome = &missed };
			struct lifecycle_past past = { 0 };
			bool is_asked = strcmp(id, "T28") == 0 || (strcmp(id, "T24") == 0 && strcmp(s.from, "scheduled") == 0);
			struct why why;

			if (strstr(steps[i].ids, id) == NULL)
				continue;
			assert_int_equal(lifecycle_check_past(&unknown, &s, &why), OK);
			assert_int_equal(lifecycle_check_past(&past, &s, &why), is_asked ? ERR_UNPREPARED : OK);
			n_asked += is_asked;
			for (int k = 0; k < 3; k++) {
				assert_int_equal(lifecycle_check_past(&past, &s, &why), is_asked ? ERR_UNPREPARED : OK);
				past.no_shows++;
				past.is_handed_on = strcmp(id, "T28") != 0 || k == 2;
			}
			assert_int_equal(lifecycle_check_past(&past, &s, &why), OK);
			s.outcome = &met;
			past.no_shows = 0;
			assert_int_equal(lifecycle_check_past(&past, &s, &why), OK);
		}
	assert_int_equal(n_asked, 11);	/* ten open states, and one */
	assert_true(lifecycle_is_no_show("T13"));
	assert_false(lifecycle_is_no_show("T12") || lifecycle_is_no_show(NULL));
}

/* A new time and a no-show look alike but for what they say, and are told apart by it. */
static void
lifecycle_infer_tells_no_show_from_new_time(void **state)
{
	static const int64_t second = 2;
	struct appointment appointment = { .start = &second };
	struct status s = { .to = "scheduled", .attempt_no = &second };
	const char *id;
	struct why why;

	(void)state;
	assert_int_equal(lifecycle_infer(STATE_SCHEDULED, ACTOR_RECIPIENT, &s, &id, &why), OK);
	assert_string_equal(id, "T13");
	s = (struct status){ .to = "scheduled", .appointment = &appointment, .reason_text = "зает" };
	assert_int_equal(lifecycle_infer(STATE_SCHEDULED, ACTOR_RECIPIENT, &s, &id, &why), OK);
	assert_string_equal(id, "T12");
	s.transition = "T13";
	assert_int_equal(lifecycle_infer(STATE_SCHEDULED, ACTOR_RECIPIENT, &s, &id, &why), OK);
	assert_string_equal(id, "T13");
	s.transition = "T05";
	assert_int_equal(lifecycle_infer(STATE_SCHEDULED, ACTOR_RECIPIENT, &s, &id, &why), ERR_BAD_TRANSITION);
}

/* A status made for another state than the thread's, without its parts or with words of no list, is refused. */
static void
lifecycle_check_refuses_wrong_state(void **state)
{
	struct status s = { .from = "requested", .to = "accepted", .transition = "T05" };
	struct why why;

	(void)state;
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &s, &why), OK);
	assert_int_equal(lifecycle_check(STATE_DECLINED, ACTOR_RECIPIENT, &s, &why), ERR_BAD_TRANSITION);
	assert_string_equal(why.where, "status.from");
	assert_int_equal(lifecycle_check(STATE_NONE, ACTOR_RECIPIENT, &s, &why), ERR_BAD_TRANSITION);
	s.transition = "T06";
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &s, &why), ERR_BAD_TRANSITION);
	s.transition = "T99";
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &s, &why), ERR_UNKNOWN_CODE);
	s.transition = NULL;
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &s, &why), ERR_REQUIRED);
	s = (struct status){ .from = "requested", .to = "nowhere", .transition = "T05" };
	assert_int_equal(lifecycle_check(STATE_REQUESTED, ACTOR_RECIPIENT, &s, &why), ERR_UNKNOWN_CODE);
}

/* Whoever computes it and in whichever order, the same state holds; endings beat open states, and each other by rank. */
static void
lifecycle_resolve_is_symmetric_and_ranked(void **state)
{
	static const char *const ranked[] = {
		"requested", "cancel-requested", "late-offered", "expired", "declined", "redirected", "cancelled", "failed", "completed",
		"transferred", "withdrawn", "entered-in-error",
	};

	(void)state;
	for (size_t i = 0; i < N(all_states); i++)
		for (size_t j = 0; j < N(all_states); j++) {
			enum state a = lifecycle_state_by_code(all_states[i]), b = lifecycle_state_by_code(all_states[j]);

			assert_int_equal(lifecycle_resolve(a, b), lifecycle_resolve(b, a));
		}
	for (size_t i = 0; i < N(ranked); i++)
		for (size_t j = 0; j <= i; j++)
			assert_string_equal(ranked[i], lifecycle_state_code(lifecycle_resolve(
			    lifecycle_state_by_code(ranked[i]), lifecycle_state_by_code(ranked[j]))));
}

/* Codes and states go both ways, and what is not there is none. */
static void
lifecycle_states_have_codes(void **state)
{
	(void)state;
	for (size_t i = 0; i < N(all_states); i++)
		assert_string_equal(lifecycle_state_code(lifecycle_state_by_code(all_states[i])), all_states[i]);
	assert_int_equal(lifecycle_state_by_code("on hold"), STATE_NONE);
	assert_int_equal(lifecycle_state_by_code(NULL), STATE_NONE);
	assert_null(lifecycle_state_code(STATE_NONE));
	assert_true(lifecycle_is_final(STATE_DECLINED));
	assert_false(lifecycle_is_final(STATE_CANCEL_REQUESTED));
	assert_int_equal(lifecycle_target("T32", STATE_EXPIRED), STATE_LATE_OFFERED);
	assert_int_equal(lifecycle_target("T33", STATE_LATE_OFFERED), STATE_ACCEPTED);
	assert_int_equal(lifecycle_target("T09", STATE_WAITLISTED), STATE_NONE);
	assert_true(lifecycle_is_transition("T33"));
	assert_false(lifecycle_is_transition("T34"));
	assert_false(lifecycle_is_transition(NULL));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(lifecycle_infer_agrees_with_the_list),
		cmocka_unit_test(lifecycle_check_agrees_with_the_list),
		cmocka_unit_test(lifecycle_check_names_what_is_possible),
		cmocka_unit_test(lifecycle_check_names_the_missing_field),
		cmocka_unit_test(lifecycle_check_asks_for_the_rest),
		cmocka_unit_test(lifecycle_check_asks_for_the_family),
		cmocka_unit_test(lifecycle_check_past_asks_for_what_went_before),
		cmocka_unit_test(lifecycle_infer_tells_no_show_from_new_time),
		cmocka_unit_test(lifecycle_check_refuses_wrong_state),
		cmocka_unit_test(lifecycle_resolve_is_symmetric_and_ranked),
		cmocka_unit_test(lifecycle_states_have_codes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
