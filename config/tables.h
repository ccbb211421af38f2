/* SPDX-License-Identifier: EUPL-1.2 */
/* tables - what the two configurations give to the loader: their keys, and their checks across keys. Used in config/
 * and its tests; daemons call config.h.
 */
#ifndef CONFIG_TABLES_H
#define CONFIG_TABLES_H

#include "config/adapter_config.h"
#include "config/binder.h"
#include "config/hub_config.h"

/* The place and the size of a field of the struct that a table describes */
#define FIELD(type, member) .offset = offsetof(type, member), .size = sizeof(((type *)NULL)->member)

extern const struct bind_row hub_config_rows[];		/* into struct hub_config */
extern const struct bind_row adapter_config_rows[];	/* into struct adapter_config */
extern const struct bind_name config_log_levels[], config_languages[];

/* After binding, right or wrong: add what is wrong between keys. */
void hub_config_check(const struct binder *b, const struct hub_config *c);
void adapter_config_check(const struct binder *b, const struct adapter_config *c);
/* Its part about deadlines, and about the mail that tells of them. */
void adapter_deadlines_check(const struct binder *b, const struct adapter_config *c);
/* After binding: fill what follows from other fields (parts of addresses, doors by default). ERR_TOOBIG: arena full. */
enum err adapter_config_complete(const struct binder *b, struct adapter_config *c) MUST_USE;

/* The value of key `small` must be at most that of `large`. The problem stands at the one that the file gives. */
struct config_order {
	const char *small, *large;
	int64_t small_value, large_value;
	bool is_size;			/* bytes; otherwise milliseconds */
};
void config_check_order(const struct binder *b, const struct config_order *order);

#endif
