/* SPDX-License-Identifier: EUPL-1.2 */
/* roster_world - a school's roster of synthetic people, for the tests that ask it. */
#ifndef TEST_ROSTER_WORLD_H
#define TEST_ROSTER_WORLD_H

#include "tests/unit/adapters/education/csv_world.h"

static const char *const ROSTER_FILES[][2] = {
	{ "users.csv",
	  "sourcedId,status,dateLastModified,enabledUser,orgSourcedIds,role,username,userIds,givenName,familyName,middleName,identifier,"
	  "email,sms,phone,agentSourcedIds,grades,password\n"
	  "u1,active,,true,o1,student,m.a,\"{ЕГН:1543079013},{Шкoло:77}\",Мария,\"Ангелова-\"\"Ѝ\"\"\",Петрова,,,,,\"u2, u3,u4\",03,\n"
	  "u2,active,,true,o1,parent,,,Елена,Ангелова,,,,+359000000011,,,,\n"
	  "u3,active,,true,o1,parent,,,Петър,Ангелов,,,,,+359000000012,,,\n"
	  "u4,active,,true,o1,teacher,,,Учител,Учителов,,,,,,,,\n"
	  "u5,tobedeleted,,true,o1,student,,,Стар,Ученик,,900,,,,,05,\n"
	  "u6,active,,true,\"o2\",student,,,Без,Номер,,901,,,,,ПГ3,\n"
	  "u7,active,,true,o1,teacher,,,Не,Ученик,,902,,,,,,\n" },
	{ "demographics.csv", "sourcedId,status,dateLastModified,birthDate,sex\nu1,active,,2015-03-07,female\nu2,active,,,female\n"
			      "u3,active,,,male\nu6,active,,30.11.2021,\n" },
	{ "enrollments.csv", "sourcedId,status,dateLastModified,classSourcedId,schoolSourcedId,userSourcedId,role,primary,beginDate,endDate\n"
			     "e1,active,,c,o2,u1,student,false,,\ne2,active,,c,o1,u1,student,true,,\ne3,tobedeleted,,c,o9,u1,student,true,,\n" },
	{ "orgs.csv", "sourcedId,status,dateLastModified,name,type,identifier,parentSourcedId\n"
		      "o1,active,,ОУ „Св. Климент“,school,1690001,\no2,active,,ДГ „Дъга“,school,1690002,\n" },
};

static inline enum err
roster_world(const void *arg, const char *file, struct arena *mem, struct span *ret_bytes)
{
	const char *without = arg;	/* a file that is not there; "bad" for one that cannot be read */

	(void)mem;
	*ret_bytes = SPAN_NONE;
	if (without != NULL && strcmp(without, "bad") == 0)
		return ERR_BUSY;
	for (size_t i = 0; i < sizeof(ROSTER_FILES) / sizeof(ROSTER_FILES[0]); i++)
		if (strcmp(ROSTER_FILES[i][0], file) == 0 && (without == NULL || strcmp(without, file) != 0))
			*ret_bytes = span_str(ROSTER_FILES[i][1]);
	return OK;
}

static inline struct sector_env
roster_world_env(const char *without)
{
	struct sector_env env = world_env();

	env.roster = roster_world;
	env.arg = without;
	return env;
}

#endif
