/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_revise - what a PUT or a PATCH changes of the Task that stands at its address.
 *
 * A status is a step, not a row that is overwritten: what the client repeats of the Task that it read (the reason of an older step,
 * its time, its businessStatus) is no part of the new step. Pure; called by fhir_to_record.c only.
 */
#include "adapters/health/fhir.h"

#include <stdlib.h>
#include <string.h>

#include <jansson.h>

#define PATCH_OPS_MAX 100u
#define POINTER_MAX 200u

/* -- JSON Patch (RFC 6902): add, replace, remove, test -- */

struct place {
	json_t *in;			/* object or array */
	char key[POINTER_MAX + 1];	/* of an object */
	size_t i;			/* of an array; its size: behind the last one */
};

/* The next step of a pointer, its escapes undone. Gives what follows it. */
static const char *
next_step(const char *p, char to[static POINTER_MAX + 1])
{
	size_t n = 0;

	for (p++; *p != '\0' && *p != '/'; p++) {
		if (n == POINTER_MAX)
			return NULL;
		if (*p == '~' && (p[1] == '0' || p[1] == '1'))
			to[n++] = *++p == '0' ? '~' : '/';
		else
			to[n++] = *p;
	}
	to[n] = '\0';
	return p;
}

static bool
set_key(struct place *at, const char *key)
{
	char *end;

	if (json_is_object(at->in)) {
		memcpy(at->key, key, strlen(key) + 1);
		return true;
	}
	if (!json_is_array(at->in))
		return false;
	if (strcmp(key, "-") == 0) {
		at->i = json_array_size(at->in);
		return true;
	}
	at->i = strtoul(key, &end, 10);
	return *key >= '0' && *key <= '9' && *end == '\0' && at->i <= json_array_size(at->in);
}

static json_t *
value_at(const struct place *at)
{
	return json_is_array(at->in) ? json_array_get(at->in, at->i) : json_object_get(at->in, at->key);
}

static enum err
find_place(json_t *root, const char *pointer, struct place *ret_at, struct why *why)
{
	struct place at = { .in = root };
	char key[POINTER_MAX + 1];
	const char *p = pointer;

	while (p != NULL && *p == '/') {
		if ((p = next_step(p, key)) == NULL || !set_key(&at, key))
			break;
		if (*p == '\0') {
			*ret_at = at;
			return OK;
		}
		at.in = value_at(&at);
	}
	return why_set(why, ERR_PRECONDITION, "path", "leads nowhere in the Task that stands here");
}

static enum err
put_value(const struct place *at, json_t *value, bool must_be, struct why *why)
{
	if (must_be && value_at(at) == NULL)
		return why_set(why, ERR_PRECONDITION, "path", "nothing stands there to be replaced");
	if (json_is_object(at->in))
		json_object_set(at->in, at->key, value);
	else if (must_be)
		json_array_set(at->in, at->i, value);
	else
		json_array_insert(at->in, at->i, value);
	return OK;
}

static enum err
apply_one(json_t *root, const json_t *op, struct why *why)
{
	const char *name = fhir_text(op, "op"), *pointer = fhir_text(op, "path");
	json_t *value = json_object_get(op, "value");
	struct place at;
	enum err e;

	if (name == NULL || pointer == NULL)
		return why_set(why, ERR_REQUIRED, "op", "an operation has op and path");
	if (value == NULL && strcmp(name, "remove") != 0)
		return why_set(why, ERR_REQUIRED, "value", "this operation has a value");
	if ((e = find_place(root, pointer, &at, why)) != OK)
		return e;
	if (strcmp(name, "add") == 0 || strcmp(name, "replace") == 0)
		return put_value(&at, value, *name == 'r', why);
	if (strcmp(name, "test") == 0)
		return json_equal(value_at(&at), value) ? OK : why_set(why, ERR_PRECONDITION, "path", "a test of the patch fails");
	if (strcmp(name, "remove") != 0)
		return why_set(why, ERR_UNSUPPORTED, "op", "add, replace, remove, test");
	if (value_at(&at) == NULL)
		return why_set(why, ERR_PRECONDITION, "path", "nothing stands there to be removed");
	if (json_is_object(at.in))
		json_object_del(at.in, at.key);
	else
		json_array_remove(at.in, at.i);
	return OK;
}

static enum err
apply(json_t *task, const json_t *patch, struct why *why)
{
	enum err e = OK;

	if (!json_is_array(patch) || json_array_size(patch) > PATCH_OPS_MAX)
		return why_set(why, ERR_SYNTAX, NULL, "a JSON Patch is a list of at most %u operations", PATCH_OPS_MAX);
	for (size_t i = 0; i < json_array_size(patch) && e == OK; i++)
		e = apply_one(task, json_array_get(patch, i), why);
	return e;
}

/* -- what was only repeated -- */

static bool
is_same(const json_t *a, const json_t *b, const char *key)
{
	return json_equal(json_object_get(a, key), json_object_get(b, key));
}

/* Who acts may be the same person as before; everything else that is repeated is of the older step. */
static bool
is_lasting(const json_t *item)
{
	const char *url = fhir_text(item, "url");

	return url != NULL && strncmp(url, FHIR_EXT_FIELD "actor.", sizeof(FHIR_EXT_FIELD "actor.") - 1) == 0;
}

static void
drop_items(json_t *task, const json_t *stands, const char *key)
{
	json_t *list = json_object_get(task, key), *had = json_object_get(stands, key), *value;
	size_t k;

	for (size_t i = json_array_size(list); i-- > 0;) {
		json_array_foreach(had, k, value)
			if (!is_lasting(value) && json_equal(json_array_get(list, i), value)) {
				json_array_remove(list, i);
				break;
			}
	}
	if (json_is_array(list) && json_array_size(list) == 0)
		json_object_del(task, key);
}

/* The stage that we said ourselves is nobody's confirmation. */
static void
drop_stage(json_t *task)
{
	json_t *concept = json_deep_copy(json_object_get(task, "businessStatus")), *codings = json_object_get(concept, "coding");

	for (size_t i = json_array_size(codings); i-- > 0;) {
		const char *system = fhir_text(json_array_get(codings, i), "system");

		if (system != NULL && strcmp(system, FHIR_SYS_STAGE) == 0)
			json_array_remove(codings, i);
	}
	json_object_set_new(task, "businessStatus", concept);
}

static void
drop_repeated(json_t *task, const json_t *stands)
{
	static const char *const whole[] = {
		"meta", "text", "lastModified", "executionPeriod", "location", "restriction", "authoredOn", "note",
	};
	static const char *const with_reason[] = { "rejected", "cancelled", "failed", "on-hold", "entered-in-error" };
	static const char *const lists[] = { "extension", "output", "input" };
	const char *status = fhir_text(task, "status");
	bool is_status_same = is_same(task, stands, "status"), has_reason = is_status_same;

	if (is_same(task, stands, "businessStatus") && json_object_get(task, "businessStatus") != NULL) {
		if (is_status_same)
			drop_stage(task);
		else
			json_object_del(task, "businessStatus");
	}
	for (size_t i = 0; i < sizeof(whole) / sizeof(whole[0]); i++)
		if (is_same(task, stands, whole[i]))
			json_object_del(task, whole[i]);
	for (size_t i = 0; i < sizeof(lists) / sizeof(lists[0]); i++)
		drop_items(task, stands, lists[i]);
	for (size_t i = 0; status != NULL && i < sizeof(with_reason) / sizeof(with_reason[0]); i++)
		has_reason |= strcmp(with_reason[i], status) == 0;
	if (!has_reason && is_same(task, stands, "statusReason"))
		json_object_del(task, "statusReason");
}

/* Is all that is left as it stands? */
static bool
is_unchanged(const json_t *task, const json_t *stands)
{
	const char *key;
	json_t *value;

	json_object_foreach((json_t *)(uintptr_t)task, key, value) {
		if (strcmp(key, "businessStatus") == 0)
			continue;	/* only its stage was taken off */
		if (!json_equal(value, json_object_get(stands, key)))
			return false;
	}
	return true;
}

static enum err
finish(json_t *task, const json_t *stands, bool is_same_business, struct arena *mem, struct span *ret_bytes)
{
	struct native text = { 0 };
	enum err e;

	drop_repeated(task, stands);
	if (is_same_business && is_unchanged(task, stands)) {
		json_decref(task);
		*ret_bytes = SPAN_NONE;
		return OK;
	}
	e = fhir_finish(task, mem, &text);
	*ret_bytes = text.bytes;
	return e;
}

enum err
fhir_revise(const struct native *in, const struct sector_env *env, struct arena *mem, struct span *ret_bytes, struct why *why)
{
	bool is_patch = in->method != NULL && strcmp(in->method, "PATCH") == 0, is_same_business;
	json_t *said = NULL, *stands = in->current != NULL ? fhir_new_shown(in->current, "Task", env, mem) : NULL, *task = NULL;
	enum err e = OK;

	*ret_bytes = in->bytes;
	if (stands == NULL)
		return is_patch ? why_set(why, ERR_UNKNOWN_REFERRAL, "id", "no Task has this id") : OK;
	e = fhir_json_parse(in->bytes, &said, why);
	if (e != OK)
		goto out;
	if (is_patch) {
		task = json_deep_copy(stands);
		e = apply(task, said, why);
	} else if (json_is_object(said) && fhir_text(said, "resourceType") != NULL && strcmp(fhir_text(said, "resourceType"), "Task") == 0) {
		task = json_incref(said);
	}
	if (e != OK || task == NULL)
		goto out;
	is_same_business = is_same(task, stands, "businessStatus");
	e = finish(task, stands, is_same_business, mem, ret_bytes);
	task = NULL;
out:
	json_decref(task);
	json_decref(said);
	json_decref(stands);
	return e;
}
