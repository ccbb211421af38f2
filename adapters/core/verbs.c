/* SPDX-License-Identifier: EUPL-1.2 */
/* verbs - a row a verb; each takes the request and gives the answer. Called by control.c. */
#include "adapters/core/verbs.h"

#include <jansson.h>
#include <string.h>
#include <strings.h>

#include "adapters/core/conference_view.h"
#include "adapters/core/duty_view.h"
#include "adapters/core/returned.h"
#include "adapters/core/parking.h"
#include "adapters/core/preview_view.h"
#include "adapters/core/rebuild.h"
#include "adapters/core/reconcile.h"
#include "adapters/core/services_view.h"
#include "adapters/core/turnover.h"
#include "adapters/core/withdraw.h"
#include "proto/base/clock.h"
#include "proto/note.h"

#define SUBMIT_ARENA ((size_t)32 * 1024 * 1024)
#define FILE_NAME_MAX 255
#define DOOR "control"
#define LISTED_MAX 1000

json_t *
verbs_refusal(enum err e, const char *text)
{
	return json_pack("{s:b, s:s, s:s}", "ok", 0, "code", err_code(e), "error", text != NULL ? text : err_text(e, LANG_EN));
}

static json_int_t
number(uint64_t v)
{
	return (json_int_t)v;
}

/* How long ago; 0 when there is none. */
static json_int_t
age(int64_t now_ms, int64_t at_ms)
{
	return at_ms == 0 || at_ms > now_ms ? 0 : now_ms - at_ms;
}

static json_t *
say_status(struct verbs *v, const json_t *request)
{
	int64_t now = clock_wall_ms();
	struct adapter_status st;
	json_t *said;

	(void)request;
	adapter_status(v->adapter, &st);
	const struct { const char *name; json_int_t value; } numbers[] = {
		{ "epoch", number(st.epoch) },
		{ "log_size", number(st.pin_size) },
		{ "unsent", number(st.pending) },
		{ "oldest_unsent_ms", age(now, st.oldest_pending_ms) },
		{ "inbox", number(st.inbox) },
		{ "egress_waiting", number(st.egress_waiting) },
		{ "unregistered", number(st.unregistered) },
		{ "oldest_unregistered_ms", age(now, st.oldest_unregistered_ms) },
		{ "parked", number(st.parked) },
		{ "previews", number(st.previews) },
		{ "dead_letters", number(st.dead) },
		{ "deadlines", number(st.deadlines) },
		{ "late", number(st.late) },
		{ "mails_waiting", number(st.mails) },
		{ "missing", number(st.missing) },
		{ "awaited", number(st.awaited) },
		{ "oldest_awaited_ms", age(now, st.oldest_awaited_ms) },
		{ "directory_version", number(st.directory_version) },
		{ "sheet_version", number(st.sheet_version) },
		{ "sealing_keys", number(st.sealing_keys) },
	};

	said = json_pack("{s:b, s:s+, s:s, s:s, s:b, s:b}", "ok", 1, "program", "nasoka-", st.sector, "version", NASOKA_VERSION, "agency",
			 st.agency, "connected", st.is_up, "rebuilding", st.is_rebuilding);
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		json_object_set_new(said, numbers[i].name, json_integer(numbers[i].value));
	return said;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n > m && strcasecmp(name + n - m, ending) == 0;
}

/* JSON is FHIR when it names a FHIR resource. */
static bool
is_fhir(struct span bytes)
{
	json_t *root = json_loadb((const char *)bytes.p, bytes.n, 0, NULL);
	bool is = json_is_string(json_object_get(root, "resourceType"));

	json_decref(root);
	return is;
}

static enum format
format_of(const char *name, struct span bytes)
{
	if (ends_in(name, ".csv"))
		return FORMAT_CSV;
	if (ends_in(name, ".hl7"))
		return FORMAT_HL7;
	if (ends_in(name, ".xml"))
		return FORMAT_XML;
	if (ends_in(name, ".json"))
		return is_fhir(bytes) ? FORMAT_FHIR : FORMAT_JSON;
	return FORMAT_NONE;
}

/* What adapter_take has said, as an object. */
static json_t *
submitted(const struct native *answer, enum err refused, struct arena *mem)
{
	json_t *said = refused == OK ? json_pack("{s:b}", "ok", 1) : verbs_refusal(refused, NULL);
	const char *text = answer->bytes.n > 0 ? note_base64(answer->bytes, mem) : "";

	json_object_set_new(said, "answer", json_string(text != NULL ? text : ""));
	return said;
}

/* NULL: the process stops, and nothing is answered. */
static json_t *
do_submit(struct verbs *v, const json_t *request)
{
	const char *name = json_string_value(json_object_get(request, "name"));
	const json_t *bytes = json_object_get(request, "bytes");
	struct arena *mem = arena_new(SUBMIT_ARENA);
	struct native in = { 0 }, answer = { 0 };
	enum err e = ERR_NOMEM, refused = OK;
	json_t *said = NULL;

	if (mem == NULL)
		goto out;
	e = ERR_REQUIRED;
	if (name == NULL || !json_is_string(bytes) || strlen(name) > FILE_NAME_MAX || strchr(name, '/') != NULL)
		goto out;
	if ((e = note_unbase64(SPAN(json_string_value(bytes), json_string_length(bytes)), mem, &in.bytes)) != OK)
		goto out;
	in.format = format_of(name, in.bytes);
	in.file = name;
	e = ERR_UNSUPPORTED;
	if (in.format == FORMAT_NONE)
		goto out;
	e = adapter_take(v->adapter, &in, DOOR, NULL, mem, &answer, &refused);
	if (e == OK)
		said = submitted(&answer, refused, mem);
	else if (err_is_fatal(e))
		v->on_fatal(v->arg, e);
out:
	if (e != OK && !err_is_fatal(e))
		said = verbs_refusal(e, NULL);
	arena_free(mem);
	return said;
}

/* -- what is parked -- */

static void
list_parked(void *arg, const struct parked *p)
{
	int64_t now = clock_wall_ms();

	json_array_append_new(arg, json_pack("{s:s, s:s, s:s, s:i, s:s, s:s, s:I}", "id", p->id, "from", p->from, "what",
					     p->is_stage ? "stage" : "message", "tries", (int)p->tries, "code", err_code(p->code),
					     "error", err_text(p->code, LANG_EN), "age_ms", age(now, p->at_ms)));
}

static json_t *
say_parked(struct verbs *v, const json_t *request)
{
	json_t *list = json_array();
	uint64_t n = parking_each(v->adapter, LISTED_MAX, list_parked, list);

	(void)request;
	return json_pack("{s:b, s:I, s:o}", "ok", 1, "parked", number(n), "messages", list);
}

/* The outcome of a change; NULL: the process stops. */
static json_t *
done(struct verbs *v, enum err e, const struct why *why, const char *what, size_t n)
{
	json_t *said;

	if (e == OK)
		return json_pack("{s:b, s:I}", "ok", 1, what, number(n));
	if (!err_is_fatal(e)) {
		said = verbs_refusal(e, why->text[0] != '\0' ? why->text : NULL);
		if (why->where[0] != '\0')
			json_object_set_new(said, "where", json_string(why->where));
		return said;
	}
	v->on_fatal(v->arg, e);
	return NULL;
}

static json_t *
do_requeue(struct verbs *v, const json_t *request)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	struct why why = { 0 };
	size_t n = 0;
	enum err e;

	if (id == NULL && !json_is_true(json_object_get(request, "all")))
		return verbs_refusal(ERR_REQUIRED, "name one by id, or all of them");
	e = parking_requeue(v->adapter, id, &n, &why);
	return done(v, e, &why, "requeued", n);
}

static json_t *
do_refuse(struct verbs *v, const json_t *request)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	const char *reason = json_string_value(json_object_get(request, "reason"));
	struct why why = { 0 };

	return done(v, parking_refuse(v->adapter, id, reason, &why), &why, "refused", 1);
}

/* A new sealing key, named by a new sheet, both durable; the hub has it a moment later. */
static json_t *
do_rotate(struct verbs *v, const json_t *request)
{
	const char *what = json_string_value(json_object_get(request, "what"));
	struct why why = { 0 };
	struct adapter_status st;
	enum err e;

	if (what == NULL || strcmp(what, "sealing") != 0)
		return verbs_refusal(ERR_UNSUPPORTED, "only sealing keys turn over");
	if ((e = turnover_now(v->adapter, &why)) == ERR_KEYFILE)	/* the old keys serve on */
		return verbs_refusal(e, why.text);
	if (e != OK)
		return done(v, e, &why, "", 0);
	adapter_status(v->adapter, &st);
	return json_pack("{s:b, s:I, s:I}", "ok", 1, "sheet_version", number(st.sheet_version), "sealing_keys", number(st.sealing_keys));
}

static json_t *
say_deadlines(struct verbs *v, const json_t *request)
{
	return duty_view_rows(v->adapter, json_string_value(json_object_get(request, "agency")),
			      json_is_true(json_object_get(request, "late")));
}

/* Without an id: all of them, in brief. */
static json_t *
say_conferences(struct verbs *v, const json_t *request)
{
	const char *id = json_string_value(json_object_get(request, "id"));
	json_t *list = conference_view_rows(v->adapter, id), *said;

	if (id && json_array_size(list) == 0) {
		json_decref(list);
		return verbs_refusal(ERR_NOTFOUND, "no conference here has this number");
	}
	said = id ? json_copy(json_array_get(list, 0)) : json_pack("{s:O}", "conferences", list);
	json_object_set_new(said, "ok", json_true());
	json_decref(list);
	return said;
}

static json_t *
do_withdraw(struct verbs *v, const json_t *request)
{
	struct why why = { 0 };
	enum err e = withdraw_ask(v->adapter, json_string_value(json_object_get(request, "id")), &why);

	return done(v, e, &why, "asked", 1);
}

/* -- dead letters -- */

static void
list_dead(void *arg, const struct dead *d)
{
	int64_t now = clock_wall_ms();

	json_array_append_new(arg, json_pack("{s:s, s:s, s:s, s:s, s:s, s:I, s:I}", "id", d->id, "to", d->to, "referral_id",
					     d->referral_id, "code", err_code(d->code), "error", err_text(d->code, LANG_EN), "age_ms",
					     age(now, d->queued_ms), "refused_age_ms", age(now, d->refused_ms)));
}

static json_t *
say_dead(struct verbs *v, const json_t *request)
{
	json_t *list = json_array();

	(void)request;
	returned_each(v->adapter, LISTED_MAX, list_dead, list);
	return json_pack("{s:b, s:o}", "ok", 1, "messages", list);
}

static json_t *
do_resend(struct verbs *v, const json_t *request)
{
	char id[MSGID_TEXT_LEN];
	struct why why = { 0 };
	enum err e = returned_resend(v->adapter, json_string_value(json_object_get(request, "id")), id, &why);

	return e == OK ? json_pack("{s:b, s:s}", "ok", 1, "id", id) : done(v, e, &why, "sent", 0);
}

static json_t *
do_drop(struct verbs *v, const json_t *request)
{
	struct why why = { 0 };
	enum err e = returned_drop(v->adapter, json_string_value(json_object_get(request, "id")), &why);

	return done(v, e, &why, "dropped", 1);
}

/* -- reconciliation -- */

static json_t *
list_differences(struct txn *txn, int64_t now)
{
	json_t *list = json_array();
	char id[MSGID_TEXT_LEN];
	struct difference d;

	for (uint64_t n = 0; n < LISTED_MAX && difference_get(txn, n, &d); n++) {
		msgid_format(&d.id, id);
		json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:b, s:I}", "what", difference_name(d.kind), "id", id, "other",
						      d.other, "direction", d.is_ours ? "sent" : "came", "late",
						      difference_is_late(&d, now), "age_ms", age(now, d.submitted_ms)));
	}
	return list;
}

/* Since when, what was missing and what is, after the loss of the disk. */
static json_t *
say_rebuilt(const struct rebuilt *b, int64_t now)
{
	return json_pack("{s:b, s:I, s:I, s:I, s:I, s:I, s:I, s:I}", "running", b->state == REBUILD_RUNNING, "age_ms", age(now, b->begun_ms),
			 "threads", number(b->threads), "threads_missing", number(b->threads_missing), "threads_lost", number(b->lost),
			 "messages", number(b->messages), "messages_missing", number(b->messages_missing), "own", number(b->own));
}

/* {"now":true} asks the hub; the outcome is that of the last whole statement. */
static json_t *
do_reconcile(struct verbs *v, const json_t *request)
{
	int64_t now = clock_wall_ms();
	json_t *said, *counts = json_object();
	uint64_t wrong = 0;
	struct reconciled r;
	struct rebuilt b;
	struct txn *txn;

	if (json_is_true(json_object_get(request, "now")))
		reconcile_ask(v->adapter);
	txn = store_read(v->adapter->p.store);
	reconcile_last(txn, &r);
	rebuild_view(txn, &b);
	for (int i = DIFFERENCE_NONE + 1; i < N_DIFFERENCES; i++) {
		json_object_set_new(counts, difference_name((enum difference_kind)i), json_integer(number(r.counts[i])));
		wrong += difference_is_wrong((enum difference_kind)i) ? r.counts[i] : 0;
	}
	said = json_pack("{s:b, s:b, s:I, s:I, s:I, s:I, s:I, s:o, s:o}", "ok", 1, "running", reconcile_is_running(v->adapter), "age_ms",
			 age(now, r.taken_ms), "log_size", number(r.size), "rows", number(r.rows), "late", number(r.late), "wrong",
			 number(wrong), "counts", counts, "differences", list_differences(txn, now));
	txn_abort(txn);
	if (b.begun_ms != 0)
		json_object_set_new(said, "rebuild", say_rebuilt(&b, now));
	return said;
}

/* -- what is seen by HTTP as well -- */

static json_t *
with_view(struct verbs *v, const json_t *request,
	  enum err (*run)(struct adapter *a, const json_t *asked, struct arena *mem, json_t **ret_said, struct why *why), const char *what)
{
	struct arena *mem = arena_new(SUBMIT_ARENA);
	struct why why = { .where = "" };
	json_t *said = NULL, *all;
	enum err e = mem ? run(v->adapter, request, mem, &said, &why) : ERR_NOMEM;

	arena_free(mem);
	if (e != OK)
		return done(v, e, &why, "", 0);
	if (what)
		return json_pack("{s:b, s:o}", "ok", 1, what, said);
	all = json_pack("{s:b}", "ok", 1);
	json_object_update(all, said);
	json_decref(said);
	return all;
}

static json_t *
say_services(struct verbs *v, const json_t *request)
{
	return with_view(v, request, services_view_list, NULL);
}

static json_t *
do_announce(struct verbs *v, const json_t *request)
{
	return with_view(v, request, services_view_take, "service");
}

static json_t *
say_previews(struct verbs *v, const json_t *request)
{
	return with_view(v, request, preview_view_ask_list, NULL);
}

static json_t *
do_open(struct verbs *v, const json_t *request)
{
	return with_view(v, request, preview_view_ask_open, NULL);
}

static json_t *
do_decline(struct verbs *v, const json_t *request)
{
	return with_view(v, request, preview_view_ask_decline, NULL);
}

static const struct {
	const char *verb;
	json_t *(*run)(struct verbs *v, const json_t *request);
} rows[] = {
	{ "status", say_status },
	{ "submit", do_submit },
	{ "parked", say_parked },
	{ "requeue", do_requeue },
	{ "refuse", do_refuse },
	{ "deadlines", say_deadlines },
	{ "rotate", do_rotate },
	{ "withdraw", do_withdraw },
	{ "conferences", say_conferences },
	{ "reconcile", do_reconcile },
	{ "deadletters", say_dead },
	{ "resend", do_resend },
	{ "drop", do_drop },
	{ "services", say_services },
	{ "announce", do_announce },
	{ "previews", say_previews },
	{ "open", do_open },
	{ "decline", do_decline },
};

json_t *
verbs_answer(struct verbs *v, struct span line)
{
	json_t *request = json_loadb((const char *)line.p, line.n, JSON_REJECT_DUPLICATES, NULL), *said = NULL;
	const char *verb = json_string_value(json_object_get(request, "verb"));
	size_t i = 0;

	while (verb != NULL && i < sizeof(rows) / sizeof(rows[0]) && strcmp(rows[i].verb, verb) != 0)
		i++;
	if (verb != NULL && i < sizeof(rows) / sizeof(rows[0]))
		said = rows[i].run(v, request);
	else
		said = verbs_refusal(ERR_UNSUPPORTED, request == NULL ? "not a line of JSON" : "unknown verb");
	json_decref(request);
	return said;
}
