/* SPDX-License-Identifier: EUPL-1.2 */
/* hearing - the agency's system behind a bureau: takes what its adapter brings, each message under its id once, and is down,
 * slow, broken or forgetful as its mood is. What it was told may never be untrue, and never come again once it was settled. */
#include <stdio.h>

#include "adapters/core/inbox.h"
#include "tests/sim/town.h"
#include "tests/sim/trouble.h"

#define SLOW_MS 20000
#define STAGES 7

/* What the system answers, later. */
struct reply { uint64_t cursor; enum err e; size_t input; int stage; bool settles; char text[40]; };

static const char *const stage_names[STAGES] = { NULL, "stored", "delivered", "registered", "seen", "refused", "withdrawn" };
enum { HEARD_STORED = 1, HEARD_DELIVERED, HEARD_REGISTERED, HEARD_SEEN, HEARD_REFUSED, HEARD_WITHDRAWN };

/* Will the adapter not bring it again? */
static bool
is_settled(struct bureau *b, uint64_t cursor)
{
	struct txn *txn = store_read(b->desk.store);
	struct due due;
	bool stands = egress_next(txn, cursor - 1, &due) && due.cursor == cursor;

	txn_abort(txn);
	return !stands;
}

/* Fatal: the process must end. */
static enum err
give(struct bureau *b, const struct reply *r)
{
	struct native answer = { .bytes = span_str(r->text) };
	struct input *in = &b->town->inputs[r->input];
	enum err e = adapter_handed(b->desk.adapter, &b->desk.door, r->cursor, r->e, &answer);

	if (e != OK || b->is_dying || !r->settles || !is_settled(b, r->cursor))
		return e;
	if (r->stage > 0)
		in->closed_stages |= 1u << r->stage;
	else if (r->stage == 0)
		in->is_closed = true;
	return OK;
}

static void
reply_later(void *arg, uint64_t life, struct span bytes)
{
	struct bureau *b = arg;
	struct reply r;

	if (life != b->life || b->desk.adapter == NULL)
		return;
	if (b->paused_ms > lossy_now(b->town->wire)) {
		lossy_at(b->town->wire, b->paused_ms - lossy_now(b->town->wire), reply_later, b, life, bytes);
		return;
	}
	memcpy(&r, bytes.p, sizeof(r));
	if (err_is_fatal(give(b, &r)) || b->is_dying)
		bureau_die(b, 400);
}

static enum err
answer(struct bureau *b, struct reply *r)
{
	struct lossy *wire = b->town->wire;
	int64_t wait = (int64_t)(lossy_random(wire) % (b->mood == MOOD_SLOW ? SLOW_MS : 300));

	struct reply echo = *r;

	echo.settles = false;	/* it says the same once more: that counts or not */
	if (b->mood == MOOD_TWICE)
		lossy_at(wire, wait + 100, reply_later, b, b->life, SPAN(&echo, sizeof(echo)));
	if (b->mood != MOOD_SLOW && lossy_chance(wire, 300))
		return give(b, r);
	lossy_at(wire, wait, reply_later, b, b->life, SPAN(r, sizeof(*r)));
	return OK;
}

/* -- records -- */

/* I5: what its sender said before in this thread was heard before, or will never be: what rested on a step that is undone. */
static void
check_order(struct town *t, const struct input *in)
{
	for (size_t i = 0; i < t->n_inputs; i++) {
		struct input *o = &t->inputs[i];

		if (o == in || o->from != in->from || o->referral != in->referral || o->is_dropped)
			continue;
		if (o->order < in->order && !o->is_seen && hearing_is_shaken(t, o)) {
			o->is_passed = true;
			continue;
		}
		if ((o->order < in->order && !o->is_seen && !o->is_asked_back) || (o->order > in->order && o->is_seen))
			trouble_found(WRONG_DISORDERED, "I5: %s came to %s %s %s", in->id, world_ids[in->to],
				      o->order < in->order ? "before" : "after", o->id);
	}
}

static void
hear_record(struct bureau *b, struct input *in, const char *text, const char *msg_id)
{
	struct town *t = b->town;
	const char *want = arena_fmt(t->mem, "%s %s %s %s m%zu", in->is_referral ? "referral" : "status-change",
				     t->inputs[in->referral].id, in->is_referral ? "requested" : in->step, world_ids[in->from],
				     in->no);

	if (in->to != b->desk.place)
		trouble_found(WRONG_OTHER, "I3: %s came to %s", in->id, world_ids[b->desk.place]);
	if (strcmp(want, text) != 0)
		trouble_found(WRONG_OTHER, "I4: \"%s\" came as \"%s\"", want, text);
	if (in->is_dropped)
		trouble_found(WRONG_OTHER, "%s was refused and came all the same", in->id);
	if (in->came_as[0] != '\0' && strcmp(in->came_as, msg_id) != 0)
		trouble_found(WRONG_DOUBLED, "I6: %s came as %s and %s", in->id, in->came_as, msg_id);
	if (in->msg_id[0] != '\0' && strcmp(in->msg_id, msg_id) != 0 && t->turned == 0)
		trouble_found(WRONG_DOUBLED, "I6: %s went as %s and came as %s", in->id, in->msg_id, msg_id);
	if (in->is_told_back)
		trouble_found(WRONG_OTHER, "%s came after its system was told that it is taken back", in->id);
	if (in->is_closed)
		trouble_found(WRONG_DOUBLED, "I6: %s came again after its system had settled it", in->id);
	snprintf(in->came_as, sizeof(in->came_as), "%s", msg_id);
	if (t->turned == 0)
		snprintf(in->msg_id, sizeof(in->msg_id), "%s", msg_id);
	t->again += in->is_seen;
	if (!in->is_seen)
		check_order(t, in);
	in->is_seen = true;
	t->handed++;
}

static enum err
hand_record(struct bureau *b, const struct handover *h, const char *text, size_t no)
{
	struct lossy *wire = b->town->wire;
	struct input *in = &b->town->inputs[no];
	struct reply r = { .cursor = h->cursor, .input = no, .settles = true };

	hear_record(b, in, text, h->msg_id);
	if (in->poison == POISON_NEVER) {
		in->is_refused = true;
		snprintf(r.text, sizeof(r.text), "never");
		return answer(b, &r);
	}
	if (b->mood == MOOD_ERROR || (in->poison == POISON_ERROR && !b->town->is_peace)) {
		r.e = ERR_PEER_REFUSED;
		r.settles = false;
		return answer(b, &r);
	}
	if (!b->town->is_peace && lossy_chance(wire, 30)) {
		r.settles = false;
		snprintf(r.text, sizeof(r.text), "later");
		return answer(b, &r);
	}
	in->is_registered = true;
	snprintf(r.text, sizeof(r.text), "case C-%s", b->town->inputs[in->referral].id);
	if (b->mood == MOOD_HALF && lossy_chance(wire, 700)) {
		r.e = ERR_PEER_DOWN;
		r.settles = false;
	}
	return answer(b, &r);
}

/* -- stages -- */

static struct input *
of_message(struct bureau *b, const char *msg_id)
{
	struct town *t = b->town;

	for (size_t i = 0; i < t->n_inputs; i++)
		if (strcmp(t->inputs[i].msg_id, msg_id) == 0 || strcmp(t->inputs[i].came_as, msg_id) == 0)
			return &t->inputs[i];
	/* the answer that would have told its id was lost */
	if (b->open == NULL || b->open->msg_id[0] != '\0')
		trouble_found(WRONG_OTHER, "%s hears of a message that it never sent", world_ids[b->desk.place]);
	snprintf(b->open->msg_id, sizeof(b->open->msg_id), "%s", msg_id);
	return b->open;
}

/* Taken back while its system was down: that may have it, as far as its adapter knows, but has never heard of it under an id that is
 * another than its sender's, since it was sealed again before the hub had it. */
static void
note_unheard(struct bureau *b, const struct handover *h, const char *text)
{
	struct town *t = b->town;
	struct input *found = NULL;

	if (t->turned == 0)
		return;
	for (size_t i = 0; i < t->n_inputs; i++) {
		struct input *in = &t->inputs[i];

		if (strcmp(in->msg_id, h->msg_id) == 0 || strcmp(in->came_as, h->msg_id) == 0)
			return;
		if (found == NULL && in->to == b->desk.place && in->is_asked_back && in->came_as[0] == '\0' &&
		    strstr(text, arena_fmt(t->mem, " %s ", t->inputs[in->referral].id)))
			found = in;
	}
	if (found)
		snprintf(found->came_as, sizeof(found->came_as), "%s", h->msg_id);
}

static enum err
hand_stage(struct bureau *b, const struct handover *h, const char *text, int stage)
{
	struct input *in;
	struct reply r = { .cursor = h->cursor, .stage = stage, .settles = true, .text = "taken" };

	if (stage == HEARD_WITHDRAWN)
		note_unheard(b, h, text);
	in = of_message(b, h->msg_id);
	r.input = in->no;
	if (stage == HEARD_WITHDRAWN && !in->is_asked_back)
		trouble_found(WRONG_LOST, "%s is taken back, and nobody asked for it", in->id);
	if (stage == HEARD_WITHDRAWN && in->to == b->desk.place) {
		in->is_told_back = true;
		r.stage = -1;
		return answer(b, &r);
	}
	if (in->from != b->desk.place)
		trouble_found(WRONG_OTHER, "%s hears of a message of %s", world_ids[b->desk.place], world_ids[in->from]);
	if (in->closed_stages & 1u << stage)
		trouble_found(WRONG_DOUBLED, "%s was told twice that %s is %s", world_ids[in->from], in->id, stage_names[stage]);
	if (stage == HEARD_REGISTERED && !in->is_registered)
		trouble_found(WRONG_OTHER, "%s is said to be registered and is not", in->id);
	if (stage == HEARD_REFUSED && in->poison != POISON_NEVER && !hearing_is_shaken(b->town, in))
		trouble_found(WRONG_LOST, "%s was refused", in->id);
	in->stages |= 1u << stage;
	if (b->mood == MOOD_ERROR || b->mood == MOOD_HALF) {
		r.e = b->mood == MOOD_HALF ? ERR_PEER_DOWN : ERR_PEER_REFUSED;
		r.settles = false;
	}
	return answer(b, &r);
}

/* News that are no record of another agency's system: a notice, or that a referral which came is taken back. */
static enum err
hand_news(struct bureau *b, const struct handover *h)
{
	struct reply r = { .cursor = h->cursor, .stage = -1, .text = "taken" };
	struct town *t = b->town;

	for (size_t i = 0; i < t->n_inputs; i++) {
		struct input *in = &t->inputs[i];

		if (in->to != b->desk.place || in->came_as[0] == '\0' || strcmp(in->came_as, h->msg_id) != 0)
			continue;
		if (!in->is_asked_back)
			trouble_found(WRONG_LOST, "%s is taken back, and nobody asked for it", in->id);
		in->is_told_back = true;
	}
	return answer(b, &r);
}

enum err
hearing_hand(void *bureau, const struct handover *h)
{
	struct bureau *b = bureau;
	const char *text = arena_strn(b->town->mem, h->native.bytes.p, h->native.bytes.n), *mark = strrchr(text, ' ');
	unsigned no;

	if (b->is_dying)
		return ERR_BUSY;
	town_tape(b->town, 0x5e00 | b->desk.place, h->native.bytes);
	if (b->mood == MOOD_DOWN)
		return ERR_PEER_DOWN;
	for (int stage = 1; h->stage && stage < STAGES; stage++)
		if (strcmp(h->stage, stage_names[stage]) == 0)
			return hand_stage(b, h, text, stage);
	if (h->stage == NULL && mark && sscanf(mark, " m%u", &no) == 1 && no < b->town->n_inputs)
		return hand_record(b, h, text, no);
	return hand_news(b, h);
}

bool
hearing_is_back(const struct input *in)
{
	return in->stages & 1u << HEARD_WITHDRAWN;
}

/* What was said in a case of which something was taken back or refused may find no case any more, or not the state that it goes on from. */
bool
hearing_is_shaken(const struct town *t, const struct input *in)
{
	for (size_t i = 0; i < t->n_inputs; i++)
		if (t->inputs[i].referral == in->referral && (t->inputs[i].is_asked_back || t->inputs[i].is_refused))
			return true;
	return false;
}

bool
hearing_is_over(const struct town *t, const struct input *in)
{
	if (in->is_dropped || hearing_is_back(in))
		return true;
	if (in->is_told && hearing_is_shaken(t, in) && (in->stages & 1u << HEARD_REFUSED))
		return true;
	return in->is_told && (in->poison == POISON_NEVER ? in->is_refused : in->is_registered);
}

/* What is taken back is so at both ends: a system that has registered it was told, or its sender hears that it was too late. */
static void
check_back(const struct input *in)
{
	if (hearing_is_back(in) && (in->stages & 1u << HEARD_REGISTERED))
		trouble_found(WRONG_DOUBLED, "I8: %s was registered and taken back", in->id);
	if (hearing_is_back(in) && in->is_registered && !in->is_told_back)
		trouble_found(WRONG_OTHER, "%s keeps %s, and its sender believes it taken back", world_ids[in->to], in->id);
	if (in->is_told_back && !hearing_is_back(in))
		trouble_found(WRONG_OTHER, "%s was told that %s is taken back, and its sender was not", world_ids[in->to], in->id);
}

void
hearing_check_end(struct town *t)
{
	const unsigned good = 1u << HEARD_STORED | 1u << HEARD_DELIVERED | 1u << HEARD_REGISTERED;
	const unsigned bad = 1u << HEARD_STORED | 1u << HEARD_REFUSED;

	for (size_t i = 0; i < t->n_inputs; i++) {
		const struct input *in = &t->inputs[i];
		unsigned want = in->poison == POISON_NEVER ? bad : good;

		if (in->is_dropped)
			continue;
		if (!in->is_told)
			trouble_found(WRONG_OTHER, "%s got no answer", in->id);
		check_back(in);
		if (in->is_passed && !in->is_asked_back && !(in->stages & bad & ~good))
			trouble_found(WRONG_DISORDERED, "I5: %s was passed by, and not refused", in->id);
		if (hearing_is_back(in) || (hearing_is_shaken(t, in) && (in->stages & 1u << HEARD_REFUSED)))
			continue;
		if (!hearing_is_over(t, in))
			trouble_found(WRONG_LOST, "I1: %s never reached %s", in->id, world_ids[in->to]);
		if ((in->stages & want) != want)
			trouble_found(WRONG_LOST, "%s never heard all of %s: %x", world_ids[in->from], in->id, in->stages);
	}
}
