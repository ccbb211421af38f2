/* SPDX-License-Identifier: EUPL-1.2 */
/* from_record - what is handed to a social agency's system, and what that system's answer means.
 *
 * One shape for the webhook's body and for an item of the inbox: who and where, then `record` with the fields of the body
 * as it would be posted. See MAPPING.md.
 */
#include "adapters/social/social.h"

#include <jansson.h>
#include <string.h>

#include "adapters/core/xml.h"
#include "proto/kind.h"

#define JSON_TYPE "application/json"

static void
write_refusal(struct buf *b, enum err e)
{
	if (e == OK)
		return;
	social_json_key(b, "refusal");
	buf_u8(b, '{');
	social_json_member(b, "code", err_code(e));
	social_json_member(b, "title", err_text(e, LANG_EN));
	social_json_member(b, "title_bg", err_text(e, LANG_BG));
	buf_u8(b, '}');
}

static void
write_texts(struct buf *b, const char *name, const struct texts *texts)
{
	if (texts->n == 0)
		return;
	social_json_key(b, name);
	buf_u8(b, '[');
	for (size_t i = 0; i < texts->n; i++) {
		social_json_comma(b);
		social_json_text(b, texts->items[i]);
	}
	buf_u8(b, ']');
}

static void
write_record(struct buf *b, const struct record *record)
{
	char hex[33];

	if (record->case_id != NULL) {
		bytes_hex(record->case_id, 16, hex);
		social_json_member(b, "case_id", hex);
	}
	write_texts(b, "assumed", &record->assumed);
	if (record->dropped != NULL)
		social_json_number(b, "dropped", (uint64_t)*record->dropped);
	social_json_key(b, "record");
	social_json_message(b, record_field(record_type(), kind_by_code(record->kind)->body)->of, kind_body(record));
}

static const char *
referral_id_of(const struct record *referral, const struct record *record)
{
	return referral != NULL ? kind_reference(referral) : record != NULL ? kind_reference(record) : NULL;
}

void
social_item(struct buf *b, const struct outgoing *out)
{
	bool is_preview = out->stage != NULL && strcmp(out->stage, "preview") == 0;

	buf_u8(b, '{');
	social_json_number(b, "cursor", out->cursor);
	social_json_member(b, "msg_id", out->msg_id);
	social_json_member(b, "thread", out->thread);
	social_json_member(b, "from", out->from);
	social_json_member(b, "kind", is_preview ? "preview" : out->record == NULL ? "stage" : out->record->kind);
	social_json_member(b, "state", out->state);
	social_json_time(b, "received_at", out->at_ms);
	social_json_bool(b, "is_initiator", out->is_initiator);
	social_json_member(b, "referral_id", referral_id_of(out->referral, out->record));
	social_json_member(b, "case_no", out->case_no);
	social_json_member(b, "external_no", out->external_no);
	social_json_member(b, "stage", is_preview ? NULL : out->stage);
	write_refusal(b, out->stage_err);
	social_json_member(b, "href", out->href);
	social_json_member(b, "file", out->file);
	if (is_preview) {
		social_json_key(b, "preview");
		social_json_message(b, record_type_by_name("preview"), out->referral->referral->preview);
	}
	if (out->record != NULL)
		write_record(b, out->record);
	buf_u8(b, '}');
}

enum err
social_from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
		   struct native *ret_native, struct why *why)
{
	struct buf b;
	enum err e;

	*ret_native = (struct native){ .format = format };
	if (format == FORMAT_OSCAR || format == FORMAT_PRIMERO)
		return social_case_write(out, format, env, mem, ret_native, why);
	if (format != FORMAT_JSON && format != FORMAT_XML)
		return why_set(why, ERR_UNSUPPORTED, NULL, "this agency's adapter writes JSON, XML, and that of OSCaR and Primero");
	buf_init(&b, mem);
	social_item(&b, out);
	if ((e = social_json_finish(&b, 0, JSON_TYPE, ret_native)) != OK)
		return why_set(why, e, NULL, "no room for the JSON text");
	if (format == FORMAT_XML && (e = social_xml_turn(ret_native, "item", mem)) != OK)
		return why_set(why, e, NULL, "no room for the XML text");
	ret_native->method = "POST";
	return OK;
}

/* Does this answer speak of the message (never again), or of the system, its door or the way there (later)? Our own wrong
 * token or address must not cost anybody a referral, so 401, 403, 404, 405 and 407 are the way there. */
static bool
is_for_good(unsigned status)
{
	static const unsigned later[] = { 401, 403, 404, 405, 407, 408, 409, 425, 429 };

	if (status < 400 || status > 499)
		return false;
	for (size_t i = 0; i < sizeof(later) / sizeof(later[0]); i++)
		if (later[i] == status)
			return false;
	return true;
}

/* Whether it is one that can be used is the core's to say. */
static const char *
case_no_in_xml(const struct native *answer, struct arena *mem)
{
	const struct xml_node *root, *no;

	if (xml_parse(answer->bytes, answer->charset, mem, &root, NULL) != OK || (no = xml_child(root, "case_no")) == NULL)
		return NULL;
	return no->text;
}

/* The case number in the answer, as text or whole number; NULL where there is none. */
static const char *
case_no_in(const json_t *root, struct arena *mem)
{
	const json_t *value = json_object_get(root, "case_no");

	if (json_is_integer(value))
		return arena_fmt(mem, "%lld", (long long)json_integer_value(value));
	return json_is_string(value) ? arena_str(mem, json_string_value(value)) : NULL;
}

enum err
social_read_answer(const struct outgoing *out, const struct native *answer, struct arena *mem, const char **ret_case_no,
		   struct why *why)
{
	json_t *root = NULL;

	(void)out;
	*ret_case_no = NULL;
	if (is_for_good(answer->status))
		return why_set(why, ERR_SYSTEM_REFUSED, NULL, "HTTP %u", answer->status);
	if (answer->status < 200 || answer->status > 299)
		return why_set(why, ERR_PEER_REFUSED, NULL, "HTTP %u", answer->status);
	/* Any 2xx has taken it; only a readable case number says that it is registered as well. */
	if (xml_is_likely(answer->bytes))
		*ret_case_no = case_no_in_xml(answer, mem);
	else if (answer->bytes.n > 0 && social_json_parse(answer->bytes, &root, NULL) == OK)
		*ret_case_no = case_no_in(root, mem);
	json_decref(root);
	return OK;
}

/* after=N of the request: an empty page goes on from where it was asked. */
uint64_t
social_after(const char *path)
{
	const char *p = path != NULL ? strchr(path, '?') : NULL;
	uint64_t n = 0;

	if (p == NULL || (p = strstr(p, "after=")) == NULL)
		return 0;
	for (p += strlen("after="); *p >= '0' && *p <= '9' && n < UINT64_MAX / 16; p++)
		n = n * 10 + (uint64_t)(*p - '0');
	return n;
}

enum err
social_listing(const struct outgoing *items, size_t n, const struct native *request, const struct sector_env *env,
	       struct arena *mem, struct native *ret_list)
{
	struct buf b;

	(void)env;
	buf_init(&b, mem);
	buf_str(&b, "{\"items\":[");
	for (size_t i = 0; i < n; i++) {
		social_json_comma(&b);
		social_item(&b, &items[i]);
	}
	buf_u8(&b, ']');
	social_json_number(&b, "next_after", n > 0 ? items[n - 1].cursor : social_after(request->path));
	buf_u8(&b, '}');
	return social_json_finish(&b, 200, JSON_TYPE, ret_list);
}

enum err
social_progress(const struct progress *p, const struct native *request, struct arena *mem, struct native *ret_view)
{
	struct buf b;

	(void)request;
	buf_init(&b, mem);
	buf_u8(&b, '{');
	social_json_member(&b, "referral_id", referral_id_of(p->referral, NULL));
	social_json_member(&b, "msg_id", p->msg_id);
	social_json_member(&b, "thread", p->thread);
	social_json_member(&b, "state", p->state);
	social_json_member(&b, "other_agency", p->other_agency);
	social_json_bool(&b, "is_initiator", p->is_initiator);
	social_json_member(&b, "case_no", p->case_no);
	social_json_member(&b, "external_no", p->external_no);
	social_json_key(&b, "stages");
	buf_u8(&b, '{');
	social_json_time(&b, "queued", p->queued_ms);
	social_json_time(&b, "stored", p->stored_ms);
	social_json_time(&b, "delivered", p->delivered_ms);
	social_json_time(&b, "registered", p->registered_ms);
	social_json_time(&b, "seen", p->seen_ms);
	social_json_time(&b, "refused", p->refused_ms);
	buf_u8(&b, '}');
	write_refusal(&b, p->refused);
	if (p->referral != NULL && p->referral->referral != NULL) {
		social_json_key(&b, "referral");
		social_json_message(&b, record_type_by_name("referral"), p->referral->referral);
	}
	buf_u8(&b, '}');
	return social_json_finish(&b, 200, JSON_TYPE, ret_view);
}
