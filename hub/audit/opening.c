/* SPDX-License-Identifier: EUPL-1.2 */
/* opening - what the verbs have in common before their work begins. */
#include "hub/audit/opening.h"

#include <string.h>

#include "hub/audit/image.h"
#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"

#define TRUST_MAX (64 * 1024)

enum err
opening_source(const struct call *call, struct source **ret_source, struct why *why)
{
	const char *config = command_value(call, "config");
	struct image *image;
	enum err e;

	if ((config == NULL) == (call->operand == NULL))
		return why_set(why, ERR_UNSUPPORTED, NULL, "either the folder of an export or --config FILE");
	if (config)
		return source_open_store(config, call->err, ret_source, why);
	if ((e = image_open_dir(call->operand, &image, why)) != OK)
		return e;
	if ((e = source_open_export(image, ret_source, why)) != OK)
		image_free(image);
	return e;
}

void
opening_close(struct source *s)
{
	const struct image *image = s ? s->image : NULL;

	source_close(s);
	image_free((struct image *)(uintptr_t)image);	/* opened here, and borrowed by the source as what it only reads */
}

static bool
take_line(struct span *text, struct span *ret_line)
{
	const uint8_t *end;

	if (text->n == 0)
		return false;
	end = memchr(text->p, '\n', text->n);
	*ret_line = SPAN(text->p, end ? (size_t)(end - text->p) : text->n);
	*text = end ? SPAN(end + 1, text->n - ret_line->n - 1) : SPAN_NONE;
	if (ret_line->n > 0 && ret_line->p[ret_line->n - 1] == '\r')
		ret_line->n--;
	return true;
}

/* 1 to 99, and nothing but digits. */
static unsigned
threshold_of(struct span line)
{
	static const char word[] = "threshold ";
	size_t n = sizeof(word) - 1;
	unsigned value = 0;

	if (line.n <= n || line.n > n + 2 || memcmp(line.p, word, n) != 0)
		return 0;
	for (; n < line.n; n++) {
		if (line.p[n] < '0' || line.p[n] > '9')
			return 0;
		value = value * 10 + (unsigned)(line.p[n] - '0');
	}
	return value;
}

enum err
opening_trust_parse(struct span text, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct note_verifier *verifiers = arena_array(mem, DIRECTORY_REGISTRARS_MAX, sizeof(*verifiers));
	struct trust trust = { .registrars = verifiers };
	unsigned number = 0, threshold;
	struct span line;

	if (verifiers == NULL)
		return ERR_NOMEM;
	while (take_line(&text, &line)) {
		const char *copy = arena_strn(mem, line.p, line.n);

		number++;
		if (copy == NULL)
			return ERR_NOMEM;
		if (line.n == 0 || copy[0] == '#')
			continue;
		if ((threshold = threshold_of(line)) != 0 && trust.threshold == 0)
			trust.threshold = threshold;
		else if (trust.n == DIRECTORY_REGISTRARS_MAX || note_verifier_parse(copy, mem, &verifiers[trust.n]) != OK)
			return why_set(why, ERR_KEYFILE, "trust", "line %u: neither a threshold nor a registrar's verifier key", number);
		else
			trust.n++;
	}
	if (trust.threshold == 0 || trust.threshold > trust.n)
		return why_set(why, ERR_KEYFILE, "trust", "the threshold must be 1 to %zu", trust.n);
	*ret_trust = trust;
	return OK;
}

enum err
opening_trust(const char *file, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct span text;
	enum err e;

	if ((e = plainfile_read(file, TRUST_MAX, mem, &text, why)) != OK)
		return e;
	return opening_trust_parse(text, mem, ret_trust, why);
}

int
opening_fail(const struct call *call, enum err e, const struct why *why)
{
	(void)command_fail(call, e, why);
	if (e == ERR_UNSUPPORTED)
		return EXIT_USAGE;
	return e == ERR_TAMPERED ? EXIT_TAMPERED : EXIT_FAILED;
}
