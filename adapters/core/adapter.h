/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter - one agency's adapter: the straight line of a message, out and in.
 *
 * Decides without doing: no socket, clock or log below it; frames, ticks and native messages come in with the time, frames and
 * handovers go out through the links, and the store is the one thing it holds. So the simulator runs it as it is.
 * A FATAL error from any function means: stop, answer nothing, start again from the last commit.
 */
#ifndef ADAPTER_ADAPTER_H
#define ADAPTER_ADAPTER_H

#include "adapters/core/door.h"
#include "adapters/core/contacts.h"
#include "adapters/core/keychest.h"
#include "adapters/core/sector.h"
#include "config/adapter_config.h"
#include "proto/base/store.h"
#include "proto/keyring.h"

#define ADAPTER_SOFTWARE "nasoka 0.1.0"
#define ADAPTER_DOORS_MAX ADAPTER_DOOR_POLLING

struct adapter;
struct mailer;

/* What the adapter may do to the world. */
struct adapter_links {
	void *arg;
	int64_t (*now)(void *arg);				/* Unix ms */
	void (*random)(void *arg, void *to, size_t n);
	enum err (*send)(void *arg, struct span frame);		/* to the hub; ERR_BUSY: not now */
	void (*tell)(void *arg, enum log_event event, const char *text);	/* a line for operators */
	/* a file of the roster folder, as roster_files_read; NULL: there is none */
	enum err (*roster)(void *arg, const char *file, struct arena *mem, struct span *ret_bytes);
};

struct adapter_parts {
	const struct adapter_config *config;
	const struct sector *sector;
	struct store *store;
	struct contacts *contacts;
	const struct key *signing, *local;
	struct keychest *chest;					/* sealing keys and our own sheet: the adapter turns them over */
	struct door *doors[ADAPTER_DOORS_MAX + 1];			/* out, by enum adapter_door; NULL where there is none */
	struct mailer *mailer;					/* NULL: no mail */
	struct adapter_links links;
};

/* All that `parts` points to stays the caller's and must outlive the adapter. */
enum err adapter_new(const struct adapter_parts *parts, struct adapter **ret_adapter, struct why *why) MUST_USE;
void adapter_free(struct adapter *a);

/* -- events from the hub's side -- */
enum err adapter_on_up(struct adapter *a) MUST_USE;			/* the transport stands: say HELLO */
void adapter_on_down(struct adapter *a);				/* it fell */
enum err adapter_on_frame(struct adapter *a, struct span bytes) MUST_USE;
/* Time passed. Gives the ms to the next call. */
enum err adapter_on_tick(struct adapter *a, int64_t *ret_next_ms) MUST_USE;

/* -- for the operators' view -- */
struct adapter_status {
	const char *agency, *sector;
	bool is_up;
	uint64_t epoch, pin_size, pending, inbox, egress_waiting, parked, previews, unregistered, dead;
	int64_t oldest_pending_ms, oldest_unregistered_ms;	/* when they were queued; 0: none */
	uint64_t directory_version;
	uint64_t sheet_version, sealing_keys;			/* our own sheet; private halves at hand */
	uint64_t deadlines, late;		/* that stand open, and of them late */
	bool is_rebuilding;			/* the disk was lost, and something is missing still */
	uint64_t missing;			/* threads and messages that are asked for */
	uint64_t awaited;			/* messages that could not be opened, and have not come again */
	int64_t oldest_awaited_ms;		/* when the oldest of them was made; 0: none */
	uint64_t mails;				/* duties that an immediate mail is owed for */
};
void adapter_status(struct adapter *a, struct adapter_status *ret_status);

#endif
