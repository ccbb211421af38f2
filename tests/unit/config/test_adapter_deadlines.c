/* SPDX-License-Identifier: EUPL-1.2 */
/* Deadlines, their rules, moved days, and mail: what a file gives, and what is refused, at its place. */
#include "tests/unit/config/config_world.h"

static const char base[] =
	"agency: s1\n"								/* 1 */
	"store: { dir: var/store }\n"						/* 2 */
	"keys: { dir: keys }\n"							/* 3 */
	"hub: { endpoints: [\"tcp://[::1]:7411\"] }\n"				/* 4 */
	"directory: { file: directory.note, trust_file: registrars.txt }\n"	/* 5 */
	"control: { socket: run/c.sock }\n"					/* 6 */
	"out: { folder: { dir: out } }\n"					/* 7 */
	"deadlines:\n"								/* 8 */
	"  routine: { registered_by: 2 working days, respond_by: 5 working days }\n"	/* 9 */
	"  answer_by: 4 working days\n"						/* 10 */
	"deadline_rules:\n"							/* 11 */
	"  - { service_kind: needs-assessment, priority: routine, respond_by: 20d }\n"	/* 12 */
	"  - { municipality: PDV22, registered_by: 1 working day }\n"		/* 13 */
	"calendar: { days_off: [2026-09-21], working_days: [2026-09-12] }\n"	/* 14 */
	"mail:\n"								/* 15 */
	"  server: mail.test.example\n"						/* 16 */
	"  user: nasoka\n"							/* 17 */
	"  password_file: tokens\n"						/* 18 */
	"  from: nasoka@test.example\n"						/* 19 */
	"  to: [duty@test.example, head@test.example]\n";			/* 20 */

static struct adapter_config *config;

static enum err
load(const char *file, struct world *w)
{
	return config_load_adapter(file, ADAPTER_EDUCATION, w->mem, &config, w->problems);
}

/* A right file gives its values, and what it leaves out has the defaults of the domain. */
static void
deadlines_values(void **state)
{
	struct world *w = *state;

	assert_int_equal(world_load(w, base, load), OK);
	assert_string_equal(w->said, "");
	assert_int_equal(config->deadlines.routine.registered_by.working_days, 2);
	assert_int_equal(config->deadlines.routine.registered_by.ms, 0);
	assert_int_equal(config->deadlines.routine.respond_by.working_days, 5);
	assert_int_equal(config->deadlines.urgent.respond_by.ms, 24 * 3600000);
	assert_int_equal(config->deadlines.answer_by.working_days, 4);
	assert_int_equal(config->deadlines.cancel_by.working_days, 2);
	assert_int_equal(config->n_deadline_rules, 2);
	assert_int_equal(config->deadline_rules[0].priority, 1);
	assert_int_equal(config->deadline_rules[0].by.respond_by.ms, INT64_C(20) * 86400000);
	assert_int_equal(config->deadline_rules[0].by.registered_by.ms, 0);
	assert_int_equal(config->deadline_rules[1].priority, 0);
	assert_string_equal(config->deadline_rules[1].municipality, "PDV22");
	assert_string_equal(config->calendar.days_off[0], "2026-09-21");
	assert_string_equal(config->calendar.working_days[0], "2026-09-12");
	assert_true(config->mail.on);
	assert_int_equal(config->mail.tls, ADAPTER_MAIL_STARTTLS);
	assert_int_equal(config->mail.port, 587);
	assert_int_equal(config->mail.digest_hour, 8);
	assert_int_equal(config->mail.n_to, 2);
}

static const struct wrong wrongs[] = {
	{ "2 working days", "6 working days", "9:57: deadlines.routine.respond_by: less than deadlines.routine.registered_by, which is 6 working days" },
	{ "respond_by: 5 working days", "expires: 2d", "9:54: deadlines.routine.expires: less than deadlines.routine.respond_by, which is 7d" },
	{ "4 working days", "4 days", "10:14: deadlines.answer_by: '4 days' is neither a duration nor a number of working days" },
	{ "4 working days", "0 working days", "10:14: deadlines.answer_by: 0 working days is out of range" },
	{ "4 working days", "251 working days", "10:14: deadlines.answer_by: 251 working days is out of range" },
	{ "4 working days", "5s", "10:14: deadlines.answer_by: 5s is out of range" },
	{ "priority: routine, respond_by", "priority: quick, respond_by", "12:49: deadline_rules[1].priority: 'quick' is not a choice here" },
	{ "registered_by: 1 working day", "priority: urgent", "13:5: deadline_rules[2]: sets no deadline" },
	{ "[2026-09-21]", "[2026-09-31]", "14:24: calendar.days_off[1]: '2026-09-31' is not a date" },
	{ "server: mail.test.example", "port: 25", "15:1: mail.server: required and missing: the SMTP server" },
	{ "user: nasoka", "timeout: 10s", "18:18: mail.password_file: given without user" },
	{ "password_file: tokens", "timeout: 10s", "17:9: mail.user: given without password_file" },
	{ "password_file: tokens", "tls: none\n  password_file: tokens", "18:8: mail.tls: would carry mail and its password unencrypted over the network" },
	{ "head@test.example]", "head]", "20:27: mail.to[2]: 'head' is not a mail address" },
	{ "to: [duty@test.example, head@test.example]", "to: []", "20:7: mail.to: the list is empty" },
};

static void
deadlines_wrong(void **state)
{
	world_check_wrong(*state, base, wrongs, sizeof(wrongs) / sizeof(wrongs[0]), load);
}

/* A rule that a rule before it covers is pointed out; one without TLS on this machine is not refused. */
static void
deadlines_warnings(void **state)
{
	struct world *w = *state;
	char *text = world_edit(base, "- { municipality: PDV22, registered_by",
				"- { registered_by: 12h }\n  - { municipality: PDV22, registered_by"), *plain;

	assert_int_equal(world_load(w, text, load), OK);
	assert_true(world_said(w, "14:5: deadline_rules[3]: warning: never used: rule 2 matches all that it matches"));
	free(text);
	text = world_edit(base, "server: mail.test.example", "server: 127.0.0.1");
	plain = world_edit(text, "user: nasoka", "tls: none\n  user: nasoka");
	assert_int_equal(world_load(w, plain, load), OK);
	assert_string_equal(w->said, "");
	free(text);
	free(plain);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(deadlines_values, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(deadlines_wrong, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(deadlines_warnings, world_setup, world_teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
