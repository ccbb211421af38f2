/* SPDX-License-Identifier: EUPL-1.2 */
/* offers - nasokactl services and announce: who offers what where with room, and what one's own agency says of that.
 *
 * Asked of an adapter over its control socket. Called by nasokactl.c through the table of commands.
 */
#ifndef CTL_OFFERS_H
#define CTL_OFFERS_H

#include "hub/ctl/command.h"

#define OFFERS_FILE_MAX ((size_t)1024 * 1024)

extern const struct command_option offers_services_options[], offers_announce_options[];

int offers_services(const struct call *call);
/* FILE is an announcement, or a list of them; a service's id instead of it changes what options say. */
int offers_announce(const struct call *call);

#endif
