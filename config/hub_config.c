/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_config - the keys of the hub's configuration, and what must hold between them. Called by config.c. The help
 * sentences are what an operator reads when a key is missing.
 */
#include "config/hub_config.h"

#include <string.h>

#include "config/placecheck.h"
#include "config/tables.h"
#include "proto/base/clock.h"

#define KIB(n) (INT64_C(n) << 10)
#define MIB(n) (INT64_C(n) << 20)
#define GIB(n) (INT64_C(n) << 30)
#define TIB(n) (INT64_C(n) << 40)
#define IN(member) FIELD(struct hub_config, member)

const struct bind_name config_log_levels[] = {
	{ "error", LOG_LEVEL_ERROR }, { "warn", LOG_LEVEL_WARN }, { "info", LOG_LEVEL_INFO }, { "debug", LOG_LEVEL_DEBUG },
	{ NULL, 0 },
};
const struct bind_name config_languages[] = { { "en", LANG_EN }, { "bg", LANG_BG }, { NULL, 0 } };

/* clang-format off */
const struct bind_row hub_config_rows[] = {
	{ "origin", BIND_TEXT, BIND_REQUIRED, 0, IN(origin), .form = &form_origin,
	  .help = "the name of this hub's log, for ever", .hint = "write it like hub.plovdiv.example/log" },
	{ "store.dir", BIND_PATH, BIND_REQUIRED, NEED_PARENT, IN(store_dir),
	  .help = "where the queue and the log live", .hint = "name a directory on a disk of its own" },
	{ "store.map_size", BIND_BYTES, 0, 0, IN(store_map_bytes), .def = "16GiB", .min = MIB(16), .max = TIB(16),
	  .help = "the most that the store can hold" },
	{ "keys.dir", BIND_PATH, BIND_REQUIRED, NEED_DIR | NEED_OWN, IN(keys_dir),
	  .help = "where the hub's keys lie", .hint = "make them with nasokactl keygen" },
	{ "keys.kek_dir", BIND_PATH, BIND_REQUIRED, NEED_PARENT | NEED_OWN, IN(kek_dir),
	  .help = "where the monthly key-encryption keys lie", .hint = "name a directory outside store.dir" },
	{ "directory.file", BIND_PATH, BIND_REQUIRED, NEED_FILE, IN(directory_file),
	  .help = "the directory of agencies, signed by the registrars", .hint = "make it with nasokactl directory" },
	{ "directory.sheets_dir", BIND_PATH, BIND_REQUIRED, NEED_DIR, IN(sheets_dir),
	  .help = "where the agencies' signed key sheets lie", .hint = "make the directory; each agency gives its sheet" },
	{ "directory.trust_file", BIND_PATH, BIND_REQUIRED, NEED_FILE, IN(trust_file),
	  .help = "the registrars' public keys and their threshold", .hint = "get it from the registrars, not over the network" },
	{ "listen", BIND_TEXTS, BIND_REQUIRED, 0, IN(listen), offsetof(struct hub_config, n_listen), .min = 1,
	  .max = HUB_CONFIG_MAX_LISTEN, .form = &form_listen,
	  .help = "where agencies' adapters connect", .hint = "write it like [\"tcp://*:7411\"]" },
	{ "control.socket", BIND_PATH, BIND_REQUIRED, NEED_PARENT, IN(control_socket),
	  .help = "where nasokactl connects", .hint = "write it like /run/nasoka-hub/control.sock" },
	{ "checkpoint.file", BIND_PATH, BIND_REQUIRED, NEED_PARENT, IN(checkpoint_file),
	  .help = "the log's last size and root, kept outside the store", .hint = "name a file on another disk if there is one" },

	{ "limits.envelope_bytes", BIND_BYTES, 0, 0, IN(limits.envelope_bytes), .def = "1152KiB", .min = KIB(64), .max = MIB(4),
	  .help = "the largest message, header and signature included" },
	{ "limits.queued_messages", BIND_INT, 0, 0, IN(limits.queued_messages), .def = "100000", .min = 100, .max = 10000000,
	  .help = "how many messages may wait for one agency" },
	{ "limits.queued_bytes", BIND_BYTES, 0, 0, IN(limits.queued_bytes), .def = "1GiB", .min = MIB(4), .max = TIB(1),
	  .help = "how many bytes may wait for one agency" },
	{ "limits.sender_percent", BIND_INT, 0, 0, IN(limits.sender_percent), .def = "25", .min = 1, .max = 100,
	  .help = "the share of one agency's queue that one sender may fill" },
	{ "limits.sent_messages", BIND_INT, 0, 0, IN(limits.sent_messages), .def = "100000", .min = 100, .max = 10000000,
	  .help = "how many messages of one agency may be under way to all others" },
	{ "limits.sent_bytes", BIND_BYTES, 0, 0, IN(limits.sent_bytes), .def = "1GiB", .min = MIB(4), .max = TIB(1),
	  .help = "how many bytes of one agency may be under way to all others" },
	{ "limits.credit_messages", BIND_INT, 0, 0, IN(limits.credit_messages), .def = "256", .min = 8, .max = 65536,
	  .help = "how many messages one adapter may have on their way" },
	{ "limits.credit_bytes", BIND_BYTES, 0, 0, IN(limits.credit_bytes), .def = "8MiB", .min = MIB(1), .max = GIB(1),
	  .help = "how many bytes one adapter may have on their way" },
	{ "limits.emergency_percent", BIND_INT, 0, 0, IN(limits.emergency_percent), .def = "10", .min = 1, .max = 50,
	  .help = "the share of each quota that only emergencies may use" },
	{ "limits.duplicate_horizon", BIND_MS, 0, 0, IN(limits.duplicate_horizon_ms), .def = "400d", .min = 30 * CLOCK_DAY,
	  .max = 4000 * CLOCK_DAY, .help = "how long message ids are remembered" },
	{ "limits.reseal_grace", BIND_MS, 0, 0, IN(limits.reseal_grace_ms), .def = "7d", .min = CLOCK_HOUR, .max = 90 * CLOCK_DAY,
	  .help = "how long messages sealed under an older directory are taken" },
	{ "limits.disk_low_percent", BIND_INT, 0, 0, IN(limits.disk_low_percent), .def = "5", .min = 1, .max = 50,
	  .help = "the free share of the disk below which new messages wait at their senders" },
	{ "limits.disk_low_bytes", BIND_BYTES, 0, 0, IN(limits.disk_low_bytes), .def = "1GiB", .min = MIB(1), .max = TIB(1),
	  .help = "the free bytes of the disk below which new messages wait at their senders" },

	{ "transport.handshake", BIND_MS, 0, 0, IN(transport.handshake_ms), .def = "3s", .min = 500, .max = CLOCK_MINUTE,
	  .help = "how long a peer may take to prove who it is" },
	{ "transport.heartbeat", BIND_MS, 0, 0, IN(transport.heartbeat_ms), .def = "5s", .min = 100, .max = 15 * CLOCK_SECOND,
	  .help = "how often each adapter hears from the hub at least" },
	{ "transport.max_peers", BIND_INT, 0, 0, IN(transport.max_peers), .def = "512", .min = 1, .max = 16384,
	  .help = "how many connections may stand" },
	{ "transport.max_per_agency", BIND_INT, 0, 0, IN(transport.max_per_agency), .def = "8", .min = 2, .max = 1024,
	  .help = "how many connections of one agency may stand" },
	{ "transport.silence", BIND_MS, 0, 0, IN(transport.silent_ms), .def = "60s", .min = CLOCK_SECOND, .max = CLOCK_DAY,
	  .help = "the silence of its adapter after which a connection is ended" },
	{ "transport.backlog", BIND_INT, 0, 0, IN(transport.backlog), .def = "128", .min = 1, .max = 4096,
	  .help = "how many connections may wait to be taken" },
	{ "log_level", BIND_ENUM, 0, 0, IN(log_level), .def = "info", .names = config_log_levels, .help = "what is logged" },
	{ "language", BIND_ENUM, 0, 0, IN(language), .def = "en", .names = config_languages,
	  .help = "the language of texts for people" },
	{ .path = NULL },
};
/* clang-format on */

static void
check_outside_store(const struct binder *b, const struct hub_config *c, const char *key, const char *path)
{
	if (path != NULL && c->store_dir != NULL && placecheck_is_inside(path, c->store_dir))
		binder_problem(b, key, PROBLEM_INSIDE, "store.dir", NULL);
}

static void
check_orders(const struct binder *b, const struct hub_config *c)
{
	const int64_t envelope = (int64_t)c->limits.envelope_bytes, heartbeat = c->transport.heartbeat_ms;
	const struct config_order orders[] = {
		{ "limits.envelope_bytes", "limits.credit_bytes", envelope, (int64_t)c->limits.credit_bytes, true },
		{ "limits.envelope_bytes", "limits.sent_bytes", envelope, (int64_t)c->limits.sent_bytes, true },
		{ "limits.envelope_bytes", "limits.queued_bytes", envelope, (int64_t)c->limits.queued_bytes, true },
		{ "limits.reseal_grace", "limits.duplicate_horizon", c->limits.reseal_grace_ms, c->limits.duplicate_horizon_ms, false },
		{ "transport.heartbeat", "transport.silence", heartbeat, c->transport.silent_ms, false },
	};
	size_t i;

	for (i = 0; i < sizeof(orders) / sizeof(orders[0]); i++)
		config_check_order(b, &orders[i]);
}

void
hub_config_check(const struct binder *b, const struct hub_config *c)
{
	/* Keys beside the data they protect would go into the same backup; the checkpoint is there to outlive the store. */
	check_outside_store(b, c, "keys.dir", c->keys_dir);
	check_outside_store(b, c, "keys.kek_dir", c->kek_dir);
	check_outside_store(b, c, "checkpoint.file", c->checkpoint_file);
	check_orders(b, c);
}
