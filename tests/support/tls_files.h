/* SPDX-License-Identifier: EUPL-1.2 */
/* tls_files - a certificate of its own making and its key, as PEM files: server, client and authority in one. */
#ifndef TEST_TLS_FILES_H
#define TEST_TLS_FILES_H

#include <gnutls/gnutls.h>
#include <gnutls/x509.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

struct tls_files {
	char dir[64], cert[96], key[96];
};

static inline void
tls_files_write(const char *path, const gnutls_datum_t *pem)
{
	FILE *f = fopen(path, "w");

	if (!f || fwrite(pem->data, 1, pem->size, f) != pem->size || fclose(f) != 0 || chmod(path, 0600) < 0)
		abort();
}

static inline void
tls_files_make(struct tls_files *t, const char *host)
{
	static const uint8_t loopback[4] = { 127, 0, 0, 1 };
	gnutls_x509_privkey_t key;
	gnutls_x509_crt_t cert;
	gnutls_datum_t pem;
	uint8_t serial = 1;

	snprintf(t->dir, sizeof(t->dir), "/tmp/test-tls-XXXXXX");
	if (!mkdtemp(t->dir))
		abort();
	snprintf(t->cert, sizeof(t->cert), "%s/cert.pem", t->dir);
	snprintf(t->key, sizeof(t->key), "%s/key.pem", t->dir);
	gnutls_x509_privkey_init(&key);
	gnutls_x509_privkey_generate(key, GNUTLS_PK_ECDSA, GNUTLS_CURVE_TO_BITS(GNUTLS_ECC_CURVE_SECP256R1), 0);
	gnutls_x509_crt_init(&cert);
	gnutls_x509_crt_set_version(cert, 3);
	gnutls_x509_crt_set_serial(cert, &serial, 1);
	gnutls_x509_crt_set_activation_time(cert, time(NULL) - 60);
	gnutls_x509_crt_set_expiration_time(cert, time(NULL) + 3600);
	gnutls_x509_crt_set_dn_by_oid(cert, GNUTLS_OID_X520_COMMON_NAME, 0, host, (unsigned)strlen(host));
	gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_DNSNAME, host, (unsigned)strlen(host), GNUTLS_FSAN_SET);
	gnutls_x509_crt_set_subject_alt_name(cert, GNUTLS_SAN_IPADDRESS, loopback, 4, GNUTLS_FSAN_APPEND);
	gnutls_x509_crt_set_basic_constraints(cert, 1, -1);
	gnutls_x509_crt_set_key(cert, key);
	if (gnutls_x509_crt_sign2(cert, cert, key, GNUTLS_DIG_SHA256, 0) < 0)
		abort();
	gnutls_x509_crt_export2(cert, GNUTLS_X509_FMT_PEM, &pem);
	tls_files_write(t->cert, &pem);
	gnutls_free(pem.data);
	gnutls_x509_privkey_export2(key, GNUTLS_X509_FMT_PEM, &pem);
	tls_files_write(t->key, &pem);
	gnutls_free(pem.data);
	gnutls_x509_crt_deinit(cert);
	gnutls_x509_privkey_deinit(key);
}

static inline void
tls_files_remove(struct tls_files *t)
{
	unlink(t->cert);
	unlink(t->key);
	rmdir(t->dir);
}

#endif
