/* SPDX-License-Identifier: EUPL-1.2 */
/* rules - the codec beside directory.c, and the questions that adapters ask. What they must be like stands in rules_check.c. */
#include "proto/rules.h"

#include <string.h>

#include "proto/pack.h"
#include "proto/schema/directory.pb-c.h"

bool
rules_is_empty(const struct rules *r)
{
	return r->n_kinds == 0 && r->n_sends == 0 && r->n_deadlines == 0;
}

/* -- questions -- */

static bool
is_any_or(const char *wanted, const char *value)
{
	return strcmp(wanted, RULES_ANY) == 0 || (value && strcmp(wanted, value) == 0);
}

bool
rules_has_service(const struct rules *r, const char *service_kind)
{
	for (size_t i = 0; i < r->n_kinds; i++)
		if (service_kind && strcmp(r->kinds[i], service_kind) == 0)
			return true;
	return r->n_kinds == 0;
}

bool
rules_may_refer(const struct rules *r, const char *from, const char *service_kind, const char *to)
{
	for (size_t i = 0; i < r->n_sends; i++) {
		const struct rule_send *s = &r->sends[i];

		if (!is_any_or(s->from, from) || !is_any_or(s->service, service_kind))
			continue;
		for (size_t k = 0; k < s->n_to; k++)
			if (is_any_or(s->to[k], to))
				return true;
	}
	return r->n_sends == 0;
}

enum err
rules_judge(const struct rules *r, const char *from, const char *service_kind, const char *to, struct why *why)
{
	if (!rules_has_service(r, service_kind))
		return why_set(why, ERR_UNKNOWN_CODE, "referral.service_kind", "not a service of the programme's rules in force");
	if (!rules_may_refer(r, from, service_kind, to))
		return why_set(why, ERR_NOT_ALLOWED, "referral.target.agency",
			       "the programme's rules let no %s refer for this service to a %s", from, to);
	return OK;
}

static bool
is_given(const struct rule_term *t)
{
	return t->ms != 0 || t->working_days != 0;
}

static void
take_first(struct rule_term *to, const struct rule_term *from)
{
	if (!is_given(to))
		*to = *from;
}

void
rules_terms(const struct rules *r, unsigned priority, const char *service_kind, const char *municipality, struct rule_deadline *ret_terms)
{
	*ret_terms = (struct rule_deadline){ .priority = 0 };
	for (size_t i = 0; i < r->n_deadlines; i++) {
		const struct rule_deadline *d = &r->deadlines[i];

		if ((d->priority != 0 && d->priority != priority) ||
		    (d->service_kind && (!service_kind || strcmp(d->service_kind, service_kind) != 0)) ||
		    (d->municipality && (!municipality || strcmp(d->municipality, municipality) != 0)))
			continue;
		take_first(&ret_terms->registered_by, &d->registered_by);
		take_first(&ret_terms->respond_by, &d->respond_by);
		take_first(&ret_terms->expires, &d->expires);
	}
}

/* -- codec -- */

static char **
pack_texts(const char *const *from, size_t n, struct arena *mem)
{
	char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to && i < n; i++)
		to[i] = pack_text(from[i]);
	return to;
}

static Hub__V1__Term *
pack_term(const struct rule_term *t, struct arena *mem)
{
	Hub__V1__Term *m = is_given(t) ? arena_alloc(mem, sizeof(*m)) : NULL;

	if (m == NULL)
		return NULL;
	hub__v1__term__init(m);
	m->ms = t->ms;
	m->working_days = t->working_days;
	return m;
}

static bool
pack_sends(const struct rules *r, struct arena *mem, Hub__V1__Rules *m)
{
	Hub__V1__SendRule *items = arena_array(mem, r->n_sends, sizeof(*items));

	m->send = arena_array(mem, r->n_sends, sizeof(*m->send));
	if (r->n_sends > 0 && (items == NULL || m->send == NULL))
		return false;
	for (size_t i = 0; i < r->n_sends; i++) {
		m->send[i] = &items[i];
		hub__v1__send_rule__init(&items[i]);
		items[i].from = pack_text(r->sends[i].from);
		items[i].service = pack_text(r->sends[i].service);
		items[i].to = pack_texts(r->sends[i].to, r->sends[i].n_to, mem);
		items[i].n_to = r->sends[i].n_to;
	}
	m->n_send = r->n_sends;
	return true;
}

static bool
pack_deadlines(const struct rules *r, struct arena *mem, Hub__V1__Rules *m)
{
	Hub__V1__DeadlineRule *items = arena_array(mem, r->n_deadlines, sizeof(*items));

	m->deadlines = arena_array(mem, r->n_deadlines, sizeof(*m->deadlines));
	if (r->n_deadlines > 0 && (items == NULL || m->deadlines == NULL))
		return false;
	for (size_t i = 0; i < r->n_deadlines; i++) {
		const struct rule_deadline *d = &r->deadlines[i];

		m->deadlines[i] = &items[i];
		hub__v1__deadline_rule__init(&items[i]);
		items[i].priority = d->priority;
		items[i].service_kind = pack_text(d->service_kind);
		items[i].municipality = pack_text(d->municipality);
		items[i].registered_by = pack_term(&d->registered_by, mem);
		items[i].respond_by = pack_term(&d->respond_by, mem);
		items[i].expires = pack_term(&d->expires, mem);
	}
	m->n_deadlines = r->n_deadlines;
	return true;
}

enum err
rules_pack(const struct rules *r, struct arena *mem, struct Hub__V1__Rules **ret_m)
{
	Hub__V1__Rules *m = NULL;

	if (!rules_is_empty(r)) {
		if ((m = arena_alloc(mem, sizeof(*m))) == NULL)
			return ERR_TOOBIG;
		hub__v1__rules__init(m);
		m->kinds = pack_texts(r->kinds, r->n_kinds, mem);
		m->n_kinds = r->n_kinds;
		if (!pack_sends(r, mem, m) || !pack_deadlines(r, mem, m) || arena_is_full(mem))
			return ERR_TOOBIG;
	}
	*ret_m = m;
	return OK;
}

static const char **
take_texts(char **from, size_t n, struct arena *mem)
{
	const char **to = arena_array(mem, n, sizeof(*to));

	for (size_t i = 0; to && i < n; i++)
		to[i] = from[i];
	return to;
}

static struct rule_term
take_term(const Hub__V1__Term *m)
{
	return m ? (struct rule_term){ m->ms, m->working_days } : (struct rule_term){ 0, 0 };
}

/* A term that is there says something: an empty one would be a second form of none. */
static bool
is_term(const Hub__V1__Term *m)
{
	return m == NULL || (m->ms != 0) != (m->working_days != 0);
}

enum err
rules_unpack(const struct Hub__V1__Rules *m, struct arena *mem, struct rules *ret_rules)
{
	struct rules r = { .n_kinds = 0 };

	*ret_rules = r;
	if (m == NULL)
		return OK;
	r.n_kinds = m->n_kinds;
	r.n_sends = m->n_send;
	r.n_deadlines = m->n_deadlines;
	r.kinds = take_texts(m->kinds, m->n_kinds, mem);
	r.sends = arena_array(mem, m->n_send, sizeof(*r.sends));
	r.deadlines = arena_array(mem, m->n_deadlines, sizeof(*r.deadlines));
	if (arena_is_full(mem))
		return ERR_TOOBIG;
	for (size_t i = 0; i < m->n_send; i++)
		r.sends[i] = (struct rule_send){
			pack_take_text(m->send[i]->from), pack_take_text(m->send[i]->service),
			take_texts(m->send[i]->to, m->send[i]->n_to, mem), m->send[i]->n_to,
		};
	for (size_t i = 0; i < m->n_deadlines; i++) {
		const Hub__V1__DeadlineRule *d = m->deadlines[i];

		if (!is_term(d->registered_by) || !is_term(d->respond_by) || !is_term(d->expires))
			return ERR_FORMAT;
		r.deadlines[i] = (struct rule_deadline){
			d->priority, pack_take_text(d->service_kind), pack_take_text(d->municipality), take_term(d->registered_by),
			take_term(d->respond_by), take_term(d->expires),
		};
	}
	if (rules_is_empty(&r))
		return ERR_FORMAT;	/* rules that say nothing are not written */
	*ret_rules = r;
	return arena_is_full(mem) ? ERR_TOOBIG : OK;
}
