/* SPDX-License-Identifier: EUPL-1.2 */
/* config - a configuration file in, checked plain values out; what the daemons' mains call.
 *
 * A file is either right as a whole or refused with all its problems at once. Nothing is remembered between calls,
 * so a reload is a second load into a second arena.
 */
#ifndef CONFIG_CONFIG_H
#define CONFIG_CONFIG_H

#include <stdbool.h>
#include <stdio.h>

#include "config/adapter_config.h"
#include "config/hub_config.h"
#include "proto/base/err.h"

struct arena;
struct problems;

enum { CONFIG_ARENA_BYTES = 8 << 20 };	/* an arena of this cap holds any configuration */

enum config_mode {
	CONFIG_RUN,	/* load, and go on */
	CONFIG_CHECK,	/* --check-config: load, say so, and end */
	CONFIG_PRINT,	/* --print-config: load, print the effective values with their origins, and end */
	CONFIG_AWAY,	/* load where no daemon runs: files and folders that are not there, or not ours to see, are named as not looked at */
};

/* Load `file` into `mem`. ERR_CONFIG: `problems` (config/problem.h; made by problems_new) says what and where, all of it. */
enum err config_load_hub(const char *file, struct arena *mem, struct hub_config **ret_config,
			 struct problems *problems) MUST_USE;
enum err config_load_adapter(const char *file, enum adapter_sector sector, struct arena *mem,
			     struct adapter_config **ret_config, struct problems *problems) MUST_USE;

/* What a main does with it: true to go on with `*ret_config`; false to end with `*ret_exit` (0, or 78 with every problem
 * on `err` as "file:line:col: key: problem; hint"). Data goes to `out`, talk to `err`.
 */
struct config_start {
	const char *file;
	enum config_mode mode;
	FILE *out, *err;	/* NULL: standard output and standard error */
};

bool config_start_hub(const struct config_start *start, struct arena *mem, struct hub_config **ret_config, int *ret_exit);
bool config_start_adapter(const struct config_start *start, enum adapter_sector sector, struct arena *mem,
			  struct adapter_config **ret_config, int *ret_exit);

#endif
