/* SPDX-License-Identifier: EUPL-1.2 */
/* err - the one list of errors, and why a thing was refused.
 *
 * Every function that can fail returns `enum err`; OK is 0. The rows stand in err.def; verdicts, NSK numbers,
 * user texts and exit codes all come from there. Nothing here allocates, prints or keeps state.
 */
#ifndef BASE_ERR_H
#define BASE_ERR_H

#include <stddef.h>

#define MUST_USE __attribute__((warn_unused_result))
#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))

enum err {
	OK = 0,
#define ERR(name, number, verdict, en, bg, do_en, do_bg) name,
#include "proto/base/err.def"
#undef ERR
	N_ERR
};

enum verdict {
	VERDICT_OK,
	VERDICT_RETRY,	/* temporary: try again later */
	VERDICT_REJECT,	/* the message is bad: never again */
	VERDICT_FATAL,	/* this process must stop */
};

enum lang { LANG_EN, LANG_BG };

/* Why a thing was refused: the place and the detail, for people. `where` is a path in the record or a place in the
 * native text ("child.birth_date", "PID-7", "row 3"); it and `text` never hold a value from the message.
 */
struct why {
	char where[96];
	char text[256];
	unsigned line, col;	/* 1-based; 0 when there is none */
};

enum verdict err_verdict(enum err e);
unsigned err_number(enum err e);		/* 1204; 0 for OK */
const char *err_name(enum err e);		/* "ERR_ORDER" */
const char *err_code(enum err e);		/* "NSK-1204", static */
const char *err_text(enum err e, enum lang lang);
const char *err_remedy(enum err e, enum lang lang);
enum err err_by_number(unsigned number);	/* OK if there is none */
int err_exit_code(enum err e);			/* sysexits: 64 65 69 70 75 78 */
/* What a failed system call means, by its errno: ERR_SYSTEM if the trouble may be gone when the service starts again (the disk, memory,
 * descriptors, an interruption, an address still in use), else `otherwise`. So nobody has to act for what passes by itself.
 */
enum err err_from_errno(int number, enum err otherwise);
static inline int
err_is_fatal(enum err e)
{
	return err_verdict(e) == VERDICT_FATAL;
}

/* Fill `why` (which may be NULL) and give `e` back, so that a refusal is one statement. `where` may be NULL. Line and
 * column become 0; set them afterwards. What is too long is cut between two characters.
 */
enum err why_set(struct why *why, enum err e, const char *where, const char *fmt, ...) PRINTF_LIKE(4, 5);
#ifdef __clang_analyzer__	/* which does not see into err.c that the error given is the error returned */
#define why_set(why, e, ...) ((void)why_set(why, e, __VA_ARGS__), (e))
#endif

#endif
