/* SPDX-License-Identifier: EUPL-1.2 */
/* fill - defaults are paths of a referral, or begin with "status.". */
#include "adapters/core/fill.h"

enum err
fill_assume(struct adapter *a, struct record *record, const char *path, const char *value, struct why *why)
{
	enum err e;

	if (record_get(record, a->mem, path) != NULL)
		return OK;
	if ((e = record_set(record, a->mem, path, value, why)) != OK)
		return e;
	return record_set(record, a->mem, "assumed", path, why);
}

/* A default's key is a path in the referral, or begins with "status.". */
static enum err
assume_defaults(struct adapter *a, struct record *record, struct why *why)
{
	const struct adapter_config *config = a->p.config;
	enum err e = OK;

	for (size_t i = 0; i < config->n_defaults && e == OK; i++) {
		const char *key = config->defaults[i].key;
		bool is_status = strncmp(key, "status.", 7) == 0;
		const char *path = is_status || strncmp(key, "referral.", 9) == 0 ? key : arena_fmt(a->mem, "referral.%s", key);

		if (path == NULL)
			return ERR_TOOBIG;
		if (is_status ? record->status != NULL : record->referral != NULL)
			e = fill_assume(a, record, path, config->defaults[i].value, why);
	}
	return e;
}

enum err
fill_record(struct adapter *a, struct record *record, const uint8_t case_id[16], struct why *why)
{
	int64_t now = core_now(a);

	record->case_id = arena_copy(a->mem, case_id, 16);
	record->created = record_int(a->mem, now);
	if (record->case_id == NULL || record->created == NULL)
		return ERR_TOOBIG;
	return assume_defaults(a, record, why);
}
