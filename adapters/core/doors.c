/* SPDX-License-Identifier: EUPL-1.2 */
/* doors - the list of the doors of one process. Each is NULL where the configuration has none, so one close copes with all. */
#include "adapters/core/doors.h"

#include <stdlib.h>

#include "adapters/core/door_host.h"
#include "adapters/core/http.h"
#include "adapters/core/mail.h"
#include "adapters/core/mllp_in.h"
#include "adapters/core/mllp_out.h"
#include "adapters/core/spool_in.h"
#include "adapters/core/spool_out.h"
#include "adapters/core/webhook.h"

struct doors {
	const struct adapter_config *config;
	struct door_host host;
	struct http *http;
	struct mllp_in *mllp_in;
	struct mllp_out *mllp_out;
	struct spool_in *spool_in;
	struct spool_out *spool_out;
	struct webhook *webhook;
	struct mail *mail;
	void (*on_fatal)(void *arg, enum err e);
	void *arg;
};

static void
pass_fatal(void *arg, enum err e)
{
	struct doors *doors = arg;

	doors->on_fatal(doors->arg, e);
}

static bool
is_ready(void *arg)
{
	struct doors *doors = arg;
	struct adapter_status status;

	adapter_status(doors->host.adapter, &status);
	return status.is_up;
}

enum err
doors_open_out(const struct adapter_config *config, struct loop *loop, void (*on_fatal)(void *arg, enum err e), void *arg,
	       struct door *slot[ADAPTER_DOORS_MAX + 1], struct doors **ret_doors, struct why *why)
{
	struct doors *doors = calloc(1, sizeof(*doors));
	enum err e = OK;

	*ret_doors = NULL;
	if (!doors)
		return ERR_NOMEM;
	doors->config = config;
	doors->host = (struct door_host){ .loop = loop, .arg = doors, .on_fatal = pass_fatal, .is_ready = is_ready };
	doors->on_fatal = on_fatal;
	doors->arg = arg;
	if (config->out_mllp.on && (e = mllp_out_open(config, &doors->host, &doors->mllp_out, why)) == OK)
		slot[ADAPTER_DOOR_MLLP] = mllp_out_door(doors->mllp_out);
	if (e == OK && config->out_folder.on && (e = spool_out_open(config, &doors->host, &doors->spool_out, why)) == OK)
		slot[ADAPTER_DOOR_FOLDER] = spool_out_door(doors->spool_out);
	if (e == OK && config->out_webhook.on && (e = webhook_open(config, &doors->host, &doors->webhook, why)) == OK)
		slot[ADAPTER_DOOR_WEBHOOK] = webhook_door(doors->webhook);
	if (e == OK && config->mail.on)
		e = mail_open(config, &doors->host, &doors->mail, why);
	if (e == OK)
		*ret_doors = doors;
	else
		doors_close(doors);
	return e;
}

enum err
doors_open_in(struct doors *doors, struct adapter *adapter, struct why *why)
{
	enum err e = OK;

	doors->host.adapter = adapter;
	if (doors->config->in_http.on)
		e = http_open(doors->config, &doors->host, &doors->http, why);
	if (e == OK && doors->config->in_mllp.on)
		e = mllp_in_open(doors->config, &doors->host, &doors->mllp_in, why);
	if (e == OK && doors->config->in_folder.on)
		e = spool_in_open(doors->config, &doors->host, &doors->spool_in, why);
	return e;
}

void
doors_close(struct doors *doors)
{
	if (!doors)
		return;
	http_close(doors->http);
	mllp_in_close(doors->mllp_in);
	mllp_out_close(doors->mllp_out);
	spool_in_close(doors->spool_in);
	spool_out_close(doors->spool_out);
	webhook_close(doors->webhook);
	mail_close(doors->mail);
	free(doors);
}

struct mailer *
doors_mailer(struct doors *doors)
{
	return doors->mail ? mail_mailer(doors->mail) : NULL;
}
