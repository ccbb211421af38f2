/* SPDX-License-Identifier: EUPL-1.2 */
/* keygen - who needs which keys, under which names, and what of them is public.
 *
 * File names are those that the daemons look for: <use>.key and <agency>.sheet in keys.dir, <year>-<month>.key in
 * keys.kek_dir. The hub makes each month's key itself when it needs it; keygen makes the folder for them.
 */
#include "hub/ctl/keygen.h"

#include <stdlib.h>
#include <string.h>

#include "hub/ctl/command.h"
#include "hub/ctl/keyset.h"
#include "hub/ctl/plainfile.h"
#include "proto/agency.h"
#include "proto/base/clock.h"
#include "proto/directory.h"

#define KEYGEN_ARENA ((size_t)256 * 1024)
#define NAME_MAX_LEN 64
#define DAYS_MAX 3660

/* clang-format off */
#define JSON_OPTION { "json", NULL, false, { "public halves as JSON", "публичните части като JSON" } }
const struct command_option keygen_one_options[] = {
	{ "use", "USE", true, { "signing, sealing, transport, witness, auditor, registrar, log, notice, local or kek",
				"signing, sealing, transport, witness, auditor, registrar, log, notice, local или kek" } },
	{ "out", "DIR", false, { "where USE.key goes; here if not given", "къде отива USE.key; тук, ако не е дадено" } },
	{ "name", "NAME", false, { "print the verifier key of this name, too (Ed25519 uses)", "и ключ за проверка с това име (при Ed25519)" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option keygen_agency_options[] = {
	{ "agency", "ID", true, { "the agency's id in the directory", "кодът на институцията в регистъра" } },
	{ "dir", "DIR", true, { "keys.dir of its adapter; made if missing", "keys.dir на адаптера; създава се" } },
	{ "sealing-days", "N", false, { "the sealing key's days; without: no end is set", "дни на ключа за запечатване; без него няма край" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option keygen_hub_options[] = {
	{ "dir", "DIR", true, { "keys.dir of the hub; made if missing", "keys.dir на концентратора; създава се" } },
	{ "kek-dir", "DIR", false, { "keys.kek_dir of the hub; DIR/kek if not given", "keys.kek_dir; без него DIR/kek" } },
	{ "origin", "ORIGIN", false, { "the log's name: prints its verifier key", "името на дневника: и ключът му за проверка" } },
	JSON_OPTION, { .name = NULL },
};
const struct command_option keygen_person_options[] = {
	{ "name", "NAME", true, { "small letters, digits, '-' and '.'", "малки латински букви, цифри, '-' и '.'" } },
	{ "dir", "DIR", true, { "where NAME.key goes; made if missing", "къде отива NAME.key; създава се" } },
	JSON_OPTION, { .name = NULL },
};
/* clang-format on */

static bool
use_of(const char *name, enum key_use *ret_use)
{
	for (int use = KEY_SIGNING; use <= KEY_KEK; use++) {
		if (strcmp(key_use_name((enum key_use)use), name) == 0) {
			*ret_use = (enum key_use)use;
			return true;
		}
	}
	return false;
}

static bool
is_ed25519(enum key_use use)
{
	return use == KEY_SIGNING || use == KEY_WITNESS || use == KEY_REGISTRAR || use == KEY_LOG || use == KEY_NOTICE;
}

/* A name that may be a file's and stand in a signature line. */
static bool
is_person_name(const char *name)
{
	size_t n = strlen(name);

	return n > 0 && n <= NAME_MAX_LEN && name[0] != '.' && name[0] != '-' &&
	       strspn(name, "abcdefghijklmnopqrstuvwxyz0123456789-.") == n;
}

static char *
path_in(struct keyset *set, const char *dir, const char *name, const char *ending)
{
	return arena_fmt(set->mem, "%s/%s%s", dir, name, ending);
}

static const char *
verifier_text(struct keyset *set, const char *name, const struct key *key)
{
	const struct note_verifier v = { name, *key_public(key) };

	return note_verifier_format(&v, set->mem);
}

/* What all of them end with: save, then say. */
static int
finish(const struct call *call, struct keyset *set, enum err e, struct why *why)
{
	struct span yaml;

	if (e == OK)
		e = keyset_save(set, why);
	if (e != OK)
		return command_fail(call, e, why);
	for (size_t i = 0; i < set->n; i++)
		command_say(call, "made (secret, mode 0600):", "създаден (таен, права 0600):", set->keys[i].path);
	for (size_t i = 0; i < set->n_files; i++)
		command_say(call, "made (public):", "създаден (публичен):", set->files[i].path);
	if (command_value(call, "json") != NULL) {
		keyset_print_json(set, call->out);
	} else {
		yaml = keyset_yaml(set, NULL);
		fwrite(yaml.p, 1, yaml.n, call->out);
	}
	return fflush(call->out) == 0 ? EXIT_OK : EXIT_FAILED;
}

/* Runs `make` with a set of its own and finishes. */
static int
run(const struct call *call, enum err (*make)(const struct call *call, struct keyset *set, struct why *why))
{
	struct arena *mem = arena_new(KEYGEN_ARENA);
	struct why why = { 0 };
	struct keyset set;
	enum err e;
	int code;

	if (mem == NULL)
		return command_fail(call, ERR_NOMEM, NULL);
	keyset_init(&set, mem);
	e = make(call, &set, &why);
	code = finish(call, &set, e, &why);
	keyset_done(&set);
	arena_free(mem);
	return code;
}

static enum err
make_one(const struct call *call, struct keyset *set, struct why *why)
{
	const char *dir = command_value(call, "out"), *name = command_value(call, "name"), *file;
	const struct key *key;
	enum key_use use;
	enum err e;

	if (!use_of(command_value(call, "use"), &use))
		return why_set(why, ERR_UNKNOWN_CODE, "--use", "see nasokactl keygen --help");
	if (name != NULL && (!is_ed25519(use) || !note_is_name(name)))
		return why_set(why, ERR_FORMAT, "--name", "a name without blanks and '+', for a key that signs");
	file = key_use_name(use);
	if (use == KEY_KEK) {
		struct civil now = clock_to_utc(clock_wall_ms());

		file = arena_fmt(set->mem, "%04d-%02d", now.year, now.month);
	}
	if (dir != NULL && (e = plainfile_own_dir(dir, why)) != OK)
		return e;
	if ((e = keyset_add(set, use, path_in(set, dir != NULL ? dir : ".", file, ".key"), &key)) != OK)
		return e;
	keyset_fact(set, use == KEY_TRANSPORT ? "curve" : key_use_name(use), keyset_base64(set, key));
	if (name != NULL)
		keyset_fact(set, "verifier", verifier_text(set, name, key));
	return OK;
}

static enum err
sealing_end(const struct call *call, int64_t now_ms, int64_t *ret_ms, struct why *why)
{
	const char *text = command_value(call, "sealing-days");
	char *end;
	long days;

	*ret_ms = 0;
	if (text == NULL)
		return OK;
	days = strtol(text, &end, 10);
	if (*end != '\0' || days < 1 || days > DAYS_MAX)
		return why_set(why, ERR_BAD_NUMBER, "--sealing-days", "1 to %d", DAYS_MAX);
	*ret_ms = now_ms + days * CLOCK_DAY;
	return OK;
}

static enum err
make_sheet(const struct call *call, struct keyset *set, const struct key *const keys[3], const struct key *signing, struct why *why)
{
	const char *agency = command_value(call, "agency"), *dir = command_value(call, "dir");
	struct sheet sheet = { .agency = agency, .version = 1, .made_ms = clock_wall_ms(), .n_sealing = 1 };
	struct span bytes;
	enum err e;

	sheet.sealing[0].pub = *key_public(keys[0]);
	sheet.sealing[0].id = *key_id(keys[0]);
	sheet.transport = *key_public(keys[1]);
	sheet.witness = *key_public(keys[2]);
	if ((e = sealing_end(call, sheet.made_ms, &sheet.sealing[0].not_after_ms, why)) != OK)
		return e;
	if ((e = sheet_sign(&sheet, signing, set->mem, &bytes)) != OK)
		return e;
	keyset_add_file(set, path_in(set, dir, agency, ".sheet"), bytes);
	return OK;
}

static enum err
make_agency(const struct call *call, struct keyset *set, struct why *why)
{
	static const enum key_use sheet_uses[] = { KEY_SEALING, KEY_TRANSPORT, KEY_WITNESS };
	const char *agency = command_value(call, "agency"), *dir = command_value(call, "dir");
	const struct key *signing, *keys[3];
	enum err e;

	if (!agency_is_id(agency) || strcmp(agency, AGENCY_HUB) == 0)
		return why_set(why, ERR_FORMAT, "--agency", "small letters, digits and '-', not \"" AGENCY_HUB "\"");
	if ((e = plainfile_own_dir(dir, why)) != OK ||
	    (e = keyset_add(set, KEY_SIGNING, path_in(set, dir, "signing", ".key"), &signing)) != OK)
		return e;
	for (size_t i = 0; i < 3; i++)
		if ((e = keyset_add(set, sheet_uses[i], path_in(set, dir, key_use_name(sheet_uses[i]), ".key"), &keys[i])) != OK)
			return e;
	if ((e = keyset_add(set, KEY_LOCAL, path_in(set, dir, "local", ".key"), NULL)) != OK ||
	    (e = make_sheet(call, set, keys, signing, why)) != OK)
		return e;
	keyset_fact(set, "id", agency);
	keyset_fact(set, "signing", keyset_base64(set, signing));
	keyset_add_file(set, path_in(set, dir, "agency", ".yaml"),
			keyset_yaml(set, "Public facts of an agency, for the registrars. Публични данни, за регистраторите."));
	return OK;
}

static enum err
make_hub(const struct call *call, struct keyset *set, struct why *why)
{
	const char *dir = command_value(call, "dir"), *kek = command_value(call, "kek-dir"), *origin = command_value(call, "origin");
	const struct key *log, *notice, *transport;
	enum err e;

	if (origin != NULL && !note_is_name(origin))
		return why_set(why, ERR_FORMAT, "--origin", "a name without blanks and '+'");
	if ((e = plainfile_own_dir(dir, why)) != OK ||
	    (e = keyset_add(set, KEY_LOG, path_in(set, dir, "log", ".key"), &log)) != OK ||
	    (e = keyset_add(set, KEY_NOTICE, path_in(set, dir, "notice", ".key"), &notice)) != OK ||
	    (e = keyset_add(set, KEY_TRANSPORT, path_in(set, dir, "transport", ".key"), &transport)) != OK)
		return e;
	if (kek == NULL)
		kek = path_in(set, dir, "kek", "");
	if (kek == NULL)
		return ERR_TOOBIG;
	if ((e = plainfile_own_dir(kek, why)) != OK)
		return e;
	keyset_fact(set, "origin", origin);
	keyset_fact(set, "log", keyset_base64(set, log));
	keyset_fact(set, "notice", keyset_base64(set, notice));
	keyset_fact(set, "curve", keyset_base64(set, transport));
	if (origin != NULL)
		keyset_fact(set, "verifier", verifier_text(set, origin, log));
	keyset_add_file(set, path_in(set, dir, "hub", ".yaml"),
			keyset_yaml(set, "Public facts of the hub, for the registrars. Публични данни, за регистраторите."));
	return OK;
}

static enum err
make_auditor(const struct call *call, struct keyset *set, struct why *why)
{
	const char *name = command_value(call, "name"), *dir = command_value(call, "dir");
	const struct key *key;
	enum err e;

	if (!agency_is_id(name))
		return why_set(why, ERR_FORMAT, "--name", "small letters, digits and '-'");
	if ((e = plainfile_own_dir(dir, why)) != OK ||
	    (e = keyset_add(set, KEY_AUDITOR, path_in(set, dir, name, ".key"), &key)) != OK)
		return e;
	keyset_fact(set, "name", name);
	keyset_fact(set, "key", keyset_base64(set, key));
	keyset_add_file(set, path_in(set, dir, name, ".yaml"),
			keyset_yaml(set, "Public facts of an auditor, for the registrars. Публични данни, за регистраторите."));
	return OK;
}

static enum err
make_registrar(const struct call *call, struct keyset *set, struct why *why)
{
	const char *name = command_value(call, "name"), *dir = command_value(call, "dir"), *text;
	const struct key *key;
	enum err e;

	if (!is_person_name(name))
		return why_set(why, ERR_FORMAT, "--name", "small letters, digits, '-' and '.'");
	if ((e = plainfile_own_dir(dir, why)) != OK ||
	    (e = keyset_add(set, KEY_REGISTRAR, path_in(set, dir, name, ".key"), &key)) != OK)
		return e;
	if ((text = verifier_text(set, name, key)) == NULL)
		return ERR_TOOBIG;
	keyset_fact(set, "verifier", text);
	keyset_add_file(set, path_in(set, dir, name, ".pub"), span_str(arena_fmt(set->mem, "%s\n", text)));
	return OK;
}

int
keygen_one(const struct call *call)
{
	return run(call, make_one);
}

int
keygen_agency(const struct call *call)
{
	return run(call, make_agency);
}

int
keygen_hub(const struct call *call)
{
	return run(call, make_hub);
}

int
keygen_auditor(const struct call *call)
{
	return run(call, make_auditor);
}

int
keygen_registrar(const struct call *call)
{
	return run(call, make_registrar);
}
