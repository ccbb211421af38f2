/* SPDX-License-Identifier: EUPL-1.2 */
/* record - between the record's structs and their protobuf bytes.
 *
 * Generic: walks our description beside protobuf-c's descriptor, whose fields stand in the same order with the same tags
 * (a unit test holds them equal, and it is asserted on the way). The generated types are named nowhere else. All memory
 * is the arena's: the decoded record shares its texts with the unpacked message.
 */
#include "proto/record.h"

#include <assert.h>
#include <string.h>

#include "proto/schema/record.pb-c.h"

/* -- places in a message whose type is known by description only -- */
static void *
put_ptr(void *msg, size_t offset, const void *p)
{
	return memcpy((char *)msg + offset, &p, sizeof(p));
}

static void
put_size(void *msg, size_t offset, size_t n)
{
	memcpy((char *)msg + offset, &n, sizeof(n));
}

static size_t
get_size(const void *msg, size_t offset)
{
	size_t n;

	memcpy(&n, (const char *)msg + offset, sizeof(n));
	return n;
}

static const void *
get_ptr(const void *msg, size_t offset)
{
	const void *p;

	memcpy(&p, (const char *)msg + offset, sizeof(p));
	return p;
}

static void
put_has(void *msg, const ProtobufCFieldDescriptor *to)
{
	*(protobuf_c_boolean *)(void *)((char *)msg + to->quantifier_offset) = 1;
}

static bool
get_has(const void *msg, const ProtobufCFieldDescriptor *from)
{
	return *(const protobuf_c_boolean *)(const void *)((const char *)msg + from->quantifier_offset) != 0;
}

/* -- record to protobuf -- */
static ProtobufCMessage *to_proto(const struct record_type *type, const void *msg,
				  const ProtobufCMessageDescriptor *desc, struct arena *mem);

static bool
list_to_proto(const struct field *f, const void *msg, const ProtobufCFieldDescriptor *to, void *out, struct arena *mem)
{
	size_t n = record_count(msg, f);
	const void *const *items = record_at(msg, f);
	const void **copy = arena_array(mem, n, sizeof(void *));

	if (copy == NULL)
		return n == 0;
	for (size_t i = 0; i < n; i++) {
		copy[i] = f->kind == FIELD_MSGS ? to_proto(f->of, items[i], to->descriptor, mem) : items[i];
		if (copy[i] == NULL)
			return false;
	}
	put_ptr(out, to->offset, copy);
	put_size(out, to->quantifier_offset, n);
	return true;
}

static bool
field_to_proto(const struct field *f, const void *msg, const ProtobufCFieldDescriptor *to, void *out, struct arena *mem)
{
	const void *p = record_at(msg, f);
	char *place = (char *)out + to->offset;
	ProtobufCBinaryData id;
	const struct span *bytes;
	protobuf_c_boolean b;

	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
	case FIELD_DATE:
		put_ptr(out, to->offset, p);
		return true;
	case FIELD_TIME:
	case FIELD_INT:
		put_has(out, to);
		memcpy(place, p, sizeof(int64_t));
		return true;
	case FIELD_BOOL:
		put_has(out, to);
		b = *(const bool *)p;
		memcpy(place, &b, sizeof(b));
		return true;
	case FIELD_ID:
		put_has(out, to);
		id.len = f->limit;
		id.data = arena_copy(mem, p, f->limit);
		memcpy(place, &id, sizeof(id));
		return id.data != NULL;
	case FIELD_BYTES:
		put_has(out, to);
		bytes = p;
		id.len = bytes->n;
		id.data = arena_copy(mem, bytes->p, bytes->n);
		memcpy(place, &id, sizeof(id));
		return id.data != NULL;
	case FIELD_MSG:
		p = to_proto(f->of, p, to->descriptor, mem);
		put_ptr(out, to->offset, p);
		return p != NULL;
	case FIELD_TEXTS:
	case FIELD_CODES:
	case FIELD_MSGS:
		return list_to_proto(f, msg, to, out, mem);
	}
	return false;
}

/* NULL when the arena is full. */
static ProtobufCMessage *
to_proto(const struct record_type *type, const void *msg, const ProtobufCMessageDescriptor *desc, struct arena *mem)
{
	ProtobufCMessage *out = arena_alloc(mem, desc->sizeof_message);

	if (out == NULL)
		return NULL;
	assert(desc->n_fields == type->n_fields);
	desc->message_init(out);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		assert(desc->fields[i].id == f->tag);
		if (record_has(msg, f) && !field_to_proto(f, msg, &desc->fields[i], out, mem))
			return NULL;
	}
	return out;
}

enum err
record_encode(const struct record *record, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	ProtobufCMessage *msg;
	uint8_t *bytes;
	size_t n;
	enum err e;

	*ret_bytes = SPAN_NONE;
	if ((e = record_check(record, why)) != OK)
		return e;
	if ((msg = to_proto(record_type(), record, &hub__v1__record__descriptor, mem)) == NULL)
		return why_set(why, ERR_TOOBIG, NULL, "no room to encode the record");
	if ((n = protobuf_c_message_get_packed_size(msg)) > RECORD_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a record has at most %d bytes", RECORD_BYTES_MAX);
	if ((bytes = arena_alloc(mem, n)) == NULL)
		return why_set(why, ERR_TOOBIG, NULL, "no room to encode the record");
	protobuf_c_message_pack(msg, bytes);
	*ret_bytes = SPAN(bytes, n);
	return OK;
}

/* -- protobuf to record -- */
static enum err from_proto(const struct record_type *type, const ProtobufCMessage *msg, struct arena *mem, void **ret_msg,
			   struct why *why);

static enum err
list_from_proto(const struct field *f, const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *from, void *out,
		struct arena *mem, struct why *why)
{
	size_t n = get_size(msg, from->quantifier_offset);
	const void *const *items = get_ptr(msg, from->offset);
	void **made = NULL;
	enum err e;

	if (n > f->limit)	/* before memory is spent on them */
		return why_set(why, ERR_TOOMANY, f->name, "at most %zu", f->limit);
	if (f->kind == FIELD_MSGS && n > 0) {
		if ((made = arena_array(mem, n, sizeof(*made))) == NULL)
			return why_set(why, ERR_TOOBIG, f->name, "no room to decode the record");
		for (size_t i = 0; i < n; i++)
			if ((e = from_proto(f->of, items[i], mem, &made[i], why)) != OK)
				return e;
		put_ptr(out, f->offset, made);
	} else {
		put_ptr(out, f->offset, items);
	}
	put_size(out, f->offset + sizeof(void *), n);
	return OK;
}

static enum err
field_from_proto(const struct field *f, const ProtobufCMessage *msg, const ProtobufCFieldDescriptor *from, void *out,
		 struct arena *mem, struct why *why)
{
	const char *place = (const char *)msg + from->offset;
	protobuf_c_boolean b;
	ProtobufCBinaryData id;
	const void *p = NULL;
	void *inner = NULL;
	enum err e = OK;

	switch (f->kind) {
	case FIELD_TEXT:
	case FIELD_CODE:
	case FIELD_DATE:
		p = get_ptr(msg, from->offset);
		break;
	case FIELD_TIME:
	case FIELD_INT:
		if (get_has(msg, from))
			p = place;	/* lives in the arena as long as the record */
		break;
	case FIELD_BOOL:
		memcpy(&b, place, sizeof(b));
		if (get_has(msg, from) && (p = record_bool(mem, b != 0)) == NULL)
			e = why_set(why, ERR_TOOBIG, f->name, "no room to decode the record");
		break;
	case FIELD_ID:
		memcpy(&id, place, sizeof(id));
		if (get_has(msg, from)) {
			p = id.data;
			if (id.len != f->limit)
				e = why_set(why, ERR_FORMAT, f->name, "has not %zu bytes", f->limit);
		}
		break;
	case FIELD_BYTES:
		memcpy(&id, place, sizeof(id));
		if (get_has(msg, from) && (p = arena_copy(mem, &SPAN(id.data, id.len), sizeof(struct span))) == NULL)
			e = why_set(why, ERR_TOOBIG, f->name, "no room to decode the record");
		break;
	case FIELD_MSG:
		if ((p = get_ptr(msg, from->offset)) != NULL) {
			e = from_proto(f->of, p, mem, &inner, why);
			p = inner;
		}
		break;
	case FIELD_TEXTS:
	case FIELD_CODES:
	case FIELD_MSGS:
		return list_from_proto(f, msg, from, out, mem, why);
	}
	put_ptr(out, f->offset, p);
	return e;
}

static enum err
from_proto(const struct record_type *type, const ProtobufCMessage *msg, struct arena *mem, void **ret_msg, struct why *why)
{
	void *out = arena_alloc(mem, type->size);
	enum err e;

	if (out == NULL)
		return why_set(why, ERR_TOOBIG, type->name, "no room to decode the record");
	if (msg->n_unknown_fields != 0)
		return why_set(why, ERR_FORMAT, type->name, "unknown field %u", (unsigned)msg->unknown_fields[0].tag);
	assert(msg->descriptor->n_fields == type->n_fields);
	for (size_t i = 0; i < type->n_fields; i++) {
		const struct field *f = &type->fields[i];

		assert(msg->descriptor->fields[i].id == f->tag);
		if ((e = field_from_proto(f, msg, &msg->descriptor->fields[i], out, mem, why)) != OK)
			return e;
	}
	*ret_msg = out;
	return OK;
}

static void *
alloc_in_arena(void *mem, size_t n)
{
	return arena_alloc(mem, n);
}

static void
free_in_arena(void *mem, void *p)
{
	(void)mem;
	(void)p;
}

enum err
record_decode(struct span bytes, struct arena *mem, struct record **ret_record, struct why *why)
{
	ProtobufCAllocator in_arena = { alloc_in_arena, free_in_arena, mem };
	ProtobufCMessage *msg;
	void *record = NULL;
	enum err e;

	*ret_record = NULL;
	if (bytes.n > RECORD_BYTES_MAX)
		return why_set(why, ERR_TOOBIG, NULL, "a record has at most %d bytes", RECORD_BYTES_MAX);
	if (bytes.n == 0)
		return why_set(why, ERR_FORMAT, NULL, "no bytes");
	msg = protobuf_c_message_unpack(&hub__v1__record__descriptor, &in_arena, bytes.n, bytes.p);
	if (msg == NULL)
		return arena_is_full(mem) ? why_set(why, ERR_TOOBIG, NULL, "no room to decode the record") :
		    why_set(why, ERR_FORMAT, NULL, "not the bytes of a record");
	if ((e = from_proto(record_type(), msg, mem, &record, why)) != OK)
		return e;
	/* A single field given twice, a NUL inside a text and a number longer than it need be all vanish in the unpacked
	 * message, and show in that it is shorter. The order of the fields is free. */
	if (protobuf_c_message_get_packed_size(msg) != bytes.n)
		return why_set(why, ERR_FORMAT, NULL, "a field is given twice, or has bytes that mean nothing");
	if ((e = record_check(record, why)) != OK)
		return e;
	*ret_record = record;
	return OK;
}
