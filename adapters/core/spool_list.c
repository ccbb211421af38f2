/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_list - the folder is read anew at each scan. */
#define _GNU_SOURCE
#include "adapters/core/spool_list.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "proto/base/clock.h"

struct scan {
	struct spool_list *list;
	const struct adapter_config *config;
	const struct adapter *adapter;
	enum spool_which which;
	int64_t *ret_wait_ms;
};

/* Tables before what they may name. */
static int
by_age(const void *a, const void *b)
{
	const struct spool_found *x = a, *y = b;

	if (x->is_beside != y->is_beside)
		return x->is_beside ? 1 : -1;
	if (x->at_ms != y->at_ms)
		return x->at_ms < y->at_ms ? -1 : 1;
	return strcmp(x->name, y->name);
}

bool
spool_list_has_waited(int64_t at_ms, int64_t ms)
{
	int64_t age_ms = clock_wall_ms() - at_ms;

	return age_ms >= ms || age_ms < -ms;
}

int64_t
spool_list_patience_ms(const struct adapter_config *config)
{
	int64_t settle_ms = config->in_folder.settle_ms;

	return SPOOL_LIST_PATIENCE * (settle_ms > CLOCK_SECOND ? settle_ms : CLOCK_SECOND);
}

/* How long what a table may name waits for one in in_dir. */
static int64_t
alone_ms(const struct adapter_config *config, enum beside beside)
{
	return beside == BESIDE_MAYBE ? spool_list_patience_ms(config) : config->in_folder.file_wait_ms;
}

static void
shrink(int64_t *wait_ms, int64_t ms)
{
	if (ms > 0 && ms < *wait_ms)
		*wait_ms = ms;
}

/* Of in_dir only what has settled; *ret_wait_ms shrinks to when the next one will have. */
static void
add_found(struct scan *scan, const char *name, const struct stat *st)
{
	enum beside beside = adapter_beside(scan->adapter, name);
	int64_t at_ms = spool_set_touched_ms(st), age_ms = clock_wall_ms() - at_ms, settle_ms = scan->config->in_folder.settle_ms;
	struct spool_found *f;

	if (scan->which != SPOOL_COMING && (beside != BESIDE_NOT) != (scan->which == SPOOL_CLAIMED_BESIDE))
		return;
	if (scan->which == SPOOL_COMING && age_ms >= 0 && age_ms < settle_ms) {
		scan->list->is_table_coming = scan->list->is_table_coming || beside == BESIDE_NOT;
		shrink(scan->ret_wait_ms, settle_ms - age_ms);
		return;
	}
	if (scan->which == SPOOL_COMING && beside != BESIDE_NOT && !spool_list_has_waited(at_ms, alone_ms(scan->config, beside))) {
		shrink(scan->ret_wait_ms, alone_ms(scan->config, beside) - age_ms);
		return;
	}
	f = &scan->list->found[scan->list->n++];
	memcpy(f->name, name, strlen(name) + 1);
	f->at_ms = at_ms;
	f->is_beside = beside != BESIDE_NOT;
}

bool
spool_list_scan(struct spool_list *list, const struct spool_place *place, const struct adapter_config *config, const struct adapter *adapter,
		enum spool_which which, int64_t *ret_wait_ms)
{
	struct scan scan = { list, config, adapter, which, ret_wait_ms };
	int dir_fd = which == SPOOL_COMING ? place->in_fd : place->claimed_fd;
	int fd = openat(dir_fd, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	DIR *dir = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	list->n = 0;
	list->is_table_coming = false;
	if (!dir) {
		if (fd >= 0)
			close(fd);
		return false;
	}
	while (list->n < SPOOL_LIST_MAX && (entry = readdir(dir)) != NULL) {
		struct stat st;

		if (spool_name_is_ready(entry->d_name) && strlen(entry->d_name) < SPOOL_NAME_LEN &&
		    fstatat(dir_fd, entry->d_name, &st, AT_SYMLINK_NOFOLLOW) == 0 && S_ISREG(st.st_mode))
			add_found(&scan, entry->d_name, &st);
	}
	closedir(dir);
	qsort(list->found, list->n, sizeof(list->found[0]), by_age);
	return true;
}
