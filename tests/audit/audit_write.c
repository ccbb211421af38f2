/* SPDX-License-Identifier: EUPL-1.2 */
/* audit_write DIR MESSAGES - an export of that many messages in DIR, the registrars to trust in DIR.trust, the log's verifier key
 * in DIR.vkey: for tests by software that is not ours.
 */
#include "tests/support/log_world.h"

#include "hub/audit/export.h"
#include "hub/ctl/plainfile.h"

static void
write_beside(struct log_world *l, const char *dir, const char *suffix, const char *text)
{
	struct why why;

	assert_non_null(text);
	assert_int_equal(plainfile_make(arena_fmt(l->w->mem, "%s.%s", dir, suffix), span_str(text), &why), OK);
}

int
main(int argc, char **argv)
{
	struct log_world *l;
	struct note_verifier log;
	struct source *s;
	struct why why;
	struct buf b;

	if (argc != 3) {
		fprintf(stderr, "usage: audit_write DIR MESSAGES\n");
		return 2;
	}
	l = log_world_new();
	log_messages(l, strtoul(argv[2], NULL, 10));
	s = log_source(l);
	assert_int_equal(export_make_dir(argv[1], &why), OK);
	assert_int_equal(exporter_run(s, export_put_file, argv[1], &why), OK);
	log = (struct note_verifier){ l->w->directory->origin, *key_public(l->w->log) };
	write_beside(l, argv[1], "vkey", note_verifier_format(&log, l->w->mem));
	buf_init(&b, l->w->mem);
	buf_fmt(&b, "threshold 2\n");
	for (size_t i = 0; i < WORLD_REGISTRARS; i++)
		buf_fmt(&b, "%s\n", note_verifier_format(&l->w->draft.registrars[i], l->w->mem));
	write_beside(l, argv[1], "trust", buf_text(&b));
	source_close(s);
	log_world_free(l);
	return 0;
}
