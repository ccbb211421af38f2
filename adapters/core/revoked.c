/* SPDX-License-Identifier: EUPL-1.2 */
/* revoked - the row: the day of the withdrawal, the day on which the consent had been given, and the categories (none: all of it). */
#include "adapters/core/revoked.h"

#include <stdio.h>
#include <string.h>

#include "adapters/core/storage.h"
#include "proto/base/clock.h"

#define KEY "revoked:"	/* and the case */
#define ROW_VERSION 1
#define CATEGORIES_MAX 8
#define DAY_LEN 11	/* 2026-11-22 and NUL */

struct row {
	char day[DAY_LEN], given_on[DAY_LEN];
	char categories[CATEGORIES_MAX][16];
	size_t n;		/* 0: all */
};

struct row_key { uint8_t b[sizeof(KEY) - 1 + 16]; };

static struct span
key_of(const uint8_t case_id[16], struct row_key *key)
{
	memcpy(key->b, KEY, sizeof(KEY) - 1);
	memcpy(key->b + sizeof(KEY) - 1, case_id, 16);
	return SPAN(key->b, sizeof(key->b));
}

static bool
get(struct txn *txn, struct span key, struct row *ret_row)
{
	struct span bytes = txn_get(txn, TABLE_META, key);
	struct cursor c;

	memset(ret_row, 0, sizeof(*ret_row));
	if (bytes.p == NULL)
		return false;
	cursor_init(&c, bytes);
	if (cursor_u8(&c) != ROW_VERSION)
		return false;
	storage_text(&c, ret_row->day, DAY_LEN);
	storage_text(&c, ret_row->given_on, DAY_LEN);
	ret_row->n = cursor_u8(&c);
	if (ret_row->n > CATEGORIES_MAX)
		return false;
	for (size_t i = 0; i < ret_row->n; i++)
		storage_text(&c, ret_row->categories[i], sizeof(ret_row->categories[i]));
	return cursor_end(&c) == OK;
}

static enum err
put(struct adapter *a, struct txn *txn, struct span key, const struct row *row)
{
	struct buf b;

	buf_init(&b, a->mem);
	buf_u8(&b, ROW_VERSION);
	buf_var(&b, span_str(row->day));
	buf_var(&b, span_str(row->given_on));
	buf_u8(&b, (uint8_t)row->n);
	for (size_t i = 0; i < row->n; i++)
		buf_var(&b, span_str(row->categories[i]));
	if (b.e != OK)
		return b.e;
	txn_put(txn, TABLE_META, key, buf_bytes(&b));
	return txn_error(txn);
}

static bool
has(const struct row *row, const char *category)
{
	for (size_t i = 0; i < row->n; i++)
		if (strcmp(row->categories[i], category) == 0)
			return true;
	return false;
}

static void
keep_later(char day[static DAY_LEN], const char *other)
{
	if (other && strlen(other) < DAY_LEN && strcmp(other, day) > 0)
		snprintf(day, DAY_LEN, "%s", other);
}

enum err
revoked_note(struct adapter *a, struct txn *txn, const struct thread *t, const struct consent_change *change, const struct consent *was)
{
	struct civil at = clock_to_sofia(*change->at, NULL);
	const struct texts *categories = &change->data_categories;
	struct row_key place;
	struct span key = key_of(t->case_id, &place);
	struct row row;
	bool is_known;
	char day[40];

	is_known = get(txn, key, &row);
	if (strcmp(change->change, "withdrawn") != 0) {
		/* what was given before stays withdrawn; of that day, the one that renews it is no more taken for the one that ended */
		row.given_on[0] = '\0';
		return is_known && strcmp(change->change, "renewed") == 0 ? put(a, txn, key, &row) : txn_error(txn);
	}
	snprintf(day, sizeof(day), "%04d-%02d-%02d", at.year, at.month, at.day);
	keep_later(row.day, day);
	keep_later(row.given_on, was ? was->given_on : NULL);
	if (categories->n == 0)
		row.n = 0;
	else if (!is_known || row.n > 0)	/* what was withdrawn whole stays so */
		for (size_t i = 0; i < categories->n && row.n < CATEGORIES_MAX; i++)
			if (!has(&row, categories->items[i]))
				snprintf(row.categories[row.n++], sizeof(row.categories[0]), "%s", categories->items[i]);
	return put(a, txn, key, &row);
}

/* The first category that the consent names, or as it names none covers, and that was withdrawn. */
static const char *
withdrawn_of(const struct row *row, const struct consent *consent)
{
	if (consent->data_categories.n == 0)
		return row->categories[0];
	for (size_t i = 0; i < consent->data_categories.n; i++)
		if (has(row, consent->data_categories.items[i]))
			return consent->data_categories.items[i];
	return NULL;
}

/* Of a consent of before, or of that day: does it cover what was withdrawn? */
static enum err
refuse_older(const struct row *row, const struct consent *consent, const char *where, struct why *why)
{
	const char *category;

	if (row->n == 0)
		return why_set(why, ERR_CONSENT_ENDED, where, "the family has withdrawn it on %s", row->day);
	if (consent == NULL || (category = withdrawn_of(row, consent)) == NULL)
		return OK;
	return why_set(why, ERR_CONSENT_CATEGORY, where, "the family has withdrawn %s on %s", category, row->day);
}

enum err
revoked_check(struct txn *txn, const uint8_t case_id[16], const char *legal_basis, const struct consent *consent, const char *where,
	      struct why *why)
{
	const char *given_on = consent && consent->given_on ? consent->given_on : "";
	struct row_key place;
	struct row row;

	if (legal_basis == NULL || strcmp(legal_basis, "consent") != 0 || !get(txn, key_of(case_id, &place), &row))
		return OK;
	/* on the day itself a consent of that day is a new one, unless it is the one that was withdrawn */
	if (strcmp(given_on, row.day) >= 0 && strcmp(given_on, row.given_on) > 0)
		return OK;
	return refuse_older(&row, consent, where, why);
}

enum err
revoked_check_renewal(struct txn *txn, const uint8_t case_id[16], const struct consent *consent, const char *where, struct why *why)
{
	struct row_key place;
	struct row row;

	if (!get(txn, key_of(case_id, &place), &row) || (consent->given_on && strcmp(consent->given_on, row.day) >= 0))
		return OK;
	return refuse_older(&row, consent, where, why);
}
