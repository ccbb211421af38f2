/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_list - what lies in the folder door's in_dir and is due: settled tables first, oldest first, then what no table named in its time.
 *
 * The list is only a hint: what counts is where a file lies. Names are data of others and go into no log. Called by spool_in.c.
 */
#ifndef ADAPTER_SPOOL_LIST_H
#define ADAPTER_SPOOL_LIST_H

#include "adapters/core/door_host.h"
#include "adapters/core/spool_name.h"
#include "adapters/core/spool_set.h"
#include "config/adapter_config.h"

#define SPOOL_LIST_MAX 1024		/* files looked at in one scan; the others wait for the next */
#define SPOOL_LIST_PATIENCE 10		/* settle times (at least a second each) until a file that looks unfinished is taken as it is: its
					 * sender is to hear that it is cut off */

struct spool_found {
	char name[SPOOL_NAME_LEN];
	int64_t at_ms;			/* last touched, wall clock */
	bool is_beside;			/* a table may name it */
};

struct spool_list {
	struct spool_found found[SPOOL_LIST_MAX];
	size_t n;
	bool is_table_coming;		/* in in_dir lies what may be a table and is not complete yet, or waits for files */
};

enum spool_which { SPOOL_CLAIMED_TABLES, SPOOL_CLAIMED_BESIDE, SPOOL_COMING };

/* List anew. *ret_wait_ms shrinks to when the next file of in_dir will be due. False: the folder cannot be read. */
bool spool_list_scan(struct spool_list *list, const struct spool_place *place, const struct adapter_config *config, const struct adapter *adapter,
		     enum spool_which which, int64_t *ret_wait_ms);
int64_t spool_list_patience_ms(const struct adapter_config *config);
/* Is it so old? A file of the future (another machine's clock) is as good as new, if it is of a near one. */
bool spool_list_has_waited(int64_t at_ms, int64_t ms);

#endif
