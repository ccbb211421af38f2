/* SPDX-License-Identifier: EUPL-1.2 */
/* secret_file - small files with secrets of the doors: tokens, the webhook's secret, TLS keys. Never through a link, never
 * when group or others may read them.
 */
#ifndef ADAPTER_SECRET_FILE_H
#define ADAPTER_SECRET_FILE_H

#include <stddef.h>

#include "proto/base/err.h"

#define SECRET_FILE_MAX (64 * 1024)

/* The whole file and a NUL behind it; the caller gives it back to secret_file_free. ERR_KEYFILE with what is wrong. */
enum err secret_file_read(const char *path, char **ret_text, size_t *ret_len, struct why *why) MUST_USE;
/* The same without the demand on its mode: certificates. */
enum err secret_file_read_public(const char *path, char **ret_text, size_t *ret_len, struct why *why) MUST_USE;
void secret_file_free(char *text, size_t len);	/* wipes; NULL is fine */

#endif
