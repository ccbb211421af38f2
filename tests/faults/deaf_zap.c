/* SPDX-License-Identifier: EUPL-1.2 */
/* deaf_zap - preloaded into nasoka-hub by acts_net.py: the handler that says who may connect seems to be bound, and is not there. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <string.h>
#include <zmq.h>

int
zmq_bind(void *socket, const char *endpoint)
{
	int (*real)(void *, const char *);

	if (strcmp(endpoint, "inproc://zeromq.zap.01") == 0)
		return 0;
	*(void **)&real = dlsym(RTLD_NEXT, "zmq_bind");
	return real(socket, endpoint);
}
