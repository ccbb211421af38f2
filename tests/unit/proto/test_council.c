/* SPDX-License-Identifier: EUPL-1.2 */
/* test_council - the tables against second ones written by hand from the domain's description, every triple of them; and that what
 * two said of one commitment comes to the same at a third one, whatever the order.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/council.h"
#include "proto/record.h"

static const char *const states[] = {
	"-", "proposed", "accepted", "refused", "in-progress", "done", "partly-done", "not-done", "cancelled",
};

#define N_STATES (sizeof(states) / sizeof(states[0]))

/* What may be said: of a version (V), or a state; in which states; by whom. */
static const struct legal { const char *what, *from; char by; } legals[] = {
	{ "V", "- proposed accepted refused in-progress", 'C' },
	{ "accepted", "proposed accepted", 'O' },	/* once more: with the wish for another date */
	{ "refused", "proposed", 'O' },
	{ "proposed", "proposed", 'O' },
	{ "in-progress", "accepted in-progress", 'O' },
	{ "done", "accepted in-progress", 'O' },
	{ "partly-done", "accepted in-progress", 'O' },
	{ "not-done", "accepted in-progress", 'O' },
	{ "cancelled", "proposed accepted refused in-progress", 'C' },
};

#define N_LEGALS (sizeof(legals) / sizeof(legals[0]))

static bool
has_word(const char *words, const char *word)
{
	size_t n = strlen(word);

	for (const char *p = words; (p = strstr(p, word)) != NULL; p += n)
		if ((p == words || p[-1] == ' ') && (p[n] == '\0' || p[n] == ' '))
			return true;
	return false;
}

static const struct promise_view all = { UINT64_MAX, UINT64_MAX };

/* A commitment, or an update, that says all it could need. */
struct said { struct record record; struct commitment c; struct commitment_update u; int64_t version; };

static const struct record *
say(struct said *s, const char *what, uint32_t version, bool is_complete)
{
	memset(s, 0, sizeof(*s));
	s->version = version;
	if (strcmp(what, "V") == 0) {
		s->c = (struct commitment){ .version = &s->version, .reason = is_complete ? "повод" : NULL };
		s->record = (struct record){ .kind = "commitment", .commitment = &s->c };
	} else {
		s->u = (struct commitment_update){
			.version = &s->version, .state = what, .reason = is_complete ? "повод" : NULL,
			.new_due = is_complete && (strcmp(what, "accepted") == 0 || strcmp(what, "proposed") == 0) ? "2027-01-01" : NULL,
		};
		s->record = (struct record){ .kind = "commitment-update", .commitment_update = &s->u };
	}
	return &s->record;
}

static void
must(struct promise *p, uint64_t seq, const char *what, uint32_t version)
{
	const struct promise_author author = { true, true, seq };
	struct promise_event event;
	struct why why = { .where = "" };
	struct said s;

	if (council_promise_check(p, &all, say(&s, what, version, true), &author, &event, &why) != OK)
		fail_msg("%s: %s", what, why.text);
	assert_int_equal(council_promise_add(p, &event), OK);
}

/* A commitment that has come to `state` in version 1. */
static struct promise
at(const char *state)
{
	struct promise p = { .n = 0 };

	if (strcmp(state, "-") == 0)
		return p;
	must(&p, 1, "V", 1);
	if (strcmp(state, "proposed") == 0)
		return p;
	if (strcmp(state, "refused") != 0 && strcmp(state, "cancelled") != 0 && strcmp(state, "accepted") != 0)
		must(&p, 2, "accepted", 1);
	must(&p, 3, state, 1);
	return p;
}

/* Of all (state, what is said, who says it) exactly the legal ones are accepted; the others are told apart by what is wrong. */
static void
promise_table(void **state)
{
	static const struct { char by; bool is_coordinator, is_owner; } sides[] = {
		{ 'C', true, false }, { 'O', false, true }, { 'M', false, false }, { 'B', true, true },
	};
	unsigned accepted = 0, refused = 0;

	(void)state;
	for (size_t i = 0; i < N_STATES; i++)
		for (size_t k = 0; k < N_LEGALS; k++)
			for (size_t m = 0; m < 4; m++) {
				const struct promise_author author = { sides[m].is_coordinator, sides[m].is_owner, 9 };
				struct promise p = at(states[i]);
				uint32_t stands = council_promise_version(&p, &all);
				bool is_possible = has_word(legals[k].from, states[i]);
				bool may = sides[m].by == 'B' || sides[m].by == legals[k].by;
				struct promise_event event;
				struct said s;
				const struct record *r = say(&s, legals[k].what, strcmp(legals[k].what, "V") == 0 ? stands + 1 : stands, true);
				enum err e = council_promise_check(&p, &all, r, &author, &event, NULL);

				if (e != (!is_possible ? ERR_BAD_TRANSITION : may ? OK : ERR_BAD_ACTOR))
					fail_msg("%s by %c in %s: %s", legals[k].what, sides[m].by, states[i], err_name(e));
				*(e == OK ? &accepted : &refused) += 1;
			}
	print_message("%u accepted, %u refused\n", accepted, refused);
	assert_int_equal(accepted, 2 * (5 + 2 + 1 + 1 + 2 + 2 + 2 + 2 + 4));
}

/* A reason, a new date and the right version are asked for where the table says so. */
static void
promise_needs(void **state)
{
	static const struct { const char *in, *what; const char *where; } wants[] = {
		{ "accepted", "V", "commitment.reason" },
		{ "proposed", "refused", "commitment_update.reason" },
		{ "accepted", "accepted", "commitment_update.new_due" },
		{ "accepted", "not-done", "commitment_update.reason" },
		{ "accepted", "cancelled", "commitment_update.reason" },
	};
	const struct promise_author author = { true, true, 9 };
	struct promise_event event;
	struct why why;
	struct said s;

	(void)state;
	for (size_t i = 0; i < sizeof(wants) / sizeof(wants[0]); i++) {
		struct promise p = at(wants[i].in);

		assert_int_equal(council_promise_check(&p, &all, say(&s, wants[i].what, wants[i].what[0] == 'V' ? 2 : 1, false), &author,
						       &event, &why), ERR_REQUIRED);
		assert_string_equal(why.where, wants[i].where);
	}
	for (uint32_t version = 0; version < 5; version++) {
		struct promise p = at("accepted");

		assert_int_equal(council_promise_check(&p, &all, say(&s, "V", version, true), &author, &event, NULL),
				 version == 2 ? OK : ERR_BAD_TRANSITION);
		assert_int_equal(council_promise_check(&p, &all, say(&s, "done", version, true), &author, &event, NULL),
				 version == 1 ? OK : ERR_BAD_TRANSITION);
	}
}

/* Who says of a commitment or at a conference what is not possible is told what is, from that seat alone. */
static void
possible_steps_are_named(void **state)
{
	static const struct { bool is_coordinator; const char *in, *text; } told[] = {
		{ false, "proposed", "not possible where it is proposed; possible now: proposed, accepted, refused" },
		{ false, "accepted", "not possible where it is accepted; possible now: accepted, in-progress, done, partly-done, not-done" },
		{ true, "refused", "not possible where it is refused; possible now: proposed (the next version), cancelled" },
		{ false, "done", "not possible where it is done; possible now: nothing" },
	};
	struct decision d = { .result = "cancelled" };
	struct record r = { .kind = "conference-decision", .decision = &d };
	enum conference_state to;
	struct promise_event event;
	struct why why;
	struct said s;

	(void)state;
	for (size_t i = 0; i < sizeof(told) / sizeof(told[0]); i++) {
		const struct promise_author author = { told[i].is_coordinator, !told[i].is_coordinator, 9 };
		const char *what = strcmp(told[i].in, "proposed") == 0 ? "done" : strcmp(told[i].in, "accepted") == 0 ? "refused" : "accepted";
		struct promise p = at(told[i].in);

		assert_int_equal(council_promise_check(&p, &all, say(&s, what, 1, true), &author, &event, &why), ERR_BAD_TRANSITION);
		assert_string_equal(why.text, told[i].text);
	}
	assert_int_equal(council_step(CONFERENCE_CLOSED, &r, SEAT_COORDINATOR, true, &to, &why), ERR_BAD_TRANSITION);
	assert_string_equal(why.text, "conference-decision is not possible where the conference is closed; possible now: consent-change, attachment");
}

/* A changed commitment stands as proposed until its owner has answered that version; a new date alone changes nothing. */
static void
promise_changes(void **state)
{
	struct promise p = at("in-progress");

	(void)state;
	must(&p, 4, "V", 2);
	assert_int_equal(council_promise_state(&p, &all), PROMISE_PROPOSED);
	must(&p, 5, "accepted", 2);
	must(&p, 6, "accepted", 2);
	assert_int_equal(council_promise_state(&p, &all), PROMISE_ACCEPTED);
	must(&p, 7, "done", 2);
	assert_int_equal(council_promise_state(&p, &all), PROMISE_DONE);
	p = at("refused");
	assert_false(council_promise_is_open(council_promise_state(&p, &all)));
	must(&p, 4, "V", 2);
	assert_true(council_promise_is_open(council_promise_state(&p, &all)));
}

/* -- crossings -- */

/* One side's part of a history: what it says, having seen so much of the other. */
struct line { const char *what; uint32_t version; uint64_t seen; };

static uint32_t seed = 1;

static unsigned
pick(unsigned n)
{
	seed = seed * 1664525u + 1013904223u;
	return (seed >> 8) % n;
}

/* Both go on by themselves, each in its own view, hearing of the other's after a while: every line is legal where it is said. */
static size_t
play(struct line lines[2][6], size_t n[2])
{
	static const char *const words[] = { "V", "accepted", "refused", "in-progress", "done", "partly-done", "not-done", "cancelled" };
	uint64_t seen[2] = { 0, 0 };
	struct promise p = { .n = 0 };
	size_t total = 0;

	n[0] = n[1] = 0;
	for (int step = 0; step < 60 && total < 8; step++) {
		unsigned who = pick(2), other = 1 - who;
		const char *what = words[pick(8)];
		struct promise_view view;
		struct promise_author author;
		struct promise_event event;
		struct said s;

		if (pick(3) == 0 && seen[who] < n[other])
			seen[who] += 1 + pick((unsigned)(n[other] - seen[who]));
		view = (struct promise_view){ who == 0 ? n[0] : seen[1], who == 1 ? n[1] : seen[0] };
		author = (struct promise_author){ who == 0, who == 1, n[who] + 1 };
		if (n[who] == 6 || council_promise_check(&p, &view,
				say(&s, what, council_promise_version(&p, &view) + (what[0] == 'V'), true), &author, &event, NULL) != OK)
			continue;
		lines[who][n[who]++] = (struct line){ what, event.version, seen[who] };
		assert_int_equal(council_promise_add(&p, &event), OK);
		total++;
	}
	return total;
}

/* Somebody hears all of it in one order: each line is legal for its author's view, and accepted here too. */
static void
hear(const struct line lines[2][6], const char *order, struct promise *p)
{
	size_t at_line[2] = { 0, 0 };

	p->n = 0;
	for (; *order != '\0'; order++) {
		unsigned who = *order == 'o';
		const struct line *l = &lines[who][at_line[who]];
		uint64_t seq = ++at_line[who];
		const struct promise_view view = { who == 0 ? seq - 1 : l->seen, who == 1 ? seq - 1 : l->seen };
		const struct promise_author author = { who == 0, who == 1, seq };
		struct promise_event event;
		struct why why = { .text = "" };
		struct said s;

		if (council_promise_check(p, &view, say(&s, l->what, l->version, true), &author, &event, &why) != OK)
			fail_msg("%s: %s", l->what, why.text);
		assert_int_equal(council_promise_add(p, &event), OK);
	}
}

/* All orders in which the two parts may come, each part in its own order and nothing before what its author had seen. */
static void
each_order(const struct line lines[2][6], const size_t n[2], char *order, const size_t done[2], enum promise_state wanted, unsigned *count)
{
	size_t at_end = strlen(order);
	struct promise p;

	if (done[0] == n[0] && done[1] == n[1]) {
		hear(lines, order, &p);
		if (council_promise_state(&p, &all) != wanted)
			fail_msg("%s: %s", order, council_promise_code(council_promise_state(&p, &all)));
		++*count;
		return;
	}
	for (unsigned who = 0; who < 2; who++) {
		size_t next[2] = { done[0] + (who == 0), done[1] + (who == 1) };

		if (done[who] == n[who] || lines[who][done[who]].seen > done[1 - who])
			continue;
		order[at_end] = who ? 'o' : 'c';
		order[at_end + 1] = '\0';
		each_order(lines, n, order, next, wanted, count);
		order[at_end] = '\0';
	}
}

/* Whatever coordinator and owner say while apart, everybody who hears all of it accepts each word and comes to the same state, in
 * every order that a thread can have. */
static void
promise_crossings(void **state)
{
	unsigned orders = 0, crossed = 0;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		struct line lines[2][6];
		char order[16] = "";
		const size_t none[2] = { 0, 0 };
		struct promise p;
		unsigned before = orders;
		size_t n[2];

		play(lines, n);
		/* any order that is possible gives the state that all others must give */
		for (size_t c = 0, o = 0; c < n[0] || o < n[1];)
			if (c < n[0] && lines[0][c].seen <= o)
				strcat(order, "c"), c++;
			else
				strcat(order, "o"), o++;
		hear(lines, order, &p);
		order[0] = '\0';
		each_order(lines, n, order, none, council_promise_state(&p, &all), &orders);
		crossed += orders - before > 1;
	}
	print_message("%u orders of 3000 histories, %u of them with crossings\n", orders, crossed);
	assert_true(crossed > 1000);
}

/* The rule itself: an end that the owner has said holds against a change and a cancelling that crossed it; a change or a cancelling
 * holds against anything else. */
static void
promise_rule(void **state)
{
	static const struct { const char *owner, *coordinator; enum promise_state wanted; } rows[] = {
		{ "done", "V", PROMISE_DONE }, { "not-done", "cancelled", PROMISE_NOT_DONE }, { "partly-done", "V", PROMISE_PARTLY_DONE },
		{ "in-progress", "V", PROMISE_PROPOSED }, { "in-progress", "cancelled", PROMISE_CANCELLED },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		for (int first = 0; first < 2; first++) {
			struct line lines[2][6] = {
				{ { "V", 1, 0 }, { rows[i].coordinator, rows[i].coordinator[0] == 'V' ? 2 : 1, 1 } },
				{ { "accepted", 1, 1 }, { rows[i].owner, 1, 1 } },
			};
			struct promise p;

			hear(lines, first ? "cooc" : "coco", &p);
			assert_int_equal(council_promise_state(&p, &all), rows[i].wanted);
		}
}

/* There is room for so many changes, and progress does not use it up. */
static void
promise_room(void **state)
{
	struct promise_event event = { false, 1, 1, PROMISE_PROPOSED };
	struct promise p = { .n = 0 };

	(void)state;
	for (uint32_t i = 1; i <= PROMISE_EVENTS_MAX; i++) {
		event.seq = event.version = i;
		assert_int_equal(council_promise_add(&p, &event), OK);
		event.seq++;
		assert_int_equal(council_promise_add(&p, &event), OK);
	}
	event.version++;
	assert_int_equal(council_promise_add(&p, &event), ERR_TOOMANY);
}

/* -- conferences -- */

/* Of all (state, kind, who) exactly the legal ones are accepted. */
static void
conference_table(void **state)
{
	static const struct { const char *kind, *result; const char *from, *to; char by; } rows[] = {
		{ "conference-invite", NULL, "-", "called", 'C' },
		{ "conference-rsvp", NULL, "called decided", "", 'M' },
		{ "conference-decision", "decided", "called decided", "decided", 'C' },
		{ "conference-decision", "closed", "decided", "closed", 'C' },
		{ "conference-decision", "cancelled", "called", "cancelled", 'C' },
		{ "commitment", NULL, "called decided", "", 'C' },
		{ "commitment-update", NULL, "called decided", "", 'B' },
		{ "attachment", NULL, "called decided closed", "", 'B' },
	};
	static const enum conference_state all_states[] = {
		CONFERENCE_NONE, CONFERENCE_CALLED, CONFERENCE_DECIDED, CONFERENCE_CLOSED, CONFERENCE_CANCELLED,
	};

	(void)state;
	for (size_t i = 0; i < 5; i++)
		for (size_t k = 0; k < sizeof(rows) / sizeof(rows[0]); k++)
			for (unsigned seat = SEAT_COORDINATOR; seat <= SEAT_MEMBER; seat++) {
				const char *now = council_state_code(all_states[i]) ? council_state_code(all_states[i]) : "-";
				struct decision d = { .result = rows[k].result };
				struct record r = { .kind = rows[k].kind, .decision = rows[k].result ? &d : NULL };
				bool may = rows[k].by == 'B' || (rows[k].by == 'C') == (seat == SEAT_COORDINATOR);
				enum conference_state to = CONFERENCE_NONE;
				enum err e = council_step(all_states[i], &r, (enum seat)seat, true, &to, NULL);

				if (e != (!has_word(rows[k].from, now) ? ERR_BAD_TRANSITION : may ? OK : ERR_BAD_ACTOR))
					fail_msg("%s %s in %s by %u: %s", rows[k].kind, rows[k].result, now, seat, err_name(e));
				if (e == OK)
					assert_string_equal(council_state_code(to), rows[k].to[0] ? rows[k].to : now);
			}
}

/* A conference does not end while a commitment of it is open. */
static void
conference_ends(void **state)
{
	struct decision d = { .result = "closed" };
	struct record r = { .kind = "conference-decision", .decision = &d };
	enum conference_state to;

	(void)state;
	assert_int_equal(council_step(CONFERENCE_DECIDED, &r, SEAT_COORDINATOR, false, &to, NULL), ERR_BAD_TRANSITION);
	assert_int_equal(council_step(CONFERENCE_DECIDED, &r, SEAT_COORDINATOR, true, &to, NULL), OK);
	d.result = "decided";
	assert_int_equal(council_step(CONFERENCE_DECIDED, &r, SEAT_COORDINATOR, false, &to, NULL), OK);
}

/* What a third one tells of a commitment is believed only if its coordinator and its owner can have said it, in as many messages as
 * they have sent. */
static void
told_by_a_third(void **state)
{
	static const struct { bool is_sound; const char *what; struct promise said; } cases[] = {
		{ true, "a wish, a change, an end",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { true, 2, 1, PROMISE_ACCEPTED }, { true, 3, 1, PROMISE_PROPOSED },
		      { false, 5, 2, PROMISE_PROPOSED }, { true, 4, 2, PROMISE_ACCEPTED }, { true, 6, 2, PROMISE_DONE } }, 6 } },
		{ true, "in another order", { { { true, 2, 1, PROMISE_ACCEPTED }, { false, 4, 1, PROMISE_PROPOSED } }, 2 } },
		{ true, "cancelled and done at once",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { false, 5, 1, PROMISE_CANCELLED }, { true, 2, 1, PROMISE_DONE } }, 3 } },
		{ false, "nothing", { .n = 0 } },
		{ false, "no version", { { { true, 2, 1, PROMISE_ACCEPTED } }, 1 } },
		{ false, "a version left out", { { { false, 4, 2, PROMISE_PROPOSED } }, 1 } },
		{ false, "versions backwards", { { { false, 5, 1, PROMISE_PROPOSED }, { false, 4, 2, PROMISE_PROPOSED } }, 2 } },
		{ false, "accepted by the coordinator", { { { false, 4, 1, PROMISE_PROPOSED }, { false, 5, 1, PROMISE_ACCEPTED } }, 2 } },
		{ false, "cancelled by the owner", { { { false, 4, 1, PROMISE_PROPOSED }, { true, 2, 1, PROMISE_CANCELLED } }, 2 } },
		{ false, "a version after the end",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { false, 5, 1, PROMISE_CANCELLED }, { false, 6, 2, PROMISE_PROPOSED } }, 3 } },
		{ false, "a word after the end",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { true, 2, 1, PROMISE_DONE }, { true, 3, 1, PROMISE_IN_PROGRESS } }, 3 } },
		{ false, "about a version that is not", { { { false, 4, 1, PROMISE_PROPOSED }, { true, 2, 2, PROMISE_ACCEPTED } }, 2 } },
		{ false, "about an older version again",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { false, 5, 2, PROMISE_PROPOSED }, { true, 2, 2, PROMISE_ACCEPTED },
		      { true, 3, 1, PROMISE_ACCEPTED } }, 4 } },
		{ false, "two in one message",
		  { { { false, 4, 1, PROMISE_PROPOSED }, { true, 2, 1, PROMISE_ACCEPTED }, { true, 2, 1, PROMISE_IN_PROGRESS } }, 3 } },
		{ false, "beyond what the owner has sent", { { { false, 4, 1, PROMISE_PROPOSED }, { true, 8, 1, PROMISE_ACCEPTED } }, 2 } },
		{ false, "beyond what the coordinator has sent", { { { false, 10, 1, PROMISE_PROPOSED } }, 1 } },
		{ false, "in no message", { { { false, 4, 1, PROMISE_PROPOSED }, { true, 0, 1, PROMISE_ACCEPTED } }, 2 } },
	};
	const struct promise_view most = { .coordinator = 9, .owner = 7 };

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		if ((council_promise_sound(&cases[i].said, &most, NULL) == OK) != cases[i].is_sound)
			fail_msg("%s", cases[i].what);
	for (enum conference_state s = CONFERENCE_CALLED; s <= CONFERENCE_CANCELLED; s++)
		assert_int_equal(council_state_code(s) ? council_state_by_code(council_state_code(s)) : s, s);
	assert_int_equal(council_state_by_code("accepted"), CONFERENCE_NONE);
	assert_int_equal(council_state_by_code(NULL), CONFERENCE_NONE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(promise_table), cmocka_unit_test(promise_needs), cmocka_unit_test(possible_steps_are_named), cmocka_unit_test(promise_changes),
		cmocka_unit_test(promise_crossings), cmocka_unit_test(promise_rule), cmocka_unit_test(promise_room),
		cmocka_unit_test(conference_table), cmocka_unit_test(conference_ends), cmocka_unit_test(told_by_a_third),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
