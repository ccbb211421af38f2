/* SPDX-License-Identifier: EUPL-1.2 */
/* keygen - the commands that make keys: one by its use, or all that an agency, the hub, an auditor or a registrar needs.
 *
 * Secret halves go to files of mode 0600, public halves to standard output and to a file of facts. Never overwrites.
 */
#ifndef CTL_KEYGEN_H
#define CTL_KEYGEN_H

#include "hub/ctl/command.h"

extern const struct command_option keygen_one_options[], keygen_agency_options[], keygen_hub_options[], keygen_person_options[];

int keygen_one(const struct call *call);
int keygen_agency(const struct call *call);
int keygen_hub(const struct call *call);
int keygen_auditor(const struct call *call);
int keygen_registrar(const struct call *call);

#endif
