/* SPDX-License-Identifier: EUPL-1.2 */
/* The hub's keys and the checks across them, on real files. */
#include "config/hub_config.h"

#include "tests/unit/config/config_world.h"

static const char base[] =
	"origin: hub.test.example/log\n"		/* 1 */
	"store:\n"					/* 2 */
	"  dir: var/store\n"				/* 3 */
	"  map_size: 1GiB\n"				/* 4 */
	"keys:\n"					/* 5 */
	"  dir: keys\n"					/* 6 */
	"  kek_dir: var/kek\n"				/* 7 */
	"directory:\n"					/* 8 */
	"  file: directory.note\n"			/* 9 */
	"  sheets_dir: sheets\n"			/* 10 */
	"  trust_file: registrars.txt\n"		/* 11 */
	"listen: [\"tcp://*:7411\"]\n"			/* 12 */
	"control: { socket: run/control.sock }\n"	/* 13 */
	"checkpoint: { file: run/checkpoint }\n"	/* 14 */
	"limits:\n"					/* 15 */
	"  envelope_bytes: 1152KiB\n"			/* 16 */
	"  emergency_percent: 10\n"			/* 17 */
	"transport:\n"					/* 18 */
	"  heartbeat: 5s\n"				/* 19 */
	"log_level: info\n"				/* 20 */
	"language: en\n";				/* 21 */

static struct hub_config *config;

static enum err
load(const char *file, struct world *w)
{
	return config_load_hub(file, w->mem, &config, w->problems);
}

/* A right file gives its values, the defaults of what it leaves out, and absolute paths. */
static void
hub_config_values(void **state)
{
	struct world *w = *state;
	char path[256];

	assert_int_equal(world_load(w, base, load), OK);
	assert_string_equal(w->said, "");
	assert_string_equal(config->origin, "hub.test.example/log");
	assert_string_equal(config->store_dir, world_path(w, "var/store", path));
	assert_string_equal(config->kek_dir, world_path(w, "var/kek", path));
	assert_string_equal(config->trust_file, world_path(w, "registrars.txt", path));
	assert_int_equal(config->store_map_bytes, 1 << 30);
	assert_int_equal(config->n_listen, 1);
	assert_string_equal(config->listen[0], "tcp://*:7411");
	assert_int_equal(config->limits.envelope_bytes, 1152 << 10);
	assert_int_equal(config->limits.queued_messages, 100000);
	assert_int_equal(config->limits.duplicate_horizon_ms, INT64_C(400) * 86400000);
	assert_int_equal(config->limits.reseal_grace_ms, INT64_C(7) * 86400000);
	assert_int_equal(config->limits.disk_low_bytes, 1 << 30);
	assert_int_equal(config->transport.handshake_ms, 3000);
	assert_int_equal(config->transport.silent_ms, 60000);
	assert_int_equal(config->log_level, LOG_LEVEL_INFO);
	assert_int_equal(config->language, LANG_EN);
}

static const struct wrong wrongs[] = {
	{ "origin: hub.test.example/log\n", "", "1:1: origin: required and missing: the name of this hub's log, for ever" },
	{ "hub.test.example/log", "two words", "1:9: origin: 'two words' is not a log origin" },
	{ "hub.test.example/log", "a+b", "1:9: origin: 'a+b' is not a log origin" },
	{ "1GiB", "1GB", "4:13: store.map_size: '1GB' is not a size" },
	{ "1GiB", "1073741824", "4:13: store.map_size: '1073741824' is not a size" },
	{ "1GiB", "1MiB", "4:13: store.map_size: 1MiB is out of range" },
	{ "1GiB", "99999999999999999999TiB", "4:13: store.map_size: 99999999999999999999TiB is out of range" },
	{ "map_size: 1GiB", "map_size:", "4:3: store.map_size: has no value" },
	{ "  dir: var/store\n", "", "2:1: store.dir: required and missing: where the queue and the log live" },
	{ "var/store", "nowhere/store", "3:8: store.dir: its directory does not exist: DIR/nowhere" },
	{ "dir: keys", "dir: shared-keys", "6:8: keys.dir: a directory of keys that others can write (mode 770)" },
	{ "dir: keys", "dir: hub.pub", "6:8: keys.dir: not a directory" },
	{ "dir: keys", "dir: none", "6:8: keys.dir: no such directory: DIR/none" },
	{ "var/kek", "var/store/kek", "7:12: keys.kek_dir: its directory does not exist: DIR/var/store" },
	{ "run/checkpoint", "none/point", "14:21: checkpoint.file: its directory does not exist: DIR/none" },
	{ "directory.note", "sheets", "9:9: directory.file: not a file" },
	{ "directory.note", "none.note", "9:9: directory.file: no such file: DIR/none.note" },
	{ "[\"tcp://*:7411\"]", "[]", "12:9: listen: the list is empty" },
	{ "[\"tcp://*:7411\"]", "tcp://*:7411", "12:9: listen: must be a list" },
	{ "tcp://*:7411", "udp://*:7411", "12:10: listen[1]: 'udp://*:7411' is not a tcp:// or ipc:// endpoint" },
	{ "tcp://*:7411", "inproc://x", "12:10: listen[1]: 'inproc://x' is not a tcp:// or ipc:// endpoint" },
	{ "tcp://*:7411", "tcp://*:0", "12:10: listen[1]: 'tcp://*:0' is not a tcp:// or ipc:// endpoint" },
	{ "[\"tcp://*:7411\"]", "[\"tcp://*:7411\", \"tcp://*:7411\"]", "12:26: listen[2]: 'tcp://*:7411' stands in the list twice" },
	{ "[\"tcp://*:7411\"]", "[a, b, c, d, e, f, g, h, i]", "12:9: listen: 9 items are too many" },
	{ "{ socket: run/control.sock }", "run/control.sock",
	  "13:1: control.socket: required and missing: where nasokactl connects\n13:10: control: must be a section of keys" },
	{ "1152KiB", "8MiB", "16:19: limits.envelope_bytes: 8MiB is out of range" },
	{ "emergency_percent: 10", "emergency_percent: 0", "17:22: limits.emergency_percent: 0 is out of range" },
	{ "emergency_percent: 10", "emergency_percent: 010", "17:22: limits.emergency_percent: '010' is not a whole number" },
	{ "emergency_percent: 10", "emergency_percent: 0x10", "17:22: limits.emergency_percent: '0x10' is not a whole number" },
	{ "emergency_percent: 10", "emergency_percent: 10%", "17:22: limits.emergency_percent: '10%' is not a whole number" },
	{ "emergency_percent: 10", "emergency_percnet: 10", "17:3: limits.emergency_percnet: unknown key" },
	{ "emergency_percent: 10", "emergency_percent: [10]", "17:22: limits.emergency_percent: must be one value" },
	{ "emergency_percent: 10", "credit_bytes: 1MiB",
	  "17:17: limits.credit_bytes: less than limits.envelope_bytes, which is 1152KiB" },
	{ "emergency_percent: 10", "reseal_grace: 90d\n  duplicate_horizon: 30d",
	  "18:22: limits.duplicate_horizon: less than limits.reseal_grace, which is 90d" },
	{ "heartbeat: 5s", "heartbeat: 5", "19:14: transport.heartbeat: '5' is not a duration" },
	{ "heartbeat: 5s", "heartbeat: 5 s", "19:14: transport.heartbeat: '5 s' is not a duration" },
	{ "heartbeat: 5s", "heartbeat: 15s\n  silence: 9s", "20:12: transport.silence: less than transport.heartbeat, which is 15s" },
	{ "heartbeat: 5s", "silence: 2s", "19:12: transport.silence: less than transport.heartbeat, which is 5s" },
	{ "heartbeat: 5s", "heartbeat: 5s\n  heartbeat: 6s", "20:3: transport.heartbeat: given twice, first in line 19" },
	{ "log_level: info", "log_level: loud", "20:12: log_level: 'loud' is not a choice here" },
	{ "language: en", "languages: en", "21:1: languages: unknown key" },
	{ "language: en", "\"store.dir\": x", "21:1: store.dir: unknown key" },
};

/* Each wrong file is refused with exactly its problems, each at its line and column. */
static void
hub_config_wrong(void **state)
{
	struct world *w = *state;
	struct wrong here[sizeof(wrongs) / sizeof(wrongs[0])];
	char *made[sizeof(wrongs) / sizeof(wrongs[0])];
	size_t i, n = sizeof(wrongs) / sizeof(wrongs[0]);

	for (i = 0; i < n; i++) {
		here[i] = wrongs[i];
		made[i] = strstr(here[i].says, "DIR") ? world_edit(here[i].says, "DIR", w->dir) : strdup(here[i].says);
		here[i].says = made[i];
	}
	world_check_wrong(w, base, here, n, load);
	for (i = 0; i < n; i++)
		free(made[i]);
}

/* Keys and checkpoint inside the store would share its fate, also by way of a symbolic link. */
static void
hub_config_apart_from_store(void **state)
{
	struct world *w = *state;
	char at[256], *text;

	world_mkdir(w, "var/store", 0700);
	assert_int_equal(symlink("store", world_path(w, "var/link", at)), 0);
	text = world_edit(base, "var/kek", "var/link/kek");
	assert_int_equal(world_load(w, text, load), ERR_CONFIG);
	assert_true(world_said(w, "7:12: keys.kek_dir: lies inside store.dir"));
	free(text);
	text = world_edit(base, "run/checkpoint", "var/store/checkpoint");
	assert_int_equal(world_load(w, text, load), ERR_CONFIG);
	assert_true(world_said(w, "14:21: checkpoint.file: lies inside store.dir"));
	free(text);
}

/* Many wrong places are told in one go, by place. */
static void
hub_config_all_at_once(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_load(w, "store: { dir: var/store, map_size: big }\nlog_level: loud\nlimit: {}\n", load), ERR_CONFIG);
	assert_null(config);
	assert_int_equal(problems_errors(w->problems), 3 + 9);
	assert_non_null(strstr(w->said, "c.yaml:1:36: store.map_size: 'big' is not a size"));
	assert_non_null(strstr(w->said, "c.yaml:2:12: log_level: 'loud' is not a choice here; one of: error, warn, info, debug\n"));
	assert_non_null(strstr(w->said, "c.yaml:3:1: limit: unknown key; did you mean 'limits'?\n"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(hub_config_values, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(hub_config_wrong, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(hub_config_apart_from_store, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(hub_config_all_at_once, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
