/* SPDX-License-Identifier: EUPL-1.2 */
/* pack - protobuf in an arena, strictly: what protobuf-c gives and takes, for the codecs of this folder.
 *
 * Unknown fields are refused at every depth, texts must be UTF-8 without NUL. The generated types stay with the callers.
 */
#ifndef PROTO_PACK_H
#define PROTO_PACK_H

#include <stdbool.h>

#include "proto/base/arena.h"
#include "proto/merkle.h"

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;
struct ProtobufCBinaryData;

/* ERR_TOOBIG: the arena is full. */
enum err pack_encode(const struct ProtobufCMessage *msg, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* `is_canonical`: the bytes must be exactly what pack_encode makes of the result (fields ascending, none twice, no default
 * written out). Everything decoded is a copy in `mem`. ERR_FORMAT, ERR_TOOBIG. */
enum err pack_decode(const struct ProtobufCMessageDescriptor *type, struct span bytes, bool is_canonical, struct arena *mem,
		     struct ProtobufCMessage **ret_msg) MUST_USE;

/* Bytes of one length as a field: all zero is absent. Taking them back, false if there are others than `n` or written zeroes. */
void pack_fixed(struct ProtobufCBinaryData *to, const void *p, size_t n);
bool pack_take_fixed(const struct ProtobufCBinaryData *from, void *to, size_t n);
/* Bytes of any length; empty is absent. Borrowed both ways. */
void pack_span(struct ProtobufCBinaryData *to, struct span s);
struct span pack_take_span(const struct ProtobufCBinaryData *from);
/* Hashes one after the other; false if the length is no multiple of theirs or there are more than `max`. Borrowed. */
void pack_hashes(struct ProtobufCBinaryData *to, const struct hash *hashes, size_t n);
bool pack_take_hashes(const struct ProtobufCBinaryData *from, size_t max, struct hash **ret_hashes, size_t *ret_n);
/* A text as a field (NULL becomes empty, which is absent) and back (empty becomes NULL). Borrowed. */
char *pack_text(const char *s);
const char *pack_take_text(const char *s);

#endif
