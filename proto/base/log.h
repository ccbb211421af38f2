/* SPDX-License-Identifier: EUPL-1.2 */
/* log - lines for operators: lossy, human, one event each. The audit log is another thing (hub/journal.h).
 *
 * Events are rows of log_events.def. Only hub.c, adapter.c, peer.c, uplink.c, the doors, service.c and the two daemons' mains
 * log; everything below returns an error. A line never holds a payload, a name, a personal number or a key.
 */
#ifndef BASE_LOG_H
#define BASE_LOG_H

#include "proto/base/err.h"

enum log_event {
#define LOG_EVENT(id, name, level, keys, text) id,
#include "proto/base/log_events.def"
#undef LOG_EVENT
	N_LOG_EVENTS
};

enum log_level { LOG_LEVEL_ERROR = 3, LOG_LEVEL_WARN = 4, LOG_LEVEL_INFO = 6, LOG_LEVEL_DEBUG = 7 };

void log_set_level(enum log_level level);	/* what is below is not written; INFO at the start */
/* "event key=value ..." on standard error, with systemd's <n> prefix when the journal listens there. Control characters
 * are escaped, what is longer than a line of 2 KiB is cut and ends in "...". A value with spaces is the caller's to quote.
 */
void log_event(enum log_event event, const char *fmt, ...) PRINTF_LIKE(2, 3);
const char *log_event_name(enum log_event event);
enum log_level log_event_level(enum log_event event);
const char *log_event_keys(enum log_event event);	/* "id from code": for the manual and the lint */
const char *log_event_text(enum log_event event);

#endif
