/* SPDX-License-Identifier: EUPL-1.2 */
#include "adapters/core/compose.h"
#include "adapters/core/intake.h"
#include "adapters/core/register.h"
#include "tests/support/paper_hub.h"
#include "tests/support/sparse.h"

static char *
referral(struct paper *p, const char *id, const char *more)
{
	return arena_fmt(p->mem, "%s%s", adesk_referral(p->mem, id, world_ids[1], "routine", "Измислен случай"), more);
}

static bool
is_as(const char *answer, const char *start)
{
	return answer && strncmp(answer, start, strlen(start)) == 0;
}

/* The referral as the other agency would read it, opened from our own store. */
static struct record *
stored(struct paper *p, const char *number)
{
	struct thread t = paper_thread(p, 0, number);
	struct span key = SPAN(t.id.b, THREAD_LEN), closed;
	struct adapter *a = p->party[0].desk.adapter;
	struct txn *txn = store_read(p->party[0].desk.store);
	struct record *record = NULL;

	closed = arena_span(p->mem, txn_get(txn, TABLE_REFERRAL, key));
	txn_abort(txn);
	assert_int_equal(compose_open(a, "referral", key, closed, p->mem, &record), OK);
	return record;
}

/* The same input twice is one message and gets the same answer; under a new key of the caller as well. */
static void
intake_item_twice(void **state)
{
	struct paper *p = paper_up();
	const char *first = paper_take(p, 0, referral(p, "R-1", "")), *again = paper_take(p, 0, referral(p, "R-1", ""));

	(void)state;
	assert_true(is_as(first, "OK "));
	assert_memory_equal(first, again, 3 + 36 + 1 + 32);
	assert_non_null(strstr(again, "again"));
	again = adesk_take(&p->party[0].desk, referral(p, "R-1", ""), "key-1", p->mem);
	assert_memory_equal(first, again, 3 + 36);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	paper_down(p);
}

/* What the adapter makes of a referral that ended at `stage`, and is said again. */
static struct intake_item
said_again(struct paper *p, const char *number, enum stage stage, enum err code)
{
	const struct native in = { .bytes = span_str(referral(p, number, "")) };
	struct adapter *a = p->party[0].desk.adapter;
	struct intake again;
	struct outbound o;
	struct txn *txn;
	struct msgid id;

	assert_true(is_as(paper_take(p, 0, referral(p, number, "")), "OK "));
	id = paper_thread(p, 0, number).referral;
	null_to_records(&in, NULL, p->mem, &again);
	arena_reset(a->mem);
	txn = store_write(p->party[0].desk.store);
	assert_true(outbox_find(txn, &id, &o));
	outbox_note(&o, NULL, stage, code, core_now(a));
	outbox_put(txn, a->mem, &o);
	assert_int_equal(intake_item(a, txn, &again.items[0], NULL), OK);
	txn_abort(txn);
	assert_int_equal(again.items[0].e, OK);
	assert_true(again.items[0].is_repeat);
	return again.items[0];
}

/* Who says again what has ended without arriving is told so, in the agency's language and in English; of what is on its way nothing is said. */
static void
intake_item_ended(void **state)
{
	struct paper *p = paper_up();
	struct intake_item item;

	(void)state;
	p->party[0].desk.config.language = LANG_BG;
	item = said_again(p, "R-1", STAGE_REFUSED, ERR_STALE);
	assert_non_null(strstr(item.warning, "отказано"));
	assert_non_null(strstr(item.warning_en, "was refused"));
	assert_non_null(strstr(item.warning_en, err_code(ERR_STALE)));
	item = said_again(p, "R-2", STAGE_WITHDRAWN, OK);
	assert_string_equal(item.stage, envelope_stage_name(STAGE_WITHDRAWN));
	assert_non_null(strstr(item.warning, "оттеглено"));
	assert_non_null(strstr(item.warning_en, "taken back"));
	item = said_again(p, "R-3", STAGE_STORED, OK);
	assert_null(item.warning);
	assert_null(item.warning_en);
	paper_down(p);
}

/* With a key: the same key and content is the same message, another content under the key is refused. */
static void
intake_item_key(void **state)
{
	struct paper *p = paper_up();
	struct adesk *d = &p->party[0].desk;
	const char *first = adesk_take(d, referral(p, "R-1", ""), "key", p->mem);

	(void)state;
	assert_true(is_as(first, "OK "));
	assert_memory_equal(first, adesk_take(d, referral(p, "R-1", ""), "key", p->mem), 3 + 36);
	assert_true(is_as(adesk_take(d, referral(p, "R-2", ""), "key", p->mem), "NSK-1404 Idempotency-Key"));
	assert_true(is_as(paper_take(p, 0, referral(p, "R-1", "referral.reason_text=x\n")), "NSK-1404 referral.native_id"));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	paper_down(p);
}

/* Another content under an id that was used is refused, whichever field differs. */
static void
intake_item_other_content(void **state)
{
	static const char *const others[] = {
		"referral.child.given=Друга\n", "referral.need[0]=x\n", "referral.language=bg\n", "referral.interpreter=true\n",
		"referral.household_size=4\n", "referral.carers[0].given=А\n", "target=ozd-plovdiv\n",
	};
	struct paper *p = paper_up();

	(void)state;
	assert_true(is_as(paper_take(p, 0, referral(p, "R-1", "")), "OK "));
	for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++)
		if (i != 1)	/* an unknown code is refused by the record itself */
			assert_true(is_as(paper_take(p, 0, referral(p, "R-1", others[i])), i == 5 ? "NSK-1" : "NSK-1404 "));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	paper_down(p);
}

/* A refused item leaves nothing in the store, and its neighbours go on. */
static void
intake_item_refused(void **state)
{
	struct paper *p = paper_up();
	static const enum adapter_table tables[] = {
		TABLE_THREAD, TABLE_REFERRAL, TABLE_NUMBER, TABLE_NATIVE, TABLE_OUTBOX, TABLE_OUTBODY, TABLE_OUTRECORD, TABLE_SENT,
		TABLE_PENDING, TABLE_INBOX, TABLE_EGRESS,
	};
	const char *answer;

	(void)state;
	answer = paper_take(p, 0, arena_fmt(p->mem, "%s--\n%s--\nid=R-3\nrefuse=1505\n",
		referral(p, "R-1", "referral.respond_by=\nreferral.consent.date=2026-02-30\n"), referral(p, "R-2", "target=nobody\n")));
	for (size_t i = 0; i < sizeof(tables) / sizeof(tables[0]); i++)
		assert_int_equal(paper_count(p, 0, tables[i]), 0);
	assert_non_null(strstr(answer, "NSK-1203 referral.target.agency"));
	assert_non_null(strstr(answer, "NSK-1505 refuse"));
	answer = paper_take(p, 0, arena_fmt(p->mem, "%s--\n%s", referral(p, "R-2", "target=nobody\n"), referral(p, "R-4", "")));
	assert_true(is_as(answer, "NSK-1203"));
	assert_non_null(strstr(answer, "\nOK "));
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 1);
	paper_down(p);
}

/* What the format lacks comes from the agency's defaults and the deadlines, and is marked assumed; what it has stays. */
static void
intake_item_defaults(void **state)
{
	static const struct adapter_pair defaults[] = {
		{ "child.address.county", "PDV" }, { "risk_level", "low" }, { "status.reason_code", "other" },
	};
	struct paper *p = paper_up();
	struct record *r;
	bool has_county = false, has_by = false;

	(void)state;
	p->party[0].desk.config.defaults = defaults;
	p->party[0].desk.config.n_defaults = 3;
	assert_true(is_as(paper_take(p, 0, referral(p, "R-1", "")), "OK "));
	r = stored(p, "R-1");
	assert_string_equal(r->referral->child->address->county, "PDV");
	assert_string_equal(r->referral->risk_level, "medium");
	assert_int_equal(*r->referral->respond_by, WORLD_T0 + 7 * CLOCK_DAY);
	for (size_t i = 0; i < r->assumed.n; i++) {
		has_county |= strcmp(r->assumed.items[i], "referral.child.address.county") == 0;
		has_by |= strcmp(r->assumed.items[i], "referral.respond_by") == 0;
	}
	assert_true(has_county && has_by);
	assert_int_equal(r->assumed.n, 2);
	paper_down(p);
}

/* Without a target the first route that fits names it; none: it cannot be sent. */
static void
intake_item_routes(void **state)
{
	static const struct adapter_route routes[] = {
		{ "psych-counselling", NULL, "school-7" }, { NULL, "PDV01", "ozd-plovdiv" }, { "needs-assessment", "PDV22", "hospital-1" },
	};
	static const struct adapter_pair aliases[] = { { "ОЗД", "ozd-plovdiv" } };
	struct paper *p = paper_up();
	struct adapter_config *c = &p->party[0].desk.config;
	char *no_target = strstr(referral(p, "R-1", ""), "kind=");

	(void)state;
	assert_true(is_as(paper_take(p, 0, arena_fmt(p->mem, "id=R-1\n%s", no_target)), "NSK-1506 "));
	c->routes = routes;
	c->n_routes = 3;
	c->aliases = aliases;
	c->n_aliases = 1;
	assert_true(is_as(paper_take(p, 0, arena_fmt(p->mem, "id=R-1\n%s", no_target)), "OK "));
	assert_string_equal(paper_thread(p, 0, "R-1").others[0].agency, "hospital-1");
	assert_true(is_as(paper_take(p, 0, referral(p, "R-2", "target=ОЗД\n")), "OK "));
	assert_string_equal(paper_thread(p, 0, "R-2").others[0].agency, "ozd-plovdiv");
	assert_true(is_as(paper_take(p, 0, referral(p, "R-3", "target=gp-ivanova\n")), "NSK-1202 "));
	paper_down(p);
}

/* A step that the lifecycle does not have is refused at the sender, and writes nothing. */
static void
intake_item_illegal(void **state)
{
	struct paper *p = paper_up();
	uint64_t before;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	before = paper_count(p, 1, TABLE_OUTBOX);
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "completed", "status.outcome.outcome=x\n")), "NSK-1"));
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "in-progress", "")), "NSK-1401 "));
	assert_true(is_as(paper_take(p, 0, adesk_status(p->mem, "S-1", "R-1", "accepted", "")), "NSK-1402 "));
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "declined", "")), "NSK-1301 "));
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-9", "accepted", "")), "NSK-1403 "));
	assert_int_equal(paper_count(p, 1, TABLE_OUTBOX), before);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_REQUESTED);
	paper_down(p);
}

/* A decision says as well that the referral was seen and, with a case number, registered; the initiator hears of all three. */
static void
intake_item_decision(void **state)
{
	struct paper *p = paper_up();
	struct thread t;

	(void)state;
	paper_refer(p, "R-1", "urgent");
	paper_run(p);
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "status.case_no=C-7\n")), "OK "));
	paper_run(p);
	t = paper_thread(p, 0, "R-1");
	assert_int_equal(t.state, STATE_ACCEPTED);
	assert_true(t.registered_ms != 0 && t.seen_ms != 0);
	assert_string_equal(t.external_no, "C-7");
	assert_string_equal(paper_thread(p, 1, "C-7").referral_id, "R-1");
	paper_down(p);
}

/* A cancellation of what somebody has opened becomes a wish to cancel. */
static void
intake_item_cancel(void **state)
{
	struct paper *p = paper_up();

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_true(is_as(paper_take(p, 1, adesk_status(p->mem, "S-1", "R-1", "accepted", "")), "OK "));
	paper_run(p);
	assert_true(is_as(paper_take(p, 0, adesk_status(p->mem, "S-2", "R-1", "cancelled", "status.reason_text=x\n")), "OK "));
	paper_run(p);
	assert_int_equal(paper_thread(p, 0, "R-1").state, STATE_CANCEL_REQUESTED);
	assert_int_equal(paper_thread(p, 1, "R-1").state, STATE_CANCEL_REQUESTED);
	paper_down(p);
}

/* Registered only with a case number; the same again changes nothing; a second number is refused and the first stands. */
static void
intake_item_confirmation(void **state)
{
	struct paper *p = paper_up();
	uint64_t n;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	assert_true(is_as(paper_take(p, 1, "confirms=R-1\n"), "NSK-1301 "));
	assert_true(is_as(paper_take(p, 1, "confirms=R-9\ncase_no=1\n"), "NSK-1006 "));
	assert_true(is_as(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK "));
	n = paper_count(p, 1, TABLE_OUTBOX);
	assert_true(is_as(paper_take(p, 1, "confirms=R-1\ncase_no=C-1\n"), "OK "));
	assert_true(is_as(paper_take(p, 1, "confirms=R-1\ncase_no=C-2\n"), "NSK-1404 "));
	assert_int_equal(paper_count(p, 1, TABLE_OUTBOX), n);
	paper_run(p);
	assert_string_equal(paper_thread(p, 0, "R-1").external_no, "C-1");
	paper_down(p);
}

/* A row that confirms and takes a step does both or neither. */
static void
intake_item_both(void **state)
{
	struct paper *p = paper_up();
	char *good, *bad;

	(void)state;
	paper_refer(p, "R-1", "routine");
	paper_run(p);
	bad = arena_fmt(p->mem, "confirms=R-1\ncase_no=C-1\n%s", adesk_status(p->mem, "S-1", "R-1", "in-progress", ""));
	good = arena_fmt(p->mem, "confirms=R-1\ncase_no=C-1\n%s", adesk_status(p->mem, "S-1", "R-1", "accepted", ""));
	assert_true(is_as(paper_take(p, 1, bad), "NSK-1401 "));
	assert_int_equal(paper_thread(p, 1, "R-1").registered_ms, 0);
	assert_true(is_as(paper_take(p, 1, good), "OK "));
	assert_int_not_equal(paper_thread(p, 1, "R-1").registered_ms, 0);
	assert_true(is_as(paper_take(p, 1, good), "OK "));
	paper_down(p);
}

/* Before the recipient's keys are known the caller is asked to come again: its message is not at fault. Nor is its confirmation,
 * which is tried before anything of the item is written. */
static void
intake_item_no_keys(void **state)
{
	struct paper *p = calloc(1, sizeof(*p));
	struct inbound in = { .state = INBOUND_TAKEN, .priority = PRIORITY_ROUTINE, .hash.b = { 1 }, .thread.b = { 1 } };

	(void)state;
	(void)snprintf(in.from, sizeof(in.from), "%s", world_ids[1]);
	msgid_make(WORLD_T0, (const uint8_t[10]){ 1 }, &in.id);
	paper_init(p);
	assert_true(is_as(paper_take(p, 0, referral(p, "R-1", "")), "NSK-1008 "));
	assert_int_equal(register_try(p->party[0].desk.adapter, &in, "C-1", NULL), ERR_BUSY);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 0);
	paper_greet(p, 0, 100);
	assert_int_equal(register_try(p->party[0].desk.adapter, &in, "C-1", NULL), OK);
	assert_int_equal(paper_count(p, 0, TABLE_OUTBOX), 0);
	assert_true(is_as(paper_take(p, 0, referral(p, "R-1", "")), "OK "));
	paper_down(p);
}

/* -- whatever is left out -- */

#define SPARSE_ROOM ((size_t)4 << 20)

struct gaps {
	struct paper *p;
	struct arena *mem;		/* of one record */
	struct arena *paths_mem;
	const char **paths;
	const char *kind, *body, *number, *field;
	size_t n_paths, n_taken, n_refused;
};

static void
note_path(void *arg, const char *path)
{
	struct gaps *g = arg;

	g->paths = arena_grow(g->paths_mem, g->paths, g->n_paths * sizeof(*g->paths), (g->n_paths + 1) * sizeof(*g->paths));
	assert_non_null(g->paths);
	g->paths[g->n_paths++] = arena_str(g->paths_mem, path);
}

/* One record from either side, alone and with a file beside it that has nothing but what it belongs to: each has an answer. */
static void
say_gap(struct gaps *g, const struct sparse *what)
{
	static unsigned n;

	for (unsigned i = 0; i < 4; i++) {
		struct sparse s = *what;
		const char *answer;
		struct buf b;

		arena_reset(g->mem);
		buf_init(&b, g->mem);
		buf_fmt(&b, "id=g%u\nkind=%s\n", ++n, g->kind);
		s.to = &b;
		s.agency = world_ids[1 - i % 2];
		sparse_walk(&s, record_field(record_type(), g->body)->of, g->body, 0);
		if (g->field != NULL)
			buf_fmt(&b, "%s.%s=%s\n", g->body, g->field, g->number);
		if (i >= 2 && g->field != NULL)
			buf_fmt(&b, "--\nid=f%u\nkind=attachment\nattachment.%s=%s\n", n, g->field, g->number);
		answer = adesk_take(&g->p->party[i % 2].desk, arena_strn(g->mem, buf_bytes(&b).p, buf_bytes(&b).n), NULL, g->mem);
		if (answer == NULL || (!is_as(answer, "OK ") && !is_as(answer, "NSK-")))
			fail_msg("%s without %s, only %s: %s", g->kind, s.without ? s.without : "-", s.only ? s.only : "-", answer ? answer : "no answer");
		*(is_as(answer, "OK ") ? &g->n_taken : &g->n_refused) += 1;
	}
}

static void
say_gaps(struct gaps *g)
{
	const struct sparse all = { .each = note_path, .arg = g };

	arena_reset(g->paths_mem);
	g->paths = NULL;
	g->n_paths = 0;
	sparse_walk(&all, record_field(record_type(), g->body)->of, g->body, 0);
	say_gap(g, &(struct sparse){ .only = "-" });
	for (size_t i = 0; i < g->n_paths; i++) {
		say_gap(g, &(struct sparse){ .without = g->paths[i] });
		say_gap(g, &(struct sparse){ .only = g->paths[i] });
	}
}

static void
taken(struct paper *p, size_t i, const char *text)
{
	const char *answer = paper_take(p, i, text);

	if (!is_as(answer, "OK "))
		fail_msg("%s: %s", text, answer ? answer : "-");
	paper_run(p);
}

#define CHILD(body) body ".child.given=Калина\n" body ".child.family=Тест\n" body ".child.birth_date=2015-03-07\n" body ".child.gender=female\n"

/* A referral in each of several states, one whose consent is withdrawn, a conference, and an offer of transfer. */
static void
many_threads(struct paper *p)
{
	static const char *const steps[][3] = {
		{ "R-2", "info-requested", "status.questions[0].text=?\n" }, { "R-3", "accepted", "" },
		{ "R-4", "declined", "status.reason_code=no-capacity\n" },
		{ "R-5", "accepted", "" }, { "R-5", "in-progress", "" }, { "R-5", "on-hold", "status.reason_text=x\n" },
	};

	for (unsigned i = 0; i <= 5; i++)
		taken(p, 0, referral(p, arena_fmt(p->mem, "R-%u", i), ""));
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++)
		taken(p, 1, adesk_status(p->mem, arena_fmt(p->mem, "s%zu", i), steps[i][0], steps[i][1], steps[i][2]));
	taken(p, 0, referral(p, "W", "referral.legal_basis=consent\nreferral.consent.given_by=parent\nreferral.consent.given_on=2026-03-01\n"
				     "referral.consent.form=signed-paper\n"));
	taken(p, 0, "id=w\nkind=consent-change\nconsent_change.referral_id=W\nconsent_change.changed_by=parent\nconsent_change.change=withdrawn\n");
	taken(p, 0, arena_fmt(p->mem, "id=k\nkind=conference-invite\nconference.conference_id=K\nconference.case_ref=R-1\nconference.mechanism=violence\n"
			      "conference.urgency=urgent\nconference.start=2026-12-01T08:00:00Z\nconference.place_or_link=x\n"
			      "conference.members[0].agency=%s\nconference.members[0].role=required\n" CHILD("conference"), world_ids[1]));
	taken(p, 0, arena_fmt(p->mem, "id=t\nkind=transfer-offer\ntarget=%s\ntransfer.transfer_id=T\ntransfer.case_ref=R-1\ntransfer.reason=moved\n"
			      "transfer.from_municipality=PDV42\ntransfer.to_municipality=PDV01\ntransfer.handover_summary=x\ntransfer.ownership=true\n"
			      "transfer.effective_on=2026-12-01\ntransfer.legal_basis=statutory-task\n" CHILD("transfer"), world_ids[1]));
}

/* A record of any kind that lacks any of its fields, or has nothing but one, from either side about whatever there is: taken or refused by a code, and
 * the adapter goes on. Our own system is believed no more than another's. */
static void
intake_item_with_gaps(void **state)
{
	static const char *const numbers[] = { "R-0", "R-2", "R-3", "R-4", "R-5", "W", "K", "T" };
	static const char *const fields[] = { "referral_id", "referral_id", "referral_id", "referral_id", "referral_id", "referral_id", "conference_id",
					      "transfer_id" };
	struct gaps g = { .p = paper_up(), .mem = arena_new(SPARSE_ROOM), .paths_mem = arena_new(SPARSE_ROOM) };

	(void)state;
	many_threads(g.p);
	for (size_t i = 0; i < 2; i++)
		adapter_on_down(g.p->party[i].desk.adapter);
	for (const char *const *kind = record_codes("kind"); *kind != NULL; kind++) {
		g.kind = *kind;
		g.body = kind_by_code(*kind)->body;
		for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
			g.field = record_field(record_field(record_type(), g.body)->of, fields[i]) ? fields[i] : NULL;
			g.number = numbers[i];
			if (g.field != NULL || i == 0)
				say_gaps(&g);
		}
	}
	printf("# figure %zu records with gaps: %zu taken, %zu refused\n", g.n_taken + g.n_refused, g.n_taken, g.n_refused);
	assert_true(g.n_refused > 10000 && g.n_taken > 500);
	assert_true(is_as(paper_take(g.p, 0, referral(g.p, "R-9", "")), "OK "));
	arena_free(g.mem);
	arena_free(g.paths_mem);
	paper_down(g.p);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(intake_item_twice),
		cmocka_unit_test(intake_item_ended),
		cmocka_unit_test(intake_item_key),
		cmocka_unit_test(intake_item_other_content),
		cmocka_unit_test(intake_item_refused),
		cmocka_unit_test(intake_item_defaults),
		cmocka_unit_test(intake_item_routes),
		cmocka_unit_test(intake_item_illegal),
		cmocka_unit_test(intake_item_decision),
		cmocka_unit_test(intake_item_cancel),
		cmocka_unit_test(intake_item_confirmation),
		cmocka_unit_test(intake_item_both),
		cmocka_unit_test(intake_item_no_keys),
		cmocka_unit_test(intake_item_with_gaps),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
