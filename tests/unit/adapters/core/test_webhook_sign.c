/* SPDX-License-Identifier: EUPL-1.2 */
/* The webhook's signature, by the vector that Standard Webhooks' own libraries are tested with. */
#include "adapters/core/webhook_sign.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

/* Same id, time, body and secret: same signature as everybody else's. */
static void
vector(void **state)
{
	struct webhook_secret secret;
	char signature[WEBHOOK_SIGN_LEN];

	(void)state;
	assert_int_equal(webhook_sign_parse(SECRET "\n", &secret, NULL), OK);
	assert_int_equal(secret.n, 24);
	assert_int_equal(webhook_sign_make(&secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330,
		SPAN_LIT("{\"test\": 2432232314}"), signature), OK);
	assert_string_equal(signature, "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
}

/* What is no secret is refused. */
static void
bad_secrets(void **state)
{
	static const char *const bad[] = { "", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!", "whsec_YWJj",
					   SECRET "\n" SECRET "\n" };
	struct webhook_secret secret;
	struct why why;
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_int_equal(webhook_sign_parse(bad[i], &secret, &why), ERR_KEYFILE);
}

/* A secret that others may read is none. */
static void
modes(void **state)
{
	char path[] = "/tmp/test-webhook-XXXXXX";
	int fd = mkstemp(path);
	struct webhook_secret secret;
	struct why why;

	(void)state;
	assert_int_equal(write(fd, SECRET, sizeof(SECRET) - 1), sizeof(SECRET) - 1);
	close(fd);
	assert_int_equal(webhook_sign_load(path, &secret, &why), OK);
	assert_int_equal(chmod(path, 0640), 0);
	assert_int_equal(webhook_sign_load(path, &secret, &why), ERR_KEYFILE);
	unlink(path);
	assert_int_equal(webhook_sign_load(path, &secret, &why), ERR_KEYFILE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(vector),
		cmocka_unit_test(bad_secrets),
		cmocka_unit_test(modes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
