/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CLI_AGENT_H
#define DAXTIER_CLI_AGENT_H

/*
 * Who asks a person for a password on polkit's behalf. On a desktop there is such an agent; on a
 * terminal this starts pkttyagent(1), for as long as it takes.
 */

#include <sys/types.h>

enum agent_state {
	AGENT_NONE,	   /* none was asked for */
	AGENT_UNNEEDED,	   /* root need not ask */
	AGENT_FORBIDDEN,   /* --no-ask-password */
	AGENT_NO_TERMINAL, /* nobody there to ask */
	AGENT_MISSING,	   /* it cannot be started, or takes too long */
	AGENT_READY,	   /* it has said so, or ended, as where it may not ask */
};

struct agent {
	enum agent_state state;
	pid_t pid; /* 0: none */
};

/* Starts one where that makes sense, and waits until it is ready. */
void agent_open(struct agent *agent);
/* Ends it, so that the terminal is as it was. */
void agent_close(struct agent *agent);

/* What the user can do so that he is asked, a clause; NULL where he could be. */
const char *agent_advice(const struct agent *agent);

#endif
