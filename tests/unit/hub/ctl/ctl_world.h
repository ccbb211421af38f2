/* SPDX-License-Identifier: EUPL-1.2 */
/* ctl_world - a temporary folder, a call with its own output, and a directory made of fixed keys, for the tests of nasokactl. */
#ifndef TESTS_CTL_WORLD_H
#define TESTS_CTL_WORLD_H

#include <assert.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>
/* after the above */
#include <cmocka.h>

#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"
#include "proto/base/arena.h"
#include "proto/base/clock.h"
#include "proto/directory.h"

struct world {
	char dir[64];
	struct arena *mem;
	struct call call;
	char *out, *err;		/* what was printed; valid after world_run */
	size_t out_n, err_n;
};

static inline int
world_open(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	assert(w != NULL);
	strcpy(w->dir, "/tmp/nasoka-ctl-XXXXXX");
	assert(mkdtemp(w->dir) != NULL);
	w->mem = arena_new((size_t)32 << 20);
	w->call.lang = LANG_EN;
	w->call.program = "nasokactl";
	w->call.out = open_memstream(&w->out, &w->out_n);
	w->call.err = open_memstream(&w->err, &w->err_n);
	*state = w;
	return 0;
}

static inline int
world_close(void **state)
{
	struct world *w = *state;
	char command[96];

	fclose(w->call.out);
	fclose(w->call.err);
	free(w->out);
	free(w->err);
	arena_free(w->mem);
	snprintf(command, sizeof(command), "rm -rf %s", w->dir);
	assert(system(command) == 0);
	free(w);
	return 0;
}

static inline const char *
world_path(struct world *w, const char *name)
{
	return arena_fmt(w->mem, "%s/%s", w->dir, name);
}

static inline const char *
world_file(struct world *w, const char *name, const char *text)
{
	const char *path = world_path(w, name);
	struct why why;

	unlink(path);
	assert(plainfile_make(path, span_str(text), &why) == OK);
	return path;
}

/* Parse `argv` against a table of one command and run it; "%" in an argument stands for the folder. The exit code. */
static inline int
world_run(struct world *w, const struct command *command, int argc, const char *const *argv)
{
	const struct command table[] = { *command, { .words = NULL, .operand = "nasokactl" } };
	char *args[24] = { (char *)(uintptr_t) "nasokactl" };
	struct why why = { 0 };
	int code;

	assert(argc < 23);
	memset(w->call.values, 0, sizeof(w->call.values));
	w->call.operand = w->call.second = NULL;
	rewind(w->call.out);
	rewind(w->call.err);
	for (int i = 0; i < argc; i++)
		args[i + 1] = argv[i][0] == '%' ? arena_fmt(w->mem, "%s%s", w->dir, argv[i] + 1) : arena_str(w->mem, argv[i]);
	if (command_parse(table, argc + 1, args, &w->call, &why) != COMMAND_RUN)
		fail_msg("%s: %s", why.where, why.text);
	code = w->call.command->run(&w->call);
	fputc('\0', w->call.out);
	fputc('\0', w->call.err);
	fflush(w->call.out);
	fflush(w->call.err);
	return code;
}

#define WORLD_RUN(w, command, ...) \
	world_run(w, command, (int)(sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *)), (const char *const[]){ __VA_ARGS__ })

static inline struct key *
world_key(enum key_use use, uint8_t n)
{
	uint8_t seed[KEY_LEN] = { 8, n };	/* X25519 takes no notice of the first bits */
	struct key *key = NULL;

	assert(key_from_seed(use, seed, &key) == OK);
	return key;
}

static inline void
world_public(enum key_use use, uint8_t n, struct public_key *ret_pub)
{
	struct key *key = world_key(use, n);

	*ret_pub = *key_public(key);
	key_free(key);
}

/* Two agencies of PDV22, two auditors, registrars r1 to r3 (keys 31 to 33) of whom two must sign; valid from day 10 to 20. */
static inline struct directory *
world_directory(struct world *w)
{
	struct directory *d = arena_alloc(w->mem, sizeof(*d));
	static const char *all[] = { "*" }, *names[] = { "r1", "r2", "r3" };

	d->version = 7;
	d->valid_from_ms = 10 * CLOCK_DAY;
	d->valid_until_ms = 100 * CLOCK_DAY;
	d->origin = "hub.test/log";
	world_public(KEY_LOG, 1, &d->log);
	world_public(KEY_NOTICE, 2, &d->notice);
	world_public(KEY_TRANSPORT, 3, &d->curve);
	d->n_agencies = d->n_auditors = 2;
	d->agencies = arena_array(w->mem, 2, sizeof(*d->agencies));
	d->auditors = arena_array(w->mem, 2, sizeof(*d->auditors));
	d->coordinators = arena_array(w->mem, 1, sizeof(*d->coordinators));
	d->registrars = arena_array(w->mem, 3, sizeof(*d->registrars));
	d->agencies[0] = (struct agency){ .id = "a-gp", .kind = "gp", .municipality = "PDV22", .name_bg = "ОПЛ", .name_en = "GP" };
	d->agencies[1] = (struct agency){ .id = "b-ozd", .kind = "ozd", .municipality = "PDV22", .name_bg = "ОЗД", .name_en = "CPD" };
	d->coordinators[0] = (struct coordinator){ "PDV22", "b-ozd" };
	d->n_coordinators = 1;
	for (uint8_t i = 0; i < 2; i++) {
		d->agencies[i].may_send = all;
		d->agencies[i].n_may_send = 1;
		world_public(KEY_SIGNING, (uint8_t)(11 + i), &d->agencies[i].signing);
		key_id_of(KEY_SIGNING, &d->agencies[i].signing, &d->agencies[i].signing_id);
		d->auditors[i].name = i == 0 ? "auditor-1" : "auditor-2";
		world_public(KEY_AUDITOR, (uint8_t)(21 + i), &d->auditors[i].pub);
		key_id_of(KEY_AUDITOR, &d->auditors[i].pub, &d->auditors[i].id);
	}
	d->threshold = 2;
	for (uint8_t i = 0; i < 3; i++) {
		d->registrars[i].name = names[i];
		world_public(KEY_REGISTRAR, (uint8_t)(31 + i), &d->registrars[i].pub);
	}
	d->n_registrars = 3;
	d->registrar_threshold = 2;
	return d;
}

/* The directory's note with the signatures of registrars whose bits are set in `who`; 0: the bare text. */
static inline struct span
world_note(struct world *w, const struct directory *d, unsigned who)
{
	struct note_signer signers[3];
	struct span text, note;
	size_t n = 0;

	assert(directory_text(d, w->mem, &text) == OK);
	for (uint8_t i = 0; i < 3; i++)
		if (who >> i & 1)
			signers[n++] = (struct note_signer){ d->registrars[i].name, world_key(KEY_REGISTRAR, (uint8_t)(31 + i)) };
	if (n == 0)
		return text;
	assert(note_sign(text, signers, n, w->mem, &note) == OK);
	while (n > 0)
		key_free((struct key *)(uintptr_t)signers[--n].key);
	return note;
}

#endif
