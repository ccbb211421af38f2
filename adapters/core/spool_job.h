/* SPDX-License-Identifier: EUPL-1.2 */
/* spool_job - a claimed file of the folder door, from its bytes to its answer and its place among the done or the bad ones; a piece at a
 * time, since the files that it names may be large. Called by spool_in.c, which finds and claims.
 */
#ifndef ADAPTER_SPOOL_JOB_H
#define ADAPTER_SPOOL_JOB_H

#include "adapters/core/door_host.h"
#include "adapters/core/spool_file.h"
#include "adapters/core/spool_name.h"
#include "adapters/core/spool_set.h"

enum spool_course {
	SPOOL_GOES_ON,			/* there is more of it */
	SPOOL_LATER,			/* not now; it goes on where it has a name still, else it is to be found again */
	SPOOL_OVER,
	SPOOL_DEAD,			/* FATAL, and told: nothing is taken any more */
};

struct spool_job {			/* one after the other; zeroed but for the door's */
	const struct adapter_config *config;
	const struct door_host *host;
	const struct spool_place *place;
	struct arena *mem;		/* of the answer */
	unsigned n_unread;		/* tries in a row at a file that the disk did not give */

	char name[SPOOL_NAME_LEN];	/* "": there is none */
	struct spool_bytes file;	/* none: it vanished */
	enum err e;			/* of its reading */
	struct native native;
	struct spool_set *set;		/* the files that it names; NULL: none */
};

enum spool_course spool_job_begin(struct spool_job *job, const char *name, bool is_left_over);
enum spool_course spool_job_go_on(struct spool_job *job);
/* A file that only a table may name, and none does: its answer says so, and it is refused unread. It was never claimed, so what lies among
 * the claimed ones was answered by its table's result. */
enum spool_course spool_job_refuse(struct spool_job *job, const char *name, bool is_left_over);
void spool_job_end(struct spool_job *job);	/* what is under way is dropped; it lies among the claimed ones */

#endif
