/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <stdlib.h>

#include "capture.h"
#include "cli/progress.h"
#include "suites.h"

static const struct style pipe_style = {};
static const struct style ascii_style = {.redraw = true, .columns = 80};
static const struct style utf8_style = {.redraw = true, .utf8 = true, .columns = 80};

#define BEGIN(kind)                                                                                \
	struct capture capture;                                                                    \
	struct progress_view view = {.f = capture_begin(&capture), .style = &(kind)}

#define END(wanted)                                                                                \
	do {                                                                                       \
		progress_end(&view);                                                               \
		ck_assert_str_eq(capture_end(&capture), wanted);                                   \
		free(capture.text);                                                                \
	} while (0)

START_TEST(test_bar)
{
	BEGIN(ascii_style);
	progress_show(&view, "dax0.0", "releasing", "");
	progress_show(&view, "dax0.0", "releasing", "0 of 3 blocks");
	progress_show(&view, "dax0.0", "releasing", "1 of 3 blocks");
	progress_show(&view, "dax0.0", "releasing", "3 of 3 blocks");
	END("\rdax0.0 releasing  \033[K"
	    "\rdax0.0 releasing  [..............................]   0 %  0 of 3 blocks\033[K"
	    "\rdax0.0 releasing  [##########....................]  33 %  1 of 3 blocks\033[K"
	    "\rdax0.0 releasing  [##############################] 100 %  3 of 3 blocks\033[K"
	    "\r\033[K");
}
END_TEST

START_TEST(test_bar_in_utf8)
{
	BEGIN(utf8_style);
	progress_show(&view, "dax0.0", "applying", "1 of 2 blocks");
	END("\rdax0.0 applying  [███████████████···············]  50 %  1 of 2 blocks\033[K"
	    "\r\033[K");
}
END_TEST

/* A line that is longer than the terminal could not be written over. */
START_TEST(test_narrow_terminal)
{
	static const struct style narrow = {.redraw = true, .columns = 30};
	static const struct style tiny = {.redraw = true, .columns = 10};

	{
		BEGIN(narrow);
		progress_show(&view, "dax0.0", "releasing", "1 of 2 blocks");
		END("\rdax0.0 releasing  1 of 2 bl...\033[K\r\033[K");
	}
	{
		BEGIN(tiny);
		progress_show(&view, "dax0.0", "releasing", "1 of 2 blocks");
		END("\rdax0.0 releasing  \033[K\r\033[K");
	}
}
END_TEST

/* Ten lines at most for each state, however many blocks. */
START_TEST(test_pipe)
{
	char detail[64];

	BEGIN(pipe_style);
	progress_show(&view, "dax0.0", "releasing", "");
	progress_show(&view, "dax0.0", "releasing", "");
	for (int i = 0; i <= 16384; i++) {
		snprintf(detail, sizeof(detail), "%d of 16384 blocks", i);
		progress_show(&view, "dax0.0", "releasing", detail);
	}
	progress_show(&view, "dax0.0", "released", "");
	END("dax0.0: releasing\n"
	    "dax0.0: releasing, 0 of 16384 blocks\n"
	    "dax0.0: releasing, 1639 of 16384 blocks\n"
	    "dax0.0: releasing, 3277 of 16384 blocks\n"
	    "dax0.0: releasing, 4916 of 16384 blocks\n"
	    "dax0.0: releasing, 6554 of 16384 blocks\n"
	    "dax0.0: releasing, 8192 of 16384 blocks\n"
	    "dax0.0: releasing, 9831 of 16384 blocks\n"
	    "dax0.0: releasing, 11469 of 16384 blocks\n"
	    "dax0.0: releasing, 13108 of 16384 blocks\n"
	    "dax0.0: releasing, 14746 of 16384 blocks\n"
	    "dax0.0: releasing, 16384 of 16384 blocks\n"
	    "dax0.0: released\n");
}
END_TEST

/* Of several devices, each line that says something new. */
START_TEST(test_two_devices_in_a_pipe)
{
	BEGIN(pipe_style);
	progress_show(&view, "dax0.0", "applying", "1 of 8 blocks");
	progress_show(&view, "dax1.0", "applying", "1 of 8 blocks");
	progress_show(&view, "dax1.0", "online", "");
	END("dax0.0: applying, 1 of 8 blocks\n"
	    "dax1.0: applying, 1 of 8 blocks\n"
	    "dax1.0: online\n");
}
END_TEST

/* What a newer daemon may say. */
START_TEST(test_other_details)
{
	BEGIN(ascii_style);
	progress_show(&view, "dax0.0", "releasing", "waiting for it");
	progress_show(&view, "dax0.0", "releasing", "3 of 0 blocks");
	progress_show(&view, "dax0.0", "releasing", "9 of 3 blocks");
	END("\rdax0.0 releasing  waiting for it\033[K"
	    "\rdax0.0 releasing  3 of 0 blocks\033[K"
	    "\rdax0.0 releasing  [##############################] 100 %  9 of 3 blocks\033[K"
	    "\r\033[K");
}
END_TEST

/* The kernel may say nothing for long. */
START_TEST(test_time_on_a_terminal)
{
	BEGIN(ascii_style);
	progress_tick(&view, 6);
	progress_show(&view, "dax0.0", "applying", "");
	progress_tick(&view, 61);
	progress_show(&view, "dax0.0", "applying", "1 of 2 blocks");
	END("\rdax0.0 applying  6 s\033[K"
	    "\rdax0.0 applying  61 s\033[K"
	    "\rdax0.0 applying  [###############...............]  50 %  1 of 2 blocks, 61 s\033[K"
	    "\r\033[K");
}
END_TEST

/* What is quick needs no clock. */
START_TEST(test_no_time_yet)
{
	BEGIN(ascii_style);
	progress_show(&view, "dax0.0", "applying", "");
	progress_tick(&view, 4);
	END("\rdax0.0 applying  \033[K\r\033[K");
}
END_TEST

/* A line each time that nothing was said for so long. */
START_TEST(test_time_in_a_pipe)
{
	BEGIN(pipe_style);
	progress_show(&view, "dax0.0", "applying", "");
	for (unsigned i = 1; i <= 40; i++)
		progress_tick(&view, i);
	progress_show(&view, "dax0.0", "applying", "1 of 8 blocks");
	for (unsigned i = 41; i <= 70; i++)
		progress_tick(&view, i);
	END("dax0.0: applying\n"
	    "dax0.0: applying, 30 s\n"
	    "dax0.0: applying, 1 of 8 blocks, 40 s\n"
	    "dax0.0: applying, 1 of 8 blocks, 70 s\n");
}
END_TEST

START_TEST(test_shown_nowhere)
{
	struct progress_view view = {.style = &ascii_style};

	progress_show(&view, "dax0.0", "applying", "1 of 8 blocks");
	progress_tick(&view, 99);
	progress_end(&view);
	ck_assert_ptr_null(view.device);
}
END_TEST

START_TEST(test_nothing_was_shown)
{
	BEGIN(ascii_style);
	END("");
}
END_TEST

Suite *progress_suite(void)
{
	Suite *suite = suite_create("progress");
	TCase *tcase = tcase_create("progress");

	tcase_add_test(tcase, test_bar);
	tcase_add_test(tcase, test_bar_in_utf8);
	tcase_add_test(tcase, test_narrow_terminal);
	tcase_add_test(tcase, test_pipe);
	tcase_add_test(tcase, test_two_devices_in_a_pipe);
	tcase_add_test(tcase, test_other_details);
	tcase_add_test(tcase, test_time_on_a_terminal);
	tcase_add_test(tcase, test_no_time_yet);
	tcase_add_test(tcase, test_time_in_a_pipe);
	tcase_add_test(tcase, test_shown_nowhere);
	tcase_add_test(tcase, test_nothing_was_shown);
	suite_add_tcase(suite, tcase);
	return suite;
}
