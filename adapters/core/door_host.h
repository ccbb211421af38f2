/* SPDX-License-Identifier: EUPL-1.2 */
/* door_host - what every door needs of its process: the loop that turns it, the adapter it asks, and whom to tell of the end. */
#ifndef ADAPTER_DOOR_HOST_H
#define ADAPTER_DOOR_HOST_H

#include <stdbool.h>

#include "adapters/core/door.h"
#include "proto/base/loop.h"

/* Borrowed by every door for its whole life. */
struct door_host {
	struct loop *loop;
	struct adapter *adapter;			/* NULL until it is made; doors out are opened before */
	void *arg;
	void (*on_fatal)(void *arg, enum err e);	/* the process must stop; called from within the loop */
	bool (*is_ready)(void *arg);			/* store open and the hub's session up: for /readyz */
};

#endif
