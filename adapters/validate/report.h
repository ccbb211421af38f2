/* SPDX-License-Identifier: EUPL-1.2 */
/* report - a judgement for people, in both languages, or as JSON for programs. */
#ifndef VALIDATE_REPORT_H
#define VALIDATE_REPORT_H

#include <stdbool.h>
#include <stdio.h>

#include "adapters/validate/judge.h"

/* "file:line:col: NSK-1304 child.birth_date: ..." a finding, then what to do; last a line that says how many. */
void report_text(const struct judgement *j, const char *file, FILE *to);
/* One object. False: no memory. */
bool report_json(const struct judgement *j, const char *file, FILE *to);

#endif
