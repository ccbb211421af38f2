/* SPDX-License-Identifier: EUPL-1.2 */
/* services - who offers what: the newest announcement of each (agency, service), ours and the others'.
 *
 * Ours are put here when they are made, and go through the outbox; the others' come from the hub with their proof and their
 * agency's signature, or not at all. What is no longer in the directory is kept and not shown.
 */
#ifndef ADAPTER_SERVICES_H
#define ADAPTER_SERVICES_H

#include "adapters/core/core.h"
#include "adapters/core/services_find.h"

/* HELLO says what we have. */
void services_load(struct adapter *a, struct txn *txn);
/* What the hub sent. One that does not verify is told and passed over. */
enum err services_frame(struct adapter *a, const struct announced *f) MUST_USE;

/* A service of ours, as `announce` says it (agency and programme are filled in here): checked, kept, and on its way. An older one of
 * it that the hub has not stored yet does not go any more. `digest`: of what in the configuration it was made from, or NULL. */
enum err services_say(struct adapter *a, struct announce *announce, const struct hash *digest, struct why *why) MUST_USE;
/* What came of it at the hub. */
void services_stored(struct adapter *a, struct txn *txn, const struct outbound *o);
void services_refused(struct adapter *a, struct txn *txn, const struct outbound *o, enum err code);
/* The hub wants it under a newer directory: made again from what is said now. */
enum err services_again(struct adapter *a, struct txn *txn, struct outbound *o) MUST_USE;

/* All that stand in the directory and have not ended; by agency, then service. Lives in `mem`. */
enum err services_all(struct adapter *a, struct txn *txn, struct arena *mem, struct service **ret_services, size_t *ret_n) MUST_USE;
bool services_ours(struct adapter *a, struct txn *txn, struct arena *mem, const char *service_id, struct service *ret_service);
/* The one agency that a service is of, by the directory, else by its announcement; ERR_NOTFOUND, ERR_UNROUTABLE: it is of several. */
enum err services_agency(struct adapter *a, struct txn *txn, const char *service_id, const char **ret_agency, struct why *why) MUST_USE;
/* ANNOUNCE_STALE where nothing is known. */
enum announce_room services_room(struct adapter *a, struct txn *txn, const char *agency, const char *service_id);
/* What an agency announces of a kind of service: the most room that any has. False: it announces services, and none of this kind. True with
 * ANNOUNCE_STALE where it announces nothing, or what it says is stale. */
bool services_offered(struct adapter *a, struct txn *txn, const char *agency, const char *service_kind, enum announce_room *ret_room);

#endif
