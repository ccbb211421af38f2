/* SPDX-License-Identifier: EUPL-1.2 */
/* whole - a file and its parts: how it is cut, which parts are missing, whether they belong together, whether its bytes are of the
 * type that is said. Pure: upload.c cuts by it, gather.c puts together by it.
 */
#ifndef ADAPTER_WHOLE_H
#define ADAPTER_WHOLE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/bytes.h"
#include "proto/base/err.h"
#include "proto/merkle.h"
#include "proto/record.h"

#define WHOLE_PART_BYTES ((size_t)512 * 1024)
#define WHOLE_PARTS_MAX 50
#define WHOLE_BYTES_MAX (WHOLE_PARTS_MAX * WHOLE_PART_BYTES)	/* 25 MiB */
#define WHOLE_NAME_MAX 200
#define WHOLE_END_BYTES 1024	/* of a file's end, enough to see whether it is one */
#define WHOLE_DIGEST_LEN 45	/* a SHA-256 in base64, with its NUL */

struct whole {
	uint64_t size;
	struct hash sha256;
	unsigned parts;
	uint64_t at[WHOLE_PARTS_MAX];	/* where each part lies, by its number less one; 0: it is not here */
};

unsigned whole_parts(uint64_t size);				/* that it is cut into; 0 for an empty one */
size_t whole_part_bytes(uint64_t size, unsigned part);	/* of part 1, 2 ...; 0: it has no such part */
unsigned whole_missing(const struct whole *w);			/* the first part that is not here; 0: none */
unsigned whole_have(const struct whole *w);			/* how many are here */
/* Part `part` lies at `at`. ERR_DUPLICATE: it is here already; ERR_INCONSISTENT: there is no such part. */
enum err whole_add(struct whole *w, unsigned part, uint64_t at, struct why *why) MUST_USE;
/* What all parts of a file must say alike: of all but part and data, and by whom it goes. ERR_TOOBIG: `mem` is full. */
enum err whole_said(const struct file_part *f, struct arena *mem, struct hash *ret_said) MUST_USE;

/* May the bytes that begin so be of this media type? Types without a sign of their own are believed, text if it holds no NUL. */
bool whole_is_type(const char *media_type, struct span beginning);
/* A part that our system says (NULL: no file): do its bytes begin as its type does, if it is the first, and have they the hash that it
 * says? ERR_MEDIA_TYPE, ERR_FILE_DIFFERS. One that lacks a field is found out elsewhere (record_check): OK. */
enum err whole_check(const struct file_part *f, struct why *why) MUST_USE;
/* The hash alone, of a file of a single part: ERR_FILE_DIFFERS. Of one part of several nobody can tell: OK. */
enum err whole_check_hash(const struct file_part *f, struct why *why) MUST_USE;
const char *whole_ending(const char *media_type);	/* ".pdf"; "" for one that is not taken */
const char *whole_type_of(const char *name);			/* by its ending, in any case; NULL: of no type that is taken */
/* Does a file of this type that ends so look whole? Of most types none can tell: true. */
bool whole_is_ended(const char *media_type, struct span end);
/* A name of a file, and of nothing else: 1 to 200 bytes of UTF-8 without control characters, '/' or '\\', and not all dots. */
bool whole_is_name(const char *name);

void whole_digest(const struct hash *sha256, char to[static WHOLE_DIGEST_LEN]);
/* A header Content-Digest or Repr-Digest ("sha-256=:<base64>:", RFC 9530) or Digest ("SHA-256=<base64>"), other algorithms beside it
 * passed over. False: it names a SHA-256, and it is another. */
bool whole_is_digest(const char *header, const struct hash *sha256);

#endif
