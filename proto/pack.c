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

/* Where an encoding goes to be compared with the bytes that it should be. */
struct comparison {
	ProtobufCBuffer base;	/* first */
	struct span rest;
	bool is_equal;
};

static void
compare(ProtobufCBuffer *base, size_t n, const uint8_t *p)
{
	struct comparison *c = (struct comparison *)base;

	if (n == 0)
		return;
	if (n > c->rest.n || memcmp(c->rest.p, p, n) != 0) {
		c->is_equal = false;
		return;
	}
	c->rest = SPAN(c->rest.p + n, c->rest.n - n);
}

enum err
pack_decode(const struct ProtobufCMessageDescriptor *type, struct span bytes, bool is_canonical, struct arena *mem,
	    struct ProtobufCMessage **ret_msg)
{
	ProtobufCAllocator allocator = { .alloc = give, .free = leave, .allocator_data = mem };
	ProtobufCMessage *msg;
	struct comparison same = { { .append = compare }, bytes, true };

	msg = protobuf_c_message_unpack(type, &allocator, bytes.n, bytes.p);
	if (msg == NULL)
		return arena_is_full(mem) ? ERR_TOOBIG : ERR_FORMAT;
	if (!is_strict(msg, 0))
		return ERR_FORMAT;
	if (is_canonical) {
		protobuf_c_message_pack_to_buffer(msg, &same.base);
		if (!same.is_equal || same.rest.n != 0)
			return ERR_FORMAT;
	}
	*ret_msg = msg;
	return OK;
}

/* protobuf-c's structs want non-const pointers even for what is only read. */
static uint8_t *
unconst(const void *p)
{
	return (uint8_t *)(uintptr_t)p;
}

void
pack_fixed(struct ProtobufCBinaryData *to, const void *p, size_t n)
{
	pack_span(to, bytes_is_zero(p, n) ? SPAN_NONE : SPAN(p, n));
}

bool
pack_take_fixed(const struct ProtobufCBinaryData *from, void *to, size_t n)
{
	memset(to, 0, n);
	if (from->len == 0)
		return true;
	if (from->len != n || bytes_is_zero(from->data, n))
		return false;
	memcpy(to, from->data, n);
	return true;
}

void
pack_span(struct ProtobufCBinaryData *to, struct span s)
{
	to->len = s.n;
	to->data = s.n == 0 ? NULL : unconst(s.p);
}

struct span
pack_take_span(const struct ProtobufCBinaryData *from)
{
	return from->len == 0 ? SPAN_NONE : SPAN(from->data, from->len);
}

void
pack_hashes(struct ProtobufCBinaryData *to, const struct hash *hashes, size_t n)
{
	pack_span(to, SPAN(hashes, n * sizeof(hashes->b)));
}

bool
pack_take_hashes(const struct ProtobufCBinaryData *from, size_t max, struct hash **ret_hashes, size_t *ret_n)
{
	if (from->len % sizeof((*ret_hashes)->b) != 0 || from->len / sizeof((*ret_hashes)->b) > max)
		return false;
	*ret_n = from->len / sizeof((*ret_hashes)->b);
	*ret_hashes = *ret_n == 0 ? NULL : (struct hash *)(void *)from->data;
	return true;
}

char *
pack_text(const char *s)
{
	return (char *)unconst(s == NULL ? "" : s);
}

const char *
pack_take_text(const char *s)
{
	return s == NULL || s[0] == '\0' ? NULL : s;
}
