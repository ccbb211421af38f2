/* SPDX-License-Identifier: EUPL-1.2 */
/* rejected - TABLE_DEAD, by the agency that refused and the leaf of that. hub_each_deadletter is declared in hub.h. */
#include "hub/rejected.h"

#include <stdio.h>

#include "hub/receipt.h"

void
rejected_put(struct hub *hub, const struct header *h, const struct id_row *about, uint64_t leaf)
{
	struct dead_row row = { .submit = about->leaf, .code = (uint32_t)err_number(receipt_code(h)), .at_ms = hub->now_ms };
	struct row_key key;

	(void)snprintf(row.from, sizeof(row.from), "%s", h->to[0]);
	state_put(hub, TABLE_DEAD, row_key_dead(h->from, leaf, &key), row_dead(&row, hub->mem));
}

enum err
hub_each_deadletter(struct hub *hub, const char *agency, size_t max, int64_t now_ms,
		    void (*each)(void *arg, const struct hub_dead *d), void *arg)
{
	char recipient[AGENCY_ID_MAX + 1];
	struct journal_walk walk;
	struct dead_row row;
	uint64_t leaf;
	enum err e = OK;
	bool more;

	state_begin(hub, now_ms);
	for (more = journal_walk_from(state_view(hub), TABLE_DEAD, SPAN_LIT("\0"), &walk); more && max > 0 && e == OK;
	     more = journal_walk_next(&walk)) {
		if ((e = row_dead_key(walk.key, recipient, &leaf)) != OK || (e = row_decode_dead(walk.value, &row)) != OK ||
		    (agency && strcmp(agency, recipient) != 0 && strcmp(agency, row.from) != 0))
			continue;
		each(arg, &(struct hub_dead){
			.agency = recipient, .sender = row.from, .leaf = leaf, .submit = row.submit, .code = err_by_number(row.code),
			.age_ms = now_ms > row.at_ms ? now_ms - row.at_ms : 0,
		});
		max--;
	}
	journal_walk_end(&walk);
	state_end(hub);
	return e;
}
