/* SPDX-License-Identifier: EUPL-1.2 */
/* note - C2SP signed notes and tlog-checkpoints: text that people and other people's tools can verify. */
#ifndef PROTO_NOTE_H
#define PROTO_NOTE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/keyring.h"
#include "proto/merkle.h"

#define NOTE_MAX (1024 * 1024)
#define NOTE_SIGS_MAX 64
#define NOTE_NAME_MAX 128

struct note_signer { const char *name; const struct key *key; };
struct note_verifier { const char *name; struct public_key pub; };	/* Ed25519, algorithm 1 */

bool note_is_name(const char *name);	/* a key name as C2SP has it: not empty, no blanks, no plus sign */
/* `text` must end in a newline. Appends the blank line and a signature line each. ERR_FORMAT: such a text or name cannot be
 * a note; ERR_TOOBIG. */
enum err note_sign(struct span text, const struct note_signer *signers, size_t n, struct arena *mem, struct span *ret_note) MUST_USE;
/* Add one signature to a note that stands, unless the same signer's is there (ERR_EXISTS). */
enum err note_add(struct span note, const struct note_signer *signer, struct arena *mem, struct span *ret_note) MUST_USE;
/* Which of the verifiers signed validly: bit i of ret_valid for verifiers[i] (at most 64). An unknown signature is ignored; a
 * wrong one by a known key is ERR_BAD_SIGNATURE; not a note: ERR_FORMAT. ret_text borrows from `note`. */
enum err note_verify(struct span note, const struct note_verifier *verifiers, size_t n, struct span *ret_text, uint64_t *ret_valid) MUST_USE;
/* "name+hash+base64" as Go's sumdb/note writes a verifier key; parse and format. */
enum err note_verifier_parse(const char *text, struct arena *mem, struct note_verifier *ret_verifier) MUST_USE;
char *note_verifier_format(const struct note_verifier *v, struct arena *mem);

/* Standard base64 with padding. Parsing is strict: nothing else in it, no stray bits. NULL: full; ERR_FORMAT, ERR_TOOBIG. */
char *note_base64(struct span bytes, struct arena *mem);
enum err note_unbase64(struct span text, struct arena *mem, struct span *ret_bytes) MUST_USE;

struct checkpoint { const char *origin; uint64_t size; struct hash root; };
enum err checkpoint_sign(const struct checkpoint *c, const struct note_signer *signer, struct arena *mem, struct span *ret_note) MUST_USE;
/* Verifies the log's signature and parses. ERR_BAD_SIGNATURE if the log did not sign; ERR_FORMAT. The origin is the log's
 * name; extension lines are allowed and ignored. */
enum err checkpoint_open(struct span note, const struct note_verifier *log, struct arena *mem, struct checkpoint *ret_c) MUST_USE;

#endif
