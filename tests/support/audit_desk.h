/* SPDX-License-Identifier: EUPL-1.2 */
/* audit_desk - an auditor's desk for tests: a log judged, an export on disk, a command run with its output in memory. Header only. */
#ifndef SUPPORT_AUDIT_DESK_H
#define SUPPORT_AUDIT_DESK_H

#include "tests/support/log_world.h"

#include "hub/audit/checker.h"
#include "hub/audit/export.h"
#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"

struct desk {
	struct log_world *l;
	struct source *source;		/* the journal */
	struct findings findings;
	struct checker_counts counts;
	char dir[64], trust[80];	/* of an export on disk */
	char *out, *err;		/* of the command run last */
	size_t out_n, err_n;
};

static inline void
desk_judge_source(struct desk *d, struct source *s)
{
	struct trust trust = log_trusted(d->l);
	struct checker_input input = { .source = s, .trust = &trust };
	struct why why = { .where = "" };

	assert_int_equal(checker_run(&input, &d->findings, &d->counts, &why), OK);
}

/* The log so far, closed and judged as a store. */
static inline void
desk_judge(struct desk *d)
{
	d->source = log_source(d->l);
	desk_judge_source(d, d->source);
}

static inline struct desk *
desk_new(size_t messages)
{
	struct desk *d = calloc(1, sizeof(*d));

	assert_non_null(d);
	d->l = log_world_new();
	if (messages > 0)
		log_messages(d->l, messages);
	return d;
}

/* An export on disk, and the file of registrars beside it. */
static inline void
desk_export(struct desk *d)
{
	struct why why;
	struct buf b;

	(void)snprintf(d->dir, sizeof(d->dir), "/tmp/nasoka-audit-XXXXXX");
	assert_non_null(mkdtemp(d->dir));
	(void)snprintf(d->trust, sizeof(d->trust), "%s.trust", d->dir);
	if (d->source == NULL)
		d->source = log_source(d->l);
	assert_int_equal(exporter_run(d->source, export_put_file, d->dir, &why), OK);
	buf_init(&b, d->l->w->mem);
	buf_fmt(&b, "threshold 2\n");
	for (size_t i = 0; i < WORLD_REGISTRARS; i++)
		buf_fmt(&b, "%s\n", note_verifier_format(&d->l->w->draft.registrars[i], d->l->w->mem));
	assert_int_equal(plainfile_make(d->trust, buf_bytes(&b), &why), OK);
}

/* Run one command; argv as a shell would give it, NULL at its end. */
static inline int
desk_run(struct desk *d, const struct command *command, char *const *argv)
{
	struct command table[2] = { *command, { .operand = "nasoka-audit", .help = { "", "" } } };
	struct call call = { .lang = LANG_EN, .program = "nasoka-audit" };
	struct why why = { .where = "" };
	int argc = 0, exit;

	while (argv[argc])
		argc++;
	free(d->out);
	free(d->err);
	call.out = open_memstream(&d->out, &d->out_n);
	call.err = open_memstream(&d->err, &d->err_n);
	exit = command_parse(table, argc, argv, &call, &why) == COMMAND_RUN ? call.command->run(&call) : EXIT_USAGE;
	fclose(call.out);
	fclose(call.err);
	return exit;
}

/* Overwrite one byte of a file of the export. */
static inline void
desk_damage(struct desk *d, const char *name, long at)
{
	char path[256];
	FILE *f;
	int c;

	(void)snprintf(path, sizeof(path), "%s/%s", d->dir, name);
	assert_non_null(f = fopen(path, "r+b"));
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	c = fgetc(f);
	assert_int_equal(fseek(f, at, SEEK_SET), 0);
	fputc(c ^ 1, f);
	fclose(f);
}

static inline void
desk_free(struct desk *d)
{
	char command[160];

	source_close(d->source);
	if (d->dir[0] != '\0') {
		(void)snprintf(command, sizeof(command), "rm -rf %s %s", d->dir, d->trust);
		assert_int_equal(system(command), 0);
	}
	log_world_free(d->l);
	free(d->out);
	free(d->err);
	free(d);
}

#endif
