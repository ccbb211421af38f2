/* SPDX-License-Identifier: EUPL-1.2 */
/* control - the adapter's control socket: one line of JSON in, one line of JSON out, for nasokactl on the same host. What may be
 * asked stands in verbs.h. The socket file is 0600: who may open it may submit as the agency.
 */
#ifndef ADAPTER_CONTROL_H
#define ADAPTER_CONTROL_H

#include "adapters/core/adapter.h"
#include "proto/base/loop.h"

#define CONTROL_REQUEST_MAX ((size_t)2 * 1024 * 1024)
#define CONTROL_CLIENTS_MAX 4	/* one more, and the one that was silent longest is dropped */

struct control;

struct control_options {
	const char *path;		/* of the socket; the file of a process that died is replaced */
	struct loop *loop;
	struct adapter *adapter;
	void (*on_fatal)(void *arg, enum err e);	/* the process must stop; called from within the loop */
	void *arg;
};

/* ERR_SYSTEM: the socket cannot be made. */
enum err control_open(const struct control_options *options, struct control **ret_control, struct why *why) MUST_USE;
void control_close(struct control *control);	/* NULL is fine; removes the socket file */

#endif
