/* SPDX-License-Identifier: EUPL-1.2 */
/* closing - one row a step: the asks whose clock it stops. A step without a row stops none. Called by intake.c. */
#include "adapters/core/closing.h"

#include <stddef.h>
#include <string.h>

#define BIT(ask) (1u << (ask))
#define DECIDES (BIT(ASK_REFERRAL) | BIT(ASK_DECISION))
#define ALL (DECIDES | BIT(ASK_QUESTIONS) | BIT(ASK_CANCEL) | BIT(ASK_OFFER))	/* not consent: that outlives the referral */

/* Steps of the recipient after the decision stop it too: whoever goes on has decided. */
static const struct { const char *transition; unsigned by_recipient, by_initiator; } rows[] = {
	{ "T03", DECIDES, 0 },
	{ "T04", 0, BIT(ASK_QUESTIONS) },
	{ "T05", DECIDES | BIT(ASK_QUESTIONS), 0 },
	{ "T06", DECIDES | BIT(ASK_QUESTIONS) | BIT(ASK_OFFER), 0 },
	{ "T07", DECIDES | BIT(ASK_QUESTIONS), 0 },
	{ "T08", DECIDES | BIT(ASK_QUESTIONS), 0 },
	{ "T09", DECIDES, 0 }, { "T10", DECIDES, 0 }, { "T11", DECIDES, 0 }, { "T12", DECIDES, 0 }, { "T13", DECIDES, 0 },
	{ "T14", DECIDES, 0 }, { "T15", DECIDES, 0 }, { "T16", DECIDES, 0 }, { "T17", DECIDES, 0 }, { "T18", DECIDES, 0 },
	{ "T19", DECIDES, 0 },
	{ "T20", 0, DECIDES | BIT(ASK_QUESTIONS) | BIT(ASK_OFFER) },	/* from now on the wish waits for its answer */
	{ "T21", ALL, 0 }, { "T22", ALL, 0 },
	{ "T23", DECIDES, 0 }, { "T24", DECIDES, 0 },
	{ "T25", 0, ALL }, { "T27", ALL, ALL }, { "T28", ALL, ALL }, { "T29", 0, ALL }, { "T30", 0, ALL },
	{ "T32", DECIDES, 0 }, { "T33", 0, BIT(ASK_OFFER) },
	{ "consent-answer", BIT(ASK_CONSENT), 0 },
	{ "transfer-answer", DECIDES, DECIDES },	/* who offers takes it back */
	{ "conference-rsvp", BIT(ASK_RSVP), 0 },
	{ "conference-decision", 0, BIT(ASK_RSVP) },	/* it was held, or will not be */
};

static const struct { const char *transition; enum ask ask; } asks[] = {
	{ "T03", ASK_QUESTIONS }, { "info-request", ASK_QUESTIONS }, { "T04", ASK_DECISION }, { "T20", ASK_CANCEL },
	{ "consent-change", ASK_CONSENT }, { "conference-invite", ASK_RSVP }, { "T32", ASK_OFFER },
};

const char *
closing_ask_name(enum ask ask)
{
	static const char *const names[] = {
		[ASK_NONE] = "", [ASK_REFERRAL] = "referral", [ASK_QUESTIONS] = "questions", [ASK_DECISION] = "decision", [ASK_CANCEL] = "cancellation",
		[ASK_CONSENT] = "consent", [ASK_RSVP] = "rsvp", [ASK_OFFER] = "late-offer",
	};

	return (size_t)ask < sizeof(names) / sizeof(names[0]) ? names[ask] : "";
}

enum ask
closing_ask(const char *transition)
{
	if (transition == NULL || strcmp(transition, "T01") == 0 || strcmp(transition, "T26") == 0)
		return ASK_REFERRAL;
	for (size_t i = 0; i < sizeof(asks) / sizeof(asks[0]); i++)
		if (strcmp(asks[i].transition, transition) == 0)
			return asks[i].ask;
	return ASK_NONE;
}

bool
closing_stops(const char *transition, enum actor actor, enum ask ask)
{
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++)
		if (strcmp(rows[i].transition, transition) == 0)
			return ((actor == ACTOR_RECIPIENT ? rows[i].by_recipient : rows[i].by_initiator) & BIT(ask)) != 0;
	return false;
}
