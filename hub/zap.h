/* SPDX-License-Identifier: EUPL-1.2 */
/* zap - who may connect: answers libzmq's question (RFC 27) for each CURVE handshake, from the directory's agencies.
 *
 * Bound before any other socket of the context: without a handler libzmq lets everybody in.
 */
#ifndef HUB_ZAP_H
#define HUB_ZAP_H

#include <stdint.h>

#include "proto/base/err.h"
#include "proto/base/loop.h"

#define ZAP_DOMAIN "nasoka"
#define ZAP_WATCH_MS 5000

enum zap_verdict { ZAP_YES, ZAP_NEVER /* 400: unknown key */, ZAP_LATER /* 300: not now, try again */ };

struct zap;

/* `who`: whose key it is (ZAP_YES: *ret_agency, alive until the next call); `address`: for the log. */
typedef enum zap_verdict zap_who_fn(void *arg, const uint8_t key[32], const char *address, const char **ret_agency);

enum err zap_open(void *zmq_context, struct loop *loop, zap_who_fn *who, void *arg, struct zap **ret_zap) MUST_USE;
void zap_close(struct zap *zap);	/* NULL is fine */
/* Asks the handler as libzmq does, once a ZAP_WATCH_MS, and looks whether the last question was answered. ERR_SYSTEM: twice it was
 * not, so nobody can get in any more. */
enum err zap_watch(struct zap *zap, int64_t now_ms) MUST_USE;

#endif
