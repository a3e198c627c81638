/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "model/cxl.h"

#include <stdlib.h>
#include <string.h>

void cxl_memdev_done(struct cxl_memdev *memdev)
{
	for (size_t i = 0; i < memdev->n_decoders; i++) {
		free(memdev->decoders[i].name);
		free(memdev->decoders[i].region);
	}
	free(memdev->decoders);
	free(memdev->name);
	free(memdev->endpoint);
	free(memdev->bridge);
	*memdev = (struct cxl_memdev){};
}

void cxl_window_done(struct cxl_window *window)
{
	free(window->name);
	strv_done(&window->bridges);
	*window = (struct cxl_window){};
}

void cxl_region_done(struct cxl_region *region)
{
	free(region->name);
	free(region->window);
	strv_done(&region->targets);
	*region = (struct cxl_region){};
}

void cxl_facts_done(struct cxl_facts *cxl)
{
	for (size_t i = 0; i < cxl->n_memdevs; i++)
		cxl_memdev_done(&cxl->memdevs[i]);
	for (size_t i = 0; i < cxl->n_windows; i++)
		cxl_window_done(&cxl->windows[i]);
	for (size_t i = 0; i < cxl->n_regions; i++)
		cxl_region_done(&cxl->regions[i]);
	free(cxl->memdevs);
	free(cxl->windows);
	free(cxl->regions);
	*cxl = (struct cxl_facts){};
}

const struct cxl_memdev *cxl_find_memdev(const struct cxl_facts *cxl, const char *name)
{
	for (size_t i = 0; i < cxl->n_memdevs; i++)
		if (strcmp(cxl->memdevs[i].name, name) == 0)
			return &cxl->memdevs[i];
	return NULL;
}

const struct cxl_window *cxl_find_window(const struct cxl_facts *cxl, const char *name)
{
	for (size_t i = 0; i < cxl->n_windows; i++)
		if (strcmp(cxl->windows[i].name, name) == 0)
			return &cxl->windows[i];
	return NULL;
}

const struct cxl_region *cxl_find_region(const struct cxl_facts *cxl, const char *name)
{
	for (size_t i = 0; i < cxl->n_regions; i++)
		if (strcmp(cxl->regions[i].name, name) == 0)
			return &cxl->regions[i];
	return NULL;
}

const struct cxl_memdev *cxl_memdev_of_decoder(const struct cxl_facts *cxl, const char *decoder)
{
	for (size_t i = 0; i < cxl->n_memdevs; i++)
		for (size_t k = 0; k < cxl->memdevs[i].n_decoders; k++)
			if (strcmp(cxl->memdevs[i].decoders[k].name, decoder) == 0)
				return &cxl->memdevs[i];
	return NULL;
}
