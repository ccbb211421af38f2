/* SPDX-License-Identifier: EUPL-1.2 */
/* bureau - an agency in the town: its adapter's process with its clock, disk and line, and its system speaking.
 *
 * A commit may fail with nothing on the disk, or be on the disk and be the last thing that the process did: then nothing that
 * the core does afterwards in the same event is let out.
 */
#include <stdio.h>

#include "adapters/core/parking.h"
#include "adapters/core/turnover.h"
#include "adapters/core/withdraw.h"
#include "tests/sim/town.h"
#include "tests/sim/trouble.h"

#define DOWN_MS 400
#define BEAT_MS 20
#define LOSS_MS (150 * CLOCK_SECOND)

/* -- links -- */

static int64_t
link_now(void *arg)
{
	const struct bureau *b = arg;

	return lossy_now(b->town->wire) + b->skew_ms;
}

static void
link_random(void *arg, void *to, size_t n)
{
	struct lossy *wire = ((struct bureau *)arg)->town->wire;

	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)lossy_random(wire);
}

static enum err
link_send(void *arg, struct span frame)
{
	struct bureau *b = arg;

	if (b->is_dying)
		return OK;
	if (b->conn == 0 || lossy_chance(b->town->wire, b->town->is_peace ? 0 : 10))
		return ERR_BUSY;
	town_tape(b->town, b->desk.place, frame);
	simhub_send(b->town->hub, b->conn, frame);
	return OK;
}

static void
link_tell(void *arg, enum log_event event, const char *text)
{
	const struct bureau *b = arg;

	if (getenv("SIM_LOG"))
		fprintf(stderr, "%llu %lld %s: %s %s\n", (unsigned long long)b->town->step, (long long)lossy_now(b->town->wire),
			world_ids[b->desk.place], log_event_name(event), text);
}

static enum err
before_sync(void *arg)
{
	struct bureau *b = arg;
	struct lossy *wire = b->town->wire;

	if (b->is_dying)
		return ERR_STORE;
	if (b->town->is_peace)
		return OK;
	if (lossy_chance(wire, b->town->climate.commit_full)) {
		b->is_hindered = true;
		return ERR_FULL;
	}
	if (!lossy_chance(wire, b->town->climate.commit_dies))
		return OK;
	b->is_dying = lossy_chance(wire, 500);
	return b->is_dying ? OK : ERR_STORE;
}

/* -- its process -- */

/* Every call of the core ends here. True: the process still lives. */
static bool
survives(struct bureau *b, enum err e)
{
	if (e == OK && !b->is_dying)
		return true;
	if (e != OK && e != ERR_STORE)
		trouble_found(WRONG_OTHER, "%s stops: %s", world_ids[b->desk.place], err_name(e));
	bureau_die(b, DOWN_MS);
	return false;
}

static bool
is_paused(struct bureau *b, lossy_fn *fn, uint64_t tag, struct span bytes)
{
	int64_t wait = b->paused_ms - lossy_now(b->town->wire);

	if (wait <= 0)
		return false;
	lossy_at(b->town->wire, wait, fn, b, tag, bytes);
	return true;
}

static void
take_frame(void *arg, uint64_t conn, struct span frame)
{
	struct bureau *b = arg;

	if (conn != b->conn || b->desk.adapter == NULL || is_paused(b, take_frame, conn, frame))
		return;
	b->is_hindered = false;
	(void)survives(b, adapter_on_frame(b->desk.adapter, frame));
}

static void
on_frame(void *agent, uint64_t conn, struct span frame)
{
	take_frame(agent, conn, frame);
}

static void
on_down(void *agent, uint64_t conn)
{
	struct bureau *b = agent;

	if (conn != b->conn)
		return;
	b->conn = 0;
	if (b->desk.adapter)
		adapter_on_down(b->desk.adapter);
}

void
bureau_drop_line(struct bureau *b)
{
	uint64_t conn = b->conn;

	if (conn == 0)
		return;
	simhub_disconnect(b->town->hub, conn);
	on_down(b, conn);
}

static void
beat(void *arg, uint64_t life, struct span bytes)
{
	struct bureau *b = arg;
	int64_t next = 100;

	if (life != b->life || b->desk.adapter == NULL || is_paused(b, beat, life, bytes))
		return;
	b->is_hindered = false;
	if (b->conn == 0 && (b->conn = simhub_connect(b->town->hub, world_ids[b->desk.place], b, on_frame, on_down)) != 0 &&
	    !survives(b, adapter_on_up(b->desk.adapter)))
		return;
	if (survives(b, adapter_on_tick(b->desk.adapter, &next)))
		lossy_at(b->town->wire, next < BEAT_MS ? BEAT_MS : next, beat, b, life, SPAN_NONE);
}

static void
start_later(void *arg, uint64_t life, struct span bytes)
{
	struct bureau *b = arg;

	(void)bytes;
	if (life == b->life && lossy_now(b->town->wire) >= b->down_ms)
		bureau_start(b);
}

void
bureau_start(struct bureau *b)
{
	if (b->desk.adapter)
		return;
	b->is_dying = b->is_hindered = false;
	b->starts++;
	adesk_start(&b->desk);
	store_set_fault(b->desk.store, before_sync, b);
	lossy_at(b->town->wire, 1, beat, b, b->life, SPAN_NONE);
}

void
bureau_die(struct bureau *b, int64_t down_ms)
{
	if (b->desk.adapter == NULL)
		return;
	town_tape(b->town, 0xdead, SPAN_NONE);
	b->town->crashes++;
	adesk_stop(&b->desk);
	if (b->conn != 0)
		simhub_disconnect(b->town->hub, b->conn);
	b->conn = 0;
	b->life++;
	b->paused_ms = 0;
	b->is_dying = false;
	b->down_ms = lossy_now(b->town->wire) + down_ms;
	lossy_at(b->town->wire, down_ms, start_later, b, b->life, SPAN_NONE);
}

/* -- its system speaks -- */

static char *
text_of(struct bureau *b, const struct input *in)
{
	struct town *t = b->town;
	const struct input *first = &t->inputs[in->referral];
	char mark[24];

	snprintf(mark, sizeof(mark), "m%zu", in->no);
	if (in->is_referral)
		return adesk_referral(t->mem, in->id, world_ids[in->to], in->step, mark);
	return adesk_status(t->mem, in->id, first->id, in->step, arena_fmt(t->mem, "status.reason_text=%s\n", mark));
}

/* Told: accepted. What it has been told once, it is told again (the same id). */
static void
hear_answer(struct town *t, struct input *in, const char *answer)
{
	char id[40];

	if (sscanf(answer, "OK %39s ", id) != 1)
		trouble_found(WRONG_OTHER, "an answer that is none: %s", answer);
	if (in->msg_id[0] != '\0' && strcmp(in->msg_id, id) != 0)
		trouble_found(WRONG_DOUBLED, "I6: %s became message %s and %s", in->id, in->msg_id, id);
	snprintf(in->msg_id, sizeof(in->msg_id), "%s", id);
	in->is_told = true;
	(void)t;
}

void
bureau_say(struct bureau *b, struct input *in)
{
	struct town *t = b->town;
	const char *answer;

	b->open = in;
	if (b->desk.adapter == NULL || b->paused_ms > lossy_now(t->wire))
		return;
	b->is_hindered = false;
	answer = adesk_take(&b->desk, text_of(b, in), NULL, t->mem);
	if (!survives(b, answer ? OK : ERR_STORE))
		return;		/* it got no answer, and asks again */
	if (strncmp(answer, "OK ", 3) == 0) {
		hear_answer(t, in, answer);
	} else if (strncmp(answer, "NSK-1008", 8) == 0 || strncmp(answer, "NSK-1007", 8) == 0 || b->is_hindered) {
		return;		/* later: no session yet, or no room */
	} else if (in->is_referral || in->msg_id[0] != '\0') {
		trouble_found(WRONG_OTHER, "%s is refused: %s", in->id, answer);
	} else {
		in->is_dropped = true;	/* a step that its own lifecycle does not allow now */
	}
	b->open = NULL;
}

void
bureau_take_back(struct bureau *b, struct input *in)
{
	struct why why = { .where = "" };
	enum err e;

	if (b->desk.adapter == NULL || b->paused_ms > lossy_now(b->town->wire))
		return;
	b->is_hindered = false;
	e = withdraw_ask(b->desk.adapter, in->msg_id, &why);
	/* with the process its answer is lost, but perhaps not the wish */
	if (e == OK || err_is_fatal(e) || b->is_dying)
		in->is_asked_back = true;
	(void)survives(b, e == ERR_CONFLICT || e == ERR_FULL || b->is_hindered ? OK : e);
}

void
bureau_turn_keys(struct bureau *b)
{
	struct why why = { .where = "" };
	enum err e;

	if (b->desk.adapter == NULL)
		return;
	b->is_hindered = false;
	e = turnover_now(b->desk.adapter, &why);
	b->town->turned += e == OK;
	(void)survives(b, e == ERR_FULL || b->is_hindered ? OK : e);
}

/* The hub takes a new sheet of an agency once a minute, and whoever waits for the new keys needs the time, too. */
void
bureau_lose_keys(struct bureau *b)
{
	struct town *t = b->town;
	uint64_t version;

	if (b->desk.adapter == NULL || (b->lost_ms != 0 && lossy_now(t->wire) - b->lost_ms < LOSS_MS))
		return;
	b->lost_ms = lossy_now(t->wire);
	if (t->paused_ms < b->lost_ms + LOSS_MS)
		t->paused_ms = b->lost_ms + LOSS_MS;
	version = keychest_sheet(b->desk.chest)->version;
	bureau_die(b, DOWN_MS);
	adesk_rekey(&b->desk, version + 1);
	t->turned++;
}

void
bureau_tend(struct bureau *b)
{
	struct why why = { .where = "" };
	size_t n = 0;

	if (b->open)
		bureau_say(b, b->open);
	if (b->desk.adapter && parking_requeue(b->desk.adapter, NULL, &n, &why) != OK)
		trouble_found(WRONG_OTHER, "%s cannot try again what is parked", world_ids[b->desk.place]);
}

void
bureau_init(struct bureau *b, struct town *t, size_t place)
{
	*b = (struct bureau){ .town = t };
	adesk_init(&b->desk, &t->world, place);
	b->desk.config.retry_max_ms = 10000;	/* a system that is up again is asked within ten seconds */
	b->desk.links = (struct adapter_links){ b, link_now, link_random, link_send, link_tell, NULL };
	b->desk.door.hand = hearing_hand;
	b->desk.door.arg = b;
	bureau_start(b);
}

void
bureau_done(struct bureau *b)
{
	if (b->desk.adapter == NULL)
		bureau_start(b);
	adesk_done(&b->desk);
}
