/* SPDX-License-Identifier: EUPL-1.2 */
/* replay - nasoka-audit replay: the log's history, filtered; with an auditor's key what the capsules say.
 *
 * The key stays in this process; opening capsules leaves no trace in the log when it is done off line (a stated limit).
 */
#include "hub/audit/replay.h"

#include <string.h>

#include "hub/audit/listing.h"
#include "hub/audit/opening.h"
#include "hub/audit/verify.h"
#include "hub/ctl/command.h"
#include "proto/base/clock.h"

const struct command_option replay_options[] = {
	{ "config", "FILE", false, { "a hub's own log, by its configuration", "дневникът на концентратор, по настройките му" } },
	{ "trust", "FILE", false, { "verify the whole log first, by these registrars", "първо провери целия дневник, по тези регистратори" } },
	{ "key", "FILE", false, { "an auditor's key: kinds and states as well", "ключ на одитор: и вид, и състояния" } },
	{ "thread", "HEX", false, { "of this thread; its first 8 digits will do", "на тази нишка; стигат първите 8 знака" } },
	{ "agency", "ID", false, { "from or to this agency", "от или до тази институция" } },
	{ "from", "TIME", false, { "not before (2026-03-02 or with a time)", "не преди (2026-03-02 или с час)" } },
	{ "to", "TIME", false, { "before", "преди" } },
	{ "kind", "KIND", false, { "of this kind (needs --key)", "от този вид (иска --key)" } },
	{ "state", "STATE", false, { "that lead to this state (needs --key)", "водещи до това състояние (иска --key)" } },
	{ "all", NULL, false, { "also what is about no message", "и това, което не е за съобщение" } },
	{ "json", NULL, false, { "as JSON", "като JSON" } },
	{ "csv", NULL, false, { "as CSV", "като CSV" } },
	{ .name = NULL },
};

#define THREAD_PREFIX_MIN 8	/* hex digits */

struct replay {
	struct listing *listing;
	const char *thread;	/* a prefix in hex; NULL: all */
};

static enum err
show_row(void *arg, const struct history_row *row)
{
	struct replay *r = arg;
	char hex[2 * THREAD_LEN + 1];

	if (r->thread) {
		if (row->message == NULL)
			return OK;
		bytes_hex(row->message->thread.b, THREAD_LEN, hex);
		if (strncmp(hex, r->thread, strlen(r->thread)) != 0)
			return OK;
	}
	return listing_row(r->listing, row);
}

static enum err
parse_time(const struct call *call, const char *option, int64_t *ret_ms, struct why *why)
{
	const char *text = command_value(call, option);

	*ret_ms = 0;
	if (text && clock_parse(text, ret_ms) != OK)
		return why_set(why, ERR_UNSUPPORTED, option, "a date or time such as 2026-03-02 or 2026-03-02T10:00");
	return OK;
}

static enum err
make_filter(const struct call *call, struct history_filter *f, struct why *why)
{
	const char *thread = command_value(call, "thread");
	enum err e;

	*f = (struct history_filter){
		.agency = command_value(call, "agency"), .kind = command_value(call, "kind"),
		.state = command_value(call, "state"), .all = command_value(call, "all") != NULL,
	};
	if ((f->kind || f->state) && command_value(call, "key") == NULL)
		return why_set(why, ERR_UNSUPPORTED, "--key", "kinds and states are sealed: an auditor's key is needed");
	if (command_value(call, "json") && command_value(call, "csv"))
		return why_set(why, ERR_UNSUPPORTED, "--csv", "either JSON or CSV");
	if (thread && (strlen(thread) < THREAD_PREFIX_MIN || strlen(thread) > 2 * THREAD_LEN ||
		       strspn(thread, "0123456789abcdef") != strlen(thread)))
		return why_set(why, ERR_UNSUPPORTED, "--thread", "8 to 32 hexadecimal digits");
	if ((e = parse_time(call, "from", &f->from_ms, why)) != OK)
		return e;
	return parse_time(call, "to", &f->to_ms, why);
}

static enum err
run(const struct call *call, struct source *s, const struct key *auditor, const struct history_filter *filter, size_t *ret_n,
    struct why *why)
{
	enum listing_form form = command_value(call, "json") ? LISTING_JSON : command_value(call, "csv") ? LISTING_CSV : LISTING_TABLE;
	struct replay r = { .thread = command_value(call, "thread") };
	enum err e, end;

	if ((r.listing = listing_new(form, call->lang, auditor != NULL, call->out)) == NULL)
		return ERR_NOMEM;
	e = history_run(s, auditor, filter, show_row, &r, why);
	end = listing_end(r.listing, ret_n);
	return e != OK ? e : end;
}

int
replay_log(const struct call *call)
{
	const char *key_file = command_value(call, "key");
	struct history_filter filter;
	struct source *s = NULL;
	struct key *auditor = NULL;
	struct why why = { .where = "" };
	size_t n = 0;
	int exit = EXIT_OK;
	enum err e;

	if ((e = make_filter(call, &filter, &why)) != OK || (e = opening_source(call, &s, &why)) != OK)
		return opening_fail(call, e, &why);
	if (key_file)
		e = key_load(key_file, KEY_AUDITOR, &auditor, &why);
	if (e == OK && (exit = verify_first(call, s)) == EXIT_OK)
		e = run(call, s, auditor, &filter, &n, &why);
	if (e == OK && exit == EXIT_OK && n == 0)
		command_say(call, "No event matches.", "Няма такова събитие.", NULL);
	key_free(auditor);
	opening_close(s);
	return e != OK ? opening_fail(call, e, &why) : exit;
}
