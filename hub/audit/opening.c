/* SPDX-License-Identifier: EUPL-1.2 */
/* opening - what the verbs have in common before their work begins. */
#include "hub/audit/opening.h"

#include <string.h>

#include "hub/audit/image.h"
#include "hub/ctl/command.h"
#include "hub/ctl/plainfile.h"
#include "hub/pinned.h"

#define TRUST_MAX (64 * 1024)

enum err
opening_source(const struct call *call, struct source **ret_source, struct why *why)
{
	const char *config = command_value(call, "config");
	struct image *image;
	enum err e;

	if ((config == NULL) == (call->operand == NULL))
		return why_set(why, ERR_UNSUPPORTED, NULL, "either the folder of an export or --config FILE");
	if (config)
		return source_open_store(config, call->err, ret_source, why);
	if ((e = image_open_dir(call->operand, &image, why)) != OK)
		return e;
	if ((e = source_open_export(image, ret_source, why)) != OK)
		image_free(image);
	return e;
}

void
opening_close(struct source *s)
{
	const struct image *image = s ? s->image : NULL;

	source_close(s);
	image_free((struct image *)(uintptr_t)image);	/* opened here, and borrowed by the source as what it only reads */
}

enum err
opening_trust(const char *file, struct arena *mem, struct trust *ret_trust, struct why *why)
{
	struct span text;
	enum err e;

	if ((e = plainfile_read(file, TRUST_MAX, mem, &text, why)) != OK)
		return e;
	return pinned_parse(text, mem, ret_trust, why);
}

int
opening_fail(const struct call *call, enum err e, const struct why *why)
{
	(void)command_fail(call, e, why);
	if (e == ERR_UNSUPPORTED)
		return EXIT_USAGE;
	return e == ERR_TAMPERED ? EXIT_TAMPERED : EXIT_FAILED;
}
