/* SPDX-License-Identifier: EUPL-1.2 */
/* nhis_answer - the answers to R001 and R007 in НЗИС's own shape, and what a practice's answer means for us.
 *
 * The number of a referral (nrnReferral) that we give is its message id: R007 finds it again by that, or by the lrn.
 */
#include "adapters/health/fhir.h"
#include "adapters/health/nhis_out.h"

#include <string.h>

#include "proto/kind.h"

#define STATUS_CANCELLED "5"	/* CL003 */

struct asked {
	const struct xml_node *root, *contents;
	const char *type, *sender, *sender_id, *recipient, *recipient_id, *id, *lrn;
};

static void
read_asked(const struct native *in, struct arena *mem, struct asked *a)
{
	*a = (struct asked){ .type = "R002" };
	if (xml_parse(in->bytes, in->charset, mem, &a->root, NULL) != OK)
		return;
	a->contents = nhis_contents(a->root);
	a->sender = nhis_value(a->root, "header/sender");
	a->sender_id = nhis_value(a->root, "header/senderId");
	a->recipient = nhis_value(a->root, "header/recipient");
	a->recipient_id = nhis_value(a->root, "header/recipientId");
	a->id = nhis_value(a->root, "header/messageId");
	a->lrn = nhis_value(a->contents, "referral/lrn");
	if (nhis_value(a->root, "header/messageType") != NULL && strcmp(nhis_value(a->root, "header/messageType"), "R007") == 0)
		a->type = "R008";
}

/* The core tells a fault by the record's path: said again as the element that it came from, with its line. */
static const char *
place_of(const struct asked *a, const char *where, struct why *why)
{
	const char *at = nhis_at_of(where);
	const struct xml_node *node = at != NULL ? nhis_find(a->contents, at) : NULL;

	if (why->line == 0)
		xml_place(node, why);
	return at != NULL ? at : where;
}

static void
put_numbers(struct buf *b, const struct asked *a, const struct intake_item *item)
{
	bool is_cancel = strcmp(a->type, "R008") == 0;
	const struct record *referral = item->referral;

	if (item->record == NULL) {	/* our R001, confirmed under the practice's own number */
		nhis_put(b, "nrnReferral", item->case_no);
		nhis_put(b, "lrn", item->confirms);
		return;
	}
	nhis_put(b, "nrnReferral", is_cancel ? item->record->status->referral_id : item->msg_id);
	/* what was only asked for is not cancelled yet */
	if (is_cancel && !item->is_repeat && item->record->status->to != NULL && strcmp(item->record->status->to, "cancelled") == 0)
		nhis_put(b, "status", STATUS_CANCELLED);
	nhis_put(b, "lrn", referral != NULL && referral->referral != NULL ? referral->referral->referral_id : a->lrn);
}

enum err
health_nhis_answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
		   struct native *ret_answer)
{
	const struct intake_item *item = intake->n > 0 ? &intake->items[0] : NULL;
	struct why why = intake->e == OK && item != NULL ? item->why : intake->why;
	enum err e = intake->e != OK ? intake->e : item != NULL ? item->e : ERR_SYNTAX;
	struct asked a;
	struct buf b;

	read_asked(in, mem, &a);
	buf_init(&b, mem);
	nhis_put_header(&b, &(struct nhis_header){
	    .sender = a.recipient, .recipient = a.sender, .recipient_id = a.sender_id,
	    .message_id = item != NULL && item->msg_id != NULL ? item->msg_id : a.id, .type = a.type, .created_ms = env->now_ms,
	});
	if (e == OK) {
		put_numbers(&b, &a, item);
	} else {
		nhis_put_error(&b, e, place_of(&a, why.where, &why), &why);
		nhis_put(&b, "lrn", a.lrn);
	}
	return nhis_finish(&b, e == OK ? 200 : fhir_http_status(e), ret_answer);
}

/* Outside of a message there is no header to answer to. */
enum err
health_nhis_problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	struct buf b;

	(void)request;
	buf_init(&b, mem);
	nhis_put_header(&b, &(struct nhis_header){ .type = "R002" });
	nhis_put_error(&b, e, why != NULL ? why->where : NULL, why);
	return nhis_finish(&b, fhir_http_status(e), ret_problem);
}

/* Is it the answer to a referral or its cancellation, and of no other referral than ours? A number of another's would be taken for ours. */
static bool
is_answer_to(const struct outgoing *out, const struct xml_node *root, const struct xml_node *contents)
{
	const char *type = nhis_value(root, "header/messageType"), *lrn = nhis_value(contents, "lrn");
	const char *ours = out->record != NULL ? kind_reference(out->record) : NULL;

	if (type != NULL && strcmp(type, "R002") != 0 && strcmp(type, "R008") != 0)
		return false;
	return lrn == NULL || ours == NULL || strcmp(lrn, ours) == 0;
}

enum err
health_nhis_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
			struct why *why)
{
	struct native bare = { .status = answer->status };
	const struct xml_node *root = NULL, *contents;
	enum err e;

	*ret_case_no = NULL;
	if ((e = health_fhir_read_answer(out, &bare, mem, ret_case_no, why)) != OK)	/* the number alone says when again */
		return e;
	if (answer->bytes.n == 0 || xml_parse(answer->bytes, answer->charset, mem, &root, NULL) != OK)
		return OK;	/* taken; whatever the body is, it holds no number that we could read */
	contents = nhis_contents(root);
	if (xml_child(contents, "error") != NULL)
		return why_set(why, ERR_SYSTEM_REFUSED, "error", "the practice's system answered with an error");
	if (is_answer_to(out, root, contents))
		*ret_case_no = arena_str(mem, nhis_value(contents, "nrnReferral"));
	return OK;	/* taken, else */
}
