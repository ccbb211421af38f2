/* SPDX-License-Identifier: EUPL-1.2 */
/* form - the shapes that texts of a configuration may have. A form only looks; it never changes the text. */
#ifndef CONFIG_FORM_H
#define CONFIG_FORM_H

#include <stdbool.h>

#include "config/problem.h"

/* The shape of a text: what it must be, and the problem when it is not. */
struct form {
	bool (*is)(const char *text);
	enum problem_id problem;
};
extern const struct form form_endpoint;		/* tcp://HOST:PORT, ipc:///PATH; nothing else, and no port 0 */
extern const struct form form_listen;		/* the same, and HOST may be * */
extern const struct form form_address;		/* numeric address:port */
extern const struct form form_host;
extern const struct form form_cidr;
extern const struct form form_url;
extern const struct form form_agency;
extern const struct form form_municipality;
extern const struct form form_code;		/* small letters, digits, '-' */
extern const struct form form_record_path;	/* "child.address.municipality" */
extern const struct form form_concept;		/* "system|code" */
extern const struct form form_hl7_name;		/* goes into an HL7 v2 header: no delimiters */
extern const struct form form_origin;		/* of a log: C2SP checkpoint */

extern const struct form form_date;		/* 2026-03-02 */
extern const struct form form_mailbox;		/* of SMTP: user@host */

#endif
