/* SPDX-License-Identifier: EUPL-1.2 */
/* Sixty days of deadlines in virtual time: agencies that register at once, late or never and answer or do not, or are refused what they
 * answer and answer anew or do not, a network that loses frames, a hub that crashes and is down for hours. Whoever reads the log
 * afterwards, with rules of its own, finds each fact that came true said once and in time, and no other; and everybody whom it concerns has been told.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include "tests/sim/agent.h"

#define DAYS 60
#define LETTERS 70
#define OUTAGES 10
#define OUTAGES_MAX 64
#define TICK (5 * CLOCK_MINUTE)
#define SLACK (11 * CLOCK_MINUTE)	/* a tick, a crash, the next tick */
#define PEACE (2 * CLOCK_DAY)
#define COORDINATOR 3
#define N_FACTS (NOTICE_EXPIRED + 1)

struct letter {
	struct msgid id;
	size_t from, to;
	struct thread_id thread;
	int64_t deliver_ms, register_ms;	/* after it came; below zero: never */
	int64_t answer_ms[2];			/* after it was written */
	int64_t refuse_ms[2];			/* such an answer, after it came; below zero: it is registered */
	struct msgid answers[2];
	size_t n_answers;
};

/* While something stopped a clock; until_ms INT64_MAX: to the end. */
struct pause { int64_t from_ms, until_ms; };

/* What the log says of one letter. */
struct record {
	int64_t since_ms, registered_by_ms, respond_by_ms, expires_ms;
	struct pause registered;		/* from_ms INT64_MAX: not */
	struct pause answered[2];
	size_t n_answered, n_standing;
	int64_t said_ms[N_FACTS];		/* 0: not */
	bool is_known;
};

struct trial {
	struct world world;
	struct coordinator coordinator;
	struct lossy *wire;
	struct simhub *hub;
	struct agent *agents[WORLD_AGENCIES];
	struct letter letters[LETTERS];
	struct record records[LETTERS];
	size_t n_letters, n_notices;
	struct { int64_t begin, end; } outages[OUTAGES_MAX];
	size_t n_outages;
	size_t told[WORLD_AGENCIES];		/* notices that the log addresses to each */
};

static size_t
letter_of(const struct trial *r, const struct msgid *id)
{
	size_t i = 0;

	while (i < r->n_letters && !msgid_eq(&r->letters[i].id, id))
		i++;
	return i;
}

/* The letter that a message answers, and which of its answers that is. */
static size_t
answered_by(const struct trial *r, const struct msgid *id, size_t *ret_k)
{
	*ret_k = 0;
	for (size_t i = 0; i < r->n_letters; i++)
		for (*ret_k = 0; *ret_k < r->letters[i].n_answers; ++*ret_k)
			if (msgid_eq(&r->letters[i].answers[*ret_k], id))
				return i;
	return r->n_letters;
}

/* Between `a` and `b` hours. */
static int64_t
hours(struct trial *r, int64_t a, int64_t b)
{
	return a * CLOCK_HOUR + (int64_t)(lossy_random(r->wire) % (uint64_t)((b - a) * CLOCK_HOUR));
}

static int64_t
pace(void *arg, const struct header *h, enum stage stage)
{
	struct trial *r = arg;
	size_t i = letter_of(r, &h->id), k;

	if (i < r->n_letters)
		return stage == STAGE_DELIVERED ? r->letters[i].deliver_ms : stage == STAGE_REGISTERED ? r->letters[i].register_ms : -1;
	if (stage == STAGE_DELIVERED)
		return 0;
	i = answered_by(r, &h->id, &k);
	assert_true(i < r->n_letters);
	if (r->letters[i].refuse_ms[k] >= 0)
		return stage == STAGE_REFUSED ? r->letters[i].refuse_ms[k] : -1;
	return stage == STAGE_REGISTERED ? 1000 : -1;
}

static void
answer(void *arg, uint64_t tag, struct span bytes)
{
	struct trial *r = arg;
	struct letter *l = &r->letters[tag];
	struct header h;

	(void)bytes;
	if (!agent_has(r->agents[l->to], &l->id, world_ids[l->from])) {
		lossy_at(r->wire, CLOCK_HOUR, answer, r, tag, SPAN_NONE);
		return;
	}
	agent_prepare(r->agents[l->to], l->from, &l->thread, PRIORITY_ROUTINE, &h);
	l->answers[l->n_answers++] = h.id;
	h.closes[0] = l->id;
	h.n_closes = 1;
	agent_keep(r->agents[l->to], &h, 200);
}

static void
write_letter(void *arg, uint64_t tag, struct span bytes)
{
	struct trial *r = arg;
	struct letter *l = &r->letters[r->n_letters++];
	struct header h;

	(void)tag;
	(void)bytes;
	l->from = lossy_random(r->wire) % WORLD_AGENCIES;
	l->to = (l->from + 1 + lossy_random(r->wire) % (WORLD_AGENCIES - 1)) % WORLD_AGENCIES;
	world_fill(&r->world, l->thread.b, THREAD_LEN);
	agent_prepare(r->agents[l->from], l->to, &l->thread, 1 + (enum priority)(lossy_random(r->wire) % 3), &h);
	l->id = h.id;
	if (!lossy_chance(r->wire, 200))
		h.registered_by_ms = h.created_ms + hours(r, 4, 100);
	if (lossy_chance(r->wire, 600))
		h.respond_by_ms = h.created_ms + hours(r, 20, 400);
	if (lossy_chance(r->wire, 700))
		h.expires_ms = h.created_ms + hours(r, 100, 900);
	l->deliver_ms = lossy_chance(r->wire, 100) ? -1 : hours(r, 0, 3);
	l->register_ms = lossy_chance(r->wire, 300) ? -1 : hours(r, 1, lossy_chance(r->wire, 500) ? 40 : 400);
	l->answer_ms[0] = lossy_chance(r->wire, 400) ? -1 : hours(r, 2, 600);
	l->refuse_ms[0] = lossy_chance(r->wire, 600) ? hours(r, 1, lossy_chance(r->wire, 500) ? 10 : 200) : -1;
	/* another, before it is refused or after it */
	l->answer_ms[1] = l->answer_ms[0] >= 0 && lossy_chance(r->wire, 500) ? l->answer_ms[0] + hours(r, 1, 300) : -1;
	l->refuse_ms[1] = lossy_chance(r->wire, 300) ? hours(r, 1, 100) : -1;
	for (size_t k = 0; k < 2; k++)
		if (l->answer_ms[k] >= 0)
			lossy_at(r->wire, l->answer_ms[k], answer, r, r->n_letters - 1, SPAN_NONE);
	agent_keep(r->agents[l->from], &h, 300);
}

static void
go_down(void *arg, uint64_t tag, struct span bytes)
{
	struct trial *r = arg;
	int64_t ms = hours(r, 1, 30), now = lossy_now(r->wire);

	(void)tag;
	(void)bytes;
	if (simhub_core(r->hub) == NULL)
		return;
	assert_true(r->n_outages < OUTAGES_MAX);
	r->outages[r->n_outages].begin = now;
	r->outages[r->n_outages++].end = now + ms;
	simhub_crash_for(r->hub, ms);
}

static void
trial_run(struct trial *r, uint64_t seed)
{
	int64_t end;

	memset(r, 0, sizeof(*r));
	world_init(&r->world, seed);
	r->coordinator = (struct coordinator){ "PDV22", world_ids[COORDINATOR] };
	r->world.d.coordinators = &r->coordinator;
	r->world.d.n_coordinators = 1;
	world_sign_directory(&r->world);
	r->wire = lossy_new(seed ^ 0xc10c, WORLD_T0);
	r->hub = simhub_new(&r->world, r->wire);
	simhub_set_tick(r->hub, TICK);
	for (size_t i = 0; i < WORLD_AGENCIES; i++) {
		r->agents[i] = agent_new(&r->world, r->wire, r->hub, i);
		agent_set_pace(r->agents[i], pace, r);
		agent_set_beat(r->agents[i], TICK);
	}
	for (size_t i = 0; i < LETTERS; i++)
		lossy_at(r->wire, hours(r, 0, (DAYS - 20) * 24), write_letter, r, 0, SPAN_NONE);
	for (size_t i = 0; i < OUTAGES; i++)
		lossy_at(r->wire, hours(r, 1, DAYS * 24), go_down, r, 0, SPAN_NONE);
	lossy_set_faults(r->wire, &(struct lossy_faults){ .drop = 50, .twice = 50, .delay_ms = 5, .jitter_ms = 500 });
	simhub_set_faults(r->hub, &(struct simhub_faults){ .crash = 15, .io_error = 10 });
	end = WORLD_T0 + DAYS * CLOCK_DAY;
	while (lossy_step(r->wire, end))
		;
	lossy_set_faults(r->wire, &(struct lossy_faults){ .delay_ms = 1 });
	simhub_set_faults(r->hub, &(struct simhub_faults){ 0 });
	while (lossy_step(r->wire, end + PEACE))
		;
}

static void
trial_done(struct trial *r)
{
	for (size_t i = 0; i < WORLD_AGENCIES; i++)
		agent_free(r->agents[i]);
	simhub_free(r->hub);
	lossy_free(r->wire);
	world_done(&r->world);
}

/* -- the log, read by somebody else's rules -- */

static void
read_notice(struct trial *r, const struct envelope *env, const struct detail *d)
{
	struct notice n;
	struct why why;
	size_t i;

	assert_int_equal(notice_decode(env->body, r->world.mem, &n, &why), OK);
	i = letter_of(r, &n.about);
	r->n_notices++;
	for (size_t k = 0; k < env->header.n_to; k++)
		for (size_t a = 0; a < WORLD_AGENCIES; a++)
			r->told[a] += strcmp(env->header.to[k], world_ids[a]) == 0;
	if (i == r->n_letters)
		return;		/* of an answer; those have no deadlines */
	assert_string_equal(n.from, world_ids[r->letters[i].from]);
	assert_string_equal(n.to, world_ids[r->letters[i].to]);
	assert_int_equal(env->header.n_to, r->letters[i].from == COORDINATOR || r->letters[i].to == COORDINATOR ? 2 : 3);
	assert_int_equal(r->records[i].said_ms[n.fact], 0);	/* once */
	assert_true(n.at_ms == d->at_ms);
	/* what is owed no more by now is not said: the log is in order */
	if (n.fact == NOTICE_LATE_REGISTERED)
		assert_true(r->records[i].registered.from_ms == INT64_MAX);
	if (n.fact == NOTICE_LATE_RESPONSE)
		assert_int_equal(r->records[i].n_standing, 0);
	r->records[i].said_ms[n.fact] = d->at_ms;
}

/* One answer more, or one that was refused by who had asked: what nothing answers is owed again. */
static void
read_answer(struct record *m, int64_t at_ms, bool stands)
{
	if (stands && m->n_standing++ == 0)
		m->answered[m->n_answered++] = (struct pause){ at_ms, INT64_MAX };
	if (!stands && --m->n_standing == 0)
		m->answered[m->n_answered - 1].until_ms = at_ms;
}

static void
read_entry(struct trial *r, const struct leaf *leaf, const struct detail *d, const struct envelope *env)
{
	size_t i = letter_of(r, leaf->type == LEAF_SUBMIT ? &d->id : &d->about), k;

	if (leaf->type == LEAF_SUBMIT && i < r->n_letters) {
		r->records[i] = (struct record){
			.since_ms = d->at_ms, .registered_by_ms = env->header.registered_by_ms, .respond_by_ms = env->header.respond_by_ms,
			.expires_ms = env->header.expires_ms, .registered = { INT64_MAX, INT64_MAX }, .is_known = true,
		};
	} else if (leaf->type == LEAF_SUBMIT && env->header.n_closes > 0) {
		read_answer(&r->records[letter_of(r, &env->header.closes[0])], d->at_ms, true);
	} else if (leaf->type == LEAF_REFUSED && (i = answered_by(r, &d->about, &k)) < r->n_letters) {
		read_answer(&r->records[i], d->at_ms, false);
	} else if (leaf->type == LEAF_REGISTERED && i < r->n_letters) {
		r->records[i].registered.from_ms = d->at_ms;
	} else if (leaf->type == LEAF_NOTICE) {
		read_notice(r, env, d);
	}
}

static void
read_log(struct trial *r)
{
	struct journal_view *v = journal_view(simhub_journal(r->hub));

	for (uint64_t i = 0; i < journal_size(v); i++) {
		struct envelope env = { .body = SPAN_NONE };
		struct journal_entry entry;
		struct detail d;
		struct leaf leaf;
		struct why why;

		assert_int_equal(journal_entry(v, i, r->world.mem, &entry), OK);
		assert_int_equal(leaf_decode(SPAN(entry.leaf, LEAF_LEN), &leaf), OK);
		assert_int_equal(detail_decode(entry.detail, r->world.mem, &d), OK);
		if (entry.envelope.n > 0)
			assert_int_equal(envelope_decode(entry.envelope, r->world.mem, &env, &why), OK);
		read_entry(r, &leaf, &d, &env);
	}
	assert_int_equal(journal_view_end(v), OK);
}

/* When the hub can have noticed what came true at `ms`. */
static int64_t
noticeable(const struct trial *r, int64_t ms)
{
	for (size_t i = 0; i < r->n_outages; i++)
		if (ms + SLACK >= r->outages[i].begin && ms < r->outages[i].end)
			return r->outages[i].end;
	return ms;
}

/* It holds from `from` to `over`. True: it was said then; else it was over before it can have been. */
static bool
said_between(const struct trial *r, size_t i, enum notice_fact fact, int64_t from, int64_t over)
{
	int64_t said = r->records[i].said_ms[fact], by = noticeable(r, from) + SLACK;

	if (said != 0 && said <= over) {
		assert_true(said >= from && said <= by);
		return true;
	}
	if (by < over && by < lossy_now(r->wire))
		print_message("letter %zu: %s was not said\n", i, notice_fact_name(fact));
	assert_true(by >= over || by >= lossy_now(r->wire));
	return false;
}

/* Said in the first stretch in which it holds and can be said, and not besides. */
static void
check_fact(const struct trial *r, size_t i, enum notice_fact fact, int64_t moment, const struct pause *pauses, size_t n)
{
	int64_t from = moment;

	for (size_t k = 0; k < n && moment != 0; k++) {
		if (pauses[k].from_ms > from && said_between(r, i, fact, from, pauses[k].from_ms))
			return;
		if (pauses[k].until_ms > from)
			from = pauses[k].until_ms;
	}
	if (moment == 0 || from == INT64_MAX)
		assert_int_equal(r->records[i].said_ms[fact], 0);
	else
		(void)said_between(r, i, fact, from, INT64_MAX);
}

static void
check_letter(const struct trial *r, size_t i)
{
	const struct record *m = &r->records[i];
	const struct pause *either = m->respond_by_ms ? m->answered : &m->registered;
	int64_t half = m->registered_by_ms ? m->registered_by_ms : m->respond_by_ms;
	size_t n = m->n_answered, n_either = m->respond_by_ms ? n : 1;

	assert_true(m->is_known);
	check_fact(r, i, NOTICE_HALF_TIME, half > m->since_ms ? m->since_ms + (half - m->since_ms) / 2 : 0,
		   m->registered_by_ms ? &m->registered : m->answered, m->registered_by_ms ? 1 : n);
	check_fact(r, i, NOTICE_LATE_REGISTERED, m->registered_by_ms, &m->registered, 1);
	check_fact(r, i, NOTICE_LATE_RESPONSE, m->respond_by_ms, m->answered, n);
	check_fact(r, i, NOTICE_EXPIRING, m->expires_ms > m->since_ms ? m->expires_ms - (m->expires_ms - m->since_ms) / 10 : 0, either,
		   n_either);
	check_fact(r, i, NOTICE_EXPIRED, m->expires_ms, either, n_either);
}

/* Counts over all seeds, so that a run in which nothing happens is no success. */
struct tally { size_t said[N_FACTS], in_time, refused, down, starts; };

/* It was said because the answer that stopped it was refused. */
static bool
is_said_after_refusal(const struct record *m)
{
	int64_t said = m->said_ms[NOTICE_LATE_RESPONSE];

	for (size_t k = 0; k < m->n_answered && said != 0; k++)
		if (m->answered[k].from_ms < said)
			return true;
	return false;
}

static void
trial_check(struct trial *r, struct tally *t)
{
	const struct told *told;

	read_log(r);
	for (size_t i = 0; i < LETTERS; i++) {
		check_letter(r, i);
		for (enum notice_fact fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++) {
			int64_t said = r->records[i].said_ms[fact];

			t->said[fact] += said != 0;
			for (size_t k = 0; k < r->n_outages; k++)
				t->down += said >= r->outages[k].end && said < r->outages[k].end + SLACK;
		}
		t->refused += is_said_after_refusal(&r->records[i]);
		t->in_time += r->records[i].registered_by_ms && r->records[i].said_ms[NOTICE_LATE_REGISTERED] == 0;
	}
	for (size_t a = 0; a < WORLD_AGENCIES; a++)
		assert_int_equal(agent_told(r->agents[a], &told), r->told[a]);
	t->starts += simhub_starts(r->hub);
}

/* I30: whatever is not registered or not answered in time is said to all whom it concerns, once, also by a hub that was down. */
static void
sixty_days(void **state)
{
	const char *one = getenv("SIM_SEED"), *many = getenv("SIM_SEEDS");
	unsigned first = one ? (unsigned)atoi(one) : 1, n = one ? 1 : many ? (unsigned)atoi(many) : 2;
	struct tally t = { .starts = 0 };
	struct trial *r = malloc(sizeof(*r));

	(void)state;
	assert_non_null(r);
	for (unsigned seed = first; seed < first + n; seed++) {
		print_message("seed %u\n", seed);
		trial_run(r, seed);
		trial_check(r, &t);
		trial_done(r);
	}
	free(r);
	print_message("%u seeds of %d days: said half-time %zu, late %zu, no-answer %zu, expiring %zu, expired %zu; registered in time %zu; "
		      "no-answer after a refusal %zu; "
		      "said after an outage %zu; starts of the hub %zu\n", n, DAYS, t.said[NOTICE_HALF_TIME], t.said[NOTICE_LATE_REGISTERED],
		      t.said[NOTICE_LATE_RESPONSE], t.said[NOTICE_EXPIRING], t.said[NOTICE_EXPIRED], t.in_time, t.refused, t.down, t.starts);
	for (enum notice_fact fact = NOTICE_HALF_TIME; fact <= NOTICE_EXPIRED; fact++)
		assert_true(t.said[fact] >= 5 * n);
	assert_true(t.in_time >= 5 * n && t.refused >= 2 * n && t.down > 0 && t.starts >= n * 5);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sixty_days),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
