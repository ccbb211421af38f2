/* SPDX-License-Identifier: EUPL-1.2 */
/* Who may connect: ranges of addresses, IPv4 and IPv6. */
#include "adapters/core/listener.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

static struct sockaddr_storage
peer(const char *text)
{
	struct sockaddr_storage addr = { 0 };

	if (inet_pton(AF_INET, text, &((struct sockaddr_in *)&addr)->sin_addr) == 1)
		addr.ss_family = AF_INET;
	else if (inet_pton(AF_INET6, text, &((struct sockaddr_in6 *)&addr)->sin6_addr) == 1)
		addr.ss_family = AF_INET6;
	return addr;
}

static struct adapter_cidr
range(const char *text, unsigned bits)
{
	struct adapter_cidr r = { .bits = (uint8_t)bits };

	assert_int_equal(inet_pton(AF_INET6, text, r.addr), 1);
	return r;
}

/* An address is within a range when its first bits are the range's, at any number of bits. */
static void
ranges(void **state)
{
	static const struct {
		const char *peer, *range;
		unsigned bits;
		bool is_in;
	} rows[] = {
		{ "10.1.2.3", "::ffff:10.1.2.3", 128, true },
		{ "10.1.2.4", "::ffff:10.1.2.3", 128, false },
		{ "10.1.2.4", "::ffff:10.1.2.0", 120, true },
		{ "10.1.3.0", "::ffff:10.1.2.0", 120, false },
		{ "10.1.3.255", "::ffff:10.1.2.0", 119, true },
		{ "10.1.4.0", "::ffff:10.1.2.0", 119, false },
		{ "192.168.0.1", "::ffff:0.0.0.0", 96, true },
		{ "2001:db8::1", "::ffff:0.0.0.0", 96, false },
		{ "::ffff:10.1.2.3", "::ffff:10.1.2.0", 120, true },
		{ "2001:db8:1::5", "2001:db8::", 32, true },
		{ "2001:db9::5", "2001:db8::", 32, false },
		{ "2001:db9::5", "2001:db8::", 31, true },
		{ "2001:db9::5", "::", 0, true },
	};
	size_t i;

	(void)state;
	for (i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		struct sockaddr_storage addr = peer(rows[i].peer);
		struct adapter_cidr r = range(rows[i].range, rows[i].bits);

		assert_int_equal(listener_may_enter(&addr, &r, 1), rows[i].is_in);
	}
}

/* Nobody is within no range, a peer that is no internet address in none. */
static void
nobody(void **state)
{
	struct sockaddr_storage addr = peer("10.1.2.3"), local = { .ss_family = AF_UNIX };
	struct adapter_cidr all = range("::", 0);

	(void)state;
	assert_false(listener_may_enter(&addr, &all, 0));
	assert_false(listener_may_enter(&local, &all, 1));
}

static void
loopback(void **state)
{
	struct sockaddr_storage v4 = peer("127.8.9.1"), v6 = peer("::1"), mapped = peer("::ffff:127.0.0.1"), other = peer("128.0.0.1");

	(void)state;
	assert_true(listener_is_loopback(&v4));
	assert_true(listener_is_loopback(&v6));
	assert_true(listener_is_loopback(&mapped));
	assert_false(listener_is_loopback(&other));
}

/* What is no address is an error of the configuration; one that is taken now may be free at the next start. */
static void
opening(void **state)
{
	struct why why = { 0 };
	int fd, second;

	(void)state;
	assert_int_equal(listener_open("127.0.0.1", 0, &fd, &why), OK);
	assert_true(listener_port(fd) > 0);
	assert_int_equal(listener_open("127.0.0.1", listener_port(fd), &second, &why), ERR_SYSTEM);
	assert_int_equal(listener_open("localhost", 0, &second, &why), ERR_CONFIG);
	assert_int_equal(listener_open("203.0.113.1", 0, &second, &why), ERR_SYSTEM);
	assert_int_equal(second, -1);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ranges),
		cmocka_unit_test(nobody),
		cmocka_unit_test(loopback),
		cmocka_unit_test(opening),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
