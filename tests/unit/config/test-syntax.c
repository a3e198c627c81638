/* SPDX-License-Identifier: GPL-2.0-or-later */

/* How a file is written: lines, comments, encodings, sections, and where each mistake is. */

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "outcome.h"
#include "suites.h"

/* All of these mean min-size = 1G, and nothing else. */
static const char *const same[] = {
	"[memmap]\nmin-size = 1G\n",
	"[memmap]\nmin-size=1G",
	"\n\n[memmap]\n\n\nmin-size = 1G\n\n",
	"[memmap]\r\nmin-size = 1G\r\n",
	"\xef\xbb\xbf[memmap]\nmin-size = 1G\n",
	"  [ memmap ]\t\n\tmin-size\t =\t1G \t\n",
	"# [x]\n; [x]\n[memmap] # memory\n#x\n  ;min-size = 2G\nmin-size = 1G # 2G\n",
	"[memmap] ; memory\nmin-size = 1G\t; 2G\n",
	"#\xe4 in Latin-1, \a\n[memmap]\nmin-size = 1G # \xe4\n",
	"[memmap]\nmin-size: 1G\n",
	/* Indented as other tools write it: each line still stands for itself. */
	"[memmap]\n    min-size = 1G\n    max-distance = 40\n",
	/* One section in two places. */
	"[memmap]\nmax-distance = 40\n[movable]\nmax-ratio = 4\n[memmap]\nmin-size = 1G\n",
};

START_TEST(same_meaning)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text(same[_i]);
	const struct config *config = assert_config(&outcome);

	ck_assert_uint_eq(config->memmap_min_size, UINT64_C(1) << 30);
	ck_assert_uint_eq(config->memmap_max_distance, 40);
	ck_assert_uint_eq(config->movable_max_ratio, 4);
	ck_assert_uint_eq(config->n_rules, 0);
}
END_TEST

static const char *const nothing[] = {"",	  "\n",	       "\xef\xbb\xbf", "# only this",
				      "\r\n\r\n", "[memmap]\n"};

START_TEST(nothing_is_set)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text(nothing[_i]);
	const struct config *config = assert_config(&outcome);

	ck_assert_uint_eq(config->memmap_min_size, UINT64_C(64) << 30);
	ck_assert_uint_eq(config->n_rules, 0);
}
END_TEST

#define BAD_LINE "the line is neither [section] nor key = value"

static const struct {
	const char *text, *errors;
} wrong[] = {
	{"[memmap]\nmin-size\n", "t:2: [memmap]: " BAD_LINE},
	{"[memmap]\n= 64G\nmin-size 64G\nmax-distance = 30\n",
	 "t:2: [memmap]: " BAD_LINE "\nt:3: [memmap]: " BAD_LINE},
	{"min-size\n", "t:1: " BAD_LINE},
	{"[memmap]\nx\ny\n\n z\n",
	 "t:2: [memmap]: " BAD_LINE "\nt:3: [memmap]: " BAD_LINE "\nt:5: [memmap]: " BAD_LINE},
	{"min-size = 1G\nmode = devdax\n",
	 "t:1: min-size: stands before any section; put a [section] above it\n"
	 "t:2: mode: stands before any section; put a [section] above it"},
	/* A wrong header is one mistake, whatever stands below it; a line that is none is another.
	 */
	{"[memap]\nmin-size = 12Q\nfoo = 1\nbar\n[daemon]\nclaim = 3\n",
	 "t:1: there is no section \"memap\"; use daemon, memmap, regions, movable or rule NAME "
	 "(did you "
	 "mean memmap?)\n"
	 "t:4: " BAD_LINE "\n"
	 "t:6: [daemon] claim: \"3\" is neither yes nor no; use yes or no"},
	{"[memmap\nmin-size = 12Q\n", "t:1: the ] that ends [section] is missing"},
	{"[daemon]\nclaim = 3\n[memmap] min-size = 1G\nclaim = 3\n",
	 "t:2: [daemon] claim: \"3\" is neither yes nor no; use yes or no\n"
	 "t:3: there is more on the line than [section]"},
	{"[a]b]\n", "t:1: there is more on the line than [section]"},
	{"[]\n",
	 "t:1: there is no section \"\"; use daemon, memmap, regions, movable or rule NAME"},
	{"[Daemon]\n",
	 "t:1: there is no section \"Daemon\"; use daemon, memmap, regions, movable or rule "
	 "NAME (did you mean daemon?)"},
	{"[daemon x]\n", "t:1: there is no section \"daemon x\"; use daemon, memmap, regions, "
			 "movable or rule NAME (did you "
			 "mean daemon?)"},
	{"[daemon]\nsetle = 1s\n",
	 "t:2: [daemon] setle: there is no such key here; did you mean settle?"},
	{"[daemon]\nMIN-SIZE = 1G\nsomething-else = 1\n",
	 "t:2: [daemon] MIN-SIZE: there is no such key here\n"
	 "t:3: [daemon] something-else: there is no such key here"},
	{"[daemon]\nmin-size = 1G\nmode = devdax\n", "t:2: [daemon] min-size: belongs to [memmap]\n"
						     "t:3: [daemon] mode: belongs to [rule NAME]"},
	{"[daemon]\nclaim = no\nclaim = no\n",
	 "t:3: [daemon] claim: is set in line 2 already; remove one of them"},
	{"[daemon]\nclaim = no\n[memmap]\n[daemon]\nclaim = yes\n",
	 "t:5: [daemon] claim: is set in line 2 already; remove one of them"},
	{"[daemon]\nclaim =\n", "t:2: [daemon] claim: has no value; use yes or no"},
	{"[daemon]\nclaim = # no\n", "t:2: [daemon] claim: has no value; use yes or no"},
	{"[daemon]\nclaim = \xe4\nsettle = 1s\n", "t:2: [daemon]: the line is not UTF-8 text"},
	{"[daemon]\nclaim = \x1b[0m\n", "t:2: [daemon]: the line has a control character in it"},
	/* Line ends of long ago. */
	{"[daemon]\rclaim = no\r", "t:1: the line has a control character in it"},
};

START_TEST(mistakes_and_their_lines)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text(wrong[_i].text);

	assert_errors(&outcome, wrong[_i].errors);
}
END_TEST

START_TEST(five_different_mistakes)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text("# comment\n"
								   "[daemon]\n"
								   "setle = 1s\n"
								   "[memmap]\n"
								   "min-size = 12Q\n"
								   "max-distance = 20\n"
								   "max-distance = 30\n"
								   "[tiering]\n"
								   "speed = 9\n"
								   "[rule far]\n"
								   "match-size = 64G..1G\n");

	assert_errors(
		&outcome,
		"t:3: [daemon] setle: there is no such key here; did you mean settle?\n"
		"t:5: [memmap] min-size: \"12Q\" is not a size; use bytes, or K, M, G, T, P or E, "
		"as in 64G\n"
		"t:7: [memmap] max-distance: is set in line 6 already; remove one of them\n"
		"t:8: there is no section \"tiering\"; use daemon, memmap, regions, movable or "
		"rule NAME\n"
		"t:10: [rule far]: has no mode; add mode = system-ram, devdax or ignore\n"
		"t:11: [rule far] match-size: \"64G..1G\" ends before it begins; use A..B, A.., "
		"..B or A in bytes, or with K, M, G, T, P or E, as in 64G..");
}
END_TEST

START_TEST(no_text_file)
{
	static const char nul[] = "[daemon]\n\nclaim = \0no\nfoo\n";
	static const char utf16[] = "\xff\xfe[\0d\0a\0e\0m\0o\0n\0]\0\n\0";
	_cleanup_(outcome_done) struct outcome a = read_bytes(nul, sizeof(nul) - 1);
	_cleanup_(outcome_done) struct outcome b = read_bytes(utf16, sizeof(utf16) - 1);

	assert_errors(&a, "t:3: there is a NUL byte here; this is no UTF-8 text file");
	assert_errors(&b, "t:1: there is a NUL byte here; this is no UTF-8 text file");
}
END_TEST

/* Far longer than inih's buffer: 1 to n, each with so many digits, so that the cuts fall anywhere.
 */
static char *serials(unsigned n, int digits, const char *between, const char *rest)
{
	char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	ck_assert_ptr_nonnull(f);
	fputs("[rule r]\nmatch-serial =", f);
	for (unsigned i = 1; i <= n; i++)
		fprintf(f, "%s0x%0*x", i > 1 ? between : " ", digits, i);
	fprintf(f, "\nmode = devdax\n%s", rest);
	ck_assert_int_eq(fclose(f), 0);
	return text;
}

START_TEST(long_line_is_whole)
{
	static const char *const between[] = {",", ", ", " ,  ", ",\t\t\t"};

	for (size_t b = 0; b < ARRAY_SIZE(between); b++) {
		_cleanup_free_ char *text = serials(200, _i, between[b], "");
		_cleanup_(outcome_done) struct outcome outcome = read_text(text);
		const struct u64_list *list = &assert_config(&outcome)->rules[0].match_serials;

		ck_assert_uint_eq(list->n, 200);
		for (size_t i = 0; i < 200; i++)
			ck_assert_uint_eq(list->items[i], i + 1);
	}
}
END_TEST

START_TEST(lines_below_a_long_one_are_counted_right)
{
	_cleanup_free_ char *text = serials(200, _i, ",", "[rule s]\nmode = bad\n");
	_cleanup_(outcome_done) struct outcome outcome = read_text(text);

	assert_errors(&outcome,
		      "t:5: [rule s] mode: \"bad\" is not known; use system-ram, devdax or "
		      "ignore");
}
END_TEST

/* A line of n bytes: "match-device = ccc…". */
static char *long_pattern(size_t n, char c)
{
	static const char start[] = "match-device = ";
	char *text;

	ck_assert_int_gt(asprintf(&text, "[rule r]\n%s%*s\nmode = devdax\n", start,
				  (int)(n - strlen(start)), ""),
			 0);
	memset(strstr(text, " = ") + 3, c, n - strlen(start));
	return text;
}

START_TEST(line_of_any_length)
{
	/* Around the sizes at which buffers end. */
	_cleanup_free_ char *text = long_pattern((size_t)_i, 'x');
	_cleanup_(outcome_done) struct outcome outcome = read_text(text);
	const struct config *config = assert_config(&outcome);

	ck_assert_uint_eq(config->rules[0].match_devices.n, 1);
	ck_assert_uint_eq(strlen(config->rules[0].match_devices.items[0]),
			  (size_t)_i - strlen("match-device = "));
	ck_assert_uint_eq(strspn(config->rules[0].match_devices.items[0], "x"),
			  (size_t)_i - strlen("match-device = "));
	ck_assert_int_eq(config->rules[0].mode, RULE_MODE_DEVDAX);
}
END_TEST

START_TEST(blanks_in_a_long_value_are_kept)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text = long_pattern(1000, 'x');
	char *value = strstr(text, " = ") + 3;
	size_t n = strcspn(value, "\n");

	/* With so many letters between them, each buffer's end comes to be at one. */
	for (size_t i = (size_t)_i; i + 1 < n; i += (size_t)_i + 1)
		value[i] = ' ';
	outcome = read_text(text);
	ck_assert_uint_eq(assert_config(&outcome)->rules[0].match_devices.n, 1);
	value[n] = '\0';
	ck_assert_str_eq(outcome.config->rules[0].match_devices.items[0], value);
}
END_TEST

START_TEST(line_that_cannot_be_cut_is_an_error)
{
	/* inih would take any piece of it for a comment. */
	_cleanup_free_ char *text = long_pattern(1000, '#');
	_cleanup_(outcome_done) struct outcome outcome = {0};

	*strchr(text, '#') = 'x'; /* else all of it is a comment */
	outcome = read_text(text);
	assert_errors(&outcome, "t:2: [rule r]: the line is too long");
}
END_TEST

START_TEST(long_nonsense_is_one_error)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	char text[1024];

	/* What follows the first piece must not become part of the value above. */
	memset(text, 'x', sizeof(text));
	memcpy(text, "[daemon]\nclaim = no\n", 20);
	memcpy(text + 900, " = 1", 4);
	memcpy(text + sizeof(text) - 16, "\nsettle = never\n", 16);
	outcome = read_bytes(text, sizeof(text));
	assert_errors(&outcome,
		      "t:3: [daemon]: " BAD_LINE "\n"
		      "t:4: [daemon] settle: \"never\" is not a time span; use a number with us, "
		      "ms or s (alone: seconds), at most 10s, as in 200ms");
}
END_TEST

START_TEST(long_values_are_cut_in_messages)
{
	_cleanup_(outcome_done) struct outcome outcome = read_text(
		"[daemon]\nconvert = "
		"0123456789012345678901234567890123456789012345678901234567890123456789\n");

	assert_errors(&outcome, "t:2: [daemon] convert: "
				"\"012345678901234567890123456789012345678901234567890123456789…\" "
				"is not known; use never, hot-added or always");
}
END_TEST

START_TEST(many_errors_are_all_listed)
{
	_cleanup_(outcome_done) struct outcome outcome = {0};
	_cleanup_free_ char *text = NULL;
	size_t size;
	FILE *f = open_memstream(&text, &size);

	for (unsigned i = 1; i <= 5000; i++)
		fputs("x\n", f);
	ck_assert_int_eq(fclose(f), 0);
	outcome = read_bytes(text, size);
	ck_assert_uint_eq(outcome.errors.n, 5000);
	for (unsigned i = 0; i < 5000; i++)
		ck_assert_uint_eq(outcome.errors.items[i].line, i + 1);
}
END_TEST

TCase *syntax_tests(void)
{
	TCase *tcase = tcase_create("syntax");

	tcase_add_loop_test(tcase, same_meaning, 0, ARRAY_SIZE(same));
	tcase_add_loop_test(tcase, nothing_is_set, 0, ARRAY_SIZE(nothing));
	tcase_add_loop_test(tcase, mistakes_and_their_lines, 0, ARRAY_SIZE(wrong));
	tcase_add_test(tcase, five_different_mistakes);
	tcase_add_test(tcase, no_text_file);
	tcase_add_loop_test(tcase, long_line_is_whole, 1, 18);
	tcase_add_loop_test(tcase, lines_below_a_long_one_are_counted_right, 1, 18);
	tcase_add_loop_test(tcase, line_of_any_length, 190, 210);
	tcase_add_loop_test(tcase, line_of_any_length, 385, 405);
	tcase_add_loop_test(tcase, line_of_any_length, 65530, 65540);
	tcase_add_loop_test(tcase, blanks_in_a_long_value_are_kept, 2, 20);
	tcase_add_test(tcase, line_that_cannot_be_cut_is_an_error);
	tcase_add_test(tcase, long_nonsense_is_one_error);
	tcase_add_test(tcase, long_values_are_cut_in_messages);
	tcase_add_test(tcase, many_errors_are_all_listed);
	return tcase;
}
