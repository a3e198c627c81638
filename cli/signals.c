/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/signals.h"

#include <errno.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>

#include "base/cleanup.h"

static const int endings[] = {SIGINT, SIGTERM, SIGHUP};

/* As by nohup(1), or by a shell for what it runs in the background. */
static bool is_ignored(int signal)
{
	struct sigaction action;

	return sigaction(signal, NULL, &action) == 0 && action.sa_handler == SIG_IGN;
}

static void fill(sigset_t *set)
{
	sigemptyset(set);
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++)
		if (!is_ignored(endings[i]))
			sigaddset(set, endings[i]);
}

void signals_release(const sigset_t *before)
{
	sigprocmask(SIG_SETMASK, before, NULL);
}

static int on_signal(sd_event_source *source, const struct signalfd_siginfo *si, void *userdata)
{
	int *signal = userdata;

	*signal = (int)si->ssi_signo;
	return sd_event_exit(sd_event_source_get_event(source), 0);
}

int signals_watch(sd_event *event, int *signal, sigset_t *ret_before)
{
	sigset_t set, before;

	fill(&set);
	if (sigprocmask(SIG_BLOCK, &set, &before) < 0)
		return -errno;
	for (size_t i = 0; i < ARRAY_SIZE(endings); i++) {
		int r = 0;

		if (sigismember(&set, endings[i]))
			r = sd_event_add_signal(event, NULL, endings[i], on_signal, signal);
		if (r < 0) {
			signals_release(&before);
			return r;
		}
	}
	*ret_before = before;
	return 0;
}

void signals_end(int signal)
{
	sigset_t set;

	fflush(stdout);
	sigemptyset(&set);
	sigaddset(&set, signal);
	sigprocmask(SIG_UNBLOCK, &set, NULL);
	raise(signal);
}

void signals_hold(sigset_t *ret_before)
{
	sigset_t set;

	fill(&set);
	sigaddset(&set, SIGPIPE);
	sigprocmask(SIG_BLOCK, &set, ret_before);
}
