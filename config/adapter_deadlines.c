/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter_deadlines - what must hold between an adapter's keys about deadlines, and about the mail that tells of them.
 *
 * Called by adapter_config_check, under the same conditions. Durations are compared with durations and working days with working
 * days: how one compares to the other depends on the day.
 */
#include <stdio.h>
#include <string.h>

#include "config/adapter_config.h"
#include "config/setting.h"
#include "config/tables.h"

static bool
is_given(const struct binder *b, const char *path)
{
	return node_at(b->root, path, NULL) != NULL;
}

static bool
is_set(const struct setting_term *t)
{
	return t->ms != 0 || t->working_days != 0;
}

static bool
is_longer(const struct setting_term *a, const struct setting_term *b)
{
	return is_set(a) && is_set(b) && (a->working_days == 0) == (b->working_days == 0) &&
	       (a->ms > b->ms || a->working_days > b->working_days);
}

static void
check_order(const struct binder *b, const char *small, const struct setting_term *small_term, const char *large,
	    const struct setting_term *large_term)
{
	bool at_large = is_given(b, large) || !is_given(b, small);
	char text[SETTING_TEXT_LEN];

	if (!is_longer(small_term, large_term))
		return;
	setting_format_term(at_large ? small_term : large_term, text);
	binder_problem(b, at_large ? large : small, at_large ? PROBLEM_AT_LEAST : PROBLEM_AT_MOST, text, at_large ? small : large);
}

static void
check_orders(const struct binder *b, const char *priority, const struct adapter_deadlines *d)
{
	char registered[48], respond[48], expires[48];

	snprintf(registered, sizeof(registered), "deadlines.%s.registered_by", priority);
	snprintf(respond, sizeof(respond), "deadlines.%s.respond_by", priority);
	snprintf(expires, sizeof(expires), "deadlines.%s.expires", priority);
	check_order(b, registered, &d->registered_by, respond, &d->respond_by);
	check_order(b, respond, &d->respond_by, expires, &d->expires);
}

static bool
is_text_covered(const char *a, const char *b)
{
	return a == NULL || (b != NULL && strcmp(a, b) == 0);
}

/* `a` fits wherever `b` fits. */
static bool
covers(const struct adapter_deadline_rule *a, const struct adapter_deadline_rule *b)
{
	return (a->priority == 0 || a->priority == b->priority) && is_text_covered(a->service_kind, b->service_kind) &&
	       is_text_covered(a->municipality, b->municipality);
}

static void
check_rules(const struct binder *b, const struct adapter_config *c)
{
	const struct node *rules = node_at(b->root, "deadline_rules", NULL);
	size_t before = problems_errors(b->problems);
	char path[48], number[24];

	for (size_t i = 0; i < c->n_deadline_rules; i++) {
		const struct adapter_deadline_rule *r = &c->deadline_rules[i];
		struct problem_place place = { rules->kids[i].line, rules->kids[i].col, path };

		snprintf(path, sizeof(path), "deadline_rules[%zu]", i + 1);
		if (before == 0 && !is_set(&r->by.registered_by) && !is_set(&r->by.respond_by) && !is_set(&r->by.expires))
			problems_add(b->problems, place, PROBLEM_RULE_EMPTY, NULL, NULL, NULL);
		for (size_t j = 0; before == 0 && j < i; j++) {
			if (!covers(&c->deadline_rules[j], r))
				continue;
			snprintf(number, sizeof(number), "%zu", j + 1);
			problems_add(b->problems, place, PROBLEM_ROUTE_LATE, number, NULL, NULL);
			break;
		}
	}
}

/* A password goes over a protected connection only, and so does who is late with what. */
static void
check_mail(const struct binder *b, const struct adapter_config *c)
{
	if (!c->mail.on)
		return;
	if (is_given(b, "mail.user") && !is_given(b, "mail.password_file"))
		binder_problem(b, "mail.user", PROBLEM_NEEDS, "password_file", NULL);
	if (is_given(b, "mail.password_file") && !is_given(b, "mail.user"))
		binder_problem(b, "mail.password_file", PROBLEM_NEEDS, "user", NULL);
	if (c->mail.tls == ADAPTER_MAIL_PLAIN && c->mail.server != NULL && !setting_is_loopback(c->mail.server))
		binder_problem(b, "mail.tls", PROBLEM_PLAIN_MAIL, NULL, NULL);
}

void
adapter_deadlines_check(const struct binder *b, const struct adapter_config *c)
{
	check_orders(b, "routine", &c->deadlines.routine);
	check_orders(b, "urgent", &c->deadlines.urgent);
	check_orders(b, "emergency", &c->deadlines.emergency);
	check_rules(b, c);
	check_mail(b, c);
}
