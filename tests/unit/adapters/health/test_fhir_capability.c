/* SPDX-License-Identifier: EUPL-1.2 */
#include "tests/unit/adapters/health/fhir_fixture.h"

#include <jansson.h>

#include "adapters/health/sector.h"

static json_t *
statement(struct arena *mem)
{
	const struct request_head head = { .base = "https://gp.example" };
	struct native request = { .method = "GET", .path = "/fhir/metadata", .head = &head }, view;

	assert_int_equal(health_fhir_document(&request, mem, &view), OK);
	return json_loadb((const char *)view.bytes.p, view.bytes.n, 0, NULL);
}

static bool
has_route(const char *method, const char *path)
{
	for (const struct route *r = health_sector.routes; r->method != NULL; r++)
		if (strcmp(r->method, method) == 0 && strcmp(r->pattern, path) == 0)
			return true;
	return false;
}

/* The statement names what the routes do, and every route of a resource stands in it. */
static void
capabilities_are_routes(void **state)
{
	static const struct { const char *code, *method, *tail; } rows[] = {
		{ "read", "GET", "/{id}" }, { "create", "POST", "" }, { "update", "PUT", "/{id}" }, { "patch", "PATCH", "/{id}" },
		{ "search-type", "GET", "" }, { "search-type", "POST", "/_search" },
	};
	json_t *root = statement(*state), *resource, *does;
	size_t i, k, n;

	assert_string_equal(fhir_text(root, "fhirVersion"), "4.0.1");
	assert_string_equal(fhir_text(root, "implementation.url"), "https://gp.example/fhir");
	json_array_foreach((json_t *)(uintptr_t)fhir_at(root, "rest.resource"), i, resource) {
		const char *type = fhir_text(resource, "type");

		for (size_t row = 0; row < sizeof(rows) / sizeof(rows[0]); row++) {
			bool is_said = false;

			json_array_foreach(json_object_get(resource, "interaction"), k, does)
				is_said |= strcmp(fhir_text(does, "code"), rows[row].code) == 0;
			if (has_route(rows[row].method, arena_fmt(*state, "/fhir/%s%s", type, rows[row].tail)) != is_said)
				fail_msg("%s %s", type, rows[row].code);
		}
	}
	n = i;
	assert_true(n >= 3);
	json_decref(root);
}

/* Every search parameter that it names is one that the query takes. */
static void
capabilities_params_are_taken(void **state)
{
	const struct request_head strict = { .prefer = "handling=strict" };
	json_t *root = statement(*state), *resource, *param;
	size_t i, k;

	json_array_foreach((json_t *)(uintptr_t)fhir_at(root, "rest.resource"), i, resource)
		json_array_foreach(json_object_get(resource, "searchParam"), k, param) {
			const char *name = fhir_text(param, "name");
			struct native request = { .method = "GET", .head = &strict };
			struct fhir_query q;
			struct why why = { 0 };

			request.path = arena_fmt(*state, "/fhir/%s?%s=2026-01-01", fhir_text(resource, "type"), name);
			if (fhir_query_parse(&request, *state, &q, &why) != OK || q.n_terms != 1)
				fail_msg("%s", request.path);
		}
	json_decref(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { FIXTURE_TEST(capabilities_are_routes), FIXTURE_TEST(capabilities_params_are_taken) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
