/* SPDX-License-Identifier: EUPL-1.2 */
/* nasokactl - the operators' and registrars' tool: the table of commands. */
#include "hub/ctl/daemons.h"
#include "hub/ctl/dircommand.h"
#include "hub/ctl/dirreview.h"
#include "hub/ctl/explain.h"
#include "hub/ctl/keygen.h"
#include "hub/ctl/offers.h"
#include "hub/ctl/program.h"
#include "hub/ctl/submit.h"
#include "hub/ctl/unopened.h"
#include "hub/ctl/validate.h"

/* clang-format off */
static const struct command commands[] = {
	{ "keygen", NULL, keygen_one_options, { "make one key by its use", "създай един ключ по предназначение" }, .run = keygen_one },
	{ "keygen agency", NULL, keygen_agency_options, { "make an agency's keys and its key sheet", "създай ключовете на институция и листа им" },
	  .run = keygen_agency },
	{ "keygen hub", NULL, keygen_hub_options, { "make the hub's keys", "създай ключовете на концентратора" }, .run = keygen_hub },
	{ "keygen auditor", NULL, keygen_person_options, { "make an auditor's key", "създай ключ на одитор" }, .run = keygen_auditor },
	{ "keygen registrar", NULL, keygen_person_options, { "make a registrar's key", "създай ключ на регистратор" }, .run = keygen_registrar },
	{ "directory make", NULL, dircommand_make_options, { "write the text of a directory from YAML", "направи текста на регистъра от YAML" },
	  .run = dircommand_make },
	{ "directory sign", "FILE", dircommand_sign_options, { "add a registrar's signature", "добави подпис на регистратор" },
	  .run = dircommand_sign },
	{ "directory show", "FILE", dircommand_show_options, { "show what a directory says", "покажи какво съдържа регистърът" },
	  .run = dircommand_show },
	{ "directory check", "FILE", dircommand_check_options, { "find all that is wrong with a directory", "намери всички грешки в регистъра" },
	  .run = dircommand_check },
	{ "directory propose", NULL, dirreview_propose_options, { "write the next version with other rules of the programme, to be signed",
	  "направи следваща версия с други правила на програмата, за подпис" }, .run = dirreview_propose },
	{ "directory review", "OLD NEW", dirreview_review_options, { "show what one version changes of another",
	  "покажи какво променя една версия спрямо друга" }, .run = dirreview_review },
	{ "status", NULL, daemons_options, { "how the hub or an adapter is", "как е концентраторът или адаптер" }, .run = daemons_status },
	{ "queues", NULL, daemons_queues_options, { "what waits, and for whom", "какво чака и за кого" }, .run = daemons_queues },
	{ "deadlines", NULL, daemons_deadlines_options, { "what is late, and what is due next; exit 3 if anything is late",
	  "какво е просрочено и какъв срок следва; изход 3, ако има просрочено" }, .run = daemons_deadlines },
	{ "deadletters", NULL, daemons_deadletters_options, { "what recipients refused for good", "какво получателите са отказали окончателно" },
	  .run = daemons_deadletters },
	{ "checkpoint", NULL, daemons_plain_options, { "print the hub's newest signed checkpoint", "покажи последната подписана контролна точка" },
	  .run = daemons_checkpoint },
	{ "reload", NULL, daemons_options, { "let the hub read directory and key sheets anew", "концентраторът да прочете регистъра и листовете наново" },
	  .run = daemons_reload },
	{ "parked", NULL, daemons_options, { "what an agency's system would not take while it took others", "какво системата не приема, докато приема друго" },
	  .run = daemons_parked },
	{ "requeue", "[ID]", daemons_requeue_options, { "hand a parked message over anew", "предай спряно съобщение отново" }, .run = daemons_requeue },
	{ "refuse", "ID", daemons_refuse_options, { "refuse a parked message to its sender, for good", "откажи спряно съобщение на подателя му, окончателно" },
	  .run = daemons_refuse },
	{ "previews", NULL, unopened_list_options, { "referrals of which an adapter shows only the preview, until somebody opens them",
	  "насочвания, от които адаптерът показва само прегледа, докато някой ги отвори" }, .run = unopened_list },
	{ "open", "ID", unopened_open_options, { "open such a referral: its sender is told, and the agency's system gets it",
	  "отвори такова насочване: подателят научава и системата на институцията го получава" }, .run = unopened_open },
	{ "decline", "ID", unopened_decline_options, { "decline it unopened: its sender gets the reason, its content is erased here",
	  "откажи го неотворено: подателят получава причината, съдържанието тук се изтрива" }, .run = unopened_decline },
	{ "rotate sealing", NULL, daemons_rotate_options, { "let an adapter make a new sealing key and name it to all",
	  "адаптер да направи нов ключ за запечатване и да го обяви" }, .run = daemons_rotate_sealing },
	{ "resend", "ID", daemons_resend_options, { "send a dead letter once more, or drop it", "изпрати отказано съобщение отново или го махни" },
	  .run = daemons_resend },
	{ "reconcile", NULL, daemons_options, { "compare an adapter with the hub's signed statement; fails if they differ",
	  "сравни адаптер с подписаната справка на концентратора; грешка при разлики" }, .run = daemons_reconcile },
	{ "withdraw", "ID", daemons_options, { "take back what an agency sent and nobody has registered", "оттегли изпратено, което още не е регистрирано" },
	  .run = daemons_withdraw },
	{ "conferences", "[ID]", daemons_options, { "an adapter's conferences, or one with its answers and commitments; exit 3 if one is overdue",
	  "съвещанията на адаптер или едно с отговорите и ангажиментите; изход 3, ако има просрочен" }, .run = daemons_conferences },
	{ "submit", "FILE", submit_options, { "hand a native file to an adapter", "предай файл на адаптер" }, .run = submit_file },
	{ "services", NULL, offers_services_options, { "who offers what where, what has room first", "кой какво предлага и къде, първо със свободни места" },
	  .run = offers_services },
	{ "announce", "FILE|ID", offers_announce_options, { "tell all agencies what this one offers, or how much room it has",
	  "кажи на всички какво предлага институцията и колко места има" }, .run = offers_announce },
	{ "validate", "FILE", validate_options, { "tell what is wrong with an agency's file, before it is sent; exit 65 if anything is",
	  "кажи какво не е наред във файл на институция, преди да се изпрати; изход 65 при грешки" }, .run = validate_file },
	{ "explain", "[CODE]", explain_options, { "what an error code means and what to do", "какво значи код за грешка и какво се прави" }, .run = explain },
	{ .words = NULL, .operand = "nasokactl", .help = { "for operators of Nasoka", "за операторите на Насока" } },
};
/* clang-format on */

int
main(int argc, char **argv)
{
	return program_run(commands, argc, argv);
}
