/* SPDX-License-Identifier: EUPL-1.2 */
/* The control socket answers every line with one line of JSON, whatever the line is, and no client can hold it up. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <cmocka.h>

#include <jansson.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "hub/service.h"
#include "tests/support/hub_desk.h"
#include "tests/support/loop_client.h"

#define CLIENTS 20		/* more than the service takes at once */
#define REQUEST_MAX 4096

static struct place {
	struct desk desk;
	struct loop *loop;
	struct service *service;
	struct service_options o;
	char *dir, path[96];
	struct loop_client clients[CLIENTS];
	enum err reload;		/* what the next reload gives */
} place;

static enum err
do_reload(void *arg, size_t *ret_bad_sheets, struct why *why)
{
	struct place *p = arg;

	*ret_bad_sheets = 2;
	return p->reload == OK ? OK : why_set(why, p->reload, "directory", "it is not signed");
}

static int
set_up(void **state)
{
	static char dir[32];
	struct place *p = &place;
	struct why why;

	(void)state;
	memset(p, 0, sizeof(*p));
	strcpy(dir, "/tmp/nasoka-service-XXXXXX");
	if ((p->dir = mkdtemp(dir)) == NULL || loop_new(&p->loop) != OK)
		return -1;
	snprintf(p->path, sizeof(p->path), "%s/control.sock", dir);
	desk_init(&p->desk, 12);
	for (size_t i = 0; i < CLIENTS; i++)
		p->clients[i].fd = -1;
	p->o = (struct service_options){
		.loop = p->loop, .hub = p->desk.hub, .path = p->path, .version = "1.2.3", .origin = WORLD_ORIGIN,
		.reload = do_reload, .arg = p,
	};
	return service_open(&p->o, &p->service, &why) == OK ? 0 : -1;
}

static int
tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < CLIENTS; i++)
		loop_client_close(&place.clients[i]);
	service_close(place.service);
	assert_int_equal(access(place.path, F_OK), -1);
	loop_free(place.loop);
	desk_done(&place.desk);
	rmdir(place.dir);
	return 0;
}

static void
connect_client(struct loop_client *c)
{
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);

	loop_client_close(c);
	snprintf(to.sun_path, sizeof(to.sun_path), "%s", place.path);
	assert_int_equal(connect(fd, (struct sockaddr *)&to, sizeof(to)), 0);
	fcntl(fd, F_SETFL, O_NONBLOCK);
	*c = (struct loop_client){ .loop = place.loop, .fd = fd, .has_tick = true };
	loop_add_tick(place.loop, loop_client_tick, c);
}

/* The answer to one more line of this client. */
static json_t *
ask(struct loop_client *c, const char *line)
{
	size_t before = c->n;
	json_t *said;

	assert_true(loop_client_talk(c, span_str(line), before + 1, 5000));
	assert_true(c->n > before && c->in[c->n - 1] == '\n');
	said = json_loads(c->in + before, JSON_DISABLE_EOF_CHECK, NULL);
	assert_non_null(said);
	return said;
}

static void
assert_text(const json_t *said, const char *name, const char *text)
{
	assert_string_equal(json_string_value(json_object_get(said, name)), text);
}

static json_int_t
int_of(const json_t *said, const char *name)
{
	assert_true(json_is_integer(json_object_get(said, name)));
	return json_integer_value(json_object_get(said, name));
}

/* Status tells program, log and every agency of the directory, with its numbers. */
static void
status_tells(void **state)
{
	struct thread_id thread = { "t" };
	json_t *said, *agencies;
	struct header h;

	(void)state;
	desk_hello(&place.desk, 0, 10);
	world_header(&place.desk.world, 0, 2, &thread, 1, place.desk.now_ms, &h);
	desk_submit(&place.desk, 0, world_envelope(&place.desk.world, 0, &h, 100, NULL));
	connect_client(&place.clients[0]);
	said = ask(&place.clients[0], "{\"verb\":\"status\"}\n");
	assert_true(json_is_true(json_object_get(said, "ok")));
	assert_text(said, "program", "nasoka-hub");
	assert_text(said, "version", "1.2.3");
	assert_text(said, "origin", WORLD_ORIGIN);
	assert_int_equal(int_of(said, "peers"), 1);
	assert_int_equal(strlen(json_string_value(json_object_get(json_object_get(said, "tree"), "root"))), 64);
	agencies = json_object_get(said, "agencies");
	assert_int_equal(json_array_size(agencies), WORLD_AGENCIES);
	assert_text(json_array_get(agencies, 2), "agency", world_ids[2]);
	assert_int_equal(int_of(json_array_get(agencies, 2), "queued"), 1);
	assert_int_equal(int_of(json_array_get(agencies, 0), "accepted"), 1);
	assert_int_equal(int_of(json_array_get(agencies, 0), "under_way"), 1);
	assert_text(json_object_get(said, "recovered"), "last_run", "none");
	assert_true(json_is_false(json_object_get(said, "disk_low")));
	json_decref(said);
}

/* A queue tells what waits without a word of it; an agency that nobody knows is refused. */
static void
queues_tell(void **state)
{
	struct thread_id thread = { "t" };
	json_t *said, *rows;
	struct header h;

	(void)state;
	desk_hello(&place.desk, 0, 10);
	for (uint64_t seq = 1; seq <= 3; seq++) {
		world_header(&place.desk.world, 0, 2, &thread, seq, place.desk.now_ms, &h);
		desk_submit(&place.desk, 0, world_envelope(&place.desk.world, 0, &h, 100, NULL));
	}
	connect_client(&place.clients[0]);
	said = ask(&place.clients[0], "{\"verb\":\"queues\",\"agency\":\"ozd-plovdiv\"}\n");
	rows = json_object_get(said, "rows");
	assert_int_equal(json_array_size(rows), 3);
	for (size_t i = 0; i < 3; i++)
		assert_int_equal(int_of(json_array_get(rows, i), "no"), i + 1);
	json_decref(said);
	said = ask(&place.clients[0], "{\"verb\":\"queues\",\"agency\":\"nobody\"}\n");
	assert_text(said, "code", err_code(ERR_UNKNOWN_AGENCY));
	json_decref(said);
	said = ask(&place.clients[0], "{\"verb\":\"queues\"}\n");
	assert_text(said, "code", err_code(ERR_REQUIRED));
	json_decref(said);
}

/* Deadlines come by agency or only late, with the words that people and scripts read; nothing is asked of an unknown agency. */
static void
deadlines_tell(void **state)
{
	struct thread_id thread = { "t" };
	json_t *said, *row;
	struct header h;

	(void)state;
	desk_hello(&place.desk, 0, 10);
	place.desk.now_ms = clock_wall_ms();	/* the service looks at the real clock */
	world_header(&place.desk.world, 0, 2, &thread, 1, place.desk.now_ms - 2 * CLOCK_HOUR, &h);
	h.priority = PRIORITY_URGENT;
	h.registered_by_ms = place.desk.now_ms - CLOCK_HOUR;
	desk_submit(&place.desk, 0, world_envelope(&place.desk.world, 0, &h, 100, NULL));
	(void)hub_on_tick(place.desk.hub, place.desk.now_ms);
	hub_flush(place.desk.hub, place.desk.now_ms);
	desk_commit(&place.desk);
	connect_client(&place.clients[0]);
	said = ask(&place.clients[0], "{\"verb\":\"deadlines\",\"agency\":\"ozd-plovdiv\",\"late\":true}\n");
	assert_int_equal(int_of(said, "late"), 1);
	assert_true(json_is_true(json_object_get(said, "all")));
	row = json_array_get(json_object_get(said, "deadlines"), 0);
	assert_text(row, "fact", "late");
	assert_text(row, "priority", "urgent");
	assert_text(row, "from", world_ids[0]);
	assert_text(row, "to", world_ids[2]);
	assert_text(row, "stage", "stored");
	json_decref(said);
	said = ask(&place.clients[0], "{\"verb\":\"deadlines\",\"agency\":\"school-7\"}\n");
	assert_int_equal(json_array_size(json_object_get(said, "deadlines")), 0);
	json_decref(said);
	said = ask(&place.clients[0], "{\"verb\":\"deadlines\",\"agency\":\"nobody\"}\n");
	assert_text(said, "code", err_code(ERR_UNKNOWN_AGENCY));
	json_decref(said);
}

/* What a recipient refused for good is listed with its code, by either of the two agencies, and for no third. */
static void
deadletters_are_listed(void **state)
{
	static const struct { const char *request; size_t n; } asked[] = {
		{ "{\"verb\":\"deadletters\"}\n", 1 }, { "{\"verb\":\"deadletters\",\"agency\":\"ozd-plovdiv\"}\n", 1 },
		{ "{\"verb\":\"deadletters\",\"agency\":\"gp-ivanova\"}\n", 1 },
		{ "{\"verb\":\"deadletters\",\"agency\":\"school-7\"}\n", 0 },
	};
	struct desk *d = &place.desk;
	struct thread_id thread = { "t" };
	struct envelope env[2];
	json_t *said, *row;
	struct header h;

	(void)state;
	desk_hello(d, 0, 10);
	desk_hello(d, 2, 10);
	for (uint64_t seq = 1; seq <= 2; seq++) {
		world_header(&d->world, 0, 2, &thread, seq, d->now_ms, &h);
		desk_submit(d, 0, world_envelope(&d->world, 0, &h, 100, &env[seq - 1]));
	}
	world_receipt(&d->world, 2, &env[0], STAGE_REGISTERED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	world_receipt(&d->world, 2, &env[1], STAGE_REFUSED, d->now_ms, &h);
	desk_submit(d, 2, world_envelope(&d->world, 2, &h, 0, NULL));
	connect_client(&place.clients[0]);
	for (size_t i = 0; i < sizeof(asked) / sizeof(asked[0]); i++) {
		said = ask(&place.clients[0], asked[i].request);
		assert_int_equal(json_array_size(json_object_get(said, "deadletters")), asked[i].n);
		if (asked[i].n > 0) {
			row = json_array_get(json_object_get(said, "deadletters"), 0);
			assert_text(row, "agency", "ozd-plovdiv");
			assert_text(row, "sender", "gp-ivanova");
			assert_text(row, "code", err_code(ERR_SYSTEM_REFUSED));
			assert_true(int_of(row, "leaf") > int_of(row, "submit"));
		}
		json_decref(said);
	}
}

/* The checkpoint is the signed note, the directory what stands in it. */
static void
checkpoint_and_directory(void **state)
{
	json_t *said;

	(void)state;
	connect_client(&place.clients[0]);
	said = ask(&place.clients[0], "{\"verb\":\"checkpoint\"}\n");
	assert_true(int_of(said, "size") > 0);
	assert_int_equal(strncmp(json_string_value(json_object_get(said, "checkpoint")), WORLD_ORIGIN "\n",
				 strlen(WORLD_ORIGIN) + 1), 0);
	json_decref(said);
	said = ask(&place.clients[0], "{\"verb\":\"directory\"}\n");
	assert_int_equal(int_of(said, "version"), 1);
	assert_int_equal(int_of(said, "agencies"), WORLD_AGENCIES);
	assert_int_equal(int_of(said, "threshold"), 2);
	json_decref(said);
}

/* Reload does what the daemon gave for it, and says what was wrong. */
static void
reload_is_told(void **state)
{
	json_t *said;

	(void)state;
	connect_client(&place.clients[0]);
	said = ask(&place.clients[0], "{\"verb\":\"reload\"}\n");
	assert_int_equal(int_of(said, "bad_sheets"), 2);
	json_decref(said);
	place.reload = ERR_BAD_SIGNATURE;
	said = ask(&place.clients[0], "{\"verb\":\"reload\"}\n");
	assert_text(said, "code", err_code(ERR_BAD_SIGNATURE));
	assert_text(said, "error", "it is not signed");
	json_decref(said);
}

/* What is no request is answered with a refusal, and the connection stays. */
static void
bad_lines(void **state)
{
	static const char *const lines[] = { "\n", "{}\n", "[]\n", "null\n", "{\"verb\":7}\n", "{\"verb\":\"rm\"}\n", "{\"verb\n",
		"{\"verb\":\"status\",\"verb\":\"status\"}\n", "\xff\xfe\n" };

	(void)state;
	connect_client(&place.clients[0]);
	for (size_t i = 0; i < sizeof(lines) / sizeof(lines[0]); i++) {
		json_t *said = ask(&place.clients[0], lines[i]);

		assert_true(json_is_false(json_object_get(said, "ok")));
		assert_text(said, "code", err_code(ERR_UNSUPPORTED));
		json_decref(said);
	}
}

/* A line that comes in pieces is one request; a line beyond the limit ends the connection, and only that one. */
static void
lines_are_bounded(void **state)
{
	static char endless[REQUEST_MAX + 2];
	json_t *said;

	(void)state;
	connect_client(&place.clients[0]);
	connect_client(&place.clients[1]);
	assert_false(loop_client_talk(&place.clients[0], SPAN_LIT("{\"verb\":"), 1, 50));
	said = ask(&place.clients[0], "\"directory\"}\n");
	assert_int_equal(int_of(said, "version"), 1);
	json_decref(said);
	memset(endless, 'x', sizeof(endless) - 1);
	assert_true(loop_client_talk(&place.clients[1], SPAN(endless, REQUEST_MAX), 0, 5000));
	assert_true(place.clients[1].is_ended && place.clients[1].n == 0);
	said = ask(&place.clients[0], "{\"verb\":\"directory\"}\n");
	json_decref(said);
}

/* Clients beyond the limit are turned away, those before them are served; one that leaves makes room. */
static void
clients_are_bounded(void **state)
{
	size_t served = 0;
	json_t *said;

	(void)state;
	for (size_t i = 0; i < CLIENTS; i++) {
		connect_client(&place.clients[i]);
		(void)loop_client_talk(&place.clients[i], SPAN_LIT("{\"verb\":\"directory\"}\n"), 1, 5000);
		served += place.clients[i].n > 0;
	}
	assert_int_equal(served, 16);
	for (size_t i = 0; i < CLIENTS; i++)
		assert_true((place.clients[i].n > 0) == (i < 16));
	loop_client_close(&place.clients[0]);
	said = ask(&place.clients[1], "{\"verb\":\"directory\"}\n");	/* a turn of the loop, in which the other's end is seen */
	json_decref(said);
	connect_client(&place.clients[CLIENTS - 1]);
	said = ask(&place.clients[CLIENTS - 1], "{\"verb\":\"directory\"}\n");
	json_decref(said);
}

/* The socket is for owner and group; one left behind by a process that died is taken over; a path too long is refused. */
static void
open_makes_socket(void **state)
{
	char endless[200];
	struct service *other = NULL;
	struct stat st;
	struct why why;

	(void)state;
	assert_int_equal(stat(place.path, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0660);
	service_close(place.service);
	assert_int_equal(close(open(place.path, O_CREAT | O_WRONLY, 0600)), 0);
	assert_int_equal(service_open(&place.o, &place.service, &why), OK);
	memset(endless, 'x', sizeof(endless) - 1);
	endless[sizeof(endless) - 1] = '\0';
	place.o.path = endless;
	assert_int_equal(service_open(&place.o, &other, &why), ERR_SYSTEM);
	assert_null(other);
	place.o.path = place.path;
}

#define SERVICE_TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		SERVICE_TEST(status_tells), SERVICE_TEST(queues_tell), SERVICE_TEST(deadletters_are_listed), SERVICE_TEST(deadlines_tell),
		SERVICE_TEST(checkpoint_and_directory),
		SERVICE_TEST(reload_is_told), SERVICE_TEST(bad_lines), SERVICE_TEST(lines_are_bounded),
		SERVICE_TEST(clients_are_bounded), SERVICE_TEST(open_makes_socket),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
