/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_shelf - a lookup over a few subjects for the tests of what FHIR clients search and read: a referral received, a step of
 * the other side on a referral of ours, that referral itself (declined). */
#ifndef TEST_FHIR_SHELF_H
#define TEST_FHIR_SHELF_H

#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

#define SHELF_STEP_ID "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e61"
#define SHELF_OURS_ID "018f3c5e-7b1a-7c33-9f00-0a1b2c3d4e62"
#define SHELF_N 3

struct shelf {
	struct subject items[SHELF_N];
	const struct record *referral, *accepted;
	size_t at;
	unsigned n_opened;
	bool is_gone;
};

static inline bool
shelf_next(void *arg, struct subject *ret_subject)
{
	struct shelf *s = arg;

	if (s->at == SHELF_N)
		return false;
	*ret_subject = s->items[s->at++];
	return true;
}

static inline enum err
shelf_open(void *arg, struct subject *subject)
{
	struct shelf *s = arg;

	s->n_opened++;
	if (s->is_gone)
		return ERR_GONE;
	subject->p.referral = s->referral;
	if (!subject->is_referral)
		subject->record = s->accepted;
	return OK;
}

static inline struct shelf
shelf_new(struct arena *mem)
{
	struct shelf s = {
		.referral = fixture_item(mem, "fhir-referral-message.json")->record,
		.accepted = fixture_item(mem, "fhir-status-accepted.json")->record,
	};

	s.items[0] = (struct subject){
		.p = { .msg_id = FIXTURE_MSG_ID, .thread = "00", .state = "requested", .other_agency = "dsp-plovdiv",
		       .referral_no = "R-1", .case_no = "C-1",
		       .delivered_ms = FIXTURE_NOW },
		.msg_id = FIXTURE_MSG_ID, .position = "i1", .version = "v-1", .from = "dsp-plovdiv", .changed_ms = FIXTURE_NOW,
		.is_referral = true, .cursor = 1,
	};
	s.items[1] = (struct subject){
		.p = { .msg_id = SHELF_OURS_ID, .thread = "01", .state = "declined", .other_agency = "dsp-plovdiv",
		       .referral_no = "GP-2026-0042", .external_no = "C-9", .is_initiator = true },
		.msg_id = SHELF_STEP_ID, .position = "i2", .version = "v-2", .from = "dsp-plovdiv",
		.changed_ms = FIXTURE_NOW + 60000, .cursor = 2,
	};
	s.items[2] = s.items[1];
	s.items[2].msg_id = SHELF_OURS_ID;
	s.items[2].position = "o1";
	s.items[2].version = "v-3";
	s.items[2].from = "gp-plovdiv-1";
	s.items[2].changed_ms = FIXTURE_NOW + 120000;
	s.items[2].is_referral = s.items[2].is_ours = true;
	s.items[2].cursor = 0;
	return s;
}

/* The subject of that place, opened. */
static inline struct subject
shelf_item(struct shelf *s, size_t i)
{
	struct subject one = s->items[i];

	assert_int_equal(shelf_open(s, &one), OK);
	return one;
}

/* What GET (or, with `form`, POST) of the path gives; NULL if it is refused, with the error told. */
static inline json_t *
shelf_search(struct shelf *s, struct arena *mem, const char *path, const char *form, const struct request_head *head, enum err *ret_e)
{
	const struct catalogue all = { .arg = s, .next = shelf_next, .open = shelf_open };
	struct native request = {
		.method = form != NULL ? "POST" : "GET", .path = path, .bytes = form != NULL ? span_str(form) : SPAN_NONE,
		.media_type = form != NULL ? "application/x-www-form-urlencoded" : NULL, .head = head,
	}, list = { 0 };
	struct why why = { 0 };

	s->at = 0;
	*ret_e = health_fhir_search(&all, &request, &fixture_env, mem, &list, &why);
	return *ret_e == OK ? json_loadb((const char *)list.bytes.p, list.bytes.n, 0, NULL) : NULL;
}

#endif
