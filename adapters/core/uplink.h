/* SPDX-License-Identifier: EUPL-1.2 */
/* uplink - the adapter's one connection to the hub: a DEALER over CURVE that is watched, and made anew when it falls.
 *
 * Hubs are tried in the order of preference; after a round without success comes a pause that doubles, with jitter. All
 * callbacks come from the loop, never from within a call of ours. What was given to uplink_send and not yet sent when the
 * connection falls is gone: the adapter sends again what the hub has not answered.
 */
#ifndef ADAPTER_UPLINK_H
#define ADAPTER_UPLINK_H

#include "proto/base/bytes.h"
#include "proto/base/loop.h"
#include "proto/keyring.h"

struct uplink;

struct uplink_options {
	const char *const *hubs;	/* "tcp://host:port", borrowed */
	size_t n_hubs;			/* at least 1 */
	const struct key *transport;	/* our CURVE key, borrowed */
	struct public_key hub_key;
	int64_t handshake_ms;
	int64_t silent_ms;		/* a hub that says nothing for so long is given up */
	int64_t reconnect_min_ms, reconnect_max_ms;
	void *arg;
	/* The handshake succeeded: uplink_send works from now on. */
	enum err (*on_up)(void *arg);
	void (*on_down)(void *arg);	/* once for each on_up */
	/* One whole frame, borrowed. Of on_up and on_frame a FATAL answer goes to on_fatal and nothing more is read; another
	 * error ends the connection, which is then made anew. */
	enum err (*on_frame)(void *arg, struct span frame);
	void (*on_fatal)(void *arg, enum err e);
};

/* To be closed after the loop has ended. ERR_SYSTEM: no context or socket could be made. */
enum err uplink_open(const struct uplink_options *options, struct loop *loop, struct uplink **ret_uplink) MUST_USE;
void uplink_close(struct uplink *u);		/* NULL is fine */
/* A copy goes out as soon as it can. ERR_BUSY: no connection, or too much is waiting; ERR_TOOBIG: over FRAME_MAX. */
enum err uplink_send(struct uplink *u, struct span frame) MUST_USE;
/* The directory names another key. The connection that stands goes on; the next one is made with it. */
void uplink_set_hub_key(struct uplink *u, const struct public_key *key);
/* End the connection and make it anew, in the next round of the loop. */
void uplink_drop(struct uplink *u);
bool uplink_is_up(const struct uplink *u);

#endif
