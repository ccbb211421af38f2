/* SPDX-License-Identifier: EUPL-1.2 */
/* The list of doors: what the configuration has is opened, what it has not is not, and what fails leaves nothing behind. */
#include "adapters/core/doors.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "tests/support/fake_adapter.h"

void
adapter_status(struct adapter *a, struct adapter_status *ret_status)
{
	(void)a;
	*ret_status = (struct adapter_status){ .is_up = true };
}

static void
opened(void **state)
{
	struct adapter_config config = { .agency = "a" };
	struct door *slot[ADAPTER_DOORS_MAX + 1] = { NULL };
	struct doors *doors;
	struct why why = { 0 };
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop), OK);
	assert_int_equal(doors_open_out(&config, loop, fake_on_fatal, NULL, slot, &doors, &why), OK);
	assert_int_equal(doors_open_in(doors, NULL, &why), OK);
	assert_null(slot[ADAPTER_DOOR_MLLP]);
	assert_null(slot[ADAPTER_DOOR_FOLDER]);
	assert_null(slot[ADAPTER_DOOR_WEBHOOK]);
	doors_close(doors);

	config.out_mllp.on = true;
	config.out_folder.on = true;
	config.out_folder.dir = "/tmp";
	config.in_http.on = true;
	config.in_http.host = "127.0.0.1";
	config.in_mllp.on = true;
	config.in_mllp.host = "::1";
	config.in_mllp.max_connections = 1;
	assert_int_equal(doors_open_out(&config, loop, fake_on_fatal, NULL, slot, &doors, &why), OK);
	assert_string_equal(slot[ADAPTER_DOOR_MLLP]->name, "mllp");
	assert_string_equal(slot[ADAPTER_DOOR_FOLDER]->name, "folder");
	assert_int_equal(doors_open_in(doors, NULL, &why), OK);
	doors_close(doors);
	loop_free(loop);
}

static void
failing(void **state)
{
	struct adapter_config config = { .agency = "a" };
	struct door *slot[ADAPTER_DOORS_MAX + 1] = { NULL };
	struct doors *doors;
	struct why why = { 0 };
	struct loop *loop;

	(void)state;
	assert_int_equal(loop_new(&loop), OK);
	config.out_mllp.on = true;
	config.out_folder.on = true;
	config.out_folder.dir = "/nowhere";
	assert_int_equal(doors_open_out(&config, loop, fake_on_fatal, NULL, slot, &doors, &why), ERR_CONFIG);
	assert_null(doors);
	assert_string_equal(why.where, "out.folder.dir");
	config.out_folder.on = false;
	config.in_http.on = true;
	config.in_http.host = "not an address";
	assert_int_equal(doors_open_out(&config, loop, fake_on_fatal, NULL, slot, &doors, &why), OK);
	assert_int_equal(doors_open_in(doors, NULL, &why), ERR_CONFIG);
	doors_close(doors);
	loop_free(loop);
}

int
main(void)
{
	const struct CMUnitTest tests[] = { cmocka_unit_test(opened), cmocka_unit_test(failing) };

	return cmocka_run_group_tests(tests, NULL, NULL);
}
