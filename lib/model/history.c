/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/history.h"

#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"

static void device_history_done(struct device_history *device)
{
	free(device->name);
	free(device->message);
	*device = (struct device_history){};
}

const struct device_history *history_find(const struct history *history, const char *name)
{
	for (size_t i = 0; i < history->n_devices; i++)
		if (strcmp(history->devices[i].name, name) == 0)
			return &history->devices[i];
	return NULL;
}

bool history_is_contested(const struct history *history)
{
	for (size_t i = 0; i < history->n_devices; i++)
		if (history->devices[i].contested)
			return true;
	return false;
}

struct device_history *history_get(struct history *history, const char *name)
{
	_cleanup_free_ char *copy = NULL;
	struct device_history *devices;

	for (size_t i = 0; i < history->n_devices; i++)
		if (strcmp(history->devices[i].name, name) == 0)
			return &history->devices[i];

	copy = strdup(name);
	if (!copy)
		return NULL;
	devices = reallocarray(history->devices, history->n_devices + 1, sizeof(*devices));
	if (!devices)
		return NULL;
	history->devices = devices;
	devices[history->n_devices] = (struct device_history){.name = TAKE_PTR(copy)};
	return &devices[history->n_devices++];
}

void history_forget(struct history *history, const char *name)
{
	for (size_t i = 0; i < history->n_devices; i++) {
		if (strcmp(history->devices[i].name, name) != 0)
			continue;
		device_history_done(&history->devices[i]);
		history->n_devices--;
		memmove(&history->devices[i], &history->devices[i + 1],
			(history->n_devices - i) * sizeof(history->devices[0]));
		return;
	}
}

void history_done(struct history *history)
{
	for (size_t i = 0; i < history->n_devices; i++)
		device_history_done(&history->devices[i]);
	free(history->devices);
	*history = (struct history){};
}
