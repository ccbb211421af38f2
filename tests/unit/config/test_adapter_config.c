/* SPDX-License-Identifier: EUPL-1.2 */
/* An adapter's keys and the checks across them, on real files. */
#include "config/adapter_config.h"

#include "tests/unit/config/config_world.h"

static const char base[] =
	"agency: gp1\n"								/* 1 */
	"store: { dir: var/store }\n"						/* 2 */
	"keys: { dir: keys }\n"							/* 3 */
	"hub:\n"								/* 4 */
	"  endpoints: [\"tcp://hub.test.example:7411\", \"ipc:///run/hub.sock\"]\n"	/* 5 */
	"directory: { file: directory.note, trust_file: registrars.txt }\n"	/* 6 */
	"control: { socket: run/c.sock }\n"					/* 7 */
	"in:\n"									/* 8 */
	"  http:\n"								/* 9 */
	"    listen: 127.0.0.1:8080\n"						/* 10 */
	"    tokens_file: tokens\n"						/* 11 */
	"  mllp:\n"								/* 12 */
	"    listen: \"[::1]:2575\"\n"						/* 13 */
	"    peers: [10.1.0.0/16, \"2001:db8::/32\"]\n"				/* 14 */
	"  folder: { in: in, done: done, bad: bad, out: out }\n"		/* 15 */
	"out:\n"								/* 16 */
	"  webhook:\n"								/* 17 */
	"    url: https://cases.test.example/x\n"				/* 18 */
	"    secret_file: webhook\n"						/* 19 */
	"    allowed_hosts: [cases.test.example]\n"				/* 20 */
	"  mllp:\n"								/* 21 */
	"    host: 127.0.0.1\n"							/* 22 */
	"    receiving_application: HIS\n"					/* 23 */
	"    receiving_facility: MBAL\n"					/* 24 */
	"  polling: true\n"							/* 25 */
	"egress:\n"								/* 26 */
	"  referrals: { door: webhook }\n"					/* 27 */
	"  statuses: { door: mllp }\n"						/* 28 */
	"defaults:\n"								/* 29 */
	"  legal_basis: statutory-task\n"					/* 30 */
	"  child.address.municipality: PDV22\n"					/* 31 */
	"routes:\n"								/* 32 */
	"  - { service_kind: speech-therapy, to: school1 }\n"			/* 33 */
	"  - { municipality: PDV22, to: cop1 }\n"				/* 34 */
	"aliases: { MBAL|HIS: mbal1 }\n"					/* 35 */
	"concepts: { \"sct|1\": speech-therapy }\n"				/* 36 */
	"deadlines:\n"								/* 37 */
	"  urgent: { registered_by: 12h }\n"					/* 38 */
	"limits: { outbox_messages: 500 }\n";					/* 39 */

static struct adapter_config *config;
static enum adapter_sector sector;

static enum err
load(const char *file, struct world *w)
{
	return config_load_adapter(file, sector, w->mem, &config, w->problems);
}

static int
setup(void **state)
{
	sector = ADAPTER_HEALTH;
	return world_setup(state);
}

/* A right file gives its values; addresses come in parts, networks in mapped form. */
static void
adapter_config_values(void **state)
{
	static const uint8_t ten[16] = { [10] = 0xFF, [11] = 0xFF, [12] = 10, [13] = 1 };
	struct world *w = *state;

	assert_int_equal(world_load(w, base, load), OK);
	assert_string_equal(w->said, "");
	assert_string_equal(config->agency, "gp1");
	assert_int_equal(config->sector, ADAPTER_HEALTH);
	assert_int_equal(config->n_hubs, 2);
	assert_string_equal(config->hubs[1], "ipc:///run/hub.sock");
	assert_null(config->hub_key_file);
	assert_true(config->in_http.on && config->in_http.loopback);
	assert_string_equal(config->in_http.host, "127.0.0.1");
	assert_int_equal(config->in_http.port, 8080);
	assert_string_equal(config->in_mllp.host, "::1");
	assert_true(config->in_mllp.loopback);
	assert_int_equal(config->in_mllp.n_peers, 2);
	assert_memory_equal(config->in_mllp.peers[0].addr, ten, sizeof(ten));
	assert_int_equal(config->in_mllp.peers[0].bits, 96 + 16);
	assert_int_equal(config->in_mllp.peers[1].bits, 32);
	assert_int_equal(config->out_mllp.port, 2575);
	assert_int_equal(config->out_mllp.messages, ADAPTER_REFERRAL_MESSAGES);
	assert_false(config->out_folder.on);
	assert_int_equal(config->n_routes, 2);
	assert_null(config->routes[0].municipality);
	assert_string_equal(config->routes[1].to, "cop1");
	assert_int_equal(config->deadlines.urgent.registered_by.ms, INT64_C(12) * 3600000);
	assert_int_equal(config->deadlines.emergency.registered_by.ms, 3600000);
	assert_int_equal(config->limits.outbox_messages, 500);
}

/* The maps are looked up by key, and what they lack is NULL. */
static void
adapter_config_find_pairs(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_load(w, base, load), OK);
	assert_string_equal(adapter_config_find(config->defaults, config->n_defaults, "child.address.municipality"), "PDV22");
	assert_string_equal(adapter_config_find(config->aliases, config->n_aliases, "MBAL|HIS"), "mbal1");
	assert_string_equal(adapter_config_find(config->concepts, config->n_concepts, "sct|1"), "speech-therapy");
	assert_null(adapter_config_find(config->concepts, config->n_concepts, "sct|2"));
}

/* What egress does not say follows: statuses as referrals, receipts as statuses, the format from door and sector. */
static void
adapter_config_egress(void **state)
{
	struct world *w = *state;
	char *text;

	assert_int_equal(world_load(w, base, load), OK);
	assert_int_equal(config->egress.referrals.door, ADAPTER_DOOR_WEBHOOK);
	assert_int_equal(config->egress.referrals.format, ADAPTER_FORMAT_FHIR);
	assert_int_equal(config->egress.statuses.format, ADAPTER_FORMAT_HL7V2);
	assert_int_equal(config->egress.receipts.door, ADAPTER_DOOR_MLLP);
	assert_int_equal(config->egress.receipts.format, ADAPTER_FORMAT_HL7V2);
	text = world_edit(base, "  statuses: { door: mllp }\n", "  receipts: { door: none }\n");
	assert_int_equal(world_load(w, text, load), OK);
	assert_int_equal(config->egress.statuses.door, ADAPTER_DOOR_WEBHOOK);
	assert_int_equal(config->egress.receipts.door, ADAPTER_DOOR_NONE);
	free(text);
}

/* A warning is told and does not refuse the file. */
static void
adapter_config_warnings(void **state)
{
	struct world *w = *state;
	char *text = world_edit(base, "    tokens_file: tokens\n", ""), *more;

	assert_int_equal(world_load(w, text, load), OK);
	assert_true(world_said(w, "10:5: in.http: warning: any local user may call"));
	more = world_edit(base, "host: 127.0.0.1", "host: his.test.example");
	assert_int_equal(world_load(w, more, load), OK);
	assert_true(world_said(w, "22:11: out.mllp.host: warning: carries a child's data unencrypted over the network"));
	free(text);
	free(more);
	text = world_edit(base, "  - { service_kind: speech-therapy", "  - { to: dsp1 }\n  - { service_kind: speech-therapy");
	assert_int_equal(world_load(w, text, load), OK);
	assert_true(world_said(w, "34:5: routes[2]: warning: never used: rule 1 matches all that it matches\n"
				  "35:5: routes[3]: warning: never used: rule 1 matches all that it matches"));
	free(text);
}

static const struct wrong wrongs[] = {
	{ "agency: gp1", "agency: GP 1", "1:9: agency: 'GP 1' is not an agency id" },
	{ "agency: gp1", "agency: \"\"", "1:9: agency: '' is not an agency id" },
	{ "hub:\n  endpoints", "hub:\n  key_file: hub.pub\n  endpoint",
	  "4:1: hub.endpoints: required and missing: where the hub is\n6:3: hub.endpoint: unknown key" },
	{ "tcp://hub.test.example:7411", "tcp://hub.test.example", "5:15: hub.endpoints[1]: 'tcp://hub.test.example' is not a tcp:// or ipc:// endpoint" },
	{ "ipc:///run/hub.sock", "ipc://hub.sock", "5:46: hub.endpoints[2]: 'ipc://hub.sock' is not a tcp:// or ipc:// endpoint" },
	{ "tcp://hub.test.example:7411", "tcp://*:7411", "5:15: hub.endpoints[1]: 'tcp://*:7411' is not a tcp:// or ipc:// endpoint" },
	{ "listen: 127.0.0.1:8080", "listen: localhost:8080", "10:13: in.http.listen: 'localhost:8080' is not a numeric address and port" },
	{ "listen: 127.0.0.1:8080", "listen: 127.0.0.1:80800", "10:13: in.http.listen: '127.0.0.1:80800' is not a numeric address and port" },
	{ "listen: 127.0.0.1:8080", "listen: 0.0.0.0:8080", "10:13: in.http.listen: open to the network without TLS" },
	{ "    listen: 127.0.0.1:8080\n    tokens_file: tokens\n", "    listen: 10.0.0.1:8080\n",
	  "10:13: in.http.listen: open to the network without TLS\n"
	  "10:13: in.http.listen: open to the network without a proof who calls" },
	{ "tokens_file: tokens", "tokens_file: open-secret", "11:18: in.http.tokens_file: a secret open to others (mode 640)" },
	{ "tokens_file: tokens", "tokens_file: keys", "11:18: in.http.tokens_file: not a file" },
	{ "tokens_file: tokens", "tls: { cert: cert.pem }\n    tokens_file: tokens", "11:18: in.http.tls.cert: given without tls.key" },
	{ "tokens_file: tokens", "tls: { key: key.pem }\n    tokens_file: tokens", "11:17: in.http.tls.key: given without tls.cert" },
	{ "tokens_file: tokens", "tls: { client_ca: cert.pem }", "11:23: in.http.tls.client_ca: given without tls.cert" },
	{ "tokens_file: tokens", "tls: { cert: cert.pem, key: cert.pem }\n    tokens_file: tokens",
	  "11:33: in.http.tls.key: a secret open to others (mode 644)" },
	{ "10.1.0.0/16", "10.1.2.3/16", "14:13: in.mllp.peers[1]: '10.1.2.3/16' is not a network" },
	{ "10.1.0.0/16", "10.1.0.0", "14:13: in.mllp.peers[1]: '10.1.0.0' is not a network" },
	{ "2001:db8::/32", "2001:db8::/129", "14:26: in.mllp.peers[2]: '2001:db8::/129' is not a network" },
	{ "listen: \"[::1]:2575\"\n    peers: [10.1.0.0/16, \"2001:db8::/32\"]", "listen: 0.0.0.0:2575",
	  "13:13: in.mllp.listen: open to the network without a list of peers" },
	{ "done: done", "done: in", "15:27: in.folder.done: the same as in.folder.in" },
	{ "done: done", "done: ./in/", "15:27: in.folder.done: the same as in.folder.in" },
	{ "bad: bad, ", "", "15:3: in.folder.bad: required and missing: where refused files go" },
	{ "https://cases", "http://cases", "18:10: out.webhook.url: would carry a child's data unencrypted over the network" },
	{ "https://cases", "https://user:pw@cases", "18:10: out.webhook.url: not an http:// or https:// address that may be called" },
	{ "https://cases", "ftp://cases", "18:10: out.webhook.url: not an http:// or https:// address that may be called" },
	{ "[cases.test.example]", "[other.test.example]", "18:10: out.webhook.url: its host is not among allowed_hosts" },
	{ "secret_file: webhook", "secret_file: whsec_QUJD",
	  "19:18: out.webhook.secret_file: no such file (a secret is never written here, only the place of its file)" },
	{ "    secret_file: webhook\n", "", "17:3: out.webhook.secret_file: required and missing: the file of the secret that signs the calls" },
	{ "receiving_application: HIS", "receiving_application: HIS\n    messages: fax", "24:15: out.mllp.messages: 'fax' is not a choice here" },
	{ "receiving_application: HIS", "receiving_application: A|B", "23:28: out.mllp.receiving_application: 'A|B' cannot stand in an HL7 header" },
	{ "polling: true", "polling: yes", "25:12: out.polling: 'yes' is neither true nor false" },
	{ "  referrals: { door: webhook }\n", "", "26:1: egress.referrals.door: several doors out, and none is chosen" },
	{ "{ door: webhook }", "{ door: folder }", "27:22: egress.referrals.door: the door 'folder' is not configured" },
	{ "{ door: webhook }", "{ door: none }", "27:22: egress.referrals.door: 'none' is not a choice here" },
	{ "{ door: webhook }", "{ door: webhook, format: csv }", "27:39: egress.referrals.format: 'csv' is not a format of this sector" },
	{ "{ door: mllp }", "{ door: mllp, format: fhir }", "28:35: egress.statuses.format: 'fhir' does not go out by the door 'mllp'" },
	{ "legal_basis", "legal basis", "30:3: defaults.legal basis: 'legal basis' is not the path of a field" },
	{ "statutory-task", "[a]", "30:16: defaults.legal_basis: must be one value" },
	{ "speech-therapy, to", "Speech, to", "33:21: routes[1].service_kind: 'Speech' is not a code" },
	{ "municipality: PDV22, to", "municipality: Plovdiv, to", "34:21: routes[2].municipality: 'Plovdiv' is not a municipality code" },
	{ "{ municipality: PDV22, to: cop1 }", "{ municipality: PDV22 }", "34:5: routes[2].to: required and missing: the agency that such a message goes to" },
	{ "{ municipality: PDV22, to: cop1 }", "{ to: cop1, municipal: PDV22 }", "34:17: routes[2].municipal: unknown key" },
	{ "to: cop1", "to: gp1", "34:5: routes[2]: leads back to this agency" },
	{ "- { municipality: PDV22, to: cop1 }", "- cop1", "34:5: routes[2]: must be a section of keys" },
	{ "mbal1", "MBAL 1", "35:22: aliases.MBAL|HIS: 'MBAL 1' is not an agency id" },
	{ "sct|1", "sct 1", "36:13: concepts.sct 1: 'sct 1' is not a system and a code" },
	{ "aliases: { MBAL|HIS: mbal1 }", "aliases: [x]", "35:10: aliases: must be a section of keys" },
	{ "registered_by: 12h", "registered_by: 4d", "38:28: deadlines.urgent.registered_by: more than deadlines.urgent.respond_by, which is 1d" },
	{ "registered_by: 12h", "respond_by: 2h", "38:25: deadlines.urgent.respond_by: less than deadlines.urgent.registered_by, which is 1d" },
	{ "urgent: {", "urgnet: {", "38:3: deadlines.urgnet: unknown key" },
	{ "500", "5e2", "39:28: limits.outbox_messages: '5e2' is not a whole number" },
};

/* Each wrong file is refused with exactly its problems, each at its line and column. */
static void
adapter_config_wrong(void **state)
{
	world_check_wrong(*state, base, wrongs, sizeof(wrongs) / sizeof(wrongs[0]), load);
}

/* Folders between which files move by rename lie on one filesystem. */
static void
adapter_config_one_filesystem(void **state)
{
	struct world *w = *state;
	struct stat here, there;
	char *text;

	if (stat("/proc/self/", &there) != 0 || stat(w->dir, &here) != 0 || here.st_dev == there.st_dev)
		skip();
	text = world_edit(base, "bad: bad", "bad: /proc");
	assert_int_equal(world_load(w, text, load), ERR_CONFIG);
	assert_true(world_said(w, "15:38: in.folder.bad: on another filesystem than in.folder.in"));
	free(text);
}

/* A secret written where its file's place belongs is not repeated by the message that refuses it. */
static void
adapter_config_keeps_secrets(void **state)
{
	struct world *w = *state;
	char *text = world_edit(base, "secret_file: webhook", "secret_file: whsec_QUJDREVG");

	assert_int_equal(world_load(w, text, load), ERR_CONFIG);
	assert_null(strstr(w->said, "QUJD"));
	free(text);
}

static const char doorless[] =
	"agency: s1\n"
	"store: { dir: var/store }\n"
	"keys: { dir: keys }\n"
	"hub: { endpoints: [\"tcp://[::1]:7411\"] }\n"
	"directory: { file: directory.note, trust_file: registrars.txt }\n"
	"control: { socket: run/c.sock }\n";

static const struct wrong without_doors[] = {
	{ "agency", "agency", "1:1: out: no door out: what arrives would reach nobody" },
	{ "agency", "out: { polling: true }\nagency", "1:17: out.polling: given without in.http" },
	{ "agency", "out: { folder: {} }\nagency", "1:8: out.folder.dir: required and missing: where files for the agency appear" },
	{ "agency", "out: { folder: { dir: out } }\nin: { mllp: {} }\nagency", "2:13: in.mllp: 'hl7v2' is not a format of this sector" },
	{ "agency", "out: { folder: { dir: out } }\nin: { mllp: }\nagency",
	  "2:7: in.mllp: has no value\n2:7: in.mllp: 'hl7v2' is not a format of this sector" },
};

/* An agency whose messages would reach nobody is told so, and a sector does not open another's doors. */
static void
adapter_config_doors(void **state)
{
	sector = ADAPTER_EDUCATION;
	world_check_wrong(*state, doorless, without_doors, sizeof(without_doors) / sizeof(without_doors[0]), load);
}

/* Who holds referrals unopened and has no door that shows them and takes the answer is warned; who has one is not. */
static void
adapter_config_previews(void **state)
{
	static const struct { enum adapter_sector sector; const char *doors; bool is_warned; } cases[] = {
		{ ADAPTER_EDUCATION, "out: { folder: { dir: out } }", true },	/* told, but deaf */
		{ ADAPTER_EDUCATION, "in: { folder: { in: in, done: done, bad: bad, out: out } }\nout: { folder: {} }", false },
		{ ADAPTER_SOCIAL, "in: { folder: { in: in, done: done, bad: bad, out: out } }\nout: { folder: {} }", true },
		{ ADAPTER_HEALTH, "in: { mllp: { peers: [10.0.0.0/8] } }\nout: { mllp: { host: 127.0.0.1, receiving_application: A, receiving_facility: B } }",
		  true },
		{ ADAPTER_HEALTH, "in: { mllp: { peers: [10.0.0.0/8] }, http: { tokens_file: tokens } }\n"
				  "out: { mllp: { host: 127.0.0.1, receiving_application: A, receiving_facility: B } }", false },
		{ ADAPTER_HEALTH, "in: { mllp: { peers: [10.0.0.0/8] } }\nout: { folder: { dir: out } }", false },
		{ ADAPTER_SOCIAL, "in: { http: { tokens_file: tokens } }\nout: { polling: true }", false },
	};
	struct world *w = *state;

	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char more[512], *text;

		sector = cases[i].sector;
		snprintf(more, sizeof(more), "%s\npreview: { services: [all] }\nagency", cases[i].doors);
		text = world_edit(doorless, "agency", more);
		assert_int_equal(world_load(w, text, load), OK);
		assert_int_equal(strstr(w->said, " preview.services: warning: no door here both shows") != NULL, cases[i].is_warned);
		free(text);
	}
}

/* The folder's result directory is also the door out, unless another is named; both formats are the school's. */
static void
adapter_config_folder_out(void **state)
{
	struct world *w = *state;
	char path[256], *text = world_edit(doorless, "agency",
		"in: { folder: { in: in, done: done, bad: bad, out: out } }\nout: { folder: { charset: windows-1251 } }\nagency");

	sector = ADAPTER_EDUCATION;
	assert_int_equal(world_load(w, text, load), OK);
	assert_string_equal(config->out_folder.dir, world_path(w, "out", path));
	assert_int_equal(config->out_folder.charset, ADAPTER_WINDOWS_1251);
	assert_int_equal(config->egress.receipts.door, ADAPTER_DOOR_FOLDER);
	assert_int_equal(config->egress.receipts.format, ADAPTER_FORMAT_CSV);
	free(text);
}

/* A character set has the name that the translators know. */
static void
charsets_have_names(void **state)
{
	(void)state;
	assert_string_equal(adapter_config_charset(ADAPTER_UTF8), "UTF-8");
	assert_string_equal(adapter_config_charset(ADAPTER_WINDOWS_1251), "windows-1251");
	assert_string_equal(adapter_config_charset(ADAPTER_ISO_8859_5), "ISO-8859-5");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(charsets_have_names),
		cmocka_unit_test_setup_teardown(adapter_config_values, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_find_pairs, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_egress, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_warnings, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_previews, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_wrong, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_one_filesystem, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_keeps_secrets, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_doors, setup, world_teardown),
		cmocka_unit_test_setup_teardown(adapter_config_folder_out, setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
