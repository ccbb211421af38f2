/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_trust - what the core learns of others: directory versions and key sheets, journalled when they are new; and its own
 * start and stop in the log.
 *
 * A directory has been verified by the caller against its registrars, a sheet is verified here. Called by hubd.c and
 * greeting.c through hub.h.
 */
#include "hub/hub.h"

#include "hub/state.h"

static enum err
log_object(struct hub *hub, enum leaf_type type, const struct detail *d, uint64_t *ret_leaf)
{
	struct log_item item = { .type = type, .retention = RETAIN_TRUST, .detail = d };

	return state_append(hub, &item, ret_leaf);
}

enum err
hub_put_directory(struct hub *hub, const struct directory *d, struct span note, int64_t now_ms, struct why *why)
{
	const struct directory *now = hub_directory(hub);
	struct detail detail = { .at_ms = now_ms, .version = d->version, .object = d->hash };
	struct directory_row row = { .since_ms = now_ms, .note = note };
	struct row_key key;
	enum err e;

	if (now && d->version < now->version)
		return why_set(why, ERR_STALE, "directory", "version %llu is known", (unsigned long long)now->version);
	if (now && d->version == now->version)
		return hash_eq(&now->hash, &d->hash) ? OK : why_set(why, ERR_CONFLICT, "directory", "two of one version");
	state_begin(hub, now_ms);
	if ((e = directory_encode(d, hub->mem, &row.bytes)) == OK &&
	    (e = roster_put_directory(hub->roster, row.bytes, note, now_ms, why)) == OK &&
	    (e = log_object(hub, LEAF_DIRECTORY, &detail, &row.leaf)) == OK) {
		hub->directory_leaf = row.leaf;
		state_put(hub, TABLE_DIRECTORY, row_key_directory(d->version, &key), row_directory(&row, hub->mem));
	}
	state_end(hub);
	return e;
}

/* May be called in the middle of an event (HELLO) as well as between them. */
enum err
hub_put_sheet(struct hub *hub, struct span bytes, int64_t now_ms, struct why *why)
{
	const struct directory *d = hub_directory(hub);
	struct arena *mem = arena_new((size_t)256 << 10);
	const struct sheet *old;
	const char *other;
	struct sheet_row row = { .bytes = bytes };
	struct sheet *sheet;
	struct row_key key;
	enum err e = mem ? OK : ERR_NOMEM;

	hub->now_ms = now_ms;
	if (e == OK && d == NULL)
		e = why_set(why, ERR_UNKNOWN_AGENCY, "sheet", "there is no directory");
	if (e != OK || (e = sheet_open(bytes, d, 0, mem, &sheet, why)) != OK)
		goto out;
	if ((old = roster_sheet(hub->roster, sheet->agency)) != NULL && sheet->version <= old->version) {
		e = hash_eq(&old->hash, &sheet->hash) ? OK : why_set(why, ERR_STALE, "sheet", "version %llu is known",
								      (unsigned long long)old->version);
		goto out;
	}
	/* a transport key says who connects: who names another's would take its place, or shut it out */
	if ((other = roster_agency_of(hub->roster, sheet->transport.b)) != NULL && strcmp(other, sheet->agency) != 0) {
		e = why_set(why, ERR_CONFLICT, "sheet", "its transport key is another agency's");
		goto out;
	}
	struct detail detail = {
		.from = sheet->agency, .at_ms = now_ms, .created_ms = sheet->made_ms, .version = sheet->version,
		.object = sheet->hash,
	};
	if ((e = log_object(hub, LEAF_SHEET, &detail, &row.leaf)) != OK)
		goto out;
	state_put(hub, TABLE_SHEETS, row_key_agency(sheet->agency, &key), row_sheet(&row, mem));
	e = roster_put_sheet(hub->roster, bytes, row.leaf, why);
out:
	arena_free(mem);
	return e;
}

const struct directory *
hub_directory(const struct hub *hub)
{
	return roster_current(hub->roster);
}

const char *
hub_agency_of(const struct hub *hub, const uint8_t transport[KEY_LEN])
{
	return hub_directory(hub) ? roster_agency_of(hub->roster, transport) : NULL;
}

static void
say_recovered(struct hub *hub)
{
	static const char *const names[] = { [HUB_LAST_NONE] = "none", [HUB_LAST_CLEAN] = "clean", [HUB_LAST_CRASH] = "crash" };
	const struct hub_recovered *r = &hub->recovered;
	int64_t down = r->last_ms > 0 && hub->now_ms > r->last_ms ? hub->now_ms - r->last_ms : 0;

	state_log(hub, LOG_RECOVERED, "last=%s size=%llu checkpoint=%llu queued=%llu unregistered=%llu down_s=%lld", names[r->last],
		  (unsigned long long)r->size, (unsigned long long)r->checkpoint, (unsigned long long)r->queued,
		  (unsigned long long)r->unregistered, (long long)(down / CLOCK_SECOND));
}

void
hub_log_service(struct hub *hub, enum leaf_type type, int64_t now_ms)
{
	struct detail d = { .at_ms = now_ms, .text = hub->version };
	struct log_item item = { .type = type, .retention = RETAIN_SERVICE, .detail = &d };
	uint64_t leaf;

	hub->now_ms = now_ms;
	if (type == LEAF_START)
		say_recovered(hub);
	if (state_append(hub, &item, &leaf) != OK)
		state_log(hub, LOG_FATAL, "code=%s what=%s why=append", err_code(ERR_NOMEM), leaf_type_name(type));
}
