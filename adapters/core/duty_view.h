/* SPDX-License-Identifier: EUPL-1.2 */
/* duty_view - what is owed by when, as JSON: for the HTTP doors of every sector and for the control socket alike. Read only.
 *
 * Over HTTP: {"deadlines":[{"no","msg_id","thread","from","to","role","priority","late","fact","due","parts","parts_left","stage",
 * "referral_id","created","registered_by","respond_by","expires","promised","said":[{"fact","due","at","by"}]}],
 * "next":N}, in the order in which it came here. A deadline stands there only while what it is for is owed; what is not known is not
 * there. `next` is there when there is more: the `after` of the next request. The control socket's answer has the form of the hub's.
 */
#ifndef ADAPTER_DUTY_VIEW_H
#define ADAPTER_DUTY_VIEW_H

#include "adapters/core/core.h"

#define DUTY_VIEW_MAX 200		/* in one answer */
#define DUTY_VIEW_LOOK_MAX 20000	/* rows looked at for one answer; `next` goes on behind them */

struct json_t;

struct duty_query {
	uint64_t after;			/* the `no` of the last one seen */
	uint64_t limit;			/* 1 to DUTY_VIEW_MAX */
	bool is_late;			/* only what is late, or was said to be */
};

/* The caller's reference, both. The second is nasokactl's: late ones first; `agency` NULL: all. */
struct json_t *duty_view_list(struct adapter *a, const struct duty_query *query);
struct json_t *duty_view_rows(struct adapter *a, const char *agency, bool is_late);
/* GET of it: `after`, `limit` and `late=true` in the query. ERR_BAD_NUMBER, ERR_UNKNOWN_CODE. */
enum err duty_view_answer(struct adapter *a, const struct native *request, struct arena *mem, struct native *ret_answer,
			  struct why *why) MUST_USE;
/* How many stand open, and how many of them are late; past DUTY_VIEW_LOOK_MAX rows no more are counted. */
void duty_view_count(struct adapter *a, struct txn *txn, uint64_t *ret_open, uint64_t *ret_late);

#endif
