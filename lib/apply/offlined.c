/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "apply/offlined.h"

#include <errno.h>
#include <json-c/json.h>
#include <stdlib.h>
#include <string.h>

#include "apply/name.h"
#include "apply/put-back.h"
#include "apply/record.h"
#include "base/cleanup.h"
#include "base/errno-util.h"
#include "sysfs/block.h"

#define LOCK_NAME "offlined.lock"

static void json_putp(struct json_object **object)
{
	json_object_put(*object);
}

#define _cleanup_json_ _cleanup_(json_putp)

void offlined_done(struct offlined *offlined)
{
	device_plan_done(&offlined->plan);
	free(offlined->state);
	free(offlined->blocks);
	*offlined = (struct offlined){};
}

static bool put(struct json_object *object, const char *key, struct json_object *value)
{
	if (value && json_object_object_add(object, key, value) == 0)
		return true;
	json_object_put(value);
	return false;
}

/* So many blocks in a row that were online in the same zone. */
static struct json_object *span_to_json(uint64_t first, uint64_t last, enum zone zone)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || !put(object, "First", json_object_new_uint64(first)) ||
	    !put(object, "Last", json_object_new_uint64(last)) ||
	    !put(object, "Zone", json_object_new_string(zone_to_string(zone))))
		return NULL;
	return TAKE_PTR(object);
}

static struct json_object *blocks_to_json(const struct memory_block *blocks, size_t n)
{
	_cleanup_json_ struct json_object *array = json_object_new_array();

	for (size_t i = 0, end; array && i < n; i = end) {
		struct json_object *span;

		end = i + 1;
		if (blocks[i].state != BLOCK_ONLINE)
			continue;
		while (end < n && blocks[end].state == BLOCK_ONLINE &&
		       blocks[end].zone == blocks[i].zone &&
		       blocks[end].number == blocks[end - 1].number + 1)
			end++;
		span = span_to_json(blocks[i].number, blocks[end - 1].number, blocks[i].zone);
		if (!span || json_object_array_add(array, span) < 0) {
			json_object_put(span);
			return NULL;
		}
	}
	return TAKE_PTR(array);
}

static char *to_text(const struct device_plan *plan, const struct memory_block *blocks, size_t n,
		     const char *state)
{
	_cleanup_json_ struct json_object *object = json_object_new_object();

	if (!object || !put(object, "Plan", device_plan_to_json(plan)) ||
	    !put(object, "State", json_object_new_string(state ?: "")) ||
	    !put(object, "Blocks", blocks_to_json(blocks, n)))
		return NULL;
	return strdup(json_object_to_json_string_ext(object, JSON_C_TO_STRING_PLAIN));
}

/* A record is for one device: no block of another is touched by it. */
static bool is_of_plan(const struct device_plan *plan, uint64_t first, uint64_t last)
{
	for (size_t i = 0; i < plan->n_ranges; i++) {
		uint64_t start = 0;
		size_t n = phys_range_blocks(&plan->ranges[i], plan->block_size, &start);

		if (n > 0 && first >= start && last < start + n)
			return true;
	}
	return false;
}

static int add_span(struct json_object *span, struct offlined *offlined)
{
	struct json_object *first, *last, *zone;
	struct memory_block *blocks;
	uint64_t from, to;
	int z;

	if (!json_object_object_get_ex(span, "First", &first) ||
	    !json_object_object_get_ex(span, "Last", &last) ||
	    !json_object_object_get_ex(span, "Zone", &zone) ||
	    !json_object_is_type(first, json_type_int) ||
	    !json_object_is_type(last, json_type_int) ||
	    !json_object_is_type(zone, json_type_string))
		return -EBADMSG;
	from = json_object_get_uint64(first);
	to = json_object_get_uint64(last);
	z = zone_from_string(json_object_get_string(zone));
	if (from > to || z < 0 || !is_of_plan(&offlined->plan, from, to))
		return -EBADMSG;
	blocks = reallocarray(offlined->blocks, offlined->n + (to - from + 1), sizeof(*blocks));
	if (!blocks)
		return -ENOMEM;
	offlined->blocks = blocks;
	for (uint64_t number = from; number <= to; number++)
		blocks[offlined->n++] = (struct memory_block){
			.number = number, .state = BLOCK_ONLINE, .zone = (enum zone)z};
	return 0;
}

static int parse(struct json_object *object, struct offlined *ret)
{
	struct json_object *plan, *state, *blocks;
	int r;

	if (!json_object_object_get_ex(object, "Plan", &plan) ||
	    !json_object_object_get_ex(object, "State", &state) ||
	    !json_object_object_get_ex(object, "Blocks", &blocks) ||
	    !json_object_is_type(state, json_type_string) ||
	    !json_object_is_type(blocks, json_type_array))
		return -EBADMSG;
	r = device_plan_from_json(plan, &ret->plan);
	if (r < 0)
		return r;
	if (!ret->plan.device || !is_device_name(ret->plan.device) || ret->plan.block_size == 0)
		return -EBADMSG;
	if (json_object_get_string_len(state) > 0) {
		ret->state = strdup(json_object_get_string(state));
		if (!ret->state)
			return -ENOMEM;
	}
	for (size_t i = 0; r == 0 && i < json_object_array_length(blocks); i++)
		r = add_span(json_object_array_get_idx(blocks, i), ret);
	return r;
}

int offlined_from_text(const char *text, struct offlined *ret)
{
	_cleanup_(offlined_done) struct offlined offlined = {};
	_cleanup_json_ struct json_object *object = json_tokener_parse(text);
	int r;

	r = parse(object, &offlined);
	if (r < 0)
		return r;
	*ret = offlined;
	offlined = (struct offlined){};
	return 0;
}

void offlined_unlock(struct offlined_lock *lock)
{
	lock->lock_fd = close_keep_errno(lock->lock_fd);
	lock->dir_fd = close_keep_errno(lock->dir_fd);
}

static int record_failed(const char *run_dir, int error, const char *verb, struct trouble *trouble)
{
	_cleanup_free_ char *path = NULL;

	if (asprintf(&path, "%s/" OFFLINED_RECORD, run_dir) < 0)
		path = NULL;
	return trouble_set(trouble, error, path ?: run_dir,
			   "cannot %s the record %s of what was taken offline: %s (%s)", verb,
			   path ?: "", trouble_words(error), errno_name(error));
}

int offlined_lock_existing(const char *run_dir, struct offlined_lock *ret, struct trouble *trouble)
{
	struct offlined_lock lock = OFFLINED_LOCK_INIT;
	int r;

	r = run_dir_open(run_dir, &lock.dir_fd);
	if (r == -ENOENT)
		return r;
	if (r == 0)
		r = run_dir_lock(lock.dir_fd, LOCK_NAME, &lock.lock_fd);
	if (r < 0) {
		offlined_unlock(&lock);
		/* ENOENT is the answer for "nothing recorded" only. */
		return record_failed(run_dir, r == -ENOENT ? -ENOTDIR : r, "lock", trouble);
	}
	*ret = lock;
	return 0;
}

int offlined_read(const struct offlined_lock *lock, const char *run_dir, struct offlined *ret,
		  struct trouble *trouble)
{
	_cleanup_free_ char *text = NULL, *path = NULL, *cut = NULL;
	int r;

	r = record_read_text(lock->dir_fd, OFFLINED_RECORD, &text);
	if (r == 0)
		return 0;
	if (r > 0)
		r = offlined_from_text(text, ret);
	if (r == 0)
		return 1;
	if (r != -EBADMSG)
		return record_failed(run_dir, r, "read", trouble);
	cut = record_text(lock->dir_fd, OFFLINED_RECORD);
	if (asprintf(&path, "%s/" OFFLINED_RECORD, run_dir) < 0)
		path = NULL;
	return trouble_set(trouble, r, path ?: run_dir,
			   "the record %s of what was taken offline makes no sense: it begins with "
			   "\"%s\"; bring the memory online by hand, then remove the record",
			   path ?: "", cut ?: "");
}

/*
 * What is online is not, in whichever zone. Blocks that are not there are where all are missing: an
 * unplugged device has none.
 */
static size_t prune(struct sysfs *sysfs, struct offlined *offlined)
{
	size_t left = 0, absent = 0;

	for (size_t i = 0; i < offlined->n; i++) {
		struct memory_block now = {.state = BLOCK_OFFLINE};

		if (memory_block_read(sysfs, offlined->blocks[i].number, &now) < 0)
			now.state = BLOCK_OFFLINE; /* for all that is known */
		absent += now.state == BLOCK_ABSENT;
		if (now.state == BLOCK_OFFLINE)
			offlined->blocks[left++] = offlined->blocks[i];
	}
	return left == 0 && absent == offlined->n ? absent : left;
}

int offlined_keep_left(const struct offlined_lock *lock, struct applier *applier,
		       struct offlined *offlined, struct trouble *trouble)
{
	_cleanup_free_ char *text = NULL;
	int r;

	offlined->n = prune(applier->sysfs, offlined);
	if (offlined->n == 0)
		return offlined_remove(lock, applier->run_dir, trouble);
	text = to_text(&offlined->plan, offlined->blocks, offlined->n, offlined->state);
	r = text ? record_write_text(lock->dir_fd, OFFLINED_RECORD, text) : -ENOMEM;
	return r < 0 ? record_failed(applier->run_dir, r, "write", trouble) : 0;
}

int offlined_remove(const struct offlined_lock *lock, const char *run_dir, struct trouble *trouble)
{
	int r = record_remove(lock->dir_fd, OFFLINED_RECORD);

	return r < 0 ? record_failed(run_dir, r, "remove", trouble) : 0;
}

static void lock_freep(struct offlined_lock **lock)
{
	if (*lock)
		offlined_unlock(*lock);
	free(*lock);
}

static int lock_for_plan(struct run *run)
{
	_cleanup_(lock_freep) struct offlined_lock *lock = malloc(sizeof(*lock));
	const char *run_dir = run->applier->run_dir;
	_cleanup_close_ int dir_fd = -EBADF;
	int r;

	if (!lock)
		return -ENOMEM;
	*lock = (struct offlined_lock)OFFLINED_LOCK_INIT;
	r = run_dir_make(run_dir, &dir_fd);
	if (r < 0)
		return record_failed(run_dir, r, "write", &run->trouble);
	r = offlined_lock_existing(run_dir, lock, &run->trouble);
	if (r < 0)
		return r == -ENOENT ? record_failed(run_dir, r, "write", &run->trouble) : r;
	/* It will be written over: one that cannot be understood is for a person, and what cannot
	 * be put back now was tried before, and must not keep all other memory where it is. */
	r = put_back_restore_locked(run->applier, lock);
	if (r == -EBADMSG)
		return trouble_set(&run->trouble, r, run_dir,
				   "%s stays as it is, because the record of what an earlier plan "
				   "took offline makes no sense (%s)",
				   run->plan->device, errno_name(r));
	run->offlined = TAKE_PTR(lock);
	return 0;
}

int offlined_record(struct run *run, const struct memory_block *blocks, size_t n, const char *state,
		    char **ret_text)
{
	_cleanup_free_ char *text = NULL;
	int r = 0;

	if (!run->offlined)
		r = lock_for_plan(run);
	if (r < 0)
		return r;
	text = to_text(run->plan, blocks, n, state);
	if (!text)
		return -ENOMEM;
	r = record_write_text(run->offlined->dir_fd, OFFLINED_RECORD, text);
	if (r < 0)
		return record_failed(run->applier->run_dir, r, "write", &run->trouble);
	*ret_text = TAKE_PTR(text);
	return 0;
}

/* Of a plan that could not undo what it did. */
static int keep_left(struct run *run, struct trouble *trouble)
{
	_cleanup_(offlined_done) struct offlined offlined = {};
	char *name = run->name ? strdup(run->name) : NULL;
	int r;

	r = offlined_read(run->offlined, run->applier->run_dir, &offlined, trouble);
	if (r > 0 && name) {
		free(offlined.plan.device);
		offlined.plan.device = TAKE_PTR(name);
	}
	free(name);
	return r > 0 ? offlined_keep_left(run->offlined, run->applier, &offlined, trouble) : r;
}

void offlined_end(struct run *run, bool clean)
{
	_cleanup_(trouble_done) struct trouble trouble = {};
	int r;

	if (!run->offlined)
		return;
	r = clean ? offlined_remove(run->offlined, run->applier->run_dir, &trouble)
		  : keep_left(run, &trouble);
	if (r < 0)
		run_report(run, APPLY_UNDO_FAILED, r, trouble.message);
	offlined_unlock(run->offlined);
	free(run->offlined);
	run->offlined = NULL;
}
