/* SPDX-License-Identifier: EUPL-1.2 */
/* station - see station.h. What does not verify ends the program: a load figure of a hub that does not prove is worth nothing. */
#include "tests/bench/station.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "adapters/core/uplink.h"
#include "proto/frame.h"

#define KEEP_ARENA ((size_t)2 << 30)	/* parcels and receipts: a cap, not a size */
#define FRAME_ARENA ((size_t)64 << 20)
#define BATCH_MAX 64			/* envelopes a SUBMIT, as an adapter has it */
#define CREDIT_MESSAGES 256
#define CREDIT_BYTES (8u << 20)
#define RESERVE_PART 10
#define BUSY_MS 5000

struct station {
	struct station_options o;
	struct uplink *uplink;
	struct key *signing, *transport;
	struct arena *keep, *mem;
	struct span sheet;
	uint8_t session[16];
	uint64_t epoch, pin_size;
	struct hash pin_root;
	bool is_up, is_started;
	struct credit may, reserve, sent, got;
	struct parcel *parcels;
	size_t n, next, n_answered;		/* parcels made, submitted, accepted or refused */
	size_t n_released;			/* with is_paced */
	struct station_count count;
};

static void
send_frame(struct station *s, const struct frame *f)
{
	const struct timespec pause = { .tv_nsec = 1000000 };
	struct span bytes;
	enum err e;

	if ((e = frame_encode(f, s->mem, &bytes)) == OK)
		e = uplink_send(s->uplink, bytes);
	/* libzmq's own thread did not get its turn */
	for (int i = 0; e == ERR_BUSY && uplink_is_up(s->uplink) && i < BUSY_MS; i++) {
		nanosleep(&pause, NULL);
		e = uplink_send(s->uplink, bytes);
	}
	if (e != OK)
		enrolled_die("%s cannot send: %s", s->o.agency, err_code(e));
	s->count.bytes_out += bytes.n;
}

/* -- out -- */

static bool
is_data(const struct parcel *p)
{
	return p->body.n > 0;	/* a receipt "delivered" has none */
}

static bool
may_submit(const struct station *s, const struct parcel *p)
{
	if (s->o.window > 0 && s->next - s->n_answered >= s->o.window)
		return false;
	return s->sent.messages + s->reserve.messages < s->may.messages &&
	       s->sent.bytes + s->reserve.bytes + p->header.n + p->body.n < s->may.bytes;
}

/* What is sent counts with the bytes of the envelope, known only once the batch is signed. */
static void
submit_batch(struct station *s, size_t first, size_t n)
{
	struct envelope **batch = arena_array(s->mem, n, sizeof(struct envelope *));
	struct span *spans = arena_array(s->mem, n, sizeof(*spans));
	struct envelope *all = arena_array(s->mem, n, sizeof(*all));
	struct frame f = { .kind = FRAME_SUBMIT, .epoch = s->epoch };
	enum err e = batch && spans && all ? OK : ERR_TOOBIG;
	int64_t now = parcel_now_ns();

	for (size_t i = 0; e == OK && i < n; i++) {
		struct parcel *p = &s->parcels[first + i];

		p->sent_ns = now;
		all[i].header_bytes = p->header;
		all[i].body = p->body;
		all[i].hash = p->hash;
		all[i].header.signing_key = *key_id(s->signing);
		batch[i] = &all[i];
	}
	if (e == OK)
		e = envelope_sign(batch, n, s->signing, s->mem);
	for (size_t i = 0; e == OK && i < n; i++) {
		if ((e = envelope_encode(batch[i], s->mem, &spans[i])) != OK)
			break;
		s->sent.bytes += spans[i].n;
		if (is_data(&s->parcels[first + i])) {
			s->count.submitted++;
			s->count.envelope_bytes += spans[i].n;
		}
	}
	if (e != OK)
		enrolled_die("signing: %s", err_code(e));
	f.submit = (struct submit){ spans, n };
	send_frame(s, &f);
}

static void
submit(struct station *s)
{
	size_t first = s->next;

	size_t end = s->o.is_paced && s->n_released < s->n ? s->n_released : s->n;

	while (s->is_started && s->next < end) {
		while (s->next < end && s->next - first < BATCH_MAX && may_submit(s, &s->parcels[s->next])) {
			s->next++;
			s->sent.messages++;
		}
		if (s->next == first)
			return;
		submit_batch(s, first, s->next - first);
		first = s->next;
	}
}

static void
say_hello(struct station *s)
{
	struct frame f = { .kind = FRAME_HELLO };

	if (getrandom(s->session, sizeof(s->session), 0) != (ssize_t)sizeof(s->session))
		enrolled_die("no random bytes");
	f.hello = (struct hello){
		.agency = s->o.agency, .directory_version = s->o.enrolled->directory->version, .software = "bench 1", .sheet = s->sheet,
		.credit = { s->o.credit ? s->o.credit : CREDIT_MESSAGES, CREDIT_BYTES },
	};
	memcpy(f.hello.session, s->session, sizeof(s->session));
	send_frame(s, &f);
}

/* -- in -- */

static const struct checkpoint *
open_checkpoint(struct station *s, struct span note)
{
	const struct checkpoint *c = enrolled_checkpoint(s->o.enrolled, note, s->mem);

	if (c == NULL)
		enrolled_die("%s got a checkpoint that the log did not sign", s->o.agency);
	return c;
}

/* As an adapter does: what comes continues what was verified before. */
static const struct checkpoint *
next_checkpoint(struct station *s, const struct growth *g)
{
	const struct checkpoint *c = open_checkpoint(s, g->checkpoint);

	if (g->since != s->pin_size || !merkle_check_consistency(s->pin_size, &s->pin_root, c->size, &c->root, g->path, g->n_path))
		enrolled_die("%s got a log that does not continue", s->o.agency);
	s->pin_size = c->size;
	s->pin_root = c->root;
	return c;
}

static bool
is_of(struct station *s, struct span leaf_bytes, struct span salt, struct span detail_bytes, const struct msgid *id,
      const struct hash *env_hash, struct leaf *leaf)
{
	struct detail detail;
	struct hash hash;

	if (salt.n != LEAF_SALT_LEN || leaf_decode(leaf_bytes, leaf) != OK || detail_decode(detail_bytes, s->mem, &detail) != OK)
		return false;
	detail_hash(salt.p, detail_bytes, &hash);
	return hash_eq(&hash, &leaf->detail) && msgid_eq(&detail.id, id) && hash_eq(&detail.env_hash, env_hash);
}

static struct parcel *
parcel_of(const struct station *s, const struct msgid *id)
{
	uint32_t place = parcel_place(id);

	return place < s->n && msgid_eq(&s->parcels[place].id, id) ? &s->parcels[place] : NULL;
}

static void
accept_run(struct station *s, const struct run *run, const struct checkpoint *c)
{
	struct hash *leaves = arena_array(s->mem, run->n, sizeof(*leaves));
	int64_t now = parcel_now_ns();

	for (size_t i = 0; leaves && i < run->n; i++) {
		const struct accepted_item *item = &run->items[i];
		struct parcel *p = parcel_of(s, &item->id);
		struct leaf leaf;

		if (p == NULL || p->accepted_ns != 0 ||
		    !is_of(s, item->leaf, item->salt, item->detail, &p->id, &p->hash, &leaf) || leaf.seq != run->begin + i)
			enrolled_die("%s: an ACCEPTED that is not of its message", s->o.agency);
		leaf_hash(item->leaf.p, &leaves[i]);
		p->accepted_ns = now;
		s->n_answered++;
		if (is_data(p)) {
			s->count.accepted++;
			s->count.accepted_ns = now;
		}
	}
	if (!leaves || !merkle_check_range(leaves, run->begin, run->begin + run->n, c->size, run->path, run->n_path, &c->root))
		enrolled_die("%s: an ACCEPTED without its proof", s->o.agency);
}

static void
on_accepted(struct station *s, const struct accepted *acc)
{
	const struct checkpoint *c = next_checkpoint(s, &acc->growth);

	for (size_t i = 0; i < acc->n_runs; i++)
		accept_run(s, &acc->runs[i], c);
}

static void
on_refused(struct station *s, const struct refused *r)
{
	for (size_t i = 0; i < r->n; i++)
		fprintf(stderr, "bench: %s is refused: %s %s\n", s->o.agency, err_code(r->items[i].code), r->items[i].text);
	s->count.refused += r->n;
	s->n_answered += r->n;
}

static void
take(struct station *s, const struct envelope *env)
{
	int64_t now = parcel_now_ns();
	struct parcel *p;

	if (env->header.class == CLASS_DATA) {
		if (s->n == s->o.cap)
			enrolled_die("%s got more than there was", s->o.agency);
		s->count.delivered++;
		s->count.delivered_ns = now;
		parcel_receipt(s->o.enrolled, s->o.agency, env, s->signing, (uint32_t)s->n, s->keep, &s->parcels[s->n]);
		s->n++;
		return;
	}
	p = parcel_of(s, &env->header.in_reply_to);
	if (p == NULL && s->o.is_forgetful)
		return;
	if (p == NULL || p->is_acknowledged || !hash_eq(&p->hash, &env->header.received) || env->header.stage != STAGE_DELIVERED)
		enrolled_die("%s: a receipt of nothing that it sent", s->o.agency);
	p->is_acknowledged = true;
	p->acknowledged_ns = now;
	s->count.acknowledged++;
	s->count.acknowledged_ns = now;
}

static void
on_deliver(struct station *s, const struct deliver *d)
{
	const struct checkpoint *c = next_checkpoint(s, &d->growth);
	struct frame f = { .kind = FRAME_TAKEN, .epoch = s->epoch };
	uint64_t *nos = arena_array(s->mem, d->n, sizeof(*nos));
	struct why why = { .where = "" };

	for (size_t i = 0; nos && i < d->n; i++) {
		const struct deliver_item *item = &d->items[i];
		struct envelope env;
		struct leaf leaf;
		struct hash hash;

		if (envelope_decode(item->envelope, s->mem, &env, &why) != OK ||
		    !is_of(s, item->leaf, item->salt, item->detail, &env.header.id, &env.hash, &leaf))
			enrolled_die("%s: a DELIVER that is not of its message", s->o.agency);
		leaf_hash(item->leaf.p, &hash);
		if (!merkle_check_inclusion(&hash, leaf.seq, c->size, item->path, item->n_path, &c->root))
			enrolled_die("%s: a DELIVER without its proof", s->o.agency);
		take(s, &env);
		s->got.messages++;
		s->got.bytes += item->envelope.n;
		nos[f.taken.n++] = item->queue_no;
	}
	f.taken.queue_nos = nos;
	send_frame(s, &f);
	f = (struct frame){ .kind = FRAME_CREDIT, .epoch = s->epoch };
	f.credit = (struct credit){ s->got.messages + (s->o.credit ? s->o.credit : CREDIT_MESSAGES), s->got.bytes + CREDIT_BYTES };
	send_frame(s, &f);
	for (size_t i = 0; s->o.pause_ms > 0 && i < d->n; i++)
		nanosleep(&(struct timespec){ s->o.pause_ms / 1000, (long)(s->o.pause_ms % 1000) * 1000000 }, NULL);
}

static void
on_welcome(struct station *s, const struct frame *f)
{
	const struct welcome *w = &f->welcome;
	const struct checkpoint *c;

	if (s->is_up || memcmp(w->session, s->session, sizeof(s->session)) != 0)
		return;
	c = open_checkpoint(s, w->checkpoint);
	s->pin_size = c->size;
	s->pin_root = c->root;
	s->is_up = true;
	s->epoch = f->epoch;
	s->may = w->credit;
	s->reserve = (struct credit){ w->credit.messages / RESERVE_PART, w->credit.bytes / RESERVE_PART };
	s->o.on_up(s->o.arg);
}

static enum err
on_frame(void *arg, struct span bytes)
{
	struct station *s = arg;
	struct why why = { .where = "" };
	struct frame f;

	arena_reset(s->mem);
	s->count.bytes_in += bytes.n;
	if (frame_decode(bytes, s->mem, &f, &why) != OK)
		enrolled_die("%s got a frame that is none: %s: %s", s->o.agency, why.where, why.text);
	if (f.kind == FRAME_WELCOME)
		on_welcome(s, &f);
	else if (f.epoch != s->epoch)
		return OK;
	else if (f.kind == FRAME_ACCEPTED)
		on_accepted(s, &f.accepted);
	else if (f.kind == FRAME_REFUSED)
		on_refused(s, &f.refused);
	else if (f.kind == FRAME_DELIVER)
		on_deliver(s, &f.deliver);
	else if (f.kind == FRAME_CREDIT)
		s->may = f.credit;
	submit(s);
	s->o.on_moved(s->o.arg);
	return OK;
}

static enum err
on_up(void *arg)
{
	struct station *s = arg;

	arena_reset(s->mem);
	say_hello(s);
	return OK;
}

static void
on_down(void *arg)
{
	struct station *s = arg;

	enrolled_die("%s lost its connection", s->o.agency);
}

static void
on_fatal(void *arg, enum err e)
{
	struct station *s = arg;

	enrolled_die("%s: %s", s->o.agency, err_code(e));
}

/* -- public -- */

struct station *
station_new(const struct station_options *options)
{
	struct station *s = calloc(1, sizeof(*s));
	struct uplink_options uplink = {
		.hubs = &options->endpoint, .n_hubs = 1, .hub_key = options->enrolled->directory->curve, .handshake_ms = 10000,
		.silent_ms = 60000, .reconnect_min_ms = 20,
		.reconnect_max_ms = 1000, .arg = s, .on_up = on_up, .on_down = on_down, .on_frame = on_frame, .on_fatal = on_fatal,
	};

	if (s == NULL)
		enrolled_die("no memory");
	s->o = *options;
	s->keep = arena_new(KEEP_ARENA);
	s->mem = arena_new(FRAME_ARENA);
	s->parcels = calloc(options->cap, sizeof(*s->parcels));
	if (!s->keep || !s->mem || !s->parcels)
		enrolled_die("no memory");
	s->signing = enrolled_key(options->enrolled, options->agency, KEY_SIGNING);
	s->transport = enrolled_key(options->enrolled, options->agency, KEY_TRANSPORT);
	s->sheet = enrolled_sheet(options->enrolled, options->agency);
	uplink.hubs = &s->o.endpoint;
	uplink.transport = s->transport;
	if (uplink_open(&uplink, options->loop, &s->uplink) != OK)
		enrolled_die("no uplink");
	return s;
}

void
station_free(struct station *s)
{
	if (s == NULL)
		return;
	uplink_close(s->uplink);
	key_free(s->signing);
	key_free(s->transport);
	free(s->parcels);
	arena_free(s->mem);
	arena_free(s->keep);
	free(s);
}

void
station_load(struct station *s, const char *to, size_t n, size_t record_bytes)
{
	for (size_t i = 0; i < n && s->n < s->o.cap; i++, s->n++)
		parcel_seal(s->o.enrolled, s->o.agency, to, s->signing, (uint32_t)s->n, record_bytes, s->keep, &s->parcels[s->n]);
}

void
station_start(struct station *s)
{
	arena_reset(s->mem);
	s->is_started = true;
	submit(s);
}

void
station_release(struct station *s, size_t n)
{
	arena_reset(s->mem);
	s->n_released = n;
	submit(s);
}

void
station_get_count(const struct station *s, struct station_count *ret_count)
{
	*ret_count = s->count;
}

size_t
station_latencies(const struct station *s, int64_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (is_data(&s->parcels[i]) && s->parcels[i].accepted_ns != 0)
			to[n++] = s->parcels[i].accepted_ns - s->parcels[i].sent_ns;
	return n;
}

size_t
station_round_trips(const struct station *s, int64_t begun_ns, int64_t interval_ns, int64_t *to)
{
	size_t n = 0;

	for (size_t i = 0; i < s->n; i++)
		if (is_data(&s->parcels[i]) && s->parcels[i].acknowledged_ns != 0)
			to[n++] = s->parcels[i].acknowledged_ns - (begun_ns + (int64_t)i * interval_ns);
	return n;
}
