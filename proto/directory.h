/* SPDX-License-Identifier: EUPL-1.2 */
/* directory - who is who: agencies, coordinators, auditors, registrars, the hub's keys; and the agencies' key sheets.
 *
 * A directory is serialised once, versioned, and signed by k of n registrars as a C2SP note over its base64. An older or
 * expired one is refused. A key sheet is an agency's own: its signing key signs its sealing, transport and witness keys.
 */
#ifndef PROTO_DIRECTORY_H
#define PROTO_DIRECTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/agency.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"
#include "proto/keyring.h"
#include "proto/note.h"
#include "proto/rules.h"

#define DIRECTORY_AGENCIES_MAX 4096
#define DIRECTORY_AUDITORS_MAX 64
#define DIRECTORY_REGISTRARS_MAX 32
#define DIRECTORY_MAY_SEND_MAX 256
#define DIRECTORY_SERVICES_MAX 64
#define DIRECTORY_NAME_MAX 200		/* bytes of an agency's name for people */
#define DIRECTORY_VALID_MAX_MS (366 * CLOCK_DAY)

struct agency {
	const char *id;			/* "plovdiv-ozd" */
	const char *kind;		/* "ozd", "gp", "hospital", "school", ... */
	const char *municipality;	/* "PDV22" */
	const char *name_bg, *name_en;
	struct public_key signing;
	struct key_id signing_id;
	const char **may_send;		/* agency ids, "kind:school", or "*" */
	size_t n_may_send;
	const char **services;		/* service ids */
	size_t n_services;
};

struct auditor { const char *name; struct public_key pub; struct key_id id; };
struct coordinator { const char *municipality, *agency; };

struct directory {
	uint64_t version;
	int64_t valid_from_ms, valid_until_ms;
	const char *origin;		/* of the log */
	struct public_key log, notice, curve;	/* the hub's */
	struct agency *agencies;	/* sorted by id */
	size_t n_agencies;
	struct coordinator *coordinators;
	size_t n_coordinators;
	struct auditor *auditors;	/* share number = index + 1 */
	size_t n_auditors;
	unsigned threshold;		/* k of the auditors */
	struct note_verifier *registrars;
	size_t n_registrars;
	unsigned registrar_threshold;
	struct rules rules;		/* of the programme; empty: none */
	struct hash hash;		/* SHA-256 of the serialised directory */
};

/* Writes what it is given; decode judges it. ERR_TOOBIG. */
enum err directory_encode(const struct directory *d, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* Canonical form, limits, order, references and unique names and keys: ERR_FORMAT, ERR_UNKNOWN_AGENCY, with the place in `why`. */
enum err directory_decode(struct span bytes, struct arena *mem, struct directory **ret_directory, struct why *why) MUST_USE;
/* The text to sign: "nasoka directory v1\nversion N\n<base64 lines>\n". */
enum err directory_text(const struct directory *d, struct arena *mem, struct span *ret_text) MUST_USE;
/* Open a signed directory against the registrars trusted so far (`trusted`: verifiers and threshold of the pinned root or of
 * the last directory; the set that the directory itself names must have signed by its own threshold as well).
 * `last_version`: never go back, 0 at first. `now_ms` 0: time is not judged (replay; an expired directory still serves
 * EMERGENCY). ERR_FORMAT, ERR_BAD_SIGNATURE, ERR_QUORUM, ERR_STALE, ERR_EXPIRED. */
struct trust { const struct note_verifier *registrars; size_t n; unsigned threshold; };
enum err directory_open(struct span note, const struct trust *trusted, uint64_t last_version, int64_t now_ms, struct arena *mem,
			struct directory **ret_directory, struct why *why) MUST_USE;
const struct agency *directory_find(const struct directory *d, const char *agency);	/* NULL if there is none */
/* Both are in it, differ, and one of `from`'s rules names `to`, its kind, or all. */
bool directory_may_send(const struct directory *d, const char *from, const char *to);
const char *directory_coordinator(const struct directory *d, const char *municipality);	/* NULL if there is none */

#define SHEET_SEALING_MAX 4
#define SHEET_MAX 2048		/* bytes of a signed sheet */
struct sheet {
	const char *agency;
	uint64_t version;
	int64_t made_ms;
	struct { struct public_key pub; struct key_id id; int64_t not_after_ms; } sealing[SHEET_SEALING_MAX];	/* [0] is the newest; 0: no end set */
	size_t n_sealing;
	struct public_key transport, witness;
	struct hash hash;
};

/* Key ids and hash need not be set. ERR_FORMAT: such a sheet would not open; ERR_TOOBIG. */
enum err sheet_sign(const struct sheet *s, const struct key *signing, struct arena *mem, struct span *ret_bytes) MUST_USE;
/* Verifies against the agency's signing key in the directory, and that the version does not go back. `hash` is SHA-256 of the
 * sheet without its signature. ERR_FORMAT, ERR_UNKNOWN_AGENCY, ERR_BAD_SIGNATURE, ERR_STALE. */
enum err sheet_open(struct span bytes, const struct directory *d, uint64_t last_version, struct arena *mem, struct sheet **ret_sheet,
		    struct why *why) MUST_USE;

#endif
