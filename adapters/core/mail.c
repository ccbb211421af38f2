/* SPDX-License-Identifier: EUPL-1.2 */
/* mail - libcurl's SMTP in a thread of its own for each mail, because it waits for the server's last answers even through its
 * non-blocking interface; the loop is told over an eventfd, and nobody waits for a slow server but that thread.
 *
 * The thread has its own handle and shares nothing that changes while it runs but `is_stopping`. The text and the password are wiped
 * when they are not needed any more. Without TLS nothing is said to a server that is not on this machine
 * (config/adapter_deadlines.c), and STARTTLS that the server does not offer is a failure, never a plain connection.
 */
#include "adapters/core/mail.h"

#include <curl/curl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "adapters/core/secret_file.h"
#include "proto/base/clock.h"

#define URL_LEN 320

struct mail {
	const struct adapter_config *config;
	const struct door_host *host;
	struct mailer mailer;
	char url[URL_LEN];
	char *password;
	size_t password_n;
	struct curl_slist *to;
	int event_fd;			/* the thread is done */
	struct loop_item *item;
	bool is_running, is_global;
	atomic_bool is_stopping;
	/* the thread's while it runs */
	pthread_t thread;
	CURL *easy;
	uint8_t *text;
	size_t text_n, text_sent;
	enum err outcome;
};

/* -- the thread -- */

static size_t
on_read(char *to, size_t each, size_t n, void *arg)
{
	struct mail *m = arg;
	size_t left = m->text_n - m->text_sent;

	n *= each;
	n = n < left ? n : left;
	if (n > 0)
		memcpy(to, m->text + m->text_sent, n);
	m->text_sent += n;
	return n;
}

/* Called every second or so, also while a server is silent; not 0 ends the transfer. */
static int
on_progress(void *arg, curl_off_t down_all, curl_off_t down, curl_off_t up_all, curl_off_t up)
{
	struct mail *m = arg;

	(void)down_all;
	(void)down;
	(void)up_all;
	(void)up;
	return atomic_load(&m->is_stopping);
}

static void *
run(void *arg)
{
	struct mail *m = arg;
	CURLcode code = curl_easy_perform(m->easy);
	const uint64_t one = 1;
	long answer = 0;

	curl_easy_getinfo(m->easy, CURLINFO_RESPONSE_CODE, &answer);
	/* a server that answered has refused; people may mend what it calls permanent, too */
	m->outcome = code == CURLE_OK ? OK : answer >= 400 ? ERR_PEER_REFUSED : ERR_PEER_DOWN;
	curl_easy_cleanup(m->easy);	/* says good bye */
	m->easy = NULL;
	(void)!write(m->event_fd, &one, sizeof(one));
	return NULL;
}

/* -- the loop -- */

static void
drop_text(struct mail *m)
{
	if (m->text)
		explicit_bzero(m->text, m->text_n);
	free(m->text);
	m->text = NULL;
	m->text_n = m->text_sent = 0;
}

static void
end_thread(struct mail *m)
{
	pthread_join(m->thread, NULL);
	m->is_running = false;
	drop_text(m);
}

static void
on_done(void *arg, int events)
{
	struct mail *m = arg;
	uint64_t n;
	enum err e;

	(void)events;
	if (read(m->event_fd, &n, sizeof(n)) != sizeof(n) || !m->is_running)
		return;
	end_thread(m);
	if (err_is_fatal(e = adapter_mailed(m->host->adapter, m->outcome)))
		m->host->on_fatal(m->host->arg, e);
}

/* -- a transfer -- */

static bool
set_options(struct mail *m)
{
	const struct adapter_config *c = m->config;
	long timeout_ms = (long)c->mail.timeout_ms;
	CURL *easy = m->easy;

	return curl_easy_setopt(easy, CURLOPT_URL, m->url) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "smtp,smtps") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_PROXY, "") == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_NOPROGRESS, 0L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, on_progress) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_XFERINFODATA, m) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_USE_SSL,
				(long)(c->mail.tls == ADAPTER_MAIL_PLAIN ? CURLUSESSL_NONE : CURLUSESSL_ALL)) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_TIMEOUT_MS, timeout_ms) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_SERVER_RESPONSE_TIMEOUT, timeout_ms / 1000 + 1) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS,
				timeout_ms < MAIL_CONNECT_MS ? timeout_ms : (long)MAIL_CONNECT_MS) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAIL_FROM, c->mail.from) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_MAIL_RCPT, m->to) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_UPLOAD, 1L) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_READFUNCTION, on_read) == CURLE_OK &&
	       curl_easy_setopt(easy, CURLOPT_READDATA, m) == CURLE_OK &&
	       (!c->mail.user || (curl_easy_setopt(easy, CURLOPT_USERNAME, c->mail.user) == CURLE_OK &&
				  curl_easy_setopt(easy, CURLOPT_PASSWORD, m->password) == CURLE_OK)) &&
	       (!c->mail.ca_file || curl_easy_setopt(easy, CURLOPT_CAINFO, c->mail.ca_file) == CURLE_OK);
}

static enum err
send_text(void *arg, struct span text)
{
	struct mail *m = arg;

	if (m->is_running)
		return ERR_BUSY;
	if (!(m->text = malloc(text.n + 1)) || !(m->easy = curl_easy_init()))
		goto fail;
	memcpy(m->text, text.p, text.n);
	m->text_n = text.n;
	if (!set_options(m) || pthread_create(&m->thread, NULL, run, m) != 0)
		goto fail;
	m->is_running = true;
	return OK;
fail:
	curl_easy_cleanup(m->easy);
	m->easy = NULL;
	drop_text(m);
	return ERR_BUSY;
}

/* -- opening -- */

static enum err
load_password(struct mail *m, struct why *why)
{
	enum err e;

	if (m->config->mail.password_file == NULL)
		return OK;
	if ((e = secret_file_read(m->config->mail.password_file, &m->password, &m->password_n, why)) != OK)
		return e;
	m->password[strcspn(m->password, "\r\n")] = '\0';
	if (m->password[0] == '\0' || strlen(m->password) > MAIL_PASSWORD_MAX)
		return why_set(why, ERR_KEYFILE, "mail.password_file", "one line of 1 to %d bytes", MAIL_PASSWORD_MAX);
	return OK;
}

static enum err
make_handles(struct mail *m)
{
	const struct adapter_config *c = m->config;
	bool is_v6 = strchr(c->mail.server, ':') != NULL;

	snprintf(m->url, sizeof(m->url), "%s://%s%s%s:%u", c->mail.tls == ADAPTER_MAIL_TLS ? "smtps" : "smtp", is_v6 ? "[" : "",
		 c->mail.server, is_v6 ? "]" : "", c->mail.port);
	if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK)
		return ERR_SYSTEM;
	m->is_global = true;
	for (size_t i = 0; i < c->mail.n_to; i++) {
		struct curl_slist *grown = curl_slist_append(m->to, c->mail.to[i]);

		if (grown == NULL)
			return ERR_NOMEM;
		m->to = grown;
	}
	m->event_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return m->event_fd >= 0 ? OK : ERR_SYSTEM;
}

enum err
mail_open(const struct adapter_config *config, const struct door_host *host, struct mail **ret_mail, struct why *why)
{
	struct mail *m = calloc(1, sizeof(*m));
	enum err e;

	*ret_mail = NULL;
	if (!m)
		return ERR_NOMEM;
	m->config = config;
	m->host = host;
	m->event_fd = -1;
	m->mailer = (struct mailer){ .send = send_text, .arg = m };
	if ((e = load_password(m, why)) != OK || (e = make_handles(m)) != OK) {
		mail_close(m);
		return e;
	}
	m->item = loop_add_fd(host->loop, m->event_fd, LOOP_IN, on_done, m);
	*ret_mail = m;
	return OK;
}

void
mail_close(struct mail *m)
{
	if (!m)
		return;
	atomic_store(&m->is_stopping, true);
	if (m->is_running)
		end_thread(m);
	if (m->item)
		loop_del(m->host->loop, m->item);
	if (m->event_fd >= 0)
		close(m->event_fd);
	curl_slist_free_all(m->to);
	if (m->is_global)
		curl_global_cleanup();
	secret_file_free(m->password, m->password_n);
	free(m);
}

struct mailer *
mail_mailer(struct mail *m)
{
	return &m->mailer;
}
