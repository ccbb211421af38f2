/* SPDX-License-Identifier: EUPL-1.2 */
/* wording - the words of the auditor's tool. */
#include "hub/audit/wording.h"

#include <stdio.h>

#include "proto/base/clock.h"
#include "proto/notice.h"

static const char *const events[][2] = {
	[LEAF_SUBMIT] = { "stored", "съхранено" },
	[LEAF_DELIVERED] = { "delivered", "доставено" },
	[LEAF_REGISTERED] = { "registered", "регистрирано" },
	[LEAF_SEEN] = { "seen", "видяно" },
	[LEAF_REFUSED] = { "refused", "отказано" },
	[LEAF_WITHDRAWN] = { "withdrawn", "оттеглено" },
	[LEAF_SUPERSEDED] = { "superseded", "заменено" },
	[LEAF_NOTICE] = { "notice", "известие" },
	[LEAF_DEAD_LETTER] = { "undeliverable", "недоставимо" },
	[LEAF_CONFLICT] = { "conflict", "противоречие" },
	[LEAF_DIRECTORY] = { "directory", "регистър" },
	[LEAF_SHEET] = { "key sheet", "лист с ключове" },
	[LEAF_ENROL] = { "enrolled", "включване" },
	[LEAF_REVOKE] = { "revoked", "отнемане" },
	[LEAF_AUDIT_OPEN] = { "audit opened", "одит: искане" },
	[LEAF_AUDIT_SHARE] = { "audit share", "одит: дял" },
	[LEAF_AUDIT_DISCLOSE] = { "disclosed", "одит: разкриване" },
	[LEAF_REPLAY] = { "replayed", "преглед" },
	[LEAF_EXPORT] = { "exported", "извлечение" },
	[LEAF_SHRED] = { "erased", "заличено" },
	[LEAF_HOLD] = { "held", "запазено" },
	[LEAF_START] = { "hub started", "начало" },
	[LEAF_STOP] = { "hub stopped", "край" },
	[LEAF_CONFIG] = { "configured", "настройка" },
	[LEAF_RESTORE] = { "restored", "възстановяване" },
	[LEAF_QUARANTINE] = { "quarantined", "карантина" },
	[LEAF_ANNOUNCE] = { "announced", "обявено" },
	[LEAF_RESEAL] = { "asked for under a newer key", "поискано под по-нов ключ" },
};

const char *
wording_event(enum leaf_type type, enum lang lang)
{
	const char *word = type < sizeof(events) / sizeof(events[0]) ? events[type][lang] : NULL;

	return word ? word : "?";
}

const char *
wording_stage(enum leaf_type type)
{
	return type == LEAF_SUBMIT || ledger_stage(type) != STAGE_NONE ? events[type][LANG_EN] : NULL;
}

const char *
wording_fact(const char *name, enum lang lang)
{
	static const char *const facts[][2] = {
		[NOTICE_HALF_TIME] = { "half of the time is over", "половината от срока мина" },
		[NOTICE_LATE_REGISTERED] = { "not registered in time", "незаведено в срок" },
		[NOTICE_LATE_RESPONSE] = { "not answered in time", "без отговор в срок" },
		[NOTICE_EXPIRING] = { "expires soon", "изтича" },
		[NOTICE_EXPIRED] = { "expired", "изтекло" },
	};

	for (enum notice_fact fact = NOTICE_HALF_TIME; name && fact <= NOTICE_EXPIRED; fact++)
		if (strcmp(name, notice_fact_name(fact)) == 0)
			return facts[fact][lang];
	return NULL;
}

const char *
wording_share(enum history_share share, enum lang lang)
{
	static const char *const words[][2] = {
		[SHARE_UNKNOWN] = { "", "" },
		[SHARE_GOOD] = { "ok", "ок" },
		[SHARE_FALSE] = { "FALSE", "ФАЛШИВ" },
		[SHARE_UNREADABLE] = { "not readable", "нечетим" },
	};

	return words[share][lang];
}

const char *
wording_latency(int64_t ms, enum lang lang, char to[static WORDING_LATENCY_LEN])
{
	static const struct { int64_t below, unit; const char *name[2]; } units[] = {
		{ 10 * CLOCK_SECOND, 0, { "s", "с" } },
		{ 2 * CLOCK_MINUTE, CLOCK_SECOND, { "s", "с" } },
		{ 2 * CLOCK_HOUR, CLOCK_MINUTE, { "min", "мин" } },
		{ 2 * CLOCK_DAY, CLOCK_HOUR, { "h", "ч" } },
		{ INT64_MAX, CLOCK_DAY, { "d", "дни" } },
	};
	size_t i = 0;

	to[0] = '\0';
	if (ms < 0)
		return to;
	while (ms >= units[i].below && units[i].below != INT64_MAX)
		i++;
	if (units[i].unit == 0)
		(void)snprintf(to, WORDING_LATENCY_LEN, "%lld.%03lld %s", (long long)(ms / 1000), (long long)(ms % 1000), units[i].name[lang]);
	else
		(void)snprintf(to, WORDING_LATENCY_LEN, "%lld %s", (long long)(ms / units[i].unit), units[i].name[lang]);
	return to;
}

const char *
wording_id(const struct msgid *id, char to[static MSGID_TEXT_LEN])
{
	to[0] = '\0';
	if (!msgid_is_zero(id))
		msgid_format(id, to);
	return to;
}

const char *
wording_hex(const void *p, size_t n, char *to)
{
	const uint8_t *b = p;
	uint8_t any = 0;

	for (size_t i = 0; i < n; i++)
		any |= b[i];
	to[0] = '\0';
	if (any)
		bytes_hex(p, n, to);
	return to;
}
