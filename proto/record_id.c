/* SPDX-License-Identifier: EUPL-1.2 */
/* record_id - Bulgaria's numbers of people: the EGN of its citizens and the LNCH of foreigners. Which digits are right, and what an EGN tells. */
#include "proto/record.h"

#include <string.h>

#include "proto/base/clock.h"

static bool
is_digits(const char *s, size_t n)
{
	return strlen(s) == n && strspn(s, "0123456789") == n;
}

static int
weighted(const char *digits, const int *weights, size_t n)
{
	int sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += (digits[i] - '0') * weights[i];
	return sum;
}

/* The month carries the century: plain for the 1900s, +20 for the 1800s, +40 for the 2000s. */
static struct civil
born(const char *egn)
{
	int year = (egn[0] - '0') * 10 + egn[1] - '0';
	int month = (egn[2] - '0') * 10 + egn[3] - '0';
	int day = (egn[4] - '0') * 10 + egn[5] - '0';

	if (month > 40)
		return (struct civil){ .year = year + 2000, .month = month - 40, .day = day };
	if (month > 20)
		return (struct civil){ .year = year + 1800, .month = month - 20, .day = day };
	return (struct civil){ .year = year + 1900, .month = month, .day = day };
}

bool
record_is_egn(const char *value)
{
	static const int weights[9] = { 2, 4, 8, 5, 10, 9, 7, 3, 6 };
	struct civil date;

	if (value == NULL || !is_digits(value, 10))
		return false;
	date = born(value);
	return clock_is_date(date.year, date.month, date.day) && weighted(value, weights, 9) % 11 % 10 == value[9] - '0';
}

bool
record_is_lnch(const char *value)
{
	static const int weights[9] = { 21, 19, 17, 13, 11, 9, 7, 3, 1 };

	return value != NULL && is_digits(value, 10) && weighted(value, weights, 9) % 10 == value[9] - '0';
}

bool
record_egn_tells_date(const char *egn, const char *birth_date, const char *accuracy)
{
	struct civil tells = born(egn), said;

	if (birth_date == NULL || clock_parse_date(birth_date, &said) != OK || (accuracy && strcmp(accuracy, "estimated") == 0))
		return true;
	if (tells.year != said.year || (accuracy && strcmp(accuracy, "year") == 0))
		return tells.year == said.year;
	return tells.month == said.month && (tells.day == said.day || (accuracy && strcmp(accuracy, "month") == 0));
}

/* The ninth digit is even of boys, odd of girls. */
bool
record_egn_tells_gender(const char *egn, const char *gender)
{
	bool is_male = (egn[8] - '0') % 2 == 0;

	if (gender == NULL || (strcmp(gender, "male") != 0 && strcmp(gender, "female") != 0))
		return true;
	return is_male == (strcmp(gender, "male") == 0);
}
