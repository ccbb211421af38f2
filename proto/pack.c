/* SPDX-License-Identifier: EUPL-1.2 */
/* pack - protobuf-c through an arena.
 *
 * protobuf-c keeps unknown fields, takes any bytes for a text and lets a later field overrule an earlier one. None of that
 * may pass here: unknown fields and bad texts are refused after decoding, and where bytes are signed or hashed the decoded
 * message is encoded again and compared, which leaves one form for one content.
 */
#include "proto/pack.h"

#include <protobuf-c/protobuf-c.h>

#define DEPTH_MAX 8	/* our schema is 4 deep */

static void *
give(void *arg, size_t n)
{
	return arena_alloc(arg, n);
}

static void
leave(void *arg, void *p)
{
	(void)arg;
	(void)p;
}

enum err
pack_encode(const struct ProtobufCMessage *msg, struct arena *mem, struct span *ret_bytes)
{
	size_t n = protobuf_c_message_get_packed_size(msg);
	uint8_t *to = arena_alloc(mem, n);

	if (to == NULL)
		return ERR_TOOBIG;
	*ret_bytes = SPAN(to, protobuf_c_message_pack(msg, to));
	return OK;
}

static bool is_strict(const ProtobufCMessage *msg, unsigned depth);

/* One value of a field: a text is UTF-8, a message is strict in turn; other types have nothing to hide. */
static bool
is_strict_value(const ProtobufCFieldDescriptor *field, const void *value, unsigned depth)
{
	if (field->type == PROTOBUF_C_TYPE_STRING) {
		const char *text = *(const char *const *)value;

		return text == NULL || bytes_is_utf8(span_str(text));
	}
	if (field->type == PROTOBUF_C_TYPE_MESSAGE) {
		const ProtobufCMessage *sub = *(const ProtobufCMessage *const *)value;

		return sub == NULL || is_strict(sub, depth + 1);
	}
	return true;
}

static bool
is_strict(const ProtobufCMessage *msg, unsigned depth)
{
	const uint8_t *base = (const uint8_t *)msg;

	if (msg->n_unknown_fields != 0 || depth > DEPTH_MAX)
		return false;
	for (unsigned i = 0; i < msg->descriptor->n_fields; i++) {
		const ProtobufCFieldDescriptor *field = &msg->descriptor->fields[i];
		const uint8_t *at = base + field->offset;

		if (field->type != PROTOBUF_C_TYPE_STRING && field->type != PROTOBUF_C_TYPE_MESSAGE)
			continue;
		if ((field->flags & PROTOBUF_C_FIELD_FLAG_ONEOF) != 0 &&
		    *(const uint32_t *)(const void *)(base + field->quantifier_offset) != field->id)
			continue;
		if (field->label == PROTOBUF_C_LABEL_REPEATED) {
			size_t n = *(const size_t *)(const void *)(base + field->quantifier_offset);
			const void *const *items = *(const void *const *const *)(const void *)at;

			for (size_t k = 0; k < n; k++)
				if (!is_strict_value(field, &items[k], depth))
					return false;
		} else if (!is_strict_value(field, at, depth)) {
			return false;
		}
	}
	return true;
}

enum err
pack_decode(const struct ProtobufCMessageDescriptor *type, struct span bytes, bool is_canonical, struct arena *mem,
	    struct ProtobufCMessage **ret_msg)
{
	ProtobufCAllocator allocator = { .alloc = give, .free = leave, .allocator_data = mem };
	ProtobufCMessage *msg;
	struct span again;
	enum err e;

	msg = protobuf_c_message_unpack(type, &allocator, bytes.n, bytes.p);
	if (msg == NULL)
		return arena_is_full(mem) ? ERR_TOOBIG : ERR_FORMAT;
	if (!is_strict(msg, 0))
		return ERR_FORMAT;
	if (is_canonical) {
		if ((e = pack_encode(msg, mem, &again)) != OK)
			return e;
		if (!span_eq(again, bytes))
			return ERR_FORMAT;
	}
	*ret_msg = msg;
	return OK;
}
