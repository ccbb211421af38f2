/* SPDX-License-Identifier: EUPL-1.2 */
/* terms - rules are tried in their order, like routes. A registration that is due after the answer is due with it, and nothing
 * expires before it is due. Called by intake.c.
 */
#include "adapters/core/terms.h"

#include <string.h>

enum priority
terms_priority(const char *code)
{
	if (code && strcmp(code, "emergency") == 0)
		return PRIORITY_EMERGENCY;
	return code && strcmp(code, "urgent") == 0 ? PRIORITY_URGENT : PRIORITY_ROUTINE;
}

static const int32_t *
day_numbers(const char *const *texts, size_t n, int32_t *days)
{
	struct civil c;

	for (size_t i = 0; i < n; i++)
		days[i] = clock_parse_date(texts[i], &c) == OK ? calendar_day(c.year, c.month, c.day) : INT32_MIN;
	return days;
}

size_t
terms_calendar_days(const struct adapter_config *config)
{
	return config->calendar.n_days_off + config->calendar.n_working_days;
}

void
terms_calendar(const struct adapter_config *config, int32_t *days, struct calendar *ret_calendar)
{
	size_t n_off = config->calendar.n_days_off, n_working = config->calendar.n_working_days;

	*ret_calendar = (struct calendar){
		.days_off = day_numbers(config->calendar.days_off, n_off, days),
		.n_days_off = n_off,
		.working_days = day_numbers(config->calendar.working_days, n_working, days + n_off),
		.n_working_days = n_working,
	};
}

int64_t
terms_end(const struct calendar *calendar, int64_t from_ms, const struct setting_term *term)
{
	return term->working_days > 0 ? calendar_add_working(calendar, from_ms, (unsigned)term->working_days) : from_ms + term->ms;
}

static bool
is_set(const struct setting_term *t)
{
	return t->ms != 0 || t->working_days != 0;
}

static bool
is_wanted(const char *wanted, const char *value)
{
	return wanted == NULL || (value != NULL && strcmp(wanted, value) == 0);
}

/* What this agency's own configuration says comes first, then the programme's rules, then the program's defaults. */
static void
decide(struct setting_term *to, const struct setting_term *own, const struct rule_term *programme)
{
	if (is_set(own))
		*to = *own;
	else if (to->is_default && (programme->ms != 0 || programme->working_days != 0))
		*to = (struct setting_term){ .ms = programme->ms, .working_days = programme->working_days };
}

/* The first of our own rules that fits; NULL: none. */
static const struct adapter_deadline_rule *
own_rule(const struct adapter_config *config, enum priority priority, const char *service_kind, const char *municipality)
{
	for (size_t i = 0; i < config->n_deadline_rules; i++) {
		const struct adapter_deadline_rule *rule = &config->deadline_rules[i];

		if ((rule->priority == 0 || rule->priority == (unsigned)priority) && is_wanted(rule->service_kind, service_kind) &&
		    is_wanted(rule->municipality, municipality))
			return rule;
	}
	return NULL;
}

void
terms_rule(const struct terms_from *from, const struct referral *r, struct adapter_deadlines *ret_by)
{
	static const struct adapter_deadline_rule none;
	const char *municipality = r && r->child && r->child->address ? r->child->address->municipality : NULL;
	const char *service_kind = r ? r->service_kind : NULL;
	const struct adapter_config *config = from->config;
	enum priority priority = terms_priority(r ? r->priority : NULL);
	const struct adapter_deadline_rule *own = own_rule(config, priority, service_kind, municipality);
	struct rule_deadline programme = { .priority = 0 };

	if (from->rules)
		rules_terms(from->rules, (unsigned)priority, service_kind, municipality, &programme);
	if (own == NULL)
		own = &none;
	*ret_by = priority == PRIORITY_EMERGENCY ? config->deadlines.emergency :
	    priority == PRIORITY_URGENT ? config->deadlines.urgent : config->deadlines.routine;
	decide(&ret_by->registered_by, &own->by.registered_by, &programme.registered_by);
	decide(&ret_by->respond_by, &own->by.respond_by, &programme.respond_by);
	decide(&ret_by->expires, &own->by.expires, &programme.expires);
}

static int64_t
within(int64_t at_ms, int64_t created_ms)
{
	return at_ms < created_ms + TERMS_MIN_MS ? created_ms + TERMS_MIN_MS :
	    at_ms > created_ms + TERMS_MAX_MS ? created_ms + TERMS_MAX_MS : at_ms;
}

static void
in_order(struct terms *t)
{
	if (t->respond_by_ms != 0 && t->registered_by_ms > t->respond_by_ms)
		t->registered_by_ms = t->respond_by_ms;
	if (t->expires_ms < t->registered_by_ms)
		t->expires_ms = t->registered_by_ms;
	if (t->expires_ms < t->respond_by_ms)
		t->expires_ms = t->respond_by_ms;
}

void
terms_referral(const struct terms_from *from, const struct calendar *calendar, const struct referral *r, int64_t created_ms,
	       struct terms *ret_terms)
{
	struct adapter_deadlines by;

	terms_rule(from, r, &by);
	*ret_terms = (struct terms){
		.registered_by_ms = terms_end(calendar, created_ms, &by.registered_by),
		.respond_by_ms = r->respond_by ? within(*r->respond_by, created_ms) : terms_end(calendar, created_ms, &by.respond_by),
		.expires_ms = terms_end(calendar, created_ms, &by.expires),
	};
	in_order(ret_terms);
}

void
terms_status(const struct terms_from *from, const struct calendar *calendar, const struct referral *r,
	     const struct status *s, int64_t created_ms, struct terms *ret_terms)
{
	struct adapter_deadlines by;

	terms_rule(from, r, &by);
	*ret_terms = (struct terms){
		.registered_by_ms = terms_end(calendar, created_ms, &by.registered_by),
		.expires_ms = terms_end(calendar, created_ms, &by.expires),
	};
	if (strcmp(s->transition, "T03") == 0 || strcmp(s->transition, "info-request") == 0)
		ret_terms->respond_by_ms = s->answer_by ? within(*s->answer_by, created_ms) :
		    terms_end(calendar, created_ms, &from->config->deadlines.answer_by);
	/* the question is answered: the referral waits for its answer again; or it is offered late, and waits for its initiator's */
	else if (strcmp(s->transition, "T04") == 0 || strcmp(s->transition, "T32") == 0)
		ret_terms->respond_by_ms = terms_end(calendar, created_ms, &by.respond_by);
	else if (strcmp(s->transition, "T20") == 0)
		ret_terms->respond_by_ms = terms_end(calendar, created_ms, &from->config->deadlines.cancel_by);
	else if (strcmp(s->transition, "consent-change") == 0)
		ret_terms->respond_by_ms = created_ms + TERMS_CONSENT_MS;
	in_order(ret_terms);
}

void
terms_conference(const struct terms_from *from, const struct calendar *calendar, const struct record *record,
		 enum priority priority, int64_t created_ms, struct terms *ret_terms)
{
	const struct referral like = { .priority = envelope_priority_name(priority) };
	struct adapter_deadlines by;

	terms_rule(from, &like, &by);
	*ret_terms = (struct terms){
		.registered_by_ms = terms_end(calendar, created_ms, &by.registered_by),
		.expires_ms = terms_end(calendar, created_ms, &by.expires),
	};
	if (record->conference)
		ret_terms->respond_by_ms = within(*record->conference->start, created_ms);
	else if (record->consent_change)
		ret_terms->respond_by_ms = created_ms + TERMS_CONSENT_MS;
	in_order(ret_terms);
}
