/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * The command lines that the manual pages and the README show are typed by a shell, at a host with
 * a CXL device that is online, and have to work as they stand there.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "fake-kernel-cxl.h"
#include "man-page.h"
#include "suites.h"
#include "test-host.h"
#include "tree.h"

/* The region's dax device is dax0.0, and the card is mem0. */
static const char policy[] = "[daemon]\nsettle = 20ms\n"
			     "[regions]\ncreate-regions = yes\n"
			     "[rule cxl]\nmatch-kind = cxl\nmode = system-ram\n";

/* Verbs that look at the host themselves look at the modelled one. */
static const char daxtierctl[] =
	"#!/bin/sh\n"
	"case \"$*\" in\n"
	"plan*--root=/) set -- plan --root=\"$EXAMPLES_ROOT\" ;;\n"
	"*--root=* | *--diff*) ;;\n"
	"doctor* | plan*--config=*) set -- \"$@\" --root=\"$EXAMPLES_ROOT\" ;;\n"
	"esac\n"
	"exec '" DAXTIERCTL "' \"$@\"\n";

/* What is not at hand here. */
static const char ssh[] = "#!/bin/sh\n"
			  "shift\n"
			  "exec \"$@\" --root=\"$EXAMPLES_ROOT\"\n";

static const char sudo[] = "#!/bin/sh\n"
			   "exec \"$@\"\n";

/*
 * There is no journal here, so each match is held to what is logged: fields that daemon/log.c adds,
 * and messages that are explained.
 */
static const char journalctl[] =
	"#!/bin/sh\n"
	"for argument; do\n"
	"	case $argument in\n"
	"	-b | -k | -x) ;;\n"
	"	MESSAGE_ID=*) grep -q -e \"-- ${argument#*=}\" '" PROJECT_SOURCE_DIR
	"/systemd/daxtier.catalog' || exit 1 ;;\n"
	"	*=*) grep -q \"\\\"${argument%%=*}\\\"\" '" PROJECT_SOURCE_DIR
	"/daemon/log.c' || exit 1 ;;\n"
	"	*) exit 1 ;;\n"
	"	esac\n"
	"done\n";

/* A folder to type in, with the files that the examples speak of. */
struct desk {
	struct test_host host;
	char *folder;
};

static void put_program(struct desk *desk, const char *name, const char *text)
{
	_cleanup_free_ char *path = NULL;

	tree_putf(desk->folder, name, "%s", text);
	ck_assert_int_gt(asprintf(&path, "%s/%s", desk->folder, name), 0);
	ck_assert_int_eq(chmod(path, 0755), 0);
}

static void desk_open(struct desk *desk)
{
	const struct fake_kernel_window window = {
		.name = "decoder0.0",
		.start = 64 * FAKE_KERNEL_GIB,
		.size = 8 * FAKE_KERNEL_GIB,
		.target_node = 1,
	};
	const struct fake_kernel_memdev card = {
		.name = "mem0",
		.serial = 0xabc1,
		.ram = FAKE_KERNEL_GIB,
		.endpoint = 2,
	};

	*desk = (struct desk){.folder = tree_new()};
	tree_put(desk->folder, "new.conf", policy);
	put_program(desk, "bin/daxtierctl", daxtierctl);
	put_program(desk, "bin/ssh", ssh);
	put_program(desk, "bin/sudo", sudo);
	put_program(desk, "bin/journalctl", journalctl);
	test_host_start(&desk->host, NULL, policy);
	fake_kernel_add_window(desk->host.root, &window);
	fake_kernel_add_memdev(desk->host.root, &card);
	test_host_start_daemon(&desk->host);
	test_host_wait(&desk->host, "dax0.0", "online");
}

static void desk_close(struct desk *desk)
{
	test_host_stop(&desk->host);
	desk->folder = tree_remove(desk->folder);
}

/* Paths of a host that an example may speak of, and where they are here. Owned by the caller. */
static char *at_this_desk(const struct desk *desk, const char *command)
{
	const struct {
		const char *theirs, *folder, *below;
	} places[] = {
		{"/etc/daxtier.conf", desk->host.root, "/etc/daxtier.conf"},
		{"/tmp/host-7", desk->host.root, ""},
		{"/var/lib/prometheus/node-exporter", desk->folder, ""},
	};
	char *text = strdup(command);

	for (size_t i = 0; text && i < ARRAY_SIZE(places); i++) {
		char *at = strstr(text, places[i].theirs), *replaced;

		if (!at)
			continue;
		ck_assert_int_gt(asprintf(&replaced, "%.*s%s%s%s", (int)(at - text), text,
					  places[i].folder, places[i].below,
					  at + strlen(places[i].theirs)),
				 0);
		free(text);
		text = replaced;
	}
	ck_assert_ptr_nonnull(text);
	return text;
}

static bool begins(const char *text, const char *with)
{
	return strncmp(text, with, strlen(with)) == 0;
}

/* Those that watch have no end of their own. */
static bool is_endless(const char *command)
{
	return begins(command, "busctl monitor") || begins(command, "daxtierctl monitor");
}

static bool is_doctor(const char *command)
{
	return begins(command, "daxtierctl doctor") || begins(command, "sudo daxtierctl doctor");
}

static void type(struct desk *desk, const char *command)
{
	static const char script[] = "cd \"$1\" && PATH=\"$1/bin:$PATH\" && EXAMPLES_ROOT=$2 && "
				     "export PATH EXAMPLES_ROOT && eval \"$3\"";
	_cleanup_free_ char *here = at_this_desk(desk, command), *endless = NULL;
	const char *argv[] = {"sh", "-c", script, "sh", desk->folder, desk->host.root, here, NULL};
	struct process_result result;
	int expected = 0;

	if (is_endless(command)) {
		ck_assert_int_gt(asprintf(&endless, "timeout 0.3 %s", here), 0);
		argv[6] = endless;
		expected = 124; /* it was still at it */
	}
	process_run(&result, PROCESS_OWN_UID, argv);
	/* 7: the doctor has found something. */
	ck_assert_msg(result.status == expected || (result.status == 7 && is_doctor(command)),
		      "exit status %d: %s\n%s%s", result.status, command, result.out, result.err);
	/* A pipe tells only how its last command ended. */
	ck_assert_msg(!strchr(command, '|') || !*result.err, "%s\n%s", command, result.err);
	process_result_done(&result);
}

/* What gives memory up leaves nothing for the next example. */
static bool gives_up(const char *command)
{
	return (strstr(command, " release ") || strstr(command, " Release ")) &&
	       !strstr(command, "--dry-run");
}

static void type_all(struct strv *commands)
{
	struct desk desk;

	ck_assert_uint_gt(commands->n, 0);
	desk_open(&desk);
	for (size_t i = 0; i < commands->n; i++) {
		type(&desk, commands->items[i]);
		if (gives_up(commands->items[i]) && i + 1 < commands->n) {
			desk_close(&desk);
			desk_open(&desk);
		}
	}
	desk_close(&desk);
	strv_done(commands);
}

static const char *const pages[] = {
	"daxtier-troubleshooting.7",
	"daxtierctl.1",
	"daxtierd.8",
	"org.daxtier1.5",
};

START_TEST(test_man_page)
{
	_cleanup_free_ char *path = NULL;
	struct strv commands;

	ck_assert_int_gt(asprintf(&path, PROJECT_SOURCE_DIR "/man/%s", pages[_i]), 0);
	commands = man_page_commands(path);
	type_all(&commands);
}
END_TEST

/* Lines of code about the program and its policy; what installs it is tried elsewhere. */
static bool is_typed(const char *line)
{
	return begins(line, "    daxtierctl ") || begins(line, "    sudo daxtierctl ") ||
	       begins(line, "    sudo cp ");
}

START_TEST(test_readme)
{
	_cleanup_fclose_ FILE *f = fopen(PROJECT_SOURCE_DIR "/README.md", "r");
	_cleanup_free_ char *line = NULL;
	struct strv commands = {};
	size_t room = 0;

	ck_assert_ptr_nonnull(f);
	while (getline(&line, &room, f) >= 0)
		if (is_typed(line))
			ck_assert_int_eq(strv_addf(&commands, "%.*s", (int)strcspn(line + 4, "\n"),
						   line + 4),
					 0);
	type_all(&commands);
}
END_TEST

Suite *suite_examples(void)
{
	Suite *suite = suite_create("examples");
	TCase *tcase = tcase_create("examples");

	tcase_set_timeout(tcase, 120);
	tcase_add_loop_test(tcase, test_man_page, 0, ARRAY_SIZE(pages));
	tcase_add_test(tcase, test_readme);
	suite_add_tcase(suite, tcase);
	return suite;
}
