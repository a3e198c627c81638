/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "worker-stop.h"

#include <signal.h>
#include <string.h>
#include <time.h>

#include "base/cleanup.h"

/* A signal may come a moment before the write that it is to interrupt, so there is another one. */
#define PULSE_NSEC 100000000L

#define CONVERT_USEC	     UINT64_C(60000000)
#define CONVERT_USEC_PER_GIB UINT64_C(1000000)

/* All that a signal handler can reach. */
static volatile sig_atomic_t reason; /* an errno; 0: go on */
static timer_t pulse;

static const struct itimerspec every_pulse = {
	.it_value = {.tv_nsec = PULSE_NSEC},
	.it_interval = {.tv_nsec = PULSE_NSEC},
};

static void on_terminate(int signal)
{
	int saved = errno;

	if (!reason)
		reason = ECANCELED;
	timer_settime(pulse, 0, &every_pulse, NULL);
	errno = saved;
}

static void on_alarm(int signal)
{
	if (!reason)
		reason = ETIMEDOUT;
}

/* Without SA_RESTART: a write has to end. */
static int handle(int signal, void (*handler)(int))
{
	const struct sigaction action = {.sa_handler = handler};

	return sigaction(signal, &action, NULL) < 0 ? -errno : 0;
}

static int start_timer(uint64_t deadline_usec)
{
	const struct itimerspec at_deadline = {
		.it_value = {.tv_sec = (time_t)(deadline_usec / 1000000),
			     .tv_nsec = (long)(deadline_usec % 1000000) * 1000},
		.it_interval = every_pulse.it_interval,
	};
	struct sigevent event = {.sigev_notify = SIGEV_SIGNAL, .sigev_signo = SIGALRM};

	if (timer_create(CLOCK_MONOTONIC, &event, &pulse) < 0)
		return -errno;
	/* All zero would not start it, as is right without a deadline. */
	return timer_settime(pulse, 0, &at_deadline, NULL) < 0 ? -errno : 0;
}

uint64_t worker_stop_deadline(const struct device_plan *plan)
{
	if (plan->deadline_usec > 0 || plan->purpose != PLAN_CONFIGURE)
		return plan->deadline_usec;
	for (size_t i = 0; i < plan->n_steps; i++)
		if (plan->steps[i].kind == STEP_OFFLINE_BLOCKS ||
		    plan->steps[i].kind == STEP_UNPLUG)
			return CONVERT_USEC + (plan->size >> 30) * CONVERT_USEC_PER_GIB;
	return 0;
}

int worker_stop_install(uint64_t deadline_usec)
{
	sigset_t heard;
	int r;

	r = start_timer(deadline_usec);
	if (r == 0)
		r = handle(SIGTERM, on_terminate);
	if (r == 0)
		r = handle(SIGALRM, on_alarm);
	if (r < 0)
		return r;
	sigemptyset(&heard);
	sigaddset(&heard, SIGTERM);
	sigaddset(&heard, SIGALRM);
	return sigprocmask(SIG_UNBLOCK, &heard, NULL) < 0 ? -errno : 0;
}

int worker_stop_ask(void *userdata)
{
	int r = -reason;

	if (r == 0)
		return 0;
	/* What was done is undone now, which nothing may interrupt. */
	handle(SIGTERM, SIG_IGN);
	handle(SIGALRM, SIG_IGN);
	timer_settime(pulse, 0, &(struct itimerspec){}, NULL);
	reason = 0;
	return r;
}
