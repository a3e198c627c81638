/* SPDX-License-Identifier: GPL-2.0-or-later */
/*
 * Somebody in the way of a memory block that is to go offline:
 *
 *   hold-page pinned NODE    one page of a program, on that node, in a pipe without having been
 *                            copied (vmsplice(2)): the pipe's reference keeps it from being
 *                            migrated, and the kernel tries that without end
 *   hold-page kernel NODE    16 pages of the kernel's own, on that node if it has any that the
 *                            kernel may use itself: the kernel refuses at once
 *
 * Prints "ready BLOCK" with the block of that page, or "ready" for the kernel's; lets go when it is
 * killed.
 */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/mempolicy.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#define PAGE	     ((size_t)4096)
#define KERNEL_PAGES 16
#define PFN_BITS     55
#define PAGE_PRESENT (UINT64_C(1) << 63)
#define BLOCK_SIZE   "/sys/devices/system/memory/block_size_bytes"

static int fail(const char *what)
{
	perror(what);
	return 2;
}

/* All that this process, or the kernel for it, allocates from now on; -1: as usual. */
static int bind_to_node(int node)
{
	unsigned long mask[16] = {0};
	size_t bits = 8 * sizeof(mask[0]);

	if (node == -1)
		return (int)syscall(SYS_set_mempolicy, MPOL_DEFAULT, NULL, 0);
	if (node < 0 || (size_t)node >= 16 * bits) {
		errno = EINVAL;
		return -1;
	}
	mask[(size_t)node / bits] = 1UL << ((size_t)node % bits);
	return (int)syscall(SYS_set_mempolicy, MPOL_BIND, mask, 16 * bits + 1);
}

static uint64_t block_size(void)
{
	uint64_t size = 0;
	FILE *f = fopen(BLOCK_SIZE, "re");

	if (!f || fscanf(f, "%" SCNx64, &size) != 1)
		size = 0;
	if (f)
		fclose(f);
	return size;
}

/* The block that the page is in; -1: unknown. */
static int64_t block_of(const void *page)
{
	int fd = open("/proc/self/pagemap", O_RDONLY | O_CLOEXEC);
	off_t at = (off_t)((uintptr_t)page / PAGE * sizeof(uint64_t));
	uint64_t entry = 0, size = block_size();
	ssize_t n;

	if (fd < 0)
		return -1;
	n = pread(fd, &entry, sizeof(entry), at);
	close(fd);
	entry = n == sizeof(entry) && (entry & PAGE_PRESENT)
			? entry & ((UINT64_C(1) << PFN_BITS) - 1)
			: 0;
	return entry == 0 || size == 0 ? -1 : (int64_t)(entry * PAGE / size);
}

static int hold_pinned(int pipe_end, int node)
{
	struct iovec piece = {.iov_len = PAGE};

	piece.iov_base =
		mmap(NULL, PAGE, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (piece.iov_base == MAP_FAILED)
		return fail("mmap");
	if (bind_to_node(node) != 0)
		return fail("set_mempolicy");
	memset(piece.iov_base, 0x5a, PAGE);
	if (bind_to_node(-1) != 0)
		return fail("set_mempolicy");
	if (vmsplice(pipe_end, &piece, 1, 0) != (ssize_t)PAGE)
		return fail("vmsplice");
	printf("ready %" PRId64 "\n", block_of(piece.iov_base));
	return 0;
}

static int hold_kernel(int pipe_end, int node)
{
	static const char data[PAGE];

	if (bind_to_node(node) != 0)
		return fail("set_mempolicy");
	for (int i = 0; i < KERNEL_PAGES; i++)
		if (write(pipe_end, data, sizeof(data)) != (ssize_t)sizeof(data))
			return fail("write");
	/* Nothing else of the kernel's: it might keep that when this process is gone. */
	if (bind_to_node(-1) != 0)
		return fail("set_mempolicy");
	puts("ready");
	return 0;
}

int main(int argc, char **argv)
{
	int ends[2], r = 2;

	setvbuf(stdout, NULL, _IOLBF, 0);
	if (pipe2(ends, O_CLOEXEC) != 0)
		return fail("pipe");
	if (argc == 3 && strcmp(argv[1], "pinned") == 0)
		r = hold_pinned(ends[1], atoi(argv[2]));
	else if (argc == 3 && strcmp(argv[1], "kernel") == 0)
		r = hold_kernel(ends[1], atoi(argv[2]));
	else
		fprintf(stderr, "usage: hold-page pinned|kernel NODE\n");
	while (r == 0)
		pause();
	return r;
}
