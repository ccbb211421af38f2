/* SPDX-License-Identifier: EUPL-1.2 */
/* nasoka-audit - the auditors' tool: the table of commands. It reads, and changes nothing. */
#include "hub/audit/balance.h"
#include "hub/audit/export.h"
#include "hub/audit/opening.h"
#include "hub/audit/prove.h"
#include "hub/audit/replay.h"
#include "hub/audit/show.h"
#include "hub/audit/verify.h"
#include "hub/ctl/program.h"

/* clang-format off */
static const struct command commands[] = {
	{ "verify", "[DIR]", verify_options,
	  { "judge a whole log: exit 3 when anything is altered, dropped or forged",
	    "провери целия дневник: изход 3, ако нещо е променено, премахнато или подправено" }, verify_log },
	{ "replay", "[DIR]", replay_options, { "the history of messages and their stages", "историята на съобщенията и етапите им" }, replay_log },
	{ "show", "[DIR] ID", show_options,
	  { "one message, its stages, times and proof", "едно съобщение, етапите, времената и доказателството му" }, show_message },
	{ "statement", "[DIR] AGENCY", balance_options,
	  { "where each message from and to an agency stands", "докъде е всяко съобщение от и до една институция" }, balance_statement },
	{ "prove", "[DIR] ID", prove_options,
	  { "write a .tlog-proof that a message is in the log", "запиши .tlog-proof, че съобщение е в дневника" }, prove_message },
	{ "export", NULL, export_options, { "write a hub's log for work off line", "запиши дневника на концентратор за работа без връзка" }, export_log },
	{ .words = NULL, .operand = "nasoka-audit", .help = { "for auditors of Nasoka", "за одиторите на Насока" } },
};
/* clang-format on */

int
main(int argc, char **argv)
{
	return program_run(commands, argc, argv);
}
