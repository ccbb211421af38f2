/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_map - which place of an R001 is which field of the record, read in both directions, and the codes that are known.
 * MAPPING-nhis.md is this table for people.
 */
#include "adapters/health/nhis.h"

#include <string.h>

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

const struct nhis_row NHIS_ROWS[] = {
	{ "referral/lrn", "referral.referral_id" },
	{ "referral/nrnReferral", "referral.external_id" },
	{ "referral/authoredOn", "referral.authored_on" },
	{ "referral/category", NULL },
	{ "referral/type", NULL },
	{ "referral/priority", NULL },
	{ "referral/rhifAreaNumber", NULL },
	{ "referral/diagnosis/code", NULL },
	{ "referral/diagnosis/additionalCode", NULL },
	{ "referral/diagnosis/use", NULL },
	{ "referral/diagnosis/rank", NULL },
	{ "referral/diagnosis/note", NULL },
	{ "referral/comorbidity/code", NULL },
	{ "referral/comorbidity/additionalCode", NULL },
	{ "referral/comorbidity/use", NULL },
	{ "referral/comorbidity/rank", NULL },
	{ "referral/comorbidity/note", NULL },
	{ "referral/consultation/qualification", NULL },
	{ "referral/specializedActivities/qualification", NULL },
	{ "referral/specializedActivities/code", NULL },
	{ "subject/identifierType", NULL },
	{ "subject/identifier", NULL },
	{ "subject/birthDate", "referral.child.birth_date" },
	{ "subject/gender", NULL },
	{ "subject/nationality", "referral.child.nationality" },
	{ "subject/name/given", "referral.child.given" },
	{ "subject/name/middle", "referral.child.middle" },
	{ "subject/name/family", "referral.child.family" },
	{ "subject/address/country", "referral.child.address.country" },
	{ "subject/address/county", "referral.child.address.county" },
	{ "subject/address/ekatte", "referral.child.address.ekatte" },
	{ "subject/address/city", "referral.child.address.city" },
	{ "subject/address/line", "referral.child.address.line" },
	{ "subject/address/postalCode", "referral.child.address.postal" },
	{ "subject/phone", "referral.child.phone" },
	{ "subject/email", "referral.child.email" },
	{ "requester/pmi", NULL },
	{ "requester/practiceNumber", NULL },
	{ "requester/phone", "referral.initiator.worker.phone" },
	{ "requester/email", "referral.initiator.worker.email" },
	{ "requester/name", NULL },
	{ "requester/name/given", NULL },
	{ "requester/name/middle", NULL },
	{ "requester/name/family", NULL },
	{ NULL, NULL },
};

/* Of what has no row with a path: what R001 still says. */
static const char *const HELD[] = {
	"service_kind", "service_text", "reason_text", "diagnosis.code", "diagnosis.text", "diagnosis.use", "diagnosis.rank",
	"child.ids.type", "child.ids.value", "child.gender", "child.address.municipality", "initiator.worker.name",
	"initiator.worker.role", "initiator.unit", "safety.do_not_contact_carer", "safety.do_not_visit_alone",
	"safety.secret_address", "safety.contact_via",
	/* of the envelope: not for the agency's system */
	"initiator.agency", "target.agency", "preview.age_band", "preview.service_kind", "preview.municipality", "preview.priority",
};

struct pair { const char *code, *ours; };

static const struct pair ID_TYPES[] = {		/* CL004 */
	{ "1", "EGN" }, { "2", "LNCH" }, { "3", "SSN" }, { "4", "passport" }, { "5", "EU" },
};
static const struct pair GENDERS[] = { { "1", "male" }, { "2", "female" } };	/* CL001 */
static const struct pair AREAS[] = {		/* CL029: the health insurance fund's areas of the oblast */
	{ "1609", "PDV22" }, { "1607", "PDV17" }, { "1613", "PDV28" }, { "1617", "PDV42" }, { "1612", "PDV26" },
	{ "1608", "PDV40" }, { "1614", "PDV41" }, { "1601", "PDV01" },
};

static const char *
ours_of(const struct pair *pairs, size_t n, const char *code)
{
	for (size_t i = 0; code != NULL && i < n; i++)
		if (strcmp(pairs[i].code, code) == 0)
			return pairs[i].ours;
	return NULL;
}

static const char *
code_of(const struct pair *pairs, size_t n, const char *ours)
{
	for (size_t i = 0; ours != NULL && i < n; i++)
		if (strcmp(pairs[i].ours, ours) == 0)
			return pairs[i].code;
	return NULL;
}

const char *
nhis_id_type(const char *code)
{
	const char *type = ours_of(ID_TYPES, COUNT(ID_TYPES), code);

	return type != NULL ? type : "other";
}

const char *
nhis_id_code(const char *type)
{
	return code_of(ID_TYPES, COUNT(ID_TYPES), type);
}

const char *
nhis_gender(const char *code)
{
	const char *gender = ours_of(GENDERS, COUNT(GENDERS), code);

	return gender != NULL ? gender : "unknown";
}

const char *
nhis_gender_code(const char *gender)
{
	return code_of(GENDERS, COUNT(GENDERS), gender);
}

const char *
nhis_municipality(const char *area)
{
	return ours_of(AREAS, COUNT(AREAS), area);
}

const char *
nhis_area(const char *municipality)
{
	return code_of(AREAS, COUNT(AREAS), municipality);
}

bool
nhis_is_read(const char *at)
{
	for (const struct nhis_row *row = NHIS_ROWS; row->at != NULL; row++)
		if (strcmp(row->at, at) == 0)
			return true;
	return false;
}

bool
nhis_holds(const char *path)
{
	for (const struct nhis_row *row = NHIS_ROWS; row->at != NULL; row++)
		if (row->path != NULL && strcmp(row->path + strlen("referral."), path) == 0)
			return true;
	for (size_t i = 0; i < COUNT(HELD); i++)
		if (strcmp(HELD[i], path) == 0)
			return true;
	return false;
}

const char *
nhis_at_of(const char *path)
{
	static const struct nhis_row OTHERS[] = {
		{ "referral/diagnosis", "referral.diagnosis" }, { "subject/identifier", "referral.child.ids" },
		{ "subject/gender", "referral.child.gender" }, { "referral/category", "referral.service_kind" },
		{ "referral/diagnosis/note", "referral.reason_text" }, { "referral/rhifAreaNumber", "referral.child.address.municipality" },
		{ "requester/pmi", "referral.initiator.worker.role" }, { "requester/name", "referral.initiator.worker.name" },
		{ "nrnReferral", "status.referral_id" }, { "cancelReason", "status.reason_text" },
	};

	for (const struct nhis_row *row = NHIS_ROWS; row->at != NULL; row++)
		if (row->path != NULL && strcmp(row->path, path) == 0)
			return row->at;
	for (size_t i = 0; i < COUNT(OTHERS); i++)
		if (strncmp(path, OTHERS[i].path, strlen(OTHERS[i].path)) == 0)
			return OTHERS[i].at;
	return NULL;
}

/* -- the tree -- */

const struct xml_node *
nhis_find(const struct xml_node *from, const char *at)
{
	char name[64];

	while (from != NULL && *at != '\0') {
		size_t n = strcspn(at, "/");

		if (n >= sizeof(name))
			return NULL;
		memcpy(name, at, n);
		name[n] = '\0';
		from = xml_child(from, name);
		at += at[n] == '/' ? n + 1 : n;
	}
	return from;
}

const char *
nhis_value(const struct xml_node *from, const char *at)
{
	const struct xml_node *node = nhis_find(from, at);
	const char *value = xml_attr(node, "value");

	if (node == NULL)
		return NULL;
	if (value == NULL)
		value = node->text;
	return value[strspn(value, " \t\r\n")] != '\0' ? value : NULL;
}

const struct xml_node *
nhis_contents(const struct xml_node *root)
{
	/* some programs forget the namespace of what they put together */
	if (root == NULL || strcmp(root->name, "message") != 0 || (strcmp(root->ns, NHIS_NS) != 0 && root->ns[0] != '\0'))
		return NULL;
	return xml_child(root, "contents");
}
