/* SPDX-License-Identifier: EUPL-1.2 */
/* The shapes of texts: for each some that have it and some that do not. */
#include "config/form.h"

#include "tests/unit/config/config_world.h"

static const struct {
	const struct form *form;
	const char *good[5], *bad[9];
} cases[] = {
	{ &form_endpoint, { "tcp://h.example:7411", "tcp://10.0.0.1:1", "tcp://[::1]:7411", "ipc:///run/x" },
	  { "tcp://h", "tcp://:1", "tcp://h:1/x", "tcp://*:1", "ipc://x", "ipc:///", "inproc://x", "pgm://h:1" } },
	{ &form_listen, { "tcp://*:7411", "tcp://0.0.0.0:7411", "ipc:///run/x" },
	  { "tcp://*", "tcp://*:", "tcp://*:0", "tcp://*:*", "tcp://*:65536", "tcp://[::1]", "tcp://h:1;eth0", "*" } },
	{ &form_address, { "127.0.0.1:80", "[::]:80" }, { "h:80", "127.0.0.1", "tcp://127.0.0.1:80" } },
	{ &form_host, { "h", "a.b-c.example", "10.0.0.1", "::1" }, { "", "a..b", "-a", "a-", "a b", "1.2.3", "a/b", "a:80" } },
	{ &form_cidr, { "10.0.0.0/8", "::/0" }, { "10.0.0.1", "10.0.0.1/8" } },
	{ &form_url, { "https://h/", "http://h:80/x" }, { "h", "https://u:p@h/" } },
	{ &form_agency, { "plovdiv-gp1", "1.a" }, { "", "-a", "A", "a b", "a_b", "школа" } },
	{ &form_municipality, { "PDV22", "SOF46" }, { "", "pdv22", "PDV2", "PDV222", "PD222" } },
	{ &form_code, { "speech-therapy", "p1" }, { "", "Speech", "a_b", "-a", "a.b" } },
	{ &form_record_path, { "priority", "child.address.municipality" }, { "", ".a", "a.", "a..b", "A", "a b" } },
	{ &form_concept, { "L|PSY", "http://x|1", "a|b|c" }, { "", "L", "L|" } },
	{ &form_hl7_name, { "HIS", "МБАЛ Пловдив" }, { "", "a|b", "a^b", "a~b", "a\\b", "a&b" } },
	{ &form_date, { "2026-03-02", "2028-02-29" }, { "", "2026-02-29", "2.3.2026", "2026-3-2", "2026-03-02T10:00:00Z" } },
	{ &form_mailbox, { "duty@agency.example", "a.b+c@10.0.0.1" },
	  { "", "duty", "@agency.example", "duty@", "a b@h.example", "<a@h.example>", "a@h.example>,<b@h.example", "a@b@h.example" } },
	{ &form_origin, { "hub.example/log" }, { "", "a b", "a+b", "хъб" } },
};

/* Each shape takes what it should and nothing beside it. */
static void
form_cases(void **state)
{
	size_t i, j;

	(void)state;
	for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		for (j = 0; cases[i].good[j] != NULL; j++)
			if (!cases[i].form->is(cases[i].good[j]))
				fail_msg("form %zu refuses '%s'", i, cases[i].good[j]);
		for (j = 0; j < 9 && cases[i].bad[j] != NULL; j++)
			if (cases[i].form->is(cases[i].bad[j]))
				fail_msg("form %zu takes '%s'", i, cases[i].bad[j]);
	}
}

/* A name of 64 bytes is the longest agency id, and a socket's path fits into its address. */
static void
form_lengths(void **state)
{
	char text[256] = "ipc:///";

	(void)state;
	memset(text + 7, 'a', 248);
	text[6 + 107] = '\0';
	assert_true(form_endpoint.is(text));
	strcat(text, "a");
	assert_false(form_endpoint.is(text));
	memset(text, 'a', 64);
	text[64] = '\0';
	assert_true(form_agency.is(text));
	strcat(text, "a");
	assert_false(form_agency.is(text));
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(form_cases), cmocka_unit_test(form_lengths) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
