/* SPDX-License-Identifier: EUPL-1.2 */
/* lossy - virtual time: events in the order of their moment, and a network that may drop, double, delay and reorder frames.
 *
 * All chance comes from one seed: a run repeats itself. Nothing here knows what a frame means.
 */
#ifndef SIM_LOSSY_H
#define SIM_LOSSY_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/bytes.h"

struct lossy;

typedef void lossy_fn(void *arg, uint64_t tag, struct span bytes);

struct lossy_faults { unsigned drop, twice; int64_t delay_ms, jitter_ms; };	/* in a thousand; jitter reorders */

struct lossy *lossy_new(uint64_t seed, int64_t now_ms);
void lossy_free(struct lossy *w);
int64_t lossy_now(const struct lossy *w);
uint64_t lossy_random(struct lossy *w);
bool lossy_chance(struct lossy *w, unsigned in_a_thousand);
void lossy_set_faults(struct lossy *w, const struct lossy_faults *faults);

/* Call `fn` in `ms`; `bytes` are copied. */
void lossy_at(struct lossy *w, int64_t ms, lossy_fn *fn, void *arg, uint64_t tag, struct span bytes);
/* The same over the network, with its faults. */
void lossy_send(struct lossy *w, lossy_fn *fn, void *arg, uint64_t tag, struct span bytes);
/* The next event; false: there is none before `until_ms` (the time is that, then). */
bool lossy_step(struct lossy *w, int64_t until_ms);

/* All stand still for so long, as a suspended machine does: the time goes on, and what was to happen happens that much later. */
void lossy_skip(struct lossy *w, int64_t ms);

#endif
