/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_to_record - R001 to a referral, R007 to its cancellation, R002 to the confirmation that it is registered.
 *
 * The first fault is kept (sticky) with its element, line and column, and ends the reading. Elements that the record has no
 * field for are left out and counted in record.dropped. A signature is passed over, and the record's source says that there
 * was one: whether it is good is for nobody here to judge.
 */
#include "adapters/health/nhis.h"

#include <stdio.h>
#include <string.h>

#define AT_MAX 96
#define SIGNATURE_NS "http://www.w3.org/2000/09/xmldsig#"

struct nhis_reading {
	const struct xml_node *root, *contents;
	const struct sector_env *env;
	struct arena *mem;
	struct intake_item *item;
	struct record *record;
	int64_t dropped;
	enum err e;		/* sticky */
	struct why why;
};

static void
fail(struct nhis_reading *r, enum err e, const char *at, const char *text)
{
	const struct xml_node *node;

	if (r->e != OK)
		return;
	r->e = why_set(&r->why, e, at, "%s", text != NULL ? text : err_text(e, LANG_EN));
	node = at != NULL ? nhis_find(r->contents, at) : NULL;
	xml_place(node != NULL ? node : r->contents != NULL ? r->contents : r->root, &r->why);
}

static const char *
trimmed(struct nhis_reading *r, const char *text)
{
	static const char blanks[] = " \t\r\n";
	size_t n;

	if (text == NULL)
		return NULL;
	text += strspn(text, blanks);
	for (n = strlen(text); n > 0 && strchr(blanks, text[n - 1]) != NULL; n--)
		;
	return arena_strn(r->mem, text, n);
}

static const char *
value_at(struct nhis_reading *r, const char *at)
{
	return trimmed(r, nhis_value(r->contents, at));
}

static void
set(struct nhis_reading *r, const char *path, const char *text, const char *at)
{
	struct why why;
	enum err e;

	if (r->e == OK && text != NULL && (e = record_set(r->record, r->mem, path, text, &why)) != OK)
		fail(r, e, at, why.text);
}

static const char *
mapped(struct nhis_reading *r, const char *list, const char *system, const char *code)
{
	const char *ours = code != NULL ? r->env->concept(r->env->arg, system, code) : NULL;

	return ours != NULL && record_is_code(list, ours) ? ours : NULL;
}

/* One that nobody has mapped is left out. */
static const char *
read_code(struct nhis_reading *r, const char *list, const char *system, const char *at)
{
	const char *code = value_at(r, at), *ours = mapped(r, list, system, code);

	r->dropped += code != NULL && ours == NULL;
	return ours;
}

static void
begin_record(struct nhis_reading *r, const char *kind)
{
	bool is_signed = false;

	for (const struct xml_node *n = r->root->first; n != NULL; n = n->next)
		is_signed |= strcmp(n->ns, SIGNATURE_NS) == 0;
	if ((r->record = record_new(r->mem, "record")) == NULL) {
		fail(r, ERR_TOOBIG, NULL, "no room for the message");
		return;
	}
	set(r, "kind", kind, NULL);
	set(r, "source", is_signed ? "nhis-signed" : "nhis", NULL);
}

/* -- R001 -- */

/* R2 and R3 ask another for something that an agency outside health can do; laboratory, hospital, expertise and sick leave do not. */
static void
check_category(struct nhis_reading *r)
{
	const char *category = value_at(r, "referral/category");

	if (category == NULL) {	/* older programs say it by the element that they fill in */
		category = nhis_find(r->contents, "referral/consultation") != NULL ? "R2" :
			   nhis_find(r->contents, "referral/specializedActivities") != NULL ? "R3" : NULL;
		if (category == NULL)
			category = value_at(r, "referral/type");
	}
	if (category == NULL)
		fail(r, ERR_REQUIRED, "referral/category", "R2 (consultation) or R3 (specialised activities)");
	else if (strcmp(category, "R2") != 0 && strcmp(category, "R3") != 0)
		fail(r, ERR_WRONG_SERVICE, "referral/category", "wrong-service: only R2 and R3 go to other agencies");
}

static void
append(struct buf *b, const char *between, const char *label, const char *text)
{
	if (text != NULL)
		buf_fmt(b, "%s%s%s", b->n > 0 ? between : "", label, text);
}

/* The specialty says what is asked for, if the configuration maps it; a person reads the codes in any case. */
static void
read_service(struct nhis_reading *r)
{
	static const char *const places[] = { "referral/consultation/qualification", "referral/specializedActivities/qualification" };
	const char *activity = value_at(r, "referral/specializedActivities/code"), *kind = NULL;
	struct buf text;

	buf_init(&text, r->mem);
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		const char *specialty = value_at(r, places[i]);
		const char *fund = trimmed(r, xml_attr(nhis_find(r->contents, places[i]), "nhifCode"));

		append(&text, ", ", "CL006 ", specialty);
		append(&text, ", ", "nhifCode ", fund != NULL && *fund != '\0' ? fund : NULL);
		if (kind == NULL)
			kind = mapped(r, "service_kind", "CL006", specialty);
	}
	append(&text, ", ", "CL050 ", activity);
	if (kind == NULL)
		kind = mapped(r, "service_kind", "CL050", activity);
	if (kind == NULL)
		kind = mapped(r, "service_kind", "CL014", value_at(r, "referral/category"));
	set(r, "referral.service_kind", kind != NULL ? kind : "other", "referral/category");
	if (text.n > 0)
		set(r, "referral.service_text", buf_text(&text), "referral/consultation");
	set(r, "referral.need", read_code(r, "need", "CL021", "referral/type"), "referral/type");
	set(r, "referral.priority", read_code(r, "priority", "CL027", "referral/priority"), "referral/priority");
}

static void
set_diagnosis(struct nhis_reading *r, size_t i, const char *name, const char *text, const char *at)
{
	char path[64];

	snprintf(path, sizeof(path), "referral.diagnosis[%zu].%s", i, name);
	set(r, path, text, at);
}

/* The first line of a note is the diagnosis in words; all notes together are why the child is sent. */
static void
read_diagnosis(struct nhis_reading *r, const struct xml_node *node, size_t *n, struct buf *reason)
{
	const char *at = arena_fmt(r->mem, "referral/%s", node->name);
	const char *code = trimmed(r, nhis_value(node, "code")), *other = trimmed(r, nhis_value(node, "additionalCode"));
	const char *use = trimmed(r, nhis_value(node, "use")), *note = trimmed(r, nhis_value(node, "note"));
	const char *rank = trimmed(r, nhis_value(node, "rank"));
	size_t limit = record_field(record_type_by_name("diagnosis"), "text")->limit;
	size_t first = note != NULL ? strcspn(note, "\n") : 0;

	append(reason, "\n", "", note);
	if (code == NULL) {
		r->dropped += (other != NULL) + (use != NULL) + (rank != NULL);
		return;
	}
	if (*n >= NHIS_DIAGNOSES_MAX) {
		fail(r, ERR_TOOMANY, at, NULL);
		return;
	}
	set_diagnosis(r, *n, "code", code, at);
	set_diagnosis(r, *n, "use", use != NULL ? use : strcmp(node->name, "comorbidity") == 0 ? "4" : NULL, at);
	set_diagnosis(r, *n, "rank", rank, at);
	if (first > 0 && first <= limit)
		set_diagnosis(r, *n, "text", arena_strn(r->mem, note, first), at);
	(*n)++;
	r->dropped += other != NULL && *n >= NHIS_DIAGNOSES_MAX;
	if (other == NULL || *n >= NHIS_DIAGNOSES_MAX)
		return;
	set_diagnosis(r, *n, "code", other, at);
	set_diagnosis(r, *n, "use", "additional", at);
	(*n)++;
}

static void
read_diagnoses(struct nhis_reading *r)
{
	static const char *const names[] = { "diagnosis", "comorbidity" };
	const struct xml_node *referral = xml_child(r->contents, "referral");
	struct buf reason;
	size_t n = 0;

	buf_init(&reason, r->mem);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		for (const struct xml_node *d = xml_child(referral, names[i]); d != NULL && r->e == OK; d = xml_again(d))
			read_diagnosis(r, d, &n, &reason);
	if (r->e != OK)
		return;
	if (reason.n > 0) {
		set(r, "referral.reason_text", buf_text(&reason), "referral/diagnosis/note");
		return;
	}
	/* R001 has no reason in words; what it says in codes is given in its place, and marked as not written by the sender */
	append(&reason, "", "Направление по НЗИС", "");
	append(&reason, " ", "", value_at(r, "referral/category"));
	append(&reason, ", ", "", r->record->referral->service_text);
	for (size_t i = 0; i < r->record->referral->n_diagnosis; i++)
		append(&reason, ", ", "МКБ-10 ", r->record->referral->diagnosis[i]->code);
	set(r, "referral.reason_text", buf_text(&reason), "referral/diagnosis");
	set(r, "assumed", "referral.reason_text", NULL);
}

static void
read_subject(struct nhis_reading *r)
{
	const char *number = value_at(r, "subject/identifier"), *type = value_at(r, "subject/identifierType");
	const char *gender = value_at(r, "subject/gender"), *area = value_at(r, "referral/rhifAreaNumber");

	r->dropped += (number == NULL && type != NULL) + (area != NULL && nhis_municipality(area) == NULL);
	if (number != NULL) {
		set(r, "referral.child.ids[0].type", nhis_id_type(type), "subject/identifierType");
		set(r, "referral.child.ids[0].value", number, "subject/identifier");
	}
	if (gender != NULL)
		set(r, "referral.child.gender", nhis_gender(gender), "subject/gender");
	set(r, "referral.child.address.municipality", nhis_municipality(area), "referral/rhifAreaNumber");
}

static void
read_requester(struct nhis_reading *r)
{
	static const char *const parts[] = { "requester/name/given", "requester/name/middle", "requester/name/family" };
	const char *pmi = value_at(r, "requester/pmi"), *practice = value_at(r, "requester/practiceNumber");
	const char *name = value_at(r, "requester/name");
	struct buf whole;

	buf_init(&whole, r->mem);
	append(&whole, " ", "", name);
	for (size_t i = 0; i < sizeof(parts) / sizeof(parts[0]); i++)
		append(&whole, " ", "", value_at(r, parts[i]));
	if (whole.n > 0)
		set(r, "referral.initiator.worker.name", buf_text(&whole), "requester/name");
	if (pmi != NULL)
		set(r, "referral.initiator.worker.role", arena_fmt(r->mem, "УИН %s", pmi), "requester/pmi");
	if (practice != NULL)
		set(r, "referral.initiator.unit", arena_fmt(r->mem, "РЦЗ %s", practice), "requester/practiceNumber");
}

static void
read_referral(struct nhis_reading *r)
{
	const char *lrn = value_at(r, "referral/lrn"), *to = trimmed(r, nhis_value(r->root, "header/recipientId"));

	begin_record(r, "referral");
	check_category(r);
	if (lrn == NULL)
		fail(r, ERR_REQUIRED, "referral/lrn", "the referral's number is missing");
	for (const struct nhis_row *row = NHIS_ROWS; row->at != NULL; row++)
		if (row->path != NULL)
			set(r, row->path, value_at(r, row->at), row->at);
	if (r->e != OK)
		return;
	set(r, "referral.initiator.agency", r->env->agency, NULL);
	read_service(r);
	read_subject(r);
	read_requester(r);
	read_diagnoses(r);
	set(r, "native_id", arena_fmt(r->mem, "R001/%s", lrn), "referral/lrn");
	if (r->e == OK)
		r->item->native_id = r->record->native_id;
	if (to != NULL && strcmp(to, "NHIS") != 0)
		r->item->target = arena_str(r->mem, r->env->agency_of(r->env->arg, to));
}

/* -- R007, R002 -- */

static void
read_cancel(struct nhis_reading *r)
{
	const char *number = value_at(r, "nrnReferral"), *id = trimmed(r, nhis_value(r->root, "header/messageId"));

	if (number == NULL)
		number = value_at(r, "lrn");
	begin_record(r, "status-change");
	if (number == NULL)
		fail(r, ERR_REQUIRED, "nrnReferral", "the referral's number is missing");
	set(r, "status.referral_id", number, "nrnReferral");
	set(r, "status.to", "cancelled", NULL);
	set(r, "status.reason_text", value_at(r, "cancelReason"), "cancelReason");
	if (r->e == OK)		/* one referral is cancelled once, whatever number the request has */
		set(r, "native_id", arena_fmt(r->mem, "R007/%s", id != NULL ? id : number), "nrnReferral");
	if (r->e == OK)
		r->item->native_id = r->record->native_id;
}

static void
read_registered(struct nhis_reading *r)
{
	if (xml_child(r->contents, "error") != NULL)
		fail(r, ERR_UNSUPPORTED, "error", "a refusal is given as the answer to what was handed over");
	r->item->confirms = value_at(r, "lrn");
	r->item->case_no = value_at(r, "nrnReferral");
	if (r->item->confirms == NULL)
		fail(r, ERR_REQUIRED, "lrn", "the referral's number is missing");
	if (r->item->case_no == NULL)
		fail(r, ERR_REQUIRED, "nrnReferral", "your own number for it is missing");
}

/* -- leaving out -- */

/* Places that may stand more than once; of any other only the first is read. */
static bool
may_repeat(const char *at)
{
	return strcmp(at, "referral/diagnosis") == 0 || strcmp(at, "referral/comorbidity") == 0;
}

static bool
is_read(const char *at, bool is_referral)
{
	return is_referral ? nhis_is_read(at) : strcmp(at, "nrnReferral") == 0 || strcmp(at, "lrn") == 0 || strcmp(at, "cancelReason") == 0;
}

/* Beside the value: of a specialty the fund's code is read, of all else nothing. */
static int64_t
count_attrs(const struct xml_node *node, const char *at)
{
	bool has_code = strcmp(at, "referral/consultation/qualification") == 0 || strcmp(at, "referral/specializedActivities/qualification") == 0;
	int64_t n = 0;

	for (size_t i = 0; i < node->n_attrs; i++)
		n += node->attrs[i].ns[0] == '\0' && strcmp(node->attrs[i].name, "value") != 0 &&
		     !(has_code && strcmp(node->attrs[i].name, "nhifCode") == 0);
	return n;
}

/* Below `node`, whose place is `at`; is_lost: nothing of it was read. */
static void
count_dropped(struct nhis_reading *r, const struct xml_node *node, const char *at, bool is_lost)
{
	for (const struct xml_node *child = node->first; child != NULL; child = child->next) {
		char below[AT_MAX];
		bool is_gone = is_lost;

		if (strcmp(child->ns, SIGNATURE_NS) == 0)
			continue;
		if (snprintf(below, sizeof(below), "%s%s%s", at, *at != '\0' ? "/" : "", child->name) >= AT_MAX) {
			r->dropped++;
			continue;
		}
		is_gone |= xml_child(node, child->name) != child && !may_repeat(below);
		if (nhis_value(child, "") != NULL && (is_gone || !is_read(below, r->record->referral != NULL))) {
			r->dropped++;
			continue;
		}
		r->dropped += count_attrs(child, below) + child->is_mixed;
		count_dropped(r, child, below, is_gone);
	}
}

/* -- the message -- */

static void
read_item(struct nhis_reading *r, const char *type)
{
	if (strcmp(type, "R001") == 0)
		read_referral(r);
	else if (strcmp(type, "R007") == 0)
		read_cancel(r);
	else
		read_registered(r);
	if (r->e == OK && r->record != NULL) {
		count_dropped(r, r->contents, "", false);
		if (r->dropped > 0)
			r->record->dropped = record_int(r->mem, r->dropped);
	}
	if (arena_is_full(r->mem)) {
		r->e = OK;
		fail(r, ERR_TOOBIG, NULL, "no room for the message");
	}
	r->item->e = r->e;
	r->item->why = r->why;
	r->item->record = r->e == OK ? r->record : NULL;
	if (r->e != OK)
		r->item->confirms = r->item->case_no = r->item->target = NULL;
}

static const char *
type_of(struct nhis_reading *r)
{
	static const char *const taken[] = { "R001", "R007", "R002" };
	const char *type = trimmed(r, nhis_value(r->root, "header/messageType"));

	r->contents = nhis_contents(r->root);
	if (r->contents == NULL) {
		fail(r, ERR_UNSUPPORTED, "message", "a nhis:message of " NHIS_NS " with contents is expected");
		return NULL;
	}
	for (size_t i = 0; type != NULL && i < sizeof(taken) / sizeof(taken[0]); i++)
		if (strcmp(taken[i], type) == 0)
			return taken[i];
	r->e = why_set(&r->why, type != NULL ? ERR_UNSUPPORTED : ERR_REQUIRED, "header/messageType", "R001, R007 or R002");
	xml_place(nhis_find(r->root, "header/messageType"), &r->why);
	return NULL;
}

void
health_nhis_to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	struct nhis_reading r = { .env = env, .mem = mem };
	const char *type = NULL;

	*ret_intake = (struct intake){ .e = OK };
	r.e = xml_parse(in->bytes, in->charset, mem, &r.root, &r.why);
	if (r.e == OK)
		type = type_of(&r);
	if (r.e == OK && (r.item = arena_alloc(mem, sizeof(*r.item))) == NULL)
		fail(&r, ERR_TOOBIG, NULL, "no room for the message");
	if (r.e != OK) {
		ret_intake->e = r.e;
		ret_intake->why = r.why;
		return;
	}
	read_item(&r, type);
	ret_intake->items = r.item;
	ret_intake->n = 1;
}
