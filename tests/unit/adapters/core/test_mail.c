/* SPDX-License-Identifier: EUPL-1.2 */
/* A mail goes out as SMTP wants it; what the server says, and what it does not, comes back as one outcome. The server here is a script
 * of answers; TLS, passwords and a server of others are in e2e/16-deadlines.py.
 */
#include "adapters/core/mail.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>
#include <netinet/in.h>
#include <arpa/inet.h>

#include <cmocka.h>

#include "proto/base/clock.h"

#define TEXT "Subject: x\r\n\r\n.a line that begins with a dot\r\nthe last line\r\n"

static const char *const to[] = { "a@agency.example", "b@agency.example" };

struct server {
	struct loop *loop;
	struct loop_item *listening, *talking;
	int listen_fd, fd;
	const char *data_says;		/* to the text itself; NULL: silence */
	char got[8192];
	size_t n, seen;
	bool is_data;
	struct adapter_config config;
	struct mail *mail;
	int64_t until_ms;
};

static struct { unsigned n; enum err e; struct loop *loop; } outcome;

enum err
adapter_mailed(struct adapter *a, enum err e)
{
	(void)a;
	outcome.n++;
	outcome.e = e;
	loop_stop(outcome.loop);
	return OK;
}

static void
say(struct server *s, const char *line)
{
	if (line)
		assert_true(send(s->fd, line, strlen(line), MSG_NOSIGNAL) > 0);
}

static void
answer_line(struct server *s, const char *line)
{
	if (s->is_data) {
		if (strncmp(line, ".\r\n", 3) == 0) {
			s->is_data = false;
			say(s, s->data_says);
		}
	} else if (strncmp(line, "EHLO", 4) == 0) {
		say(s, "250-test\r\n250 8BITMIME\r\n");
	} else if (strncmp(line, "DATA", 4) == 0) {
		s->is_data = true;
		say(s, "354 go on\r\n");
	} else {
		say(s, strncmp(line, "QUIT", 4) == 0 ? "221 bye\r\n" : "250 ok\r\n");
	}
}

static void
on_talk(void *arg, int events)
{
	struct server *s = arg;
	ssize_t n = recv(s->fd, s->got + s->n, sizeof(s->got) - s->n - 1, 0);
	char *end;

	(void)events;
	if (n <= 0) {
		loop_del(s->loop, s->talking);
		close(s->fd);
		s->fd = -1;
		return;
	}
	s->n += (size_t)n;
	s->got[s->n] = '\0';
	while ((end = strstr(s->got + s->seen, "\r\n")) != NULL) {
		const char *line = s->got + s->seen;

		s->seen = (size_t)(end + 2 - s->got);
		answer_line(s, line);
	}
}

static void
on_accept(void *arg, int events)
{
	struct server *s = arg;

	(void)events;
	if (s->fd >= 0) {	/* of the mail before, and over */
		loop_del(s->loop, s->talking);
		close(s->fd);
	}
	s->fd = accept(s->listen_fd, NULL, NULL);
	assert_true(s->fd >= 0);
	s->talking = loop_add_fd(s->loop, s->fd, LOOP_IN, on_talk, s);
	say(s, "220 test\r\n");
}

static int64_t
on_tick(void *arg)
{
	struct server *s = arg;

	if (clock_mono_ms() < s->until_ms)
		return s->until_ms - clock_mono_ms();
	loop_stop(s->loop);
	return CLOCK_SECOND;
}

static void
on_fatal(void *arg, enum err e)
{
	(void)arg;
	fail_msg("fatal %s", err_name(e));
}

static struct server *
up(enum adapter_mail_tls tls)
{
	static struct door_host host;
	struct server *s = calloc(1, sizeof(*s));
	struct sockaddr_in at = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof(at);
	struct why why;

	assert_int_equal(loop_new(&s->loop), OK);
	s->fd = -1;
	s->listen_fd = socket(AF_INET, SOCK_STREAM, 0);
	assert_int_equal(bind(s->listen_fd, (struct sockaddr *)&at, sizeof(at)), 0);
	assert_int_equal(listen(s->listen_fd, 4), 0);
	assert_int_equal(getsockname(s->listen_fd, (struct sockaddr *)&at, &n), 0);
	s->listening = loop_add_fd(s->loop, s->listen_fd, LOOP_IN, on_accept, s);
	loop_add_tick(s->loop, on_tick, s);
	s->config.mail.server = "127.0.0.1";
	s->config.mail.port = ntohs(at.sin_port);
	s->config.mail.tls = tls;
	s->config.mail.from = "nasoka@agency.example";
	s->config.mail.to = to;
	s->config.mail.n_to = 2;
	s->config.mail.timeout_ms = 1000;
	s->data_says = "250 taken\r\n";
	host = (struct door_host){ .loop = s->loop, .on_fatal = on_fatal };
	assert_int_equal(mail_open(&s->config, &host, &s->mail, &why), OK);
	outcome.n = 0;
	outcome.loop = s->loop;
	return s;
}

static void
down(struct server *s)
{
	mail_close(s->mail);
	if (s->fd >= 0) {
		loop_del(s->loop, s->talking);
		close(s->fd);
	}
	loop_del(s->loop, s->listening);
	close(s->listen_fd);
	loop_free(s->loop);
	free(s);
}

/* Hand the mail over, and turn the loop until its outcome is told. */
static enum err
sent(struct server *s)
{
	struct mailer *m = mail_mailer(s->mail);

	s->until_ms = clock_mono_ms() + 10 * CLOCK_SECOND;
	assert_int_equal(m->send(m->arg, span_str(TEXT)), OK);
	assert_int_equal(m->send(m->arg, span_str(TEXT)), ERR_BUSY);	/* one at a time */
	loop_run(s->loop);
	assert_int_equal(outcome.n, 1);
	return outcome.e;
}

/* Sender, every recipient and the whole text arrive, the dot doubled on the way. */
static void
mail_goes_out(void **state)
{
	struct server *s = up(ADAPTER_MAIL_PLAIN);

	(void)state;
	assert_int_equal(sent(s), OK);
	assert_non_null(strstr(s->got, "MAIL FROM:<nasoka@agency.example>"));
	assert_non_null(strstr(s->got, "RCPT TO:<a@agency.example>"));
	assert_non_null(strstr(s->got, "RCPT TO:<b@agency.example>"));
	assert_non_null(strstr(s->got, "\r\n..a line that begins with a dot\r\nthe last line\r\n.\r\n"));
	down(s);
}

/* A refusal and a silence are failures of their kind, and the next mail goes all the same. */
static void
mail_fails(void **state)
{
	struct server *s = up(ADAPTER_MAIL_PLAIN);

	(void)state;
	s->data_says = "451 come again\r\n";
	assert_int_equal(sent(s), ERR_PEER_REFUSED);
	outcome.n = 0;
	s->data_says = NULL;
	assert_int_equal(sent(s), ERR_PEER_DOWN);
	outcome.n = 0;
	s->data_says = "250 taken\r\n";
	s->n = s->seen = 0;
	s->is_data = false;
	assert_int_equal(sent(s), OK);
	down(s);
}

/* A server without STARTTLS is told nothing where TLS is wanted: neither sender nor recipient nor text. */
static void
mail_never_in_clear(void **state)
{
	struct server *s = up(ADAPTER_MAIL_STARTTLS);

	(void)state;
	assert_int_not_equal(sent(s), OK);
	assert_null(strstr(s->got, "MAIL FROM"));
	assert_null(strstr(s->got, "Subject"));
	down(s);
}

/* A process that ends does not wait for a server that is silent, and nothing is told after the end. */
static void
mail_closed_under_way(void **state)
{
	struct server *s = up(ADAPTER_MAIL_PLAIN);
	struct mailer *m = mail_mailer(s->mail);
	int64_t begun = clock_mono_ms();

	(void)state;
	s->config.mail.timeout_ms = 60 * CLOCK_SECOND;
	assert_int_equal(m->send(m->arg, span_str(TEXT)), OK);
	mail_close(s->mail);
	s->mail = NULL;
	assert_true(clock_mono_ms() - begun < 5 * CLOCK_SECOND);
	assert_int_equal(outcome.n, 0);
	down(s);
}

/* A password that others may read, or that is none, is no password. */
static void
mail_password(void **state)
{
	struct server *s = up(ADAPTER_MAIL_PLAIN);
	struct door_host host = { .loop = s->loop };
	char path[] = "/tmp/test-mail-XXXXXX";
	int fd = mkstemp(path);
	struct mail *m;
	struct why why;

	(void)state;
	s->config.mail.user = "u";
	s->config.mail.password_file = path;
	assert_int_equal(mail_open(&s->config, &host, &m, &why), ERR_KEYFILE);
	assert_int_equal(write(fd, "secret\n", 7), 7);
	assert_int_equal(fchmod(fd, 0644), 0);
	assert_int_equal(mail_open(&s->config, &host, &m, &why), ERR_KEYFILE);
	assert_int_equal(fchmod(fd, 0600), 0);
	assert_int_equal(mail_open(&s->config, &host, &m, &why), OK);
	mail_close(m);
	close(fd);
	unlink(path);
	down(s);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mail_goes_out), cmocka_unit_test(mail_fails), cmocka_unit_test(mail_never_in_clear),
		cmocka_unit_test(mail_closed_under_way), cmocka_unit_test(mail_password),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
