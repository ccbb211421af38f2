/* SPDX-License-Identifier: EUPL-1.2 */
/* greeting - see PROTOCOL.md, "Sessions". */
#include "hub/greeting.h"

#include <stdlib.h>

#include "hub/answer.h"
#include "hub/delivery.h"
#include "proto/base/bug.h"

#define RESERVE_PART 10		/* of the credit granted at first: kept for EMERGENCY */
#define SHEETS_A_FRAME 512
#define SHEET_EVERY_MS CLOCK_MINUTE	/* new versions that one agency brings */

static struct credit
grant(const struct hub *hub, const struct party *p)
{
	return (struct credit){
		.messages = p->session.done.messages + hub->config->limits.credit_messages,
		.bytes = p->session.done.bytes + hub->config->limits.credit_bytes,
	};
}

/* Again it holds the checkpoint sent last: right for an adapter that has all that followed the first one, and for one that has
 * heard nothing at all. */
static void
send_welcome(struct hub *hub, struct party *p)
{
	const struct shown *shown = &p->session.shown;
	bool is_again = shown->n > 0;
	uint64_t size = is_again ? shown->size : hub->size;
	struct frame f = { .kind = FRAME_WELCOME, .epoch = p->session.epoch };
	struct welcome *w = &f.welcome;

	memcpy(w->session, p->session.id, sizeof(w->session));
	w->checkpoint = is_again ? SPAN(shown->note, shown->n) : answer_checkpoint(hub);
	w->credit = p->session.told = grant(hub, p);
	w->now_ms = hub->now_ms;
	/* a pin beyond our size gets no proof: the adapter sees that this store is older than what it was shown */
	if (p->session.pin_size > 0 && p->session.pin_size < size &&
	    !merkle_consistency(p->session.pin_size, size, state_node, hub, w->path, &w->n_path))
		w->n_path = 0;
	if (state_send(hub, p, &f) == OK && !is_again)
		answer_shown(hub, p);
}

void
greeting_on_hello(struct hub *hub, uint64_t conn, struct party *p, const struct hello *hello)
{
	struct session *s = &p->session;
	struct why why = { .where = "" };
	uint64_t before;

	if (s->state != SESSION_NONE && s->conn == conn && memcmp(s->id, hello->session, sizeof(s->id)) == 0) {
		s->pin_size = hello->pin_size;
		if (s->state == SESSION_UP) {
			send_welcome(hub, p);
			delivery_restart(p);	/* what came before its WELCOME was ignored there */
		}
		return;
	}
	if (p->inflight == NULL && (p->inflight = calloc(INFLIGHT_MAX, sizeof(*p->inflight))) == NULL)
		return;
	memset(s, 0, sizeof(*s));
	s->state = SESSION_OPENING;
	s->opening_in = hub->forming;
	hub->forming->is_awaited = true;
	s->conn = conn;
	s->epoch = ++p->row.epoch;
	memcpy(s->id, hello->session, sizeof(s->id));
	s->pin_size = hello->pin_size;
	s->directory_version = hello->directory_version;
	s->sheets_seen = hello->sheets_seen;
	s->announced_seen = s->bulletin_looked = hello->announced_seen;
	s->granted = hello->credit;
	s->reserve.messages = hello->credit.messages / RESERVE_PART;
	s->reserve.bytes = hello->credit.bytes / RESERVE_PART;
	state_touch(p, true);
	if (bug(BUG_WELCOME_EARLY))
		greeting_open(hub, p);
	/* each new one is a leaf, and goes to everybody */
	if (hello->sheet.n == 0 ||
	    (p->sheet_ms != 0 && hub->now_ms >= p->sheet_ms && hub->now_ms - p->sheet_ms < SHEET_EVERY_MS))
		return;
	before = roster_sheets_seen(hub->roster);
	if (hub_put_sheet(hub, hello->sheet, hub->now_ms, &why) != OK && why.text[0] != '\0')
		state_log(hub, LOG_PEER_SHEET, "agency=%s why=\"%s\"", p->id, why.text);
	if (roster_sheets_seen(hub->roster) != before)
		p->sheet_ms = hub->now_ms;
}

void
greeting_open(struct hub *hub, struct party *p)
{
	p->session.state = SESSION_UP;
	p->session.opening_in = NULL;
	p->session.moved_ms = hub->now_ms;
	state_log(hub, LOG_PEER_UP, "agency=%s", p->id);
	send_welcome(hub, p);
	state_touch(p, false);
}

/* Sheets in the order of their leaves, as many as a frame holds; the note with the first. */
static enum err
send_some(struct hub *hub, struct party *p, bool has_note)
{
	struct frame f = { .kind = FRAME_DIRECTORY, .epoch = p->session.epoch };
	struct directory_frame *d = &f.directory;
	uint64_t from = p->session.sheets_seen, leaf;
	struct span sheet;
	enum err e;

	d->note = has_note ? roster_note(hub->roster) : SPAN_NONE;
	if ((d->sheets = arena_array(hub->mem, SHEETS_A_FRAME, sizeof(*d->sheets))) == NULL)
		return ERR_TOOBIG;
	while (d->n_sheets < SHEETS_A_FRAME && roster_next_sheet(hub->roster, from, &sheet, &leaf) && leaf < hub->size) {
		d->sheets[d->n_sheets++] = sheet;
		from = leaf + 1;
	}
	d->since = p->session.sheets_seen;
	d->sheets_seen = from;
	if (!has_note && d->n_sheets == 0)
		return OK;
	if ((e = state_send(hub, p, &f)) == OK)
		p->session.sheets_seen = from;
	return e;
}

void
greeting_send_directory(struct hub *hub, struct party *p)
{
	const struct directory *d = roster_current(hub->roster);
	uint64_t before;
	bool has_note;

	if (d == NULL || p->session.state != SESSION_UP)
		return;
	has_note = p->session.directory_version < d->version && hub->directory_leaf < hub->size;
	if (!has_note && p->session.sheets_seen >= roster_sheets_seen(hub->roster))
		return;
	do {
		before = p->session.sheets_seen;
		if (send_some(hub, p, has_note) != OK)
			return;
		if (has_note)
			p->session.directory_version = d->version;
		has_note = false;
	} while (p->session.sheets_seen > before);
}

void
greeting_send_credit(struct hub *hub, struct party *p, bool always)
{
	struct frame f = { .kind = FRAME_CREDIT, .epoch = p->session.epoch };
	const struct credit *told = &p->session.told;

	if (p->session.state != SESSION_UP)
		return;
	f.credit = grant(hub, p);
	f.announced_seen = p->session.announced_seen;
	if (!always && f.credit.messages - told->messages < hub->config->limits.credit_messages / 4 &&
	    f.credit.bytes - told->bytes < hub->config->limits.credit_bytes / 4)
		return;
	if (state_send(hub, p, &f) == OK)
		p->session.told = f.credit;
}
