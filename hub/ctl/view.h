/* SPDX-License-Identifier: EUPL-1.2 */
/* view - one object, shown to people as tables or given to programs as JSON.
 *
 * Plain values become a table of names and values, lists of objects a table each. A number whose name ends in "_ms" is
 * shown as a stretch of time. Called by the commands.
 */
#ifndef CTL_VIEW_H
#define CTL_VIEW_H

struct call;
struct json_t;

/* JSON when the call has --json, else tables; takes the reference of `root`. Gives the exit code: EXIT_FAILED when it could
 * not be written. */
int view_show(const struct call *call, struct json_t *root);

/* The member `name` of each row, a time in UTC, to where people are. */
void view_local_times(struct json_t *rows, const char *name);

#endif
