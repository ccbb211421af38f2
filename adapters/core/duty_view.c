/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_view - rows become JSON within one read transaction, so a list is of one moment. Called by adapter.c and verbs.c. */
#include "adapters/core/duty_view.h"

#include <jansson.h>
#include <stdlib.h>

#include "adapters/core/duty_file.h"
#include "adapters/core/view_json.h"
#include "adapters/core/views.h"
#include "proto/base/clock.h"

static const char *
role_of(const struct adapter *a, const struct duty *d)
{
	const char *us = a->p.config->agency;

	return strcmp(d->from, us) == 0 ? "sender" : strcmp(d->to, us) == 0 ? "recipient" : "coordinator";
}

static const char *
stage_word(enum stage stage)
{
	const char *name = envelope_stage_name(stage);

	return name ? name : "queued";	/* or asked for anew: it has not come far */
}

/* How far the message has come: as we know it, or as the hub said. */
static const char *
stage_of(struct adapter *a, struct txn *txn, const struct duty *d, const struct duty_file *f)
{
	enum stage stage = STAGE_STORED;
	struct outbound o;

	if (strcmp(d->from, a->p.config->agency) == 0 && f->parts != 0)
		return stage_word(f->stage);
	if (strcmp(d->from, a->p.config->agency) == 0 && outbox_find(txn, &d->about, &o))
		return stage_word(o.stage);
	if (d->is_ours)		/* it came here */
		return stage_word(d->is_registered ? STAGE_REGISTERED : STAGE_DELIVERED);
	for (enum stage s = STAGE_DELIVERED; s <= STAGE_REFUSED; s++)
		if (d->stages & (1u << s))
			stage = s;
	return stage_word(stage);
}

/* The gravest that was said and holds; else what will be said next. */
static int
fact_of(const struct duty *d)
{
	int fact = duty_fact(d);

	if (fact != 0)
		return fact;
	if (!d->is_registered && d->registered_by_ms != 0)
		return NOTICE_LATE_REGISTERED;
	if (!d->is_answered && d->respond_by_ms != 0)
		return NOTICE_LATE_RESPONSE;
	if (d->promised_ms != 0 && !d->is_kept)
		return DUTY_OVERDUE;
	if (d->upkeep != 0 && !d->is_kept_up)
		return d->upkeep;
	return !d->is_registered && d->silent_ms != 0 ? DUTY_SILENT : NOTICE_LATE_RESPONSE;
}

/* The clock that runs, or the one that the gravest fact is about. */
static int64_t
due_of(const struct duty *d)
{
	int fact = duty_fact(d);

	if (fact != 0)
		return d->said[fact].due_ms;
	fact = fact_of(d);
	return fact == NOTICE_LATE_REGISTERED ? d->registered_by_ms : fact == DUTY_OVERDUE ? d->promised_ms :
	    fact == d->upkeep ? d->upkeep_ms : fact == DUTY_SILENT ? d->silent_ms : d->respond_by_ms;
}

static bool
is_late(const struct duty *d, int64_t now_ms)
{
	int fact = duty_fact(d);

	if (fact == NOTICE_LATE_REGISTERED || fact == NOTICE_LATE_RESPONSE || fact == NOTICE_EXPIRED || fact == DUTY_SILENT ||
	    fact == DUTY_OVERDUE || fact == DUTY_ESCALATED || fact == DUTY_UNREVIEWED || fact == DUTY_UNASSESSED)
		return true;
	return (!d->is_registered && d->registered_by_ms != 0 && d->registered_by_ms <= now_ms) ||
	       (!d->is_answered && d->respond_by_ms != 0 && d->respond_by_ms <= now_ms) ||
	       (!d->is_kept && d->promised_ms != 0 && d->promised_ms <= now_ms) ||
	       (!d->is_kept_up && (d->upkeep == DUTY_UNREVIEWED || d->upkeep == DUTY_UNASSESSED) && d->upkeep_ms <= now_ms);
}

/* The file that the row stands for. */
static void
put_file(json_t *to, const struct duty_file *f)
{
	if (f->parts == 0)
		return;
	json_object_set_new(to, "parts", json_integer(f->parts));
	json_object_set_new(to, "parts_left", json_integer(f->left));
}

/* A deadline stands there only while what it is for is owed. */
static void
put_owed(json_t *to, const char *name, int64_t ms, bool is_done)
{
	if (!is_done)
		view_json_time(to, name, ms);
}

static json_t *
said_of(const struct duty *d)
{
	json_t *list = json_array();

	for (int fact = 1; fact < DUTY_FACTS; fact++) {
		json_t *one;

		if (d->said[fact].at_ms == 0)
			continue;
		one = json_pack("{s:s}", "fact", duty_fact_name(fact));
		view_json_time(one, "due", d->said[fact].due_ms);
		view_json_time(one, "at", d->said[fact].at_ms);
		json_object_set_new(one, "by", json_string(d->said[fact].is_hubs ? "hub" : "adapter"));
		json_array_append_new(list, one);
	}
	return list;
}

static json_t *
item_of(struct adapter *a, struct txn *txn, const struct duty *d, const struct duty_file *f, int64_t now_ms)
{
	char id[MSGID_TEXT_LEN], thread[2 * THREAD_LEN + 1];
	struct thread t;
	json_t *item;

	msgid_format(&d->about, id);
	bytes_hex(d->thread.b, THREAD_LEN, thread);
	item = json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:s, s:b, s:s}", "no", (json_int_t)d->no, "msg_id", id, "thread", thread, "from",
			 d->from, "to", d->to, "role", role_of(a, d), "priority", envelope_priority_name(d->priority), "late",
			 is_late(d, now_ms), "fact", duty_fact_name(fact_of(d)));
	view_json_time(item, "due", due_of(d));
	put_file(item, f);
	json_object_set_new(item, "stage", json_string(stage_of(a, txn, d, f)));
	if (d->is_ours && casebook_find(txn, &d->thread, &t))
		json_object_set_new(item, "referral_id", json_string(t.referral_id));
	view_json_time(item, "created", d->created_ms);
	put_owed(item, "registered_by", d->registered_by_ms, d->is_registered);
	put_owed(item, "respond_by", d->respond_by_ms, d->is_answered);
	if (d->respond_by_ms != 0 && !d->is_answered && d->ask != ASK_NONE)
		json_object_set_new(item, "asks", json_string(closing_ask_name(d->ask)));
	/* of the answer where one is asked for, as the hub judges it */
	put_owed(item, "expires", d->expires_ms, d->respond_by_ms ? d->is_answered : d->is_registered);
	put_owed(item, "promised", d->promised_ms, d->is_kept);
	put_owed(item, d->upkeep == DUTY_UNREVIEWED ? "review_by" : d->upkeep == DUTY_UNASSESSED ? "assess_by" : "acknowledge_by",
		 d->upkeep_ms, d->is_kept_up);
	json_object_set_new(item, "said", said_of(d));
	return item;
}

/* The next one that is asked for, a file's parts as one; false at the end, or when enough were looked at: then *ret_more. */
static bool
step(struct txn *txn, const struct duty_query *q, int64_t now_ms, struct duty *d, struct duty_file *f, unsigned *looked, bool *ret_more)
{
	while (duty_next(txn, d->no, d)) {
		if (++*looked > DUTY_VIEW_LOOK_MAX) {
			*ret_more = true;
			return false;
		}
		if (d->settled_ms == 0 && duty_owes(d) && duty_file_join(txn, d, f) && (!q->is_late || is_late(d, now_ms)))
			return true;
	}
	return false;
}

json_t *
duty_view_list(struct adapter *a, const struct duty_query *q)
{
	json_t *list = json_array(), *all;
	struct txn *txn = store_read(a->p.store);
	struct duty d = { .no = q->after };
	struct duty_file f;
	int64_t now = core_now(a);
	uint64_t last = q->after;
	unsigned looked = 0;
	bool is_more = false;

	while (json_array_size(list) < q->limit && step(txn, q, now, &d, &f, &looked, &is_more)) {
		json_array_append_new(list, item_of(a, txn, &d, &f, now));
		last = d.no;
	}
	if (is_more)
		last = d.no - 1;
	else if (json_array_size(list) == q->limit)
		is_more = step(txn, q, now, &d, &f, &looked, &is_more) || is_more;
	txn_abort(txn);
	all = json_pack("{s:o}", "deadlines", list);
	if (is_more)
		json_object_set_new(all, "next", json_integer((json_int_t)last));
	return all;
}

static bool
is_of(const struct duty *d, const char *agency)
{
	return agency == NULL || strcmp(d->from, agency) == 0 || strcmp(d->to, agency) == 0;
}

/* What is to be done for it, in a word: by `to`; the review by `from`. NULL: nobody has told us, who are no party to it. */
static const char *
asked_of(const struct duty *d)
{
	int fact = fact_of(d);

	if (d->respond_by_ms != 0 && !d->is_answered && d->ask != ASK_NONE)
		return closing_ask_name(d->ask);
	if (d->promised_ms != 0 && !d->is_kept)
		return "commitment";
	if (d->upkeep != 0 && !d->is_kept_up)
		return d->upkeep == DUTY_UNREVIEWED ? "review" : d->upkeep == DUTY_UNASSESSED ? "assessment" : "acknowledgement";
	if (!d->is_ours && (fact == NOTICE_EXPIRING || fact == NOTICE_EXPIRED))
		return NULL;
	return d->is_registered || fact == NOTICE_LATE_RESPONSE ? "answer" : "registration";
}

/* One line of nasokactl's table. */
static json_t *
row_of(struct adapter *a, struct txn *txn, const struct duty *d, const struct duty_file *f, int64_t now_ms)
{
	int64_t since = d->created_ms < now_ms ? d->created_ms : now_ms;
	char due[CLOCK_TEXT_LEN], id[MSGID_TEXT_LEN];
	json_t *row;

	clock_format(due_of(d), due);
	msgid_format(&d->about, id);
	row = json_pack("{s:s, s:b, s:s, s:s?, s:s, s:s, s:s, s:I, s:s, s:s}", "due", due, "late", is_late(d, now_ms), "fact",
			duty_fact_name(fact_of(d)), "asks", asked_of(d), "priority", envelope_priority_name(d->priority), "from", d->from,
			"to", d->to, "age_ms", (json_int_t)(now_ms - since), "stage", stage_of(a, txn, d, f), "id", id);
	put_file(row, f);
	return row;
}

/* Of those that are late, or of the others, as many as there is room for. */
static bool
add_rows(struct adapter *a, struct txn *txn, const char *agency, bool is_late_wanted, json_t *rows)
{
	const struct duty_query q = { .is_late = is_late_wanted };
	struct duty d = { .no = 0 };
	struct duty_file f;
	int64_t now = core_now(a);
	unsigned looked = 0;
	bool is_more = false;

	while (!is_more && step(txn, &q, now, &d, &f, &looked, &is_more)) {
		if (!is_of(&d, agency) || is_late(&d, now) != is_late_wanted)
			continue;
		if (json_array_size(rows) == DUTY_VIEW_MAX)
			is_more = true;
		else
			json_array_append_new(rows, row_of(a, txn, &d, &f, now));
	}
	return !is_more;
}

json_t *
duty_view_rows(struct adapter *a, const char *agency, bool is_late_only)
{
	struct txn *txn = store_read(a->p.store);
	json_t *rows = json_array();
	bool is_all = add_rows(a, txn, agency, true, rows);
	size_t n_late = json_array_size(rows);

	if (!is_late_only)
		is_all = add_rows(a, txn, agency, false, rows) && is_all;
	txn_abort(txn);
	return json_pack("{s:b, s:I, s:b, s:o}", "ok", 1, "late", (json_int_t)n_late, "all", is_all, "deadlines", rows);
}

void
duty_view_count(struct adapter *a, struct txn *txn, uint64_t *ret_open, uint64_t *ret_late)
{
	const struct duty_query all = { .after = 0 };
	struct duty d = { .no = 0 };
	struct duty_file f;
	unsigned looked = 0;
	bool is_more = false;

	*ret_open = *ret_late = 0;
	while (step(txn, &all, 0, &d, &f, &looked, &is_more)) {
		++*ret_open;
		*ret_late += is_late(&d, core_now(a));
	}
}

/* -- HTTP -- */

static enum err
whole_number(const char *text, const char *name, uint64_t *ret_n, struct why *why)
{
	char *end = NULL;

	if (text == NULL)
		return OK;
	*ret_n = strtoull(text, &end, 10);
	return end == text || *end != '\0' || *text == '-' ? why_set(why, ERR_BAD_NUMBER, name, "a whole number") : OK;
}

static enum err
query_of(const struct native *request, struct arena *mem, struct duty_query *q, struct why *why)
{
	const char *late = views_query(request->path, "late", mem);
	enum err e;

	*q = (struct duty_query){ .limit = DUTY_VIEW_MAX };
	if (late && strcmp(late, "true") != 0 && strcmp(late, "false") != 0)
		return why_set(why, ERR_UNKNOWN_CODE, "late", "true or false");
	q->is_late = late && strcmp(late, "true") == 0;
	if ((e = whole_number(views_query(request->path, "after", mem), "after", &q->after, why)) != OK ||
	    (e = whole_number(views_query(request->path, "limit", mem), "limit", &q->limit, why)) != OK)
		return e;
	if (q->limit < 1 || q->limit > DUTY_VIEW_MAX)
		return why_set(why, ERR_BAD_NUMBER, "limit", "from 1 to %d", DUTY_VIEW_MAX);
	return OK;
}

enum err
duty_view_answer(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer, struct why *why)
{
	struct duty_query q;
	enum err e = query_of(request, mem, &q, why);

	return e == OK ? view_json_answer(duty_view_list(a, &q), 200, mem, ret_answer) : e;
}
