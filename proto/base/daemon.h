/* SPDX-License-Identifier: EUPL-1.2 */
/* daemon - what every long-lived process owes its host: systemd's notify protocol and watchdog, no core dumps with
 * secrets in them, bounded descriptors, exit codes.
 */
#ifndef BASE_DAEMON_H
#define BASE_DAEMON_H

#include "proto/base/err.h"

struct loop;

/* Forbid core dumps and ptrace by others, raise the descriptor limit to the hard one, umask 077, ignore SIGPIPE. */
enum err daemon_init(void) MUST_USE;
void daemon_ready(struct loop *loop, const char *status);	/* READY=1, and the watchdog from then on */
void daemon_status(const char *fmt, ...) PRINTF_LIKE(1, 2);
void daemon_stopping(void);
/* Write `bytes` to `path` so that it is either the old file or the new one: temp (".name.XXXXXX" beside it), fsync, rename,
 * fsync of the folder. `mode` holds whatever the umask. ERR_FULL: no space; ERR_NOTFOUND: no such folder, or no name in
 * `path`; ERR_SYSTEM: the rest. After an error it is still one of the two, and no temp is left.
 */
enum err daemon_write_file(const char *path, const void *bytes, size_t n, unsigned mode) MUST_USE;

#endif
