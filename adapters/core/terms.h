/* SPDX-License-Identifier: EUPL-1.2 */
/* terms - until when a message must be registered and answered: what its header says, from the configuration, the record and the
 * calendar. Pure.
 */
#ifndef ADAPTER_TERMS_H
#define ADAPTER_TERMS_H

#include "config/adapter_config.h"
#include "proto/calendar.h"
#include "proto/envelope.h"
#include "proto/record.h"
#include "proto/rules.h"

#define TERMS_MIN_MS CLOCK_MINUTE		/* a record's own respond_by is held between these, counted from its making */
#define TERMS_CONSENT_MS CLOCK_DAY		/* who is told that consent has changed says within it what it did */
#define TERMS_MAX_MS (400 * CLOCK_DAY)

struct terms { int64_t registered_by_ms, respond_by_ms, expires_ms; };	/* absolute; 0: none */

struct terms_from {
	const struct adapter_config *config;
	const struct rules *rules;	/* of the directory; NULL: none */
};

enum priority terms_priority(const char *code);		/* of a record; routine where it is none of the others */
/* The days that the configuration names, as numbers, into `days`, which has room for all of them. */
void terms_calendar(const struct adapter_config *config, int32_t *days, struct calendar *ret_calendar);
size_t terms_calendar_days(const struct adapter_config *config);
int64_t terms_end(const struct calendar *calendar, int64_t from_ms, const struct setting_term *term);
/* What the first of our own rules that fits says of a referral, and where it says nothing, our own defaults of its priority; where we have
 * said neither, the programme's rules; and where they say nothing, the program's defaults. */
void terms_rule(const struct terms_from *from, const struct referral *referral, struct adapter_deadlines *ret_by);
/* Of a referral made at `created_ms`: its own respond_by counts, within the limits. */
void terms_referral(const struct terms_from *from, const struct calendar *calendar, const struct referral *referral,
		    int64_t created_ms, struct terms *ret_terms);
/* Of what goes on in its thread, `transition` as kind_step gives it: questions, their answers, wishes to cancel, late offers and
 * changes of consent want an answer; others do not. */
void terms_status(const struct terms_from *from, const struct calendar *calendar, const struct referral *referral,
		  const struct status *status, int64_t created_ms, struct terms *ret_terms);

/* Of what is said in a conference's thread: an invitation wants its answers before the conference starts, nothing else wants one. */
void terms_conference(const struct terms_from *from, const struct calendar *calendar, const struct record *record,
		      enum priority priority, int64_t created_ms, struct terms *ret_terms);

#endif
