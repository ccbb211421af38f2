/* SPDX-License-Identifier: EUPL-1.2 */
/* enclose - the message is translated twice: here for what it says of its files, by adapter_take for all else. Both see the same bytes, so
 * an item is known by its place.
 */
#include "adapters/core/enclose.h"

#include <stdio.h>
#include <strings.h>

#include "adapters/core/flights.h"
#include "adapters/core/intake.h"
#include "adapters/core/storage.h"
#include "adapters/core/upload.h"

#define SET_ARENA ((size_t)16 * 1024 * 1024)	/* ENCLOSURES_MAX rows of the longest table, and more */

struct enclosed {
	size_t item;			/* of the intake */
	struct upload_offer offer;
	const char *referral;		/* the path that names the referral or conference */
	struct why why;			/* of a refusal */
	const char *msg_id, *thread;	/* once taken */
	bool is_repeat;
	struct arena *mem;		/* the set's */
};

enum beside
adapter_beside(const struct adapter *a, const char *file)
{
	/* a text may be a table, and who is told to save his spreadsheet as a table waits for the word */
	static const char *const maybe[] = { ".txt", ".xlsx" };
	size_t n = strlen(file);

	if (!a->p.sector->names_files || whole_type_of(file) == NULL)
		return BESIDE_NOT;
	for (size_t i = 0; i < sizeof(maybe) / sizeof(maybe[0]); i++)
		if (n > strlen(maybe[i]) && strcasecmp(file + n - strlen(maybe[i]), maybe[i]) == 0)
			return BESIDE_MAYBE;
	return BESIDE_ONLY;
}

/* -- what is said of the files -- */

static void
settle(struct enclosure *f, enum err e, const struct why *why)
{
	f->is_settled = true;
	f->e = e;
	if (why)
		f->own->why = *why;
}

/* A digest as headers say it; NULL: it is no SHA-256. */
static const char *
digest_of(const char *hex, struct arena *mem)
{
	char base64[WHOLE_DIGEST_LEN];
	struct hash h;

	if (bytes_unhex(hex, h.b, sizeof(h.b)) != OK)
		return NULL;
	whole_digest(&h, base64);
	return arena_fmt(mem, "sha-256=:%s:", base64);
}

static void
check_row(struct enclosure *f, const struct file_part *said)
{
	struct upload_offer *o = &f->own->offer;
	struct why why = { .line = 0 };
	enum err e = OK;

	if (!whole_is_name(f->file))
		e = why_set(&why, ERR_FILE_NAME, "file", "a name, and no path");
	else if (o->number == NULL)
		e = why_set(&why, ERR_REQUIRED, "attachment.referral_id", "the referral's number, or the conference's");
	else if (whole_type_of(f->file) == NULL)
		e = why_set(&why, ERR_MEDIA_TYPE, "file", "files of this type are not taken");
	else if (said->sha256 && o->digest == NULL)
		e = why_set(&why, ERR_FORMAT, "attachment.sha256", "64 hexadecimal digits");
	if (e != OK)
		settle(f, e, &why);
}

/* The same row of before. */
static void
look_back(struct adapter *a, struct txn *txn, struct enclosure *f, struct intake_item *item)
{
	struct enclosed *own = f->own;
	struct span key;
	enum err e;

	if (f->is_settled)
		return;
	if ((e = intake_native(a, item, &key, &own->offer.native_said)) != OK) {
		settle(f, e, NULL);
		return;
	}
	own->offer.native = arena_span(own->mem, key);
	f->is_known = intake_had(a, txn, key, &own->offer.native_said, item) && item->e == OK;
	if (item->e != OK)
		settle(f, item->e, &item->why);
	own->msg_id = arena_str(own->mem, item->msg_id);
	own->thread = arena_str(own->mem, item->thread);
}

static bool
note_item(struct adapter *a, struct txn *txn, struct enclosures *set, size_t index, struct intake_item *item)
{
	const struct file_part *said = item->record ? item->record->attachment : NULL;
	struct enclosure *f = &set->all[set->n];
	struct enclosed *own = arena_alloc(set->mem, sizeof(*own));
	struct arena *mem = set->mem;

	if (own == NULL)
		return false;
	*f = (struct enclosure){ .file = arena_str(mem, item->file), .size = -1, .own = own };
	own->item = index;
	own->mem = mem;
	set->n++;
	if (item->e != OK || said == NULL) {
		settle(f, item->e != OK ? item->e : ERR_UNSUPPORTED, &item->why);
		return f->file != NULL;
	}
	f->media_type = said->media_type ? said->media_type : whole_type_of(item->file);
	f->size = said->size ? *said->size : -1;
	own->referral = said->referral_id ? "attachment.referral_id" : "attachment.conference_id";
	own->offer = (struct upload_offer){
		.number = arena_str(mem, said->referral_id ? said->referral_id : said->conference_id),
		.said = {
			.att_id = arena_str(mem, said->att_id), .filename = arena_str(mem, said->filename),
			.media_type = arena_str(mem, f->media_type), .category = arena_str(mem, said->category),
			.confidentiality = arena_str(mem, said->confidentiality), .retain_until = arena_str(mem, said->retain_until),
			.source = arena_str(mem, item->record->source),
		},
		.digest = said->sha256 ? digest_of(said->sha256, mem) : NULL,
		.key = arena_fmt(mem, "%s file %s", a->p.sector->name, item->native_id), .is_key_of_bytes = !item->is_named,
	};
	f->media_type = own->offer.said.media_type;
	check_row(f, said);
	look_back(a, txn, f, item);
	return !arena_is_full(mem);
}

enum err
adapter_enclosures(struct adapter *a, const struct native *in, struct enclosures **ret_set)
{
	struct arena *mem = NULL;
	struct enclosures *set;
	struct intake intake = { 0 };
	struct txn *txn;
	bool has_room;
	size_t n = 0;

	*ret_set = NULL;
	if (!a->p.sector->names_files)
		return OK;
	arena_reset(a->mem);
	a->env.now_ms = core_now(a);
	a->p.sector->to_records(in, &a->env, a->mem, &intake);
	for (size_t i = 0; intake.e == OK && i < intake.n && n < ENCLOSURES_MAX; i++)
		n += intake.items[i].file != NULL;
	if (n == 0)
		return OK;
	if ((mem = arena_new(SET_ARENA)) == NULL || (set = arena_alloc(mem, sizeof(*set))) == NULL ||
	    (set->all = arena_array(mem, n, sizeof(*set->all))) == NULL) {
		arena_free(mem);
		return ERR_OVERLOAD;
	}
	set->mem = mem;
	txn = store_read(a->p.store);
	has_room = true;
	for (size_t i = 0; i < intake.n && set->n < n && has_room; i++)
		if (intake.items[i].file)
			has_room = note_item(a, txn, set, i, &intake.items[i]);
	txn_abort(txn);
	if (has_room)
		*ret_set = set;
	else	/* beyond what a table may hold: its rows are refused */
		arena_free(mem);
	return OK;
}

void
adapter_enclosures_free(struct enclosures *set)
{
	if (set)
		arena_free(set->mem);
}

/* -- their bytes -- */

/* Where in the message the fault is that an upload found. */
static const char *
place_of(const struct enclosure *f, const char *where)
{
	static const char *const places[][2] = {
		{ "filename", "attachment.filename" }, { "Content-Digest", "attachment.sha256" }, { "attachment_category", "attachment.category" },
		{ "category", "attachment.category" }, { "confidentiality", "attachment.confidentiality" }, { "Content-Type", "file" },
		{ "body", "file" },
	};

	if (strcmp(where, "id") == 0)
		return f->own->referral;
	if (strcmp(where, "Idempotency-Key") == 0)
		return "attachment.native_id";
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++)
		if (strcmp(places[i][0], where) == 0)
			return places[i][1];
	return where;
}

/* What is for good settles it; anything else is the caller's. */
static enum err
judge(struct enclosure *f, enum err e, const struct why *why)
{
	struct why here = *why;

	if (err_is_fatal(e) || err_verdict(e) == VERDICT_RETRY)
		return e;
	snprintf(here.where, sizeof(here.where), "%s", place_of(f, why->where));
	settle(f, e, &here);
	return OK;
}

enum err
adapter_enclosure_begin(struct adapter *a, struct enclosure *f, uint64_t length, struct upload **ret_upload)
{
	struct why why = { .where = "" };
	enum err e;

	*ret_upload = NULL;
	arena_reset(a->mem);
	f->own->offer.length = length;
	if (length == 0)
		e = why_set(&why, ERR_CUT_OFF, "file", "the file is empty");
	else if (f->size >= 0 && (uint64_t)f->size != length)
		e = why_set(&why, ERR_FILE_DIFFERS, "attachment.size", "the file has another size");
	else
		e = upload_begin(a, &f->own->offer, ret_upload, &why);
	return e == OK ? OK : judge(f, e, &why);
}

static enum err
name_it(struct adapter *a, struct enclosure *f, const struct file *file)
{
	struct txn *txn = store_read(a->p.store);
	char id[MSGID_TEXT_LEN], hex[2 * THREAD_LEN + 1];
	struct outbound first;
	bool is_there = outbox_get(txn, file->whole.at[0], &first);

	txn_abort(txn);
	if (!is_there)
		return ERR_CORRUPT;
	msgid_format(&first.first, id);
	bytes_hex(file->thread.b, THREAD_LEN, hex);
	f->own->msg_id = arena_str(f->own->mem, id);
	f->own->thread = arena_str(f->own->mem, hex);
	return OK;
}

enum err
adapter_enclosure_end(struct adapter *a, struct enclosure *f, struct upload *u)
{
	struct why why = { .where = "" };
	struct file file;
	enum err e, broken;

	if ((e = upload_end(u, &file, &f->own->is_repeat, &why)) != OK) {
		broken = adapter_upload_drop(u);
		return err_is_fatal(broken) ? broken : judge(f, e, &why);
	}
	if ((e = name_it(a, f, &file)) != OK)
		return e;
	settle(f, OK, NULL);
	e = flights_submit(a);	/* it is in the outbox: what hinders its sending is no news for the caller */
	return err_is_fatal(e) ? e : OK;
}

void
adapter_enclosure_refuse(struct enclosure *f, enum err e, const struct why *why)
{
	struct why here = { .where = "file" };

	if (f->is_known && e == ERR_FILE_MISSING) {
		f->own->is_repeat = true;
		settle(f, OK, NULL);
		return;
	}
	if (why)
		snprintf(here.where, sizeof(here.where), "%s", place_of(f, why->where));
	settle(f, e, &here);
}

/* -- what became of them -- */

static void
settle_item(struct adapter *a, struct intake_item *item, const struct enclosure *f)
{
	item->e = f->e;
	if (f->e != OK) {
		item->why = f->own->why;
		item->record = NULL;
		return;
	}
	item->msg_id = arena_str(a->mem, f->own->msg_id);
	item->thread = arena_str(a->mem, f->own->thread);
	item->is_repeat = f->own->is_repeat;
}

void
enclose_settle(struct adapter *a, const struct native *in, struct intake *intake)
{
	const struct enclosures *set = in->enclosed;
	size_t at = 0;

	for (size_t i = 0; i < intake->n; i++) {
		struct intake_item *item = &intake->items[i];

		if (item->file == NULL)
			continue;
		if (set && at < set->n && set->all[at].own->item == i && set->all[at].is_settled)
			settle_item(a, item, &set->all[at++]);
		else if (item->e == OK)
			item->e = set ? why_set(&item->why, ERR_TOOMANY, "file", "more than %d files at once", ENCLOSURES_MAX) :
					why_set(&item->why, ERR_UNSUPPORTED, "file", "files lie beside their table in the folder");
	}
}
