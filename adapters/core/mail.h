/* SPDX-License-Identifier: EUPL-1.2 */
/* mail - hands mails to the configured SMTP server, under TLS, one at a time, beside the process's loop. What goes and when is
 * mailing.h's; nothing is kept here.
 */
#ifndef ADAPTER_MAIL_H
#define ADAPTER_MAIL_H

#include "adapters/core/door_host.h"
#include "adapters/core/mailing.h"
#include "config/adapter_config.h"

#define MAIL_CONNECT_MS 10000	/* or the whole timeout, if that is less */
#define MAIL_PASSWORD_MAX 256

struct mail;

/* config->mail is on; `config` and `host` are borrowed. Closed after the loop has ended
 * and before it is freed: a mail under way is broken off, within a second or two. ERR_KEYFILE: the password. */
enum err mail_open(const struct adapter_config *config, const struct door_host *host, struct mail **ret_mail, struct why *why) MUST_USE;
void mail_close(struct mail *mail);		/* NULL is fine */
struct mailer *mail_mailer(struct mail *mail);

#endif
