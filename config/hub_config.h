/* SPDX-License-Identifier: EUPL-1.2 */
/* hub_config - what the hub's operator decides, as plain values.
 *
 * Filled by config_load_hub (config/config.h) and by nobody else; every value is within its range, every path absolute,
 * every string NUL-terminated UTF-8. All memory is the arena's that was given to the loader, and lives as long as it does.
 * Times are milliseconds, sizes bytes. A string or path that may be left out is NULL then; a list is an array and a count.
 * Holds no secret: only the places of secrets.
 */
#ifndef CONFIG_HUB_CONFIG_H
#define CONFIG_HUB_CONFIG_H

#include <stddef.h>
#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/log.h"

struct hub_config {
	const char *origin;		/* the log's C2SP origin: "hub.plovdiv.example/log" */

	const char *store_dir;		/* a directory; made by the store if missing */
	uint64_t store_map_bytes;

	const char *keys_dir;		/* log, notice and transport keys; others cannot write here */
	const char *kek_dir;		/* monthly key-encryption keys; never inside store_dir */

	const char *directory_file;	/* the signed directory note */
	const char *sheets_dir;		/* the agencies' signed key sheets */
	const char *trust_file;		/* the pinned registrars' verifier keys and their threshold */

	const char *const *listen;	/* "tcp://0.0.0.0:7411", "ipc:///run/nasoka/hub.sock" */
	size_t n_listen;		/* 1 to HUB_CONFIG_MAX_LISTEN */
	const char *control_socket;	/* nasokactl's */
	const char *checkpoint_file;	/* last size and root, written outside the store */

	struct {
		uint64_t envelope_bytes;
		uint32_t queued_messages;	/* per recipient agency */
		uint64_t queued_bytes;
		uint32_t sender_percent;	/* of a recipient's queue: what one sender may fill */
		uint32_t sent_messages;		/* per sending agency: what others have not taken yet */
		uint64_t sent_bytes;
		uint32_t credit_messages;	/* granted to each peer */
		uint64_t credit_bytes;
		uint32_t emergency_percent;	/* of each quota, kept for EMERGENCY */
		int64_t duplicate_horizon_ms;	/* an older submit is refused */
		int64_t reseal_grace_ms;	/* envelopes of an older directory version pass so long */
		uint32_t disk_low_percent;	/* below either of the two new submits are refused */
		uint64_t disk_low_bytes;
	} limits;

	struct {
		int64_t handshake_ms;
		int64_t heartbeat_ms;		/* how often each peer hears from us at least */
		uint32_t max_peers;
		uint32_t max_per_agency;	/* connections with one agency's key */
		int64_t silent_ms;		/* a connection on which nothing came for so long is ended */
		uint32_t backlog;
	} transport;

	enum log_level log_level;
	enum lang language;		/* of texts for people: logs stay English */
};

enum { HUB_CONFIG_MAX_LISTEN = 8 };

#endif
