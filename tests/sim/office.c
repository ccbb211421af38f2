/* SPDX-License-Identifier: EUPL-1.2 */
/* office - see office.h; whatever is FATAL to its adapter fails the test. */
#include "tests/sim/office.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#define BEAT_MS 20		/* at the least, between two ticks */

static void
must(enum err e)
{
	if (e != OK)
		fail_msg("%s", err_name(e));
}

/* -- links -- */

static int64_t
now(void *arg)
{
	return lossy_now(((struct office *)arg)->wire);
}

static void
random_bytes(void *arg, void *to, size_t n)
{
	struct lossy *wire = ((struct office *)arg)->wire;

	for (size_t i = 0; i < n; i++)
		((uint8_t *)to)[i] = (uint8_t)lossy_random(wire);
}

static enum err
send_frame(void *arg, struct span frame)
{
	struct office *o = arg;

	if (o->conn == 0 || (o->is_cut && o->is_cut(o)))
		return ERR_BUSY;
	simhub_send(o->hub, o->conn, frame);
	return OK;
}

static void
tell(void *arg, enum log_event event, const char *text)
{
	struct office *o = arg;

	if (o->on_tell)
		o->on_tell(o, text);
	if (getenv("SIM_LOG"))
		fprintf(stderr, "%lld %s: %s %s\n", (long long)now(o), world_ids[o->desk.place], log_event_name(event), text);
}

/* -- the line -- */

static void
on_frame(void *agent, uint64_t conn, struct span frame)
{
	struct office *o = agent;

	if (conn != o->conn || o->desk.adapter == NULL)
		return;
	if (o->on_frame)
		o->on_frame(o, frame);
	must(adapter_on_frame(o->desk.adapter, frame));
}

static void
on_down(void *agent, uint64_t conn)
{
	struct office *o = agent;

	if (conn != o->conn)
		return;
	o->conn = 0;
	if (o->desk.adapter)
		adapter_on_down(o->desk.adapter);
}

void
office_drop_line(struct office *o)
{
	uint64_t conn = o->conn;

	if (conn == 0)
		return;
	simhub_disconnect(o->hub, conn);
	on_down(o, conn);
}

/* -- the process -- */

static void
tick(void *arg, uint64_t life, struct span bytes)
{
	struct office *o = arg;
	int64_t next = 100;

	(void)bytes;
	if (life != o->life || o->desk.adapter == NULL)
		return;
	if (o->conn == 0 && (o->conn = simhub_connect(o->hub, world_ids[o->desk.place], o, on_frame, on_down)) != 0)
		must(adapter_on_up(o->desk.adapter));
	must(adapter_on_tick(o->desk.adapter, &next));
	lossy_at(o->wire, next < BEAT_MS ? BEAT_MS : next, tick, o, life, SPAN_NONE);
}

void
office_start(struct office *o)
{
	if (o->desk.adapter)
		return;
	adesk_start(&o->desk);
	lossy_at(o->wire, 1, tick, o, o->life, SPAN_NONE);
}

void
office_stop(struct office *o)
{
	if (o->desk.adapter == NULL)
		return;
	adesk_stop(&o->desk);
	if (o->conn != 0)
		simhub_disconnect(o->hub, o->conn);
	o->conn = 0;
	o->life++;
}

static void
start_again(void *arg, uint64_t life, struct span bytes)
{
	struct office *o = arg;

	(void)bytes;
	if (life == o->life)
		office_start(o);
}

void
office_restart(struct office *o, int64_t ms)
{
	if (o->desk.adapter == NULL)
		return;
	office_stop(o);
	lossy_at(o->wire, ms, start_again, o, o->life, SPAN_NONE);
}

/* -- life -- */

void
office_init(struct office *o, struct world *world, size_t place, struct lossy *wire, struct simhub *hub,
	    enum err (*hand)(void *office, const struct handover *h))
{
	*o = (struct office){ .wire = wire, .hub = hub };
	adesk_init(&o->desk, world, place);
	o->desk.links = (struct adapter_links){ o, now, random_bytes, send_frame, tell, NULL };
	o->desk.door.hand = hand;
	o->desk.door.arg = o;
}

void
office_done(struct office *o)
{
	adesk_done(&o->desk);
}
