/* SPDX-License-Identifier: EUPL-1.2 */
/* view - JSON values to libsmartcols tables, with names in two languages. Widths of Cyrillic are the library's affair. */
#include "hub/ctl/view.h"

#include <inttypes.h>
#include <jansson.h>
#include <libsmartcols/libsmartcols.h>
#include <stdlib.h>
#include <string.h>

#include "hub/ctl/command.h"
#include "proto/base/clock.h"

#define COLUMNS_MAX 24
#define CELL_MAX 512

/* What people read instead of a field's name; others are shown as they are. */
static const struct {
	const char *name, *text[2];
} labels[] = {
	{ "accepted", { "accepted", "приети" } },
	{ "age_band", { "age of the child", "възраст на детето" } },
	{ "age_ms", { "age", "възраст" } },
	{ "agencies", { "agencies", "институции" } },
	{ "agency", { "agency", "институция" } },
	{ "answer", { "answer", "отговор" } },
	{ "asks", { "asks for", "иска се" } },
	{ "asked_due", { "wished for instead", "поискан срок" } },
	{ "available", { "free places", "свободни места" } },
	{ "auditors", { "auditors", "одитори" } },
	{ "awaited", { "asked for again", "поискани отново" } },
	{ "bad_sheets", { "refused key sheets", "отказани листове с ключове" } },
	{ "bytes", { "bytes", "байтове" } },
	{ "change", { "change", "промяна" } },
	{ "checkpoint_age_ms", { "last checkpoint before", "последна контролна точка преди" } },
	{ "code", { "code", "код" } },
	{ "commitment_id", { "commitment", "ангажимент" } },
	{ "commitments", { "commitments", "ангажименти" } },
	{ "conference_id", { "conference", "съвещание" } },
	{ "conferences", { "conferences", "съвещания" } },
	{ "connected", { "connected", "свързан" } },
	{ "coordinator", { "coordinator", "координатор" } },
	{ "coordinators", { "coordinators", "координатори" } },
	{ "deadletters", { "refused for good", "отказани окончателно" } },
	{ "deadlines", { "deadlines", "срокове" } },
	{ "delivered", { "delivered", "доставени" } },
	{ "directory_version", { "directory version", "версия на регистъра" } },
	{ "disk_low", { "little room on the disk", "малко място на диска" } },
	{ "do", { "what to do", "какво да се направи" } },
	{ "due", { "due", "срок" } },
	{ "due_at", { "due", "срок" } },
	{ "egress_waiting", { "waiting for the agency's system", "чакат системата на институцията" } },
	{ "epoch", { "epoch", "епоха" } },
	{ "fact", { "what is late, or next", "просрочено или следващо" } },
	{ "from", { "from", "от" } },
	{ "found_checkpoint", { "its last checkpoint", "последната ѝ контролна точка" } },
	{ "found_queued", { "waiting then", "чакащи тогава" } },
	{ "found_size", { "log size then", "записи в дневника тогава" } },
	{ "found_unregistered", { "unregistered then", "незаведени тогава" } },
	{ "hash", { "hash", "хеш" } },
	{ "id", { "id", "код" } },
	{ "inbox", { "inbox", "входящи" } },
	{ "is_coordinator", { "called by us", "свикано от нас" } },
	{ "key", { "key id", "номер на ключ" } },
	{ "kind", { "kind", "вид" } },
	{ "late", { "late", "просрочени" } },
	{ "last_run", { "the run before ended by", "предишната работа завърши с" } },
	{ "last_run_until", { "the run before was there until", "предишната работа беше до" } },
	{ "leaf", { "log entry", "запис в дневника" } },
	{ "last", { "last step", "последна стъпка" } },
	{ "level", { "level", "степен" } },
	{ "log_size", { "log size", "записи в дневника" } },
	{ "may_send", { "may send to", "може да изпраща до" } },
	{ "mails_waiting", { "mails owed", "дължими писма" } },
	{ "max_age", { "to age", "до възраст" } },
	{ "members", { "members", "участници" } },
	{ "messages", { "messages", "съобщения" } },
	{ "missing", { "missing since the disk was lost", "липсват след загуба на диска" } },
	{ "min_age", { "from age", "от възраст" } },
	{ "municipalities", { "municipalities", "общини" } },
	{ "municipality", { "municipality", "община" } },
	{ "msg_id", { "message", "съобщение" } },
	{ "name", { "name", "име" } },
	{ "name_bg", { "name", "име" } },
	{ "name_en", { "name in English", "име на английски" } },
	{ "no", { "no.", "№" } },
	{ "of", { "of", "на" } },
	{ "oldest_awaited_ms", { "oldest asked for again is from", "най-старото поискано отново е отпреди" } },
	{ "oldest_queued_ms", { "oldest waiting for", "най-старото чака от" } },
	{ "oldest_unregistered_ms", { "oldest unregistered for", "най-старото незаведено от" } },
	{ "oldest_unsent_ms", { "oldest unsent for", "най-старото неизпратено от" } },
	{ "open", { "open", "незавършени" } },
	{ "origin", { "log's name", "име на дневника" } },
	{ "overdue", { "overdue", "просрочен" } },
	{ "owner_agency", { "owner", "поел" } },
	{ "opened", { "opened", "отворено" } },
	{ "part", { "part", "раздел" } },
	{ "parts", { "parts", "части" } },
	{ "parts_left", { "not confirmed", "непотвърдени" } },
	{ "peers", { "sessions", "връзки" } },
	{ "previews", { "not opened by anybody", "неотворени от никого" } },
	{ "priority", { "priority", "спешност" } },
	{ "problems", { "problems", "проблеми" } },
	{ "program", { "program", "програма" } },
	{ "queued", { "waiting", "чакащи" } },
	{ "rebuilding", { "rebuilt after a lost disk", "възстановява се след загуба на диска" } },
	{ "queued_bytes", { "bytes waiting", "чакащи байтове" } },
	{ "queues", { "queues", "опашки" } },
	{ "programme", { "programme", "програма" } },
	{ "received_at", { "came", "дошло" } },
	{ "referral_id", { "referral", "насочване" } },
	{ "registrar_threshold", { "registrars who must sign", "регистратори за подпис" } },
	{ "registrars", { "registrars", "регистратори" } },
	{ "respond_by", { "answer by", "отговор до" } },
	{ "result", { "result", "резултат" } },
	{ "room", { "room", "места" } },
	{ "room_bytes", { "free bytes of the store", "свободни байтове за данни" } },
	{ "room_of_bytes", { "of how many", "от общо" } },
	{ "root", { "log root", "корен на дневника" } },
	{ "rows", { "waiting", "чакащи" } },
	{ "rules", { "rules of the programme", "правила на програмата" } },
	{ "sender", { "sender", "подател" } },
	{ "sent", { "sent", "изпратено" } },
	{ "service_id", { "service", "услуга" } },
	{ "service_kind", { "kind of service", "вид услуга" } },
	{ "services", { "services", "услуги" } },
	{ "seq", { "no. in the thread", "№ в нишката" } },
	{ "share", { "share", "дял" } },
	{ "signatures", { "valid signatures", "валидни подписи" } },
	{ "signed", { "signed", "подписан" } },
	{ "since", { "since", "от" } },
	{ "size", { "log size", "записи в дневника" } },
	{ "stage", { "stage", "етап" } },
	{ "stages", { "stages", "етапи" } },
	{ "state", { "state", "състояние" } },
	{ "stored", { "stored", "съхранено" } },
	{ "submit", { "entry of the message", "запис на съобщението" } },
	{ "text", { "what", "какво" } },
	{ "thread", { "thread", "нишка" } },
	{ "threshold", { "auditors who open together", "одитори за отваряне" } },
	{ "to", { "to", "до" } },
	{ "under_way", { "its own under way", "изпратени на път" } },
	{ "under_way_bytes", { "bytes under way", "байтове на път" } },
	{ "unregistered", { "unregistered", "незаведени" } },
	{ "unsent", { "unsent", "неизпратени" } },
	{ "uptime_ms", { "running for", "работи от" } },
	{ "valid_from", { "valid from", "важи от" } },
	{ "valid_until", { "valid until", "важи до" } },
	{ "verifier", { "verifier key", "ключ за проверка" } },
	{ "version", { "version", "версия" } },
	{ "waiting", { "waiting", "чакащи" } },
	{ "where", { "where", "къде" } },
};

static const char *
label_of(const char *name, enum lang lang)
{
	for (size_t i = 0; i < sizeof(labels) / sizeof(labels[0]); i++)
		if (strcmp(labels[i].name, name) == 0)
			return labels[i].text[lang];
	return name;
}

/* Values that are words of ours. */
static const char *
word_of(const char *value, enum lang lang)
{
	static const char *const words[][2] = { { "ok", "наред" }, { "failed", "провал" }, { "error", "грешка" }, { "warning", "внимание" },
						{ "emergency", "спешно" }, { "other", "друго" }, { "urgent", "бързо" },
						{ "routine", "обикновено" }, { "half-time", "половината от срока" },
						{ "no-answer", "без отговор" }, { "expiring", "изтича" }, { "expired", "изтекло" },
						{ "late", "незаведено в срок" }, { "stored", "съхранено" },
						{ "delivered", "доставено" }, { "registered", "заведено" }, { "seen", "видяно" },
						{ "silent", "системата мълчи" }, { "queued", "чака изпращане" },
						{ "overdue", "неизпълнен ангажимент" }, { "escalated", "докладвано нагоре" },
						{ "unreviewed", "непрегледан списък на чакащи" }, { "acknowledged", "прието без отговор" },
						{ "unassessed", "неполучена оценка" },
						{ "called", "свикано" }, { "decided", "решено" }, { "closed", "приключено" },
						{ "cancelled", "отменено" }, { "proposed", "предложен" }, { "accepted", "приет" },
						{ "refused", "отказан" }, { "in-progress", "изпълнява се" }, { "done", "изпълнен" },
						{ "partly-done", "частично изпълнен" }, { "not-done", "неизпълнен" },
						{ "accept", "ще участва" }, { "decline", "няма да участва" }, { "tentative", "още не знае" },
						{ "added", "добавено" }, { "removed", "отпаднало" },
						{ "changed", "променено" }, { "agency", "институция" },
						{ "coordinator", "координатор" }, { "auditor", "одитор" },
						{ "registrar", "регистратор" }, { "service", "услуга" },
						{ "who may refer", "кой може да насочва" }, { "deadline", "срок" },
						{ "directory", "регистър" }, { "hub", "концентратор" },
						{ "free", "свободни" }, { "full", "заето" }, { "waitlist", "с изчакване" },
						{ "assessment-first", "след оценка" }, { "stale", "неактуално" },
						{ "requested", "поискано" }, { "cancel-requested", "поискана е отмяна" },
						{ "received", "получено" }, { "declined", "отказано" },
						{ "late-offered", "предложено късно" },
						{ "registration", "завеждане" }, { "answer", "отговор" }, { "referral", "решение за насочване" },
						{ "questions", "отговор на въпроси" }, { "decision", "решение" },
						{ "cancellation", "отмяна" }, { "consent", "отговор за съгласие" },
						{ "rsvp", "отговор на покана" }, { "late-offer", "отговор на късно предложение" },
						{ "commitment", "ангажимент" }, { "review", "преглед" },
						{ "acknowledgement", "приемане на изход" }, { "assessment", "оценка" },
						{ "clean", "ред" }, { "crash", "срив" }, { "none", "няма" } };

	for (size_t i = 0; lang == LANG_BG && i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(value, words[i][0]) == 0)
			return words[i][1];
	return value;
}

static bool
ends_in(const char *name, const char *ending)
{
	size_t n = strlen(name), m = strlen(ending);

	return n >= m && strcmp(name + n - m, ending) == 0;
}

/* To the second below an hour, to the minute above: nobody reads more. */
static void
number_text(const char *name, int64_t value, char to[static CELL_MAX])
{
	int64_t grain = value < CLOCK_HOUR ? CLOCK_SECOND : CLOCK_MINUTE, minutes = value / CLOCK_MINUTE;

	if (!ends_in(name, "_ms"))
		snprintf(to, CELL_MAX, "%" PRId64, value);
	else if (value <= 0)
		snprintf(to, CELL_MAX, "-");
	else if (grain == CLOCK_SECOND)
		snprintf(to, CELL_MAX, "%" PRId64 "m %02" PRId64 "s", minutes, value / CLOCK_SECOND % 60);
	else
		snprintf(to, CELL_MAX, "%" PRId64 "d %02" PRId64 "h %02" PRId64 "m", minutes / 1440, minutes / 60 % 24, minutes % 60);
}

/* What one cell holds. Lists of plain values stand in one cell, separated by commas. */
static void
cell_text(const char *name, json_t *value, enum lang lang, char to[static CELL_MAX])
{
	json_t *item;
	size_t i, n = 0;

	to[0] = '\0';
	if (value == NULL || json_is_null(value))
		snprintf(to, CELL_MAX, "-");
	else if (json_is_string(value))
		snprintf(to, CELL_MAX, "%s", word_of(json_string_value(value), lang));
	else if (json_is_boolean(value))
		snprintf(to, CELL_MAX, "%s", json_is_true(value) ? (lang == LANG_BG ? "да" : "yes") : (lang == LANG_BG ? "не" : "no"));
	else if (json_is_integer(value))
		number_text(name, (int64_t)json_integer_value(value), to);
	else if (json_is_real(value))
		snprintf(to, CELL_MAX, "%.3f", json_real_value(value));
	else if (json_is_array(value))
		json_array_foreach(value, i, item)
			if (json_is_string(item) && n < CELL_MAX - 1) {
				int put = snprintf(to + n, CELL_MAX - n, "%s%s", i > 0 ? ", " : "", json_string_value(item));

				n += put > 0 ? (size_t)put : 0;
			}
}

static void
out_of_memory(void)
{
	fputs("nasokactl: no memory for a table\n", stderr);
	abort();
}

static struct libscols_table *
table_new(FILE *out)
{
	struct libscols_table *table = scols_new_table();

	if (table == NULL || scols_table_set_stream(table, out) != 0)
		out_of_memory();
	return table;
}

static struct libscols_line *
line_new(struct libscols_table *table)
{
	struct libscols_line *line = scols_table_new_line(table, NULL);

	if (line == NULL)
		out_of_memory();
	return line;
}

static void
put_cell(struct libscols_line *line, size_t column, const char *text)
{
	if (scols_line_set_data(line, column, text[0] != '\0' ? text : "-") != 0)
		out_of_memory();
}

static void
print_table(struct libscols_table *table, FILE *out)
{
	if (scols_table_get_nlines(table) > 0) {
		scols_print_table(table);
		fputc('\n', out);
	}
	scols_unref_table(table);
}

static bool
is_table(json_t *value)
{
	return json_is_array(value) && json_is_object(json_array_get(value, 0));
}

/* The columns are the fields of all rows, in the order in which they first appear. */
static size_t
columns_of(json_t *rows, const char *names[COLUMNS_MAX])
{
	json_t *row, *value;
	const char *name;
	size_t i, k, n = 0;

	json_array_foreach(rows, i, row)
		json_object_foreach(row, name, value) {
			for (k = 0; k < n && strcmp(names[k], name) != 0; k++)
				;
			if (k == n && n < COLUMNS_MAX)
				names[n++] = name;
		}
	return n;
}

static bool
is_number(json_t *rows, const char *name)
{
	return json_is_integer(json_object_get(json_array_get(rows, 0), name)) && !ends_in(name, "_ms");
}

static void
show_rows(json_t *rows, const struct call *call)
{
	struct libscols_table *table = table_new(call->out);
	const char *names[COLUMNS_MAX];
	size_t i, n = columns_of(rows, names);
	char text[CELL_MAX];
	json_t *row;

	for (size_t k = 0; k < n; k++)
		if (scols_table_new_column(table, label_of(names[k], call->lang), 0,
					   is_number(rows, names[k]) ? SCOLS_FL_RIGHT : 0) == NULL)
			out_of_memory();
	json_array_foreach(rows, i, row) {
		struct libscols_line *line = line_new(table);

		for (size_t k = 0; k < n; k++) {
			cell_text(names[k], json_object_get(row, names[k]), call->lang, text);
			put_cell(line, k, text);
		}
	}
	print_table(table, call->out);
}

/* Names and values of what is neither a table nor nested; nested objects are flattened one level. */
static void
put_pairs(struct libscols_table *table, json_t *object, enum lang lang)
{
	char text[CELL_MAX];
	const char *name;
	json_t *value;

	json_object_foreach(object, name, value) {
		if (is_table(value) || (json_is_array(value) && json_array_size(value) == 0))
			continue;
		if (json_is_object(value)) {
			put_pairs(table, value, lang);
			continue;
		}
		struct libscols_line *line = line_new(table);

		cell_text(name, value, lang, text);
		put_cell(line, 0, label_of(name, lang));
		put_cell(line, 1, text);
	}
}

static void
show_object(json_t *root, const struct call *call)
{
	struct libscols_table *table = table_new(call->out);
	const char *name;
	json_t *value;

	for (int i = 0; i < 2; i++)	/* a name and its value */
		if (scols_table_new_column(table, "", 0, 0) == NULL)
			out_of_memory();
	scols_table_enable_noheadings(table, 1);
	put_pairs(table, root, call->lang);
	print_table(table, call->out);
	json_object_foreach(root, name, value) {
		if (!is_table(value))
			continue;
		fprintf(call->out, "%s\n", label_of(name, call->lang));
		show_rows(value, call);
	}
}

int
view_show(const struct call *call, json_t *root)
{
	if (root == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	if (command_value(call, "json") != NULL) {
		json_dumpf(root, call->out, JSON_INDENT(2));
		fputc('\n', call->out);
	} else if (is_table(root)) {
		show_rows(root, call);
	} else {
		show_object(root, call);
	}
	json_decref(root);
	return fflush(call->out) == 0 && !ferror(call->out) ? EXIT_OK : EXIT_FAILED;
}

void
view_local_times(json_t *rows, const char *name)
{
	char text[CLOCK_TEXT_LEN];
	int64_t ms;
	json_t *row;
	size_t i;

	json_array_foreach(rows, i, row) {
		const char *due = json_string_value(json_object_get(row, name));

		if (due == NULL || clock_parse(due, &ms) != OK)
			continue;
		clock_format_sofia(ms, text);
		json_object_set_new(row, name, json_string(text));
	}
}
