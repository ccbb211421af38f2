/* SPDX-License-Identifier: EUPL-1.2 */
/* places - for the HTTP and the MLLP door. A door has some dozens of places, so each question looks at all of them. */
#include "adapters/core/places.h"

#include <string.h>

#include "adapters/core/listener.h"

static struct place *
find_free(const struct places *p)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->all[i].state == PLACE_FREE)
			return &p->all[i];
	return NULL;
}

bool
places_has_free(const struct places *p)
{
	return find_free(p) != NULL;
}

struct place *
places_take(const struct places *p, const struct sockaddr_storage *peer, int64_t now_ms, int64_t due_ms)
{
	struct place *place = find_free(p);

	if (!place)
		return NULL;
	*place = (struct place){ .state = PLACE_FREE };
	if (!listener_bytes(peer, place->peer))
		memset(place->peer, 0, sizeof(place->peer));
	place_turn(place, PLACE_WAITING, now_ms, due_ms);
	return place;
}

void
place_turn(struct place *place, enum place_state state, int64_t now_ms, int64_t due_ms)
{
	if (place->state != state)
		place->from_ms = now_ms;
	place->state = state;
	place->due_ms = due_ms;
}

static bool
may_yield(const struct place *place, enum place_state state, int64_t now_ms)
{
	return place->state == state && now_ms - place->from_ms >= PLACES_GRACE_MS;
}

static size_t
share_of(const struct places *p, const struct place *holder)
{
	size_t n = 0;

	for (size_t i = 0; i < p->n; i++)
		if (p->all[i].state == holder->state && memcmp(p->all[i].peer, holder->peer, sizeof(holder->peer)) == 0)
			n++;
	return n;
}

static struct place *
worst_of(const struct places *p, enum place_state state, int64_t now_ms)
{
	struct place *worst = NULL;
	size_t most = 0;

	for (size_t i = 0; i < p->n; i++) {
		struct place *place = &p->all[i];
		size_t share;

		if (!may_yield(place, state, now_ms))
			continue;
		share = share_of(p, place);
		if (!worst || share > most || (share == most && place->due_ms < worst->due_ms)) {
			worst = place;
			most = share;
		}
	}
	return worst;
}

struct place *
places_yielding(const struct places *p, int64_t now_ms)
{
	struct place *waiting = worst_of(p, PLACE_WAITING, now_ms);

	return waiting ? waiting : worst_of(p, PLACE_IDLE, now_ms);
}

struct place *
places_overdue(const struct places *p, int64_t now_ms)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->all[i].state != PLACE_FREE && p->all[i].due_ms <= now_ms)
			return &p->all[i];
	return NULL;
}

int64_t
places_wait_ms(const struct places *p, int64_t now_ms, int64_t most_ms)
{
	bool is_full = !places_has_free(p);

	for (size_t i = 0; i < p->n; i++) {
		const struct place *place = &p->all[i];
		int64_t left_ms = place->due_ms - now_ms, grace_ms = place->from_ms + PLACES_GRACE_MS - now_ms;

		if (place->state == PLACE_FREE)
			continue;
		if (is_full && place->state != PLACE_SERVED && grace_ms > 0 && grace_ms < left_ms)
			left_ms = grace_ms;
		if (left_ms < most_ms)
			most_ms = left_ms;
	}
	return most_ms > 0 ? most_ms : 0;
}
