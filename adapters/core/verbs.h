/* SPDX-License-Identifier: EUPL-1.2 */
/* verbs - what may be asked of a running adapter over its control socket, and the answers: JSON objects.
 *
 * {"verb":"status"}                                      how the link and the queues are
 * {"verb":"submit","name":"x.csv","bytes":"<base64>"}    one native file, as the folder door takes it; the format by its ending
 * {"verb":"parked"}                                      what the agency's system would not take while it took others
 * {"verb":"requeue","id":ID} or "all":true               try it anew
 * {"verb":"refuse","id":ID,"reason":"..."}               refuse it to its sender, for good
 * {"verb":"rotate","what":"sealing"}                     a new sealing key, named to all
 * {"verb":"withdraw","id":ID}                            take back a message, or a referral by its number, that is not registered
 * {"verb":"deadletters"}                                 what was refused for good, and nobody has looked at
 * {"verb":"resend","id":ID}                              send it once more, as a new message; the answer's "id" is that one's
 * {"verb":"drop","id":ID}                                it has been seen to
 * {"verb":"deadlines","agency":ID,"late":true}           what is owed by when, late ones first; both may be left out
 * {"verb":"reconcile"} and "now":true                    what the hub's signed statement and this adapter know differently
 * {"verb":"previews","after":N}                          referrals that nobody has opened; "after" may be left out (preview_view.h)
 * {"verb":"open","id":ID,"actor":{...}}                  open one
 * {"verb":"decline","id":ID,"reason_code":"..."}         decline one unopened; with "reason_text", "case_no", "actor"
 * An answer has "ok"; when that is false, "code" (NSK-...) and "error", and "where" if it is about a field. The agency's own
 * words about a submitted file are in "answer" (base64), whether it was taken or not.
 */
#ifndef ADAPTER_VERBS_H
#define ADAPTER_VERBS_H

#include "adapters/core/adapter.h"

struct json_t;

struct verbs {
	struct adapter *adapter;
	void (*on_fatal)(void *arg, enum err e);	/* the process must stop; called before the answer would be given */
	void *arg;
};

/* One line asked. The answer is the caller's reference; NULL: the process stops, and nothing is answered. */
struct json_t *verbs_answer(struct verbs *v, struct span line);
struct json_t *verbs_refusal(enum err e, const char *text);	/* text NULL: the error's own */

#endif
