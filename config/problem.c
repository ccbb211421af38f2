/* SPDX-License-Identifier: EUPL-1.2 */
/* problem - the list of what is wrong, and its words. Called by the document, the binder and the two configurations'
 * own checks; read by config.c. Kept sorted as it grows, because checks that span keys come last.
 */
#include "config/problem.h"

#include <assert.h>
#include <stdlib.h>
#include <string.h>

enum problem_level { ERROR, WARN };

static const struct problem_row {
	enum problem_level level;
	const char *text[2], *hint[2];		/* by enum lang */
} problem_rows[N_PROBLEMS] = {
#define PROBLEM(id, level, en, bg, hint_en, hint_bg) [id] = { level, { en, bg }, { hint_en, hint_bg } },
#include "config/problem.def"
#undef PROBLEM
};

static const struct {
	const char *en, *bg;
} hints[] = {
#define HINT(en, bg) { en, bg },
#include "config/hint.def"
#undef HINT
};

struct problems {
	char *file;
	size_t n, errors, unkept;
	bool may_pass;
	struct problem *list;
};

struct problems *
problems_new(const char *file)
{
	struct problems *p = calloc(1, sizeof(*p));

	if (p == NULL)
		return NULL;
	p->file = strdup(file);
	p->list = calloc(PROBLEMS_MAX, sizeof(*p->list));
	if (p->file == NULL || p->list == NULL) {
		problems_free(p);
		return NULL;
	}
	return p;
}

void
problems_free(struct problems *p)
{
	if (p == NULL)
		return;
	free(p->file);
	free(p->list);
	free(p);
}

/* What is cut ends with "..." and never within a character. */
static void
put_arg(char *to, size_t n, const char *text)
{
	size_t len = strlen(text), i;
	bool cut = len >= n;

	if (cut) {
		len = n - 4;
		while (len > 0 && ((unsigned char)text[len] & 0xC0) == 0x80)
			len--;
	}
	for (i = 0; i < len; i++) {
		unsigned char c = (unsigned char)text[i];

		to[i] = c < 0x20 || c == 0x7F ? '?' : text[i];
	}
	strcpy(to + len, cut ? "..." : "");
}

void
problems_add(struct problems *p, struct problem_place place, enum problem_id id, const char *arg1, const char *arg2,
	     const char *arg3)
{
	const char *args[3] = { arg1, arg2, arg3 };
	struct problem *at;
	size_t i;

	assert(id < N_PROBLEMS);
	if (!problem_is_warning(id))
		p->errors++;
	if (p->n == PROBLEMS_MAX) {
		p->unkept++;
		return;
	}
	for (i = p->n; i > 0; i--) {
		const struct problem *before = &p->list[i - 1];

		if (before->line < place.line || (before->line == place.line && before->col <= place.col))
			break;
	}
	at = &p->list[i];
	memmove(at + 1, at, (p->n - i) * sizeof(*at));
	p->n++;
	*at = (struct problem){ .id = id, .line = place.line, .col = place.col };
	put_arg(at->key, sizeof(at->key), place.key ? place.key : "");
	for (i = 0; i < 3; i++)
		put_arg(at->args[i], sizeof(at->args[i]), args[i] ? args[i] : "");
}

void
problems_add_errno(struct problems *p, struct problem_place place, enum problem_id id, int number)
{
	problems_add(p, place, id, strerror(number), NULL, NULL);
	p->may_pass |= err_from_errno(number, OK) != OK;
}

size_t
problems_count(const struct problems *p)
{
	return p->n;
}

size_t
problems_errors(const struct problems *p)
{
	return p->errors;
}

enum err
problems_verdict(const struct problems *p)
{
	if (p->errors == 0)
		return OK;
	return p->may_pass ? ERR_SYSTEM : ERR_CONFIG;
}

const struct problem *
problems_get(const struct problems *p, size_t i)
{
	assert(i < p->n);
	return &p->list[i];
}

bool
problem_is_warning(enum problem_id id)
{
	return problem_rows[id].level == WARN;
}

static size_t
put_text(char *to, size_t n, size_t at, const char *text, size_t len)
{
	if (len > n - 1 - at)
		len = n - 1 - at;
	memcpy(to + at, text, len);
	to[at + len] = '\0';
	return at + len;
}

const char *
problem_hint(const char *en, enum lang lang)
{
	for (size_t i = 0; lang == LANG_BG && i < sizeof(hints) / sizeof(hints[0]); i++)
		if (strcmp(en, hints[i].en) == 0)
			return hints[i].bg;
	return en;
}

/* {1} to {3} are replaced; everything else is copied. */
static size_t
put_template(char *to, size_t n, size_t at, const char *template, enum lang lang, const struct problem *problem)
{
	const char *t;

	for (t = template; *t != '\0'; t++) {
		if (t[0] == '{' && t[1] >= '1' && t[1] <= '3' && t[2] == '}') {
			const char *arg = problem_hint(problem->args[t[1] - '1'], lang);

			at = put_text(to, n, at, arg, strlen(arg));
			t += 2;
		} else {
			at = put_text(to, n, at, t, 1);
		}
	}
	return at;
}

void
problem_text(const struct problem *problem, enum lang lang, char *to, size_t n)
{
	const struct problem_row *row = &problem_rows[problem->id];
	size_t at = 0;

	assert(n > 0);
	to[0] = '\0';
	if (row->level == WARN) {
		const char *word = lang == LANG_BG ? "внимание: " : "warning: ";

		at = put_text(to, n, at, word, strlen(word));
	}
	at = put_template(to, n, at, row->text[lang], lang, problem);
	at = put_text(to, n, at, "; ", 2);
	put_template(to, n, at, row->hint[lang], lang, problem);
}

void
problems_print(const struct problems *p, enum lang lang, FILE *to)
{
	char text[2 * PROBLEM_TEXT_LEN];
	size_t i;

	for (i = 0; i < p->n; i++) {
		const struct problem *problem = &p->list[i];

		problem_text(problem, lang, text, sizeof(text));
		fprintf(to, "%s:", p->file);
		if (problem->line > 0)
			fprintf(to, "%u:%u:", problem->line, problem->col);
		fprintf(to, " %s%s%s\n", problem->key, problem->key[0] != '\0' ? ": " : "", text);
	}
	if (p->unkept > 0)
		fprintf(to, lang == LANG_BG ? "%s: и още %zu\n" : "%s: and %zu more\n", p->file, p->unkept);
}
