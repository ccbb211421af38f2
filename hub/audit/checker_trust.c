/* SPDX-License-Identifier: EUPL-1.2 */
/* checker_trust - whom to believe: the first directory is signed by the registrars that the caller trusts, each next one by
 * those of the one before and its own; the log's key is in the newest.
 */
#include "hub/audit/checker_parts.h"

#include "hub/audit/image.h"
#include "hub/audit/layout.h"

#define VERIFIERS_MAX (2 * DIRECTORY_REGISTRARS_MAX)

static bool
is_in(const struct note_verifier *v, const struct note_verifier *list, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(list[i].name, v->name) == 0 && memcmp(list[i].pub.b, v->pub.b, KEY_LEN) == 0)
			return true;
	return false;
}

/* Every signature line is a known registrar's and valid, each once: a line that proves nothing could be anything. */
static bool
is_exact(struct span note, const struct trust *trusted, const struct directory *d)
{
	struct note_verifier all[VERIFIERS_MAX];
	size_t n = 0, lines = 0;
	struct span text;
	uint64_t valid;

	for (size_t i = 0; i < trusted->n && n < VERIFIERS_MAX; i++)
		if (!is_in(&trusted->registrars[i], all, n))
			all[n++] = trusted->registrars[i];
	for (size_t i = 0; i < d->n_registrars && n < VERIFIERS_MAX; i++)
		if (!is_in(&d->registrars[i], all, n))
			all[n++] = d->registrars[i];
	if (note_verify(note, all, n, &text, &valid) != OK)
		return false;
	for (size_t i = text.n + 1; i < note.n; i++)
		lines += note.p[i] == '\n';
	return lines == (size_t)__builtin_popcountll(valid);
}

static enum err
open_directories(struct checker *c)
{
	const struct source_notes *notes = &c->source->directories;
	struct trust trusted = *c->input->trust;
	uint64_t last = 0;
	struct why why;

	c->directories = arena_array(c->kept, notes->n + 1, sizeof(*c->directories));
	if (c->directories == NULL)
		return ERR_NOMEM;
	for (size_t i = 0; i < notes->n; i++) {
		const struct source_note *note = &notes->items[i];
		struct directory *d;
		enum err e = directory_open(note->bytes, &trusted, last, 0, c->kept, &d, &why);

		if (e == OK && (d->version != note->number || d->version == last || !is_exact(note->bytes, &trusted, d)))
			e = why_set(&why, ERR_FORMAT, "directory", "a signature that nobody needs, or another version");
		if (e != OK) {
			finding_add(c->findings, FOUND_DIRECTORY, &note->place, FINDING_NO_LEAF, why.text);
			return arena_is_full(c->kept) ? ERR_NOMEM : OK;
		}
		checker_use(c, note->place.name);
		c->directories[c->n_directories++] = (struct checked_directory){ d, note, UINT64_MAX };
		trusted = (struct trust){ d->registrars, d->n_registrars, d->registrar_threshold };
		last = d->version;
		c->counts->directories++;
	}
	return OK;
}

static void
check_format(struct checker *c)
{
	size_t i = image_find(c->source->image, LAYOUT_FORMAT);
	struct span bytes;

	if (i == IMAGE_NONE)
		finding_add_named(c->findings, FOUND_MISSING, LAYOUT_FORMAT, NULL);
	else if (image_read(c->source->image, i, c->mem, &bytes) != OK || !span_eq(bytes, span_str(LAYOUT_FORMAT_TEXT)))
		finding_add_named(c->findings, FOUND_FORMAT, LAYOUT_FORMAT, NULL);
	checker_use(c, LAYOUT_FORMAT);
}

/* The newest checkpoint: an export ends with it, a store may go on. */
static void
check_latest(struct checker *c)
{
	struct source *s = c->source;
	struct checkpoint latest;

	if (s->latest.bytes.p == NULL && s->image == NULL)
		return;
	if (!checker_checkpoint(c, s->latest.bytes, &latest) || latest.size != s->latest.number) {
		finding_add(c->findings, FOUND_CHECKPOINT, &s->latest.place, FINDING_NO_LEAF, NULL);
		return;
	}
	c->counts->size = latest.size;
	c->counts->root = latest.root;
	checker_use(c, s->latest.place.name);
}

enum err
checker_trust(struct checker *c)
{
	const struct directory *newest;
	enum err e;

	if (c->source->image)
		check_format(c);
	if ((e = open_directories(c)) != OK || !checker_is_clean(c))
		return e;
	if (c->n_directories == 0) {
		finding_add_named(c->findings, FOUND_MISSING, "directory", NULL);
		return OK;
	}
	newest = c->directories[c->n_directories - 1].d;
	c->log = (struct note_verifier){ newest->origin, newest->log };
	c->counts->origin = arena_str(c->source->mem, newest->origin);
	check_latest(c);
	return OK;
}
