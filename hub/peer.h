/* SPDX-License-Identifier: EUPL-1.2 */
/* peer - the hub's ROUTER: frames in from whom CURVE says, frames out to a connection. The rules of PROTOCOL.md 6.
 *
 * A connection is named by the number in libzmq's own routing id. Whose it is comes from the User-Id of each payload frame
 * and from nothing else; a frame without one, a message of other than two frames, or a routing id that a peer chose by
 * itself is dropped. Owns the process's one ZeroMQ context, and the handler that lets peers in.
 */
#ifndef HUB_PEER_H
#define HUB_PEER_H

#include <stdbool.h>
#include <stdint.h>

#include "config/hub_config.h"
#include "hub/zap.h"
#include "proto/base/bytes.h"
#include "proto/base/loop.h"
#include "proto/keyring.h"

#define PEER_LINGER_MS 500

struct peer;

struct peer_options {
	struct loop *loop;
	const struct hub_config *config;	/* endpoints and transport; borrowed for the call */
	const struct key *transport;		/* the hub's CURVE key */
	void *arg;				/* of the functions below */
	zap_who_fn *who;
	void (*on_frame)(void *arg, uint64_t conn, const char *agency, struct span frame);
	void (*on_drained)(void *arg);		/* after a row of on_frame */
	bool (*may_take)(void *arg);		/* asked before each frame; after false peer_resume is needed */
};

enum err peer_open(const struct peer_options *options, struct peer **ret_peer, struct why *why) MUST_USE;
void peer_close(struct peer *peer);		/* NULL is fine */
/* ERR_BUSY: that connection's pipe is full, nothing was sent. ERR_PEER_DOWN: there is no such connection. */
enum err peer_send(struct peer *peer, uint64_t conn, struct span frame) MUST_USE;
void peer_resume(struct peer *peer);
/* At each tick: is the handler that lets peers in still there (else ERR_SYSTEM: the process must end and be started anew)? And
 * connections on which nothing came for transport.silent_ms are ended. */
enum err peer_watch(struct peer *peer) MUST_USE;
/* Every rule for the ROUTER that is an option of its socket (the table in hub/DESIGN.md); peer_open uses it. */
bool peer_harden(void *router, const struct hub_config *config, const struct key *transport);
/* No frame is taken any more. What has been sent still has PEER_LINGER_MS to leave, from peer_close on. */
void peer_stop(struct peer *peer);

#endif
