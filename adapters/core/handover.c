/* SPDX-License-Identifier: EUPL-1.2 */
/* handover - an entry whose turn it is goes to its door, and what the answer means.
 *
 * A record blocks the later ones of its own thread and no others; so does a stage the later stages of its thread. A failed try
 * waits with a doubling delay; an entry that fails again and again while its system takes others is parked. A door may answer
 * before its `hand` returns, so no transaction and not the event's arena is open across that call.
 */
#include "adapters/core/handover.h"

#include "adapters/core/flights.h"
#include "adapters/core/outgoing.h"
#include "adapters/core/preview.h"
#include "adapters/core/preview_view.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "adapters/core/turn.h"
#include "proto/base/bug.h"

#define BUSY_MS 50		/* a door's answer comes as an event of its own and looks again */

static enum format
format_of(enum adapter_format format)
{
	switch (format) {
	case ADAPTER_FORMAT_FHIR:
		return FORMAT_FHIR;
	case ADAPTER_FORMAT_HL7V2:
		return FORMAT_HL7;
	case ADAPTER_FORMAT_JSON:
		return FORMAT_JSON;
	case ADAPTER_FORMAT_CSV:
		return FORMAT_CSV;
	case ADAPTER_FORMAT_NHIS:
		return FORMAT_NHIS;
	case ADAPTER_FORMAT_XML:
		return FORMAT_XML;
	case ADAPTER_FORMAT_OSCAR:
		return FORMAT_OSCAR;
	case ADAPTER_FORMAT_PRIMERO:
		return FORMAT_PRIMERO;
	case ADAPTER_FORMAT_NATIVE:
		break;
	}
	return FORMAT_NONE;
}

/* -- handing -- */

/* Whose fault is it? Its own, where it never reached the door, or the door took others since it failed last. What an earlier run of
 * this process saw tells nothing: a system that is down while we are started again and again must not have its entries parked.
 */
static bool
is_own_fault(const struct due *due, const struct door *door)
{
	return door == NULL || (due->tries > 0 && due->took >= door->circuit.began && door->circuit.took > due->took);
}

static enum err
postpone(struct adapter *a, uint64_t cursor, enum err e, struct door *door)
{
	const struct adapter_config *config = a->p.config;
	struct txn *txn = store_write(a->p.store);
	const char *name = door ? door->name : "-";
	char id[MSGID_TEXT_LEN];
	struct inbound in;
	struct due due;

	if (!egress_get(txn, cursor, &due) || !inbox_get(txn, cursor, &in)) {
		txn_abort(txn);
		return OK;
	}
	due.strikes += is_own_fault(&due, door);
	due.tries++;
	due.code = e;
	due.took = door ? door->circuit.took : 0;
	due.due_ms = core_now(a) + clock_backoff(due.tries, config->retry_min_ms, config->retry_max_ms);
	due.is_parked = due.strikes >= config->park_after;
	if (bug(BUG_RETRY_FORGOTTEN))
		egress_del(txn, cursor);
	else
		egress_put(txn, &due);
	msgid_format(&in.first, id);
	core_tell(a, due.is_parked ? LOG_EGRESS_PARKED : LOG_EGRESS_RETRY, "id=%s door=%s code=%s tries=%u", id, name, err_code(e),
		  due.tries);
	return txn_commit(txn);
}

/* Its system refuses for good what is not refused to its author. */
static enum err
park(struct adapter *a, struct txn *txn, const struct inbound *in, enum err code)
{
	struct due due = { .cursor = in->cursor };
	char id[MSGID_TEXT_LEN];

	(void)egress_get(txn, in->cursor, &due);
	due.tries++;
	due.code = code;
	due.is_parked = true;
	egress_put(txn, &due);
	msgid_format(&in->first, id);
	core_tell(a, LOG_EGRESS_PARKED, "id=%s door=- code=%s tries=%u", id, err_code(code), due.tries);
	return txn_error(txn);
}

/* Nothing is to be handed over for it, or the agency's system will never take it. */
static enum err
settle(struct adapter *a, uint64_t cursor, enum err refused, const char *text)
{
	struct txn *txn = store_write(a->p.store);
	struct inbound in;
	bool may;
	enum err e = OK;

	if (!inbox_get(txn, cursor, &in)) {
		e = ERR_CORRUPT;
	} else if (refused != OK && !in.is_stage && in.state < INBOUND_REGISTERED) {
		if ((e = register_may_refuse(a, txn, &in, &may)) == OK)
			e = may ? register_refused(a, txn, &in, refused, text) : park(a, txn, &in, refused);
	} else {
		if (in.state == INBOUND_NEW) {
			in.state = INBOUND_TAKEN;
			inbox_put(txn, a->mem, &in);
		}
		egress_del(txn, cursor);
	}
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

/* What the agency's system wants to read. */
static const char *
charset_of(const struct adapter_config *c, enum adapter_door door)
{
	enum adapter_charset wanted = door == ADAPTER_DOOR_FOLDER ? c->out_folder.charset :
				      door == ADAPTER_DOOR_MLLP ? c->out_mllp.charset : ADAPTER_UTF8;

	return wanted != ADAPTER_UTF8 ? adapter_config_charset(wanted) : NULL;
}

/* True: what it had was a preview. */
static bool
unhand(struct adapter *a, uint64_t cursor)
{
	for (size_t i = 0; i < a->n_handing; i++)
		if (a->handing[i].cursor == cursor) {
			bool was_preview = a->handing[i].is_preview;

			a->handing[i].door->in_flight--;
			a->handing[i] = a->handing[--a->n_handing];
			return was_preview;
		}
	return false;
}

static bool
is_preview(const struct outgoing *out)
{
	return out->stage && strcmp(out->stage, PREVIEW_STAGE) == 0;
}

/* A preview is JSON of ours where the format has no shape for it. */
static enum err
translate(struct adapter *a, const struct outgoing *out, enum format format, struct native *ret_native, struct why *why)
{
	if (is_preview(out) && format != FORMAT_JSON && format != FORMAT_XML && format != FORMAT_CSV && format != FORMAT_OSCAR &&
	    format != FORMAT_PRIMERO)
		return preview_view_one(out, a->out_mem, ret_native);
	return a->p.sector->from_record(out, format, &a->env, a->out_mem, ret_native, why);
}

/* Not OK: it could not be handed over now, nothing has changed. */
static enum err
hand(struct adapter *a, uint64_t cursor, struct door **ret_door)
{
	const struct adapter_egress *egress;
	struct handover h = { .cursor = cursor };
	struct why why = { 0 };
	struct outgoing out;
	struct inbound in;
	struct door *door;
	struct txn *txn = store_read(a->p.store);
	enum err e;

	arena_reset(a->out_mem);
	e = inbox_get(txn, cursor, &in) ? outgoing_of(a, txn, &in, a->out_mem, &out) : ERR_CORRUPT;
	txn_abort(txn);
	if (e != OK)
		return e;
	egress = turn_egress(a, &in, out.record && out.record->referral);
	door = a->p.doors[egress->door];
	/* a hospital's system would take it for a referral: people look at the preview by HTTP or nasokactl */
	if (door == NULL || (is_preview(&out) && egress->door == ADAPTER_DOOR_MLLP))
		return settle(a, cursor, OK, NULL);
	if (door->in_flight >= door->capacity || a->n_handing == HANDING_MAX)
		return ERR_BUSY;
	a->env.now_ms = core_now(a);
	h.native.charset = charset_of(a->p.config, egress->door);
	e = translate(a, &out, format_of(egress->format), &h.native, &why);
	if (e != OK)
		return err_verdict(e) == VERDICT_REJECT ? settle(a, cursor, e, why.text) : e;
	if (h.native.bytes.n == 0)
		return settle(a, cursor, OK, NULL);
	h.msg_id = out.msg_id;
	h.file = out.bytes;
	h.file_name = out.file;
	h.stage = is_preview(&out) ? out.stage : in.is_stage ? envelope_stage_name(in.stage) : NULL;
	a->handing[a->n_handing++] = (struct handing){ cursor, door, is_preview(&out) };
	door->in_flight++;
	*ret_door = door;
	/* if it answers and fails all the same, the answer counts */
	if ((e = door->hand(door->arg, &h)) != OK && !err_is_fatal(e) && !turn_is_handing(a, cursor))
		e = OK;
	if (e != OK)
		(void)unhand(a, cursor);
	return e;
}

/* A try failed; `door` NULL: before it came so far as a door. */
static enum err
failed(struct adapter *a, uint64_t cursor, enum err e, struct door *door)
{
	bool was_open = door && circuit_is_open(&door->circuit);

	if (door)
		circuit_failed(&door->circuit, cursor, core_now(a), a->p.config->retry_min_ms, a->p.config->retry_max_ms);
	if (door && !was_open && circuit_is_open(&door->circuit))
		core_tell(a, LOG_CIRCUIT, "door=%s state=open code=%s", door->name, err_code(e));
	if ((e = postpone(a, cursor, e, door)) != OK && door && cursor > a->unsure)
		a->unsure = cursor;	/* the door had it, and no row says so */
	return e;
}

static void
took(struct adapter *a, struct door *door)
{
	if (circuit_is_open(&door->circuit))
		core_tell(a, LOG_CIRCUIT, "door=%s state=closed code=-", door->name);
	circuit_took(&door->circuit);
}

enum err
handover_run(struct adapter *a, int64_t *ret_next_ms)
{
	uint64_t cursors[TURN_MAX];
	struct txn *txn = store_read(a->p.store);
	size_t n;
	enum err e = turn_choose(a, txn, cursors, &n, ret_next_ms);

	txn_abort(txn);
	for (size_t i = 0; i < n && !err_is_fatal(e); i++) {
		struct door *door = NULL;

		e = hand(a, cursors[i], &door);
		arena_reset(a->mem);
		if (e == OK)
			*ret_next_ms = 0;	/* it may have been answered already, and there is place for more */
		else if (e == ERR_BUSY)
			*ret_next_ms = BUSY_MS;
		else if (e != OK && !err_is_fatal(e))
			e = failed(a, cursors[i], e, door);
	}
	return err_is_fatal(e) ? e : OK;
}

/* -- answers -- */

/* It has the preview. Where the referral was opened since, its content is still to go; no number in the answer counts. */
static enum err
settle_preview(struct adapter *a, uint64_t cursor)
{
	struct txn *txn = store_read(a->p.store);
	struct inbound in;
	struct thread t;
	bool is_held = inbox_get(txn, cursor, &in) && casebook_find(txn, &in.thread, &t) && t.hold == HOLD_PREVIEW;

	txn_abort(txn);
	return is_held ? settle(a, cursor, OK, NULL) : OK;
}

/* The system has it, so it is not handed over again; under a number that nobody could use it is not registered, and who runs it is told. */
static bool
is_usable(struct adapter *a, const struct inbound *in, const char *door, const char *case_no)
{
	struct why why = { .where = "" };
	char id[MSGID_TEXT_LEN];
	enum err e = register_check(in, case_no, &why);

	if (e == OK || err_verdict(e) != VERDICT_REJECT)
		return true;
	msgid_format(&in->first, id);
	core_tell(a, LOG_EGRESS_NUMBER, "id=%s door=%s code=%s where=%s", id, door, err_code(e), why.where);
	return false;
}

static enum err
take_answer(struct adapter *a, uint64_t cursor, const char *door, const struct native *answer, bool was_preview)
{
	const char *case_no = NULL;
	struct why why = { 0 };
	struct outgoing out;
	struct inbound in;
	struct txn *txn = store_write(a->p.store);
	char id[MSGID_TEXT_LEN];
	enum err e;

	e = inbox_get(txn, cursor, &in) ? outgoing_of(a, txn, &in, a->mem, &out) : ERR_CORRUPT;
	if (e == OK)
		e = a->p.sector->read_answer(&out, answer, a->mem, &case_no, &why);
	if (was_preview && (e == OK || err_verdict(e) == VERDICT_REJECT)) {
		txn_abort(txn);
		return settle_preview(a, cursor);
	}
	if (e == OK && case_no && *case_no && !in.is_stage && in.state < INBOUND_REGISTERED && is_usable(a, &in, door, case_no)) {
		if ((e = register_inbound(a, txn, &in, case_no, &why)) != OK) {
			txn_abort(txn);
			return e;
		}
		if ((e = txn_commit(txn)) == OK) {
			msgid_format(&in.first, id);
			core_tell(a, LOG_EGRESS, "id=%s door=%s", id, door);
		}
		return e;
	}
	txn_abort(txn);
	return e == OK || err_verdict(e) == VERDICT_REJECT ? settle(a, cursor, e, why.text) : e;
}

enum err
adapter_handed(struct adapter *a, struct door *door, uint64_t cursor, enum err e, const struct native *answer)
{
	bool was_preview;

	if (!turn_is_handing(a, cursor))
		return OK;	/* told once, that counted */
	was_preview = unhand(a, cursor);
	arena_reset(a->mem);
	if (e == OK)
		e = answer ? take_answer(a, cursor, door->name, answer, was_preview) : was_preview ? settle_preview(a, cursor) :
		    settle(a, cursor, OK, NULL);
	if (e == OK)
		took(a, door);
	else if (!err_is_fatal(e))
		e = failed(a, cursor, e, door);
	if (e == OK && a->is_submit_due)
		e = flights_submit(a);	/* the receipt, at once */
	return err_is_fatal(e) ? e : OK;
}
