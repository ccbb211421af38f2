/* SPDX-License-Identifier: EUPL-1.2 */
/* agent_book - see agent_book.h; every assertion here is a promise of the hub. */
#include "tests/sim/agent_book.h"

#include "proto/notice.h"

/* -- what it wrote -- */

static struct place *
place_of(struct agent_book *b, const struct thread_id *thread, const char *from)
{
	struct place *p;

	for (size_t i = 0; i < b->n_places; i++) {
		p = &b->places[i];
		if (memcmp(p->thread.b, thread->b, THREAD_LEN) == 0 && strcmp(p->from, from) == 0)
			return p;
	}
	assert(b->n_places < THREADS_MAX);
	p = &b->places[b->n_places++];
	p->thread = *thread;
	snprintf(p->from, sizeof(p->from), "%s", from);
	return p;
}

uint64_t
agent_book_next(struct agent_book *b, const struct thread_id *thread)
{
	return ++place_of(b, thread, world_ids[b->place])->seq;
}

void
agent_book_keep(struct agent_book *b, const struct header *h, size_t body_n)
{
	struct sent *s = &b->sent[b->n_sent++];
	struct envelope env;

	assert(b->n_sent < MESSAGES_MAX);
	*s = (struct sent){ .id = h->id, .is_receipt = h->class == CLASS_RECEIPT, .n_to = h->n_to };
	s->bytes = world_envelope(b->world, b->place, h, body_n, &env);
	s->hash = env.hash;
}

void
agent_book_accepted(struct agent_book *b, const struct msgid *id, uint64_t leaf)
{
	bool is_known = false;

	for (size_t i = 0; i < b->n_sent; i++) {
		struct sent *s = &b->sent[i];

		if (!msgid_eq(&s->id, id))
			continue;
		assert(!s->is_accepted || s->leaf == leaf);	/* the same ACCEPTED again */
		s->is_accepted = is_known = true;
		s->leaf = leaf;
	}
	assert(is_known);
}

/* -- what it took -- */

/* By each recipient once; registered when by all of them. */
static void
note_registered(struct sent *s, const char *from)
{
	size_t n = 0;

	while (s->by[n][0] != '\0') {
		assert(strcmp(s->by[n], from) != 0);
		n++;
	}
	assert(n < s->n_to);
	snprintf(s->by[n], sizeof(s->by[n]), "%s", from);
	s->is_registered = n + 1 == s->n_to;
}

static void
take_receipt(struct agent_book *b, const struct header *h)
{
	for (size_t i = 0; i < b->n_sent; i++)
		if (msgid_eq(&b->sent[i].id, &h->in_reply_to)) {
			assert(hash_eq(&b->sent[i].hash, &h->received));
			if (h->stage == STAGE_REGISTERED)
				note_registered(&b->sent[i], h->from);
		}
}

static bool
is_in(const struct header *h, const char *agency)
{
	for (size_t i = 0; i < h->n_to; i++)
		if (strcmp(h->to[i], agency) == 0)
			return true;
	return false;
}

/* What is said of a deadline concerns its two agencies and one more, and is said once. */
static void
take_notice(struct agent_book *b, const struct envelope *e, struct arena *mem)
{
	const struct header *h = &e->header;
	struct notice n;
	struct why why;

	assert(notice_decode(e->body, mem, &n, &why) == OK);
	assert(msgid_eq(&n.about, &h->in_reply_to) && is_in(h, n.from) && is_in(h, n.to) && h->n_to <= 3);
	for (size_t i = 0; i < b->n_told; i++)
		assert(!msgid_eq(&b->told[i].about, &n.about) || b->told[i].fact != n.fact || strcmp(b->told[i].to, n.to) != 0);
	assert(b->n_told < MESSAGES_MAX);
	b->told[b->n_told].about = n.about;
	b->told[b->n_told].fact = n.fact;
	snprintf(b->told[b->n_told++].to, AGENCY_ID_MAX + 1, "%s", n.to);
}

bool
agent_book_has(const struct agent_book *b, const struct msgid *id, const char *from)
{
	for (size_t i = 0; i < b->n_taken; i++)
		if (msgid_eq(&b->taken[i].id, id) && strcmp(b->taken[i].from, from) == 0)
			return true;
	return false;
}

enum taking
agent_book_take(struct agent_book *b, const struct envelope *e, struct arena *mem)
{
	const struct header *h = &e->header;
	struct place *p;

	assert(is_in(h, world_ids[b->place]) && (h->n_to <= 2 || h->class == CLASS_NOTICE));	/* I3 */
	if (agent_book_has(b, &h->id, h->from)) {
		b->twice++;
		return TAKING_AGAIN;
	}
	if (h->class == CLASS_NOTICE) {
		take_notice(b, e, mem);
	} else if (h->class == CLASS_RECEIPT) {
		take_receipt(b, h);
	} else {
		p = place_of(b, &h->thread, h->from);
		if (h->seq != p->seq + 1)
			return TAKING_MISSING;
		p->seq = h->seq;
	}
	assert(b->n_taken < MESSAGES_MAX);
	b->taken[b->n_taken].id = h->id;
	snprintf(b->taken[b->n_taken++].from, AGENCY_ID_MAX + 1, "%s", h->from);
	return TAKING_NEW;
}
