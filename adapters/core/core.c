/* SPDX-License-Identifier: EUPL-1.2 */
/* core - the few things that every file of the core does through the adapter's links: a line for operators, randomness, a frame. */
#include "adapters/core/core.h"

#include <stdarg.h>
#include <stdio.h>

void
core_tell(struct adapter *a, enum log_event event, const char *fmt, ...)
{
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	a->p.links.tell(a->p.links.arg, event, text);
}

void
core_random(struct adapter *a, void *to, size_t n)
{
	a->p.links.random(a->p.links.arg, to, n);
}

enum err
core_send(struct adapter *a, struct frame *frame)
{
	struct span bytes;
	enum err e;

	if ((e = frame_encode(frame, a->mem, &bytes)) != OK)
		return e;
	return a->p.links.send(a->p.links.arg, bytes);
}
