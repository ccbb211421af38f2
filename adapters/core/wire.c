/* SPDX-License-Identifier: EUPL-1.2 */
/* wire - for the two MLLP doors. GnuTLS over the descriptor itself; a session that fails in any way is broken for good. */
#define _GNU_SOURCE
#include "adapters/core/wire.h"

#include <arpa/inet.h>
#include <errno.h>
#include <gnutls/gnutls.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "adapters/core/secret_file.h"
#include "proto/base/loop.h"

#define PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct wire_tls {
	gnutls_certificate_credentials_t credentials;
	gnutls_priority_t priorities;
	bool is_server, asks_client;
};

struct wire {
	int fd;
	gnutls_session_t session;	/* NULL: bare */
	bool is_shaken;			/* the handshake is over */
};

/* -- certificates -- */

static enum err
new_tls(bool is_server, struct wire_tls **ret_tls)
{
	struct wire_tls *tls = calloc(1, sizeof(*tls));

	*ret_tls = NULL;
	if (!tls)
		return ERR_NOMEM;
	tls->is_server = is_server;
	if (gnutls_certificate_allocate_credentials(&tls->credentials) < 0 ||
	    gnutls_priority_init(&tls->priorities, PRIORITIES, NULL) < 0) {
		wire_tls_free(tls);
		return ERR_SYSTEM;
	}
	*ret_tls = tls;
	return OK;
}

static enum err
use_pair(struct wire_tls *tls, const char *cert_file, const char *key_file, struct why *why)
{
	char *cert = NULL, *key = NULL;
	size_t cert_len = 0, key_len = 0;
	gnutls_datum_t c, k;
	enum err e;
	int rc;

	if ((e = secret_file_read_public(cert_file, &cert, &cert_len, why)) != OK ||
	    (e = secret_file_read(key_file, &key, &key_len, why)) != OK)
		goto out;
	c = (gnutls_datum_t){ (unsigned char *)cert, (unsigned)cert_len };
	k = (gnutls_datum_t){ (unsigned char *)key, (unsigned)key_len };
	rc = gnutls_certificate_set_x509_key_mem(tls->credentials, &c, &k, GNUTLS_X509_FMT_PEM);
	if (rc < 0)
		e = why_set(why, ERR_KEYFILE, cert_file, "%s", gnutls_strerror(rc));
out:
	secret_file_free(cert, cert_len);
	secret_file_free(key, key_len);
	return e;
}

static enum err
trust(struct wire_tls *tls, const char *ca_file, struct why *why)
{
	int n = ca_file ? gnutls_certificate_set_x509_trust_file(tls->credentials, ca_file, GNUTLS_X509_FMT_PEM)
			: gnutls_certificate_set_x509_system_trust(tls->credentials);

	if (n <= 0)
		return why_set(why, ERR_KEYFILE, ca_file ? ca_file : "system trust", "no certificate to trust in it");
	return OK;
}

enum err
wire_tls_server(const char *cert_file, const char *key_file, const char *ca_file, struct wire_tls **ret_tls, struct why *why)
{
	enum err e = new_tls(true, ret_tls);

	if (e == OK)
		e = use_pair(*ret_tls, cert_file, key_file, why);
	if (e == OK && ca_file) {
		(*ret_tls)->asks_client = true;
		e = trust(*ret_tls, ca_file, why);
	}
	if (e != OK) {
		wire_tls_free(*ret_tls);
		*ret_tls = NULL;
	}
	return e;
}

enum err
wire_tls_client(const char *ca_file, struct wire_tls **ret_tls, struct why *why)
{
	enum err e = new_tls(false, ret_tls);

	if (e == OK && (e = trust(*ret_tls, ca_file, why)) != OK) {
		wire_tls_free(*ret_tls);
		*ret_tls = NULL;
	}
	return e;
}

void
wire_tls_free(struct wire_tls *tls)
{
	if (!tls)
		return;
	if (tls->credentials)
		gnutls_certificate_free_credentials(tls->credentials);
	if (tls->priorities)
		gnutls_priority_deinit(tls->priorities);
	free(tls);
}

/* -- connections -- */

static bool
is_address(const char *host)
{
	uint8_t addr[16];

	return inet_pton(AF_INET, host, addr) == 1 || inet_pton(AF_INET6, host, addr) == 1;
}

static bool
start_tls(struct wire *w, const struct wire_tls *tls, const char *host)
{
	unsigned flags = GNUTLS_NONBLOCK | GNUTLS_NO_SIGNAL | (tls->is_server ? GNUTLS_SERVER : GNUTLS_CLIENT);

	if (gnutls_init(&w->session, flags) < 0)
		return false;
	if (gnutls_priority_set(w->session, tls->priorities) < 0 ||
	    gnutls_credentials_set(w->session, GNUTLS_CRD_CERTIFICATE, tls->credentials) < 0)
		return false;
	gnutls_transport_set_int(w->session, w->fd);
	gnutls_handshake_set_timeout(w->session, GNUTLS_INDEFINITE_TIMEOUT);	/* its owner has a clock */
	if (tls->is_server) {
		if (tls->asks_client)
			gnutls_certificate_server_set_request(w->session, GNUTLS_CERT_REQUIRE);
		if (tls->asks_client)
			gnutls_session_set_verify_cert(w->session, NULL, 0);
		return true;
	}
	gnutls_session_set_verify_cert(w->session, host, 0);
	return is_address(host) || gnutls_server_name_set(w->session, GNUTLS_NAME_DNS, host, strlen(host)) == 0;
}

enum err
wire_open(int fd, const struct wire_tls *tls, const char *host, struct wire **ret_wire)
{
	struct wire *w = calloc(1, sizeof(*w));

	*ret_wire = NULL;
	if (!w) {
		close(fd);
		return ERR_NOMEM;
	}
	w->fd = fd;
	w->is_shaken = tls == NULL;
	if (tls && !start_tls(w, tls, host)) {
		wire_close(w);
		return ERR_PEER_DOWN;
	}
	*ret_wire = w;
	return OK;
}

void
wire_close(struct wire *w)
{
	if (!w)
		return;
	if (w->session) {
		if (w->is_shaken)
			(void)gnutls_bye(w->session, GNUTLS_SHUT_WR);	/* as far as it goes without waiting */
		gnutls_deinit(w->session);
	}
	close(w->fd);
	free(w);
}

int
wire_fd(const struct wire *w)
{
	return w->fd;
}

static ssize_t
tls_result(ssize_t n)
{
	if (n >= 0)
		return n;
	return n == GNUTLS_E_AGAIN || n == GNUTLS_E_INTERRUPTED ? WIRE_AGAIN : WIRE_BROKEN;
}

static ssize_t
bare_result(ssize_t n)
{
	if (n >= 0)
		return n;
	return errno == EAGAIN || errno == EWOULDBLOCK || errno == EINTR || errno == ENOTCONN ? WIRE_AGAIN : WIRE_BROKEN;
}

/* OK of a sort: 1 when the handshake is over. */
static ssize_t
shake(struct wire *w)
{
	int rc;

	if (w->is_shaken)
		return 1;
	do {	/* warnings are nothing to us */
		rc = gnutls_handshake(w->session);
	} while (rc < 0 && rc != GNUTLS_E_AGAIN && rc != GNUTLS_E_INTERRUPTED && !gnutls_error_is_fatal(rc));
	if (rc < 0)
		return tls_result(rc);
	w->is_shaken = true;
	return 1;
}

ssize_t
wire_read(struct wire *w, void *to, size_t n)
{
	ssize_t got;

	if (!w->session)
		return bare_result(recv(w->fd, to, n, 0));
	if ((got = shake(w)) < 0)
		return got;
	got = gnutls_record_recv(w->session, to, n);
	return got == GNUTLS_E_PREMATURE_TERMINATION ? WIRE_ENDED : tls_result(got);
}

ssize_t
wire_write(struct wire *w, const void *p, size_t n)
{
	ssize_t done;

	if (!w->session)
		return bare_result(send(w->fd, p, n, MSG_NOSIGNAL));
	if ((done = shake(w)) < 0)
		return done;
	return tls_result(gnutls_record_send(w->session, p, n));
}

int
wire_events(const struct wire *w, bool wants_read, bool wants_write)
{
	if (!w->is_shaken && (wants_read || wants_write))
		return gnutls_record_get_direction(w->session) ? LOOP_OUT : LOOP_IN;
	return (wants_read ? LOOP_IN : 0) | (wants_write ? LOOP_OUT : 0);
}
