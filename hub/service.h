/* SPDX-License-Identifier: EUPL-1.2 */
/* service - the control socket: one line of JSON in, one line of JSON out, for nasokactl. The verbs stand in DESIGN.md.
 *
 * Who may connect is the socket file's mode (0660). Says sizes, ages and agencies, never a message.
 */
#ifndef HUB_SERVICE_H
#define HUB_SERVICE_H

#include "hub/hub.h"
#include "proto/base/loop.h"

struct service;

struct service_options {
	struct loop *loop;
	struct hub *hub;
	const char *path, *version, *origin;
	int64_t started_ms;
	/* Directory and sheets anew from their files; a problem in `why`. */
	enum err (*reload)(void *arg, size_t *ret_bad_sheets, struct why *why);
	void *arg;
};

enum err service_open(const struct service_options *options, struct service **ret_service, struct why *why) MUST_USE;
void service_close(struct service *service);	/* NULL is fine; removes the socket file */

#endif
