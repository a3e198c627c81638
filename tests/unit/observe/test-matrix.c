/* SPDX-License-Identifier: GPL-2.0-or-later */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "observe/matrix.h"
#include "suites.h"

#define PLENTY_MSEC 60000

START_TEST(sparse_numbers)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_init(&m, 2), 0);
	m.ids[0] = 0;
	m.ids[1] = 5;
	m.values[0 * 2 + 1] = 31;
	m.values[1 * 2 + 0] = 32;
	ck_assert_uint_eq(node_matrix_get(&m, 0, 5), 31);
	ck_assert_uint_eq(node_matrix_get(&m, 5, 0), 32);
	ck_assert_uint_eq(node_matrix_get(&m, 0, 1), 0);
	ck_assert_uint_eq(node_matrix_get(&m, 1, 0), 0);
	ck_assert_uint_eq(node_matrix_get(&m, -1, -1), 0);
	ck_assert(node_matrix_has(&m, 5));
	ck_assert(!node_matrix_has(&m, 2));
}
END_TEST

/* More than a pipe holds, so that the parent has to read while the child writes. */
static int fill_many(const void *userdata, struct node_matrix *ret)
{
	int r = node_matrix_init(ret, 300);

	for (size_t i = 0; r == 0 && i < ret->n; i++) {
		ret->ids[i] = (int)i * 2;
		for (size_t j = 0; j < ret->n; j++)
			ret->values[i * ret->n + j] = (unsigned)(i * 1000 + j);
	}
	return r;
}

START_TEST(answer_of_a_child)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_probe(fill_many, NULL, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 300);
	ck_assert_uint_eq(node_matrix_get(&m, 598, 2), 299001);
	/* and it was waited for */
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
	ck_assert_int_eq(errno, ECHILD);
}
END_TEST

static int fill_refuses(const void *userdata, struct node_matrix *ret)
{
	return *(const int *)userdata;
}

START_TEST(error_of_a_child)
{
	struct node_matrix m = {.n = 77};
	int error = -ENODATA;

	ck_assert_int_eq(node_matrix_probe(fill_refuses, &error, PLENTY_MSEC, &m), -ENODATA);
	ck_assert_uint_eq(m.n, 77);
}
END_TEST

static int fill_dies(const void *userdata, struct node_matrix *ret)
{
	raise(SIGKILL);
	return 0;
}

START_TEST(death_of_a_child)
{
	struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_probe(fill_dies, NULL, PLENTY_MSEC, &m), -EPROTO);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static int fill_hangs(const void *userdata, struct node_matrix *ret)
{
	pause(); /* no signal comes but the last */
	return 0;
}

START_TEST(child_that_hangs)
{
	struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_probe(fill_hangs, NULL, 20, &m), -ETIMEDOUT);
	ck_assert_int_eq(waitpid(-1, NULL, WNOHANG), -1);
}
END_TEST

static int fill_changes_environment(const void *userdata, struct node_matrix *ret)
{
	setenv("DAXTIER_TEST_MATRIX", "changed", 1);
	return node_matrix_init(ret, 0);
}

START_TEST(child_leaves_no_trace)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};

	ck_assert_int_eq(node_matrix_probe(fill_changes_environment, NULL, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.n, 0);
	ck_assert_ptr_null(getenv("DAXTIER_TEST_MATRIX"));
}
END_TEST

/* Standard streams, and one descriptor to answer through: as many as F_GETFD finds. */
static int fill_tells_of_itself(const void *userdata, struct node_matrix *ret)
{
	const int *inherited = userdata;
	int signal = 0, r;

	r = node_matrix_init(ret, 2);
	if (r < 0)
		return r;
	for (int fd = STDERR_FILENO + 1; fd < 1024; fd++)
		ret->values[0] += fcntl(fd, F_GETFD) >= 0;
	ret->values[1] = fcntl(*inherited, F_GETFD) >= 0;
	if (prctl(PR_GET_PDEATHSIG, &signal) < 0)
		return -errno;
	ret->values[2] = (unsigned)signal;
	return 0;
}

/* It keeps no lock of its parent's, and does not outlive it; with its pipe first, and last. */
START_TEST(child_is_on_its_own)
{
	_cleanup_(node_matrix_done) struct node_matrix m = {};
	_cleanup_close_ int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
	_cleanup_close_ int held = -EBADF;

	ck_assert_int_ge(null, 0);
	held = fcntl(null, F_DUPFD_CLOEXEC, _i == 0 ? null : 700);
	ck_assert_int_ge(held, 0);
	ck_assert_int_eq(node_matrix_probe(fill_tells_of_itself, &held, PLENTY_MSEC, &m), 0);
	ck_assert_uint_eq(m.values[0], 1);
	ck_assert_uint_eq(m.values[1], 0);
	ck_assert_uint_eq(m.values[2], SIGKILL);
	ck_assert_int_ge(fcntl(held, F_GETFD), 0);
}
END_TEST

TCase *matrix_tests(void)
{
	TCase *tcase = tcase_create("matrix");

	tcase_add_test(tcase, sparse_numbers);
	tcase_add_test(tcase, answer_of_a_child);
	tcase_add_test(tcase, error_of_a_child);
	tcase_add_test(tcase, death_of_a_child);
	tcase_add_test(tcase, child_that_hangs);
	tcase_add_test(tcase, child_leaves_no_trace);
	tcase_add_loop_test(tcase, child_is_on_its_own, 0, 2);
	return tcase;
}
