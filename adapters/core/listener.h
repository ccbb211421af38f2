/* SPDX-License-Identifier: EUPL-1.2 */
/* listener - a listening TCP socket, and who may connect to it. */
#ifndef ADAPTER_LISTENER_H
#define ADAPTER_LISTENER_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "config/adapter_config.h"
#include "proto/base/err.h"

#define LISTENER_TEXT_LEN 64

/* Numeric host, port 0 for any. The descriptor is non-blocking and the caller's. ERR_CONFIG: the address is not one;
 * ERR_SYSTEM: taken, or not this machine's, now (its last user may still be ending, its network not be up). */
enum err listener_open(const char *host, uint16_t port, int *ret_fd, struct why *why) MUST_USE;
uint16_t listener_port(int fd);
/* Is the peer within one of the ranges? An IPv4 peer counts in its mapped form. */
bool listener_may_enter(const struct sockaddr_storage *peer, const struct adapter_cidr *ranges, size_t n_ranges);
bool listener_bytes(const struct sockaddr_storage *peer, uint8_t to[static 16]);	/* the mapped form; false: neither IPv4 nor IPv6 */
bool listener_is_loopback(const struct sockaddr_storage *peer);
void listener_text(const struct sockaddr_storage *peer, char to[static LISTENER_TEXT_LEN]);	/* "10.1.2.3", for the log */

#endif
