/* SPDX-License-Identifier: EUPL-1.2 */
/* oneroster - the four tables, read by csv.c in its bounds, and the joins between them by sourcedId.
 *
 * Called by to_record.c, once a table; the columns are those of OneRoster v1.1, in any order.
 */
#include "adapters/education/oneroster.h"

#include <string.h>
#include <strings.h>

#include "adapters/education/csv.h"

enum sheet_name { SHEET_USERS, SHEET_DEMOGRAPHICS, SHEET_ENROLLMENTS, SHEET_ORGS, N_SHEETS };

struct sheet {
	struct csv csv;
	const char *const **rows;
	size_t n;
};

struct oneroster {
	struct sheet sheets[N_SHEETS];
	struct arena *mem;
};

static const char *const names[N_SHEETS] = { "users.csv", "demographics.csv", "enrollments.csv", "orgs.csv" };

static enum err
read_sheet(struct sheet *s, struct span bytes, const char *name, struct arena *mem, struct why *why)
{
	const char *cells[CSV_COLUMNS_MAX];
	size_t room = 0;
	enum err e;

	if (bytes.n == 0)
		return OK;
	if ((e = csv_open(&s->csv, bytes, NULL, mem, why)) != OK)
		goto out;
	while (csv_next(&s->csv, cells, &e, why)) {
		const char **row;

		if (e != OK)
			goto out;
		if (s->n == room) {
			size_t wider = room > 0 ? room * 2 : 64;

			s->rows = arena_grow(mem, s->rows, room * sizeof(*s->rows), wider * sizeof(*s->rows));
			room = wider;
		}
		row = arena_copy(mem, cells, s->csv.n_columns * sizeof(*cells));
		if (s->rows == NULL || row == NULL) {
			e = ERR_TOOBIG;
			goto out;
		}
		s->rows[s->n++] = row;
	}
	return OK;
out:
	return why_set(why, e, name, "the roster's table cannot be read: %s", err_text(e, LANG_EN));
}

enum err
oneroster_open(const struct sector_env *env, struct arena *mem, struct oneroster **ret_roster, struct why *why)
{
	struct oneroster *r;
	struct span bytes;
	enum err e;

	*ret_roster = NULL;
	if (env->roster == NULL)
		return OK;
	if ((r = arena_alloc(mem, sizeof(*r))) == NULL)
		return why_set(why, ERR_TOOBIG, NULL, "no room for the roster");
	r->mem = mem;
	for (int i = 0; i < N_SHEETS; i++)
		if ((e = env->roster(env->arg, names[i], mem, &bytes)) != OK)
			return why_set(why, e, names[i], "the roster's table cannot be read");
		else if ((e = read_sheet(&r->sheets[i], bytes, names[i], mem, why)) != OK)
			return e;
	if (r->sheets[SHEET_USERS].n > 0)
		*ret_roster = r;
	return OK;
}

static const char *
cell(const struct sheet *s, size_t row, const char *column)
{
	int i = csv_column(&s->csv, column);

	return i >= 0 ? s->rows[row][i] : "";
}

static bool
is_gone(const struct sheet *s, size_t row)
{
	return strcasecmp(cell(s, row, "status"), "tobedeleted") == 0 || strcasecmp(cell(s, row, "enableduser"), "false") == 0;
}

/* The row whose column has that text; false: none that is in use. */
static bool
find(const struct sheet *s, const char *column, const char *text, size_t *ret_row)
{
	if (s->n == 0 || *text == '\0' || csv_column(&s->csv, column) < 0)
		return false;
	for (size_t i = 0; i < s->n; i++)
		if (strcmp(cell(s, i, column), text) == 0 && !is_gone(s, i)) {
			*ret_row = i;
			return true;
		}
	return false;
}

/* -- numbers: "{ЕГН:1543079013},{Local:7}" -- */

static void
add_id(struct pupil *p, const char *type, const char *value)
{
	for (size_t i = 0; i < p->n_ids; i++)
		if (strcmp(p->ids[i].value, value) == 0)
			return;
	if (*value == '\0' || p->n_ids == ONEROSTER_IDS_MAX)
		return;
	p->ids[p->n_ids].type = type;
	p->ids[p->n_ids++].value = value;
}

/* By what it is called, and by its check digit: a number that has none of ours is the school's own. */
static const char *
type_of(const char *said, const char *value)
{
	bool may_egn = *said == '\0' || strcasecmp(said, "EGN") == 0 || strcmp(said, "ЕГН") == 0;
	bool may_lnch = *said == '\0' || strcasecmp(said, "LNCH") == 0 || strcmp(said, "ЛНЧ") == 0;

	return may_egn && record_is_egn(value) ? "EGN" : may_lnch && record_is_lnch(value) ? "LNCH" : "local";
}

/* The next "{type:value}" of userIds, whose parts are copied; false at the end. */
static bool
next_id(const struct oneroster *r, const char **at, const char **ret_type, const char **ret_value)
{
	const char *open = strchr(*at, '{'), *close = open != NULL ? strchr(open, '}') : NULL, *colon;

	if (close == NULL)
		return false;
	*at = close + 1;
	colon = memchr(open, ':', (size_t)(close - open));
	*ret_type = colon != NULL ? arena_strn(r->mem, open + 1, (size_t)(colon - open - 1)) : "";
	*ret_value = colon != NULL ? arena_strn(r->mem, colon + 1, (size_t)(close - colon - 1)) : "";
	return *ret_type != NULL && *ret_value != NULL;
}

static bool
has_number(const struct oneroster *r, size_t user, const char *number)
{
	const struct sheet *users = &r->sheets[SHEET_USERS];
	const char *at = cell(users, user, "userids"), *type, *value;

	if (strcmp(cell(users, user, "identifier"), number) == 0 || strcmp(cell(users, user, "sourcedid"), number) == 0)
		return true;
	while (next_id(r, &at, &type, &value))
		if (strcmp(value, number) == 0)
			return true;
	return false;
}

static void
read_ids(const struct oneroster *r, size_t user, struct pupil *p)
{
	const struct sheet *users = &r->sheets[SHEET_USERS];
	const char *at = cell(users, user, "userids"), *type, *value, *identifier = cell(users, user, "identifier");

	while (next_id(r, &at, &type, &value))
		add_id(p, type_of(type, value), value);
	add_id(p, type_of("", identifier), identifier);
	add_id(p, "local", cell(users, user, "sourcedid"));
	for (size_t i = 1; i < p->n_ids; i++)	/* the national number first, as the table has one place for it */
		if (strcmp(p->ids[i].type, "local") != 0 && strcmp(p->ids[0].type, "local") == 0) {
			const char *t = p->ids[0].type, *v = p->ids[0].value;

			p->ids[0].type = p->ids[i].type;
			p->ids[0].value = p->ids[i].value;
			p->ids[i].type = t;
			p->ids[i].value = v;
		}
}

/* -- joins -- */

static const char *
sex_of(const struct oneroster *r, const char *id)
{
	size_t row;

	return find(&r->sheets[SHEET_DEMOGRAPHICS], "sourcedid", id, &row) ? cell(&r->sheets[SHEET_DEMOGRAPHICS], row, "sex") : "";
}

/* "a, b" -> the next part; false at the end. */
static bool
next_part(const struct oneroster *r, const char **at, const char **ret_part)
{
	size_t n;

	*at += strspn(*at, ", ");
	n = strcspn(*at, ",");
	if (n == 0)
		return false;
	*ret_part = arena_strn(r->mem, *at, n);
	*at += n;
	return *ret_part != NULL;
}

static const char *
relation_of(const char *role, const char *sex)
{
	if (strcasecmp(role, "guardian") == 0)
		return "guardian";
	if (strcasecmp(role, "relative") == 0)
		return "relative";
	if (strcasecmp(role, "parent") != 0)
		return NULL;	/* an agent who is none of the family is no carer */
	return strcasecmp(sex, "female") == 0 ? "mother" : strcasecmp(sex, "male") == 0 ? "father" : "other";
}

static void
read_carers(const struct oneroster *r, size_t user, struct pupil *p)
{
	const struct sheet *users = &r->sheets[SHEET_USERS];
	const char *at = cell(users, user, "agentsourcedids"), *id;
	size_t row;

	while (p->n_carers < ONEROSTER_CARERS_MAX && next_part(r, &at, &id)) {
		const char *relation, *given, *family, *phone;

		if (!find(users, "sourcedid", id, &row) || !(relation = relation_of(cell(users, row, "role"), sex_of(r, id))))
			continue;
		given = cell(users, row, "givenname");
		family = cell(users, row, "familyname");
		phone = cell(users, row, "phone");
		p->carers[p->n_carers].name = arena_fmt(r->mem, "%s%s%s", given, *given && *family ? " " : "", family);
		p->carers[p->n_carers].relation = relation;
		p->carers[p->n_carers].phone = *phone ? phone : cell(users, row, "sms");
		p->n_carers += p->carers[p->n_carers].name != NULL && *p->carers[p->n_carers].name;
	}
}

/* The school of the enrolment that is primary, else of the first, else the user's own first one. */
static void
read_school(const struct oneroster *r, size_t user, struct pupil *p)
{
	const struct sheet *users = &r->sheets[SHEET_USERS], *enrolled = &r->sheets[SHEET_ENROLLMENTS], *orgs = &r->sheets[SHEET_ORGS];
	const char *id = cell(users, user, "sourcedid"), *school = NULL, *at = cell(users, user, "orgsourcedids");
	size_t row;

	for (size_t i = 0; i < enrolled->n; i++) {
		if (strcmp(cell(enrolled, i, "usersourcedid"), id) != 0 || is_gone(enrolled, i))
			continue;
		if (school == NULL || strcasecmp(cell(enrolled, i, "primary"), "true") == 0)
			school = cell(enrolled, i, "schoolsourcedid");
	}
	if (school == NULL && !next_part(r, &at, &school))
		return;
	if (!find(orgs, "sourcedid", school, &row))
		return;
	p->school_code = cell(orgs, row, "identifier");
	p->school_name = cell(orgs, row, "name");
}

bool
oneroster_find(const struct oneroster *roster, const char *number, struct pupil *ret_pupil)
{
	const struct sheet *users = &roster->sheets[SHEET_USERS];
	size_t i, row;

	for (i = *number != '\0' ? 0 : users->n; i < users->n; i++)
		if (strcasecmp(cell(users, i, "role"), "student") == 0 && !is_gone(users, i) && has_number(roster, i, number))
			break;
	if (i == users->n)
		return false;
	*ret_pupil = (struct pupil){
		.given = cell(users, i, "givenname"), .middle = cell(users, i, "middlename"), .family = cell(users, i, "familyname"),
		.birth_date = "", .gender = sex_of(roster, cell(users, i, "sourcedid")), .phone = cell(users, i, "phone"),
		.email = cell(users, i, "email"), .school_code = "", .school_name = "", .grade = cell(users, i, "grades"),
	};
	if (find(&roster->sheets[SHEET_DEMOGRAPHICS], "sourcedid", cell(users, i, "sourcedid"), &row))
		ret_pupil->birth_date = cell(&roster->sheets[SHEET_DEMOGRAPHICS], row, "birthdate");
	read_ids(roster, i, ret_pupil);
	read_school(roster, i, ret_pupil);
	read_carers(roster, i, ret_pupil);
	return !arena_is_full(roster->mem);
}
