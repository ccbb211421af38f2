/* SPDX-License-Identifier: EUPL-1.2 */
/* err - the catalogue of err.def as a table, and the filling of `struct why`.
 *
 * Pure: no allocation, no output, no state. Everything that names an error to a user (log, NACK, exit code, HTTP body,
 * manual) asks here, so a row of err.def is the only place where an error is described.
 */
#include "proto/base/err.h"

#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>
#include <sysexits.h>

struct row {
	const char *name, *code;
	unsigned number;
	enum verdict verdict;
	const char *text[2], *remedy[2];	/* by enum lang */
};

static const struct row rows[N_ERR] = {
	[OK] = { "OK", "NSK-0", 0, VERDICT_OK, { "ok", "наред" }, { "", "" } },
#define ERR(name, number, verdict, en, bg, do_en, do_bg) \
	[name] = { #name, "NSK-" #number, number, VERDICT_##verdict, { en, bg }, { do_en, do_bg } },
#include "proto/base/err.def"
#undef ERR
};

static const struct row *
row_get(enum err e)
{
	assert((unsigned)e < N_ERR);
	return &rows[e];
}

/* Cut a text that filled its array so that it does not end inside a UTF-8 character. */
static void
cut_utf8(char *text, size_t len)
{
	size_t at = len;

	while (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0x80)
		at--;
	if (at > 0 && ((unsigned char)text[at - 1] & 0xC0) == 0xC0)
		text[at - 1] = '\0';
}

static void PRINTF_LIKE(3, 0)
fill(char *to, size_t cap, const char *fmt, va_list args)
{
	int n = vsnprintf(to, cap, fmt, args);

	if (n < 0)
		to[0] = '\0';
	else if ((size_t)n >= cap)
		cut_utf8(to, cap - 1);
}

static void PRINTF_LIKE(3, 4)
fill_fmt(char *to, size_t cap, const char *fmt, ...)
{
	va_list args;

	va_start(args, fmt);
	fill(to, cap, fmt, args);
	va_end(args);
}

enum verdict
err_verdict(enum err e)
{
	return row_get(e)->verdict;
}

unsigned
err_number(enum err e)
{
	return row_get(e)->number;
}

const char *
err_name(enum err e)
{
	return row_get(e)->name;
}

const char *
err_code(enum err e)
{
	return row_get(e)->code;
}

const char *
err_text(enum err e, enum lang lang)
{
	return row_get(e)->text[lang == LANG_BG];
}

const char *
err_remedy(enum err e, enum lang lang)
{
	return row_get(e)->remedy[lang == LANG_BG];
}

enum err
err_by_number(unsigned number)
{
	unsigned i;

	for (i = 1; i < N_ERR; i++)
		if (rows[i].number == number)
			return (enum err)i;
	return OK;
}

/* EX_CONFIG is what systemd is told not to restart on: a human must act first. */
int
err_exit_code(enum err e)
{
	if (e == ERR_CONFIG || e == ERR_KEYFILE)
		return EX_CONFIG;
	if (e == ERR_PEER_DOWN)
		return EX_UNAVAILABLE;
	if (e == ERR_TAMPERED)
		return EX_DATAERR;
	switch (err_verdict(e)) {
	case VERDICT_OK:
		return EX_OK;
	case VERDICT_RETRY:
		return EX_TEMPFAIL;
	case VERDICT_REJECT:
		return EX_DATAERR;
	case VERDICT_FATAL:
		break;
	}
	return EX_SOFTWARE;
}

enum err
err_from_errno(int number, enum err otherwise)
{
	switch (number) {
	case EIO:
	case EINTR:
	case EAGAIN:
	case ENOMEM:
	case ENFILE:
	case EMFILE:
	case ENOSPC:
	case EDQUOT:
	case EROFS:
	case EBUSY:
	case ETXTBSY:
	case ENODEV:
	case ENXIO:
	case ESTALE:
	case ETIMEDOUT:
	case EADDRINUSE:
	case EADDRNOTAVAIL:
		return ERR_SYSTEM;
	default:
		return otherwise;
	}
}

#undef why_set
enum err
why_set(struct why *why, enum err e, const char *where, const char *fmt, ...)
{
	va_list args;

	if (why == NULL)
		return e;
	memset(why, 0, sizeof(*why));
	fill_fmt(why->where, sizeof(why->where), "%s", where != NULL ? where : "");
	va_start(args, fmt);
	fill(why->text, sizeof(why->text), fmt, args);
	va_end(args);
	return e;
}
