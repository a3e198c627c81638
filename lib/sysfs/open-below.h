/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_SYSFS_OPEN_BELOW_H
#define DAXTIER_SYSFS_OPEN_BELOW_H

/* How this room opens files of a host, which may be one that somebody captured. */

/*
 * A descriptor with O_CLOEXEC, or a negative errno. On the live host a plain openat(2): nothing can
 * be outside of "/", and RESOLVE_IN_ROOT would refuse the links of /proc/PID/fd. Any other root is
 * somebody's directory, and a link in it, an absolute one too, must not lead to the files of this
 * host.
 */
int sysfs_open_below(int root_fd, const char *path, int flags);

/*
 * 0 for a regular file, as all attributes are; -EISDIR, or -EINVAL for anything else: a captured
 * host may hold a FIFO, which would never end, or a device, which might act.
 */
int sysfs_check_regular(int fd);

#endif
