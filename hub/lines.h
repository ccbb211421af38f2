/* SPDX-License-Identifier: EUPL-1.2 */
/* lines - the connections that stand at the ROUTER, by descriptor: whose they are, and when they were last heard. Pure.
 *
 * libzmq lets in whoever has an enrolled key, as often as it likes, and cannot end one peer's session. So connections are counted
 * by agency from the moment of their admission, and those that say nothing are named, to be shut down by their descriptor.
 */
#ifndef HUB_LINES_H
#define HUB_LINES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LINES_FD_MAX 65536	/* descriptors from here on are not watched */

struct lines;

struct lines *lines_new(size_t per_agency, size_t total, int64_t silent_ms);	/* NULL only without memory */
void lines_free(struct lines *l);		/* NULL is fine */

void lines_open(struct lines *l, int fd, int64_t now_ms);	/* accepted, nobody's yet */
void lines_close(struct lines *l, int fd);
/* The last one accepted or one before it has proved to be of this agency: may it come in? Counted if so, until it is heard or `silent_ms` is over. */
bool lines_admit(struct lines *l, const char *agency, int64_t now_ms);
void lines_heard(struct lines *l, int fd, const char *agency, int64_t now_ms);
size_t lines_of(const struct lines *l, const char *agency, int64_t now_ms);	/* heard, and admitted and not heard yet */
void lines_refresh(struct lines *l, int64_t now_ms);	/* nobody could be heard until now */
/* A descriptor on which nothing came for `silent_ms`, each once a `silent_ms`; -1: none. */
int lines_next_silent(struct lines *l, int64_t now_ms);

#endif
