/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * What a process may ask of the kernel, one line each: its name, and "ok" or the name of the errno.
 *
 *   forbidden FOLDER            in FOLDER a file may be made
 *
 * Each call is made by a process of its own, and made so that it does no harm where it is allowed:
 * of things that there are not, with a value that is refused, or undone by the end of the process.
 * To root who may do everything none of them says EPERM.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/netlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/ptrace.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/swap.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define NOWHERE "/no/such/file"
#define PAGE	4096

static int inet(void)
{
	return socket(AF_INET, SOCK_DGRAM, 0);
}

static int unix_socket(void)
{
	return socket(AF_UNIX, SOCK_DGRAM, 0);
}

/* As libudev listens to udev: group 2 of the kernel's events. */
static int uevents(void)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = 2};
	int fd = socket(AF_NETLINK, SOCK_RAW, NETLINK_KOBJECT_UEVENT);

	return fd < 0 ? fd : bind(fd, (const struct sockaddr *)&address, sizeof(address));
}

static int trace(void)
{
	return (int)ptrace(PTRACE_TRACEME, 0, NULL, NULL);
}

static int write_memory(void)
{
	return (int)process_vm_writev(getpid(), NULL, 0, NULL, 0, 0);
}

static int mount_anything(void)
{
	return mount("none", NOWHERE, "tmpfs", 0, NULL);
}

static int leave_network(void)
{
	return unshare(CLONE_NEWNET);
}

static int unload_module(void)
{
	return (int)syscall(SYS_delete_module, "no_such_module", O_NONBLOCK);
}

static int load_module(void)
{
	return (int)syscall(SYS_finit_module, -1, "", 0);
}

static int load_program(void)
{
	return (int)syscall(SYS_bpf, -1, NULL, 0);
}

static int reboot_host(void)
{
	return (int)syscall(SYS_reboot, 0, 0, 0, NULL);
}

static int set_clock(void)
{
	const struct timespec wrong = {.tv_nsec = -1}; /* which libc refuses without asking */

	return (int)syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong);
}

static int set_host_name(void)
{
	return (int)syscall(SYS_sethostname, "", -1);
}

static int swap_on(void)
{
	return swapon(NOWHERE, 0);
}

static int become_nobody(void)
{
	return (int)syscall(SYS_setresuid, 65534, 65534, 65534);
}

static int give_away(void)
{
	return chown(NOWHERE, 65534, 65534);
}

static int code_to_write(void)
{
	return mmap(NULL, PAGE, PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0) ==
			       MAP_FAILED
		       ? -1
		       : 0;
}

static int data_to_code(void)
{
	void *page = mmap(NULL, PAGE, PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return page == MAP_FAILED ? -1 : mprotect(page, PAGE, PROT_EXEC);
}

static int real_time(void)
{
	return sched_setscheduler(0, SCHED_FIFO, &(struct sched_param){.sched_priority = 1});
}

static int other_abi(void)
{
	return personality(PER_LINUX32);
}

static int device_node(void)
{
	int r = mknod("forbidden-node", S_IFCHR | 0600, makedev(1, 3));

	if (r == 0)
		unlink("forbidden-node");
	return r;
}

static int setuid_file(void)
{
	int fd = open("forbidden-file", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	int r = fd < 0 ? -1 : fchmod(fd, 04755), error = errno;

	unlink("forbidden-file");
	errno = error;
	return r;
}

static int watch_counters(void)
{
	return (int)syscall(SYS_perf_event_open, NULL, 0, -1, -1, 0);
}

static int add_key(void)
{
	return (int)syscall(SYS_add_key, NULL, NULL, NULL, 0, 0);
}

static const struct {
	const char *name;
	int (*ask)(void);
} questions[] = {
	{"inet", inet},
	{"unix", unix_socket},
	{"uevents", uevents},
	{"trace", trace},
	{"write-memory", write_memory},
	{"mount", mount_anything},
	{"leave-network", leave_network},
	{"unload-module", unload_module},
	{"load-module", load_module},
	{"load-program", load_program},
	{"reboot", reboot_host},
	{"set-clock", set_clock},
	{"set-host-name", set_host_name},
	{"swap-on", swap_on},
	{"become-nobody", become_nobody},
	{"give-away", give_away},
	{"code-to-write", code_to_write},
	{"data-to-code", data_to_code},
	{"real-time", real_time},
	{"other-abi", other_abi},
	{"device-node", device_node},
	{"setuid-file", setuid_file},
	{"watch-counters", watch_counters},
	{"add-key", add_key},
};

static void answer(const char *name, int (*ask)(void))
{
	int r = ask();

	printf("%s %s\n", name, r >= 0 ? "ok" : strerrorname_np(errno));
	fflush(stdout);
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc != 2 || chdir(argv[1]) < 0) {
		fprintf(stderr, "usage: forbidden FOLDER\n");
		return 2;
	}
	for (size_t i = 0; i < sizeof(questions) / sizeof(*questions); i++) {
		pid_t pid = fork();

		if (pid == 0)
			answer(questions[i].name, questions[i].ask);
		if (pid < 0 || waitpid(pid, NULL, 0) < 0) {
			perror("forbidden");
			return 2;
		}
	}
	return 0;
}
