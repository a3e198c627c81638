/* SPDX-License-Identifier: GPL-2.0-or-later */
#ifndef DAXTIER_CAPTURE_FILTER_H
#define DAXTIER_CAPTURE_FILTER_H

/*
 * What of a file leaves the host, where most of it is nobody's business: of processes those that
 * compete for devices, daxtierd and kthreadd, of files of udev rules that compete the rules
 * that have a part in it, of the kernel's command line the words about memory, of the configuration
 * of modules and daxctl the lines that somebody asks for, of modules and PCI devices those of dax
 * and CXL, of swap not where it is.
 *
 * 1: *ret, the caller's, is what to keep; NULL in it: all. 0: nothing. -ENOMEM.
 */
int filter_content(const char *path, const char *data, char **ret);

#endif
