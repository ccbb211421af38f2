/* SPDX-License-Identifier: EUPL-1.2 */
/* closing - which records answer which: whose respond_by a step stops. One table, pure. */
#ifndef ADAPTER_CLOSING_H
#define ADAPTER_CLOSING_H

#include <stdbool.h>

#include "proto/lifecycle.h"

/* What wants an answer by its respond_by. */
enum ask {
	ASK_NONE,
	ASK_REFERRAL,	/* T01, T26: the recipient decides */
	ASK_QUESTIONS,	/* T03: the initiator answers */
	ASK_DECISION,	/* T04: the questions are answered, the recipient decides after all */
	ASK_CANCEL,	/* T20: the recipient agrees, or says that it was done already */
	ASK_CONSENT,	/* consent has changed: the recipient says what it did with what it holds */
	ASK_RSVP,	/* an invitation to a conference: each member says whether it comes */
	ASK_OFFER,	/* T32 of the recipient, late: the initiator takes it or not */
};

/* How it is called in a list: "late-offer". "" for none. */
const char *closing_ask_name(enum ask ask);
/* What a record asks for; `transition` as kind_step gives it: of a step, or the kind's code. NULL: the referral itself. */
enum ask closing_ask(const char *transition);
/* Does the step `transition` of `actor` stop the clock of an `ask`? It answers one of the other side; an ending of the matter, or a
 * wish that takes the place of another, stops one's own. */
bool closing_stops(const char *transition, enum actor actor, enum ask ask);

#endif
