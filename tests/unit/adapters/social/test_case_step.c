/* SPDX-License-Identifier: EUPL-1.2 */
/* test_case_step - what a case system's word means, by where the referral stands and on which side of it the agency is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "proto/lifecycle.h"
#include "tests/unit/adapters/social/case_world.h"

static int
fresh(void **state)
{
	memset(&standing, 0, sizeof(standing));
	return setup(state);
}

static void
stands(const char *state, bool is_initiator)
{
	standing.numbers = "slug-1/1193 ПР-1 u-1";
	standing.number = is_initiator ? "slug-1/1193" : "ПР-1";
	standing.state = state;
	standing.is_initiator = is_initiator;
}

/* How OSCaR says a word on what it sent, or on what came to it. */
static struct intake
oscar_says(const char *word)
{
	return case_post(FORMAT_OSCAR, quoted(standing.is_initiator ?
		arena_fmt(mem, "{'data':[{'slug':'slug-1','services':[{'uuid':'x','referral_id':1193,'referral_status':'%s'}]}]}", word) :
		arena_fmt(mem, "{'data':[{'external_id':'ПР-1','referral_id':77,'referral_status':'%s'}]}", word)));
}

static struct intake
primero_says(const char *word)
{
	return case_post(FORMAT_PRIMERO, quoted(arena_fmt(mem, "{'data':{'type':'Referral','record_id':'1',"
			"'service_record_id':'u-1','status':'%s'}}", word)));
}

#define KNOWN "-"	/* nothing new */
#define REFERRAL "referral"
#define REGISTER "registered"

static const char *
act_of(const struct intake *in)
{
	const struct intake_item *item = &in->items[0];

	assert_int_equal(in->e, OK);
	if (item->e != OK)
		return err_name(item->e);
	if (item->record == NULL && item->confirms != NULL)
		return REGISTER;
	if (item->record == NULL) {
		assert_true(item->is_repeat);
		assert_string_equal(item->msg_id, STANDING_ID);
		return KNOWN;
	}
	return item->record->status != NULL ? item->record->status->to : REFERRAL;
}

/* The word of the recipient's system: "Exited" is completed where it had been accepted, and declined where it had not. */
static void
the_recipients_word_is_a_step(void **state)
{
	static const struct { const char *now, *accepted, *exited, *rejected, *done, *revoked; } steps[] = {
		{ "requested", "accepted", "declined", "declined", "completed", "cancelled" },
		{ "received", "accepted", "declined", "declined", "completed", "cancelled" },
		{ "info-requested", "accepted", "declined", "declined", "completed", "cancelled" },
		{ "waitlisted", "accepted", "declined", "declined", "completed", "cancelled" },
		{ "accepted", KNOWN, "completed", "declined", "completed", "cancelled" },
		{ "scheduled", KNOWN, "completed", "declined", "completed", "cancelled" },
		{ "in-progress", KNOWN, "completed", "declined", "completed", "cancelled" },
		{ "on-hold", KNOWN, "completed", "declined", "completed", "cancelled" },
		{ "cancel-requested", "accepted", "cancelled", "cancelled", "completed", "cancelled" },
		{ "completed", KNOWN, KNOWN, KNOWN, KNOWN, KNOWN }, { "failed", KNOWN, KNOWN, KNOWN, KNOWN, KNOWN },
		{ "declined", "accepted", KNOWN, KNOWN, KNOWN, KNOWN }, { "expired", "accepted", KNOWN, KNOWN, KNOWN, KNOWN },
		{ "cancelled", "accepted", KNOWN, KNOWN, KNOWN, KNOWN },
		{ "late-offered", KNOWN, "declined", "declined", "completed", "cancelled" },
	};
	struct intake in;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		stands(steps[i].now, false);
		in = oscar_says("Accepted");
		assert_string_equal(act_of(&in), steps[i].accepted);
		in = oscar_says("Exited");
		assert_string_equal(act_of(&in), steps[i].exited);
		in = primero_says("accepted_340953");
		assert_string_equal(act_of(&in), steps[i].accepted);
		in = primero_says("rejected");
		assert_string_equal(act_of(&in), steps[i].rejected);
		in = primero_says("done");
		assert_string_equal(act_of(&in), steps[i].done);
		in = primero_says("revoked");
		assert_string_equal(act_of(&in), steps[i].revoked);
	}
}

/* Each step that is said is one that the lifecycle has for that side, and complete for it; but what nobody may do is left to be refused. */
static void
steps_are_complete(void **state)
{
	static const char *const states[] = { "requested", "received", "info-requested", "accepted", "scheduled", "in-progress", "waitlisted" };
	static const char *const words[] = { "Accepted", "Exited" };
	const char *transition;
	struct intake in;
	struct why why;

	(void)state;
	for (size_t i = 0; i < sizeof(states) / sizeof(states[0]); i++)
		for (size_t k = 0; k < 2; k++) {
			stands(states[i], false);
			in = oscar_says(words[k]);
			if (strcmp(act_of(&in), KNOWN) == 0 || (k == 0 && strcmp(states[i], "info-requested") == 0))
				continue;
			if (lifecycle_infer(lifecycle_state_by_code(states[i]), ACTOR_RECIPIENT, in.items[0].record->status, &transition, &why) != OK)
				fail_msg("%s in %s: %s", words[k], states[i], why.text);
			in.items[0].record->status->from = states[i];
			in.items[0].record->status->transition = transition;
			if (lifecycle_check(lifecycle_state_by_code(states[i]), ACTOR_RECIPIENT, in.items[0].record->status, &why) != OK)
				fail_msg("%s in %s: %s", words[k], states[i], why.where);
		}
}

/* The sender's own system repeats what it was told, which is nothing new; only the end that it makes itself is a wish to cancel. */
static void
the_senders_word_is_an_echo_or_its_end(void **state)
{
	static const struct { const char *now, *referred, *accepted, *exited; } steps[] = {
		{ "requested", REFERRAL, KNOWN, "cancelled" }, { "accepted", REFERRAL, KNOWN, "cancelled" },
		{ "on-hold", REFERRAL, KNOWN, "cancelled" }, { "cancel-requested", REFERRAL, KNOWN, KNOWN },
		{ "declined", REFERRAL, KNOWN, KNOWN }, { "completed", REFERRAL, KNOWN, KNOWN },
	};
	struct intake in;

	(void)state;
	for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
		stands(steps[i].now, true);
		in = oscar_says("Referred");
		assert_string_equal(act_of(&in), steps[i].referred);
		assert_string_equal(in.items[0].native_id, "slug-1/1193");
		in = oscar_says("Accepted");
		assert_string_equal(act_of(&in), steps[i].accepted);
		in = oscar_says("Exited");
		assert_string_equal(act_of(&in), steps[i].exited);
		in = primero_says("revoked");
		assert_string_equal(act_of(&in), steps[i].exited);
		in = primero_says("rejected");
		assert_string_equal(act_of(&in), KNOWN);
		in = primero_says("done");
		assert_string_equal(act_of(&in), KNOWN);
	}
}

/* Of what came, a list that has it under a number of its own says that it is registered, once. */
static void
what_is_listed_is_registered(void **state)
{
	struct intake in;

	(void)state;
	stands("requested", false);
	in = oscar_says("Referred");
	assert_string_equal(act_of(&in), REGISTER);
	assert_string_equal(in.items[0].confirms, STANDING_ID);
	assert_string_equal(in.items[0].case_no, "77");
	in = oscar_says("Accepted");
	assert_string_equal(act_of(&in), "accepted");
	assert_string_equal(in.items[0].confirms, STANDING_ID);
	assert_string_equal(in.items[0].case_no, "77");
	assert_string_equal(in.items[0].native_id, "ПР-1/requested/accepted");
	standing.case_no = "77";
	in = oscar_says("Referred");
	assert_string_equal(act_of(&in), KNOWN);
	in = oscar_says("Accepted");
	assert_null(in.items[0].confirms);
	standing.case_no = NULL;
	in = case_post(FORMAT_PRIMERO, quoted("{'case_id_display':'4d3b877','services_section':[{'unique_id':'u-1',"
			"'referral_status_edf41f2':'pending_310366'}]}"));
	assert_string_equal(act_of(&in), REGISTER);
	assert_string_equal(in.items[0].case_no, "4d3b877");
	in = case_post(FORMAT_PRIMERO, quoted("{'services_section':[{'unique_id':'u-1','referral_status_edf41f2':'pending_310366'}]}"));
	assert_string_equal(act_of(&in), KNOWN);
}

/* Reasons: a word that is mapped becomes its code, any other stays in words; no reason at all is the system's own word. */
static void
reasons_become_codes_or_stay(void **state)
{
	static const struct { const char *body, *state, *path, *code, *text_path, *text; } cases[] = {
		{ "{'data':[{'external_id':'ПР-1',"
		  "'referral_status':'Exited'}]}", "requested", "status.reason_code", "other", "status.reason_text", "Exited" },
		{ "{'data':[{'external_id':'ПР-1','referral_status':'Exited','reason_for_exiting':'Няма места'}]}", "requested", "status.reason_code",
		  "other", "status.reason_text", "Няма места" },
		{ "{'data':[{'external_id':'ПР-1','referral_status':'Exited',"
		  "'reason_for_exiting':['no-capacity']}]}", "requested", "status.reason_code",
		  "no-capacity", "status.reason_text", "no-capacity" },
		{ "{'data':[{'external_id':'ПР-1',"
		  "'referral_status':'Exited'}]}", "accepted", "status.outcome.outcome", "other", "status.outcome.text", NULL },
		{ "{'data':[{'external_id':'ПР-1','referral_status':'Exited','reason_for_exiting':'Client moved'}]}", "accepted",
		  "status.outcome.outcome", "moved", "status.outcome.text", "Client moved" },
		{ "{'data':{'record_id':'1','service_record_id':'u-1','status':'rejected','rejected_reason':'Заето'}}", "requested",
		  "status.reason_code", "other", "status.reason_text", "Заето" },
		{ "{'data':{'record_id':'1','service_record_id':'u-1','status':'done','success_status':'successful'}}", "accepted",
		  "status.outcome.outcome", "need-met", "status.outcome.text", NULL },
		{ "{'data':{'record_id':'1','service_record_id':'u-1','status':'done','success_status':'not_successful',"
		  "'reason_not_successful':'unable_to_contact_client'}}",
		  "accepted", "status.outcome.outcome", "could-not-contact", "status.outcome.text", "unable_to_contact_client" },
		{ "{'services_section':[{'unique_id':'u-1','referral_status':'rejected',"
		  "'note_on_referral_from_provider':'lack_of_capacity'}]}", "requested",
		  "status.reason_code", "no-capacity", "status.reason_text", "lack_of_capacity" },
		{ "{'services_section':[{'unique_id':'u-1'}],'referrals':[{'service_record_id':'u-1','status':'rejected',"
		  "'rejected_reason':'Не'}]}", "requested",
		  "status.reason_code", "other", "status.reason_text", "Не" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		bool is_oscar = strstr(cases[i].body, "referral_status':'Exited") != NULL;
		struct intake in;
		const char *text;

		stands(cases[i].state, false);
		in = case_post(is_oscar ? FORMAT_OSCAR : FORMAT_PRIMERO, quoted(cases[i].body));
		assert_int_equal(in.items[0].e, OK);
		assert_string_equal(case_get(&in, 0, cases[i].path), cases[i].code);
		text = case_get(&in, 0, cases[i].text_path);
		if ((text == NULL) != (cases[i].text == NULL) || (text != NULL && strcmp(text, cases[i].text) != 0))
			fail_msg("%s: %s", cases[i].body, text != NULL ? text : "-");
		assert_string_equal(case_get(&in, 0, "status.referral_id"), STANDING_ID);
	}
}

/* A word on what nobody here knows is refused, and refers nobody: also what another way brought into the system. */
static void
unknown_referrals_are_refused(void **state)
{
	static const struct { enum format format; const char *body; } bodies[] = {
		{ FORMAT_OSCAR, "{'data':[{'external_id':'ПР-9','referral_id':1,'referral_status':'Accepted'}]}" },
		{ FORMAT_OSCAR, "{'data':[{'external_id':'ПР-9','referral_id':1,'referral_status':'Referred'}]}" },
		{ FORMAT_OSCAR, "{'data':[{'slug':'s','services':[{'uuid':'1','referral_status':'Exited'}]}]}" },
		{ FORMAT_PRIMERO, "{'data':{'record_id':'1','status':'accepted'}}" },
		{ FORMAT_PRIMERO, "{'services_section':[{'unique_id':'9','referral_status_x':'done'}]}" },
		{ FORMAT_PRIMERO, "{'services_section':[{'unique_id':'9','service_response_type':'referral_from_oscar'}]}" },
	};
	struct intake in;

	(void)state;
	stands("requested", false);
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		in = case_post(bodies[i].format, quoted(bodies[i].body));
		assert_string_equal(act_of(&in), "ERR_UNKNOWN_REFERRAL");
		assert_null(in.items[0].record);
	}
	in = oscar_says("Перхаps");
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_CODE");
	assert_string_equal(in.items[0].why.where, "status.to");
	in = primero_says("vielleicht");
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_CODE");
	in = primero_says("in behandeling");	/* the configuration's own word for it */
	assert_string_equal(act_of(&in), KNOWN);
}

/* Numbers that several things may have do not lead to another child's referral. */
static void
numbers_are_not_mixed_up(void **state)
{
	struct intake in;

	(void)state;
	stands("requested", false);
	/* OSCaR's count is believed only where this referral was registered under it */
	standing.numbers = "ПР-1 1193";
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','services':[{'uuid':'1','referral_id':1193,'referral_status':'Accepted'}]}]}"));
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_REFERRAL");
	standing.case_no = "1193";
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','services':[{'uuid':'1','referral_id':1193,'referral_status':'Accepted'}]}]}"));
	assert_string_equal(act_of(&in), "accepted");
	/* a service's uuid is that of all children who get it: another external_id speaks against it */
	standing.case_no = NULL;
	standing.numbers = "ПР-1 u-1";
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','external_id':'ПР-2','services':[{'uuid':'u-1','referral_status':'Exited'}]}]}"));
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_REFERRAL");
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','external_id':'ПР-1','services':[{'uuid':'u-1','referral_status':'Exited'}]}]}"));
	assert_string_equal(act_of(&in), "declined");
	/* of a client with words on two services, the one that was asked for */
	standing.numbers = "ПР-1";
	standing.service_text = "Йога";
	standing.service_kind = "other";
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','external_id':'ПР-1','services':[{'uuid':'1',"
			"'name':'Плуване','referral_status':'Exited'},"
					     "{'uuid':'2','name':'Йога','referral_status':'Accepted'}]}]}"));
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_REFERRAL");
	assert_string_equal(case_get(&in, 1, "status.to"), "accepted");
	/* what this agency sent is not accepted by its own system */
	stands("requested", true);
	standing.numbers = "77";
	in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'s','services':[{'uuid':'77','referral_status':'Accepted'}]}]}"));
	assert_string_equal(act_of(&in), "ERR_UNKNOWN_REFERRAL");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_recipients_word_is_a_step, fresh, teardown),
		cmocka_unit_test_setup_teardown(steps_are_complete, fresh, teardown),
		cmocka_unit_test_setup_teardown(the_senders_word_is_an_echo_or_its_end, fresh, teardown),
		cmocka_unit_test_setup_teardown(what_is_listed_is_registered, fresh, teardown),
		cmocka_unit_test_setup_teardown(reasons_become_codes_or_stay, fresh, teardown),
		cmocka_unit_test_setup_teardown(unknown_referrals_are_refused, fresh, teardown),
		cmocka_unit_test_setup_teardown(numbers_are_not_mixed_up, fresh, teardown),
	};

	return cmocka_run_group_tests_name("case_step", tests, NULL, NULL);
}
