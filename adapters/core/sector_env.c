/* SPDX-License-Identifier: EUPL-1.2 */
/* sector_env - questions that a sector's pure functions may put: they see configuration, directory and threads through these alone. */
#include "adapters/core/sector_env.h"

#include <stdio.h>

#include "adapters/core/views.h"

static const char *
concept_of(const void *arg, const char *system, const char *code)
{
	const struct adapter_config *c = ((const struct adapter *)arg)->p.config;
	const char *found = NULL;
	char key[512];

	if (system && snprintf(key, sizeof(key), "%s|%s", system, code) < (int)sizeof(key))
		found = adapter_config_find(c->concepts, c->n_concepts, key);
	return found ? found : adapter_config_find(c->concepts, c->n_concepts, code);
}

static const char *
native_of(const void *arg, const char *system, const char *code)
{
	const struct adapter_config *c = ((const struct adapter *)arg)->p.config;
	size_t n = strlen(system);

	for (size_t i = 0; i < c->n_concepts; i++)
		if (strcmp(c->concepts[i].value, code) == 0 && strncmp(c->concepts[i].key, system, n) == 0 &&
		    c->concepts[i].key[n] == '|')
			return c->concepts[i].key + n + 1;
	return NULL;
}

static enum err
roster_of(const void *arg, const char *file, struct arena *mem, struct span *ret_bytes)
{
	const struct adapter *a = arg;

	return a->p.links.roster(a->p.links.arg, file, mem, ret_bytes);
}

static const char *
agency_of(const void *arg, const char *alias)
{
	const struct adapter *a = arg;
	const char *found = adapter_config_find(a->p.config->aliases, a->p.config->n_aliases, alias);
	const struct agency *agency = directory_find(contacts_directory(a->p.contacts), found ? found : alias);

	return found ? found : agency ? agency->id : NULL;
}

static const char *
alias_of(const void *arg, const char *agency)
{
	const struct adapter_config *c = ((const struct adapter *)arg)->p.config;

	for (size_t i = 0; i < c->n_aliases; i++)
		if (strcmp(c->aliases[i].value, agency) == 0)
			return c->aliases[i].key;
	return agency;
}

static enum dialect
dialect_of(enum adapter_messages messages)
{
	switch (messages) {
	case ADAPTER_ORDER_MESSAGES:
		return DIALECT_ORDER;
	case ADAPTER_OLD_ORDER_MESSAGES:
		return DIALECT_OLD_ORDER;
	case ADAPTER_REFERRAL_MESSAGES:
		break;
	}
	return DIALECT_REFERRAL;
}

static enum err
progress_of(void *core, const char *number, struct arena *mem, struct progress *ret_progress)
{
	return views_find(core, number, mem, ret_progress, NULL);
}

void
sector_env_fill(struct adapter *a)
{
	const struct adapter_config *c = a->p.config;

	a->env = (struct sector_env){
		.agency = c->agency,
		.concept = concept_of,
		.native_of = native_of,
		.roster = a->p.links.roster ? roster_of : NULL,
		.agency_of = agency_of,
		.alias_of = alias_of,
		.progress_of = progress_of,
		.dialect = dialect_of(c->out_mllp.messages),
		.our_application = c->out_mllp.sending_application,
		.our_facility = c->out_mllp.sending_facility,
		.their_application = c->out_mllp.receiving_application,
		.their_facility = c->out_mllp.receiving_facility,
		.arg = a,
		.core = a,
	};
}
