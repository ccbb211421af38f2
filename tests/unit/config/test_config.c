/* SPDX-License-Identifier: EUPL-1.2 */
/* The loader as the daemons' mains use it: samples, --check-config, --print-config. Runs in the repository's root. */
#include "config/config.h"

#include "tests/unit/config/config_world.h"

struct said {
	char *out, *err;
	size_t n_out, n_err;
	FILE *to_out, *to_err;
};

static void
listen_to(struct said *s)
{
	s->to_out = open_memstream(&s->out, &s->n_out);
	s->to_err = open_memstream(&s->err, &s->n_err);
	assert_true(s->to_out != NULL && s->to_err != NULL);
}

static void
stop_listening(struct said *s)
{
	fclose(s->to_out);
	fclose(s->to_err);
}

static char *
read_file(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = calloc(1, 65536);

	if (f == NULL)
		fail_msg("%s", path);
	assert_true(fread(text, 1, 65535, f) > 0);
	fclose(f);
	return text;
}

/* Paths stand after a blank, and keep it. */
static char *
replace_all(char *text, const char *find, const char *path)
{
	char with[256];

	snprintf(with, sizeof(with), " %s", path);
	while (strstr(text, find) != NULL) {
		char *next = world_edit(text, find, with);

		free(text);
		text = next;
	}
	return text;
}

/* The sample as c.yaml, with the system's folders moved into the world, where its files stand. */
static void
install_sample(struct world *w, const char *sample)
{
	static const char *const open_files[] = { "etc/directory.note", "etc/registrars.txt", "etc/health.cert.pem" };
	static const char *const secrets[] = { "etc/social.tokens", "etc/social.webhook", "etc/health.tokens",
					       "etc/health.key.pem" };
	static const char *const dirs[] = {
		"etc", "etc/hub.keys", "etc/social.keys", "etc/health.keys", "etc/education.keys", "etc/sheets", "lib", "lib/hub",
		"lib/social", "lib/health", "lib/education", "run/hub", "run/social", "run/health", "run/education",
		"lib/social/plovdiv-cop", "lib/health/plovdiv-mbal1", "lib/education/plovdiv-school-psychology",
		"run/social/plovdiv-cop", "run/health/plovdiv-mbal1", "run/education/plovdiv-school-psychology",
	};
	char path[256], *text;
	size_t i;

	for (i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++)
		world_mkdir(w, dirs[i], 0700);
	for (i = 0; i < sizeof(open_files) / sizeof(open_files[0]); i++)
		world_write(w, open_files[i], "x\n", 2, 0644);
	for (i = 0; i < sizeof(secrets) / sizeof(secrets[0]); i++)
		world_write(w, secrets[i], "x\n", 2, 0600);
	text = read_file(sample);
	text = replace_all(text, " /etc/nasoka/", world_path(w, "etc/", path));
	text = replace_all(text, " /var/lib/nasoka-", world_path(w, "lib/", path));
	text = replace_all(text, " /run/nasoka-", world_path(w, "run/", path));
	text = replace_all(text, " /srv/nasoka/", world_path(w, "", path));
	world_write(w, "c.yaml", text, strlen(text), 0644);
	free(text);
}

static const struct {
	const char *file;
	int sector;		/* -1: the hub's */
} samples[] = {
	{ "config/samples/hub.yaml", -1 },
	{ "config/samples/social.yaml", ADAPTER_SOCIAL },
	{ "config/samples/health.yaml", ADAPTER_HEALTH },
	{ "config/samples/education.yaml", ADAPTER_EDUCATION },
};
enum { N_SAMPLES = sizeof(samples) / sizeof(samples[0]) };

static bool
start(struct world *w, int sector, enum config_mode mode, struct said *said, int *ret_exit)
{
	struct adapter_config *adapter;
	struct hub_config *hub;
	char path[256];
	struct config_start s = { .file = world_path(w, "c.yaml", path), .mode = mode };
	bool on;

	listen_to(said);
	s.out = said->to_out;
	s.err = said->to_err;
	arena_reset(w->mem);
	on = sector < 0 ? config_start_hub(&s, w->mem, &hub, ret_exit) :
			  config_start_adapter(&s, (enum adapter_sector)sector, w->mem, &adapter, ret_exit);
	assert_true(on == (sector < 0 ? hub != NULL : adapter != NULL));
	stop_listening(said);
	return on;
}

/* Every sample loads as it stands. */
static void
config_samples_load(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_SAMPLES; i++) {
		struct said said = { 0 };
		struct world *w;
		void *s;
		int status;

		world_setup(&s);
		w = s;
		install_sample(w, samples[i].file);
		if (!start(w, samples[i].sector, CONFIG_RUN, &said, &status))
			fail_msg("%s:\n%s", samples[i].file, said.err);
		assert_int_equal(status, 0);
		free(said.out);
		free(said.err);
		world_teardown(&s);
	}
}

/* Away from the machine that it is for, a sample loads as well: what the disk lacks is told and refuses nothing, what the text says wrong refuses. */
static void
config_loads_away(void **state)
{
	struct world *w = *state;

	for (size_t i = 1; i < N_SAMPLES; i++) {
		struct said said = { 0 }, wrong = { 0 };
		char *text = read_file(samples[i].file), *bad = malloc(strlen(text) + 16);
		int status;

		world_write(w, "c.yaml", text, strlen(text), 0644);
		if (!start(w, samples[i].sector, CONFIG_AWAY, &said, &status))
			fail_msg("%s:\n%s", samples[i].file, said.err);
		assert_int_equal(status, 0);
		assert_non_null(strstr(said.err, "keys"));
		assert_non_null(strstr(said.err, "--check-config"));
		assert_false(start(w, samples[i].sector, CONFIG_RUN, &wrong, &status));
		assert_int_equal(status, 78);
		free(wrong.out);
		free(wrong.err);
		wrong = (struct said){ 0 };
		assert_non_null(bad);
		sprintf(bad, "%s\nhorse: 1\n", text);
		world_write(w, "c.yaml", bad, strlen(bad), 0644);
		assert_false(start(w, samples[i].sector, CONFIG_AWAY, &wrong, &status));
		assert_int_equal(status, 78);
		free(bad);
		free(text);
		free(said.out);
		free(said.err);
		free(wrong.out);
		free(wrong.err);
	}
}

/* How much of the line is the value: up to its origin, or all of it. */
static size_t
value_len(const char *line)
{
	size_t n = strcspn(line, "\n");
	const char *origin = strstr(line, "  # ");

	return origin != NULL && (size_t)(origin - line) < n ? (size_t)(origin - line) : n;
}

/* What --print-config prints is a configuration, and prints the same again, apart from where values come from. */
static void
config_print_loads_again(void **state)
{
	size_t i;

	(void)state;
	for (i = 0; i < N_SAMPLES; i++) {
		struct said first = { 0 }, second = { 0 };
		struct world *w;
		void *s;
		int status;
		char *a, *b;

		world_setup(&s);
		w = s;
		install_sample(w, samples[i].file);
		assert_false(start(w, samples[i].sector, CONFIG_PRINT, &first, &status));
		assert_int_equal(status, 0);
		assert_non_null(strstr(first.out, "# default\n"));
		assert_non_null(strstr(first.out, "/c.yaml:"));
		world_write(w, "c.yaml", first.out, first.n_out, 0600);
		assert_false(start(w, samples[i].sector, CONFIG_PRINT, &second, &status));
		if (status != 0)
			fail_msg("%s\n%s", first.out, second.err);
		for (a = first.out, b = second.out; *a != '\0' && *b != '\0';) {
			assert_int_equal(value_len(a), value_len(b));
			assert_memory_equal(a, b, value_len(a));
			a += strcspn(a, "\n") + 1;
			b += strcspn(b, "\n") + 1;
		}
		assert_true(*a == '\0' && *b == '\0');
		free(first.out);
		free(first.err);
		free(second.out);
		free(second.err);
		world_teardown(&s);
	}
}

/* --check-config on a wrong file names every problem on standard error, nothing on standard output, and exits 78. */
static void
config_check_exits_78(void **state)
{
	struct world *w = *state;
	struct said said = { 0 };
	int status;

	world_write(w, "c.yaml", "origin: a b\nlisten: x\n", 22, 0600);
	assert_false(start(w, -1, CONFIG_CHECK, &said, &status));
	assert_int_equal(status, 78);
	assert_int_equal(said.n_out, 0);
	assert_non_null(strstr(said.err, "/c.yaml:1:9: origin: 'a b' is not a log origin; "));
	assert_non_null(strstr(said.err, "/c.yaml:2:9: listen: must be a list; "));
	free(said.out);
	free(said.err);
}

/* A right file ends --check-config with 0 and a word; a wrong one never starts a daemon; a missing one is said so. */
static void
config_check_right(void **state)
{
	struct world *w = *state;
	struct said said = { 0 };
	char path[256];
	int status;

	install_sample(w, "config/samples/hub.yaml");
	assert_false(start(w, -1, CONFIG_CHECK, &said, &status));
	assert_int_equal(status, 0);
	assert_non_null(strstr(said.err, "c.yaml: настройките са верни\n"));
	free(said.out);
	free(said.err);
	assert_int_equal(unlink(world_path(w, "c.yaml", path)), 0);
	assert_false(start(w, -1, CONFIG_RUN, &said, &status));
	assert_int_equal(status, 78);
	assert_non_null(strstr(said.err, "c.yaml: cannot be read: No such file or directory; "));
	free(said.out);
	free(said.err);
}

/* A file that says `language: bg` is answered in Bulgarian, also about its mistakes. */
static void
config_check_in_bulgarian(void **state)
{
	struct world *w = *state;
	struct said said = { 0 };
	int status;

	world_write(w, "c.yaml", "language: bg\nlimits: { queued_messages: 1 }\n", 44, 0600);
	assert_false(start(w, -1, CONFIG_CHECK, &said, &status));
	assert_non_null(strstr(said.err, ":2:28: limits.queued_messages: 1 е извън границите; изберете от 100 до 10000000\n"));
	free(said.out);
	free(said.err);
}

/* An arena too small for the file is a refusal, not a crash. */
static void
config_load_small_arena(void **state)
{
	struct world *w = *state;
	char path[256];
	size_t cap;

	install_sample(w, "config/samples/health.yaml");
	for (cap = 64; cap < 3 << 20; cap = cap * 5 / 4) {
		struct arena *mem = arena_new(cap);
		struct problems *problems = problems_new("c.yaml");
		struct adapter_config *config;
		enum err e = config_load_adapter(world_path(w, "c.yaml", path), ADAPTER_HEALTH, mem, &config, problems);

		assert_true((e == OK) == (config != NULL));
		assert_true((e == OK) == (problems_errors(problems) == 0));
		problems_free(problems);
		arena_free(mem);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(config_samples_load),
		cmocka_unit_test_setup_teardown(config_loads_away, world_setup, world_teardown),
		cmocka_unit_test(config_print_loads_again),
		cmocka_unit_test_setup_teardown(config_check_exits_78, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(config_check_right, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(config_check_in_bulgarian, world_setup, world_teardown),
		cmocka_unit_test_setup_teardown(config_load_small_arena, world_setup, world_teardown),
	};

	setenv("LC_ALL", "C", 1);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
