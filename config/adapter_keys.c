/* SPDX-License-Identifier: EUPL-1.2 */
/* adapter_keys - the keys of an adapter's configuration, one row each. Read by config.c; what must hold between the keys
 * stands in adapter_config.c. The help sentences are what an operator reads when a key is missing.
 */
#include "config/tables.h"
#include "proto/base/clock.h"

#define KIB(n) (INT64_C(n) << 10)
#define MIB(n) (INT64_C(n) << 20)
#define GIB(n) (INT64_C(n) << 30)
#define TIB(n) (INT64_C(n) << 40)
#define IN(member) FIELD(struct adapter_config, member)
#define COUNT(member) offsetof(struct adapter_config, member)

static const struct bind_name messages[] = {
	{ "referral", ADAPTER_REFERRAL_MESSAGES }, { "order", ADAPTER_ORDER_MESSAGES }, { "old-order", ADAPTER_OLD_ORDER_MESSAGES }, { NULL, 0 },
};
static const struct bind_name charsets[] = {
	{ "utf-8", ADAPTER_UTF8 }, { "windows-1251", ADAPTER_WINDOWS_1251 }, { "iso-8859-5", ADAPTER_ISO_8859_5 }, { NULL, 0 },
};
static const struct bind_name formats[] = {
	{ "fhir", ADAPTER_FORMAT_FHIR }, { "hl7v2", ADAPTER_FORMAT_HL7V2 }, { "json", ADAPTER_FORMAT_JSON },
	{ "csv", ADAPTER_FORMAT_CSV }, { "nhis", ADAPTER_FORMAT_NHIS }, { "xml", ADAPTER_FORMAT_XML },
	{ "oscar", ADAPTER_FORMAT_OSCAR }, { "primero", ADAPTER_FORMAT_PRIMERO }, { NULL, 0 },
};
static const struct bind_name doors[] = {
	{ "webhook", ADAPTER_DOOR_WEBHOOK }, { "mllp", ADAPTER_DOOR_MLLP }, { "folder", ADAPTER_DOOR_FOLDER },
	{ "polling", ADAPTER_DOOR_POLLING }, { NULL, 0 },
};
static const struct bind_name receipt_doors[] = {
	{ "webhook", ADAPTER_DOOR_WEBHOOK }, { "mllp", ADAPTER_DOOR_MLLP }, { "folder", ADAPTER_DOOR_FOLDER },
	{ "polling", ADAPTER_DOOR_POLLING }, { "none", ADAPTER_DOOR_NONE }, { NULL, 0 },
};

/* clang-format off */
static const struct bind_row default_items[] = {
	{ "key", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, key), .form = &form_record_path },
	{ "value", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, value) },
	{ .path = NULL },
};
static const struct bind_row alias_items[] = {
	{ "key", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, key) },
	{ "value", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, value), .form = &form_agency },
	{ .path = NULL },
};
static const struct bind_row concept_items[] = {
	{ "key", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, key), .form = &form_concept },
	{ "value", BIND_TEXT, 0, 0, FIELD(struct adapter_pair, value), .form = &form_code },
	{ .path = NULL },
};
static const struct bind_row route_items[] = {
	{ "service_kind", BIND_TEXT, 0, 0, FIELD(struct adapter_route, service_kind), .form = &form_code,
	  .help = "the service asked for" },
	{ "municipality", BIND_TEXT, 0, 0, FIELD(struct adapter_route, municipality), .form = &form_municipality,
	  .help = "the child's municipality" },
	{ "to", BIND_TEXT, BIND_REQUIRED, 0, FIELD(struct adapter_route, to), .form = &form_agency,
	  .help = "the agency that such a message goes to", .hint = "give its id from the directory" },
	{ .path = NULL },
};

#define TERM(key, member, value, sentence) \
	{ key, BIND_TERM, 0, 0, IN(member), .def = value, .min = CLOCK_MINUTE, .max = 400 * CLOCK_DAY, .help = sentence }
#define DEADLINES(priority, registered, respond, expiry) \
	TERM("deadlines." #priority ".registered_by", deadlines.priority.registered_by, registered, \
	     "how soon the recipient's system must have it"), \
	TERM("deadlines." #priority ".respond_by", deadlines.priority.respond_by, respond, "how soon the recipient must answer"), \
	TERM("deadlines." #priority ".expires", deadlines.priority.expires, expiry, \
	     "when both sides are told that it is too late; nothing ends by it")
#define RULE_TERM(key, member, sentence) \
	{ key, BIND_TERM, 0, 0, FIELD(struct adapter_deadline_rule, by.member), .min = CLOCK_MINUTE, .max = 400 * CLOCK_DAY, .help = sentence }

static const struct bind_name priorities[] = { { "any", 0 }, { "routine", 1 }, { "urgent", 2 }, { "emergency", 3 }, { NULL, 0 } };
static const struct bind_row rule_items[] = {
	{ "priority", BIND_ENUM, 0, 0, FIELD(struct adapter_deadline_rule, priority), .def = "any", .names = priorities,
	  .help = "the referral's priority" },
	{ "service_kind", BIND_TEXT, 0, 0, FIELD(struct adapter_deadline_rule, service_kind), .form = &form_code,
	  .help = "the service asked for" },
	{ "municipality", BIND_TEXT, 0, 0, FIELD(struct adapter_deadline_rule, municipality), .form = &form_municipality,
	  .help = "the child's municipality" },
	RULE_TERM("registered_by", registered_by, "how soon the recipient's system must have it"),
	RULE_TERM("respond_by", respond_by, "how soon the recipient must answer"),
	RULE_TERM("expires", expires, "when both sides are told that it is too late"),
	{ .path = NULL },
};
static const struct bind_name mail_tls[] = {
	{ "starttls", ADAPTER_MAIL_STARTTLS }, { "tls", ADAPTER_MAIL_TLS }, { "none", ADAPTER_MAIL_PLAIN }, { NULL, 0 },
};

const struct bind_row adapter_config_rows[] = {
	{ "agency", BIND_TEXT, BIND_REQUIRED, 0, IN(agency), .form = &form_agency,
	  .help = "this agency's id", .hint = "give the id that the directory has" },
	{ "store.dir", BIND_PATH, BIND_REQUIRED, NEED_PARENT, IN(store_dir),
	  .help = "where the outbox and the inbox live", .hint = "name a directory on a local disk" },
	{ "store.map_size", BIND_BYTES, 0, 0, IN(store_map_bytes), .def = "1GiB", .min = MIB(16), .max = TIB(1),
	  .help = "the most that the store can hold" },
	{ "keys.dir", BIND_PATH, BIND_REQUIRED, NEED_DIR | NEED_OWN, IN(keys_dir),
	  .help = "where the agency's keys lie", .hint = "make them with nasokactl keygen" },
	{ "keys.sealing_days", BIND_INT, 0, 0, IN(sealing_days), .def = "14", .min = 0, .max = 366,
	  .help = "how old the newest sealing key grows before the adapter makes another; 0: only when it is asked to" },
	{ "hub.endpoints", BIND_TEXTS, BIND_REQUIRED, 0, IN(hubs), COUNT(n_hubs), .min = 1, .max = ADAPTER_CONFIG_MAX_HUBS,
	  .form = &form_endpoint, .help = "where the hub is", .hint = "write it like [\"tcp://hub.example.bg:7411\"]" },
	{ "hub.key_file", BIND_PATH, 0, NEED_FILE, IN(hub_key_file),
	  .help = "the hub's public transport key, when the directory's is not to be used" },
	{ "directory.file", BIND_PATH, BIND_REQUIRED, NEED_FILE, IN(directory_file),
	  .help = "the directory of agencies, signed by the registrars", .hint = "get it from the hub's operator" },
	{ "directory.sheets_dir", BIND_PATH, 0, NEED_DIR, IN(sheets_dir), .help = "where the agencies' signed key sheets lie" },
	{ "directory.trust_file", BIND_PATH, BIND_REQUIRED, NEED_FILE, IN(trust_file),
	  .help = "the registrars' public keys and their threshold", .hint = "get it from the registrars, not over the network" },
	{ "services.file", BIND_PATH, 0, NEED_FILE, IN(services_file),
	  .help = "the services that this agency announces, as a list in JSON" },
	{ "control.socket", BIND_PATH, BIND_REQUIRED, NEED_PARENT, IN(control_socket),
	  .help = "where nasokactl connects", .hint = "write it like /run/nasoka-AGENCY/control.sock" },

	{ "in.http", BIND_SECTION, 0, 0, IN(in_http.on) },
	{ "in.http.listen", BIND_TEXT, 0, 0, IN(in_http.listen), .def = "127.0.0.1:8080", .form = &form_address,
	  .help = "where the agency's system calls" },
	{ "in.http.tls.cert", BIND_PATH, 0, NEED_FILE, IN(in_http.tls_cert_file), .help = "the server's certificate, PEM" },
	{ "in.http.tls.key", BIND_PATH, 0, NEED_FILE | NEED_SECRET, IN(in_http.tls_key_file),
	  .help = "name the file of the certificate's key, PEM" },
	{ "in.http.tls.client_ca", BIND_PATH, 0, NEED_FILE, IN(in_http.client_ca_file),
	  .help = "who issues the callers' certificates, PEM" },
	{ "in.http.tokens_file", BIND_PATH, 0, NEED_FILE | NEED_SECRET, IN(in_http.tokens_file),
	  .help = "name a file of 'name:token' lines" },
	{ "in.http.body_bytes", BIND_BYTES, 0, 0, IN(in_http.body_bytes), .def = "2MiB", .min = KIB(4), .max = MIB(64),
	  .help = "the largest request" },
	{ "in.mllp", BIND_SECTION, 0, 0, IN(in_mllp.on) },
	{ "in.mllp.listen", BIND_TEXT, 0, 0, IN(in_mllp.listen), .def = "127.0.0.1:2575", .form = &form_address,
	  .help = "where the hospital's system connects" },
	{ "in.mllp.peers", BIND_TEXTS, 0, 0, IN(in_mllp.peers_text), COUNT(in_mllp.n_peers), .max = ADAPTER_CONFIG_MAX_PEERS,
	  .form = &form_cidr, .help = "who may connect" },
	{ "in.mllp.tls.cert", BIND_PATH, 0, NEED_FILE, IN(in_mllp.tls_cert_file), .help = "the server's certificate, PEM" },
	{ "in.mllp.tls.key", BIND_PATH, 0, NEED_FILE | NEED_SECRET, IN(in_mllp.tls_key_file),
	  .help = "name the file of the certificate's key, PEM" },
	{ "in.mllp.tls.client_ca", BIND_PATH, 0, NEED_FILE, IN(in_mllp.client_ca_file),
	  .help = "who issues the peers' certificates, PEM" },
	{ "in.mllp.charset", BIND_ENUM, 0, 0, IN(in_mllp.charset), .def = "utf-8", .names = charsets,
	  .help = "the character set of messages that name none" },
	{ "in.mllp.message_bytes", BIND_BYTES, 0, 0, IN(in_mllp.message_bytes), .def = "1MiB", .min = KIB(4), .max = MIB(16),
	  .help = "the largest message" },
	{ "in.mllp.idle", BIND_MS, 0, 0, IN(in_mllp.idle_ms), .def = "10m", .min = 1000, .max = CLOCK_DAY,
	  .help = "the silence that ends a connection" },
	{ "in.mllp.max_connections", BIND_INT, 0, 0, IN(in_mllp.max_connections), .def = "16", .min = 1, .max = 256,
	  .help = "how many connections may stand" },
	{ "in.folder", BIND_SECTION, 0, 0, IN(in_folder.on) },
	{ "in.folder.in", BIND_PATH, BIND_REQUIRED, NEED_DIR, IN(in_folder.in_dir),
	  .help = "where the agency puts its files", .hint = "make the directory" },
	{ "in.folder.done", BIND_PATH, BIND_REQUIRED, NEED_DIR, IN(in_folder.done_dir),
	  .help = "where taken files go", .hint = "make the directory" },
	{ "in.folder.bad", BIND_PATH, BIND_REQUIRED, NEED_DIR, IN(in_folder.bad_dir),
	  .help = "where refused files go", .hint = "make the directory" },
	{ "in.folder.out", BIND_PATH, BIND_REQUIRED, NEED_DIR, IN(in_folder.out_dir),
	  .help = "where result files appear", .hint = "make the directory" },
	{ "in.folder.scan", BIND_MS, 0, 0, IN(in_folder.scan_ms), .def = "2s", .min = 100, .max = CLOCK_HOUR,
	  .help = "how often the folder is looked at" },
	{ "in.folder.settle", BIND_MS, 0, 0, IN(in_folder.settle_ms), .def = "2s", .min = 0, .max = CLOCK_HOUR,
	  .help = "how long a file must be untouched to count as complete" },
	{ "in.folder.file_wait", BIND_MS, 0, 0, IN(in_folder.file_wait_ms), .def = "15m", .min = 0, .max = CLOCK_DAY,
	  .help = "how long a table waits for files that it names, and they for their table" },
	{ "in.folder.file_bytes", BIND_BYTES, 0, 0, IN(in_folder.file_bytes), .def = "16MiB", .min = KIB(4), .max = MIB(256),
	  .help = "the largest file" },
	{ "in.folder.charset", BIND_ENUM, 0, 0, IN(in_folder.charset), .def = "windows-1251", .names = charsets,
	  .help = "the character set of files that are not UTF-8" },

	{ "roster.dir", BIND_PATH, 0, NEED_DIR, IN(roster_dir), .help = "where the school's roster lies, as OneRoster CSV",
	  .hint = "put users.csv there, and demographics.csv, enrollments.csv, orgs.csv" },

	{ "out.webhook", BIND_SECTION, 0, 0, IN(out_webhook.on) },
	{ "out.webhook.url", BIND_TEXT, BIND_REQUIRED, 0, IN(out_webhook.url), .form = &form_url,
	  .help = "what is called with each message", .hint = "write it like https://cases.example.bg/nasoka" },
	{ "out.webhook.secret_file", BIND_PATH, BIND_REQUIRED, NEED_FILE | NEED_SECRET, IN(out_webhook.secret_file),
	  .help = "the file of the secret that signs the calls", .hint = "write a line of whsec_ and the base64 of 24 to 64 random bytes, and chmod 600" },
	{ "out.webhook.allowed_hosts", BIND_TEXTS, BIND_REQUIRED, 0, IN(out_webhook.allowed_hosts),
	  COUNT(out_webhook.n_allowed_hosts), .min = 1, .max = ADAPTER_CONFIG_MAX_HOSTS, .form = &form_host,
	  .help = "the hosts that may ever be called", .hint = "write it like [cases.example.bg]" },
	{ "out.webhook.ca_file", BIND_PATH, 0, NEED_FILE, IN(out_webhook.ca_file), .help = "who issues its certificate, PEM" },
	{ "out.webhook.timeout", BIND_MS, 0, 0, IN(out_webhook.timeout_ms), .def = "20s", .min = 500, .max = 10 * CLOCK_MINUTE,
	  .help = "how long a call may take" },
	{ "out.mllp", BIND_SECTION, 0, 0, IN(out_mllp.on) },
	{ "out.mllp.host", BIND_TEXT, BIND_REQUIRED, 0, IN(out_mllp.host), .form = &form_host,
	  .help = "the hospital's system", .hint = "write it like his.hospital.example" },
	{ "out.mllp.port", BIND_INT, 0, 0, IN(out_mllp.port), .def = "2575", .min = 1, .max = 65535, .help = "its port" },
	{ "out.mllp.tls", BIND_BOOL, 0, 0, IN(out_mllp.tls), .def = "false", .help = "whether it speaks TLS" },
	{ "out.mllp.ca_file", BIND_PATH, 0, NEED_FILE, IN(out_mllp.ca_file), .help = "who issues its certificate, PEM" },
	{ "out.mllp.connect_timeout", BIND_MS, 0, 0, IN(out_mllp.connect_ms), .def = "5s", .min = 100, .max = 10 * CLOCK_MINUTE,
	  .help = "how long connecting may take" },
	{ "out.mllp.answer_timeout", BIND_MS, 0, 0, IN(out_mllp.answer_ms), .def = "30s", .min = 100, .max = 10 * CLOCK_MINUTE,
	  .help = "how long its answer may take" },
	{ "out.mllp.sending_application", BIND_TEXT, 0, 0, IN(out_mllp.sending_application), .def = "NASOKA",
	  .form = &form_hl7_name, .help = "MSH-3" },
	{ "out.mllp.sending_facility", BIND_TEXT, 0, 0, IN(out_mllp.sending_facility), .def = "NASOKA",
	  .form = &form_hl7_name, .help = "MSH-4" },
	{ "out.mllp.receiving_application", BIND_TEXT, BIND_REQUIRED, 0, IN(out_mllp.receiving_application),
	  .form = &form_hl7_name, .help = "MSH-5", .hint = "ask the hospital's system's vendor" },
	{ "out.mllp.receiving_facility", BIND_TEXT, BIND_REQUIRED, 0, IN(out_mllp.receiving_facility),
	  .form = &form_hl7_name, .help = "MSH-6", .hint = "ask the hospital's system's vendor" },
	{ "out.mllp.charset", BIND_ENUM, 0, 0, IN(out_mllp.charset), .def = "utf-8", .names = charsets,
	  .help = "the character set of what is sent" },
	{ "out.mllp.messages", BIND_ENUM, 0, 0, IN(out_mllp.messages), .def = "referral", .names = messages,
	  .help = "REF and RRI (referral), OMG, OSU and SIU (order) or ORM (old-order); who sent a referral is answered as it wrote" },
	{ "out.folder", BIND_SECTION, 0, 0, IN(out_folder.on) },
	{ "out.folder.dir", BIND_PATH, 0, NEED_DIR, IN(out_folder.dir), .help = "where files for the agency appear" },
	{ "out.folder.charset", BIND_ENUM, 0, 0, IN(out_folder.charset), .def = "utf-8", .names = charsets,
	  .help = "the character set of what is written" },
	{ "out.polling", BIND_BOOL, 0, 0, IN(out_polling.on), .def = "false",
	  .help = "whether the agency's system fetches its messages itself" },

	{ "egress.referrals.door", BIND_ENUM, 0, 0, IN(egress.referrals.door), .names = doors, .help = "how referrals leave" },
	{ "egress.referrals.format", BIND_ENUM, 0, 0, IN(egress.referrals.format), .names = formats, .help = "and in which format" },
	{ "egress.statuses.door", BIND_ENUM, 0, 0, IN(egress.statuses.door), .names = doors, .help = "how status changes leave" },
	{ "egress.statuses.format", BIND_ENUM, 0, 0, IN(egress.statuses.format), .names = formats, .help = "and in which format" },
	{ "egress.receipts.door", BIND_ENUM, 0, 0, IN(egress.receipts.door), .names = receipt_doors, .help = "how receipts leave" },
	{ "egress.receipts.format", BIND_ENUM, 0, 0, IN(egress.receipts.format), .names = formats, .help = "and in which format" },
	{ "preview.services", BIND_TEXTS, 0, 0, IN(preview.services), COUNT(preview.n_services), .max = ADAPTER_CONFIG_MAX_PREVIEWS,
	  .form = &form_code, .help = "kinds of service, or all: of a new referral only its preview is shown until it is opened" },
	{ "registered_timeout", BIND_MS, 0, 0, IN(registered_timeout_ms), .def = "24h", .min = CLOCK_MINUTE, .max = 90 * CLOCK_DAY,
	  .help = "how long what came here may wait for the agency's system before it is said to be silent" },
	{ "retry.min", BIND_MS, 0, 0, IN(retry_min_ms), .def = "5s", .min = 100, .max = CLOCK_HOUR,
	  .help = "the pause after a first failure" },
	{ "retry.max", BIND_MS, 0, 0, IN(retry_max_ms), .def = "15m", .min = 1000, .max = CLOCK_DAY,
	  .help = "the longest pause between tries" },
	{ "retry.park_after", BIND_INT, 0, 0, IN(park_after), .def = "10", .min = 1, .max = 1000,
	  .help = "failures of one message, while its system takes others, after which it waits for an operator" },

	{ "reconcile.every", BIND_MS, 0, 0, IN(reconcile_ms), .def = "24h", .min = CLOCK_MINUTE, .max = 7 * CLOCK_DAY,
	  .help = "how often the hub's signed statement is compared with what is here" },

	{ "defaults", BIND_MAP, 0, 0, .offset = COUNT(defaults), .size = sizeof(struct adapter_pair), .n_offset = COUNT(n_defaults),
	  .max = ADAPTER_CONFIG_MAX_PAIRS, .items = default_items, .help = "values of required fields that a format lacks" },
	{ "routes", BIND_LIST, 0, 0, .offset = COUNT(routes), .size = sizeof(struct adapter_route), .n_offset = COUNT(n_routes),
	  .max = ADAPTER_CONFIG_MAX_ROUTES, .items = route_items, .help = "who gets what names no recipient" },
	{ "aliases", BIND_MAP, 0, 0, .offset = COUNT(aliases), .size = sizeof(struct adapter_pair), .n_offset = COUNT(n_aliases),
	  .max = ADAPTER_CONFIG_MAX_PAIRS, .items = alias_items, .help = "names in the agency's own messages, and whose they are" },
	{ "concepts", BIND_MAP, 0, 0, .offset = COUNT(concepts), .size = sizeof(struct adapter_pair), .n_offset = COUNT(n_concepts),
	  .max = ADAPTER_CONFIG_MAX_PAIRS, .items = concept_items, .help = "codes in the agency's own messages, and ours" },
	DEADLINES(routine, "3 working days", "7d", "90d"),
	DEADLINES(urgent, "24h", "24h", "30d"),
	DEADLINES(emergency, "1h", "24h", "7d"),
	TERM("deadlines.answer_by", deadlines.answer_by, "3 working days", "how soon questions must be answered that name no day"),
	TERM("deadlines.cancel_by", deadlines.cancel_by, "2 working days", "how soon a wish to cancel must be answered"),
	TERM("deadlines.review", deadlines.review, "30d", "when a waiting list, or what rests, is looked at again that names no day"),
	TERM("deadlines.acknowledge", deadlines.acknowledge, "14d", "how long an outcome waits for our answer before it counts as acknowledged"),
	TERM("deadlines.assessment", deadlines.assessment, "20d", "how soon an assessment that a referral asks for must come, counted from the referral"),
	{ "deadline_rules", BIND_LIST, 0, 0, .offset = COUNT(deadline_rules), .size = sizeof(struct adapter_deadline_rule),
	  .n_offset = COUNT(n_deadline_rules), .max = ADAPTER_CONFIG_MAX_RULES, .items = rule_items,
	  .help = "other deadlines for some services or places" },
	{ "calendar.days_off", BIND_TEXTS, 0, 0, IN(calendar.days_off), COUNT(calendar.n_days_off), .max = ADAPTER_CONFIG_MAX_DAYS,
	  .form = &form_date, .help = "days that the Council of Ministers has called off" },
	{ "calendar.working_days", BIND_TEXTS, 0, 0, IN(calendar.working_days), COUNT(calendar.n_working_days),
	  .max = ADAPTER_CONFIG_MAX_DAYS, .form = &form_date, .help = "days off by the law that are worked" },

	{ "mail", BIND_SECTION, 0, 0, IN(mail.on) },
	{ "mail.server", BIND_TEXT, BIND_REQUIRED, 0, IN(mail.server), .form = &form_host, .help = "the SMTP server",
	  .hint = "write it like mail.agency.example" },
	{ "mail.port", BIND_INT, 0, 0, IN(mail.port), .def = "587", .min = 1, .max = 65535, .help = "its port" },
	{ "mail.tls", BIND_ENUM, 0, 0, IN(mail.tls), .def = "starttls", .names = mail_tls, .help = "how the connection is protected" },
	{ "mail.ca_file", BIND_PATH, 0, NEED_FILE, IN(mail.ca_file), .help = "who issues its certificate, PEM" },
	{ "mail.user", BIND_TEXT, 0, 0, IN(mail.user), .max = 128, .help = "the name to log in by" },
	{ "mail.password_file", BIND_PATH, 0, NEED_FILE | NEED_SECRET, IN(mail.password_file),
	  .help = "name a file with the password on one line" },
	{ "mail.from", BIND_TEXT, BIND_REQUIRED, 0, IN(mail.from), .form = &form_mailbox, .help = "whom the mail comes from",
	  .hint = "write it like nasoka@agency.example" },
	{ "mail.to", BIND_TEXTS, BIND_REQUIRED, 0, IN(mail.to), COUNT(mail.n_to), .min = 1, .max = ADAPTER_CONFIG_MAX_MAILBOXES,
	  .form = &form_mailbox, .help = "who gets it", .hint = "write it like [duty@agency.example]" },
	{ "mail.digest_hour", BIND_INT, 0, 0, IN(mail.digest_hour), .def = "8", .min = 0, .max = 23,
	  .help = "the hour of the daily digest, in Bulgaria" },
	{ "mail.timeout", BIND_MS, 0, 0, IN(mail.timeout_ms), .def = "30s", .min = 500, .max = 10 * CLOCK_MINUTE,
	  .help = "how long a mail may take to be handed over" },

	{ "limits.credit_messages", BIND_INT, 0, 0, IN(limits.credit_messages), .def = "256", .min = 8, .max = 65536,
	  .help = "how many messages the hub may have on their way to here" },
	{ "limits.credit_bytes", BIND_BYTES, 0, 0, IN(limits.credit_bytes), .def = "8MiB", .min = MIB(1), .max = GIB(1),
	  .help = "how many bytes the hub may have on their way to here" },
	{ "limits.envelope_bytes", BIND_BYTES, 0, 0, IN(limits.envelope_bytes), .def = "1152KiB", .min = KIB(64), .max = MIB(4),
	  .help = "the largest message, header and signature included" },
	{ "limits.outbox_messages", BIND_INT, 0, 0, IN(limits.outbox_messages), .def = "20000", .min = 100, .max = 10000000,
	  .help = "how many messages may wait for the hub" },
	{ "limits.outbox_bytes", BIND_BYTES, 0, 0, IN(limits.outbox_bytes), .def = "512MiB", .min = MIB(4), .max = TIB(1),
	  .help = "how many bytes may wait for the hub" },
	{ "limits.disk_low_percent", BIND_INT, 0, 0, IN(limits.disk_low_percent), .def = "2", .min = 1, .max = 50,
	  .help = "the free share of the disk below which nothing new is taken" },
	{ "limits.disk_low_bytes", BIND_BYTES, 0, 0, IN(limits.disk_low_bytes), .def = "64MiB", .min = MIB(1), .max = TIB(1),
	  .help = "the free bytes of the disk below which nothing new is taken" },
	{ "transport.handshake", BIND_MS, 0, 0, IN(transport.handshake_ms), .def = "3s", .min = 500, .max = CLOCK_MINUTE,
	  .help = "how long the hub may take to prove who it is" },
	{ "transport.heartbeat", BIND_MS, 0, 0, IN(transport.heartbeat_ms), .def = "5s", .min = 100, .max = 15 * CLOCK_SECOND,
	  .help = "how often the hub hears from the adapter at least" },
	{ "transport.silence", BIND_MS, 0, 0, IN(transport.silent_ms), .def = "20s", .min = CLOCK_SECOND, .max = CLOCK_DAY,
	  .help = "the silence of the hub after which the connection is made anew" },
	{ "transport.reconnect_min", BIND_MS, 0, 0, IN(transport.reconnect_min_ms), .def = "200ms", .min = 10, .max = CLOCK_MINUTE,
	  .help = "the pause before connecting again" },
	{ "transport.reconnect_max", BIND_MS, 0, 0, IN(transport.reconnect_max_ms), .def = "30s", .min = 100, .max = CLOCK_HOUR,
	  .help = "the longest pause before connecting again" },
	{ "log_level", BIND_ENUM, 0, 0, IN(log_level), .def = "info", .names = config_log_levels, .help = "what is logged" },
	{ "language", BIND_ENUM, 0, 0, IN(language), .def = "en", .names = config_languages,
	  .help = "the language of texts for people" },
	{ .path = NULL },
};
/* clang-format on */
