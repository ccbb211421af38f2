/* SPDX-License-Identifier: EUPL-1.2 */
/* http_tls - called by the HTTP door when it opens and closes. Which combinations there may be is the configuration's to check. */
#include "adapters/core/http_tls.h"

#include <microhttpd.h>

#include "adapters/core/secret_file.h"
#include "config/adapter_config.h"

#define PRIORITIES "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

enum err
http_tls_load(const struct adapter_config *config, struct http_tls *tls, struct why *why)
{
	const char *cert = config->in_http.tls_cert_file, *key = config->in_http.tls_key_file, *ca = config->in_http.client_ca_file;
	enum err e = OK;

	*tls = (struct http_tls){ .cert = NULL };
	if (cert)
		e = secret_file_read_public(cert, &tls->cert, &tls->cert_len, why);
	if (e == OK && cert)
		e = secret_file_read(key, &tls->key, &tls->key_len, why);
	if (e == OK && ca)
		e = secret_file_read_public(ca, &tls->ca, &tls->ca_len, why);
	return e;
}

void
http_tls_options(const struct http_tls *tls, struct MHD_OptionItem *to)
{
	static char priorities[] = PRIORITIES;
	int n = 0;

	if (tls->cert) {
		to[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_CERT, 0, tls->cert };
		to[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_KEY, 0, tls->key };
		to[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_PRIORITIES, 0, priorities };
		if (tls->ca)
			to[n++] = (struct MHD_OptionItem){ MHD_OPTION_HTTPS_MEM_TRUST, 0, tls->ca };
	}
	to[n] = (struct MHD_OptionItem){ MHD_OPTION_END, 0, NULL };
}

void
http_tls_done(struct http_tls *tls)
{
	secret_file_free(tls->cert, tls->cert_len);
	secret_file_free(tls->key, tls->key_len);
	secret_file_free(tls->ca, tls->ca_len);
	*tls = (struct http_tls){ .cert = NULL };
}
