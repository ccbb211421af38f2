/* SPDX-License-Identifier: EUPL-1.2 */
/* checker - the steps in order, and what they share. */
#include "hub/audit/checker_parts.h"

#include <stdlib.h>

#include "hub/audit/image.h"
#include "hub/audit/layout.h"

#define STEP_ARENA ((size_t)24 << 20)
#define KEPT_ARENA ((size_t)1 << 36)
#define CHECKPOINT_LINES 5	/* origin, size, root, blank, the log's signature: nothing more */

void
checker_use(struct checker *c, const char *name)
{
	size_t i = c->used ? image_find(c->source->image, name) : IMAGE_NONE;

	if (i != IMAGE_NONE)
		c->used[i] = true;
}

void
checker_find(struct checker *c, enum finding_id id, uint64_t leaf, enum source_part part, const char *detail)
{
	struct place place;

	c->source->ops->place(c->source, leaf, part, &place);
	finding_add(c->findings, id, &place, leaf, detail);
}

const struct directory *
checker_directory(const struct checker *c, uint64_t version)
{
	for (size_t i = 0; i < c->n_directories; i++)
		if (c->directories[i].d->version == version && c->directories[i].leaf != UINT64_MAX)
			return c->directories[i].d;
	return NULL;
}

/* -- checkpoints -- */

static size_t
lines_of(struct span text)
{
	size_t n = 0;

	for (size_t i = 0; i < text.n; i++)
		n += text.p[i] == '\n';
	return n;
}

/* The lines of a checkpoint whose signature is known to be good. */
static bool
parse(struct checker *c, struct span note, struct checkpoint *ret)
{
	const uint8_t *lines[3];
	struct span root;
	size_t at = 0;

	for (size_t i = 0; i < 3; i++) {
		const uint8_t *end = memchr(note.p + at, '\n', note.n - at);

		if (end == NULL)
			return false;
		lines[i] = note.p + at;
		at = (size_t)(end - note.p) + 1;
	}
	ret->origin = c->log.name;
	ret->size = 0;
	for (const uint8_t *p = lines[1]; *p != '\n'; p++)
		ret->size = ret->size * 10 + (uint64_t)(*p - '0');
	if (note_unbase64(SPAN(lines[2], at - 1 - (size_t)(lines[2] - note.p)), c->mem, &root) != OK || root.n != sizeof(ret->root.b))
		return false;
	memcpy(ret->root.b, root.p, root.n);
	return true;
}

bool
checker_checkpoint(struct checker *c, struct span note, struct checkpoint *ret_checkpoint)
{
	struct hash statement;

	if (note.n == 0 || lines_of(note) != CHECKPOINT_LINES)
		return false;
	c->counts->checkpoints++;
	hash_sha256_two(SPAN(c->log.pub.b, KEY_LEN), note, &statement);
	if (memo_has(c->memo, &statement))
		return parse(c, note, ret_checkpoint);
	if (checkpoint_open(note, &c->log, c->mem, ret_checkpoint) != OK)
		return false;
	memo_put(c->memo, &statement);
	return true;
}

/* -- the run -- */

/* A file that no step has asked for. */
static void
find_strays(struct checker *c)
{
	const struct image *image = c->source->image;

	for (size_t i = 0; image && i < image->n; i++)
		if (!c->used[i])
			finding_add_named(c->findings, FOUND_UNKNOWN_FILE, image->files[i].name, NULL);
}

static void
count_messages(struct checker *c)
{
	const struct ledger_message *m;

	for (size_t i = 0; (m = ledger_message(c->ledger, i)) != NULL; i++) {
		c->counts->submits++;
		for (size_t k = 0; k < m->n_to; k++) {
			uint16_t stages = m->to[k].stages;
			bool is_registered = (stages & 1u << STAGE_REGISTERED) != 0;

			c->counts->registered += is_registered;
			if (stages & LEDGER_ENDS)
				c->counts->ended++;
			else
				c->counts->open++;
		}
	}
}

static enum err
run(struct checker *c, struct why *why)
{
	enum err e;

	if ((e = checker_trust(c)) != OK || !checker_is_clean(c))
		return e;
	if ((e = checker_tree(c)) != OK || !checker_is_clean(c))
		return e;
	if ((e = checker_entries(c, why)) != OK)
		return e;
	if (checker_is_clean(c))
		find_strays(c);
	count_messages(c);
	return OK;
}

enum err
checker_run(const struct checker_input *input, struct findings *findings, struct checker_counts *ret_counts, struct why *why)
{
	struct checker c = {
		.source = input->source, .input = input, .findings = findings, .counts = ret_counts, .memo = input->memo,
	};
	const struct image *image = input->source->image;
	enum err e = ERR_NOMEM;

	*findings = (struct findings){ .n = 0 };
	*ret_counts = (struct checker_counts){ .files = image ? image->n : 0 };
	c.mem = arena_new(STEP_ARENA);
	c.kept = arena_new(KEPT_ARENA);
	c.ledger = ledger_new();
	if (c.memo == NULL)
		c.memo = memo_new();
	if (image)
		c.used = calloc(image->n + 1, sizeof(*c.used));
	if (c.mem && c.kept && c.ledger && c.memo && (image == NULL || c.used))
		e = run(&c, why);
	if (e != OK && why && why->where[0] == '\0')
		(void)why_set(why, e, "log", "could not be judged");
	free(c.used);
	free(c.missing);
	free(c.shreds);
	if (input->memo == NULL)
		memo_free(c.memo);
	ledger_free(c.ledger);
	arena_free(c.kept);
	arena_free(c.mem);
	return e;
}
