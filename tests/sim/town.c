/* SPDX-License-Identifier: EUPL-1.2 */
/* town - faults, load and the end of a run; each step is one event of the virtual network. */
#include "tests/sim/town.h"

#include <stdio.h>

#include "adapters/core/core.h"
#include "tests/sim/trouble.h"

#define MOVE_MS (60 * CLOCK_SECOND)
#define REGISTERED_BIT (1u << STAGE_REGISTERED)	/* of what a sender's system has heard */

/* -- the tape -- */

void
town_tape(struct town *t, uint64_t tag, struct span bytes)
{
	uint64_t d = t->digest ^ (tag + (uint64_t)lossy_now(t->wire)) * UINT64_C(0x9e3779b97f4a7c15), word;
	size_t i = 0;

	for (; i + sizeof(word) <= bytes.n; i += sizeof(word)) {
		memcpy(&word, bytes.p + i, sizeof(word));
		d = (d ^ word) * UINT64_C(0x100000001b3);
		d ^= d >> 29;
	}
	for (; i < bytes.n; i++)
		d = (d ^ bytes.p[i]) * UINT64_C(0x100000001b3);
	t->digest = d ^ d >> 32;
}

static void
on_sent(void *arg, const char *agency, struct span frame)
{
	struct town *t = arg;

	town_tape(t, 0x40, frame);
	wiretap_on_sent(t->tap, agency, frame);
}

static void
on_came(void *arg, const char *agency, struct span frame)
{
	wiretap_on_came(((struct town *)arg)->tap, agency, frame);
}

static void
on_durable(void *arg, struct journal *j)
{
	logwatch_follow(((struct town *)arg)->log, j);
}

static void
on_crash(void *arg)
{
	struct town *t = arg;

	town_tape(t, 0xdead40, SPAN_NONE);
	t->crashes++;
}

/* -- load -- */

static void
say_new(struct bureau *b, struct input *in)
{
	in->no = b->town->n_inputs++;
	for (size_t i = 0; i < in->no; i++) {
		const struct input *o = &b->town->inputs[i];

		if (o->from == in->from && o->referral == in->referral && !o->is_dropped && !in->is_referral)
			in->order = o->order + 1;
	}
	bureau_say(b, in);
}

static void
write_referral(struct town *t, struct bureau *b)
{
	struct input *in = &t->inputs[t->n_inputs];

	*in = (struct input){ .from = b->desk.place, .is_referral = true, .referral = t->n_inputs };
	in->to = (in->from + 1 + lossy_random(t->wire) % (t->n_bureaus - 1)) % t->n_bureaus;
	if (lossy_chance(t->wire, t->climate.poison))
		in->poison = lossy_chance(t->wire, 500) ? POISON_ERROR : POISON_NEVER;
	snprintf(in->id, sizeof(in->id), "R-%zu", t->n_inputs);
	snprintf(in->step, sizeof(in->step), "%s",
		 lossy_chance(t->wire, 200) ? "emergency" : lossy_chance(t->wire, 300) ? "urgent" : "routine");
	say_new(b, in);
}

/* A step in a case that this agency's system knows; its own adapter may well refuse it. */
static void
write_status(struct town *t, struct bureau *b)
{
	static const char *const ours[] = { "cancel-requested", "withdrawn", "entered-in-error" };
	static const char *const theirs[] = { "received", "accepted", "in-progress", "on-hold", "in-progress", "withdrawn" };
	const struct input *r = &t->inputs[lossy_random(t->wire) % t->n_inputs];
	struct input *in = &t->inputs[t->n_inputs];
	bool is_ours = r->from == b->desk.place;

	if (!r->is_referral || r->poison == POISON_NEVER || !r->is_told || (!is_ours && (r->to != b->desk.place || !r->is_seen)))
		return;
	if (is_ours && !lossy_chance(t->wire, 200))
		return;		/* the other side is the one that works on it */
	*in = (struct input){ .from = b->desk.place, .to = is_ours ? r->to : r->from, .referral = r->no };
	if (lossy_chance(t->wire, t->climate.poison))
		in->poison = POISON_NEVER;
	snprintf(in->id, sizeof(in->id), "S-%zu", t->n_inputs);
	snprintf(in->step, sizeof(in->step), "%s", is_ours ? ours[lossy_random(t->wire) % 3] :
		 theirs[lossy_random(t->wire) % (lossy_chance(t->wire, 100) ? 6 : 5)]);
	say_new(b, in);
}

/* Something that it said before, and that has not ended as far as it knows. */
static void
take_back(struct town *t, struct bureau *b)
{
	for (size_t i = t->n_inputs; i-- > 0;) {
		struct input *in = &t->inputs[i];

		if (in->from != b->desk.place || !in->is_told || in->is_dropped || in->is_asked_back || (in->stages & REGISTERED_BIT))
			continue;
		bureau_take_back(b, in);
		return;
	}
}

static void
load(struct town *t)
{
	struct bureau *b = &t->bureaus[lossy_random(t->wire) % t->n_bureaus];

	if (b->mood == MOOD_DOWN)
		return;		/* it says nothing either */
	if (b->open)
		bureau_say(b, b->open);
	else if (t->n_inputs > 0 && lossy_chance(t->wire, t->climate.takebacks))
		take_back(t, b);
	else if (t->n_inputs == TOWN_INPUTS_MAX)
		return;
	else if (t->n_inputs == 0 || lossy_chance(t->wire, 350))
		write_referral(t, b);
	else
		write_status(t, b);
}

/* -- faults -- */

static bool
falls(struct town *t, unsigned in_ten_thousand)
{
	return lossy_random(t->wire) % 10000 < in_ten_thousand;
}

static int64_t
span_ms(struct town *t, int64_t max_ms)
{
	return (int64_t)(lossy_random(t->wire) % (uint64_t)max_ms);
}

/* When somebody goes on who is stopped for so long. */
static int64_t
note_pause(struct town *t, int64_t ms)
{
	int64_t until = lossy_now(t->wire) + ms;

	t->paused_ms = until > t->paused_ms ? until : t->paused_ms;
	return until;
}

static int64_t
jump(struct town *t)
{
	static const int64_t jumps[] = { 0, 0, CLOCK_DAY, -CLOCK_DAY, CLOCK_HOUR, -3 * CLOCK_SECOND };

	return jumps[lossy_random(t->wire) % 6];
}

/* A frame of one agency comes over the line of another. */
static void
stranger(struct town *t)
{
	struct bureau *b = &t->bureaus[lossy_random(t->wire) % t->n_bureaus], *of = &t->bureaus[lossy_random(t->wire) % t->n_bureaus];
	struct span frame = wiretap_submit(t->tap, world_ids[of->desk.place], world_ids[b->desk.place], t->mem);

	if (b != of && b->conn != 0 && frame.n > 0)
		simhub_send(t->hub, b->conn, frame);
}

static void
faults(struct town *t)
{
	const struct climate *c = &t->climate;
	struct bureau *b = &t->bureaus[lossy_random(t->wire) % t->n_bureaus];

	if (falls(t, c->lines))
		bureau_drop_line(b);
	if (falls(t, c->cuts))
		simhub_cut(t->hub, world_ids[b->desk.place], span_ms(t, MOVE_MS));
	if (falls(t, c->pauses))
		b->paused_ms = note_pause(t, span_ms(t, MOVE_MS));
	if (falls(t, c->pauses / 2))
		simhub_pause(t->hub, note_pause(t, span_ms(t, MOVE_MS / 2)) - lossy_now(t->wire));
	if (falls(t, c->jumps))
		b->skew_ms = jump(t);
	if (falls(t, c->jumps / 2))
		simhub_set_skew(t->hub, jump(t));
	if (falls(t, c->adapter_dies))
		bureau_die(b, lossy_chance(t->wire, 800) ? 400 : span_ms(t, MOVE_MS));
	if (falls(t, c->hub_dies))
		simhub_crash(t->hub);
	if (falls(t, c->systems))
		b->mood = (enum mood)(lossy_random(t->wire) % N_MOODS);
	if (falls(t, c->strangers))
		stranger(t);
	if (falls(t, c->turns))
		bureau_turn_keys(b);
	if (falls(t, c->losses))
		bureau_lose_keys(b);
}

/* -- the town -- */

void
town_init(struct town *t, uint64_t seed, const struct climate *climate)
{
	struct simhub_eyes eyes = { t, on_sent, on_came, on_durable, on_crash };

	memset(t, 0, sizeof(*t));
	t->seed = seed;
	t->climate = *climate;
	t->n_bureaus = 3 + seed % 2;
	world_init(&t->world, seed);
	t->world.config.limits.credit_messages = (uint32_t)(8 + seed % 57);
	t->world.config.limits.queued_messages = seed % 3 == 0 ? 20 : 10000;
	t->mem = arena_new((size_t)64 << 20);
	t->wire = lossy_new(seed ^ 0x70e4, WORLD_T0);
	t->log = logwatch_new();
	t->tap = wiretap_new(&t->world, t->log);
	assert(t->mem && t->wire);
	trouble_at(seed, 0);
	lossy_set_faults(t->wire, &climate->wire);
	t->hub = simhub_new_seen(&t->world, t->wire, &eyes);
	simhub_set_faults(t->hub, &climate->hub);
	for (size_t i = 0; i < t->n_bureaus; i++)
		bureau_init(&t->bureaus[i], t, i);
}

void
town_done(struct town *t)
{
	for (size_t i = 0; i < t->n_bureaus; i++)
		bureau_done(&t->bureaus[i]);
	simhub_free(t->hub);
	wiretap_free(t->tap);
	logwatch_free(t->log);
	lossy_free(t->wire);
	arena_free(t->mem);
	world_done(&t->world);
}

bool
town_step(struct town *t, int64_t until_ms)
{
	bool more;

	trouble_at(t->seed, ++t->step);
	arena_reset(t->mem);
	more = lossy_step(t->wire, until_ms);
	if (lossy_chance(t->wire, t->climate.load))
		load(t);
	if (!t->is_peace)
		faults(t);
	return more;
}

static void
add_queued(void *arg, const struct hub_agency *a)
{
	*(uint64_t *)arg += a->queued;
}

bool
town_is_quiet(struct town *t)
{
	uint64_t queued = 0;

	for (size_t i = 0; i < t->n_bureaus; i++)
		if (t->bureaus[i].desk.adapter == NULL || t->bureaus[i].open)
			return false;
	for (size_t i = 0; i < t->n_inputs; i++)
		if (!hearing_is_over(t, &t->inputs[i]))
			return false;
	if (simhub_core(t->hub) == NULL ||
	    hub_each_agency(simhub_core(t->hub), lossy_now(t->wire), add_queued, &queued) != OK || queued > 0)
		return false;
	for (size_t i = 0; i < t->n_bureaus; i++) {
		struct adapter_status s;

		adapter_status(t->bureaus[i].desk.adapter, &s);
		if (s.pending > 0 || s.egress_waiting > 0)
			return false;
	}
	return true;
}

void
town_settle(struct town *t, int64_t within_ms)
{
	static const struct lossy_faults calm = { .delay_ms = 1 };
	int64_t end;

	t->is_peace = true;
	t->climate.load = 0;
	lossy_set_faults(t->wire, &calm);
	simhub_set_faults(t->hub, &(struct simhub_faults){ .is_calm = true });
	simhub_set_skew(t->hub, 0);
	for (size_t i = 0; i < t->n_bureaus; i++) {
		struct bureau *b = &t->bureaus[i];

		b->skew_ms = 0;
		b->mood = MOOD_UP;
		simhub_cut(t->hub, world_ids[i], 0);
		bureau_start(b);
	}
	while (lossy_now(t->wire) < t->paused_ms)
		(void)town_step(t, t->paused_ms);
	end = lossy_now(t->wire) + within_ms;
	while (!town_is_quiet(t)) {
		if (lossy_now(t->wire) >= end)
			trouble_found(WRONG_LOST, "I27: not all has arrived %lld s after the faults stopped: %s",
				      (long long)(within_ms / CLOCK_SECOND), town_why(t));
		for (int i = 0; i < 20 && town_step(t, end); i++)
			;
		for (size_t i = 0; i < t->n_bureaus; i++)
			bureau_tend(&t->bureaus[i]);
	}
}

static void
add_words(void *arg, const struct hub_agency *a)
{
	if (a->queued > 0)
		buf_fmt(arg, "%llu wait at the hub for %s; ", (unsigned long long)a->queued, a->id);
}

/* What is not quiet, in words. */
const char *
town_why(struct town *t)
{
	struct buf b;

	buf_init(&b, t->mem);
	for (size_t i = 0; i < t->n_inputs; i++)
		if (!hearing_is_over(t, &t->inputs[i]))
			buf_fmt(&b, "%s of %s to %s%s; ", t->inputs[i].id, world_ids[t->inputs[i].from],
				world_ids[t->inputs[i].to], t->inputs[i].is_seen ? " (seen)" : "");
	if (simhub_core(t->hub) && hub_each_agency(simhub_core(t->hub), lossy_now(t->wire), add_words, &b) != OK)
		buf_text(&b);
	for (size_t i = 0; i < t->n_bureaus; i++) {
		struct adapter_status s;

		if (t->bureaus[i].desk.adapter == NULL)
			continue;
		adapter_status(t->bureaus[i].desk.adapter, &s);
		buf_fmt(&b, "%s: up %d, pending %llu, egress %llu%s; ", world_ids[i], s.is_up, (unsigned long long)s.pending,
			(unsigned long long)s.egress_waiting, t->bureaus[i].open ? ", unanswered" : "");
	}
	return (const char *)buf_text(&b);
}

/* Both sides of a case end in the same state, and have counted the same, also where steps of it were taken back or refused. */
static void
check_case(struct town *t, const struct input *in)
{
	struct txn *a = store_read(t->bureaus[in->from].desk.store), *b = store_read(t->bureaus[in->to].desk.store);
	struct thread ours, theirs;

	bool is_here = casebook_by_number(a, in->id, NULL, &ours), is_there = casebook_by_number(b, in->id, world_ids[in->from], &theirs);

	if (!is_here || (!is_there && !hearing_is_back(in)))
		trouble_found(WRONG_LOST, "%s is in no casebook", in->id);
	if (hearing_is_back(in) && !lifecycle_is_final(ours.state))	/* cancelled, or called an error on top */
		trouble_found(WRONG_OTHER, "%s was taken back and is %s", in->id, lifecycle_state_code(ours.state));
	if (!is_there)
		goto out;
	if (ours.my_seq != theirs.others[0].taken || theirs.my_seq != ours.others[0].taken)
		trouble_found(WRONG_LOST, "I5: %s: the two sides count differently", in->id);
	if (ours.state != theirs.state)
		trouble_found(WRONG_DISORDERED, "I5: %s ends in two states: %s and %s", in->id, lifecycle_state_code(ours.state),
			      lifecycle_state_code(theirs.state));
out:
	txn_abort(a);
	txn_abort(b);
}

/* I6: no inbox holds a message twice. */
static void
check_inbox(struct bureau *b)
{
	struct txn *txn = store_read(b->desk.store);
	struct inbound in = { .cursor = 0 }, again;

	while (inbox_next(txn, in.cursor, &in)) {
		again = in;
		while (!in.is_stage && inbox_next(txn, again.cursor, &again))
			if (!again.is_stage && msgid_eq(&again.id, &in.id) && strcmp(again.from, in.from) == 0)
				trouble_found(WRONG_DOUBLED, "I6: %s has a message twice", world_ids[b->desk.place]);
	}
	txn_abort(txn);
}

void
town_check_end(struct town *t)
{
	hearing_check_end(t);
	logwatch_follow(t->log, simhub_journal(t->hub));
	logwatch_reread(t->log, simhub_journal(t->hub));
	wiretap_check_numbers(t->tap);
	for (size_t i = 0; i < t->n_bureaus; i++)
		check_inbox(&t->bureaus[i]);
	for (size_t i = 0; i < t->n_inputs; i++)
		if (t->inputs[i].is_referral && t->inputs[i].poison != POISON_NEVER && !t->inputs[i].is_dropped)
			check_case(t, &t->inputs[i]);
}
