/* SPDX-License-Identifier: GPL-2.0-or-later */
#include "test-host.h"

#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#include "base/cleanup.h"
#include "tree.h"
#include "variant/variant.h"

#define NAME	      "org.daxtier1"
#define MANAGER_PATH  "/org/daxtier1"
#define DEVICE_PREFIX "/org/daxtier1/device"
#define WAIT_MSEC     30000
#define STEP_MSEC     20
#define MESSAGE_SIZE  (1 << 20)

const char default_policy[] = "[daemon]\nsettle = 20ms\n"
			      "[rule slow]\nmatch-kind = cxl, hmem\nmode = system-ram\n";

static void nap(void)
{
	nanosleep(&(struct timespec){.tv_nsec = STEP_MSEC * 1000000L}, NULL);
}

static void note_state(struct test_host *host, const char *path, struct json_object *properties)
{
	_cleanup_free_ char *device = NULL;
	struct json_object *state;

	if (sd_bus_path_decode(path, DEVICE_PREFIX, &device) > 0 &&
	    json_object_object_get_ex(properties, "State", &state))
		ck_assert_int_eq(
			strv_addf(&host->changes, "%s %s", device, json_object_get_string(state)),
			0);
}

/* PropertiesChanged: interface, values. */
static int on_changed(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct json_object *interface, *properties;

	if (variant_read(m, &interface) <= 0)
		return 0;
	if (variant_read(m, &properties) > 0) {
		note_state(userdata, sd_bus_message_get_path(m), properties);
		json_object_put(properties);
	}
	json_object_put(interface);
	return 0;
}

/* InterfacesAdded: path, values by interface. */
static int on_added(sd_bus_message *m, void *userdata, sd_bus_error *ret_error)
{
	struct json_object *path, *interfaces, *properties;

	if (variant_read(m, &path) <= 0)
		return 0;
	if (variant_read(m, &interfaces) > 0) {
		if (json_object_object_get_ex(interfaces, "org.daxtier1.Device", &properties))
			note_state(userdata, json_object_get_string(path), properties);
		json_object_put(interfaces);
	}
	json_object_put(path);
	return 0;
}

void test_host_put_policy(struct test_host *host, const char *policy)
{
	tree_put(host->root, "etc/daxtier.conf", policy);
}

void test_host_start(struct test_host *host, const struct fake_kernel_host *kernel,
		     const char *policy)
{
	static const struct fake_kernel_host stock;

	*host = (struct test_host){.root = tree_new()};
	fake_kernel_create(host->root, kernel ?: &stock);
	test_host_put_policy(host, policy ?: default_policy);
	tree_put(host->root, "log", "");
	/* Sets a variable of the environment, which the testbed has a thread to read. */
	private_bus_start(&host->private_bus, PRIVATE_BUS_OPEN);
	host->testbed = umockdev_testbed_new();
	ck_assert_int_ge(sd_bus_open_system(&host->bus), 0);
	ck_assert_int_ge(sd_bus_match_signal(host->bus, NULL, NULL, NULL,
					     "org.freedesktop.DBus.Properties", "PropertiesChanged",
					     on_changed, host),
			 0);
	ck_assert_int_ge(sd_bus_match_signal(host->bus, NULL, NULL, NULL,
					     "org.freedesktop.DBus.ObjectManager",
					     "InterfacesAdded", on_added, host),
			 0);
}

void test_host_assert_writes(struct test_host *host, const char *const writes[])
{
	_cleanup_free_ char *log = fake_kernel_log(host->root);
	char *line, *rest = log;
	size_t n = 0;

	while ((line = strsep(&rest, "\n")) && *line) {
		char path[256], value[64], text[400];

		ck_assert_int_eq(sscanf(line, "%*u %*d %255s %63s", path, value), 2);
		snprintf(text, sizeof(text), "%s %s", path, value);
		ck_assert_msg(writes[n] && !strcmp(writes[n], text),
			      "write %zu is \"%s\", not \"%s\"", n, text, writes[n] ?: "none");
		n++;
	}
	ck_assert_msg(!writes[n], "write %zu is missing: \"%s\"", n, writes[n]);
}

static void process_signals(struct test_host *host)
{
	while (sd_bus_process(host->bus, NULL) > 0)
		;
}

static struct json_object *objects(struct test_host *host)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct json_object *result = NULL;

	process_signals(host);
	if (sd_bus_call_method(host->bus, NAME, MANAGER_PATH, "org.freedesktop.DBus.ObjectManager",
			       "GetManagedObjects", NULL, &reply, "") < 0)
		return NULL;
	/* What was said before the answer came before it, and waits in the queue. */
	process_signals(host);
	ck_assert_int_gt(variant_read(reply, &result), 0);
	return result;
}

/*
 * Standard error goes to a file, which the test reads as the journal. The fake kernel has to come
 * first: umockdev calls the C library by itself, past whatever is preloaded after it.
 */
static const char daemon_script[] =
	"exec env LD_PRELOAD=\"" FAKE_KERNEL_PRELOAD ":$LD_PRELOAD\" FAKE_KERNEL_ROOT=\"$0\" "
	"\"$@\" 2>>\"$0/log\"";

void test_host_start_daemon(struct test_host *host)
{
	_cleanup_free_ char *root = NULL;
	struct json_object *found = NULL;

	ck_assert_int_gt(asprintf(&root, "--root=%s", host->root), 0);
	process_start(&host->daemon, (const char *[]){"sh", "-c", daemon_script, host->root,
						      DAXTIERD, root, "--debug", NULL});
	host->running = true;
	for (int msec = 0; !found; msec += STEP_MSEC) {
		found = objects(host);
		if (!found) {
			_cleanup_free_ char *log = test_host_log(host);

			ck_assert_msg(msec < WAIT_MSEC, "no daemon on the bus:\n%s", log);
			nap();
		}
	}
	json_object_put(found);
}

void test_host_end_daemon(struct test_host *host, int signal)
{
	int status = process_stop(&host->daemon, signal);
	_cleanup_free_ char *log = test_host_log(host);

	host->running = false;
	ck_assert_msg(status == (signal == SIGTERM ? 0 : 128 + signal),
		      "the daemon ended with %d:\n%s", status, log);
}

void test_host_restore(struct test_host *host)
{
	_cleanup_free_ char *root = NULL;
	struct process process;

	ck_assert_int_gt(asprintf(&root, "--root=%s", host->root), 0);
	process_start(&process, (const char *[]){"sh", "-c", daemon_script, host->root, DAXTIERD,
						 root, "--restore", NULL});
	ck_assert_int_eq(process_wait(&process), 0);
}

void test_host_stop(struct test_host *host)
{
	if (host->running)
		test_host_end_daemon(host, SIGTERM);
	sd_bus_flush_close_unref(host->bus);
	private_bus_stop(&host->private_bus);
	g_clear_object(&host->testbed);
	strv_done(&host->changes);
	host->root = tree_remove(host->root);
}

struct fake_kernel_device test_device(const char *name)
{
	unsigned region, id;

	ck_assert_int_eq(sscanf(name, "dax%u.%u", &region, &id), 2);
	return (struct fake_kernel_device){
		.name = name,
		.kind = FAKE_KERNEL_CXL,
		.ranges = {{.start = (64 + 64 * (uint64_t)region) * FAKE_KERNEL_GIB,
			    .size = FAKE_KERNEL_GIB}},
		.target_node = 1 + (int)region,
		.serials = {0xabc1 + region},
	};
}

void test_host_announce(struct test_host *host, const char *device)
{
	gchar *path = umockdev_testbed_add_device(host->testbed, "dax", device, NULL, NULL, NULL);

	ck_assert_ptr_nonnull(path);
	g_free(path);
}

void test_host_add_silently(struct test_host *host, const struct fake_kernel_device *device)
{
	_cleanup_free_ char *node = NULL;

	fake_kernel_add_device(host->root, device);
	ck_assert_int_gt(asprintf(&node, "dev/%s", device->name), 0);
	tree_put(host->root, node, "");
}

void test_host_add(struct test_host *host, const struct fake_kernel_device *device)
{
	test_host_add_silently(host, device);
	test_host_announce(host, device->name);
}

void test_host_remove(struct test_host *host, const char *device)
{
	_cleanup_free_ char *path = NULL;

	fake_kernel_remove_device(host->root, device);
	ck_assert_int_gt(asprintf(&path, "/sys/devices/%s", device), 0);
	umockdev_testbed_uevent(host->testbed, path, "remove");
	umockdev_testbed_remove_device(host->testbed, path);
}

void test_host_device_event(struct test_host *host, const char *device, const char *action)
{
	_cleanup_free_ char *path = NULL;

	ck_assert_int_gt(asprintf(&path, "/sys/devices/%s", device), 0);
	umockdev_testbed_uevent(host->testbed, path, action);
}

/* Its being added says no more than any other event of it. */
void test_host_block_event(struct test_host *host, uint64_t block, const char *action)
{
	_cleanup_free_ char *name = NULL, *path = NULL,
			    *mock = umockdev_testbed_get_root_dir(host->testbed);

	ck_assert_int_gt(asprintf(&name, "memory%llu", (unsigned long long)block), 0);
	ck_assert_int_gt(asprintf(&path, "/sys/devices/%s", name), 0);
	if (tree_has(mock, path + 1)) {
		umockdev_testbed_uevent(host->testbed, path, action);
		return;
	}
	g_free(umockdev_testbed_add_device(host->testbed, "memory", name, NULL, NULL, NULL));
}

void test_host_write(struct test_host *host, const char *path, const char *value)
{
	int r = fake_kernel_write(host->root, path, value);

	ck_assert_msg(r == 0, "\"%s\" to %s: %s", value, path, strerror(-r));
}

/* The object manager lists what is below it, not itself. */
static struct json_object *manager_properties(struct test_host *host)
{
	_cleanup_(sd_bus_message_unrefp) sd_bus_message *reply = NULL;
	struct json_object *result = NULL;

	process_signals(host);
	ck_assert_int_ge(sd_bus_call_method(host->bus, NAME, MANAGER_PATH,
					    "org.freedesktop.DBus.Properties", "GetAll", NULL,
					    &reply, "s", "org.daxtier1.Manager"),
			 0);
	ck_assert_int_gt(variant_read(reply, &result), 0);
	return result;
}

static struct json_object *device_properties(struct test_host *host, const char *device)
{
	struct json_object *all = objects(host), *object, *properties = NULL;
	_cleanup_free_ char *path = NULL;

	ck_assert_ptr_nonnull(all);
	ck_assert_int_ge(sd_bus_path_encode(DEVICE_PREFIX, device, &path), 0);
	if (json_object_object_get_ex(all, path, &object)) {
		ck_assert(json_object_object_get_ex(object, "org.daxtier1.Device", &properties));
		json_object_get(properties);
	}
	json_object_put(all);
	return properties;
}

struct json_object *test_host_get(struct test_host *host, const char *device, const char *property)
{
	struct json_object *properties, *value;

	properties = device ? device_properties(host, device) : manager_properties(host);
	if (!properties)
		return NULL;
	ck_assert_msg(json_object_object_get_ex(properties, property, &value), "no property %s",
		      property);
	json_object_get(value);
	json_object_put(properties);
	return value;
}

static char *get_text(struct test_host *host, const char *device, const char *property)
{
	struct json_object *value = test_host_get(host, device, property);
	char *text;

	if (!value)
		return NULL;
	text = strdup(json_object_get_string(value));
	ck_assert_ptr_nonnull(text);
	json_object_put(value);
	return text;
}

void test_host_assert(struct test_host *host, const char *device, const char *property,
		      const char *value)
{
	_cleanup_free_ char *text = get_text(host, device, property), *log = test_host_log(host);

	ck_assert_msg(text && !strcmp(text, value), "%s of %s is \"%s\", not \"%s\"\n%s", property,
		      device ?: "the manager", text ?: "(no object)", value, log);
}

void test_host_assert_like(struct test_host *host, const char *device, const char *property,
			   const char *part)
{
	_cleanup_free_ char *text = get_text(host, device, property), *log = test_host_log(host);

	ck_assert_msg(text && strstr(text, part), "%s of %s is \"%s\", without \"%s\"\n%s",
		      property, device ?: "the manager", text ?: "(no object)", part, log);
}

void test_host_wait(struct test_host *host, const char *device, const char *state)
{
	for (int msec = 0;; msec += STEP_MSEC) {
		_cleanup_free_ char *text = get_text(host, device, "State"), *log = NULL;

		if (text && !strcmp(text, state))
			return;
		log = test_host_log(host);
		ck_assert_msg(msec < WAIT_MSEC, "%s is \"%s\", and does not become \"%s\"\n%s",
			      device, text ?: "(no object)", state, log);
		nap();
	}
}

void test_host_wait_gone(struct test_host *host, const char *device)
{
	for (int msec = 0;; msec += STEP_MSEC) {
		_cleanup_free_ char *text = get_text(host, device, "State");

		if (!text)
			return;
		ck_assert_msg(msec < WAIT_MSEC, "%s does not leave the bus", device);
		nap();
	}
}

char *test_host_reload(struct test_host *host)
{
	_cleanup_(sd_bus_error_free) sd_bus_error error = SD_BUS_ERROR_NULL;
	char *message;

	process_signals(host);
	if (sd_bus_call_method(host->bus, NAME, MANAGER_PATH, "org.daxtier1.Manager", "Reload",
			       &error, NULL, "") >= 0)
		return NULL;
	message = strdup(error.message ?: "");
	ck_assert_ptr_nonnull(message);
	return message;
}

void test_host_assert_file(struct test_host *host, const char *path, const char *content)
{
	_cleanup_free_ char *text = tree_get(host->root, path), *log = test_host_log(host);

	ck_assert_msg(text != NULL, "no %s", path);
	text[strcspn(text, "\n")] = '\0';
	ck_assert_msg(!strcmp(text, content), "%s is \"%s\", not \"%s\"\n%s", path, text, content,
		      log);
}

char *test_host_log(struct test_host *host)
{
	char *log = tree_get(host->root, "log");

	ck_assert_ptr_nonnull(log);
	return log;
}

void test_host_assert_logged(struct test_host *host, const char *part)
{
	_cleanup_free_ char *log = test_host_log(host);

	ck_assert_msg(strstr(log, part) != NULL, "not logged: \"%s\"\n%s", part, log);
}

void test_host_ctl(struct test_host *host, struct process_result *result, const char *const argv[])
{
	process_run(result, PROCESS_OWN_UID, argv);
}

int test_host_run(SRunner *runner)
{
	int failed;

	/* A failure shows the daemon's log; of a message that is too long check says only that. */
	check_set_max_msg_size(MESSAGE_SIZE);
	srunner_run_all(runner, CK_ENV);
	failed = srunner_ntests_failed(runner);
	if (srunner_ntests_run(runner) == 0) {
		fprintf(stderr, "there is no such case\n");
		failed = 1;
	}
	srunner_free(runner);
	return failed ? EXIT_FAILURE : EXIT_SUCCESS;
}
