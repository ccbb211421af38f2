/* SPDX-License-Identifier: EUPL-1.2 */
/* test_case_in - the bodies of OSCaR and Primero: what is in them becomes records field by field, and what is wrong gets its code and place. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "adapters/social/case.h"
#include "tests/unit/adapters/social/case_world.h"

static int
fresh(void **state)
{
	memset(&standing, 0, sizeof(standing));
	return setup(state);
}

#define OSCAR_CHILD "'external_id':'cf579546-49fc-4352-afc6-6c2636392077','global_id':'01GA9PSXKEMHVWH7HQZ7XXCRJC','level_of_risk':'no action'," \
	"'given_name':'Калина','family_name':'Пробна','gender':'prefer_not_to_say','date_of_birth':'2016-01-09','mosvy_number':''," \
	"'location_current_village_code':'702','address_current_village_code':'702','reason_for_referral':' Нужда от подкрепа. '," \
	"'external_case_worker_name':'Мария','external_case_worker_id':'m1','external_case_worker_mobile':'000000000'," \
	"'external_case_worker_email':'m@ngo.example','is_referred':true,'organization_name':'cif','organization_id':'cif'," \
	"'referral_consent_form':['https://x.example/1.png'],'date_of_referral':'2022-05-1'"
#define OSCAR_TWO "{'organization':{" OSCAR_CHILD ",'services':[{'uuid':'0f0a3165-baf3-4b2d-b931-e002cb447df6','name':'Emergency foster care'}," \
	"{'uuid':'024fd924-4010-46d7-a187-f6b289340d07','name':'Йога'}]}}"

/* Each service of a client is a referral of its own, under the service's number, of the same child. */
static void
an_oscar_client_is_a_referral_a_service(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted(OSCAR_TWO));

	(void)state;
	assert_int_equal(in.e, OK);
	assert_int_equal(in.n, 2);
	for (size_t i = 0; i < 2; i++) {
		assert_int_equal(in.items[i].e, OK);
		assert_int_equal(in.items[i].row, i + 1);
		assert_string_equal(in.items[i].target, "plovdiv-cop");
		assert_string_equal(case_get(&in, i, "kind"), "referral");
		assert_string_equal(case_get(&in, i, "source"), "oscar-json");
		assert_string_equal(case_get(&in, i, "referral.initiator.agency"), "plovdiv-ngo");
		assert_string_equal(case_get(&in, i, "referral.child.given"), "Калина");
		assert_string_equal(case_get(&in, i, "referral.child.gender"), "unknown");
		assert_string_equal(case_get(&in, i, "referral.child.birth_date"), "2016-01-09");
		assert_string_equal(case_get(&in, i, "referral.child.address.ekatte"), "00702");
		assert_null(case_get(&in, i, "referral.child.actual_address.ekatte"));
		assert_string_equal(case_get(&in, i, "referral.child.ids[0].type"), "other");
		assert_string_equal(case_get(&in, i, "referral.child.ids[0].value"), "01GA9PSXKEMHVWH7HQZ7XXCRJC");
		assert_string_equal(case_get(&in, i, "referral.child.ids[1].type"), "local");
		assert_string_equal(case_get(&in, i, "referral.child.ids[1].value"), "cf57954649fc4352afc66c2636392077");
		assert_string_equal(case_get(&in, i, "referral.risk_level"), "no-action");
		assert_string_equal(case_get(&in, i, "referral.reason_text"), "Нужда от подкрепа.");
		assert_string_equal(case_get(&in, i, "referral.initiator.worker.name"), "Мария");
		assert_null(case_get(&in, i, "referral.initiator.worker.phone"));
		assert_string_equal(case_get(&in, i, "referral.initiator.worker.email"), "m@ngo.example");
		assert_string_equal(case_get(&in, i, "referral.legal_basis"), "consent");
		assert_string_equal(case_get(&in, i, "referral.consent.given_by"), "parent");
		assert_string_equal(case_get(&in, i, "referral.consent.given_on"), "2022-05-01");
		assert_string_equal(case_get(&in, i, "referral.consent.form"), "signed-paper");
		assert_string_equal(case_get(&in, i, "referral.authored_on"), "2022-04-30T21:00:00Z");
	}
	assert_string_equal(in.items[0].native_id, "0f0a3165-baf3-4b2d-b931-e002cb447df6");
	assert_string_equal(case_get(&in, 0, "referral.referral_id"), in.items[0].native_id);
	assert_string_equal(case_get(&in, 0, "referral.service_kind"), "foster-matching");
	assert_string_equal(case_get(&in, 0, "referral.service_text"), "Emergency foster care");
	assert_string_equal(case_get(&in, 1, "referral.service_kind"), "other");
	assert_string_equal(case_get(&in, 1, "referral.service_text"), "Йога");
}

/* What has no field is counted, once for each value: the worker's id, organization_id; not what is empty, and not the other service. */
static void
what_has_no_place_is_counted(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted(OSCAR_TWO));

	(void)state;
	assert_int_equal(*in.items[0].record->dropped, 2);
	in = case_post(FORMAT_OSCAR, quoted("{'organization':{" OSCAR_CHILD ",'local_given_name':'Калинка','status':'Active','likes':['a','',{'b':1}],"
					    "'services':[{'uuid':'u-1','name':'Йога','hours':3}]}}"));
	assert_int_equal(in.items[0].e, OK);
	assert_int_equal(*in.items[0].record->dropped, 2 + 1 + 1 + 2 + 1);
	assert_string_equal(case_get(&in, 0, "referral.child.given"), "Калинка");
}

/* OSCaR's own list: its key of the child and the referral's number are the number; the organisation is the sender; services that the
 * child gets already are told as such, and clients of whom nothing is asked pass. */
static void
an_oscar_list_is_read(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'lxis-1762','global_id':'01EDB4PA6B9D0P8C9B119SM02R','given_name':'Юлия',"
		"'family_name':'Пробна','gender':'lgbt','date_of_birth':'2012/02/02','location_current_village_code':'','organization_name':'ours',"
		"'is_referred':true,'reason_for_referral':'x','case_worker_name':'Жана','case_worker_mobile':'8765432','services':["
		"{'enrollment_date':'2020-07-16','uuid':'11226c6d','name':'Арт терапия'},"
		"{'enrollment_date':null,'uuid':'21905571','name':'speech-therapy','referral_id':1193,'referral_status':'Referred',"
		"'reason_for_referral':'Говор.'}]},"
		"{'slug':'aaaa-1','given_name':'Друго','is_referred':false,'services':[{'enrollment_date':'2020-07-16','uuid':'1','name':'x'}]}]}"));

	(void)state;
	assert_int_equal(in.e, OK);
	assert_int_equal(in.n, 1);
	assert_int_equal(in.items[0].e, OK);
	assert_int_equal(in.items[0].row, 0);
	assert_string_equal(in.items[0].native_id, "lxis-1762/1193");
	assert_null(in.items[0].target);
	assert_string_equal(case_get(&in, 0, "referral.service_kind"), "speech-therapy");
	assert_null(case_get(&in, 0, "referral.service_text"));
	assert_string_equal(case_get(&in, 0, "referral.reason_text"), "Говор.");
	assert_string_equal(case_get(&in, 0, "referral.child.gender"), "other");
	assert_string_equal(case_get(&in, 0, "referral.child.birth_date"), "2012-02-02");
	assert_string_equal(case_get(&in, 0, "referral.initiator.worker.name"), "Жана");
	assert_string_equal(case_get(&in, 0, "referral.initiator.worker.phone"), "8765432");
	assert_string_equal(case_get(&in, 0, "referral.services_already_used[0].service_kind"), "psych-counselling");
	assert_string_equal(case_get(&in, 0, "referral.services_already_used[0].since"), "2020-07-16");
	assert_null(case_get(&in, 0, "referral.legal_basis"));
	assert_null(in.items[0].record->dropped);
}

/* Before OSCaR counted its referrals all services had a date: then those of a client that is referred are what is asked for. */
static void
an_older_oscar_list_is_read(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted("{'data':[{'slug':'lxis-1762','given_name':'Юлия','family_name':'Пробна','gender':'female',"
		"'date_of_birth':'2012-02-02','is_referred':true,'services':[{'enrollment_date':'2020-07-16','uuid':'11226c6d','name':'x'},"
		"{'enrollment_date':'2020-07-16','uuid':'21905571','name':'y'}]}]}"));

	(void)state;
	assert_int_equal(in.n, 2);
	assert_string_equal(in.items[1].native_id, "lxis-1762/21905571");
	assert_int_equal(in.items[1].e, OK);
}

#define PRIMERO_CHILD "'case_id':'cf579546-49fc-4352-afc6-6c2636392077','case_id_display':'6392077','oscar_number':'01GA9PSXKEMHVWH7HQZ7XXCRJC'," \
	"'name_first':'Калина','name_middle':'Т.','name_last':'Пробна','sex':'female','date_of_birth':'2015/03/07','location_current':702," \
	"'address_current':'ул. Пробна 1','national_id_no':'1543079013','risk_level':'high','owned_by':'mgrbtb','owned_by_phone':'032 1'," \
	"'created_at':'2020/08/24 13:17:05 +0300','age':9"
#define TICKED "'consent_for_services':true,'disclosure_other_orgs':true"
#define ROW "'unique_id':'69bcca6c-535b-4f22-b9b6-6d1d22955a61','service_response_type':'referral_to_oscar','service_type':'family_based_care'," \
	"'service_subtype':['family_based_care_kinship','other_one'],'service_type_details_text':'n/a','service_response_timeframe':'1_day'," \
	"'service_implementing_agency':'agency-cif','service_implementing_agency_individual':'agency-cif-user','service_referral_notes':'Моля.'"

/* A Primero case: dates with slashes, codes as numbers, its choices; planned services are no referrals. */
static void
a_primero_case_is_a_referral_a_row(void **state)
{
	struct intake in = case_post(FORMAT_PRIMERO, quoted("{'data':{" PRIMERO_CHILD "," TICKED ",'services_section':[{" ROW "},"
		"{'unique_id':'2','service_response_type':'care_plan','service_type':'x','referral_status_edf41f2':'pending_310366'},"
		"{'unique_id':'3','service_response_type':'service_being_provided_by_oscar_partner_47618','service_type':'x'},"
		"{'unique_id':'4','service_type':'mental_health','service_response_timeframe':'3_hours','service_referral_notes':'x'}]}}"));

	(void)state;
	assert_int_equal(in.e, OK);
	assert_int_equal(in.n, 2);
	assert_int_equal(in.items[0].e, OK);
	assert_string_equal(in.items[0].native_id, "69bcca6c-535b-4f22-b9b6-6d1d22955a61");
	assert_string_equal(in.items[0].target, "plovdiv-cop");
	assert_string_equal(case_get(&in, 0, "referral.target.worker.name"), "agency-cif-user");
	assert_string_equal(case_get(&in, 0, "referral.child.middle"), "Т.");
	assert_string_equal(case_get(&in, 0, "referral.child.birth_date"), "2015-03-07");
	assert_string_equal(case_get(&in, 0, "referral.child.ids[0].value"), "01GA9PSXKEMHVWH7HQZ7XXCRJC");
	assert_string_equal(case_get(&in, 0, "referral.child.ids[1].type"), "EGN");
	assert_string_equal(case_get(&in, 0, "referral.child.ids[2].value"), "cf57954649fc4352afc66c2636392077");
	assert_string_equal(case_get(&in, 0, "referral.child.address.ekatte"), "00702");
	assert_string_equal(case_get(&in, 0, "referral.child.address.line"), "ул. Пробна 1");
	assert_string_equal(case_get(&in, 0, "referral.service_kind"), "foster-support");
	assert_null(case_get(&in, 0, "referral.service_text"));
	assert_string_equal(case_get(&in, 0, "referral.priority"), "urgent");
	assert_string_equal(case_get(&in, 0, "referral.risk_level"), "high");
	assert_string_equal(case_get(&in, 0, "referral.reason_text"), "Моля.");
	assert_string_equal(case_get(&in, 0, "referral.initiator.worker.name"), "mgrbtb");
	assert_string_equal(case_get(&in, 0, "referral.initiator.worker.phone"), "032 1");
	assert_string_equal(case_get(&in, 0, "referral.authored_on"), "2020-08-24T10:17:05Z");
	assert_string_equal(case_get(&in, 0, "referral.legal_basis"), "consent");
	assert_string_equal(case_get(&in, 0, "referral.consent.given_by"), "guardian");
	assert_string_equal(case_get(&in, 0, "referral.consent.given_on"), "2020-08-24");
	assert_int_equal(*in.items[0].record->dropped, 2);	/* age, and the second subtype */
	assert_string_equal(in.items[1].native_id, "4");
	assert_string_equal(case_get(&in, 1, "referral.service_kind"), "other");
	assert_string_equal(case_get(&in, 1, "referral.service_text"), "mental_health");
	assert_string_equal(case_get(&in, 1, "referral.priority"), "emergency");
}

/* The transition on a service has who sent it, when and why; a transfer asks to take the child over. */
static void
a_transition_is_read_with_its_service(void **state)
{
	struct intake in = case_post(FORMAT_PRIMERO, quoted("{" PRIMERO_CHILD ",'services_section':[{'unique_id':'s-1','service_type':'x'}],"
		"'transitions':[{'service_section_unique_id':'s-0','notes':'no'},{'service_section_unique_id':'s-1','type':'Transfer','notes':'Преместване',"
		"'transitioned_by':'primero','created_at':'2020/03/17','consent_overridden':true}]}"));

	(void)state;
	assert_int_equal(in.items[0].e, OK);
	assert_string_equal(case_get(&in, 0, "referral.reason_text"), "Преместване");
	assert_string_equal(case_get(&in, 0, "referral.initiator.worker.name"), "primero");
	assert_string_equal(case_get(&in, 0, "referral.disposition_wanted"), "take-over");
	assert_string_equal(case_get(&in, 0, "referral.authored_on"), "2020-03-16T22:00:00Z");
	assert_null(case_get(&in, 0, "referral.legal_basis"));
}

/* Consent that was overridden is never the basis; that was refused stops the referral; that nobody speaks of leaves it to the agency. */
static void
consent_follows_its_rules(void **state)
{
	static const struct { const char *words; enum err e; const char *where, *basis, *given_by; } cases[] = {
		{ TICKED, OK, NULL, "consent", "guardian" },
		{ TICKED ",'consent_given_by':'child'", OK, NULL, "consent", "child" },
		{ TICKED ",'legal_basis':'court-order'", OK, NULL, "court-order", "guardian" },
		{ TICKED ",'consent_given_by':'neighbour'", ERR_UNKNOWN_CODE, "referral.consent.given_by", NULL, NULL },
		{ TICKED ",'consent_overridden':true", OK, NULL, NULL, NULL },
		{ TICKED ",'consent_overridden':'true','legal_basis':'duty-to-protect'", OK, NULL, "duty-to-protect", NULL },
		{ TICKED ",'consent_overridden':true,'legal_basis':'consent'", ERR_REQUIRED, "referral.legal_basis", NULL, NULL },
		{ "'consent_for_services':true", OK, NULL, NULL, NULL },
		{ "'age':1", OK, NULL, NULL, NULL },
		{ "'consent_for_services':false,'disclosure_other_orgs':true", ERR_REQUIRED, "referral.consent", NULL, NULL },
		{ "'consent_for_services':true,'disclosure_other_orgs':'false'", ERR_REQUIRED, "referral.consent", NULL, NULL },
		{ "'disclosure_other_orgs':false,'legal_basis':'consent'", ERR_REQUIRED, "referral.consent", NULL, NULL },
		{ "'disclosure_other_orgs':false,'legal_basis':'vital-interest'", OK, NULL, "vital-interest", NULL },
		{ "'disclosure_other_orgs':false,'consent_overridden':true", OK, NULL, NULL, NULL },
		{ "'legal_basis':'because'", ERR_UNKNOWN_CODE, "referral.legal_basis", NULL, NULL },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		const char *body = arena_fmt(mem, "{'created_at':'2026-03-02T10:00:00Z',%s,'services_section':[{'unique_id':'1'}]}", cases[i].words);
		struct intake in = case_post(FORMAT_PRIMERO, quoted(body));
		const char *basis = case_get(&in, 0, "referral.legal_basis"), *given_by = case_get(&in, 0, "referral.consent.given_by");

		if (in.items[0].e != cases[i].e)
			fail_msg("%s: %s", body, err_name(in.items[0].e));
		if (cases[i].e != OK) {
			assert_string_equal(in.items[0].why.where, cases[i].where);
			assert_null(in.items[0].record);
			continue;
		}
		if ((basis == NULL) != (cases[i].basis == NULL) || (basis != NULL && strcmp(basis, cases[i].basis) != 0))
			fail_msg("%s: basis %s", body, basis != NULL ? basis : "-");
		if ((given_by == NULL) != (cases[i].given_by == NULL) || (given_by != NULL && strcmp(given_by, cases[i].given_by) != 0))
			fail_msg("%s: given by %s", body, given_by != NULL ? given_by : "-");
	}
}

/* A consent form of no day proves nothing: it is counted, and the agency's own basis holds. */
static void
a_form_without_a_day_is_no_consent(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted("{'organization':{'referral_consent_form':['x'],'services':[{'uuid':'1'}]}}"));

	(void)state;
	assert_int_equal(in.items[0].e, OK);
	assert_null(in.items[0].record->referral->consent);
	assert_null(in.items[0].record->referral->legal_basis);
	assert_int_equal(*in.items[0].record->dropped, 1);
}

/* Codes of places get back the zeroes that a number lost; what is no such code is left out and counted. */
static void
places_get_their_zeroes_back(void **state)
{
	static const struct { const char *json, *ekatte; int dropped; } codes[] = {
		{ "702", "00702", 0 }, { "'702'", "00702", 0 }, { "'00702'", "00702", 0 }, { "56784", "56784", 0 }, { "7", "00007", 0 },
		{ "'08080906'", NULL, 1 }, { "'NaN'", NULL, 1 }, { "0", NULL, 1 }, { "'7a'", NULL, 1 }, { "''", NULL, 0 }, { "null", NULL, 0 },
		{ "-702", NULL, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(codes) / sizeof(codes[0]); i++) {
		struct intake in = case_post(FORMAT_PRIMERO, quoted(arena_fmt(mem, "{'location_current':%s,'services_section':[{'unique_id':'1'}]}",
									       codes[i].json)));
		const char *ekatte = case_get(&in, 0, "referral.child.address.ekatte");

		assert_int_equal(in.items[0].e, OK);
		if ((ekatte == NULL) != (codes[i].ekatte == NULL) || (ekatte != NULL && strcmp(ekatte, codes[i].ekatte) != 0))
			fail_msg("%s: %s", codes[i].json, ekatte != NULL ? ekatte : "-");
		assert_int_equal(in.items[0].record->dropped != NULL ? *in.items[0].record->dropped : 0, codes[i].dropped);
	}
}

/* Of a child that lives elsewhere than its address both places are kept. */
static void
two_places_are_two_addresses(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted("{'organization':{'location_current_village_code':'99','address_current_village_code':'56784',"
							   "'services':[{'uuid':'1'}]}}"));

	(void)state;
	assert_string_equal(case_get(&in, 0, "referral.child.address.ekatte"), "56784");
	assert_string_equal(case_get(&in, 0, "referral.child.actual_address.ekatte"), "00099");
}

#define L10 "aaaaaaaaaa"
#define L70 L10 L10 L10 L10 L10 L10 L10

/* Two referrals of one child are one case, whichever of the two services; another child's is another, and a short key makes none. */
static void
one_child_is_one_case(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted(OSCAR_TWO)), other;

	(void)state;
	assert_non_null(in.items[0].record->case_id);
	assert_memory_equal(in.items[0].record->case_id, in.items[1].record->case_id, 16);
	other = case_post(FORMAT_PRIMERO, quoted("{'oscar_number':'01GA9PSXKEMHVWH7HQZ7XXCRJC','services_section':[{'unique_id':'1'}]}"));
	assert_memory_equal(in.items[0].record->case_id, other.items[0].record->case_id, 16);
	other = case_post(FORMAT_PRIMERO, quoted("{'case_id':'cf579546-49fc-4352-afc6-6c2636392077','services_section':[{'unique_id':'1'}]}"));
	assert_memory_not_equal(in.items[0].record->case_id, other.items[0].record->case_id, 16);
	other = case_post(FORMAT_PRIMERO, quoted("{'case_id':'6392077','oscar_number':'88986570','services_section':[{'unique_id':'1'}]}"));
	assert_null(other.items[0].record->case_id);
}

/* Every bad body gets its code and its place: whole bodies, and single services without harm to the others. */
static void
what_is_wrong_is_told(void **state)
{
	static const struct { enum format format; const char *body; enum err e, item; const char *where; unsigned line, col; } bad[] = {
		{ FORMAT_OSCAR, "{'organization':\n {'given_name':'x',\n ...\n}}", ERR_SYNTAX, OK, "", 3, 2 },
		{ FORMAT_OSCAR, "{'organization':{", ERR_CUT_OFF, OK, "", 1, 17 },
		{ FORMAT_OSCAR, "{}", ERR_REQUIRED, OK, "services", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':[]}", ERR_REQUIRED, OK, "services", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':7}", ERR_SYNTAX, OK, "organization", 0, 0 },
		{ FORMAT_OSCAR, "{'data':[{'services':{}}]}", ERR_SYNTAX, OK, "data[0].services", 0, 0 },
		{ FORMAT_OSCAR, "{'data':[{'services':[1]}]}", ERR_SYNTAX, OK, "data[0].services[0]", 0, 0 },
		{ FORMAT_OSCAR, "{'data':[1]}", ERR_SYNTAX, OK, "data[0]", 0, 0 },
		{ FORMAT_PRIMERO, "{'data':{'services_section':[]}}", ERR_REQUIRED, OK, "services_section", 0, 0 },
		{ FORMAT_PRIMERO, "{'data':{'services_section':[{'service_response_type':'care_plan'}]}}", ERR_REQUIRED, OK, "services_section", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'services':[{'name':'x'}]}}", OK, ERR_REQUIRED, "referral.referral_id", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'services':[{'uuid':'" L70 "'}]}}", OK, ERR_TOOLONG, "referral.referral_id", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'gender':'x','services':[{'uuid':'1'}]}}", OK, ERR_UNKNOWN_CODE, "referral.child.gender", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'level_of_risk':'x','services':[{'uuid':'1'}]}}", OK, ERR_UNKNOWN_CODE, "referral.risk_level", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'services':[{'uuid':'1','service_kind':'x'}]}}", OK, ERR_UNKNOWN_CODE, "referral.service_kind", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'date_of_birth':'22012-01-01','services':[{'uuid':'1'}]}}", OK, ERR_BAD_DATE,
		  "referral.child.birth_date", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'date_of_birth':'2015-02-29','services':[{'uuid':'1'}]}}", OK, ERR_BAD_DATE,
		  "referral.child.birth_date", 0, 0 },
		{ FORMAT_OSCAR, "{'organization':{'date_of_referral':'2022-05-01 25:00','services':[{'uuid':'1'}]}}", OK, ERR_BAD_DATE,
		  "referral.authored_on", 0, 0 },
		{ FORMAT_PRIMERO, "{'services_section':[{'unique_id':''}]}", OK, ERR_REQUIRED, "referral.referral_id", 0, 0 },
		{ FORMAT_PRIMERO, "{'sex':'x','services_section':[{'unique_id':'1'}]}", OK, ERR_UNKNOWN_CODE, "referral.child.gender", 0, 0 },
		{ FORMAT_PRIMERO, "{'risk_level':'x','services_section':[{'unique_id':'1'}]}", OK, ERR_UNKNOWN_CODE, "referral.risk_level", 0, 0 },
		{ FORMAT_PRIMERO, "{'created_at':'gestern','services_section':[{'unique_id':'1'}]}", OK, ERR_BAD_DATE, "referral.authored_on", 0, 0 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct intake in = case_post(bad[i].format, quoted(bad[i].body));
		const struct why *why = bad[i].e != OK ? &in.why : &in.items[0].why;

		if (in.e != bad[i].e || (in.e == OK && in.items[0].e != bad[i].item) || strcmp(why->where, bad[i].where) != 0 ||
		    why->line != bad[i].line || why->col != bad[i].col)
			fail_msg("%s: %s at \"%s\" %u:%u", bad[i].body, err_name(in.e != OK ? in.e : in.items[0].e), why->where, why->line, why->col);
		assert_int_equal(in.e != OK ? in.n : 1, in.e != OK ? 0 : in.n);
	}
}

/* A mistyped state number is passed on to be refused by its check digit; what is no such number is left out. */
static void
state_numbers_are_told_apart(void **state)
{
	struct intake in = case_post(FORMAT_OSCAR, quoted("{'organization':{'mosvy_number':'1543079014','services':[{'uuid':'1'}]}}"));
	struct why why;

	(void)state;
	assert_string_equal(case_get(&in, 0, "referral.child.ids[0].type"), "EGN");
	assert_int_not_equal(record_check(in.items[0].record, &why), OK);
	in = case_post(FORMAT_OSCAR, quoted("{'organization':{'mosvy_number':9808827,'services':[{'uuid':'1'}]}}"));
	assert_null(case_get(&in, 0, "referral.child.ids[0].type"));
	assert_int_equal(*in.items[0].record->dropped, 1);
}

/* One body has a hundred services and no more. */
static void
services_are_bounded(void **state)
{
	struct intake in;
	struct buf b;

	(void)state;
	for (int n = CASE_UNITS_MAX; n <= CASE_UNITS_MAX + 1; n++) {
		buf_init(&b, mem);
		buf_str(&b, "{\"organization\":{\"services\":[");
		for (int i = 0; i < n; i++)
			buf_fmt(&b, "%s{\"uuid\":\"u%d\"}", i > 0 ? "," : "", i);
		buf_str(&b, "]}}");
		in = case_post(FORMAT_OSCAR, buf_text(&b));
		assert_int_equal(in.e, n == CASE_UNITS_MAX ? OK : ERR_TOOMANY);
		assert_int_equal(in.n, n == CASE_UNITS_MAX ? (size_t)n : 0);
	}
}

/* Of the services that a child gets already a referral tells sixteen; the rest is counted. */
static void
prior_services_are_bounded(void **state)
{
	struct intake in;
	struct buf b;

	(void)state;
	buf_init(&b, mem);
	buf_str(&b, "{\"organization\":{\"services\":[{\"uuid\":\"u\"}");
	for (int i = 0; i < CASE_PRIOR_MAX + 2; i++)
		buf_fmt(&b, ",{\"uuid\":\"u%d\",\"name\":\"mentoring\",\"enrollment_date\":\"2020-01-01\"}", i);
	buf_str(&b, "]}}");
	in = case_post(FORMAT_OSCAR, buf_text(&b));
	assert_int_equal(in.items[0].record->referral->n_services_already_used, CASE_PRIOR_MAX);
	assert_int_equal(*in.items[0].record->dropped, 2);
}

/* In the folder, where no address tells, a body is known by its own members; and the hub's own JSON stays what it was. */
static void
a_body_is_known_by_its_members(void **state)
{
	static const struct { const char *body; enum format format; } bodies[] = {
		{ "{'organization':{}}", FORMAT_OSCAR }, { "{'organization':[{}]}", FORMAT_OSCAR }, { "{'organization':'x'}", FORMAT_NONE },
		{ "{'data':[{'slug':'x','services':[]}]}", FORMAT_OSCAR }, { "{'data':[{'referral_status':'Accepted'}]}", FORMAT_OSCAR },
		{ "{'services_section':[]}", FORMAT_PRIMERO }, { "{'data':{'services_section':[]}}", FORMAT_PRIMERO },
		{ "{'data':[{'services_section':[]}]}", FORMAT_PRIMERO }, { "{'data':{'record_id':'1','status':'accepted'}}", FORMAT_PRIMERO },
		{ "{'referral_id':'r','to':'accepted','data':[]}", FORMAT_NONE }, { "{'kind':'info-request','organization':{}}", FORMAT_NONE },
		{ "{'referral_id':'r'}", FORMAT_NONE }, { "{'data':[]}", FORMAT_NONE }, { "not json", FORMAT_NONE },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bodies) / sizeof(bodies[0]); i++) {
		struct native in = { .bytes = span_str(quoted(bodies[i].body)), .file = "a.json" };

		if (social_case_format(&in, NULL) != bodies[i].format)
			fail_msg("%s", bodies[i].body);
		in.path = "/v1/referrals";
		assert_int_equal(social_case_format(&in, NULL), FORMAT_NONE);
	}
}

/* XML is not taken at their addresses. */
static void
xml_is_not_taken_there(void **state)
{
	struct native in = { .format = FORMAT_OSCAR, .bytes = SPAN_LIT("<organization/>"), .media_type = "application/xml", .path = "/v1/oscar" };
	struct intake intake;

	(void)state;
	social_to_records(&in, &case_env, mem, &intake);
	assert_int_equal(intake.e, ERR_MEDIA_TYPE);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_oscar_client_is_a_referral_a_service, fresh, teardown),
		cmocka_unit_test_setup_teardown(what_has_no_place_is_counted, fresh, teardown),
		cmocka_unit_test_setup_teardown(an_oscar_list_is_read, fresh, teardown),
		cmocka_unit_test_setup_teardown(an_older_oscar_list_is_read, fresh, teardown),
		cmocka_unit_test_setup_teardown(a_primero_case_is_a_referral_a_row, fresh, teardown),
		cmocka_unit_test_setup_teardown(a_transition_is_read_with_its_service, fresh, teardown),
		cmocka_unit_test_setup_teardown(consent_follows_its_rules, fresh, teardown),
		cmocka_unit_test_setup_teardown(a_form_without_a_day_is_no_consent, fresh, teardown),
		cmocka_unit_test_setup_teardown(places_get_their_zeroes_back, fresh, teardown),
		cmocka_unit_test_setup_teardown(two_places_are_two_addresses, fresh, teardown),
		cmocka_unit_test_setup_teardown(one_child_is_one_case, fresh, teardown),
		cmocka_unit_test_setup_teardown(what_is_wrong_is_told, fresh, teardown),
		cmocka_unit_test_setup_teardown(state_numbers_are_told_apart, fresh, teardown),
		cmocka_unit_test_setup_teardown(services_are_bounded, fresh, teardown),
		cmocka_unit_test_setup_teardown(prior_services_are_bounded, fresh, teardown),
		cmocka_unit_test_setup_teardown(a_body_is_known_by_its_members, fresh, teardown),
		cmocka_unit_test_setup_teardown(xml_is_not_taken_there, fresh, teardown),
	};

	return cmocka_run_group_tests_name("case_in", tests, NULL, NULL);
}
