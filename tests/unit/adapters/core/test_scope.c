/* SPDX-License-Identifier: EUPL-1.2 */
/* test_scope - how much of what our system says may go: by the thread's consent as it stands, at every way in, before anything is queued. */
#include "adapters/core/scope.h"
#include "adapters/core/compose.h"
#include "adapters/core/sendoff.h"
#include "adapters/core/whole.h"
#include "tests/support/paper_files.h"

#define BY_CONSENT "referral.legal_basis=consent\nreferral.consent.given_by=parent\nreferral.consent.given_on=2026-01-05\n"
#define NAMES(category) "referral.consent.data_categories=" category "\n"
#define ASSESSED "id=%s\nkind=assessment-result\nassessment.referral_id=R-1\nassessment.assessment_kind=%s\nassessment.done_on=2026-03-02\n" \
	"assessment.done_by=Екип\nassessment.conclusions=Измислени\n"
#define CHANGED "id=%s\nkind=consent-change\nconsent_change.referral_id=R-1\nconsent_change.changed_by=parent\nconsent_change.change=%s\n"
#define NEW_CONSENT "consent_change.consent.given_by=parent\nconsent_change.consent.given_on=2026-03-02\n"
#define FILE_OF "id=%s\nkind=attachment\nattachment.referral_id=R-1\nattachment.att_id=a-1\nattachment.filename=a.pdf\n" \
		"attachment.media_type=application/pdf\nattachment.size=5\nattachment.part=1\nattachment.parts=1\nattachment.data=JVBERi0=\n" \
		"attachment.sha256=38523c087796e5d5dd1cf9bad1fb026781a838dd9dd2cf8af58b9f6502a46778\nattachment.category=%s\n"

static const char *
refer(struct paper *p, const char *number, const char *more)
{
	return paper_take(p, 0, arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, number, world_ids[1], "routine", "Измислен случай"), more));
}

static void
must(const char *answer)
{
	if (answer == NULL || strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer ? answer : "(nothing)");
}

static struct paper *
referred(const char *more)
{
	struct paper *p = paper_up();

	must(refer(p, "R-1", more));
	paper_run(p);
	must(paper_take(p, 1, adesk_status(p->mem, "s-1", "R-1", "accepted", "")));
	must(paper_take(p, 1, adesk_status(p->mem, "s-2", "R-1", "in-progress", "")));
	paper_run(p);
	return p;
}

/* An assessment of a category that consent does not name is refused at the door, and nothing of it is written; what it covers goes. */
static void
an_assessment_needs_its_category(void **state)
{
	struct paper *p = referred(BY_CONSENT NAMES("identity") NAMES("social"));
	uint64_t n = paper_count(p, 1, TABLE_OUTBOX);

	(void)state;
	assert_string_equal(paper_take(p, 1, arena_fmt(p->mem, ASSESSED, "a", "medical")), "NSK-1312 assessment.assessment_kind\n");
	assert_int_equal(paper_count(p, 1, TABLE_OUTBOX), n);
	must(paper_take(p, 1, arena_fmt(p->mem, ASSESSED, "a", "individual-needs")));
	assert_int_equal(paper_count(p, 1, TABLE_OUTBOX), n + 1);
	paper_down(p);
}

/* A consent that is renewed, narrowed or withdrawn counts from then on, at the side that says it and at the one that hears it; on another basis
 * nothing is changed by it. */
static void
the_newest_consent_counts(void **state)
{
	static const struct { const char *change, *more; bool may_health, may_social; } cases[] = {
		{ "renewed", NEW_CONSENT "consent_change.consent.data_categories=health\n", true, false },
		{ "narrowed", NEW_CONSENT "consent_change.consent.data_categories=social\n", false, true },
		{ "renewed", NEW_CONSENT, true, true },
		{ "withdrawn", "consent_change.data_categories=health\n", false, true },
		{ "withdrawn", "", false, false },
		{ "renewed", NEW_CONSENT, true, true },
	};
	struct paper *p = referred(BY_CONSENT NAMES("identity"));
	unsigned id = 0;

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		must(paper_take(p, 0, arena_fmt(p->mem, CHANGED "%s", arena_fmt(p->mem, "c-%zu", i), cases[i].change, cases[i].more)));
		paper_run(p);
		for (size_t by = 0; by < 2; by++) {
			const char *medical = paper_take(p, by, arena_fmt(p->mem, ASSESSED, arena_fmt(p->mem, "a-%u", id++), "medical"));
			const char *needs = paper_take(p, by, arena_fmt(p->mem, ASSESSED, arena_fmt(p->mem, "a-%u", id++), "risk"));

			assert_int_equal(strncmp(medical, "OK ", 3) == 0, cases[i].may_health);
			assert_int_equal(strncmp(needs, "OK ", 3) == 0, cases[i].may_social);
			paper_run(p);
		}
	}
	paper_down(p);
	p = referred("");
	must(paper_take(p, 0, arena_fmt(p->mem, CHANGED, "c", "withdrawn")));
	paper_run(p);
	must(paper_take(p, 1, arena_fmt(p->mem, ASSESSED, "a", "medical")));
	paper_down(p);
}

/* Only a consent that holds today, allows who is in the thread and was given since renews one that was withdrawn. */
static void
renewed_by_a_new_one(void **state)
{
	static const char given[] = "consent_change.consent.given_by=parent\nconsent_change.consent.given_on=";
	static const struct { const char *rest, *said; } rows[] = {
		{ "2026-01-05\n", "NSK-1311 consent_change.consent\n" },
		{ "2026-03-02\nconsent_change.consent.valid_until=2026-03-01\n", "NSK-1311 consent_change.consent.valid_until\n" },
		{ "2026-03-02\nconsent_change.consent.recipients_allowed=nobody\n", "NSK-1314 consent_change.consent.recipients_allowed[0]\n" },
		{ "2026-03-02\n", NULL },
	};
	struct paper *p = referred(BY_CONSENT);

	(void)state;
	must(paper_take(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn")));
	paper_run(p);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		const char *said = paper_take(p, 0, arena_fmt(p->mem, CHANGED "%s%s", arena_fmt(p->mem, "n-%zu", i), "renewed", given, rows[i].rest));

		if (rows[i].said)
			assert_string_equal(said, rows[i].said);
		else
			must(said);
	}
	paper_down(p);
}

/* What is dropped of a record that goes on in a thread is counted in it, beside what its format could not hold. */
static void
what_is_dropped_is_counted(void **state)
{
	struct paper *p = referred(BY_CONSENT NAMES("social"));
	struct adapter *a = p->party[1].desk.adapter;
	struct thread t = paper_thread(p, 1, "R-1");
	struct txn *txn = store_read(p->party[1].desk.store);
	struct record *record;
	struct why why;

	(void)state;
	arena_reset(a->mem);
	record = record_new(a->mem, "record");
	assert_int_equal(record_set(record, a->mem, "kind", "assessment-result", &why), OK);
	assert_int_equal(record_set(record, a->mem, "assessment.assessment_kind", "risk", &why), OK);
	assert_int_equal(record_set(record, a->mem, "assessment.domains[0].code", "F80.1", &why), OK);
	assert_int_equal(record_set(record, a->mem, "assessment.domains[1].code", "1A", &why), OK);
	record->dropped = record_int(a->mem, 3);
	assert_int_equal(scope_follow(a, txn, &t, record, &why), OK);
	assert_int_equal(*record->dropped, 4);
	assert_int_equal(record->assessment->n_domains, 1);
	txn_abort(txn);
	paper_down(p);
}

/* On the basis of consent a referral goes to whom it allows: an id, an alias of one, a kind, a sector. Another is refused with those that are, an entry
 * that nobody can tell with its place. On another basis nothing is asked. */
static void
consent_names_its_recipients(void **state)
{
	static const struct { const char *allowed, *answer; } cases[] = {
		{ "", "OK " }, { "hospital-1", "OK " }, { "ozd", "OK " }, { "social", "OK " }, { "МБАЛ „Проба“", "OK " },
		{ "school|gp|hospital-1", "OK " }, { "health", "NSK-1313 referral.consent.recipients_allowed\n" },
		{ "school|coordination", "NSK-1313 referral.consent.recipients_allowed\n" },
		{ "school-7", "NSK-1313 referral.consent.recipients_allowed\n" },
		{ "hospital-1|ЦОП", "NSK-1314 referral.consent.recipients_allowed[1]\n" },
		{ "hospital-9", "NSK-1314 referral.consent.recipients_allowed[0]\n" },
	};
	static const struct adapter_pair aliases[] = { { "МБАЛ „Проба“", "hospital-1" } };
	struct paper *p = paper_up();

	(void)state;
	p->party[0].desk.config.aliases = aliases;
	p->party[0].desk.config.n_aliases = 1;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		for (unsigned is_other = 0; is_other < 2; is_other++) {
			const char *number = arena_fmt(p->mem, "R-%zu-%u", i, is_other), *answer;
			struct buf b;

			buf_init(&b, p->mem);
			buf_str(&b, BY_CONSENT);
			for (const char *at = cases[i].allowed; *at != '\0'; at += strcspn(at, "|"), at += *at == '|')
				buf_fmt(&b, "referral.consent.recipients_allowed=%.*s\n", (int)strcspn(at, "|"), at);
			buf_str(&b, is_other ? "referral.legal_basis=court-order\n" : "");
			answer = refer(p, number, buf_text(&b));
			if (strncmp(answer, is_other ? "OK " : cases[i].answer, strlen(is_other ? "OK " : cases[i].answer)) != 0)
				fail_msg("%s: %s", cases[i].allowed, answer);
		}
	paper_down(p);
}

/* An invitation is judged by the consent of the referral that it is about: its last day, and each member. */
static void
an_invitation_is_by_the_case(void **state)
{
	static const char call[] = "id=К-%s\nkind=conference-invite\nconference.conference_id=К-%s\nconference.case_ref=%s\nconference.mechanism=violence\n"
		"conference.urgency=urgent\nconference.start=2026-12-01T08:00:00Z\nconference.place_or_link=x\nconference.legal_basis=%s\n"
		"conference.members[0].agency=hospital-1\nconference.members[0].role=required\n";
	static const struct { const char *number, *consent, *answer; } cases[] = {
		{ "A", "referral.consent.valid_until=2026-03-02\n", "NSK-1311 conference.case_ref\n" },
		{ "B", "referral.consent.recipients_allowed=hospital-1\n", "OK " },
		{ "C", "referral.consent.valid_until=2036-03-02\n", "OK " },
	};
	struct paper *p = paper_up();

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++)
		must(refer(p, cases[i].number, arena_fmt(p->mem, BY_CONSENT "%s", cases[i].consent)));
	paper_run(p);
	p->now_ms += 30 * CLOCK_DAY;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *number = cases[i].number, *answer = paper_take(p, 0, arena_fmt(p->mem, call, number, number, number, "consent"));

		if (strncmp(answer, cases[i].answer, strlen(cases[i].answer)) != 0)
			fail_msg("%s: %s", number, answer);
	}
	must(paper_take(p, 0, arena_fmt(p->mem, call, "D", "D", "A", "duty-to-protect")));
	must(paper_take(p, 0, "id=c\nkind=consent-change\nconsent_change.referral_id=B\nconsent_change.changed_by=parent\n"
			"consent_change.change=narrowed\n" NEW_CONSENT "consent_change.consent.recipients_allowed=school\n"));
	assert_string_equal(paper_take(p, 0, arena_fmt(p->mem, call, "E", "E", "B", "consent")), "NSK-1313 conference.members.agency\n");
	paper_down(p);
}

/* Consent is withdrawn of a conference, or of the referral that it is about: at all its agencies what is new there stops, as what waits does, but what ends it;
 * with a new consent it goes on. On another basis nothing is stopped. */
static void
a_conference_stops_with_consent(void **state)
{
	static const char call[] = "id=i\nkind=conference-invite\nconference.conference_id=К\nconference.case_ref=R-1\nconference.mechanism=violence\n"
		"conference.urgency=urgent\nconference.start=2026-12-01T08:00:00Z\nconference.place_or_link=x\nconference.legal_basis=%s\n"
		"conference.members[0].agency=hospital-1\nconference.members[0].role=required\n";
	static const char changed[] = "id=%s\nkind=consent-change\nconsent_change.conference_id=К\n"
		"consent_change.changed_by=parent\nconsent_change.change=%s\n";
	static const char decided[] = "id=%s\nkind=conference-decision\ndecision.conference_id=К\ndecision.result=%s\ndecision.text=План\n";
	static const char answer[] = "id=%s\nkind=conference-rsvp\nrsvp.conference_id=К\nrsvp.answer=accept\n";

	(void)state;
	for (int is_consent = 0; is_consent < 2; is_consent++) {
		const char *refused = is_consent ? "NSK-1311 " : "OK ";
		struct paper *p = referred(BY_CONSENT);
		const char *said;

		must(paper_take(p, 0, arena_fmt(p->mem, call, is_consent ? "consent" : "duty-to-protect")));
		paper_run(p);
		must(paper_take(p, 1, arena_fmt(p->mem, answer, "a-1")));
		must(paper_take(p, 0, arena_fmt(p->mem, decided, "d-1", "decided")));
		paper_run(p);
		must(paper_take(p, 0, arena_fmt(p->mem, changed, "w", "withdrawn")));
		paper_run(p);
		said = paper_take(p, 0, arena_fmt(p->mem, decided, "d-2", "decided"));
		assert_int_equal(strncmp(said, refused, strlen(refused)), 0);
		said = paper_take(p, 1, arena_fmt(p->mem, answer, "a-2"));
		assert_int_equal(strncmp(said, refused, strlen(refused)), 0);
		must(paper_take(p, 0, arena_fmt(p->mem, changed, "n", "renewed\n" NEW_CONSENT)));
		paper_run(p);
		must(paper_take(p, 0, arena_fmt(p->mem, decided, "d-3", "decided")));
		must(paper_take(p, 1, arena_fmt(p->mem, answer, "a-3")));
		must(paper_take(p, 0, arena_fmt(p->mem, changed, "v", "withdrawn")));
		must(paper_take(p, 0, arena_fmt(p->mem, decided, "d-4", "closed")));
		paper_run(p);
		assert_int_equal(paper_thread(p, 1, "К").conference, CONFERENCE_CLOSED);
		paper_down(p);
	}
}

/* A file is judged by its category: as a record, and before the first byte of an upload; the form of consent goes. */
static void
files_need_their_category(void **state)
{
	struct files_ask ask = { .path = "/v1/referrals/R-1/files?filename=a.pdf&category=consent-form" };
	struct paper *p = referred(BY_CONSENT NAMES("social"));
	struct why why = { .where = "" };

	(void)state;
	assert_string_equal(paper_take(p, 0, arena_fmt(p->mem, FILE_OF, "f", "court-act")), "NSK-1312 attachment.category\n");
	assert_int_equal(files_upload(p, 0, &(struct files_ask){ 0 }, files_make(p, 100), NULL, &why), ERR_CONSENT_CATEGORY);
	assert_string_equal(why.where, "category");
	assert_int_equal(paper_count(p, 0, TABLE_FILE), 0);
	must(paper_take(p, 0, arena_fmt(p->mem, FILE_OF, "f", "consent-form")));
	assert_int_equal(files_upload(p, 0, &ask, files_make(p, 100), NULL, &why), OK);
	ask.path = "/v1/referrals/R-1/files?filename=a.pdf";	/* of nobody's category: its sender's, a social agency */
	assert_int_equal(files_upload(p, 1, &ask, files_make(p, 100), NULL, &why), OK);
	paper_down(p);
}

/* A file that was taken goes while the family agrees: of one that is on its way when it agrees no longer the rest stays; the same again has its answer. */
static void
what_was_taken_stops_with_consent(void **state)
{
	static const char *const withdrawn[] = { "", "consent_change.data_categories=health\n", "consent_change.data_categories=family\n" };

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct paper *p = referred(BY_CONSENT NAMES("health") NAMES("family"));
		struct span bytes = files_make(p, 2 * WHOLE_PART_BYTES + 10);
		struct files_ask ask = { .key = "k" };
		struct why why = { .where = "" };
		bool is_stopped = i < 2;
		uint64_t n;

		assert_int_equal(files_upload(p, 0, &ask, bytes, NULL, &why), OK);
		n = paper_count(p, 0, TABLE_OUTBOX);
		must(paper_take(p, 0, arena_fmt(p->mem, CHANGED "%s", "c", "withdrawn", withdrawn[i])));
		assert_int_equal(files_upload(p, 0, &ask, bytes, NULL, &why), OK);
		files_send(p, 0);
		assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), n + (is_stopped ? 1 : 3));	/* the change, and two parts more or not */
		assert_int_equal(strstr(p->party[0].told, "file.failed") != NULL, is_stopped);
		ask.key = "another";
		assert_int_equal(files_upload(p, 0, &ask, bytes, NULL, &why), i == 0 ? ERR_CONSENT_ENDED : i == 1 ? ERR_CONSENT_CATEGORY : OK);
		paper_down(p);
	}
}

/* A consent that the family has withdrawn cannot be cited again in its case: not for a file or a record, not by a referral that continues the first or goes
 * onward, nor by an invitation. One that was given since can, and so can another basis; what ends the thread goes on, and the family's form. */
static void
what_was_withdrawn_is_not_cited(void **state)
{
	struct files_ask form = { .path = "/v1/referrals/R-1/files?filename=a.pdf&category=consent-form" };
	static const struct { const char *more, *answer; } cases[] = {
		{ BY_CONSENT "referral.continues=R-1\n", "NSK-1311 referral.consent\n" },
		{ BY_CONSENT "referral.supersedes=R-1\n", "NSK-1311 referral.consent\n" },
		{ BY_CONSENT NAMES("identity") "referral.continues=R-1\n", "NSK-1311 referral.consent\n" },
		{ "referral.continues=R-1\n", "OK " },
		{ "referral.legal_basis=consent\nreferral.consent.given_by=parent\nreferral.consent.given_on=2026-03-02\nreferral.continues=R-1\n", "OK " },
		{ BY_CONSENT, "OK " },		/* another case */
	};
	struct why why = { .where = "" };
	struct paper *p = referred(BY_CONSENT);

	(void)state;
	must(paper_take(p, 0, arena_fmt(p->mem, CHANGED, "w", "withdrawn")));
	paper_run(p);
	for (size_t by = 0; by < 2; by++) {
		assert_string_equal(paper_take(p, by, arena_fmt(p->mem, ASSESSED, "a", "risk")), "NSK-1311 assessment\n");
		assert_int_equal(files_upload(p, by, &(struct files_ask){ 0 }, files_make(p, 100), NULL, &why), ERR_CONSENT_ENDED);
	}
	assert_string_equal(paper_take(p, 0, arena_fmt(p->mem, FILE_OF, "f", "photo")), "NSK-1311 attachment\n");
	assert_int_equal(files_upload(p, 0, &form, files_make(p, 100), NULL, &why), OK);
	must(paper_take(p, 1, adesk_status(p->mem, "s-9", "R-1", "withdrawn", "")));
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *answer = refer(p, arena_fmt(p->mem, "B-%zu", i), cases[i].more);

		if (strncmp(answer, cases[i].answer, strlen(cases[i].answer)) != 0)
			fail_msg("%s: %s", cases[i].more, answer);
	}
	paper_down(p);
}

/* A file inside a message that may not go keeps the message back, with its referral, since there is one answer; what is about another child goes. What was
 * taken has its answer, also after the family has changed its mind. */
static void
a_message_goes_whole_or_not(void **state)
{
	struct paper *p = paper_up();
	const char *file = arena_fmt(p->mem, FILE_OF, "f", "assessment"), *second = adesk_referral(p->mem, "R-2", world_ids[1], "routine", "Друг случай");
	const char *first = adesk_referral(p->mem, "R-1", world_ids[1], "routine", "Измислен случай");
	const char *good, *again;

	(void)state;
	assert_int_equal(strncmp(paper_take(p, 0, arena_fmt(p->mem, "%s" BY_CONSENT NAMES("social") "--\n%s--\n%s", first, file, second)),
				 "NSK-1312 attachment.category\nNSK-1312 attachment.category\nOK ", 59), 0);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	assert_string_equal(paper_take(p, 0, arena_fmt(p->mem, "%s" BY_CONSENT NAMES("health") "--\n%sattachment.media_type=image/png\n", first, file)),
			    "NSK-1603 attachment.data\nNSK-1603 attachment.data\n");
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	good = arena_fmt(p->mem, "%s" BY_CONSENT NAMES("health") "--\n%s", first, file);
	must(paper_take(p, 0, good));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 3);
	must(paper_take(p, 0, arena_fmt(p->mem, CHANGED, "c", "withdrawn")));
	again = paper_take(p, 0, good);
	must(again);
	assert_non_null(strstr(again, "\nOK "));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 4);
	paper_down(p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_assessment_needs_its_category),
		cmocka_unit_test(the_newest_consent_counts),
		cmocka_unit_test(renewed_by_a_new_one),
		cmocka_unit_test(what_is_dropped_is_counted),
		cmocka_unit_test(consent_names_its_recipients),
		cmocka_unit_test(an_invitation_is_by_the_case),
		cmocka_unit_test(a_conference_stops_with_consent),
		cmocka_unit_test(files_need_their_category),
		cmocka_unit_test(what_was_taken_stops_with_consent),
		cmocka_unit_test(what_was_withdrawn_is_not_cited),
		cmocka_unit_test(a_message_goes_whole_or_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
