/* SPDX-License-Identifier: EUPL-1.2 */
/* station - one agency on the wire, without what an agency keeps on disk: it submits its parcels, verifies every proof that comes
 * back, takes what is delivered and answers each record with a receipt "delivered".
 *
 * It speaks through the adapters' own uplink, signs a batch when it is submitted, and stays within the hub's credit and its own
 * window. Nothing is sent again: with a hub that answers, nothing has to be, and a lost answer shows in the counts.
 */
#ifndef BENCH_STATION_H
#define BENCH_STATION_H

#include "proto/base/loop.h"
#include "tests/bench/parcel.h"

struct station;

struct station_count {
	size_t submitted, accepted;		/* own records */
	size_t delivered;			/* records of others taken here */
	size_t acknowledged;			/* own records whose receipt came back */
	size_t refused;				/* of all that was submitted */
	int64_t accepted_ns, delivered_ns, acknowledged_ns;	/* the last of each */
	uint64_t bytes_out, bytes_in;		/* of frames */
	uint64_t envelope_bytes;		/* of own records, as submitted */
};

struct station_options {
	struct enrolled *enrolled;		/* borrowed, as is what follows */
	struct loop *loop;
	const char *agency, *endpoint;
	size_t window;				/* own records submitted and not accepted, at most; 0: by the hub's credit alone */
	size_t cap;				/* parcels that it will ever send */
	bool is_paced;				/* own records go as station_release says, not as fast as they may */
	bool is_forgetful;			/* receipts of what an earlier station of the agency sent are let pass */
	uint64_t credit;			/* messages granted; 0: as an adapter does */
	unsigned pause_ms;			/* for each message, before the next frame is read: a recipient that is slow */
	void *arg;
	void (*on_up)(void *arg);		/* welcomed; once */
	void (*on_moved)(void *arg);		/* after each frame */
};

struct station *station_new(const struct station_options *options);
void station_free(struct station *s);		/* after the loop has ended; NULL is fine */
/* Seal `n` records to another agency; they wait for station_start. */
void station_load(struct station *s, const char *to, size_t n, size_t record_bytes);
void station_start(struct station *s);		/* submit as far as window and credit go, and go on by itself */
void station_release(struct station *s, size_t n);	/* the first `n` of its records may go */
/* From when its release was due, `interval_ns` after the one before, to the receipt of its recipient; `to` holds as many as
 * were loaded. Gives the number of those whose receipt came. */
size_t station_round_trips(const struct station *s, int64_t begun_ns, int64_t interval_ns, int64_t *to);
void station_get_count(const struct station *s, struct station_count *ret_count);
/* Submit to ACCEPTED of each own record that was accepted, in ns; `to` holds as many as were loaded. Gives their number. */
size_t station_latencies(const struct station *s, int64_t *to);

#endif
