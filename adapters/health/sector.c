/* SPDX-License-Identifier: EUPL-1.2 */
/* sector - the health sector: which addresses and formats it has, and which format answers for what.
 *
 * Over HTTP everything is FHIR but what comes to the addresses of НЗИС messages; over MLLP everything is HL7 v2; in a folder the
 * first byte tells them apart.
 */
#include "adapters/health/sector.h"

#include <string.h>

#include "adapters/health/fhir.h"
#include "adapters/health/hl7_batch.h"
#include "adapters/health/hl7_sector.h"
#include "adapters/health/nhis.h"

static const struct route routes[] = {
	{ "POST", "/fhir", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/", ROUTE_SUBMIT, FORMAT_FHIR },	/* as clients join a base address and nothing */
	{ "POST", "/fhir/$process-message", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/Bundle", ROUTE_SUBMIT, FORMAT_FHIR },	/* as clients create a resource of any type */
	{ "POST", "/fhir/ServiceRequest", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/Task", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/QuestionnaireResponse", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/Appointment", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/DocumentReference", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "GET", "/fhir/DocumentReference/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/Binary/{id}", ROUTE_FILE_BYTES, FORMAT_FHIR },
	{ "POST", "/fhir/Consent", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "PUT", "/fhir/Consent/{id}", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "GET", "/fhir/Consent/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/Consent", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/Consent/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/DiagnosticReport", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/Observation", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "GET", "/fhir/DiagnosticReport/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/DiagnosticReport", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/DiagnosticReport/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "PUT", "/fhir/Task/{id}", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "PATCH", "/fhir/Task/{id}", ROUTE_SUBMIT, FORMAT_FHIR },
	{ "POST", "/fhir/Task/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/ServiceRequest/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/Patient/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "POST", "/fhir/QuestionnaireResponse/_search", ROUTE_SEARCH, FORMAT_FHIR },
	{ "GET", "/fhir/QuestionnaireResponse", ROUTE_SEARCH, FORMAT_FHIR },
	{ "GET", "/fhir/QuestionnaireResponse/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/Task", ROUTE_SEARCH, FORMAT_FHIR },
	{ "GET", "/fhir/ServiceRequest", ROUTE_SEARCH, FORMAT_FHIR },
	{ "GET", "/fhir/Patient", ROUTE_SEARCH, FORMAT_FHIR },
	{ "GET", "/fhir/Task/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/ServiceRequest/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/Patient/{id}", ROUTE_SHOW, FORMAT_FHIR },
	{ "GET", "/fhir/HealthcareService", ROUTE_SERVICES, FORMAT_FHIR },
	{ "POST", "/fhir/HealthcareService/_search", ROUTE_SERVICES, FORMAT_FHIR },
	{ "GET", "/fhir/HealthcareService/{id}", ROUTE_SERVICES, FORMAT_FHIR },
	{ "GET", "/fhir/metadata", ROUTE_DOCUMENT, FORMAT_FHIR },
	{ "POST", "/nhis", ROUTE_SUBMIT, FORMAT_NHIS },
	{ "POST", "/v3/ereferral/doctor/issue", ROUTE_SUBMIT, FORMAT_NHIS },	/* as programs join НЗИС's own paths to a base address */
	{ "POST", "/v3/ereferral/doctor/cancel", ROUTE_SUBMIT, FORMAT_NHIS },
	{ NULL, NULL, ROUTE_DOCUMENT, FORMAT_NONE },
};

static const enum format formats[] = { FORMAT_FHIR, FORMAT_HL7, FORMAT_NHIS, FORMAT_NONE };

static bool
is_hl7(const struct native *in)
{
	size_t i = 0;

	if (in->format != FORMAT_NONE)
		return in->format == FORMAT_HL7;
	while (i < in->bytes.n && in->bytes.p[i] <= ' ')
		i++;
	return hl7_is_batch(in->bytes) || (in->bytes.n - i >= 3 && memcmp(in->bytes.p + i, "MSH", 3) == 0);
}

static bool
is_nhis(const struct native *in)
{
	if (in->format != FORMAT_NONE)
		return in->format == FORMAT_NHIS || in->format == FORMAT_XML;
	return xml_is_likely(in->bytes);
}

static bool
is_nhis_path(const char *path)
{
	return path != NULL && (strncmp(path, "/nhis", strlen("/nhis")) == 0 || strncmp(path, "/v3/", strlen("/v3/")) == 0);
}

static void
to_records(const struct native *in, const struct sector_env *env, struct arena *mem, struct intake *ret_intake)
{
	if (is_hl7(in))
		health_hl7_to_records(in, env, mem, ret_intake);
	else if (is_nhis(in))
		health_nhis_to_records(in, env, mem, ret_intake);
	else
		health_fhir_to_records(in, env, mem, ret_intake);
}

static enum err
answer(const struct native *in, const struct intake *intake, const struct sector_env *env, struct arena *mem,
       struct native *ret_answer)
{
	if (is_hl7(in))
		return health_hl7_answer(in, intake, env, mem, ret_answer);
	if (is_nhis(in))
		return health_nhis_answer(in, intake, env, mem, ret_answer);
	return health_fhir_answer(in, intake, env, mem, ret_answer);
}

static enum err
from_record(const struct outgoing *out, enum format format, const struct sector_env *env, struct arena *mem,
	    struct native *ret_native, struct why *why)
{
	if (format == FORMAT_HL7)
		return health_hl7_from_record(out, format, env, mem, ret_native, why);
	if (format == FORMAT_NHIS)
		return health_nhis_from_record(out, format, env, mem, ret_native, why);
	return health_fhir_from_record(out, format, env, mem, ret_native, why);
}

static enum err
read_answer(const struct outgoing *out, const struct native *said, struct arena *mem, const char **ret_case_no, struct why *why)
{
	if (said->status == 0 && is_hl7(said))
		return health_hl7_read_answer(out, said, mem, ret_case_no, why);
	if (xml_is_likely(said->bytes))
		return health_nhis_read_answer(out, said, mem, ret_case_no, why);
	return health_fhir_read_answer(out, said, mem, ret_case_no, why);
}

static enum err
problem(enum err e, const struct why *why, const struct native *request, struct arena *mem, struct native *ret_problem)
{
	if (is_nhis_path(request->path))
		return health_nhis_problem(e, why, request, mem, ret_problem);
	return health_fhir_problem(e, why, request, mem, ret_problem);
}

/* HL7 files are whole when their last segment is, batches when it is their trailer; FHIR ones when their brackets close, XML when its root element does. */
static bool
is_complete(const char *file, struct span bytes)
{
	struct native in = { .format = FORMAT_NONE, .bytes = bytes, .file = file };

	if (hl7_is_batch(bytes))
		return hl7_is_whole_batch(bytes);
	if (is_hl7(&in))
		return bytes.p[bytes.n - 1] == '\r' || bytes.p[bytes.n - 1] == '\n';
	if (is_nhis(&in))
		return xml_is_whole(bytes);
	return fhir_is_complete(bytes);
}

const struct sector health_sector = {
	.name = "health",
	.routes = routes,
	.formats = formats,
	.to_records = to_records,
	.answer = answer,
	.from_record = from_record,
	.read_answer = read_answer,
	.services = health_fhir_services,
	.search = health_fhir_search,
	.show = health_fhir_show,
	.problem = problem,
	.document = health_fhir_document,
	.is_complete = is_complete,
};
