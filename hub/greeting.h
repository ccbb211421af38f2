/* SPDX-License-Identifier: EUPL-1.2 */
/* greeting - HELLO, WELCOME, DIRECTORY and CREDIT: one session an agency, its epoch durable before anything is said in it. */
#ifndef HUB_GREETING_H
#define HUB_GREETING_H

#include "hub/state.h"

/* A new session takes the place of the old one; the same HELLO again gets the same WELCOME. */
void greeting_on_hello(struct hub *hub, uint64_t conn, struct party *p, const struct hello *hello);
/* Its epoch is durable: WELCOME, then what the adapter lacks of directory and sheets. */
void greeting_open(struct hub *hub, struct party *p);
/* Directory and sheets that are durable and that this session has not been sent. */
void greeting_send_directory(struct hub *hub, struct party *p);
/* Grant what has been answered; always, or when a quarter of the window has gone by. */
void greeting_send_credit(struct hub *hub, struct party *p, bool always);

#endif
