/* SPDX-License-Identifier: EUPL-1.2 */
/* daemons - the commands about a running hub or adapter: status, queues, dead letters, deadlines, checkpoint, reload, what is
 * parked. */
#ifndef CTL_DAEMONS_H
#define CTL_DAEMONS_H

#include "hub/ctl/command.h"

extern const struct command_option daemons_options[], daemons_queues_options[], daemons_plain_options[];
extern const struct command_option daemons_requeue_options[], daemons_refuse_options[], daemons_rotate_options[];
extern const struct command_option daemons_resend_options[];
extern const struct command_option daemons_deadlines_options[], daemons_deadletters_options[];

int daemons_status(const struct call *call);
int daemons_queues(const struct call *call);
/* EXIT_LATE: something is late. What is asked for and is not there: EXIT_FAILED. */
int daemons_deadlines(const struct call *call);
int daemons_conferences(const struct call *call);
int daemons_deadletters(const struct call *call);
int daemons_checkpoint(const struct call *call);	/* the hub's newest signed note, as it is */
int daemons_reload(const struct call *call);	/* directory and sheets anew from their files */
int daemons_parked(const struct call *call);	/* of an adapter, as are the next two */
int daemons_requeue(const struct call *call);
int daemons_refuse(const struct call *call);
int daemons_rotate_sealing(const struct call *call);	/* an adapter makes a new sealing key */
int daemons_resend(const struct call *call);
int daemons_reconcile(const struct call *call);	/* fails when something is late, or known to one side only */
int daemons_withdraw(const struct call *call);	/* of an adapter: take back what it sent */

#endif
