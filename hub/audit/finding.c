/* SPDX-License-Identifier: EUPL-1.2 */
/* finding - a list of fixed length: the first faults tell most. */
#include "hub/audit/finding.h"

#include <jansson.h>

#include "proto/base/bytes.h"

void
finding_add(struct findings *f, enum finding_id id, const struct place *place, uint64_t leaf, const char *detail)
{
	struct finding *x;

	if (f->n == FINDINGS_MAX) {
		f->more++;
		return;
	}
	x = &f->items[f->n++];
	*x = (struct finding){ .id = id, .place = *place, .leaf = leaf };
	(void)snprintf(x->detail, sizeof(x->detail), "%s", detail ? detail : "");
	/* both may be what the one under audit has written: a file's name, for one */
	bytes_make_shown(x->place.name);
	bytes_make_shown(x->detail);
}

void
finding_add_named(struct findings *f, enum finding_id id, const char *name, const char *detail)
{
	struct place place = { .offset = PLACE_NO_OFFSET };

	(void)snprintf(place.name, sizeof(place.name), "%s", name);
	finding_add(f, id, &place, FINDING_NO_LEAF, detail);
}

static const struct { const char *name; const char *text[2]; } rows[] = {
#define FINDING(id, en, bg) { #id, { en, bg } },
#include "hub/audit/finding.def"
#undef FINDING
};

const char *
finding_text(enum finding_id id, enum lang lang)
{
	return rows[id].text[lang];
}

const char *
finding_name(enum finding_id id)
{
	return rows[id].name;
}

void
finding_print(const struct findings *f, enum lang lang, FILE *to)
{
	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->items[i];

		fprintf(to, "%s", x->place.name);
		if (x->place.offset != PLACE_NO_OFFSET)
			fprintf(to, lang == LANG_BG ? ", байт %llu" : ", byte %llu", (unsigned long long)x->place.offset);
		if (x->leaf != FINDING_NO_LEAF)
			fprintf(to, lang == LANG_BG ? ", запис %llu" : ", leaf %llu", (unsigned long long)x->leaf);
		fprintf(to, ": %s%s%s\n", finding_text(x->id, lang), x->detail[0] ? ": " : "", x->detail);
	}
	if (f->more > 0)
		fprintf(to, lang == LANG_BG ? "... и още %zu\n" : "... and %zu more\n", f->more);
}

struct json_t *
finding_json(const struct findings *f, enum lang lang)
{
	json_t *list = json_array();

	for (size_t i = 0; i < f->n; i++) {
		const struct finding *x = &f->items[i];
		json_t *o = json_object();

		json_object_set_new(o, "what", json_string(finding_name(x->id)));
		json_object_set_new(o, "place", json_string(x->place.name));
		json_object_set_new(o, "offset", x->place.offset == PLACE_NO_OFFSET ? json_null() : json_integer((json_int_t)x->place.offset));
		json_object_set_new(o, "leaf", x->leaf == FINDING_NO_LEAF ? json_null() : json_integer((json_int_t)x->leaf));
		json_object_set_new(o, "text", json_string(finding_text(x->id, lang)));
		json_object_set_new(o, "detail", json_string(x->detail));
		json_array_append_new(list, o);
	}
	return list;
}
