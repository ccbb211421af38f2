/* SPDX-License-Identifier: EUPL-1.2 */
/* wire - virtual time: events in the order of their moment, and a network that may drop, double, delay and reorder frames.
 *
 * All chance comes from one seed: a run repeats itself. Nothing here knows what a frame means.
 */
#ifndef SIM_WIRE_H
#define SIM_WIRE_H

#include <stdbool.h>
#include <stdint.h>

#include "proto/base/bytes.h"

struct wire;

typedef void wire_fn(void *arg, uint64_t tag, struct span bytes);

struct wire_faults { unsigned drop, twice; int64_t delay_ms, jitter_ms; };	/* in a thousand; jitter reorders */

struct wire *wire_new(uint64_t seed, int64_t now_ms);
void wire_free(struct wire *w);
int64_t wire_now(const struct wire *w);
uint64_t wire_random(struct wire *w);
bool wire_chance(struct wire *w, unsigned in_a_thousand);
void wire_set_faults(struct wire *w, const struct wire_faults *faults);

/* Call `fn` in `ms`; `bytes` are copied. */
void wire_at(struct wire *w, int64_t ms, wire_fn *fn, void *arg, uint64_t tag, struct span bytes);
/* The same over the network, with its faults. */
void wire_send(struct wire *w, wire_fn *fn, void *arg, uint64_t tag, struct span bytes);
/* The next event; false: there is none before `until_ms` (the time is that, then). */
bool wire_step(struct wire *w, int64_t until_ms);

#endif
