/* SPDX-License-Identifier: EUPL-1.2 */
/* dirdiff - lists that are sorted are walked side by side; what has no key of its own is compared whole. */
#include "hub/ctl/dirdiff.h"

#include <jansson.h>
#include <stdio.h>
#include <string.h>

#include "proto/geography.h"
#include "proto/programme.h"

#define LINE_MAX_BYTES 900

/* -- words -- */

struct words { char s[2][LINE_MAX_BYTES]; };	/* by enum lang */

static void
say(struct words *w, const char *en, const char *bg)
{
	(void)snprintf(w->s[LANG_EN], sizeof(w->s[0]), "%s", en);
	(void)snprintf(w->s[LANG_BG], sizeof(w->s[0]), "%s", bg);
}

static void
tell(json_t *list, const char *part, const char *change, const char *of, const struct words *w)
{
	json_array_append_new(list, json_pack("{s:s, s:s, s:s, s:s, s:s}", "part", part, "change", change, "of", of, "en", w->s[LANG_EN],
					      "bg", w->s[LANG_BG]));
}

static const char *
shown(const char *s)
{
	return s && s[0] ? s : "-";
}

static bool
is_same(const char *a, const char *b)
{
	return a == b || (a && b && strcmp(a, b) == 0);
}

/* An agency's kind, or a service, by its code and its name. "*" is all. */
static void
name_kind(const char *code, const struct programme_word *word, enum lang lang, char to[static 200])
{
	if (code == NULL || strcmp(code, RULES_ANY) == 0)
		(void)snprintf(to, 200, "%s", lang == LANG_BG ? "всички" : "all");
	else if (word == NULL)
		(void)snprintf(to, 200, "%s", code);
	else
		(void)snprintf(to, 200, "%s (%s)", programme_text(word, lang), code);
}

static void
join(const char *const *items, size_t n, char to[static LINE_MAX_BYTES])
{
	size_t at = 0;

	to[0] = '\0';
	for (size_t i = 0; i < n && at + 1 < LINE_MAX_BYTES; i++)
		at += (size_t)snprintf(to + at, LINE_MAX_BYTES - at, "%s%s", i > 0 ? ", " : "", items[i]);
	if (n == 0)
		(void)snprintf(to, LINE_MAX_BYTES, "-");
}

/* -- who takes part -- */

static void
changed_text(json_t *list, const char *part, const char *of, const char *en, const char *bg, const char *a, const char *b)
{
	struct words w;

	if (is_same(a, b))
		return;
	(void)snprintf(w.s[LANG_EN], sizeof(w.s[0]), "%s: %s -> %s", en, shown(a), shown(b));
	(void)snprintf(w.s[LANG_BG], sizeof(w.s[0]), "%s: %s -> %s", bg, shown(a), shown(b));
	tell(list, part, "changed", of, &w);
}

static void
changed_key(json_t *list, const char *part, const char *of, const char *en, const char *bg, const struct public_key *a,
	    const struct public_key *b)
{
	char old[2 * KEY_LEN + 1], new[2 * KEY_LEN + 1];

	bytes_hex(a->b, KEY_LEN, old);
	bytes_hex(b->b, KEY_LEN, new);
	changed_text(list, part, of, en, bg, old, new);
}

static void
changed_list(json_t *list, const char *of, const char *en, const char *bg, const char *const *a, size_t n_a, const char *const *b, size_t n_b)
{
	char old[LINE_MAX_BYTES], new[LINE_MAX_BYTES];

	join(a, n_a, old);
	join(b, n_b, new);
	changed_text(list, "agency", of, en, bg, old, new);
}

static void
compare_agency(json_t *list, const struct agency *a, const struct agency *b)
{
	changed_text(list, "agency", b->id, "kind", "вид", a->kind, b->kind);
	changed_text(list, "agency", b->id, "municipality", "община", a->municipality, b->municipality);
	changed_text(list, "agency", b->id, "name", "име", a->name_bg, b->name_bg);
	changed_text(list, "agency", b->id, "name in English", "име на английски", a->name_en, b->name_en);
	changed_key(list, "agency", b->id, "signing key", "ключ за подписване", &a->signing, &b->signing);
	changed_list(list, b->id, "may send to", "може да изпраща до", a->may_send, a->n_may_send, b->may_send, b->n_may_send);
	changed_list(list, b->id, "services", "услуги", a->services, a->n_services, b->services, b->n_services);
}

static void
came_or_went(json_t *list, const char *change, const struct agency *a)
{
	char may_send[LINE_MAX_BYTES / 2], en[200], bg[200], all[LINE_MAX_BYTES];
	struct words w;

	name_kind(a->kind, programme_agency_kind(a->kind), LANG_EN, en);
	name_kind(a->kind, programme_agency_kind(a->kind), LANG_BG, bg);
	join(a->may_send, a->n_may_send, all);
	(void)snprintf(may_send, sizeof(may_send), "%.400s", all);
	(void)snprintf(w.s[LANG_EN], sizeof(w.s[0]), "%s; %s; %s; may send to: %s", shown(a->name_en ? a->name_en : a->name_bg), en, a->municipality, may_send);
	(void)snprintf(w.s[LANG_BG], sizeof(w.s[0]), "%s; %s; %s; може да изпраща до: %s", shown(a->name_bg), bg, a->municipality, may_send);
	tell(list, "agency", change, a->id, &w);
}

static void
compare_agencies(json_t *list, const struct directory *before, const struct directory *after)
{
	size_t i = 0, k = 0;

	while (i < before->n_agencies || k < after->n_agencies) {
		const struct agency *a = i < before->n_agencies ? &before->agencies[i] : NULL;
		const struct agency *b = k < after->n_agencies ? &after->agencies[k] : NULL;
		int cmp = a == NULL ? 1 : b == NULL ? -1 : strcmp(a->id, b->id);

		if (cmp < 0)
			came_or_went(list, "removed", a);
		else if (cmp > 0)
			came_or_went(list, "added", b);
		else
			compare_agency(list, a, b);
		i += cmp <= 0;
		k += cmp >= 0;
	}
}

/* -- offices -- */

static void
compare_coordinators(json_t *list, const struct directory *before, const struct directory *after)
{
	for (size_t i = 0; i < before->n_coordinators; i++) {
		const char *m = before->coordinators[i].municipality, *b = directory_coordinator(after, m);

		changed_text(list, "coordinator", m, "coordinator", "координатор", before->coordinators[i].agency, b);
	}
	for (size_t i = 0; i < after->n_coordinators; i++) {
		const char *m = after->coordinators[i].municipality;

		if (directory_coordinator(before, m) == NULL)
			changed_text(list, "coordinator", m, "coordinator", "координатор", NULL, after->coordinators[i].agency);
	}
}

static void
changed_number(json_t *list, const char *part, const char *en, const char *bg, unsigned a, unsigned b)
{
	char old[16], new[16];

	(void)snprintf(old, sizeof(old), "%u", a);
	(void)snprintf(new, sizeof(new), "%u", b);
	changed_text(list, part, "threshold", en, bg, old, new);
}

static void
compare_offices(json_t *list, const struct directory *before, const struct directory *after)
{
	static const struct public_key none;
	size_t n = before->n_auditors > after->n_auditors ? before->n_auditors : after->n_auditors;
	char place[24];

	for (size_t i = 0; i < n; i++) {	/* their order gives the numbers of their shares */
		const struct auditor *a = i < before->n_auditors ? &before->auditors[i] : NULL;
		const struct auditor *b = i < after->n_auditors ? &after->auditors[i] : NULL;

		(void)snprintf(place, sizeof(place), "%zu", i + 1);
		changed_text(list, "auditor", place, "auditor", "одитор", a ? a->name : NULL, b ? b->name : NULL);
		changed_key(list, "auditor", place, "its key", "ключ на одитора", a ? &a->pub : &none, b ? &b->pub : &none);
	}
	changed_number(list, "auditor", "auditors who open together", "одитори за отваряне", before->threshold, after->threshold);
	n = before->n_registrars > after->n_registrars ? before->n_registrars : after->n_registrars;
	for (size_t i = 0; i < n; i++) {
		const struct note_verifier *a = i < before->n_registrars ? &before->registrars[i] : NULL;
		const struct note_verifier *b = i < after->n_registrars ? &after->registrars[i] : NULL;

		(void)snprintf(place, sizeof(place), "%zu", i + 1);
		changed_text(list, "registrar", place, "registrar", "регистратор", a ? a->name : NULL, b ? b->name : NULL);
		changed_key(list, "registrar", place, "its key", "ключ на регистратора", a ? &a->pub : &none, b ? &b->pub : &none);
	}
	changed_number(list, "registrar", "registrars who must sign", "регистратори за подпис", before->registrar_threshold,
		       after->registrar_threshold);
}

static void
compare_hub(json_t *list, const struct directory *before, const struct directory *after)
{
	char old[CLOCK_TEXT_LEN], new[CLOCK_TEXT_LEN];

	clock_format(before->valid_from_ms, old);
	clock_format(after->valid_from_ms, new);
	changed_text(list, "directory", "valid_from", "holds from", "важи от", old, new);
	clock_format(before->valid_until_ms, old);
	clock_format(after->valid_until_ms, new);
	changed_text(list, "directory", "valid_until", "holds until", "важи до", old, new);
	changed_text(list, "hub", "origin", "the log's name", "име на дневника", before->origin, after->origin);
	changed_key(list, "hub", "log", "the log's key", "ключ на дневника", &before->log, &after->log);
	changed_key(list, "hub", "notice", "the key of notices", "ключ за известия", &before->notice, &after->notice);
	changed_key(list, "hub", "curve", "the transport key", "ключ за връзка", &before->curve, &after->curve);
}

/* -- the programme's rules -- */

static bool
has_text(const char *const *items, size_t n, const char *s)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(items[i], s) == 0)
			return true;
	return false;
}

static void
tell_kind(json_t *list, const char *change, const char *kind, bool is_in_force)
{
	char en[200], bg[200];
	struct words w;

	name_kind(kind, programme_service(kind), LANG_EN, en);
	name_kind(kind, programme_service(kind), LANG_BG, bg);
	(void)snprintf(w.s[LANG_EN], sizeof(w.s[0]), "%s is %s", en, is_in_force ? "in force" : "in force no more");
	(void)snprintf(w.s[LANG_BG], sizeof(w.s[0]), "%s %s", bg, is_in_force ? "влиза в сила" : "вече не е в сила");
	tell(list, "service", change, kind, &w);
}

static void
compare_kinds(json_t *list, const struct rules *a, const struct rules *b)
{
	struct words w;

	if (a->n_kinds > 0 && b->n_kinds == 0) {
		say(&w, "all services are in force", "всички услуги са в сила");
		tell(list, "service", "changed", RULES_ANY, &w);
		return;
	}
	if (a->n_kinds == 0 && b->n_kinds > 0) {
		say(&w, "only the services named are in force from now on", "в сила са само изброените услуги");
		tell(list, "service", "changed", RULES_ANY, &w);
	}
	for (size_t i = 0; i < a->n_kinds; i++)
		if (!has_text(b->kinds, b->n_kinds, a->kinds[i]))
			tell_kind(list, "removed", a->kinds[i], false);
	for (size_t i = 0; i < b->n_kinds; i++)
		if (!has_text(a->kinds, a->n_kinds, b->kinds[i]))
			tell_kind(list, "added", b->kinds[i], true);
}

static const struct rule_send *
find_send(const struct rules *r, const struct rule_send *s)
{
	for (size_t i = 0; i < r->n_sends; i++)
		if (strcmp(r->sends[i].from, s->from) == 0 && strcmp(r->sends[i].service, s->service) == 0)
			return &r->sends[i];
	return NULL;
}

static void
tell_send(json_t *list, const char *change, const struct rule_send *s, const char *had)
{
	char from[2][200], service[2][200], to[LINE_MAX_BYTES], of[160];
	struct words w;

	for (int lang = LANG_EN; lang <= LANG_BG; lang++) {
		name_kind(s->from, programme_agency_kind(s->from), (enum lang)lang, from[lang]);
		name_kind(s->service, programme_service(s->service), (enum lang)lang, service[lang]);
	}
	join(s->to, s->n_to, to);
	(void)snprintf(of, sizeof(of), "%.70s / %.70s", s->from, s->service);
	(void)snprintf(w.s[LANG_EN], sizeof(w.s[0]), "%.150s may refer for %.150s to: %.280s%s%.250s", from[LANG_EN], service[LANG_EN], to,
		       had ? "; before: " : "", had ? had : "");
	(void)snprintf(w.s[LANG_BG], sizeof(w.s[0]), "%.190s може да насочва за %.190s към: %.200s%s%.200s", from[LANG_BG], service[LANG_BG], to,
		       had ? "; преди: " : "", had ? had : "");
	tell(list, "who may refer", change, of, &w);
}

static void
compare_sends(json_t *list, const struct rules *a, const struct rules *b)
{
	char old[LINE_MAX_BYTES], new[LINE_MAX_BYTES];

	for (size_t i = 0; i < a->n_sends; i++)
		if (find_send(b, &a->sends[i]) == NULL)
			tell_send(list, "removed", &a->sends[i], NULL);
	for (size_t i = 0; i < b->n_sends; i++) {
		const struct rule_send *had = find_send(a, &b->sends[i]);

		if (had == NULL) {
			tell_send(list, "added", &b->sends[i], NULL);
			continue;
		}
		join(had->to, had->n_to, old);
		join(b->sends[i].to, b->sends[i].n_to, new);
		if (strcmp(old, new) != 0)
			tell_send(list, "changed", &b->sends[i], old);
	}
}

/* "20 days", "3 working days": by the largest unit that is exact. */
static void
term_text(const struct rule_term *t, enum lang lang, char to[static 48])
{
	static const struct { int64_t ms; const char *unit[2]; } units[] = {
		{ CLOCK_DAY, { "d", "дни" } }, { CLOCK_HOUR, { "h", "ч" } }, { CLOCK_MINUTE, { "min", "мин" } }, { 1, { "ms", "мс" } },
	};
	size_t i = 0;

	if (t->working_days > 0) {
		(void)snprintf(to, 48, "%u %s", (unsigned)t->working_days, lang == LANG_BG ? "работни дни" : "working days");
		return;
	}
	while (t->ms % units[i].ms != 0)
		i++;
	(void)snprintf(to, 48, "%lld %s", (long long)(t->ms / units[i].ms), units[i].unit[lang]);
}

static size_t
put_term(char *to, size_t at, const char *what, const struct rule_term *t, enum lang lang)
{
	char text[48];

	if ((t->ms == 0 && t->working_days == 0) || at >= LINE_MAX_BYTES - 1)
		return at;
	term_text(t, lang, text);
	return at + (size_t)snprintf(to + at, LINE_MAX_BYTES - at, ", %s %s", what, text);
}

static void
deadline_text(const struct rule_deadline *d, enum lang lang, char to[static LINE_MAX_BYTES])
{
	static const char *const priorities[][2] = { { "any priority", "всяка спешност" }, { "routine", "обикновено" }, { "urgent", "бързо" },
						     { "emergency", "спешно" } };
	const struct municipality *m = geography_municipality(d->municipality);
	bool is_bg = lang == LANG_BG;
	char service[200];
	size_t at;

	name_kind(d->service_kind, programme_service(d->service_kind), lang, service);
	at = (size_t)snprintf(to, LINE_MAX_BYTES, "%s; %s%s%s", priorities[d->priority][lang], service, d->municipality ? "; " : "",
			      d->municipality ? (m ? (is_bg ? m->bg : m->en) : d->municipality) : "");
	at = put_term(to, at, is_bg ? "завеждане до" : "registered in", &d->registered_by, lang);
	at = put_term(to, at, is_bg ? "отговор до" : "answered in", &d->respond_by, lang);
	(void)put_term(to, at, is_bg ? "изтича след" : "expires after", &d->expires, lang);
}

static bool
is_same_term(const struct rule_term *a, const struct rule_term *b)
{
	return a->ms == b->ms && a->working_days == b->working_days;
}

static bool
is_same_deadline(const struct rule_deadline *a, const struct rule_deadline *b)
{
	return a->priority == b->priority && is_same(a->service_kind, b->service_kind) && is_same(a->municipality, b->municipality) &&
	       is_same_term(&a->registered_by, &b->registered_by) && is_same_term(&a->respond_by, &b->respond_by) &&
	       is_same_term(&a->expires, &b->expires);
}

static bool
has_deadline(const struct rules *r, const struct rule_deadline *d)
{
	for (size_t i = 0; i < r->n_deadlines; i++)
		if (is_same_deadline(&r->deadlines[i], d))
			return true;
	return false;
}

static void
tell_deadline(json_t *list, const char *change, const struct rule_deadline *d, size_t place)
{
	struct words w;
	char of[24];

	deadline_text(d, LANG_EN, w.s[LANG_EN]);
	deadline_text(d, LANG_BG, w.s[LANG_BG]);
	(void)snprintf(of, sizeof(of), "%zu", place + 1);
	tell(list, "deadline", change, of, &w);
}

static void
compare_deadlines(json_t *list, const struct rules *a, const struct rules *b)
{
	size_t told = json_array_size(list);
	struct words w;

	for (size_t i = 0; i < a->n_deadlines; i++)
		if (!has_deadline(b, &a->deadlines[i]))
			tell_deadline(list, "removed", &a->deadlines[i], i);
	for (size_t i = 0; i < b->n_deadlines; i++)
		if (!has_deadline(a, &b->deadlines[i]))
			tell_deadline(list, "added", &b->deadlines[i], i);
	/* the first that fits counts, so their order says something, too */
	for (size_t i = 0; json_array_size(list) == told && i < a->n_deadlines && i < b->n_deadlines; i++)
		if (!is_same_deadline(&a->deadlines[i], &b->deadlines[i])) {
			say(&w, "the rules stand in another order: the first that fits counts", "правилата са в друг ред: важи първото подходящо");
			tell(list, "deadline", "changed", RULES_ANY, &w);
		}
	if (a->n_deadlines != b->n_deadlines && json_array_size(list) == told) {
		say(&w, "a rule stands there more or less often", "правило е повторено или вече не е");
		tell(list, "deadline", "changed", RULES_ANY, &w);
	}
}

json_t *
dirdiff(const struct directory *before, const struct directory *after)
{
	json_t *list = json_array();

	compare_hub(list, before, after);
	compare_agencies(list, before, after);
	compare_coordinators(list, before, after);
	compare_offices(list, before, after);
	compare_kinds(list, &before->rules, &after->rules);
	compare_sends(list, &before->rules, &after->rules);
	compare_deadlines(list, &before->rules, &after->rules);
	return list;
}
