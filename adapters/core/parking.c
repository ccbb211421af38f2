/* SPDX-License-Identifier: EUPL-1.2 */
/* parking - walks the egress rows: what is parked is few, or an operator has been looking away for long. */
#include "adapters/core/parking.h"

#include "adapters/core/flights.h"
#include "adapters/core/register.h"
#include "adapters/core/storage.h"
#include "proto/seal.h"

/* The next parked row past due->cursor, with its entry. */
static bool
next(struct txn *txn, struct due *due, struct inbound *in)
{
	while (egress_next(txn, due->cursor, due))
		if (due->is_parked && inbox_get(txn, due->cursor, in))
			return true;
	return false;
}

uint64_t
parking_count(struct txn *txn)
{
	struct due due = { 0 };
	struct inbound in;
	uint64_t n = 0;

	while (next(txn, &due, &in))
		n++;
	return n;
}

uint64_t
parking_each(struct adapter *a, size_t max, void (*each)(void *arg, const struct parked *p), void *arg)
{
	struct txn *txn = store_read(a->p.store);
	struct due due = { 0 };
	struct inbound in;
	uint64_t n = 0;

	while (next(txn, &due, &in)) {
		struct parked p = {
			.cursor = due.cursor, .from = in.from, .is_stage = in.is_stage, .tries = due.tries, .code = due.code,
			.at_ms = in.at_ms,
		};

		msgid_format(&in.first, p.id);
		if (n++ < max)
			each(arg, &p);
	}
	txn_abort(txn);
	return n;
}

static bool
is_named(const struct inbound *in, const struct msgid *id)
{
	return id == NULL || msgid_eq(&in->first, id);
}

/* Change each one named, in one transaction. */
static enum err
change(struct adapter *a, const char *id, enum err (*act)(struct adapter *a, struct txn *txn, struct due *due, struct inbound *in,
							  const char *text, struct why *why), const char *text, size_t *ret_n, struct why *why)
{
	struct txn *txn = store_write(a->p.store);
	struct due due = { 0 };
	struct inbound in;
	struct msgid named;
	enum err e = OK;

	*ret_n = 0;
	if (id && msgid_parse(id, &named) != OK)
		e = why_set(why, ERR_NOTFOUND, "id", "not a message id");
	while (e == OK && next(txn, &due, &in))
		if (is_named(&in, id ? &named : NULL) && (e = act(a, txn, &due, &in, text, why)) == OK)
			++*ret_n;
	if (e == OK && id && *ret_n == 0)
		e = why_set(why, ERR_NOTFOUND, "id", "nothing of this id is parked");
	if (e == OK)
		return txn_commit(txn);
	txn_abort(txn);
	return e;
}

static enum err
unpark(struct adapter *a, struct txn *txn, struct due *due, struct inbound *in, const char *text, struct why *why)
{
	(void)in;
	(void)text;
	(void)why;
	egress_put(txn, &(struct due){ .cursor = due->cursor, .due_ms = core_now(a) });
	return txn_error(txn);
}

enum err
parking_requeue(struct adapter *a, const char *id, size_t *ret_n, struct why *why)
{
	arena_reset(a->mem);
	return change(a, id, unpark, NULL, ret_n, why);
}

static enum err
refuse(struct adapter *a, struct txn *txn, struct due *due, struct inbound *in, const char *text, struct why *why)
{
	bool may;
	enum err e = register_may_refuse(a, txn, in, &may);

	if (e != OK)
		return e;
	if (!may)
		return why_set(why, ERR_UNSUPPORTED, "id", "an answer to an offer of transfer stands: register it by hand, or try it anew");
	if (!in->is_stage)
		return register_refused(a, txn, in, ERR_SYSTEM_REFUSED, text);
	egress_del(txn, due->cursor);
	return txn_error(txn);
}

enum err
parking_refuse(struct adapter *a, const char *id, const char *reason, struct why *why)
{
	size_t n;
	enum err e;

	if (id == NULL || reason == NULL || *reason == '\0')
		return why_set(why, ERR_REQUIRED, id ? "reason" : "id", "its sender is told why");
	if (strlen(reason) > RECEIPT_TEXT_MAX || !bytes_is_utf8(span_str(reason)))
		return why_set(why, ERR_TOOLONG, "reason", "at most %d bytes of UTF-8", RECEIPT_TEXT_MAX);
	arena_reset(a->mem);
	if ((e = change(a, id, refuse, reason, &n, why)) != OK)
		return e;
	e = flights_submit(a);
	return err_is_fatal(e) ? e : OK;
}
