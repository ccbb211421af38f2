/* SPDX-License-Identifier: EUPL-1.2 */
/* webhook_sign - how a webhook proves who calls: Standard Webhooks' symmetric signature. Pure but for the secret's file. */
#ifndef ADAPTER_WEBHOOK_SIGN_H
#define ADAPTER_WEBHOOK_SIGN_H

#include <stdint.h>

#include "proto/base/bytes.h"
#include "proto/base/err.h"

#define WEBHOOK_SIGN_SECRET_MIN 24
#define WEBHOOK_SIGN_SECRET_MAX 64
#define WEBHOOK_SIGN_LEN 48		/* "v1," and 44 characters, with the NUL */

struct webhook_secret {
	uint8_t b[WEBHOOK_SIGN_SECRET_MAX];
	size_t n;
};

/* "whsec_<base64>", one line, in a file of mode 0600. ERR_KEYFILE. The caller wipes it. */
enum err webhook_sign_load(const char *path, struct webhook_secret *ret_secret, struct why *why) MUST_USE;
enum err webhook_sign_parse(const char *text, struct webhook_secret *ret_secret, struct why *why) MUST_USE;
/* "v1,<base64>" over "<id>.<seconds>.<body>" */
enum err webhook_sign_make(const struct webhook_secret *secret, const char *id, int64_t seconds, struct span body,
			   char to[static WEBHOOK_SIGN_LEN]) MUST_USE;

#endif
