/* SPDX-License-Identifier: EUPL-1.2 */
/* dircheck - looks at each signature, date, place and sheet by itself, so that one fault does not hide the next. */
#include "hub/ctl/dircheck.h"

#include <dirent.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "hub/ctl/plainfile.h"
#include "proto/base/clock.h"
#include "proto/directory_check.h"
#include "proto/geography.h"
#include "proto/programme.h"

#define SOON_MS (30 * CLOCK_DAY)
#define SHEET_ENDING ".sheet"

/* NULL when the list is full; it is counted then. */
static struct finding *
add(struct findings *to, enum err e, const char *where)
{
	struct finding *f;

	to->errors += e != OK;
	if (to->n == DIRCHECK_MAX) {
		to->unkept++;
		return NULL;
	}
	f = &to->items[to->n++];
	f->is_warning = e == OK;
	f->e = e;
	snprintf(f->where, sizeof(f->where), "%s", where);
	return f;
}

static void PRINTF_LIKE(2, 4) PRINTF_LIKE(3, 4)
say(struct finding *f, const char *en, const char *bg, ...)
{
	va_list args;

	if (f == NULL)
		return;
	va_start(args, bg);
	vsnprintf(f->text[LANG_EN], sizeof(f->text[0]), en, args);
	va_end(args);
	va_start(args, bg);
	vsnprintf(f->text[LANG_BG], sizeof(f->text[0]), bg, args);
	va_end(args);
}

/* -- who signed -- */

/* How many of `by` signed. A wrong signature is told unless its registrar is one of `told`. */
static unsigned
count_signatures(struct span note, const struct trust *by, const struct trust *told, struct findings *to)
{
	unsigned good = 0;
	struct span text;
	uint64_t valid;

	for (size_t i = 0; i < by->n; i++) {
		const struct note_verifier *v = &by->registrars[i];
		enum err e = note_verify(note, v, 1, &text, &valid);
		bool again = false;

		for (size_t k = 0; told != NULL && k < told->n; k++)
			again |= strcmp(told->registrars[k].name, v->name) == 0;
		if (e == OK)
			good += valid != 0;
		else if (!again)
			say(add(to, e, v->name), "the signature of this registrar is wrong", "подписът на този регистратор е грешен");
	}
	return good;
}

static void
check_quorum(unsigned good, unsigned threshold, bool trusted, struct findings *to)
{
	if (good < threshold)
		say(add(to, ERR_QUORUM, trusted ? "trust" : "registrars"),
		    trusted ? "%u trusted registrars signed, %u must" : "%u registrars named in it signed, %u must",
		    trusted ? "подписали са %u доверени регистратори, нужни са %u" : "подписали са %u от посочените в него, нужни са %u",
		    good, threshold);
}

void
dircheck_signatures(const struct dirfile *f, const struct trust *trust, struct findings *to)
{
	const struct directory *d = f->directory;
	const struct trust own = { d->registrars, d->n_registrars, d->registrar_threshold };

	if (!f->is_signed) {
		say(add(to, ERR_QUORUM, "directory"), "nobody has signed it", "никой не го е подписал");
		return;
	}
	to->signatures = count_signatures(f->bytes, trust, NULL, to);
	check_quorum(to->signatures, trust->threshold, true, to);
	/* A new set of registrars needs the old threshold and its own. */
	check_quorum(count_signatures(f->bytes, &own, trust, to), own.threshold, false, to);
}

/* -- when -- */

void
dircheck_dates(const struct directory *d, int64_t now_ms, struct findings *to)
{
	char from[CLOCK_TEXT_LEN], until[CLOCK_TEXT_LEN];

	clock_format(d->valid_from_ms, from);
	clock_format(d->valid_until_ms, until);
	if (now_ms < d->valid_from_ms)
		say(add(to, ERR_EXPIRED, "valid_from"), "holds only from %s", "важи едва от %s", from);
	else if (now_ms > d->valid_until_ms)
		say(add(to, ERR_EXPIRED, "valid_until"), "expired at %s", "изтекъл на %s", until);
	else if (now_ms > d->valid_until_ms - SOON_MS)
		say(add(to, OK, "valid_until"), "expires soon, at %s", "изтича скоро, на %s", until);
}

/* -- what it says -- */

/* 00: the oblast itself, which may have a coordinator of its own. */
static bool
is_oblast(const char *code)
{
	char letters[4] = "";

	memcpy(letters, code, strnlen(code, 3));
	return geography_is_form(code) && strcmp(code + 3, "00") == 0 && geography_is_oblast(letters);
}

static bool
has_kind(const struct directory *d, const char *kind)
{
	for (size_t i = 0; i < d->n_agencies; i++)
		if (strcmp(d->agencies[i].kind, kind) == 0)
			return true;
	return false;
}

static void
check_rules(const struct directory *d, const struct agency *a, const char *where, struct findings *to)
{
	for (size_t i = 0; i < a->n_may_send; i++) {
		const char *rule = a->may_send[i];

		if (strcmp(rule, DIRECTORY_ALL) == 0)
			continue;
		if (strncmp(rule, DIRECTORY_KIND, strlen(DIRECTORY_KIND)) == 0) {
			if (!has_kind(d, rule + strlen(DIRECTORY_KIND)))
				say(add(to, OK, where), "may send to %s, and nobody is of that kind",
				    "може да изпраща до %s, а такива няма", rule);
		} else if (directory_find(d, rule) == NULL) {
			say(add(to, ERR_UNKNOWN_AGENCY, where), "may send to %s, which is not in the directory",
			    "може да изпраща до %s, която я няма в регистъра", rule);
		}
	}
}

/* The programme's rules: a rule for a kind that nobody is of mostly is a slip. */
static void
check_programme(const struct directory *d, struct findings *to)
{
	const struct rules *r = &d->rules;
	char where[96];

	for (size_t i = 0; i < r->n_sends; i++) {
		const struct rule_send *s = &r->sends[i];

		snprintf(where, sizeof(where), "rules.send.%.40s.%.40s", s->from, s->service);
		if (strcmp(s->from, RULES_ANY) != 0 && !has_kind(d, s->from))
			say(add(to, OK, where), "nobody is of kind %s", "няма институция от вид %s", s->from);
		for (size_t k = 0; k < s->n_to; k++)
			if (strcmp(s->to[k], RULES_ANY) != 0 && !has_kind(d, s->to[k]))
				say(add(to, OK, where), "nobody is of kind %s", "няма институция от вид %s", s->to[k]);
	}
}

void
dircheck_content(const struct directory *d, struct findings *to)
{
	char where[96];

	for (size_t i = 0; i < d->n_agencies; i++) {
		const struct agency *a = &d->agencies[i];

		snprintf(where, sizeof(where), "agencies.%s", a->id);
		if (!geography_may_be(a->municipality))
			say(add(to, ERR_UNKNOWN_CODE, where), "%s is no municipality", "%s не е община", a->municipality);
		if (!programme_is_agency_kind(a->kind))
			say(add(to, OK, where), "%s is no kind of agency of the programme", "%s не е вид институция от програмата", a->kind);
		check_rules(d, a, where, to);
		if (directory_coordinator(d, a->municipality) == NULL)
			say(add(to, OK, where), "%s has no coordinator: nobody is told when an answer is late",
			    "%s няма координатор: никой не научава за закъснял отговор", a->municipality);
	}
	for (size_t i = 0; i < d->n_coordinators; i++) {
		const struct coordinator *c = &d->coordinators[i];

		snprintf(where, sizeof(where), "coordinators.%s", c->municipality);
		if (!geography_may_be(c->municipality) && !is_oblast(c->municipality))
			say(add(to, ERR_UNKNOWN_CODE, where), "%s is no municipality", "%s не е община", c->municipality);
		if (directory_find(d, c->agency) == NULL)
			say(add(to, ERR_UNKNOWN_AGENCY, where), "%s is not in the directory", "%s я няма в регистъра", c->agency);
	}
	check_programme(d, to);
}

/* -- key sheets -- */

static void
check_sheet(const struct directory *d, const char *dir, const struct agency *a, struct arena *mem, struct findings *to)
{
	char path[1024];
	struct sheet *sheet;
	struct span bytes;
	struct why why = { 0 };
	enum err e;

	snprintf(path, sizeof(path), "%s/%s" SHEET_ENDING, dir, a->id);
	if ((e = plainfile_read(path, SHEET_MAX, mem, &bytes, &why)) == ERR_NOTFOUND) {
		say(add(to, OK, a->id), "has given no key sheet yet: nothing can be sealed to it",
		    "още няма лист с ключове: нищо не може да се запечата за нея");
		return;
	}
	if (e == OK)
		e = sheet_open(bytes, d, 0, mem, &sheet, &why);
	if (e == OK && strcmp(sheet->agency, a->id) != 0)
		e = why_set(&why, ERR_INCONSISTENT, NULL, "it is the sheet of %s", sheet->agency);
	if (e != OK)
		say(add(to, e, a->id), "its key sheet does not hold: %s", "листът ѝ с ключове не важи: %s", why.text);
}

void
dircheck_sheets(const struct directory *d, const char *dir, struct arena *mem, struct findings *to)
{
	const struct dirent *entry;
	DIR *folder = opendir(dir);

	if (folder == NULL) {
		say(add(to, ERR_NOTFOUND, dir), "cannot be read", "не може да се прочете");
		return;
	}
	for (size_t i = 0; i < d->n_agencies; i++)
		check_sheet(d, dir, &d->agencies[i], mem, to);
	while ((entry = readdir(folder)) != NULL) {
		const char *dot = strrchr(entry->d_name, '.');
		char id[AGENCY_ID_MAX + 1], name[AGENCY_ID_MAX + sizeof(SHEET_ENDING)];

		if (dot == NULL || strcmp(dot, SHEET_ENDING) != 0 || (size_t)(dot - entry->d_name) > AGENCY_ID_MAX)
			continue;
		snprintf(id, sizeof(id), "%.*s", (int)(dot - entry->d_name), entry->d_name);
		snprintf(name, sizeof(name), "%s%s", id, SHEET_ENDING);
		if (directory_find(d, id) == NULL)
			say(add(to, OK, name), "is of an agency that the directory does not have",
			    "е на институция, която я няма в регистъра");
	}
	closedir(folder);
}
