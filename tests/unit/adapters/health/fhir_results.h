/* SPDX-License-Identifier: EUPL-1.2 */
/* fhir_results - a Task with results, read: the tests of what hospitals bring in Task.output start from it. */
#ifndef TEST_FHIR_RESULTS_H
#define TEST_FHIR_RESULTS_H

#include "tests/unit/adapters/health/fhir_fixture.h"

#define RESULTS_TASK(status, rest) "{\"resourceType\":\"Task\",\"intent\":\"order\",\"status\":\"" status "\",\"identifier\":[{\"type\":{\"coding\":" \
	"[{\"code\":\"PLAC\"}]},\"value\":\"R-1\"}]," rest "}"
#define RESULTS_OUTPUT(type) "\"output\":[{\"type\":{\"text\":\"" type "\"},\"valueReference\":{\"reference\":\"#a\"}}],\"contained\":"
#define RESULTS_OBSERVATION(rest) "{\"resourceType\":\"Observation\",\"id\":\"a\",\"status\":\"final\",\"code\":{\"text\":\"сън\"}" rest "}"

/* What the referral that they are about stands at; `service` NULL: it is not known here. */
struct results_world {
	const char *state, *service, *disposition;
	struct person_id id;
	struct person_id *ids[1];
	struct person child;
	struct referral referral;
	struct record record;
};

static inline enum err
results_progress(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	struct results_world *w = core;

	(void)mem;
	if (strcmp(number, "R-1") != 0 || w->service == NULL)
		return ERR_UNKNOWN_REFERRAL;
	w->id = (struct person_id){ .type = "EGN", .value = "1543079013" };
	w->ids[0] = &w->id;
	w->child = (struct person){ .ids = w->ids, .n_ids = 1 };
	w->referral = (struct referral){ .service_kind = w->service, .disposition_wanted = w->disposition, .child = &w->child };
	w->record = (struct record){ .kind = "referral", .referral = &w->referral };
	*ret_progress = (struct progress){ .state = w->state, .referral_no = "R-1", .referral = &w->record };
	return OK;
}

static inline struct intake
results_read(struct arena *mem, struct results_world *w, const char *text)
{
	struct native in = fixture_native(span_str(text));
	struct sector_env env = fixture_env;
	struct intake intake;

	env.progress_of = results_progress;
	env.core = w;
	health_fhir_to_records(&in, &env, mem, &intake);
	return intake;
}

static inline const char *
results_vector(struct arena *mem, const char *name)
{
	struct span bytes = fixture_file(mem, name);

	return arena_strn(mem, bytes.p, bytes.n);
}

static inline void
assert_field(struct arena *mem, const struct record *record, const char *path, const char *is)
{
	const char *value = record_get(record, mem, path);

	if ((value == NULL) != (is == NULL) || (is != NULL && strcmp(value, is) != 0))
		fail_msg("%s is %s, not %s", path, value != NULL ? value : "absent", is != NULL ? is : "absent");
}

#endif
