/* SPDX-License-Identifier: EUPL-1.2 */
/* geography - municipalities and settlements: by which municipality does a referral go?
 *
 * Messages are routed by the municipality's code. A settlement's EKATTE gives it, but for one code: 56784 is the town of Plovdiv,
 * and also stands for the seats of Maritsa and Rodopi, so what a form says with it may be any of the three. Such a code is
 * told, and never guessed. Tables of geography.def; pure.
 */
#ifndef PROTO_GEOGRAPHY_H
#define PROTO_GEOGRAPHY_H

#include <stdbool.h>
#include <stddef.h>

#include "proto/base/err.h"

#define GEOGRAPHY_SHARED_MAX 4

struct municipality { const char *code, *centre, *nhif_area, *bg, *en; };	/* centre, nhif_area: "" outside of the eight */
struct settlement { const char *municipality, *ekatte, *kind, *name; };

const struct municipality *geography_municipality(const char *code);	/* NULL if it is not of the oblast */
const struct municipality *geography_municipality_at(size_t i);		/* ascending by code; NULL from their number on */
const struct settlement *geography_settlement(const char *ekatte);	/* NULL if it is not of the eight municipalities */
const struct settlement *geography_settlement_at(size_t i);		/* ascending by EKATTE */
/* The municipality of a settlement. ERR_NOTFOUND: no settlement that we know; ERR_UNROUTABLE: several municipalities may be meant,
 * which `why` names. */
enum err geography_municipality_of(const char *ekatte, const char **ret_municipality, struct why *why) MUST_USE;

/* -- codes as people write them -- */
bool geography_is_oblast(const char *code);		/* "PDV": one of the country's 28 */
bool geography_is_form(const char *code);		/* three capital letters and two digits, whatever they stand for; NULL is none */
/* A code that may be a municipality's: of Plovdiv oblast one that we know, of another oblast any number but 00. */
bool geography_may_be(const char *code);
/* Could the settlement be of the municipality? False where we know that it is not: a settlement of ours beside another municipality. A shared
 * seat is of each that has it, and a code that we do not know may be of any. */
bool geography_agrees(const char *municipality, const char *ekatte);

#endif
