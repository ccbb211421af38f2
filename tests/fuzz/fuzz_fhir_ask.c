/* SPDX-License-Identifier: EUPL-1.2 */
/* fuzz_fhir_ask - what FHIR clients ask over HTTP: queries and forms, and PUT and PATCH of the Task that stands there.
 *
 * The first byte says which: 'u' PUT, 'p' PATCH, of the rest as the body; else the first line is the query, the rest a form. There is one
 * referral to be found.
 */
#include <assert.h>
#include <string.h>

#include "adapters/health/fhir.h"
#include "adapters/health/sector.h"

#define ARENA ((size_t)64 * 1024 * 1024)
#define QUERY_MAX 2000u

static const char referral[] =
	"{\"resourceType\":\"ServiceRequest\",\"status\":\"active\",\"intent\":\"order\",\"identifier\":[{\"value\":\"R-1\"}],"
	"\"subject\":{\"reference\":\"#p\"},\"reasonCode\":[{\"text\":\"x\"}],\"contained\":[{\"resourceType\":\"Patient\",\"id\":\"p\","
	"\"identifier\":[{\"system\":\"urn:nasoka:egn\",\"value\":\"1543079013\"}],\"name\":[{\"family\":\"A\",\"given\":[\"B\"]}],"
	"\"gender\":\"female\",\"birthDate\":\"2015-03-07\"}]}";

struct shelf { struct subject one; bool is_given; };

static const char *
none(const void *arg, const char *system, const char *code)
{
	(void)arg;
	(void)system;
	(void)code;
	return NULL;
}

static const char *
same(const void *arg, const char *name)
{
	(void)arg;
	return name;
}

static bool
next(void *arg, struct subject *ret_subject)
{
	struct shelf *s = arg;

	if (s->is_given)
		return false;
	s->is_given = true;
	*ret_subject = s->one;
	return true;
}

static enum err
open_it(void *arg, struct subject *subject)
{
	subject->p.referral = ((struct shelf *)arg)->one.p.referral;
	return OK;
}

static void
search(const struct sector_env *env, struct shelf *shelf, struct span input, struct arena *mem)
{
	const struct catalogue all = { .arg = shelf, .next = next, .open = open_it };
	const uint8_t *end = input.n > 0 ? memchr(input.p, '\n', input.n) : NULL;
	size_t n = end ? (size_t)(end - input.p) : input.n;
	struct native request = {
		.method = "POST", .media_type = "application/x-www-form-urlencoded",
		.bytes = end ? SPAN(end + 1, input.n - n - 1) : SPAN_NONE,
	}, list = { 0 };
	char *query = arena_strn(mem, input.p, n < QUERY_MAX ? n : QUERY_MAX);
	struct why why = { 0 };
	enum err e;

	for (char *p = query; *p != '\0'; p++)
		if (*p < '!' || *p > '~')
			*p = '.';	/* as the door lets nothing else through */
	request.path = arena_fmt(mem, "/fhir/%s", query);
	e = health_fhir_search(&all, &request, env, mem, &list, &why);
	assert(e == OK || err_verdict(e) == VERDICT_REJECT);
	assert(e != OK || (list.status == 200 && list.bytes.n > 0));
}

static void
revise(const struct sector_env *env, const struct subject *stands, const char *method, struct span input, struct arena *mem)
{
	struct native in = {
		.format = FORMAT_FHIR, .method = method, .path = "/fhir/Task/7", .bytes = input, .current = stands,
		.media_type = *method == 'P' && method[1] == 'A' ? "application/json-patch+json" : FHIR_MEDIA_TYPE,
	};
	struct native answer = { 0 };
	struct intake intake = { 0 };

	health_sector.to_records(&in, env, mem, &intake);
	for (size_t i = 0; intake.e == OK && i < intake.n; i++)
		assert(intake.items[i].e != OK || intake.items[i].record == NULL || intake.items[i].native_id != NULL);
	if (health_sector.answer(&in, &intake, env, mem, &answer) == OK)
		assert(answer.status >= 200);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* The referral that stands there; read once, kept to the end. */
static struct record *
standing(const struct sector_env *env)
{
	static struct arena *mem;
	static struct intake intake;
	const struct native in = { .format = FORMAT_FHIR, .method = "POST", .path = "/fhir", .bytes = span_str(referral) };

	if (mem == NULL) {
		mem = arena_new(ARENA);
		health_sector.to_records(&in, env, mem, &intake);
		assert(intake.e == OK && intake.n == 1 && intake.items[0].e == OK);
	}
	return intake.items[0].record;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena *mem = arena_new(ARENA);
	const struct sector_env env = {
		.agency = "plovdiv-cop", .now_ms = INT64_C(1772182800000), .concept = none, .agency_of = same, .alias_of = same,
	};
	struct shelf shelf = { .is_given = false };

	shelf.one = (struct subject){
		.p = { .msg_id = "01999999-0000-7000-8000-000000000001", .thread = "00", .state = "accepted", .other_agency = "a",
		       .referral_no = "R-1", .case_no = "C-1", .referral = standing(&env) },
		.msg_id = "01999999-0000-7000-8000-000000000001", .position = "i1", .version = "1", .from = "a", .changed_ms = 1,
		.is_referral = true, .cursor = 1,
	};
	if (size > 0 && data[0] == 'u')
		revise(&env, &shelf.one, "PUT", SPAN(data + 1, size - 1), mem);
	else if (size > 0 && data[0] == 'p')
		revise(&env, &shelf.one, "PATCH", SPAN(data + 1, size - 1), mem);
	else
		search(&env, &shelf, SPAN(data, size), mem);
	arena_free(mem);
	return 0;
}
