/* SPDX-License-Identifier: EUPL-1.2 */
/* listener - the same for the HTTP and the MLLP door; addresses are compared as 16 bytes, IPv4 in its mapped form. */
#define _GNU_SOURCE
#include "adapters/core/listener.h"

#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#define BACKLOG 128	/* twice what a door has places */

static bool
parse_address(const char *host, uint16_t port, struct sockaddr_storage *ret_addr, socklen_t *ret_len)
{
	struct sockaddr_in *v4 = (struct sockaddr_in *)ret_addr;
	struct sockaddr_in6 *v6 = (struct sockaddr_in6 *)ret_addr;

	memset(ret_addr, 0, sizeof(*ret_addr));
	if (inet_pton(AF_INET, host, &v4->sin_addr) == 1) {
		v4->sin_family = AF_INET;
		v4->sin_port = htons(port);
		*ret_len = sizeof(*v4);
		return true;
	}
	if (inet_pton(AF_INET6, host, &v6->sin6_addr) == 1) {
		v6->sin6_family = AF_INET6;
		v6->sin6_port = htons(port);
		*ret_len = sizeof(*v6);
		return true;
	}
	return false;
}

enum err
listener_open(const char *host, uint16_t port, int *ret_fd, struct why *why)
{
	struct sockaddr_storage addr;
	socklen_t len;
	int one = 1, fd;

	*ret_fd = -1;
	if (!parse_address(host, port, &addr, &len))
		return why_set(why, ERR_CONFIG, "listen", "not a numeric address");
	fd = socket(addr.ss_family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return why_set(why, ERR_SYSTEM, "listen", "socket: %s", strerror(errno));
	if (setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
	    bind(fd, (struct sockaddr *)&addr, len) < 0 || listen(fd, BACKLOG) < 0) {
		int why_not = errno;

		close(fd);
		return why_set(why, err_from_errno(why_not, ERR_CONFIG), "listen", "%s port %u: %s", host, (unsigned)port, strerror(why_not));
	}
	*ret_fd = fd;
	return OK;
}

uint16_t
listener_port(int fd)
{
	union {
		struct sockaddr any;
		struct sockaddr_in v4;
		struct sockaddr_in6 v6;
	} addr = { .v6 = { .sin6_port = 0 } };
	socklen_t len = sizeof(addr);

	if (getsockname(fd, &addr.any, &len) < 0)
		return 0;
	return ntohs(addr.any.sa_family == AF_INET6 ? addr.v6.sin6_port : addr.v4.sin_port);
}

bool
listener_bytes(const struct sockaddr_storage *peer, uint8_t to[static 16])
{
	if (peer->ss_family == AF_INET6) {
		memcpy(to, &((const struct sockaddr_in6 *)peer)->sin6_addr, 16);
		return true;
	}
	if (peer->ss_family != AF_INET)
		return false;
	memset(to, 0, 10);
	memset(to + 10, 0xFF, 2);
	memcpy(to + 12, &((const struct sockaddr_in *)peer)->sin_addr, 4);
	return true;
}

static bool
is_within(const uint8_t addr[16], const struct adapter_cidr *range)
{
	size_t whole = range->bits / 8u;
	unsigned rest = range->bits % 8u;

	if (memcmp(addr, range->addr, whole) != 0)
		return false;
	return rest == 0 || (addr[whole] ^ range->addr[whole]) >> (8 - rest) == 0;
}

bool
listener_may_enter(const struct sockaddr_storage *peer, const struct adapter_cidr *ranges, size_t n_ranges)
{
	uint8_t addr[16];
	size_t i;

	if (!listener_bytes(peer, addr))
		return false;
	for (i = 0; i < n_ranges; i++)
		if (is_within(addr, &ranges[i]))
			return true;
	return false;
}

bool
listener_is_loopback(const struct sockaddr_storage *peer)
{
	static const struct adapter_cidr loopback[] = {
		{ .addr = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xFF, 0xFF, 127 }, .bits = 104 },
		{ .addr = { 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1 }, .bits = 128 },
	};

	return listener_may_enter(peer, loopback, 2);
}

void
listener_text(const struct sockaddr_storage *peer, char to[static LISTENER_TEXT_LEN])
{
	const void *addr = peer->ss_family == AF_INET6 ? (const void *)&((const struct sockaddr_in6 *)peer)->sin6_addr
						       : (const void *)&((const struct sockaddr_in *)peer)->sin_addr;

	if (!inet_ntop(peer->ss_family, addr, to, LISTENER_TEXT_LEN))
		snprintf(to, LISTENER_TEXT_LEN, "unknown");
}
