/* SPDX-License-Identifier: EUPL-1.2 */
/* dircheck - all that is wrong with a directory, not only the first: signatures, thresholds, dates, places, key sheets.
 *
 * Pure but for dircheck_sheets, which reads a folder. Called by dircommand.c.
 */
#ifndef CTL_DIRCHECK_H
#define CTL_DIRCHECK_H

#include "hub/ctl/dirfile.h"

enum { DIRCHECK_MAX = 256 };

struct finding {
	bool is_warning;
	enum err e;		/* OK for a warning */
	char where[96];		/* "agencies.plovdiv-cop"; a registrar's name; a file */
	char text[2][200];	/* by enum lang */
};

struct findings {
	struct finding items[DIRCHECK_MAX];
	size_t n, unkept;
	unsigned errors;
	unsigned signatures;	/* valid ones of trusted registrars */
};

/* Against those trusted now, and against those that it names itself: a new set needs both thresholds. */
void dircheck_signatures(const struct dirfile *f, const struct trust *trust, struct findings *to);
void dircheck_dates(const struct directory *d, int64_t now_ms, struct findings *to);
void dircheck_content(const struct directory *d, struct findings *to);
/* Each agency's <id>.sheet in `dir`, and what else lies there. */
void dircheck_sheets(const struct directory *d, const char *dir, struct arena *mem, struct findings *to);

#endif
