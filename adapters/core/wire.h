/* SPDX-License-Identifier: EUPL-1.2 */
/* wire - one TCP connection, bare or under TLS, that never blocks. The handshake happens inside the first reads and writes. */
#ifndef ADAPTER_WIRE_H
#define ADAPTER_WIRE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "proto/base/err.h"

enum { WIRE_ENDED = 0, WIRE_AGAIN = -1, WIRE_BROKEN = -2 };

struct wire;
struct wire_tls;	/* certificates, shared by connections */

/* `ca_file` not NULL: clients must show a certificate that it signed. ERR_KEYFILE: a file does not work. */
enum err wire_tls_server(const char *cert_file, const char *key_file, const char *ca_file, struct wire_tls **ret_tls, struct why *why)
	MUST_USE;
enum err wire_tls_client(const char *ca_file, struct wire_tls **ret_tls, struct why *why) MUST_USE;	/* NULL: the system's */
void wire_tls_free(struct wire_tls *tls);	/* after all its connections; NULL is fine */

/* Owns `fd`, which is non-blocking and may still be connecting; it is closed on error too. `tls` NULL: bare. `host`: whose
 * certificate a client asks for. */
enum err wire_open(int fd, const struct wire_tls *tls, const char *host, struct wire **ret_wire) MUST_USE;
void wire_close(struct wire *w);		/* NULL is fine */
int wire_fd(const struct wire *w);
/* Bytes, or one of the three above. What stays inside TLS is not seen by a poll: read until WIRE_AGAIN. */
ssize_t wire_read(struct wire *w, void *to, size_t n);
ssize_t wire_write(struct wire *w, const void *p, size_t n);
/* The LOOP_ events to poll for, by what the owner wants now; a handshake has its own mind. */
int wire_events(const struct wire *w, bool wants_read, bool wants_write);

#endif
