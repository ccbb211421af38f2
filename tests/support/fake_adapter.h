/* SPDX-License-Identifier: EUPL-1.2 */
/* fake_adapter - the adapter as the doors see it, in place of the real one when a program is linked: remembers what it was
 * asked, answers as told. To be included by one file of a program only.
 */
#ifndef TEST_FAKE_ADAPTER_H
#define TEST_FAKE_ADAPTER_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "adapters/core/door.h"
#include "adapters/core/door_host.h"

#define FAKE_BYTES_MAX (2 * 1024 * 1024)

static struct fake {
	struct loop *loop;
	/* asked */
	unsigned n_asked, n_problems, n_handed;
	char method[16], path[256], media_type[100], charset[32], key[200], file[256], door[16];
	enum format format;
	uint8_t bytes[FAKE_BYTES_MAX];
	size_t n;
	enum err problem;
	char where[96];
	uint64_t cursor;
	enum err handed;
	bool has_answer;
	unsigned handed_status;
	char head[512];			/* base, Accept, If-Match, If-None-Match, Prefer, If-None-Exist; "-": not said */
	/* to answer */
	enum err says, refuses;
	const char *answer, *location, *then, *etag;
	int64_t modified_ms;
	unsigned status;
	bool is_incomplete, is_ready, is_echo;
	enum err handed_says;
	enum err more_says, end_says, begin_says;	/* of a file that comes in */
	bool sees_files, is_known;	/* a table's lines are names of files; they were taken before */
	enum err file_refused;		/* the last one that was: why */
	const struct file_bytes *content;	/* to give */
	unsigned missing_part;		/* of it; 0: none */
	/* files that came in: begun, ended, broken off, and bytes of them */
	unsigned n_uploads, n_ended, n_dropped;
	uint64_t n_uploaded;
	/* told */
	enum err fatal;
} fake;

static void
fake_keep(const struct native *in, const char *key, const char *door)
{
	snprintf(fake.method, sizeof(fake.method), "%s", in->method ? in->method : "");
	snprintf(fake.path, sizeof(fake.path), "%s", in->path ? in->path : "");
	snprintf(fake.media_type, sizeof(fake.media_type), "%s", in->media_type ? in->media_type : "");
	snprintf(fake.charset, sizeof(fake.charset), "%s", in->charset ? in->charset : "");
	snprintf(fake.file, sizeof(fake.file), "%s", in->file ? in->file : "");
	snprintf(fake.key, sizeof(fake.key), "%s", key ? key : "");
	snprintf(fake.door, sizeof(fake.door), "%s", door ? door : "");
	if (in->head) {
		const char *said[] = { in->head->base, in->head->accept, in->head->if_match, in->head->if_none_match, in->head->prefer,
				       in->head->if_none_exist };
		size_t at = 0;

		for (size_t i = 0; i < 6 && at < sizeof(fake.head); i++)
			at += (size_t)snprintf(fake.head + at, sizeof(fake.head) - at, "%s%s", i ? " " : "", said[i] ? said[i] : "-");
	}
	fake.format = in->format;
	fake.n = in->bytes.n < FAKE_BYTES_MAX ? in->bytes.n : FAKE_BYTES_MAX;
	if (fake.n)
		memcpy(fake.bytes, in->bytes.p, fake.n);
}

static void
fake_answer(const struct native *in, struct arena *mem, struct native *ret_answer)
{
	struct span bytes = fake.is_echo ? in->bytes : span_str(fake.answer);

	*ret_answer = (struct native){
		.bytes = arena_span(mem, bytes),
		.media_type = "application/json",
		.path = fake.location,
		.etag = fake.etag,
		.modified_ms = fake.modified_ms,
		.status = fake.status,
		.then = span_str(fake.then),
		.content = fake.content,
	};
}

enum err
adapter_request(struct adapter *a, const struct native *request, const char *key, struct arena *mem, struct native *ret_answer)
{
	(void)a;
	fake.n_asked++;
	fake_keep(request, key, NULL);
	if (fake.says == OK)
		fake_answer(request, mem, ret_answer);
	return fake.says;
}

/* -- files: at addresses that end in /files -- */

struct upload { int none; };
static struct upload fake_upload;

enum err
adapter_upload_begin(struct adapter *a, const struct native *request, const char *key, uint64_t length, struct upload **ret_upload,
		     struct why *why)
{
	size_t n = strcspn(request->path, "?");

	(void)a;
	*ret_upload = NULL;
	if (n < 6 || strncmp(request->path + n - 6, "/files", 6) != 0)
		return OK;
	fake_keep(request, key, NULL);
	if (length > 26214400)
		return why_set(why, ERR_TOOBIG, "body", "too large");
	fake.n_uploads++;
	*ret_upload = &fake_upload;
	return OK;
}

enum err
adapter_upload_more(struct upload *u, struct span bytes, struct why *why)
{
	(void)u;
	fake.n_uploaded += bytes.n;
	return fake.more_says == OK ? OK : why_set(why, fake.more_says, "body", "as told");
}

enum err
adapter_upload_end(struct upload *u, struct arena *mem, struct native *ret_answer, struct why *why)
{
	static const struct native none;

	(void)u;
	fake.n_ended++;
	if (fake.end_says == OK)
		fake_answer(&none, mem, ret_answer);
	return fake.end_says == OK ? OK : why_set(why, fake.end_says, "body", "as told");
}

enum err
adapter_upload_drop(struct upload *u)
{
	fake.n_dropped += u != NULL;
	return OK;
}

/* -- files that a table names: its bytes are their names, one a line; fake.sees_files turns it on -- */

struct enclosed { uint64_t n_bytes; };

enum beside
adapter_beside(const struct adapter *a, const char *file)
{
	size_t n = strlen(file);

	(void)a;
	if (!fake.sees_files || n < 4)
		return BESIDE_NOT;
	return strcmp(file + n - 4, ".pdf") == 0 ? BESIDE_ONLY : strcmp(file + n - 4, ".txt") == 0 ? BESIDE_MAYBE : BESIDE_NOT;
}

enum err
adapter_enclosures(struct adapter *a, const struct native *in, struct enclosures **ret_set)
{
	struct arena *mem = fake.sees_files ? arena_new((size_t)1 << 20) : NULL;
	char *text = mem ? arena_strn(mem, in->bytes.p, in->bytes.n) : NULL, *rest, *line;
	struct enclosures *set = mem ? arena_alloc(mem, sizeof(*set)) : NULL;

	(void)a;
	*ret_set = NULL;
	if (set == NULL)
		return OK;
	*set = (struct enclosures){ .all = arena_array(mem, 20, sizeof(*set->all)), .mem = mem };
	for (line = strtok_r(text, "\n", &rest); line && set->n < 20; line = strtok_r(NULL, "\n", &rest))
		set->all[set->n++] = (struct enclosure){ .file = line, .media_type = "application/pdf", .size = -1, .is_known = fake.is_known,
							 .own = arena_alloc(mem, sizeof(struct enclosed)) };
	if (set->n > 0)
		*ret_set = set;
	else
		arena_free(mem);
	return OK;
}

void
adapter_enclosures_free(struct enclosures *set)
{
	if (set)
		arena_free(set->mem);
}

enum err
adapter_enclosure_begin(struct adapter *a, struct enclosure *f, uint64_t length, struct upload **ret_upload)
{
	(void)a;
	*ret_upload = NULL;
	if (fake.begin_says != OK && err_verdict(fake.begin_says) == VERDICT_RETRY)
		return fake.begin_says;
	f->own->n_bytes = length;
	if (fake.begin_says != OK) {
		adapter_enclosure_refuse(f, fake.begin_says, NULL);
		return OK;
	}
	fake.n_uploads++;
	*ret_upload = &fake_upload;
	return OK;
}

enum err
adapter_enclosure_end(struct adapter *a, struct enclosure *f, struct upload *u)
{
	(void)a;
	(void)u;
	fake.n_ended++;
	if (fake.end_says != OK)
		return fake.end_says;
	f->is_settled = true;
	return OK;
}

void
adapter_enclosure_refuse(struct enclosure *f, enum err e, const struct why *why)
{
	(void)why;
	f->is_settled = true;
	f->e = f->is_known && e == ERR_FILE_MISSING ? OK : e;
	fake.file_refused = f->e;
}

/* Part k is all the letter k of the alphabet. */
enum err
adapter_file_part(struct adapter *a, const struct file_bytes *f, unsigned part, struct arena *mem, struct span *ret_bytes)
{
	size_t n = part < f->parts ? 524288 : (size_t)(f->size - (f->parts - 1) * (uint64_t)524288);
	char *p = arena_alloc(mem, n);

	(void)a;
	if (part == fake.missing_part)
		return ERR_GONE;
	memset(p, 'a' + (int)part - 1, n);
	*ret_bytes = SPAN(p, n);
	return OK;
}

enum err
adapter_problem(struct adapter *a, enum err e, const struct why *why, const struct native *request, struct arena *mem,
		struct native *ret_answer)
{
	(void)a;
	fake.n_problems++;
	fake_keep(request, NULL, NULL);
	fake.problem = e;
	snprintf(fake.where, sizeof(fake.where), "%s", why ? why->where : "");
	*ret_answer = (struct native){
		.bytes = span_str(arena_str(mem, err_code(e))),
		.media_type = "application/problem+json",
		.status = e == ERR_UNAUTHORIZED ? 401 : e == ERR_TOOBIG ? 413 : e == ERR_METHOD ? 405 : e == ERR_RANGE ? 416 : 400,
		.allow = e == ERR_METHOD ? "GET, POST" : NULL,
	};
	return OK;
}

enum err
adapter_take(struct adapter *a, const struct native *in, const char *door, const char *key, struct arena *mem,
	     struct native *ret_answer, enum err *ret_refused)
{
	(void)a;
	fake.n_asked++;
	fake_keep(in, key, door);
	*ret_refused = fake.refuses;
	if (fake.says == OK)
		fake_answer(in, mem, ret_answer);
	return fake.says;
}

enum err
adapter_refuse(struct adapter *a, enum err e, const struct why *why, const struct native *in, const char *door, struct arena *mem,
	       struct native *ret_answer)
{
	(void)a;
	(void)why;
	fake.n_problems++;
	fake.problem = e;
	fake_keep(in, NULL, door);
	*ret_answer = (struct native){ .bytes = span_str(arena_str(mem, err_code(e))) };
	return OK;
}

bool
adapter_is_complete(const struct adapter *a, const char *file, struct span bytes)
{
	(void)a;
	(void)file;
	(void)bytes;
	return !fake.is_incomplete;
}

enum err
adapter_handed(struct adapter *a, struct door *door, uint64_t cursor, enum err e, const struct native *answer)
{
	(void)a;
	(void)door;
	fake.n_handed++;
	fake.cursor = cursor;
	fake.handed = e;
	fake.has_answer = answer != NULL;
	if (answer) {
		fake_keep(answer, NULL, NULL);
		fake.handed_status = answer->status;
	}
	if (fake.loop)
		loop_stop(fake.loop);
	return fake.handed_says;
}

static void
fake_on_fatal(void *arg, enum err e)
{
	(void)arg;
	fake.fatal = e;
	if (fake.loop)
		loop_stop(fake.loop);
}

static bool
fake_is_ready(void *arg)
{
	(void)arg;
	return fake.is_ready;
}

static inline const struct door_host *
fake_host(struct loop *loop)
{
	static struct door_host host;

	memset(&fake, 0, sizeof(fake));
	fake.loop = loop;
	fake.answer = "{}";
	host = (struct door_host){ .loop = loop, .on_fatal = fake_on_fatal, .is_ready = fake_is_ready };
	return &host;
}

#endif
