/* SPDX-License-Identifier: EUPL-1.2 */
/* record_type - the description of the record's messages, and walking them by it.
 *
 * Tables made by the preprocessor from record.def, codes.def and lifecycle.def; nothing here is written twice. What code
 * needs to read a field it does not know by name stands here as well, so that the layout trick (a list is a pointer with
 * its count behind it) is known in this file and in record_path.c only.
 */
#include "proto/record.h"

#include <stdio.h>
#include <string.h>

#include "proto/base/clock.h"
#include "proto/note.h"

/* -- code lists -- */
#define CODE_LIST(list, ...) static const char *const codes_##list[] = { __VA_ARGS__, NULL };
#include "proto/codes.def"
#undef CODE_LIST

static const char *const codes_kind[] = {
#define KIND(number, code, body, topic, place, who, when) code,
#include "proto/kind.def"
#undef KIND
	NULL
};

static const char *const codes_state[] = {
#define STATE(id, wire, code, final) code,
#include "proto/lifecycle.def"
#undef STATE
	NULL
};

static const char *const codes_transition[] = {
#define TRANSITION(id, from, to, actors, need, before) id,
#include "proto/lifecycle.def"
#undef TRANSITION
	NULL
};

static const struct code_list {
	const char *name;
	const char *const *codes;
} code_lists[] = {
#define CODE_LIST(list, ...) { #list, codes_##list },
#include "proto/codes.def"
#undef CODE_LIST
	{ "kind", codes_kind },
	{ "state", codes_state },
	{ "transition", codes_transition },
};

/* -- types -- */
#define DECLARE(type) static const struct record_type type_##type;
RECORD_TYPES(DECLARE)
#undef DECLARE

#define PRESENCE_MUST true
#define PRESENCE_MAY false
#define OF_TEXT(of) NULL
#define OF_CODE(of) NULL
#define OF_DATE(of) NULL
#define OF_TIME(of) NULL
#define OF_INT(of) NULL
#define OF_BOOL(of) NULL
#define OF_ID(of) NULL
#define OF_BYTES(of) NULL
#define OF_TEXTS(of) NULL
#define OF_CODES(of) NULL
#define OF_MSG(of) &type_##of
#define OF_MSGS(of) &type_##of
#define CODES_TEXT(of) NULL
#define CODES_DATE(of) NULL
#define CODES_TIME(of) NULL
#define CODES_INT(of) NULL
#define CODES_BOOL(of) NULL
#define CODES_ID(of) NULL
#define CODES_BYTES(of) NULL
#define CODES_TEXTS(of) NULL
#define CODES_MSG(of) NULL
#define CODES_MSGS(of) NULL
#define CODES_CODE(of) codes_##of
#define CODES_CODES(of) codes_##of

#define ROW(type, tag, kind, name, of, presence, limit) \
	{ #name, tag, FIELD_##kind, PRESENCE_##presence, limit, offsetof(struct type, name), OF_##kind(of), CODES_##kind(of) },
#define TABLE(type) static const struct field fields_##type[] = { FIELDS_##type(ROW) };
RECORD_TYPES(TABLE)
#undef TABLE
#undef ROW

#define TYPE(type) static const struct record_type type_##type = \
	{ #type, fields_##type, sizeof(fields_##type) / sizeof(fields_##type[0]), sizeof(struct type) };
RECORD_TYPES(TYPE)
#undef TYPE

static const struct record_type *const types[] = {
#define POINTER(type) &type_##type,
	RECORD_TYPES(POINTER)
#undef POINTER
};

/* A list is a pointer and, right behind it, its count: for texts in their struct, for messages as two members. */
_Static_assert(offsetof(struct texts, n) == sizeof(void *), "the count follows the items");
#define LAYOUT_TEXT(type, name)
#define LAYOUT_CODE(type, name)
#define LAYOUT_DATE(type, name)
#define LAYOUT_TIME(type, name)
#define LAYOUT_INT(type, name)
#define LAYOUT_BOOL(type, name)
#define LAYOUT_ID(type, name)
#define LAYOUT_BYTES(type, name)
#define LAYOUT_MSG(type, name)
#define LAYOUT_TEXTS(type, name)
#define LAYOUT_CODES(type, name)
#define LAYOUT_MSGS(type, name) \
	_Static_assert(offsetof(struct type, n_##name) == offsetof(struct type, name) + sizeof(void *), #name);
#define LAYOUT(type, tag, kind, name, of, presence, limit) LAYOUT_##kind(type, name)
#define LAYOUTS(type) FIELDS_##type(LAYOUT)
RECORD_TYPES(LAYOUTS)

const struct record_type *
record_type(void)
{
	return &type_record;
}

const struct record_type *
record_type_by_name(const char *name)
{
	for (size_t i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(types[i]->name, name) == 0)
			return types[i];
	return NULL;
}

const struct field *
record_field(const struct record_type *type, const char *name)
{
	for (size_t i = 0; i < type->n_fields; i++)
		if (strcmp(type->fields[i].name, name) == 0)
			return &type->fields[i];
	return NULL;
}

const char *const *
record_codes(const char *list)
{
	for (size_t i = 0; i < sizeof(code_lists) / sizeof(code_lists[0]); i++)
		if (strcmp(code_lists[i].name, list) == 0)
			return code_lists[i].codes;
	return NULL;
}

void
record_say_codes(const char *const *codes, char *to, size_t cap)
{
	static const char SEPARATOR[] = ", ", MORE[] = ", ...";
	size_t n = 0;

	*to = '\0';
	for (size_t i = 0; codes != NULL && codes[i] != NULL; i++) {
		size_t len = strlen(codes[i]) + (i > 0 ? sizeof(SEPARATOR) - 1 : 0);

		if (n + len + sizeof(MORE) > cap) {
			snprintf(to + n, cap - n, "%s", MORE);
			return;
		}
		n += (size_t)snprintf(to + n, cap - n, "%s%s", i > 0 ? SEPARATOR : "", codes[i]);
	}
}

bool
record_is_code(const char *list, const char *code)
{
	const char *const *codes = record_codes(list);

	for (size_t i = 0; code != NULL && codes != NULL && codes[i] != NULL; i++)
		if (strcmp(codes[i], code) == 0)
			return true;
	return false;
}

bool
record_field_is_list(const struct field *field)
{
	return field->kind == FIELD_TEXTS || field->kind == FIELD_CODES || field->kind == FIELD_MSGS;
}

const void *
record_at(const void *msg, const struct field *field)
{
	const void *p;

	memcpy(&p, (const char *)msg + field->offset, sizeof(p));
	return p;
}

size_t
record_count(const void *msg, const struct field *field)
{
	size_t n;

	memcpy(&n, (const char *)msg + field->offset + sizeof(void *), sizeof(n));
	return n;
}

bool
record_has(const void *msg, const struct field *field)
{
	return record_field_is_list(field) ? record_count(msg, field) > 0 : record_at(msg, field) != NULL;
}

static const char *
text_of_time(int64_t ms, struct arena *mem)
{
	char text[CLOCK_TEXT_LEN];

	clock_format(ms, text);
	return arena_str(mem, text);
}

static const char *
text_of_id(const uint8_t *id, size_t n, struct arena *mem)
{
	char *hex = arena_alloc(mem, 2 * n + 1);

	if (hex != NULL)
		bytes_hex(id, n, hex);
	return hex;
}

const char *
record_text(const void *msg, const struct field *field, struct arena *mem)
{
	const void *p = record_field_is_list(field) ? NULL : record_at(msg, field);

	if (p == NULL)
		return NULL;
	switch (field->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
	case FIELD_DATE:
		return p;
	case FIELD_TIME:
		return text_of_time(*(const int64_t *)p, mem);
	case FIELD_INT:
		return arena_fmt(mem, "%lld", (long long)*(const int64_t *)p);
	case FIELD_BOOL:
		return *(const bool *)p ? "true" : "false";
	case FIELD_ID:
		return text_of_id(p, field->limit, mem);
	case FIELD_BYTES:
		return note_base64(*(const struct span *)p, mem);
	case FIELD_MSG:
	case FIELD_TEXTS:
	case FIELD_CODES:
	case FIELD_MSGS:
		break;
	}
	return NULL;
}
