/* SPDX-License-Identifier: EUPL-1.2 */
/* rulebook - tables for the binder, and the order that the directory wants. */
#include "hub/ctl/rulebook.h"

#include <stdlib.h>
#include <string.h>

#include "config/tables.h"
#include "proto/base/clock.h"
#include "proto/programme.h"

static bool
is_service(const char *text)
{
	return strcmp(text, "other") == 0 || programme_service(text) != NULL;
}

static bool
is_service_or_any(const char *text)
{
	return strcmp(text, RULES_ANY) == 0 || is_service(text);
}

static bool
is_agency_kind_or_any(const char *text)
{
	return strcmp(text, RULES_ANY) == 0 || programme_is_agency_kind(text);
}

const struct form rulebook_form_service = { is_service, PROBLEM_SERVICE_KIND };
static const struct form form_service_or_any = { is_service_or_any, PROBLEM_SERVICE_KIND };
static const struct form form_agency_kind = { is_agency_kind_or_any, PROBLEM_AGENCY_KIND };
static const struct bind_name priorities[] = { { "any", 0 }, { "routine", 1 }, { "urgent", 2 }, { "emergency", 3 }, { NULL, 0 } };

/* clang-format off */
const struct bind_row rulebook_send_rows[] = {
	{ "from", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct rulebook_send, from), .form = &form_agency_kind,
	  .help = "the kind of agency that refers", .hint = "like school, or '*'" },
	{ "service", BIND_TEXTS, 0, 0, FIELD(struct rulebook_send, service), offsetof(struct rulebook_send, n_service), .max = RULES_KINDS_MAX,
	  .form = &form_service_or_any, .help = "for which services; for all if not given" },
	{ "to", BIND_TEXTS, BIND_REQUIRED, 0, FIELD(struct rulebook_send, to), offsetof(struct rulebook_send, n_to), .min = 1,
	  .max = RULES_TO_MAX, .form = &form_agency_kind, .help = "the kinds of agency that they go to", .hint = "like [ozd, cop], or ['*']" },
	{ .path = NULL },
};
#define TERM(key, member, sentence) \
	{ key, BIND_TERM, 0, 0, FIELD(struct rulebook_deadline, member), .min = CLOCK_MINUTE, .max = 400 * CLOCK_DAY, .help = sentence }
const struct bind_row rulebook_deadline_rows[] = {
	{ "priority", BIND_ENUM, 0, 0, FIELD(struct rulebook_deadline, priority), .def = "any", .names = priorities, .help = "the referral's priority" },
	{ "service_kind", BIND_TEXT, 0, 0, FIELD(struct rulebook_deadline, service_kind), .form = &rulebook_form_service,
	  .help = "the service asked for" },
	{ "municipality", BIND_TEXT, 0, 0, FIELD(struct rulebook_deadline, municipality), .form = &form_municipality,
	  .help = "the child's municipality" },
	TERM("registered_by", registered_by, "how soon the recipient's system must have it"),
	TERM("respond_by", respond_by, "how soon the recipient must answer"),
	TERM("expires", expires, "when both sides are told that it is too late"),
	{ .path = NULL },
};
static const struct bind_row file_rows[] = {
	RULEBOOK_ROWS("", 0),
	{ .path = NULL },
};
/* clang-format on */

static int
compare_texts(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

static int
compare_sends(const void *a, const void *b)
{
	const struct rule_send *x = a, *y = b;
	int cmp = strcmp(x->from, y->from);

	return cmp != 0 ? cmp : strcmp(x->service, y->service);
}

static const char **
sorted(const char *const *texts, size_t n, struct arena *mem)
{
	const char **to = arena_array(mem, n + 1, sizeof(*to));

	for (size_t i = 0; to && i < n; i++)
		to[i] = texts[i];
	if (to)
		qsort(to, n, sizeof(*to), compare_texts);
	return to;
}

static enum err
put_sends(const struct rulebook *book, struct arena *mem, struct rules *r)
{
	size_t n = 0;

	for (size_t i = 0; i < book->n_sends; i++)
		n += book->sends[i].n_service > 0 ? book->sends[i].n_service : 1;
	if ((r->sends = arena_array(mem, n + 1, sizeof(*r->sends))) == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < book->n_sends; i++) {
		const struct rulebook_send *from = &book->sends[i];
		size_t services = from->n_service > 0 ? from->n_service : 1;

		for (size_t k = 0; k < services; k++) {
			struct rule_send *to = &r->sends[r->n_sends++];

			*to = (struct rule_send){ from->from, from->n_service > 0 ? from->service[k] : RULES_ANY, NULL, from->n_to };
			if ((to->to = sorted(from->to, from->n_to, mem)) == NULL)
				return ERR_TOOBIG;
		}
	}
	qsort(r->sends, r->n_sends, sizeof(*r->sends), compare_sends);
	return OK;
}

static struct rule_term
term_of(const struct setting_term *t)
{
	return (struct rule_term){ t->ms, (uint32_t)t->working_days };
}

enum err
rulebook_put(const struct rulebook *book, struct arena *mem, struct rules *ret_rules)
{
	struct rules r = { .n_kinds = book->n_kinds, .n_deadlines = book->n_deadlines };
	enum err e;

	if ((r.kinds = sorted(book->kinds, book->n_kinds, mem)) == NULL ||
	    (r.deadlines = arena_array(mem, book->n_deadlines + 1, sizeof(*r.deadlines))) == NULL)
		return ERR_TOOBIG;
	for (size_t i = 0; i < book->n_deadlines; i++) {
		const struct rulebook_deadline *d = &book->deadlines[i];

		r.deadlines[i] = (struct rule_deadline){ d->priority, d->service_kind, d->municipality, term_of(&d->registered_by),
							 term_of(&d->respond_by), term_of(&d->expires) };
	}
	if ((e = put_sends(book, mem, &r)) != OK)
		return e;
	*ret_rules = r;
	return OK;
}

enum err
rulebook_load(const char *file, enum lang lang, FILE *err, struct arena *mem, struct rules *ret_rules)
{
	struct problems *problems = problems_new(file);
	struct rulebook *book = arena_alloc(mem, sizeof(*book));
	struct binder b = { .rows = file_rows, .into = book, .mem = mem, .problems = problems, .dir = "/" };
	struct node *root = NULL;
	enum err e = ERR_NOMEM;

	if (problems == NULL || book == NULL)
		goto out;
	if ((e = document_load(file, mem, &root, problems)) == OK && root != NULL) {
		b.root = root;
		e = binder_run(&b);
	}
	if (e == OK)
		e = problems_errors(problems) > 0 ? ERR_CONFIG : rulebook_put(book, mem, ret_rules);
out:
	if (problems != NULL)
		problems_print(problems, lang, err);
	problems_free(problems);
	return e;
}
