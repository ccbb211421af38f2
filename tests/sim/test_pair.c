/* SPDX-License-Identifier: EUPL-1.2 */
/* Real adapters at both ends of a real hub core, in virtual time: whatever the network, the hub's disk and dying processes do,
 * every referral arrives in exactly one inbox entry, is registered back, and every thread ends in the same state at both ends.
 * SIM_SEED runs one seed alone, SIM_SEEDS says how many; NASOKA_DEEP=1 runs ten times as many. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "adapters/core/core.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/services.h"
#include "adapters/core/turnover.h"
#include "tests/sim/office.h"
#include "tests/support/announce_sample.h"

#define OFFICES 3
#define REFERRALS_MAX 24
#define MARKER "ZQXMARKERZQX"
#define TROUBLE_MS (90 * CLOCK_SECOND)
#define PEACE_MS (900 * CLOCK_SECOND)
#define DOWN_MS 400
#define DISKS_MAX 2		/* lost in a trial: a thread that both its sides lose is gone */

struct written { size_t from, to; char id[16]; bool is_taken; unsigned statuses; };

struct trouble { struct lossy_faults wire; struct simhub_faults hub; unsigned kills, lines, refusals, keys, losses, disks; /* in a thousand */ };

struct trial {
	struct world world;
	struct lossy *wire;
	struct simhub *hub;
	struct office offices[OFFICES];
	struct written referrals[REFERRALS_MAX];
	size_t n_referrals;
	int32_t said[OFFICES];		/* what each office announced last of its one service; 0: nothing yet */
	const struct trouble *trouble;	/* NULL: peace */
	bool loses_keys, loses_disks;
	unsigned n_disks;
	struct arena *mem;
};

/* -- what the offices do beyond working -- */

static bool
is_cut(struct office *o)
{
	const struct trial *r = o->arg;

	return lossy_chance(r->wire, r->trouble ? 10 : 0);
}

static void
on_tell(struct office *o, const char *text)
{
	(void)o;
	assert_null(strstr(text, MARKER));
}

static void
must(enum err e)
{
	if (e != OK)
		fail_msg("%s", err_name(e));
}

/* Its machine is replaced, and of its sealing keys nothing is left; the new one has another. */
static void
lose_keys(struct office *o)
{
	uint64_t version;

	if (o->desk.adapter == NULL)
		return;
	version = keychest_sheet(o->desk.chest)->version;
	office_restart(o, DOWN_MS);
	adesk_rekey(&o->desk, version + 1);
}

static bool
is_all_stored(struct adesk *d)
{
	struct txn *txn = store_read(d->store);
	struct pending_at at = { 0 };
	bool is_all = txn_count(txn, TABLE_WISHES) == 0;
	struct outbound o;
	uint64_t seq;

	while (is_all && outbox_next_pending(txn, &at, &seq))
		is_all = outbox_get(txn, seq, &o) && o.class != CLASS_DATA;
	txn_abort(txn);
	return is_all;
}

/* Its store is gone, and with it receipts that nobody had yet. What the hub had not accepted would be lost: then it waits. */
static void
lose_disk(struct office *o)
{
	struct trial *r = o->arg;

	if (o->desk.adapter == NULL || r->n_disks >= DISKS_MAX || !is_all_stored(&o->desk))
		return;
	r->n_disks++;
	office_restart(o, DOWN_MS);
	adesk_wipe(&o->desk);
}

static void
turn_keys(struct office *o)
{
	struct why why = { .where = "" };
	enum err e = o->desk.adapter ? turnover_now(o->desk.adapter, &why) : OK;

	if (e != ERR_FULL)
		must(e);
}

/* -- the agency's system -- */

struct answer { uint64_t cursor; enum err e; char text[40]; };

static void
answers(void *arg, uint64_t life, struct span bytes)
{
	struct office *o = arg;
	struct answer a;

	memcpy(&a, bytes.p, sizeof(a));
	if (life == o->life && o->desk.adapter)
		must(adapter_handed(o->desk.adapter, &o->desk.door, a.cursor, a.e, &(struct native){ .bytes = span_str(a.text) }));
}

/* Registers each referral under its own number, sometimes late, sometimes before the door returns. */
static enum err
hand(void *arg, const struct handover *h)
{
	struct office *o = arg;
	const struct trial *r = o->arg;
	struct lossy *wire = r->wire;
	unsigned faults = r->trouble ? r->trouble->refusals : 0;
	struct answer a = { .cursor = h->cursor };

	if (lossy_chance(wire, faults))
		return lossy_chance(wire, 500) ? ERR_BUSY : ERR_PEER_DOWN;
	if (lossy_chance(wire, faults))
		a.e = ERR_PEER_DOWN;
	snprintf(a.text, sizeof(a.text), "%s", lossy_chance(wire, faults) ? "later" : "taken");
	if (strncmp((const char *)h->native.bytes.p, "referral ", 9) == 0 && strcmp(a.text, "taken") == 0)
		snprintf(a.text, sizeof(a.text), "case C-%.30s", (const char *)h->native.bytes.p + 9);
	a.text[strcspn(a.text + 5, " ") + 5] = '\0';
	if (lossy_chance(wire, 300)) {
		must(adapter_handed(o->desk.adapter, &o->desk.door, a.cursor, a.e, &(struct native){ .bytes = span_str(a.text) }));
		return OK;
	}
	lossy_at(wire, (int64_t)(lossy_random(wire) % 300), answers, o, o->life, SPAN(&a, sizeof(a)));
	return OK;
}

/* A new referral, or one whose answer got lost is sent again. */
static void
write_referral(struct trial *r)
{
	struct written *w = &r->referrals[r->n_referrals];
	const char *priority = lossy_chance(r->wire, 200) ? "emergency" : lossy_chance(r->wire, 300) ? "urgent" : "routine";
	const char *answer;

	w->from = lossy_random(r->wire) % OFFICES;
	w->to = (w->from + 1 + lossy_random(r->wire) % (OFFICES - 1)) % OFFICES;
	if (r->offices[w->from].desk.adapter == NULL)
		return;
	snprintf(w->id, sizeof(w->id), "R-%zu", r->n_referrals);
	answer = adesk_take(&r->offices[w->from].desk, adesk_referral(r->mem, w->id, world_ids[w->to], priority, MARKER), NULL, r->mem);
	assert_non_null(answer);
	if (strncmp(answer, "NSK-1008", 8) == 0)
		return;		/* no session yet: it knows nobody's keys */
	if (strncmp(answer, "OK ", 3) != 0)
		fail_msg("%s", answer);
	r->n_referrals++;
}

/* One of the two sides takes a step, if its own lifecycle lets it. */
static void
write_status(struct trial *r)
{
	static const char *const steps[] = { "received", "accepted", "in-progress", "on-hold", "cancel-requested", "withdrawn" };
	struct written *w = &r->referrals[lossy_random(r->wire) % r->n_referrals];
	struct adesk *d = &r->offices[lossy_chance(r->wire, 700) ? w->to : w->from].desk;
	const char *step = steps[lossy_random(r->wire) % (lossy_chance(r->wire, 100) ? 6 : 4)];
	char id[40];

	if (d->adapter == NULL)
		return;
	snprintf(id, sizeof(id), "S-%s-%u-%zu", w->id, ++w->statuses, d->place);
	assert_non_null(adesk_take(d, adesk_status(r->mem, id, w->id, step, "status.reason_text=" MARKER "\n"), NULL, r->mem));
}

/* An office says how many places it has: a number of its own each time. */
static void
write_service(struct trial *r)
{
	size_t i = lossy_random(r->wire) % OFFICES;
	struct announce a = sample_announce(world_ids[i], "places", lossy_now(r->wire));

	if (r->offices[i].desk.adapter == NULL)
		return;
	a.total = ANNOUNCE_UNSAID;
	a.funded = ANNOUNCE_UNSAID;
	a.available = r->said[i] + 1;
	must(services_say(r->offices[i].desk.adapter, &a, NULL, NULL));
	r->said[i]++;
}

/* -- a trial -- */

static void
trial_init(struct trial *r, uint64_t seed)
{
	memset(r, 0, sizeof(*r));
	world_init(&r->world, seed);
	r->mem = arena_new((size_t)256 << 20);
	r->wire = lossy_new(seed ^ 0x5eed, WORLD_T0);
	r->hub = simhub_new(&r->world, r->wire);
	for (size_t i = 0; i < OFFICES; i++) {
		struct office *o = &r->offices[i];

		office_init(o, &r->world, i, r->wire, r->hub, hand);
		o->is_cut = is_cut;
		o->on_tell = on_tell;
		o->arg = r;
		office_start(o);
	}
}

static void
trial_done(struct trial *r)
{
	for (size_t i = 0; i < OFFICES; i++)
		office_done(&r->offices[i]);
	simhub_free(r->hub);
	lossy_free(r->wire);
	arena_free(r->mem);
	world_done(&r->world);
}

static void
trial_trouble(struct trial *r, const struct trouble *t)
{
	int64_t end = lossy_now(r->wire) + TROUBLE_MS;

	r->trouble = t;
	r->loses_keys = t->losses > 0;
	r->loses_disks = t->disks > 0;
	lossy_set_faults(r->wire, &t->wire);
	simhub_set_faults(r->hub, &t->hub);
	while (lossy_step(r->wire, end) || lossy_now(r->wire) < end) {
		arena_reset(r->mem);
		if (r->n_referrals < REFERRALS_MAX && lossy_chance(r->wire, 20))
			write_referral(r);
		if (r->n_referrals > 0 && lossy_chance(r->wire, 20))
			write_status(r);
		if (lossy_chance(r->wire, 10))
			write_service(r);
		if (lossy_chance(r->wire, t->kills))
			office_restart(&r->offices[lossy_random(r->wire) % OFFICES], DOWN_MS);
		if (lossy_chance(r->wire, t->lines))
			office_drop_line(&r->offices[lossy_random(r->wire) % OFFICES]);
		if (lossy_chance(r->wire, t->keys))
			turn_keys(&r->offices[lossy_random(r->wire) % OFFICES]);
		if (lossy_chance(r->wire, t->losses))
			lose_keys(&r->offices[lossy_random(r->wire) % OFFICES]);
		/* the same one each time */
		if (r->n_referrals > 4 && lossy_chance(r->wire, t->disks))
			lose_disk(&r->offices[0]);
	}
}

static void
add_queued(void *arg, const struct hub_agency *a)
{
	*(uint64_t *)arg += a->queued;
}

static bool
is_quiet(struct trial *r)
{
	uint64_t queued = 0;

	if (simhub_core(r->hub) == NULL ||
	    hub_each_agency(simhub_core(r->hub), lossy_now(r->wire), add_queued, &queued) != OK || queued > 0)
		return false;
	for (size_t i = 0; i < OFFICES; i++) {
		struct adapter_status s;
		struct rebuilt rebuilt;
		struct txn *txn;

		if (r->offices[i].desk.adapter == NULL)
			return false;
		adapter_status(r->offices[i].desk.adapter, &s);
		if (s.pending > 0 || s.egress_waiting > 0)
			return false;
		/* the statement that says what was lost may itself be lost, and is asked for again after a while */
		txn = store_read(r->offices[i].desk.store);
		rebuild_view(txn, &rebuilt);
		txn_abort(txn);
		if (rebuilt.state != REBUILD_NONE)
			return false;
	}
	return true;
}

/* Exactly one entry for each message, and each thread's in the order of its sender's seqs. */
static void
check_inbox(struct adesk *d)
{
	struct txn *txn = store_read(d->store);
	struct inbound in = { .cursor = 0 }, again;

	while (inbox_next(txn, in.cursor, &in)) {
		again = in;
		while (!in.is_stage && inbox_next(txn, again.cursor, &again))
			assert_false(!again.is_stage && msgid_eq(&again.first, &in.first));
		if (!in.is_stage)
			assert_true(in.state == INBOUND_REGISTERED || in.state == INBOUND_TAKEN);
	}
	txn_abort(txn);
}

/* What each adapter believes to be stored is in the log at the leaf that it was proven with. */
static void
check_log(struct adesk *d, struct journal_view *v, struct arena *mem)
{
	struct txn *txn = store_read(d->store);
	struct journal_entry entry;
	struct detail detail;
	struct outbound o;

	for (uint64_t seq = 1; outbox_get(txn, seq, &o); seq++) {
		arena_reset(mem);
		if (o.class == CLASS_DATA && o.refused_ms != 0)
			fail_msg("a step was refused: %s", err_name(o.refused));
		if (o.stored_ms == 0) {
			/* refused as confirmed already: another of it is there; or newer words went instead */
			assert_true(o.class == CLASS_RECEIPT || o.class == CLASS_ANNOUNCE);
			continue;
		}
		assert_int_equal(journal_entry(v, o.leaf, mem, &entry), OK);
		assert_int_equal(detail_decode(entry.detail, mem, &detail), OK);
		assert_true(msgid_eq(&detail.id, &o.id) && hash_eq(&detail.env_hash, &o.hash));
	}
	txn_abort(txn);
}

static void
check_no_plaintext(struct journal_view *v, struct arena *mem)
{
	struct journal_entry entry;

	for (uint64_t i = 0; i < journal_size(v); i++) {
		arena_reset(mem);
		assert_int_equal(journal_entry(v, i, mem, &entry), OK);
		assert_false(adesk_has(entry.detail, MARKER));
		assert_false(adesk_has(entry.envelope, MARKER));
	}
}

static void
check_referral(struct trial *r, const struct written *w)
{
	struct adesk *from = &r->offices[w->from].desk, *to = &r->offices[w->to].desk;
	struct txn *a = store_read(from->store), *b = store_read(to->store);
	struct thread ours, theirs;
	char case_no[40];

	snprintf(case_no, sizeof(case_no), "C-%s", w->id);
	assert_true(casebook_by_number(a, w->id, NULL, &ours));
	if (!casebook_by_number(b, w->id, world_ids[w->from], &theirs))
		fail_msg("%s never came", w->id);
	assert_true(ours.is_initiator && !theirs.is_initiator);
	/* a receipt that was not sent yet is lost with a disk; what is registered was delivered */
	if (ours.stored_ms == 0 || (ours.delivered_ms == 0 && !r->loses_disks) || ours.registered_ms == 0)
		fail_msg("%s: stored %d delivered %d registered %d", w->id, ours.stored_ms != 0, ours.delivered_ms != 0,
			 ours.registered_ms != 0);
	/* a receipt under a key that was lost before it came says its stage only */
	if (ours.external_no[0] != '\0' || !(r->loses_keys || r->loses_disks))
		assert_string_equal(ours.external_no, case_no);
	/* and one that was on its way when the other side was asked for the thread, too */
	if (theirs.case_no[0] != '\0' || !r->loses_disks)
		assert_string_equal(theirs.case_no, case_no);
	assert_int_equal(ours.refused, OK);
	assert_int_equal(ours.my_seq, theirs.others[0].taken);
	assert_int_equal(theirs.my_seq, ours.others[0].taken);
	assert_int_equal(ours.state, theirs.state);
	txn_abort(a);
	txn_abort(b);
}

/* Everybody knows the newest word of each. One that the hub had not stored is lost with a disk. */
static void
check_services(struct trial *r, const struct adesk *d)
{
	struct txn *txn = store_read(d->store);
	int32_t known[OFFICES] = { 0 };
	struct service *all;
	size_t n;

	assert_int_equal(services_all(d->adapter, txn, r->mem, &all, &n), OK);
	for (size_t k = 0; k < n; k++)
		for (size_t i = 0; i < OFFICES; i++)
			if (strcmp(all[k].announce.agency, world_ids[i]) == 0)
				known[i] = all[k].announce.available;
	for (size_t i = 0; i < OFFICES; i++)
		if (known[i] != r->said[i] && !(r->loses_disks && known[i] < r->said[i]))
			fail_msg("%s knows %d of %s, which said %d", world_ids[d->place], (int)known[i], world_ids[i], (int)r->said[i]);
	txn_abort(txn);
}

static void
trial_check(struct trial *r)
{
	static const struct lossy_faults calm = { .delay_ms = 1 };
	int64_t end = lossy_now(r->wire) + PEACE_MS;
	struct journal_view *v;

	r->trouble = NULL;
	lossy_set_faults(r->wire, &calm);
	simhub_set_faults(r->hub, &(struct simhub_faults){ 0 });
	while (lossy_now(r->wire) < end && lossy_step(r->wire, end))
		if (is_quiet(r) && end - lossy_now(r->wire) > 20 * CLOCK_SECOND)
			end = lossy_now(r->wire) + 20 * CLOCK_SECOND;
	assert_true(is_quiet(r));
	v = journal_view(simhub_journal(r->hub));
	for (size_t i = 0; i < r->n_referrals; i++)
		check_referral(r, &r->referrals[i]);
	for (size_t i = 0; i < OFFICES; i++) {
		check_inbox(&r->offices[i].desk);
		check_services(r, &r->offices[i].desk);
		check_log(&r->offices[i].desk, v, r->mem);
	}
	check_no_plaintext(v, r->mem);
	assert_int_equal(journal_view_end(v), OK);
}

static void
trial_seeds(const struct trouble *t, unsigned seeds)
{
	const char *one = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS"), *deep = getenv("NASOKA_DEEP");
	unsigned n = many ? (unsigned)atoi(many) : deep && strcmp(deep, "1") == 0 ? 10 * seeds : seeds;
	unsigned first = one ? (unsigned)atoi(one) : 1, n_disks = 0;

	for (unsigned seed = first; seed < first + (one ? 1 : n); seed++) {
		struct trial r;

		print_message("seed %u\n", seed);
		trial_init(&r, seed);
		trial_trouble(&r, t);
		trial_check(&r);
		n_disks += r.n_disks;
		trial_done(&r);
	}
	if (t->disks > 0 && !one)
		assert_true(n_disks > 0);
}

/* On a good day every referral is registered and every step arrives. */
static void
pair_calm(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2 } }, 10);
}

/* A network that drops, doubles, delays and reorders, and lines that break, cost time and nothing else. */
static void
pair_bad_network(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 60, .twice = 60, .delay_ms = 3, .jitter_ms = 150 }, .lines = 5 }, 60);
}

/* Adapters that die at any point lose nothing that they have answered for, and take nothing twice. */
static void
pair_adapters_die(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2 }, .kills = 15 }, 60);
}

/* Agencies' systems that are down, busy or ask to come later get everything in the end. */
static void
pair_systems_fail(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .delay_ms = 2 }, .refusals = 300 }, 40);
}

/* Sealing keys that turn over again and again, and some that are lost, cost a message a second sealing and nothing else. */
static void
pair_keys_turn(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 20, .delay_ms = 2, .jitter_ms = 50 }, .kills = 3, .keys = 2, .losses = 2 }, 40);
}

/* An adapter whose disk is lost in the middle of traffic knows its threads again, gets what nobody had registered, and goes on in the
 * same numbers. */
static void
pair_disk_lost(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 20, .delay_ms = 2, .jitter_ms = 50 }, .kills = 3, .disks = 4 }, 40);
}

/* All of it together, and a hub that dies within its commits and whose disk fails. */
static void
pair_everything(void **state)
{
	(void)state;
	trial_seeds(&(struct trouble){ .wire = { .drop = 40, .twice = 40, .delay_ms = 3, .jitter_ms = 100 }, .lines = 3, .kills = 6,
				       .hub = { .crash = 30, .io_error = 20 }, .refusals = 100 }, 80);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(pair_calm), cmocka_unit_test(pair_bad_network), cmocka_unit_test(pair_adapters_die),
		cmocka_unit_test(pair_systems_fail), cmocka_unit_test(pair_keys_turn), cmocka_unit_test(pair_disk_lost),
		cmocka_unit_test(pair_everything),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
