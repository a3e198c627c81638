/* SPDX-License-Identifier: GPL-2.0-or-later */
/* What a terminal gets, and what a pipe. */
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "cli/style.h"
#include "suites.h"

/* A pseudo-terminal of that many columns, to write to. */
static FILE *open_terminal(unsigned short columns)
{
	struct winsize size = {.ws_row = 24, .ws_col = columns};
	int master = posix_openpt(O_RDWR | O_NOCTTY);
	FILE *f;

	ck_assert_int_ge(master, 0);
	ck_assert_int_eq(grantpt(master), 0);
	ck_assert_int_eq(unlockpt(master), 0);
	ck_assert_int_eq(ioctl(master, TIOCSWINSZ, &size), 0);
	f = fopen(ptsname(master), "w");
	ck_assert_ptr_nonnull(f);
	return f; /* and the master stays open as long as the test */
}

static struct style detect(FILE *f)
{
	struct style style;

	style_detect(&style, f);
	fclose(f);
	return style;
}

static void setup(void)
{
	setenv("TERM", "xterm", 1);
	unsetenv("NO_COLOR");
	unsetenv("COLUMNS");
}

START_TEST(test_terminal)
{
	struct style style = detect(open_terminal(97));

	ck_assert(style.color);
	ck_assert_uint_eq(style.columns, 97);
}
END_TEST

START_TEST(test_terminal_of_unknown_width)
{
	ck_assert_uint_eq(detect(open_terminal(0)).columns, 0);
	setenv("COLUMNS", "120", 1);
	ck_assert_uint_eq(detect(open_terminal(0)).columns, 120);
	ck_assert_uint_eq(detect(open_terminal(97)).columns, 120);
	setenv("COLUMNS", "0", 1);
	ck_assert_uint_eq(detect(open_terminal(97)).columns, 97);
	setenv("COLUMNS", "wide", 1);
	ck_assert_uint_eq(detect(open_terminal(97)).columns, 97);
}
END_TEST

START_TEST(test_terminal_without_colour)
{
	setenv("NO_COLOR", "1", 1);
	ck_assert(!detect(open_terminal(80)).color);
	/* Only when not empty: https://no-color.org */
	setenv("NO_COLOR", "", 1);
	ck_assert(detect(open_terminal(80)).color);
	setenv("TERM", "dumb", 1);
	ck_assert(!detect(open_terminal(80)).color);
	unsetenv("TERM");
	ck_assert(!detect(open_terminal(80)).color);
}
END_TEST

START_TEST(test_pipe)
{
	struct style style;

	setenv("COLUMNS", "80", 1);
	style = detect(tmpfile());
	ck_assert(!style.color);
	ck_assert_uint_eq(style.columns, 0);
}
END_TEST

START_TEST(test_tones)
{
	struct style colour = {.color = true}, plain = {};

	for (enum tone tone = TONE_PLAIN; tone <= TONE_BAD; tone++) {
		ck_assert_str_eq(style_begin(&plain, tone), "");
		ck_assert_str_eq(style_end(&plain, tone), "");
		ck_assert_int_eq(style_begin(&colour, tone)[0] == '\033', tone != TONE_PLAIN);
		ck_assert_int_eq(style_end(&colour, tone)[0] == '\033', tone != TONE_PLAIN);
	}
}
END_TEST

Suite *style_suite(void)
{
	Suite *suite = suite_create("style");
	TCase *tcase = tcase_create("style");

	tcase_add_checked_fixture(tcase, setup, NULL);
	tcase_add_test(tcase, test_terminal);
	tcase_add_test(tcase, test_terminal_of_unknown_width);
	tcase_add_test(tcase, test_terminal_without_colour);
	tcase_add_test(tcase, test_pipe);
	tcase_add_test(tcase, test_tones);
	suite_add_tcase(suite, tcase);
	return suite;
}
