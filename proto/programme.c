/* SPDX-License-Identifier: EUPL-1.2 */
/* programme - three tables and looking them up. */
#include "proto/programme.h"

#include <string.h>

static const struct programme_word programmes[] = {
#define PROGRAMME(code, bg, en) { code, NULL, bg, en },
#include "proto/programme.def"
#undef PROGRAMME
	{ NULL, NULL, NULL, NULL },
};

static const struct programme_word services[] = {
#define SERVICE(kind, programme, bg, en) { kind, programme, bg, en },
#include "proto/programme.def"
#undef SERVICE
	{ NULL, NULL, NULL, NULL },
};

static const struct programme_word agency_kinds[] = {
#define AGENCY_KIND(code, sector, bg, en) { code, sector, bg, en },
#include "proto/programme.def"
#undef AGENCY_KIND
	{ NULL, NULL, NULL, NULL },
};

static const struct programme_word *
find(const struct programme_word *words, const char *code)
{
	for (; code && words->code; words++)
		if (strcmp(words->code, code) == 0)
			return words;
	return NULL;
}

const struct programme_word *
programme_word(const char *programme)
{
	return find(programmes, programme);
}

const struct programme_word *
programme_service(const char *kind)
{
	return find(services, kind);
}

const struct programme_word *
programme_agency_kind(const char *kind)
{
	return find(agency_kinds, kind);
}

const char *
programme_of_service(const char *kind)
{
	const struct programme_word *w = find(services, kind);

	return w ? w->of : NULL;
}

bool
programme_is_agency_kind(const char *kind)
{
	return find(agency_kinds, kind) != NULL;
}

const char *
programme_text(const struct programme_word *word, enum lang lang)
{
	return word == NULL ? "?" : lang == LANG_BG ? word->bg : word->en;
}

const struct programme_word *
programme_agency_kind_at(size_t i)
{
	return i + 1 < sizeof(agency_kinds) / sizeof(agency_kinds[0]) ? &agency_kinds[i] : NULL;
}

const struct programme_word *
programme_service_at(size_t i)
{
	return i + 1 < sizeof(services) / sizeof(services[0]) ? &services[i] : NULL;
}
