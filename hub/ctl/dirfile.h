/* SPDX-License-Identifier: EUPL-1.2 */
/* dirfile - a directory as a file, signed or not yet, and the file of those whose signatures are trusted.
 *
 * What is read here is looked at, not trusted: directory_open alone says whether a directory holds. Called by dircommand.c
 * and dircheck.c.
 */
#ifndef CTL_DIRFILE_H
#define CTL_DIRFILE_H

#include "proto/directory.h"

#define DIRFILE_TRUST_MAX (64 * 1024)

struct dirfile {
	struct span bytes;		/* the file */
	struct span text;		/* what is or will be signed */
	bool is_signed;			/* has a signature line, of whomever */
	struct directory *directory;
};

/* ERR_FORMAT and the errors of directory_decode, with `why`. */
enum err dirfile_read(const char *path, struct arena *mem, struct dirfile *ret_file, struct why *why) MUST_USE;
enum err dirfile_parse(struct span bytes, struct arena *mem, struct dirfile *ret_file, struct why *why) MUST_USE;
/* Lines "threshold K" (once) and one verifier key each; empty lines and those that begin with # are left out. ERR_FORMAT with
 * the line. */
enum err dirfile_trust(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why) MUST_USE;

#endif
