/* SPDX-License-Identifier: EUPL-1.2 */
/* ask - one question to a daemon over its control socket: a line of JSON there, a line of JSON back.
 *
 * Called by the commands about daemons.
 */
#ifndef CTL_ASK_H
#define CTL_ASK_H

#include "hub/ctl/command.h"

struct arena;
struct json_t;

#define ASK_ANSWER_MAX ((size_t)16 * 1024 * 1024)
#define ASK_WAIT_MS 30000	/* for the whole answer */
#define ASK_DEFAULT_SOCKET "/run/nasoka-hub/control.sock"

/* The socket that the call names by --socket, or control.socket of the configuration named by --config, or the hub's. */
enum err ask_socket(const struct call *call, struct arena *mem, const char **ret_path, struct why *why) MUST_USE;
/* Takes the reference of `request`. The answer is an object and the caller's. ERR_PEER_DOWN: nobody listens, or there was no
 * answer in time; ERR_FORMAT: not one line of JSON. */
enum err ask(const char *path, struct json_t *request, struct json_t **ret_answer, struct why *why) MUST_USE;
/* Of an adapter that the call names, by --socket or --config: the answer of one that did not say no. ERR_REQUIRED: it names none. Takes
 * the reference of `request`. */
enum err ask_adapter(const struct call *call, struct json_t *request, struct json_t **ret_answer, struct why *why) MUST_USE;
/* Why the daemon said no, from its answer; OK when it did not. */
enum err ask_refused(const struct json_t *answer, struct why *why) MUST_USE;

#endif
