/* SPDX-License-Identifier: EUPL-1.2 */
/* balance - the whole log through the ledger, then a row for each message of the agency and recipient.
 *
 * A sender sees every recipient of its messages, a recipient itself: as in the statement that the hub signs for them.
 */
#include "hub/audit/balance.h"

#include <jansson.h>
#include <string.h>

#include "hub/audit/ledger.h"
#include "hub/audit/opening.h"
#include "hub/audit/verify.h"
#include "hub/audit/wording.h"
#include "hub/ctl/view.h"
#include "proto/base/clock.h"

#define ENTRY_ARENA ((size_t)8 << 20)

const struct command_option balance_options[] = {
	{ "config", "FILE", false, { "a hub's own log, by its configuration", "дневникът на концентратор, по настройките му" } },
	{ "trust", "FILE", false, { "verify the whole log first, by these registrars", "първо провери целия дневник, по тези регистратори" } },
	{ "open", NULL, false, { "only what has not ended", "само незавършеното" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ .name = NULL },
};

struct balance {
	const struct call *call;
	const char *agency;
	json_t *rows;
	size_t n_open;
};

static enum err
take_entry(struct ledger *l, const struct source_entry *entry, struct arena *mem)
{
	struct ledger_event event;
	struct detail d;
	struct leaf leaf;
	struct why why;
	enum err e;

	if ((e = leaf_decode(SPAN(entry->leaf, LEAF_LEN), &leaf)) != OK)
		return e;
	if (!entry->has_detail)
		return ledger_skip(l, leaf.seq);
	if ((e = detail_decode(entry->detail, mem, &d)) != OK)
		return e;
	e = ledger_take(l, &leaf, &d, &event, &why);
	return e == ERR_TAMPERED ? OK : e;	/* what breaks a rule is verify's to tell */
}

static enum err
read_log(struct source *s, struct ledger *l, struct why *why)
{
	struct arena *mem = arena_new(ENTRY_ARENA);
	struct source_entry entry;
	struct place where;
	enum err e = mem ? OK : ERR_NOMEM;

	for (uint64_t i = 0; i < s->size && e == OK; i++) {
		arena_reset(mem);
		if ((e = s->ops->entry(s, i, mem, &entry, &where)) == OK)
			e = take_entry(l, &entry, mem);
		if (e != OK)
			(void)why_set(why, e, where.name, "leaf %llu cannot be read: run verify", (unsigned long long)i);
	}
	arena_free(mem);
	return e;
}

/* Programs get the names of the stages, people their words. */
static json_t *
stages_of(const struct balance *b, const struct ledger_party *p, int64_t *last_ms)
{
	static const enum leaf_type types[] = { LEAF_DELIVERED, LEAF_REGISTERED, LEAF_SEEN, LEAF_REFUSED, LEAF_WITHDRAWN, LEAF_RESEAL };
	enum lang lang = command_value(b->call, "json") ? LANG_EN : b->call->lang;
	json_t *list = json_array();

	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++) {
		enum stage stage = ledger_stage(types[i]);

		if ((p->stages & 1u << stage) == 0)
			continue;
		json_array_append_new(list, json_string(wording_event(types[i], lang)));
		if (p->at_ms[stage] > *last_ms)
			*last_ms = p->at_ms[stage];
	}
	if (p->stages & LEDGER_ENDED)
		json_array_append_new(list, json_string(wording_event(LEAF_SUPERSEDED, lang)));
	return list;
}

static void
add_row(struct balance *b, const struct ledger_message *m, const struct ledger_party *p)
{
	bool is_open = (p->stages & LEDGER_ENDS) == 0;
	char id[MSGID_TEXT_LEN], thread[2 * THREAD_LEN + 1], stored[CLOCK_TEXT_LEN], last[CLOCK_TEXT_LEN];
	int64_t last_ms = m->at_ms;
	json_t *stages = stages_of(b, p, &last_ms);

	b->n_open += is_open;
	if (!is_open && command_value(b->call, "open")) {
		json_decref(stages);
		return;
	}
	msgid_format(&m->id, id);
	bytes_hex(m->thread.b, THREAD_LEN, thread);
	clock_format(m->at_ms, stored);
	clock_format(last_ms, last);
	(void)json_array_append_new(b->rows, json_pack("{s:I, s:s, s:s, s:s, s:s, s:s, s:I, s:o, s:s, s:b}", "leaf", (json_int_t)m->leaf,
		"stored", stored, "id", id, "from", m->from, "to", p->agency, "thread", thread, "seq", (json_int_t)m->seq, "stages",
		stages, "last", last, "open", is_open));
}

static void
add_message(struct balance *b, const struct ledger_message *m)
{
	bool is_sender = strcmp(m->from, b->agency) == 0;

	for (size_t i = 0; i < m->n_to; i++)
		if (is_sender || strcmp(m->to[i].agency, b->agency) == 0)
			add_row(b, m, &m->to[i]);
}

static int
show_all(struct balance *b, struct source *s, struct ledger *l)
{
	const struct ledger_message *m;

	for (size_t i = 0; (m = ledger_message(l, i)) != NULL; i++)
		add_message(b, m);
	return view_show(b->call, json_pack("{s:s, s:I, s:I, s:o}", "agency", b->agency, "log_size", (json_int_t)s->size, "open",
					    (json_int_t)b->n_open, "messages", json_incref(b->rows)));
}

int
balance_statement(const struct call *call)
{
	struct balance b = { .call = call, .agency = call->second, .rows = json_array() };
	struct ledger *l = ledger_new();
	struct why why = { .where = "" };
	struct source *s = NULL;
	int exit = EXIT_OK;
	enum err e;

	if (!agency_is_id(b.agency))
		e = why_set(&why, ERR_UNSUPPORTED, call->second, "not an agency id");
	else if (l == NULL || b.rows == NULL)
		e = ERR_NOMEM;
	else
		e = opening_source(call, &s, &why);
	if (e == OK && (exit = verify_first(call, s)) == EXIT_OK && (e = read_log(s, l, &why)) == OK)
		exit = show_all(&b, s, l);
	json_decref(b.rows);
	ledger_free(l);
	opening_close(s);
	return e != OK ? opening_fail(call, e, &why) : exit;
}
