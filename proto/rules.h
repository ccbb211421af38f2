/* SPDX-License-Identifier: EUPL-1.2 */
/* rules - the programme's rules as a part of the signed directory: which services there are, who may refer what to whom, and how soon.
 *
 * Agencies stand in them by kind. A directory without rules restricts nothing and sets no deadline. The hub passes them on and
 * sees nothing that they are about; the adapters keep them, on both sides. Pure.
 */
#ifndef PROTO_RULES_H
#define PROTO_RULES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "proto/base/arena.h"
#include "proto/base/err.h"

#define RULES_KINDS_MAX 128
#define RULES_SENDS_MAX 512
#define RULES_TO_MAX 64
#define RULES_DEADLINES_MAX 512
#define RULES_WORKING_DAYS_MAX 250
#define RULES_TERM_MAX_MS INT64_C(34560000000)	/* 400 days */
#define RULES_ANY "*"

struct rule_term { int64_t ms; uint32_t working_days; };	/* one of the two, or neither: not given */

struct rule_send {
	const char *from;		/* kind of agency, or "*" */
	const char *service;		/* kind of service, or "*" */
	const char **to;		/* kinds of agency, or "*" */
	size_t n_to;
};

struct rule_deadline {
	unsigned priority;		/* 1 routine, 2 urgent, 3 emergency; 0: any */
	const char *service_kind, *municipality;	/* NULL: any */
	struct rule_term registered_by, respond_by, expires;
};

struct rules {
	const char **kinds;		/* of service, in force, ascending; none: all */
	size_t n_kinds;
	struct rule_send *sends;	/* ascending by from and service; none: what the directory's may_send allows */
	size_t n_sends;
	struct rule_deadline *deadlines;
	size_t n_deadlines;
};

bool rules_is_empty(const struct rules *r);
/* Limits, codes, order, nothing twice, no empty rule: ERR_FORMAT, ERR_UNKNOWN_CODE, with the place in `why`. */
enum err rules_check(const struct rules *r, struct why *why) MUST_USE;

bool rules_has_service(const struct rules *r, const char *service_kind);
/* May an agency of kind `from` refer a child for this service to one of kind `to`? */
bool rules_may_refer(const struct rules *r, const char *from, const char *service_kind, const char *to);
/* Both, as they are refused: ERR_UNKNOWN_CODE, ERR_NOT_ALLOWED. */
enum err rules_judge(const struct rules *r, const char *from, const char *service_kind, const char *to, struct why *why) MUST_USE;
/* Of each deadline what the first rule says that fits and gives it; not given where none does. */
void rules_terms(const struct rules *r, unsigned priority, const char *service_kind, const char *municipality,
		 struct rule_deadline *ret_terms);

/* For directory.c: to and from the directory's message; NULL is no rules. ERR_TOOBIG. */
struct Hub__V1__Rules;
enum err rules_pack(const struct rules *r, struct arena *mem, struct Hub__V1__Rules **ret_m) MUST_USE;
enum err rules_unpack(const struct Hub__V1__Rules *m, struct arena *mem, struct rules *ret_rules) MUST_USE;

#endif
