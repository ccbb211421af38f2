/* SPDX-License-Identifier: EUPL-1.2 */
/* listing - one table of columns makes all three forms. JSON and CSV go out row by row; the terminal's table at the end. */
#include "hub/audit/listing.h"

#include <jansson.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "hub/audit/wording.h"
#include "proto/base/clock.h"

#define TEXT_MAX 1536

enum kind { TEXT, NUMBER, TRUTH };

struct column {
	const char *name;		/* in JSON and CSV */
	const char *title[2];		/* in the table; NULL: not in it */
	enum kind kind;
	bool of_capsule;
	void (*get)(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX]);
};

struct listing {
	enum listing_form form;
	enum lang lang;
	bool has_capsules;
	FILE *to;
	size_t n;
	struct libscols_table *table;
};

static void
put(char to[TEXT_MAX], const char *text)
{
	(void)snprintf(to, TEXT_MAX, "%s", text ? text : "");
}

static void
get_leaf(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	(void)snprintf(to, TEXT_MAX, "%llu", (unsigned long long)row->leaf.seq);
}

static int64_t
time_of(const struct history_row *row)
{
	return row->is_erased ? (int64_t)row->leaf.seconds * CLOCK_SECOND : row->detail.at_ms;
}

/* People read Bulgaria's time, programs UTC. */
static void
get_time(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	char text[CLOCK_TEXT_LEN];

	(void)lang;
	if (for_people) {
		struct civil c = clock_to_sofia(time_of(row), NULL);

		(void)snprintf(to, TEXT_MAX, "%04d-%02d-%02d %02d:%02d:%02d.%03d", c.year, c.month, c.day, c.hour, c.minute,
			       c.second, c.ms);
		return;
	}
	clock_format(time_of(row), text);
	put(to, text);
}

static void
get_time_ms(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	(void)snprintf(to, TEXT_MAX, "%lld", (long long)time_of(row));
}

static void
get_id(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	const struct msgid *id = row->message ? &row->message->id : &row->detail.id;

	(void)lang;
	(void)for_people;
	wording_id(id, to);
}

static void
get_caused_by(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	wording_id(&row->detail.id, to);
}

static void
get_thread(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	const struct thread_id *thread = row->message ? &row->message->thread : &row->detail.thread;

	(void)lang;
	wording_hex(thread->b, THREAD_LEN, to);
	if (for_people)
		to[8] = '\0';	/* enough to tell threads apart; --thread takes as much */
}

static void
get_seq(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	uint64_t seq = row->message ? row->message->seq : 0;

	(void)lang;
	(void)for_people;
	to[0] = '\0';
	if (seq)
		(void)snprintf(to, TEXT_MAX, "%llu", (unsigned long long)seq);
}

static void
get_from(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, row->detail.from);
}

static void
get_to(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	size_t n = 0;

	(void)lang;
	to[0] = '\0';
	for (size_t i = 0; i < row->detail.n_to && n < TEXT_MAX; i++)
		n += (size_t)snprintf(to + n, TEXT_MAX - n, "%s%s", i == 0 ? "" : for_people ? ", " : " ", row->detail.to[i]);
}

static void
get_event(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	const char *fact = row->leaf.type == LEAF_NOTICE ? wording_fact(row->detail.text, lang) : NULL;

	put(to, for_people ? wording_event(row->leaf.type, lang) : leaf_type_name(row->leaf.type));
	if (for_people && fact)
		(void)snprintf(to + strlen(to), TEXT_MAX - strlen(to), ": %s", fact);
	if (for_people && row->is_odd)
		strcat(to, " (!)");
}

static void
get_stage(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, wording_stage(row->leaf.type));
}

/* What a notice says, by its name. */
static void
get_fact(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, row->leaf.type == LEAF_NOTICE && wording_fact(row->detail.text, LANG_EN) ? row->detail.text : NULL);
}

static void
get_latency(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	to[0] = '\0';
	if (for_people)
		wording_latency(row->latency_ms, lang, to);
	else if (row->latency_ms >= 0)
		(void)snprintf(to, TEXT_MAX, "%lld", (long long)row->latency_ms);
}

static void
get_code(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, row->detail.code != OK ? err_code(row->detail.code) : NULL);
}

static void
get_odd(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, row->is_odd ? "true" : "false");
}

static void
get_erased(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	(void)for_people;
	put(to, row->is_erased ? "true" : "false");
}

#define GET_CAPSULE(field) \
	static void get_##field(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX]) \
	{ \
		(void)lang; \
		(void)for_people; \
		put(to, row->told ? row->told->capsule.field : NULL); \
	}
GET_CAPSULE(kind)
GET_CAPSULE(transition)
GET_CAPSULE(state_from)
GET_CAPSULE(state_to)
GET_CAPSULE(reason_code)
GET_CAPSULE(service_kind)
GET_CAPSULE(legal_basis)
GET_CAPSULE(outcome)
GET_CAPSULE(municipality)
#undef GET_CAPSULE

static void
get_case(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	(void)lang;
	to[0] = '\0';
	if (row->told)
		wording_hex(row->told->capsule.case_id, sizeof(row->told->capsule.case_id), to);
	if (for_people)
		to[8] = '\0';
}

static void
get_share(const struct history_row *row, enum lang lang, bool for_people, char to[TEXT_MAX])
{
	static const char *const names[] = { "", "ok", "false", "unreadable" };
	enum history_share share = row->told ? row->told->share : SHARE_UNKNOWN;

	put(to, for_people ? wording_share(share, lang) : names[share]);
}

static const struct column columns[] = {
	{ "leaf", { "LEAF", "ЗАПИС" }, NUMBER, false, get_leaf },
	{ "time", { "TIME", "ЧАС" }, TEXT, false, get_time },
	{ "time_ms", { NULL, NULL }, NUMBER, false, get_time_ms },
	{ "id", { "MESSAGE", "СЪОБЩЕНИЕ" }, TEXT, false, get_id },
	{ "envelope", { NULL, NULL }, TEXT, false, get_caused_by },
	{ "thread", { "THREAD", "НИШКА" }, TEXT, false, get_thread },
	{ "seq", { NULL, NULL }, NUMBER, false, get_seq },
	{ "from", { "FROM", "ОТ" }, TEXT, false, get_from },
	{ "to", { "TO", "ДО" }, TEXT, false, get_to },
	{ "event", { "EVENT", "СЪБИТИЕ" }, TEXT, false, get_event },
	{ "stage", { NULL, NULL }, TEXT, false, get_stage },
	{ "fact", { NULL, NULL }, TEXT, false, get_fact },
	{ "latency_ms", { "AFTER", "СЛЕД" }, NUMBER, false, get_latency },
	{ "code", { NULL, NULL }, TEXT, false, get_code },
	{ "kind", { "KIND", "ВИД" }, TEXT, true, get_kind },
	{ "transition", { NULL, NULL }, TEXT, true, get_transition },
	{ "state_from", { "STATE FROM", "СЪСТОЯНИЕ ОТ" }, TEXT, true, get_state_from },
	{ "state_to", { "TO", "ДО" }, TEXT, true, get_state_to },
	{ "reason", { "REASON", "ПРИЧИНА" }, TEXT, true, get_reason_code },
	{ "service", { "SERVICE", "УСЛУГА" }, TEXT, true, get_service_kind },
	{ "legal_basis", { NULL, NULL }, TEXT, true, get_legal_basis },
	{ "outcome", { "OUTCOME", "РЕЗУЛТАТ" }, TEXT, true, get_outcome },
	{ "municipality", { "MUNICIPALITY", "ОБЩИНА" }, TEXT, true, get_municipality },
	{ "case", { "CASE", "СЛУЧАЙ" }, TEXT, true, get_case },
	{ "share", { "SHARE", "ДЯЛ" }, TEXT, true, get_share },
	{ "erased", { NULL, NULL }, TRUTH, false, get_erased },
	{ "breaks_a_rule", { NULL, NULL }, TRUTH, false, get_odd },
};
#define N_COLUMNS (sizeof(columns) / sizeof(columns[0]))

static bool
is_shown(const struct listing *l, const struct column *c)
{
	return (l->form != LISTING_TABLE || c->title[l->lang]) && (l->has_capsules || !c->of_capsule);
}

/* -- forms -- */

/* Only texts of the log and codes go into a cell, but a cell never begins a formula. */
static void
csv_cell(FILE *to, const char *text, bool first)
{
	if (!first)
		fputc(',', to);
	if (strpbrk(text, "\",\r\n") == NULL && strchr("=+-@", text[0]) == NULL) {
		fputs(text, to);
		return;
	}
	fputs(text[0] != '\0' ? "\"" : "", to);
	if (text[0] != '\0' && strchr("=+-@", text[0]) != NULL)
		fputc('\'', to);
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			fputc('"', to);
		fputc(*p, to);
	}
	fputs(text[0] != '\0' ? "\"" : "", to);
}

static void
csv_line(const struct listing *l, const struct history_row *row)
{
	char text[TEXT_MAX];
	bool first = true;

	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (!is_shown(l, &columns[i]))
			continue;
		if (row)
			columns[i].get(row, l->lang, false, text);
		csv_cell(l->to, row ? text : columns[i].name, first);
		first = false;
	}
	fputs("\r\n", l->to);
}

static json_t *
to_list(const struct detail *d)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n_to; i++)
		json_array_append_new(list, json_string(d->to[i]));
	return list;
}

struct json_t *
listing_json(const struct history_row *row)
{
	json_t *o = json_object();
	char text[TEXT_MAX];

	for (size_t i = 0; i < N_COLUMNS; i++) {
		const struct column *c = &columns[i];

		if (c->of_capsule && row->told == NULL)
			continue;
		c->get(row, LANG_EN, false, text);
		if (strcmp(c->name, "to") == 0)
			json_object_set_new(o, c->name, to_list(&row->detail));
		else if (c->kind == TRUTH)
			json_object_set_new(o, c->name, json_boolean(strcmp(text, "true") == 0));
		else if (text[0] == '\0')
			json_object_set_new(o, c->name, json_null());
		else if (c->kind == NUMBER)
			json_object_set_new(o, c->name, json_integer(strtoll(text, NULL, 10)));
		else
			json_object_set_new(o, c->name, json_string(text));
	}
	return o;
}

static enum err
json_line(struct listing *l, const struct history_row *row)
{
	json_t *o = listing_json(row);

	if (o == NULL)
		return ERR_NOMEM;
	fputs(l->n == 0 ? "{\"events\": [\n" : ",\n", l->to);
	json_dumpf(o, l->to, JSON_COMPACT);
	json_decref(o);
	return OK;
}

static enum err
table_line(struct listing *l, const struct history_row *row)
{
	struct libscols_line *line = scols_table_new_line(l->table, NULL);
	char text[TEXT_MAX];
	size_t at = 0;

	if (line == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < N_COLUMNS; i++) {
		if (!is_shown(l, &columns[i]))
			continue;
		columns[i].get(row, l->lang, true, text);
		if (scols_line_set_data(line, at++, text) != 0)
			return ERR_NOMEM;
	}
	return OK;
}

enum err
listing_row(void *listing, const struct history_row *row)
{
	struct listing *l = listing;
	enum err e = OK;

	switch (l->form) {
	case LISTING_TABLE:
		e = table_line(l, row);
		break;
	case LISTING_JSON:
		e = json_line(l, row);
		break;
	case LISTING_CSV:
		csv_line(l, row);
		break;
	}
	l->n++;
	return e;
}

static bool
make_table(struct listing *l)
{
	scols_init_debug(0);
	if ((l->table = scols_new_table()) == NULL)
		return false;
	scols_table_set_stream(l->table, l->to);
	scols_table_enable_maxout(l->table, 0);
	for (size_t i = 0; i < N_COLUMNS; i++) {
		bool is_right = columns[i].kind == NUMBER;

		if (is_shown(l, &columns[i]) &&
		    scols_table_new_column(l->table, columns[i].title[l->lang], 0, is_right ? SCOLS_FL_RIGHT : 0) == NULL)
			return false;
	}
	return true;
}

struct listing *
listing_new(enum listing_form form, enum lang lang, bool has_capsules, FILE *to)
{
	struct listing *l = calloc(1, sizeof(*l));

	if (l == NULL)
		return NULL;
	*l = (struct listing){ .form = form, .lang = lang, .has_capsules = has_capsules, .to = to };
	if (form == LISTING_TABLE && !make_table(l)) {
		scols_unref_table(l->table);
		free(l);
		return NULL;
	}
	if (form == LISTING_CSV)
		csv_line(l, NULL);
	return l;
}

enum err
listing_end(struct listing *l, size_t *ret_n)
{
	enum err e = OK;

	*ret_n = l->n;
	if (l->form == LISTING_JSON)
		fputs(l->n == 0 ? "{\"events\": []}\n" : "\n]}\n", l->to);
	if (l->table && l->n > 0 && scols_print_table(l->table) != 0)
		e = ERR_SYSTEM;
	if (fflush(l->to) != 0 || ferror(l->to))
		e = ERR_SYSTEM;
	scols_unref_table(l->table);
	free(l);
	return e;
}
