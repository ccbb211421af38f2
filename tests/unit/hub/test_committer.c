/* SPDX-License-Identifier: EUPL-1.2 */
/* The commit thread gives each batch back in the loop, and leaves the last checkpoint outside the store. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "hub/committer.h"

struct place { struct loop *loop; struct committer *c; unsigned done; uint64_t size; };

static void
add(struct batch *b, uint64_t first)
{
	struct entry *e;
	uint64_t index;

	batch_reset(b, first);
	e = batch_entry(b, &index);
	e->type = LEAF_START;
	e->retention = RETAIN_SERVICE;
	e->detail = SPAN_LIT("d");
}

static void
on_done(void *arg, struct batch *b, enum err e)
{
	struct place *p = arg;

	assert_int_equal(e, OK);
	p->size = b->size;
	if (++p->done == 20) {
		loop_stop(p->loop);
		return;
	}
	add(b, b->size);
	committer_commit(p->c, b);
}

/* Twenty batches, one after the other. */
static void
batches_come_back(void **state)
{
	char file[] = "/tmp/nasoka-checkpoint-XXXXXX", text[256] = "";
	struct journal_options o = { .origin = "hub.example/log" };
	struct journal_disk *disk = journal_disk_new();
	struct batch *b = batch_new(1 << 20);
	struct committer_options c = { .checkpoint_file = file, .on_done = on_done };
	struct place p = { 0 };
	struct rowkey *keys;
	struct key *log;
	struct why why;
	FILE *f;

	(void)state;
	close(mkstemp(file));
	assert_int_equal(rowkey_open(NULL, false, &keys, &why), OK);
	assert_int_equal(key_make(KEY_LOG, &log), OK);
	o.log = log;
	o.keys = keys;
	assert_int_equal(journal_open_mem(&o, disk, &c.journal, &why), OK);
	assert_int_equal(loop_new(&p.loop), OK);
	c.loop = p.loop;
	c.arg = &p;
	assert_int_equal(committer_start(&c, &p.c), OK);
	add(b, 0);
	committer_commit(p.c, b);
	loop_run(p.loop);
	assert_int_equal(p.size, 20);
	committer_stop(p.c);
	f = fopen(file, "r");
	assert_true(f && fread(text, 1, sizeof(text) - 1, f) > 0);
	assert_non_null(strstr(text, "hub.example/log\n20\n"));
	fclose(f);
	unlink(file);
	loop_free(p.loop);
	journal_close(c.journal);
	journal_disk_free(disk);
	rowkey_close(keys);
	key_free(log);
	batch_free(b);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(batches_come_back) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
