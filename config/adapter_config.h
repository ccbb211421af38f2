/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter_config - what an agency decides for its adapter, as plain values.
 *
 * Filled by config_load_adapter (config/config.h) and by nobody else; every value is within its range, every path absolute,
 * every string NUL-terminated UTF-8. All memory is the arena's that was given to the loader, and lives as long as it does.
 * Times are milliseconds, sizes bytes. A string or path that may be left out is NULL then; a list is an array and a count.
 * The sector is the program's, the time zone Bulgaria's; neither is a setting. Holds no secret: only the places of secrets.
 *
 * Doors: each `in_*` and `out_*` struct says by `on` whether it stands in the configuration at all.
 */
#ifndef CONFIG_ADAPTER_CONFIG_H
#define CONFIG_ADAPTER_CONFIG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "config/setting.h"
#include "proto/base/err.h"
#include "proto/base/log.h"

enum {
	ADAPTER_CONFIG_MAX_HUBS = 8,
	ADAPTER_CONFIG_MAX_PEERS = 64,		/* MLLP allow-list */
	ADAPTER_CONFIG_MAX_HOSTS = 32,		/* webhook allow-list */
	ADAPTER_CONFIG_MAX_ROUTES = 256,
	ADAPTER_CONFIG_MAX_RULES = 256,		/* of deadlines */
	ADAPTER_CONFIG_MAX_DAYS = 512,		/* off, or working: each */
	ADAPTER_CONFIG_MAX_MAILBOXES = 16,
	ADAPTER_CONFIG_MAX_PREVIEWS = 64,	/* kinds of service */
	ADAPTER_CONFIG_MAX_PAIRS = 4096,	/* aliases, concepts, defaults: each */
};

enum adapter_sector { ADAPTER_SOCIAL, ADAPTER_HEALTH, ADAPTER_EDUCATION };

/* `native`: the agency's own plain format (the social JSON, the school's CSV; FHIR for health) */
enum adapter_format { ADAPTER_FORMAT_NATIVE, ADAPTER_FORMAT_FHIR, ADAPTER_FORMAT_HL7V2, ADAPTER_FORMAT_JSON, ADAPTER_FORMAT_CSV,
		      ADAPTER_FORMAT_NHIS, ADAPTER_FORMAT_XML,
		      ADAPTER_FORMAT_OSCAR, ADAPTER_FORMAT_PRIMERO };

enum adapter_door { ADAPTER_DOOR_NONE, ADAPTER_DOOR_WEBHOOK, ADAPTER_DOOR_MLLP, ADAPTER_DOOR_FOLDER, ADAPTER_DOOR_POLLING };

enum adapter_charset { ADAPTER_UTF8, ADAPTER_WINDOWS_1251, ADAPTER_ISO_8859_5 };
enum adapter_messages { ADAPTER_REFERRAL_MESSAGES, ADAPTER_ORDER_MESSAGES, ADAPTER_OLD_ORDER_MESSAGES };

/* Which door a kind of message leaves by; NONE for receipts that the agency does not want. Format is never NATIVE here:
 * the loader puts the sector's own format in (social JSON, health FHIR or by MLLP HL7 v2, education CSV).
 */
struct adapter_egress {
	enum adapter_door door;
	enum adapter_format format;
};

/* The first rule whose given fields all equal the message's names the target. NULL: any. */
struct adapter_route {
	const char *service_kind;	/* our code: "psych-counselling" */
	const char *municipality;	/* "PDV22" */
	const char *to;			/* agency id */
};

struct adapter_pair {
	const char *key, *value;
};

struct adapter_cidr {
	uint8_t addr[16];		/* IPv6; an IPv4 address is mapped (::ffff:a.b.c.d) */
	uint8_t bits;			/* 0 to 128, counted in the mapped form */
};

/* How soon, counted from the message's making */
struct adapter_deadlines {
	struct setting_term registered_by, respond_by, expires;
};

/* The first rule whose given fields all equal the referral's sets the deadlines that it gives; the others are the priority's. */
struct adapter_deadline_rule {
	unsigned priority;		/* 1 routine, 2 urgent, 3 emergency, as in a message; 0: any */
	const char *service_kind, *municipality;	/* NULL: any */
	struct adapter_deadlines by;	/* of these, what is given */
};

enum adapter_mail_tls { ADAPTER_MAIL_STARTTLS, ADAPTER_MAIL_TLS, ADAPTER_MAIL_PLAIN };

struct adapter_config {
	const char *agency;		/* this agency's id in the directory */
	enum adapter_sector sector;

	const char *keys_dir;		/* signing, sealing, transport and outbox keys; others cannot write here */
	uint32_t sealing_days;		/* a sealing key is the newest for so long; 0: until another is asked for */
	const char *store_dir;		/* a directory; made by the store if missing */
	uint64_t store_map_bytes;

	const char *const *hubs;	/* endpoints in order of preference */
	size_t n_hubs;			/* 1 to ADAPTER_CONFIG_MAX_HUBS */
	const char *hub_key_file;	/* the hub's CURVE public key; NULL: the directory names it */
	const char *directory_file;	/* the signed directory note */
	const char *sheets_dir;		/* NULL: kept in the store, as the hub sends them */
	const char *trust_file;		/* the pinned registrars' verifier keys and their threshold */
	const char *services_file;	/* what is announced at the start; NULL: nothing */
	const char *control_socket;

	struct {
		bool on;
		const char *listen;		/* as written: "127.0.0.1:8080"; the next three are its parts */
		const char *host;		/* numeric, without brackets; "127.0.0.1" */
		uint16_t port;
		bool loopback;			/* host is 127.0.0.0/8 or ::1 */
		const char *tls_cert_file, *tls_key_file;	/* both or neither */
		const char *tokens_file;	/* one "name:token" a line */
		const char *client_ca_file;	/* client certificates are then required */
		uint64_t body_bytes;		/* the largest request body */
	} in_http;

	struct {
		bool on;
		const char *listen, *host;
		uint16_t port;
		bool loopback;
		const char *const *peers_text;	/* as written: "10.1.0.0/16", one for each of `peers` */
		const struct adapter_cidr *peers;
		size_t n_peers;
		const char *tls_cert_file, *tls_key_file, *client_ca_file;
		enum adapter_charset charset;	/* when MSH-18 is empty */
		uint64_t message_bytes;
		int64_t idle_ms;		/* a silent connection is closed after */
		uint32_t max_connections;
	} in_mllp;

	struct {
		bool on;
		const char *in_dir, *done_dir, *bad_dir;	/* files come, were taken, were refused */
		const char *out_dir;		/* result files; all four differ, on one filesystem */
		int64_t scan_ms;
		int64_t settle_ms;		/* a file untouched for so long is complete */
		int64_t file_wait_ms;		/* a table waits for files that it names, and they for their table */
		uint64_t file_bytes;
		enum adapter_charset charset;	/* when the file's bytes do not tell */
	} in_folder;

	struct {
		bool on;
		const char *url;
		const char *secret_file;	/* signs the call, Standard Webhooks */
		const char *const *allowed_hosts;
		size_t n_allowed_hosts;		/* at least one; url's host is one of them */
		const char *ca_file;		/* NULL: the system's */
		int64_t timeout_ms;
	} out_webhook;

	struct {
		bool on;
		const char *host;
		uint16_t port;
		bool tls;
		const char *ca_file;
		int64_t connect_ms, answer_ms;
		const char *sending_application, *sending_facility;	/* MSH-3, MSH-4 */
		const char *receiving_application, *receiving_facility;	/* MSH-5, MSH-6 */
		enum adapter_charset charset;
		enum adapter_messages messages;	/* REF and RRI; OMG, OSU and SIU; ORM */
	} out_mllp;

	struct {
		bool on;
		const char *dir;		/* ready files appear here by rename; in_folder.out_dir unless given */
		enum adapter_charset charset;
	} out_folder;

	const char *roster_dir;			/* a school's roster, OneRoster CSV; NULL: none */
	struct {
		const char *const *services;	/* kinds of service, or "all": their referrals are held until they are opened */
		size_t n_services;
	} preview;
	struct {
		bool on;			/* GET /v1/inbox; needs in_http */
	} out_polling;

	struct {
		struct adapter_egress referrals, statuses, receipts;
	} egress;
	int64_t registered_timeout_ms;	/* what came and was not registered here for so long is said to be "silent" */
	int64_t retry_min_ms, retry_max_ms;	/* backoff between tries at the agency's system */
	int64_t reconcile_ms;		/* how often the hub's statement is asked for */
	uint32_t park_after;		/* failures of one message, while its system takes others */

	const struct adapter_pair *defaults;	/* record path -> value: "child.address.municipality" -> "PDV22" */
	size_t n_defaults;
	const struct adapter_route *routes;	/* first match wins */
	size_t n_routes;
	const struct adapter_pair *aliases;	/* native name (MSH-5/6, endpoint, institution code) -> agency id */
	size_t n_aliases;
	const struct adapter_pair *concepts;	/* "system|code" -> our code */
	size_t n_concepts;

	struct {
		struct adapter_deadlines routine, urgent, emergency;
		struct setting_term answer_by;	/* questions, where their asker names no day */
		struct setting_term cancel_by;	/* a wish to cancel */
		struct setting_term review;	/* a waiting list, where its author names no day */
		struct setting_term acknowledge;	/* an outcome: then the adapter acknowledges it by itself */
		struct setting_term assessment;	/* one that is asked for, counted from the referral */
	} deadlines;
	const struct adapter_deadline_rule *deadline_rules;
	size_t n_deadline_rules;
	struct {
		const char *const *days_off, *const *working_days;	/* "2026-03-02": where the government moved days */
		size_t n_days_off, n_working_days;
	} calendar;

	struct {
		bool on;
		const char *server;
		uint16_t port;
		enum adapter_mail_tls tls;
		const char *ca_file;		/* NULL: the system's */
		const char *user, *password_file;	/* both or neither */
		const char *from;
		const char *const *to;
		size_t n_to;			/* 1 to ADAPTER_CONFIG_MAX_MAILBOXES */
		uint32_t digest_hour;		/* 0 to 23, in Bulgaria */
		int64_t timeout_ms;
	} mail;

	struct {
		uint32_t credit_messages;	/* granted to the hub */
		uint64_t credit_bytes;
		uint64_t envelope_bytes;
		uint32_t outbox_messages;	/* more waiting than this: the doors in say "later" */
		uint64_t outbox_bytes;
		uint32_t disk_low_percent;
		uint64_t disk_low_bytes;
	} limits;

	struct {
		int64_t handshake_ms;
		int64_t heartbeat_ms;		/* how often the hub hears from us at least */
		int64_t silent_ms;		/* of the hub: the connection is made anew */
		int64_t reconnect_min_ms, reconnect_max_ms;
	} transport;

	enum log_level log_level;
	enum lang language;		/* of texts for people: logs stay English */
};

/* The value of a pair with this key (case matters), or NULL. */
const char *adapter_config_find(const struct adapter_pair *pairs, size_t n_pairs, const char *key);

/* Its name as MIME has it: "windows-1251". */
const char *adapter_config_charset(enum adapter_charset charset);

#endif
