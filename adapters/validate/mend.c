/* SPDX-License-Identifier: EUPL-1.2 */
/* mend - what it puts there is of no meaning, and is never sent: it only passes the rules. Called by judge.c. */
#include "adapters/validate/mend.h"

#include <string.h>

#include "config/adapter_config.h"

#define AGENCY "your-agency"
#define OTHER "other-agency"

/* -- what others fill in -- */

static void
set_absent(struct record *record, struct arena *mem, const char *path, const char *text)
{
	struct why why;

	if (record_get(record, mem, path) == NULL)
		(void)!record_set(record, mem, path, text, &why);
}

/* Is the message there that the path is in? */
static bool
has_body_of(const struct record *record, const char *path)
{
	const struct record_type *type = record_type();
	size_t n = strcspn(path, ".");

	for (size_t i = 0; path[n] != '\0' && i < type->n_fields; i++)
		if (strlen(type->fields[i].name) == n && memcmp(type->fields[i].name, path, n) == 0)
			return record_has(record, &type->fields[i]);
	return true;
}

void
mend_complete(struct record *record, const struct adapter_config *c, struct arena *mem)
{
	static const char *const core[][2] = {
		{ "case_id", "00000000000000000000000000000001" }, { "created", "2026-01-01T00:00:00Z" },
		{ "referral.initiator.agency", AGENCY }, { "referral.target.agency", OTHER },
		{ "referral.respond_by", "2026-01-08T00:00:00Z" }, { "status.referral_id", "-" }, { "status.from", "requested" },
		{ "status.transition", "T05" }, { "status.at", "2026-01-01T00:00:00Z" },
		{ "consent_change.at", "2026-01-01T00:00:00Z" }, { "consent_answer.at", "2026-01-01T00:00:00Z" },
		{ "cancellation.at", "2026-01-01T00:00:00Z" }, { "commitment_update.at", "2026-01-01T00:00:00Z" },
		{ "commitment_update.version", "1" }, { "commitment.version", "1" }, { "conference.called_by.agency", AGENCY },
		{ "transfer.initiator.agency", AGENCY }, { "transfer.priority", "urgent" },
		{ "transfer.respond_by", "2026-01-08T00:00:00Z" },
	};

	for (size_t i = 0; i < sizeof(core) / sizeof(core[0]); i++) {
		if (has_body_of(record, core[i][0]))
			set_absent(record, mem, core[i][0], core[i][1]);
	}
	for (size_t i = 0; c != NULL && i < c->n_defaults; i++) {
		const char *key = c->defaults[i].key;
		bool is_status = strncmp(key, "status.", 7) == 0;

		if (is_status ? record->status == NULL : record->referral == NULL)
			continue;
		if (!is_status && strncmp(key, "referral.", 9) != 0)
			key = arena_fmt(mem, "referral.%s", key);
		if (key != NULL)
			set_absent(record, mem, key, c->defaults[i].value);
	}
}

void
mend_file(struct record *record, struct arena *mem)
{
	static const char *const own[][2] = {
		{ "attachment.att_id", "-" }, { "attachment.media_type", "application/pdf" }, { "attachment.category", "other" },
		{ "attachment.sha256", "0000000000000000000000000000000000000000000000000000000000000000" },
		{ "attachment.part", "1" }, { "attachment.parts", "1" }, { "attachment.data", "AA==" },
	};

	if (record->attachment == NULL)
		return;
	record->attachment->size = NULL;	/* of any size it is one part here */
	set_absent(record, mem, "attachment.size", "1");
	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		set_absent(record, mem, own[i][0], own[i][1]);
}

/* -- what is wrong -- */

/* The description of the field that a path names; NULL if none. */
static const struct field *
field_at(const char *path)
{
	const struct record_type *type = record_type();
	const struct field *f = NULL;
	char name[64];

	while (type != NULL && *path != '\0') {
		size_t n = strcspn(path, ".[");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, path, n);
		name[n] = '\0';
		if ((f = record_field(type, name)) == NULL)
			return NULL;
		type = f->of;
		path += n + strcspn(path + n, ".");
		path += *path == '.';
	}
	return *path == '\0' ? f : NULL;
}

bool
mend_fault(struct record *record, const char *path, enum err e, struct arena *mem)
{
	const struct field *f = field_at(path);
	const char *text = "x", *dot = strrchr(path, '.');
	struct why why;

	if (f == NULL || f->of != NULL)
		return false;
	if (e == ERR_BAD_ID && dot != NULL)	/* a number of another type has no check digit */
		return record_set(record, mem, arena_fmt(mem, "%.*s.type", (int)(dot - path), path), "local", &why) == OK;
	if (strcmp(f->name, "legal_basis") == 0)
		text = "statutory-task";	/* consent would want its own fields */
	else if (f->codes != NULL)
		text = f->codes[0];
	else if (strcmp(f->name, "municipality") == 0)
		text = "PDV22";
	else if (strcmp(f->name, "ekatte") == 0)
		text = "56784";
	else if (f->kind == FIELD_DATE)
		text = "2015-03-07";
	else if (f->kind == FIELD_TIME)
		text = "2026-01-01T00:00:00Z";
	else if (f->kind == FIELD_INT)
		text = "1";
	else if (f->kind == FIELD_BOOL)
		text = "false";
	return record_set(record, mem, path, text, &why) == OK;
}
