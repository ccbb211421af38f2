/* SPDX-License-Identifier: EUPL-1.2 */
/* webhook_sign - HMAC-SHA256 by GnuTLS, which the doors link already for TLS. Called by the webhook door. */
#define _GNU_SOURCE
#include "adapters/core/webhook_sign.h"

#include <gnutls/crypto.h>
#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>

#include "adapters/core/secret_file.h"

#define PREFIX "whsec_"

enum err
webhook_sign_parse(const char *text, struct webhook_secret *ret_secret, struct why *why)
{
	size_t len = strcspn(text, "\r\n");
	gnutls_datum_t in, out = { NULL, 0 };
	enum err e = OK;

	*ret_secret = (struct webhook_secret){ .n = 0 };
	if (strncmp(text, PREFIX, strlen(PREFIX)) != 0 || text[len + strspn(text + len, "\r\n")] != '\0')
		return why_set(why, ERR_KEYFILE, "secret_file", "not one line that begins with " PREFIX);
	in = (gnutls_datum_t){ (unsigned char *)(uintptr_t)(text + strlen(PREFIX)), (unsigned)(len - strlen(PREFIX)) };
	if (gnutls_base64_decode2(&in, &out) < 0)
		return why_set(why, ERR_KEYFILE, "secret_file", "not base64");
	if (out.size < WEBHOOK_SIGN_SECRET_MIN || out.size > WEBHOOK_SIGN_SECRET_MAX)
		e = why_set(why, ERR_KEYFILE, "secret_file", "a secret has 24 to 64 bytes");
	else
		memcpy(ret_secret->b, out.data, ret_secret->n = out.size);
	explicit_bzero(out.data, out.size);
	gnutls_free(out.data);
	return e;
}

enum err
webhook_sign_load(const char *path, struct webhook_secret *ret_secret, struct why *why)
{
	char *text;
	size_t len;
	enum err e;

	if ((e = secret_file_read(path, &text, &len, why)) != OK)
		return e;
	e = webhook_sign_parse(text, ret_secret, why);
	secret_file_free(text, len);
	return e;
}

enum err
webhook_sign_make(const struct webhook_secret *secret, const char *id, int64_t seconds, struct span body,
		  char to[static WEBHOOK_SIGN_LEN])
{
	uint8_t mac[32];
	gnutls_datum_t in = { mac, sizeof(mac) }, text = { NULL, 0 };
	gnutls_hmac_hd_t hmac;
	char between[32];

	if (gnutls_hmac_init(&hmac, GNUTLS_MAC_SHA256, secret->b, secret->n) < 0)
		return ERR_SYSTEM;
	snprintf(between, sizeof(between), ".%lld.", (long long)seconds);
	if (gnutls_hmac(hmac, id, strlen(id)) < 0 || gnutls_hmac(hmac, between, strlen(between)) < 0 ||
	    (body.n && gnutls_hmac(hmac, body.p, body.n) < 0)) {
		gnutls_hmac_deinit(hmac, NULL);
		return ERR_SYSTEM;
	}
	gnutls_hmac_deinit(hmac, mac);
	if (gnutls_base64_encode2(&in, &text) < 0)
		return ERR_NOMEM;
	snprintf(to, WEBHOOK_SIGN_LEN, "v1,%.*s", (int)text.size, (const char *)text.data);
	gnutls_free(text.data);
	return OK;
}
