/* SPDX-License-Identifier: EUPL-1.2 */
/* pack - protobuf in an arena, strictly: what protobuf-c gives and takes, for the codecs of this folder.
 *
 * Unknown fields are refused at every depth, texts must be UTF-8 without NUL. The generated types stay with the callers.
 */
#ifndef PROTO_PACK_H
#define PROTO_PACK_H

#include <stdbool.h>

#include "proto/base/arena.h"

struct ProtobufCMessage;
struct ProtobufCMessageDescriptor;

/* ERR_TOOBIG: the arena is full. */
enum err pack_encode(const struct ProtobufCMessage *msg, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* `is_canonical`: the bytes must be exactly what pack_encode makes of the result (fields ascending, none twice, no default
 * written out). Everything decoded is a copy in `mem`. ERR_FORMAT, ERR_TOOBIG. */
enum err pack_decode(const struct ProtobufCMessageDescriptor *type, struct span bytes, bool is_canonical, struct arena *mem,
		     struct ProtobufCMessage **ret_msg) MUST_USE;

#endif
