/* SPDX-License-Identifier: EUPL-1.2 */
/* The HTTP door's certificate and key: read as the configuration says, and said to libmicrohttpd whole or not at all. */
#include "adapters/core/http_tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <microhttpd.h>

#include "config/adapter_config.h"
#include "tests/support/tls_files.h"

static size_t
count_options(const struct http_tls *tls)
{
	struct MHD_OptionItem options[HTTP_TLS_OPTIONS];
	size_t n = 0;

	http_tls_options(tls, options);
	while (options[n].option != MHD_OPTION_END)
		n++;
	return n;
}

/* Without a certificate there is no TLS; with one there are its key and our ciphers, with an authority that as well. */
static void
options(void **state)
{
	struct adapter_config config = { .agency = "gp-1" };
	struct tls_files files;
	struct http_tls tls;
	struct why why;

	(void)state;
	assert_int_equal(http_tls_load(&config, &tls, &why), OK);
	assert_int_equal(count_options(&tls), 0);
	http_tls_done(&tls);
	tls_files_make(&files, "adapter.example");
	config.in_http.tls_cert_file = files.cert;
	config.in_http.tls_key_file = files.key;
	assert_int_equal(http_tls_load(&config, &tls, &why), OK);
	assert_int_equal(count_options(&tls), 3);
	http_tls_done(&tls);
	config.in_http.client_ca_file = files.cert;
	assert_int_equal(http_tls_load(&config, &tls, &why), OK);
	assert_int_equal(count_options(&tls), 4);
	http_tls_done(&tls);
	assert_int_equal(count_options(&tls), 0);
	tls_files_remove(&files);
}

/* A key that others may read, or a file that is not there, is told; what was read before it is given back. */
static void
files_refused(void **state)
{
	struct adapter_config config = { .agency = "gp-1" };
	struct tls_files files;
	struct http_tls tls;
	struct why why;

	(void)state;
	tls_files_make(&files, "adapter.example");
	config.in_http.tls_cert_file = files.cert;
	config.in_http.tls_key_file = files.key;
	assert_int_equal(chmod(files.key, 0644), 0);
	assert_int_equal(http_tls_load(&config, &tls, &why), ERR_KEYFILE);
	http_tls_done(&tls);
	assert_int_equal(chmod(files.key, 0600), 0);
	config.in_http.client_ca_file = "/nonexistent/ca.pem";
	assert_int_equal(http_tls_load(&config, &tls, &why), ERR_KEYFILE);
	http_tls_done(&tls);
	tls_files_remove(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options),
		cmocka_unit_test(files_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
