/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter - the way of a message through an agency's adapter, as calls in order.
 *
 * Out: a door hands native bytes to adapter_take: translate, complete and check and seal each item, commit, answer, submit.
 * In: adapter_on_frame: verify, open, judge, commit, TAKEN and receipts; then the tick hands over, and the door's answer registers.
 * Acknowledgement comes after the commit, here and nowhere else.
 */
#include "adapters/core/adapter.h"

#include <stdlib.h>

#include "adapters/core/arrival.h"
#include "adapters/core/casework.h"
#include "adapters/core/catalogue.h"
#include "adapters/core/compose.h"
#include "adapters/core/conference_view.h"
#include "adapters/core/core.h"
#include "adapters/core/duty_view.h"
#include "adapters/core/enclose.h"
#include "adapters/core/file_view.h"
#include "adapters/core/flights.h"
#include "adapters/core/gather.h"
#include "adapters/core/handover.h"
#include "adapters/core/intake.h"
#include "adapters/core/notices.h"
#include "adapters/core/parking.h"
#include "adapters/core/preview_view.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/reconcile.h"
#include "adapters/core/reply.h"
#include "adapters/core/reseal.h"
#include "adapters/core/returned.h"
#include "adapters/core/scope.h"
#include "adapters/core/sector_env.h"
#include "adapters/core/sendoff.h"
#include "adapters/core/services.h"
#include "adapters/core/services_view.h"
#include "adapters/core/session.h"
#include "adapters/core/storage.h"
#include "adapters/core/terms.h"
#include "adapters/core/turnover.h"
#include "adapters/core/upload.h"
#include "adapters/core/views.h"
#include "adapters/core/withdraw.h"
#include "proto/base/bug.h"
#include "proto/base/clock.h"

#define TICK_MAX_MS CLOCK_SECOND

/* -- the way out: stages 1 to 5 -- */

static enum err
room_for_more(struct adapter *a, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	struct txn *txn = store_read(a->p.store);
	uint64_t pending = outbox_count_pending(txn);

	txn_abort(txn);
	if (pending >= config->limits.outbox_messages)
		return why_set(why, ERR_OVERLOAD, NULL, "%llu messages wait for the hub", (unsigned long long)pending);
	if (store_room(a->p.store) < config->limits.disk_low_bytes)
		return why_set(why, ERR_FULL, NULL, "the disk is nearly full");
	return OK;
}

/* The refusal that takes the others of one act with it. */
static enum err
find_refused(struct intake *intake)
{
	for (size_t i = 0; i < intake->n && intake->is_one_act; i++)
		if (intake->items[i].e != OK) {
			intake->why = intake->items[i].why;
			return intake->items[i].e;
		}
	return OK;
}

/* All items in one transaction. Not OK: nothing of them was taken. */
static enum err
commit_items(struct adapter *a, struct intake *intake, const char *key)
{
	struct txn *txn = store_write(a->p.store);
	enum err e = OK;

	scope_enclosed(a, txn, intake);
	for (size_t i = 0; i < intake->n && e == OK; i++)
		e = intake_item(a, txn, &intake->items[i], key);
	if (e == OK)
		e = find_refused(intake);
	if (txn_error(txn) != OK)
		e = txn_error(txn);
	else if (e == OK && arena_is_full(a->mem))
		e = why_set(&intake->why, ERR_TOOBIG, NULL, "too much at once");
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

static enum err
take_items(struct adapter *a, struct intake *intake, const char *door, const char *key)
{
	enum err e;

	if ((e = commit_items(a, intake, key)) != OK) {
		if (err_is_fatal(e))	/* nothing is answered: the agency's system will ask again */
			return e;
		core_tell(a, LOG_DOOR_REFUSED, "door=%s code=%s where=", door, err_code(e));
		intake->e = e;
		intake->n = 0;
		return OK;
	}
	for (size_t i = 0; i < intake->n; i++) {
		const struct intake_item *item = &intake->items[i];

		if (item->e == OK)
			core_tell(a, LOG_DOOR_IN, "door=%s id=%s kind=%s repeat=%d", door, item->msg_id ? item->msg_id : "-",
				     item->record ? item->record->kind : "confirmation", item->is_repeat);
		else
			core_tell(a, LOG_DOOR_REFUSED, "door=%s code=%s where=%s row=%u", door, err_code(item->e),
				     item->why.where, item->row);
	}
	return OK;
}

/* Why nothing was taken; OK if some of it was. */
static enum err
whole_refusal(const struct intake *intake)
{
	if (intake->e != OK || intake->n == 0)
		return intake->e;
	for (size_t i = 0; i < intake->n; i++)
		if (intake->items[i].e == OK)
			return OK;
	return intake->items[0].e;
}

enum err
adapter_take(struct adapter *a, const struct native *in, const char *door, const char *key, struct arena *mem,
	     struct native *ret_answer, enum err *ret_refused)
{
	struct intake intake = { 0 };
	enum err e;

	arena_reset(a->mem);
	a->env.now_ms = core_now(a);
	a->p.sector->to_records(in, &a->env, a->mem, &intake);
	enclose_settle(a, in, &intake);
	if (intake.e == OK)
		intake.e = room_for_more(a, &intake.why);
	if (intake.e != OK)
		core_tell(a, LOG_DOOR_REFUSED, "door=%s code=%s where=%s", door, err_code(intake.e), intake.why.where);
	else if (intake.n > 0 && (e = take_items(a, &intake, door, key)) != OK)
		return e;
	if ((e = a->p.sector->answer(in, &intake, &a->env, mem, ret_answer)) != OK)
		return e;
	*ret_refused = whole_refusal(&intake);
	/* it is in the outbox: what hinders its sending is no news for the caller */
	e = flights_submit(a);
	return err_is_fatal(e) ? e : OK;
}

/* -- the way in: stages 9 to 12 -- */

static enum err
take_delivery(struct adapter *a, const struct deliver *d)
{
	uint64_t *taken = arena_array(a->frame_mem, d->n, sizeof(*taken));
	struct why why = { 0 };
	enum err e, broken;
	struct checkpoint cp;
	struct txn *txn;
	size_t n = 0;

	if (taken == NULL)
		return ERR_TOOBIG;
	if ((e = session_checkpoint(a, &d->growth, &cp)) != OK)
		return e;
	/* not TAKEN, it stays at the hub and comes again; the rest of the room is for what ends the work at hand */
	if (store_room(a->p.store) < a->p.config->limits.disk_low_bytes / 2) {
		core_tell(a, LOG_INBOX_REFUSED, "code=%s where=store", err_code(ERR_FULL));
		return OK;
	}
	txn = store_write(a->p.store);
	for (size_t i = 0; i < d->n && e == OK; i++)
		if ((e = arrival_item(a, txn, &d->items[i], &cp, &why)) == OK) {
			taken[n++] = d->items[i].queue_no;
			a->got.messages++;
			a->got.bytes += d->items[i].envelope.n;
		}
	if (e != OK)	/* of an item; what is refused for good is told where that is decided */
		core_tell(a, LOG_INBOX_REFUSED, "code=%s where=%s", err_code(e), why.where);
	arena_reset(a->mem);
	session_put_pin(a, txn);
	if (txn_error(txn) != OK || err_is_fatal(e) || n == 0) {
		if (txn_error(txn) != OK)
			e = txn_error(txn);
		txn_abort(txn);
		return e;
	}
	if (bug(BUG_TAKEN_BEFORE_COMMIT) && (broken = session_taken(a, taken, n)) != OK) {
		txn_abort(txn);
		return broken;
	}
	if ((broken = txn_commit(txn)) != OK || (broken = session_taken(a, taken, n)) != OK)
		return broken;
	return e != OK ? e : flights_submit(a);
}

enum err
adapter_on_frame(struct adapter *a, struct span bytes)
{
	struct why why = { 0 };
	struct frame f;
	enum err e;

	arena_reset(a->mem);
	arena_reset(a->frame_mem);
	if ((e = frame_decode(bytes, a->frame_mem, &f, &why)) != OK)
		goto out;
	if (f.kind != FRAME_WELCOME && (a->link != LINK_UP || f.epoch != a->epoch))
		goto out;	/* of an older session */
	if (session_is_old(a, &f))
		goto out;	/* once more */
	switch (f.kind) {
	case FRAME_WELCOME:
		e = session_welcome(a, &f.welcome, f.epoch);
		break;
	case FRAME_DIRECTORY:
		e = session_directory(a, &f.directory);
		break;
	case FRAME_ACCEPTED:
		if ((e = reply_accepted(a, &f.accepted)) == OK)
			e = flights_submit(a);
		break;
	case FRAME_REFUSED:
		e = reply_refused(a, &f.refused);
		break;
	case FRAME_DELIVER:
		e = take_delivery(a, &f.deliver);
		break;
	case FRAME_STATEMENT:
		e = reconcile_page(a, &f.statement);
		break;
	case FRAME_ANNOUNCED:
		e = services_frame(a, &f.announced);
		break;
	case FRAME_CREDIT:
		if (f.announced_seen > a->announced_seen) {
			e = ERR_ORDER;	/* an ANNOUNCED was lost */
			break;
		}
		flights_allow(a, f.credit);
		e = flights_submit(a);
		break;
	case FRAME_HELLO:
	case FRAME_SUBMIT:
	case FRAME_TAKEN:
	case FRAME_STATEMENT_ASK:
		e = ERR_FORMAT;
	}
out:
	if (e != OK && !err_is_fatal(e)) {
		core_tell(a, LOG_UPLINK_DOWN, "reason=%s where=%s", err_code(e), why.where);
		session_drop(a);	/* the transport stands: greeted again soon */
	}
	return err_is_fatal(e) ? e : OK;
}

enum err
adapter_on_tick(struct adapter *a, int64_t *ret_next_ms)
{
	int64_t next = TICK_MAX_MS;
	bool is_more = false;
	enum err e;

	arena_reset(a->mem);
	if ((e = turnover_run(a)) == OK && (e = reseal_run(a)) == OK)
		e = session_tick(a, core_now(a));
	if (!err_is_fatal(e))
		e = notices_tick(a, core_now(a));
	if (!err_is_fatal(e))
		e = mailing_tick(a, core_now(a));
	if (!err_is_fatal(e))
		e = reconcile_tick(a);
	if (!err_is_fatal(e))
		e = casework_run(a);
	if (!err_is_fatal(e))
		e = rebuild_tick(a);
	if (!err_is_fatal(e))
		e = sendoff_run(a, &is_more);
	if (!err_is_fatal(e))
		e = gather_tick(a);
	if (!err_is_fatal(e))
		e = handover_run(a, &next);
	if (is_more)
		next = 0;
	arena_reset(a->mem);
	if (!err_is_fatal(e))
		e = flights_submit(a);
	*ret_next_ms = next < TICK_MAX_MS ? next : TICK_MAX_MS;
	return err_is_fatal(e) ? e : OK;
}

/* -- requests of the agency's system -- */

enum err
adapter_problem(struct adapter *a, enum err e, const struct why *why, const struct native *request, struct arena *mem,
		struct native *ret_answer)
{
	enum err said = a->p.sector->problem(e, why, request, mem, ret_answer);

	if (said == OK && e == ERR_METHOD)
		ret_answer->allow = views_methods(a->p.sector, request, mem);
	return said;
}

/* What stands at the request's address. */
static enum err
answer_at(struct adapter *a, const struct route *route, const char *id, struct native *in, const char *key, struct arena *mem,
	  struct native *ret_answer, struct why *why)
{
	enum err e, refused;

	switch (route->act) {
	case ROUTE_SUBMIT:
		if ((e = catalogue_suppose(a, id, in, mem, ret_answer, why)) != OK || ret_answer->status != 0)
			return e;
		e = adapter_take(a, in, "http", key, mem, ret_answer, &refused);
		return e == OK ? catalogue_answer(a, in, mem, ret_answer) : e;
	case ROUTE_CONFIRM:
		return adapter_take(a, in, "http", key, mem, ret_answer, &refused);
	case ROUTE_WITHDRAW:
		e = withdraw_ask(a, id, why);
		return e == OK ? views_progress(a, id, in, mem, ret_answer, why) : e;
	case ROUTE_INBOX:
		return views_listing(a, in, mem, ret_answer, why);
	case ROUTE_PROGRESS:
		return views_progress(a, id, in, mem, ret_answer, why);
	case ROUTE_SEARCH:
		return catalogue_search(a, in, mem, ret_answer, why);
	case ROUTE_SHOW:
		return catalogue_show(a, id, in, mem, ret_answer, why);
	case ROUTE_DOCUMENT:
		return a->p.sector->document(in, mem, ret_answer);
	case ROUTE_DEADLINES:
		return duty_view_answer(a, in, mem, ret_answer, why);
	case ROUTE_SERVICES:
		return services_view_answer(a, in, mem, ret_answer, why);
	case ROUTE_SERVICE_SAY:
		return services_view_say(a, id, in, mem, ret_answer, why);
	case ROUTE_CONFERENCE:
		return conference_view_answer(a, id, mem, ret_answer, why);
	case ROUTE_PREVIEWS:
		return preview_view_list(a, in, mem, ret_answer, why);
	case ROUTE_PREVIEW_OPEN:
		return preview_view_open(a, id, in, mem, ret_answer, why);
	case ROUTE_PREVIEW_DECLINE:
		return preview_view_decline(a, id, in, mem, ret_answer, why);
	case ROUTE_FILE:
		return file_view_answer(a, id, mem, ret_answer, why);
	case ROUTE_FILE_BYTES:
		return file_view_bytes(a, id, mem, ret_answer, why);
	case ROUTE_FILE_IN:	/* a door that takes files asks adapter_upload_begin */
		break;
	}
	return ERR_UNSUPPORTED;
}

enum err
adapter_request(struct adapter *a, const struct native *request, const char *key, struct arena *mem, struct native *ret_answer)
{
	const struct route *route = NULL;
	struct native in = *request;
	struct why why = { 0 };
	const char *id = NULL;
	enum err e;

	a->env.now_ms = core_now(a);
	if ((e = views_route(a->p.sector, request, mem, &route, &id)) == OK) {
		in.format = route->format;
		e = answer_at(a, route, id, &in, key, mem, ret_answer, &why);
	}
	if (e == OK || err_is_fatal(e))
		return e;
	return adapter_problem(a, e, &why, &in, mem, ret_answer);
}

bool
adapter_is_complete(const struct adapter *a, const char *file, struct span bytes)
{
	return a->p.sector->is_complete(file, bytes);
}

/* -- transport -- */

enum err
adapter_on_up(struct adapter *a)
{
	enum err e;

	arena_reset(a->mem);
	a->is_transport_up = true;
	e = session_hello(a, false);
	return err_is_fatal(e) ? e : OK;
}

void
adapter_on_down(struct adapter *a)
{
	a->is_transport_up = false;
	session_drop(a);
}

/* -- parts -- */

enum err
adapter_new(const struct adapter_parts *parts, struct adapter **ret_adapter, struct why *why)
{
	struct adapter *a = calloc(1, sizeof(*a));
	struct txn *txn;
	enum err e;

	if (a == NULL)
		return ERR_NOMEM;
	a->p = *parts;
	for (size_t i = 0; i <= ADAPTER_DOORS_MAX; i++)
		if (a->p.doors[i])
			a->p.doors[i]->circuit = (struct circuit){ .began = (uint64_t)core_now(a), .took = (uint64_t)core_now(a) };
	a->mem = arena_new(EVENT_ARENA);
	a->out_mem = arena_new(EVENT_ARENA);
	a->frame_mem = arena_new(EVENT_ARENA);
	sector_env_fill(a);
	a->calendar_days = calloc(terms_calendar_days(parts->config) + 1, sizeof(*a->calendar_days));
	if (a->mem == NULL || a->out_mem == NULL || a->frame_mem == NULL || a->calendar_days == NULL) {
		e = ERR_NOMEM;
		goto out;
	}
	terms_calendar(parts->config, a->calendar_days, &a->calendar);
	if (directory_find(contacts_directory(parts->contacts), parts->config->agency) == NULL) {
		e = why_set(why, ERR_UNKNOWN_AGENCY, "agency", "%s is not in the directory", parts->config->agency);
		goto out;
	}
	if ((e = reconcile_new(a)) != OK || (e = session_load(a)) != OK || (e = rebuild_begin(a)) != OK)
		goto out;
	upload_sweep(a);
	compose_load(a);
	txn = store_read(a->p.store);
	a->unsure = inbox_newest(txn);
	txn_abort(txn);
	*ret_adapter = a;
	a = NULL;
out:
	adapter_free(a);
	return e;
}

void
adapter_free(struct adapter *a)
{
	if (a == NULL)
		return;
	reconcile_free(a);
	arena_free(a->mem);
	arena_free(a->out_mem);
	arena_free(a->frame_mem);
	free(a->calendar_days);
	free(a);
}

void
adapter_status(struct adapter *a, struct adapter_status *ret_status)
{
	struct txn *txn = store_read(a->p.store);
	struct pending_at at = { 0 };
	struct rebuilt rebuilt;
	struct outbound o;
	struct inbound in;
	uint64_t seq;

	rebuild_view(txn, &rebuilt);
	*ret_status = (struct adapter_status){
		.agency = a->p.config->agency,
		.sector = a->p.sector->name,
		.is_up = a->link == LINK_UP,
		.epoch = a->epoch,
		.pin_size = a->pin_size,
		.pending = outbox_count_pending(txn) + txn_count(txn, TABLE_WISHES),
		.inbox = txn_count(txn, TABLE_INBOX),
		.egress_waiting = txn_count(txn, TABLE_EGRESS),
		.parked = parking_count(txn),
		.previews = preview_view_count(txn),
		.dead = returned_count(txn),
		.unregistered = txn_count(txn, TABLE_UNREGISTERED),
		.directory_version = contacts_directory(a->p.contacts)->version,
		.sheet_version = keychest_sheet(a->p.chest)->version,
		.sealing_keys = turnover_keys(a).n,
	};
	if (outbox_next_pending(txn, &at, &seq) && outbox_get(txn, seq, &o))
		ret_status->oldest_pending_ms = o.queued_ms;
	if (inbox_unregistered(txn, &in))
		ret_status->oldest_unregistered_ms = in.at_ms;
	duty_view_count(a, txn, &ret_status->deadlines, &ret_status->late);
	ret_status->is_rebuilding = rebuilt.state == REBUILD_RUNNING;
	ret_status->missing = rebuilt.state == REBUILD_RUNNING ? rebuilt.threads_missing + rebuilt.messages_missing : 0;
	ret_status->awaited = reseal_awaited(txn, &ret_status->oldest_awaited_ms);
	ret_status->mails = mailing_count(txn);
	txn_abort(txn);
}
