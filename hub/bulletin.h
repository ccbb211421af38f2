/* SPDX-License-Identifier: EUPL-1.2 */
/* bulletin - what agencies say to all of their services: the newest of each (agency, service), for everybody.
 *
 * No queue holds them. They lie in the order of their leaves, an older one of the same service goes when a newer one comes, and
 * each session is sent what follows the last one that its adapter has: so a newcomer gets the newest of each, and nobody's
 * queue grows by what others announce. The log keeps all of them.
 */
#ifndef HUB_BULLETIN_H
#define HUB_BULLETIN_H

#include "hub/state.h"
#include "proto/announce.h"

#define BULLETIN_NAMES_MAX 256		/* service ids of one agency that were ever used, ended ones included */
#define BULLETIN_A_MINUTE 120		/* announcements that one agency may make */

/* The clear body under its header. ERR_NOT_ALLOWED: another agency's service, or another's body; ERR_TOOMANY; ERR_STALE: not newer
 * than the one at hand, or than the duplicate horizon; ERR_OVERLOAD: too many a minute; what announce_decode says. */
enum err bulletin_check(struct hub *hub, const struct envelope *env, struct announce *ret_announce, struct why *why) MUST_USE;
void bulletin_put(struct hub *hub, const struct envelope *env, const struct announce *a, uint64_t leaf);
/* The leaf after that of the newest one in the journal. */
enum err bulletin_load(struct hub *hub, struct journal_view *v) MUST_USE;
bool bulletin_is_due(const struct hub *hub, const struct party *p);	/* something durable that this session was not sent */
/* A frame of them. True: there are more. */
bool bulletin_pump(struct hub *hub, struct party *p);

#endif
