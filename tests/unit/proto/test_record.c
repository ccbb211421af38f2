/* SPDX-License-Identifier: EUPL-1.2 */
/* test_record - the record's bytes: every field survives, and nothing that is not the record's gets in. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "proto/record.h"
#include "proto/schema/record.pb-c.h"
#include "tests/support/sample_record.h"
#include "tests/support/arena_fixture.h"

/* "PersonId" of "person_id" */
static void
camel(const char *snake, char *to)
{
	bool up = true;

	for (; *snake != '\0'; snake++) {
		if (*snake == '_') {
			up = true;
			continue;
		}
		*to++ = (char)(up ? *snake - 'a' + 'A' : *snake);
		up = false;
	}
	*to = '\0';
}

static ProtobufCType
wire_type(enum field_kind kind)
{
	switch (kind) {
	case FIELD_TIME:
	case FIELD_INT:
		return PROTOBUF_C_TYPE_INT64;
	case FIELD_BOOL:
		return PROTOBUF_C_TYPE_BOOL;
	case FIELD_ID:
	case FIELD_BYTES:
		return PROTOBUF_C_TYPE_BYTES;
	case FIELD_MSG:
	case FIELD_MSGS:
		return PROTOBUF_C_TYPE_MESSAGE;
	case FIELD_TEXT:
	case FIELD_CODE:
	case FIELD_DATE:
	case FIELD_TEXTS:
	case FIELD_CODES:
		break;
	}
	return PROTOBUF_C_TYPE_STRING;
}

static size_t
compare(const struct record_type *type, const ProtobufCMessageDescriptor *desc)
{
	char name[64];
	size_t n = type->n_fields;

	camel(type->name, name);
	assert_string_equal(desc->short_name, name);
	assert_int_equal(desc->n_fields, type->n_fields);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];
		const ProtobufCFieldDescriptor *p = &desc->fields[i];

		assert_string_equal(p->name, f->name);
		assert_int_equal(p->id, f->tag);
		assert_int_equal(p->type, wire_type(f->kind));
		assert_int_equal(p->label,
				 record_field_is_list(f) ? PROTOBUF_C_LABEL_REPEATED : PROTOBUF_C_LABEL_OPTIONAL);
		if (f->of != NULL)
			n += compare(f->of, p->descriptor);
	}
	return n;
}

/* The description from record.def and schema/record.proto agree in every message, tag, name and type. */
static void
record_schema_equals_description(void **state)
{
	(void)state;
	assert_true(compare(record_type(), &hub__v1__record__descriptor) > 150);
}

/* A record with every field set, zeroes and falses included, comes back the same from its bytes. */
static void
record_encode_keeps_every_field(void **state)
{
	(void)state;
	for (size_t i = 0; sample_kinds[i] != NULL; i++) {
		struct record *in = sample_record(mem, sample_kinds[i]), *out = NULL;
		struct why why;
		struct span bytes;

		assert_int_equal(record_encode(in, mem, &bytes, &why), OK);
		assert_int_equal(record_decode(bytes, mem, &out, &why), OK);
		assert_true(sample_same(record_type(), in, out, mem));
		assert_int_equal(*out->dropped, 0);
	}
}

/* What does not pass record_check is not encoded. */
static void
record_encode_checks(void **state)
{
	struct record *record = sample_record(mem, "referral");
	struct span bytes;
	struct why why;

	(void)state;
	record->referral->child->given = NULL;
	assert_int_equal(record_encode(record, mem, &bytes, &why), ERR_REQUIRED);
	assert_string_equal(why.where, "referral.child.given");
	assert_null(bytes.p);
}

/* Bytes that were cut anywhere never decode to a record, except where a cut ends a whole field, and then checked. */
static void
record_decode_refuses_cut_bytes(void **state)
{
	struct record *out;
	struct span bytes;
	struct why why;

	(void)state;
	assert_int_equal(record_encode(sample_record(mem, "referral"), mem, &bytes, &why), OK);
	for (size_t n = 0; n < bytes.n; n++) {
		struct arena *small = arena_new(1024 * 1024);
		uint8_t *copy = malloc(n + 1);	/* of its own, so that a read past the end is seen */

		memcpy(copy, bytes.p, n);
		assert_int_not_equal(record_decode(SPAN(copy, n), small, &out, &why), OK);
		assert_null(out);
		free(copy);
		arena_free(small);
	}
}

/* Decode `head` with `tail` behind it. */
static enum err
decode_with(const void *head, size_t n_head, const void *tail, size_t n_tail)
{
	uint8_t *both = malloc(n_head + n_tail);
	struct record *out;
	struct why why;
	enum err e;

	memcpy(both, head, n_head);
	memcpy(both + n_head, tail, n_tail);
	e = record_decode(SPAN(both, n_head + n_tail), mem, &out, &why);
	free(both);
	return e;
}

/* An unknown field at the top, one in an inner message, a field given twice and a text with a NUL are refused. */
static void
record_decode_refuses_what_is_not_ours(void **state)
{
	static const uint8_t unknown_top[] = { 0xf8, 0x06, 0x01 };		/* field 111, varint 1 */
	static const uint8_t unknown_inner[] = { 0x52, 0x03, 0xf8, 0x06, 0x01 };	/* in referral (10) */
	static const uint8_t twice[] = { 0x28, 0x00 };				/* dropped (5) again */
	static const uint8_t nul_text[] = { 0x22, 0x03, 'a', 0x00, 'b' };	/* assumed (4) */
	static const uint8_t good_text[] = { 0x22, 0x01, 'a' };
	static const uint8_t wrong_wire[] = { 0x30, 0x01 };			/* source (6) as a number */
	static const uint8_t bad_utf8[] = { 0x22, 0x01, 0xff };
	static const uint8_t long_zero[] = { 0x28, 0x80, 0x00 };
	struct span b;
	struct why why;

	(void)state;
	assert_int_equal(record_encode(sample_record(mem, "referral"), mem, &b, &why), OK);
	assert_int_equal(decode_with(b.p, b.n, good_text, sizeof(good_text)), OK);
	assert_int_equal(decode_with(b.p, b.n, unknown_top, sizeof(unknown_top)), ERR_FORMAT);
	assert_int_equal(decode_with(b.p, b.n, unknown_inner, sizeof(unknown_inner)), ERR_FORMAT);
	assert_int_equal(decode_with(b.p, b.n, twice, sizeof(twice)), ERR_FORMAT);
	assert_int_equal(decode_with(b.p, b.n, nul_text, sizeof(nul_text)), ERR_FORMAT);
	assert_int_equal(decode_with(b.p, b.n, wrong_wire, sizeof(wrong_wire)), ERR_FORMAT);
	assert_int_equal(decode_with(b.p, b.n, bad_utf8, sizeof(bad_utf8)), ERR_CHARSET);
	assert_int_equal(decode_with(b.p, b.n, long_zero, sizeof(long_zero)), ERR_FORMAT);
}

/* Every single bit flipped either is refused or gives a record that passes the check and encodes again. */
static void
record_decode_survives_bit_flips(void **state)
{
	struct span bytes, again;
	struct record *out;
	uint8_t *copy;
	struct why why;

	(void)state;
	assert_int_equal(record_encode(sample_record(mem, "status-change"), mem, &bytes, &why), OK);
	copy = malloc(bytes.n);
	memcpy(copy, bytes.p, bytes.n);
	for (size_t bit = 0; bit < bytes.n * 8; bit++) {
		struct arena *small = arena_new(1024 * 1024);

		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		if (record_decode(SPAN(copy, bytes.n), small, &out, &why) == OK)
			assert_int_equal(record_encode(out, small, &again, &why), OK);
		copy[bit / 8] ^= (uint8_t)(1 << bit % 8);
		arena_free(small);
	}
	free(copy);
}

/* More bytes than a record may have, and a record that fills the arena, are too big and nothing worse. */
static void
record_decode_has_limits(void **state)
{
	size_t n = RECORD_BYTES_MAX + 1;
	uint8_t *many = calloc(1, n);
	struct arena *small = arena_new(4096);
	struct record *out;
	struct span bytes;
	struct why why;

	(void)state;
	assert_int_equal(record_decode(SPAN(many, n), mem, &out, &why), ERR_TOOBIG);
	assert_int_equal(record_encode(sample_record(mem, "referral"), mem, &bytes, &why), OK);
	assert_int_equal(record_decode(bytes, small, &out, &why), ERR_TOOBIG);
	for (size_t i = 0; i + 1 < n; i += 2)		/* half a million empty referrals, merged one into another */
		many[i] = 0x52;
	assert_int_not_equal(record_decode(SPAN(many, n - 1), small, &out, &why), OK);
	arena_free(small);
	free(many);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(record_schema_equals_description, setup, teardown),
		cmocka_unit_test_setup_teardown(record_encode_keeps_every_field, setup, teardown),
		cmocka_unit_test_setup_teardown(record_encode_checks, setup, teardown),
		cmocka_unit_test_setup_teardown(record_decode_refuses_cut_bytes, setup, teardown),
		cmocka_unit_test_setup_teardown(record_decode_refuses_what_is_not_ours, setup, teardown),
		cmocka_unit_test_setup_teardown(record_decode_survives_bit_flips, setup, teardown),
		cmocka_unit_test_setup_teardown(record_decode_has_limits, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
