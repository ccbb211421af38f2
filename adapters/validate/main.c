/* SPDX-License-Identifier: EUPL-1.2 */
/* nasoka-validate - tells what is wrong with an agency's file before it is sent. `nasokactl validate` runs it. */
#include <errno.h>
#include <getopt.h>
#include <stdlib.h>
#include <string.h>
#include <sysexits.h>

#include "adapters/validate/guess.h"
#include "adapters/validate/report.h"
#include "config/config.h"
#include "proto/base/clock.h"

#define FILE_BYTES_MAX ((size_t)16 * 1024 * 1024)

static void
usage(FILE *to)
{
	fputs("Usage: nasoka-validate [--sector social|health|education] [--format json|xml|csv|hl7|fhir|nhis|oscar|primero]\n"
	      "                       [--config ADAPTER.yaml] [--check-codes] [--json] FILE\n"
	      "Tells what is wrong with FILE (- is standard input), with line, column and field. Exit 0 good, 65 bad, 64 usage, 66 no file, 78 configuration.\n"
	      "Казва какво не е наред във файла: ред, знак и поле. Изход 0 добър, 65 с грешки, 64 употреба, 66 няма файл, 78 настройки.\n", to);
}

static uint8_t *
read_all(const char *name, size_t *ret_n)
{
	FILE *from = strcmp(name, "-") == 0 ? stdin : fopen(name, "rb");
	uint8_t *bytes = from != NULL ? malloc(FILE_BYTES_MAX + 1) : NULL;

	*ret_n = bytes != NULL ? fread(bytes, 1, FILE_BYTES_MAX + 1, from) : 0;
	if (bytes != NULL && (ferror(from) || *ret_n > FILE_BYTES_MAX)) {
		errno = ferror(from) ? errno : EFBIG;
		free(bytes);
		bytes = NULL;
	}
	if (from != NULL && from != stdin)
		fclose(from);
	return bytes;
}

static enum adapter_sector
sector_of(const char *name)
{
	return name != NULL && strcmp(name, "health") == 0 ? ADAPTER_HEALTH :
	       name != NULL && strcmp(name, "education") == 0 ? ADAPTER_EDUCATION : ADAPTER_SOCIAL;
}

struct options { const char *config, *file; bool is_json, is_codes; struct judge_request request; };

static int
parse(int argc, char **argv, struct options *o)
{
	static const struct option known[] = {
		{ "sector", required_argument, NULL, 's' }, { "format", required_argument, NULL, 'f' },
		{ "config", required_argument, NULL, 'c' }, { "json", no_argument, NULL, 'j' },
		{ "check-codes", no_argument, NULL, 'k' }, { "help", no_argument, NULL, 'h' }, { "version", no_argument, NULL, 'v' },
		{ NULL, 0, NULL, 0 },
	};
	int c;

	while ((c = getopt_long(argc, argv, "h", known, NULL)) != -1) {
		if (c == 'h' || c == 'v') {
			if (c == 'h')
				usage(stdout);
			else
				puts("nasoka-validate " NASOKA_VERSION);
			return EX_OK;
		}
		if (c == '?' || (c == 's' && guess_sector_named(optarg) == NULL) || (c == 'f' && guess_format_named(optarg) == FORMAT_NONE)) {
			usage(stderr);
			return EX_USAGE;
		}
		if (c == 's')
			o->request.sector = optarg;
		else if (c == 'f')
			o->request.format = guess_format_named(optarg);
		else if (c == 'c')
			o->config = optarg;
		o->is_json |= c == 'j';
		o->is_codes |= c == 'k';
	}
	if (optind + 1 != argc) {
		usage(stderr);
		return EX_USAGE;
	}
	o->file = argv[optind];
	return -1;
}

/* A configuration is read as its sector's: that of the file, where none is named. */
static bool
load_config(const struct options *o, struct arena *mem, struct arena *config_mem, struct adapter_config **ret_config, int *ret_code)
{
	const char *sector = o->request.sector;
	struct judgement first;

	if (sector == NULL) {
		*ret_code = EX_OSERR;
		if (judge(&o->request, mem, &first) != OK)
			return false;
		sector = first.sector;	/* a word of ours */
		arena_reset(mem);
	}
	return config_start_adapter(&(struct config_start){ .file = o->config, .mode = CONFIG_AWAY }, sector_of(sector), config_mem, ret_config, ret_code);
}

int
main(int argc, char **argv)
{
	struct arena *mem = arena_new(JUDGE_ARENA), *config_mem = arena_new(CONFIG_ARENA_BYTES);
	struct options o = { .is_json = false };
	struct adapter_config *config = NULL;
	struct judgement judgement;
	uint8_t *bytes = NULL;
	size_t n;
	int code;

	if (mem == NULL || config_mem == NULL)
		return EX_OSERR;
	if ((code = parse(argc, argv, &o)) >= 0)
		goto out;
	if ((bytes = read_all(o.file, &n)) == NULL) {
		fprintf(stderr, "nasoka-validate: %s: %s\n", o.file, strerror(errno));
		code = EX_NOINPUT;
		goto out;
	}
	o.request.bytes = SPAN(bytes, n);
	o.request.file = o.file;
	o.request.now_ms = clock_wall_ms();
	if (o.config != NULL && !load_config(&o, mem, config_mem, &config, &code))
		goto out;
	o.request.config = config;
	code = EX_OSERR;
	if (judge(&o.request, mem, &judgement) != OK)
		goto out;
	if (!o.is_json)
		report_text(&judgement, o.file, stdout);
	else if (!report_json(&judgement, o.file, stdout))
		goto out;
	code = judgement.n_errors > 0 || (o.is_codes && judgement.n_codes > 0) ? EX_DATAERR : EX_OK;
	if (fflush(stdout) != 0)
		code = EX_IOERR;
out:
	free(bytes);
	arena_free(config_mem);
	arena_free(mem);
	return code;
}
