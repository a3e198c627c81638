/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "cli/agent.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/cleanup.h"

/* It has a bus to connect to and polkit to ask, and there is no reason to wait for it for ever. */
#define READY_MSEC 30000

/* In the child. As its parent, it is this process that polkit lets it speak for. */
static void become_agent(pid_t parent, int ready_fd)
{
	char number[16];
	sigset_t none;

	sigemptyset(&none);
	if (sigprocmask(SIG_SETMASK, &none, NULL) < 0 || prctl(PR_SET_PDEATHSIG, SIGTERM) < 0 ||
	    getppid() != parent || fcntl(ready_fd, F_SETFD, 0) < 0)
		_exit(126);
	snprintf(number, sizeof(number), "%d", ready_fd);
	/* It steps back for an agent that is there already. */
	execlp("pkttyagent", "pkttyagent", "--notify-fd", number, "--fallback", NULL);
	(void)!write(ready_fd, "", 1);
	_exit(127);
}

/* It closes its end of the pipe when it is ready, and writes nothing; what is written is our own
 * word that it could not be started. */
static bool wait_until_ready(int fd)
{
	struct pollfd ready = {.fd = fd, .events = POLLIN};
	char byte;
	int r;

	do
		r = poll(&ready, 1, READY_MSEC);
	while (r < 0 && errno == EINTR);
	return r > 0 && read(fd, &byte, 1) == 0;
}

static enum agent_state start(pid_t *ret)
{
	_cleanup_close_ int ours = -EBADF, its = -EBADF;
	pid_t parent = getpid(), pid;
	int fds[2];

	if (pipe2(fds, O_CLOEXEC) < 0)
		return AGENT_MISSING;
	ours = fds[0];
	its = fds[1];
	pid = fork();
	if (pid < 0)
		return AGENT_MISSING;
	if (pid == 0)
		become_agent(parent, its);
	its = close_keep_errno(its);
	*ret = pid;
	return wait_until_ready(ours) ? AGENT_READY : AGENT_MISSING;
}

void agent_open(struct agent *agent)
{
	if (agent->state != AGENT_NONE)
		return;
	if (geteuid() == 0)
		agent->state = AGENT_UNNEEDED;
	else if (!isatty(STDIN_FILENO)) /* it asks on the terminal itself, wherever output goes */
		agent->state = AGENT_NO_TERMINAL;
	else
		agent->state = start(&agent->pid);
}

void agent_close(struct agent *agent)
{
	pid_t pid = agent->pid;

	agent->pid = 0;
	if (pid == 0)
		return;
	/* Should it be stopped, it hears of its end only once it goes on. */
	kill(pid, SIGTERM);
	kill(pid, SIGCONT);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		continue;
}

const char *agent_advice(const struct agent *agent)
{
	switch (agent->state) {
	case AGENT_FORBIDDEN:
		return "leave out --no-ask-password";
	case AGENT_NO_TERMINAL:
		return "run it on a terminal";
	case AGENT_MISSING:
		return "install pkttyagent, which comes with polkit";
	case AGENT_READY:
		/* polkit goes to an agent that steps back only when it knows the caller's. */
		return "log in, for polkit asks nobody outside of a session";
	case AGENT_NONE:
	case AGENT_UNNEEDED:
		break;
	}
	return NULL;
}
