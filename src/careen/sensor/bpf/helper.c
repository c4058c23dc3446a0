// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* careen-sensor: loads the kernel part and writes what it sees; the only part of careen that needs privileges.
 *
 *   careen-sensor --output FD [--names N] [--files N] [--ring BYTES] [--text BYTES] [--variant full|loader|core]
 *   careen-sensor --layout             the structs' sizes and offsets
 *   careen-sensor fanotify FD ID PATH  the fallback: see fanotify.h; PATH may be missing, to try only whether it is allowed
 *
 * Reads commands from standard input, one a line, and answers each with one line on standard output:
 *
 *   arm <64 hex>   watch the container with this id     → ok
 *   attach <pid> [<64 hex>]   watch the container that runs already: its first process, its id if it has one  → ok
 *   phase <n>      everything from now on is in phase n → ok
 *   entering <n>   but what an exec of the engine's brings in from now on, and its children, is in phase n → ok; without a number no more
 *   finish         detach, write the rest of the trace  → ok
 *   again          after finish: forget all of it and attach again, for a trace that begins where the output stands  → ok
 *   used           how full is the fullest of the maps of names, files and, as of the last look, endpoints, in thousandths  → ok <n>
 *   look           write the endpoints, the system calls and the counters as they are now, between the sights  → ok
 *   pause          write what has come and then nothing more until `forget`, so that the reader can empty the output  → ok
 *   forget         empty the maps of names, files and endpoints into the trace; what is touched again is a first sight again  → ok
 *
 * Before the first command it prints "ready <variant>" once everything is attached, or "error <what>: <errno> <text>" and exits with 1.  When
 * standard input closes it ends, and with it everything that it had attached: a careen that was killed leaves nothing in the kernel.
 * The trace goes to FD, as abi.h describes it. 
 *
 * It uses light skeletons: no libbpf, no libelf at run time. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef int s32;
#include "abi.h"
#include "output.h"
struct state { u32 phase, last_executable, attaching, taken, reader, entering, entered; };
#include "sensor_full.lskel.h"
#include "sensor_loader.lskel.h"
#include "sensor_core.lskel.h"

#define PROGRAMS 64

struct sizes { u32 names, files, ring, text; };
struct sensor {
	int names, files, endpoints, armed, attached, inside, scopes, counters, ring, executables, cwds, asked;
	int idle; /* nothing is attached */
	int paused;
	int (*attach_programs)(struct sensor *);
	int take[3], took; /* the iterators' programs, and whether they were used */
	u32 ring_size, program_count;
	struct state *state;
	u64 *sent_text;
	u64 missed[PROGRAMS]; /* before this trace, by program: the kernel counts on */
	int *programs, *links;
	const char *variant;
	void *skeleton;
	volatile u64 *consumed;
	const char *produced;
	u32 armed_count, max_names, max_files, max_endpoints, sent_names, sent_files, seen_endpoints; /* the last: at the last look */
	int output;
};

#define GLUE_TEXT2(x) #x
#define GLUE_TEXT(x) GLUE_TEXT2(x)
#define VARIANT full
#define SKELETON sensor_full
#include "variant.inc.h"
#define VARIANT loader
#define SKELETON sensor_loader
#include "variant.inc.h"
#define VARIANT core
#define SKELETON sensor_core
#include "variant.inc.h"

static long bpf(int command, union bpf_attr *attr) { return syscall(SYS_bpf, command, attr, sizeof(*attr)); }

/* ---- the ring buffer ---- */

static int map_ring(struct sensor *s)
{
	size_t page = sysconf(_SC_PAGESIZE);
	s->consumed = mmap(NULL, page, PROT_READ | PROT_WRITE, MAP_SHARED, s->ring, 0);
	s->produced = mmap(NULL, page + 2ul * s->ring_size, PROT_READ, MAP_SHARED, s->ring, page);
	return s->consumed == MAP_FAILED || s->produced == MAP_FAILED ? -1 : 0;
}

#define INITIAL_PID_NAMESPACE 0xEFFFFFFCu /* the kernel's fixed number of it */

/* The number of a process's namespace of this kind, 0 (and errno) if it cannot be told. */
static u32 namespace_of(u32 pid, const char *kind)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof(path), "/proc/%u/ns/%s", pid, kind);
	return stat(path, &status) ? 0 : status.st_ino;
}

/* The number that a container's process has here. In a PID namespace of careen's own (a node that is a container itself) the kernel's number is none, or
 * that of another process: any process with the same mounts will do. 0 if there is none. */
static u32 number_here(u32 pid, u32 mount_ns)
{
	if (namespace_of(getpid(), "pid") == INITIAL_PID_NAMESPACE)
		return pid;
	DIR *processes = opendir("/proc");
	u32 found = 0;
	for (struct dirent *each; processes && !found && (each = readdir(processes));) {
		u32 number = strtoul(each->d_name, NULL, 10);
		found = number && namespace_of(number, "mnt") == mount_ns ? number : 0;
	}
	if (processes)
		closedir(processes);
	return found;
}

/* The mounts of a container that has just started say where a path on another file system lies in it.  The process may be gone already, or
 * not be visible from here: then there is no such frame. */
static void write_mounts(struct sensor *s, u32 pid, u32 mount_ns)
{
	char path[64];
	static char text[1 << 18];
	snprintf(path, sizeof(path), "/proc/%u/mountinfo", number_here(pid, mount_ns));
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return;
	memcpy(text, &pid, sizeof(pid));
	size_t used = sizeof(pid);
	ssize_t got;
	while (used < sizeof(text) && (got = read(fd, text + used, sizeof(text) - used)) > 0)
		used += got;
	close(fd);
	frame(s->output, FRAME_MOUNTS, text, used);
}

static int consume(struct sensor *s)
{
	const char *data = s->produced + sysconf(_SC_PAGESIZE);
	u64 end = __atomic_load_n((const u64 *)s->produced, __ATOMIC_ACQUIRE), at = *s->consumed;
	int count = 0;
	while (at < end) {
		const u32 *head = (const void *)(data + (at & (s->ring_size - 1)));
		u32 length = __atomic_load_n(head, __ATOMIC_ACQUIRE);
		if (length & BPF_RINGBUF_BUSY_BIT)
			break;
		const struct sight *sight = (const void *)(head + 2);
		u32 size = length & ~(BPF_RINGBUF_BUSY_BIT | BPF_RINGBUF_DISCARD_BIT);
		if (!(length & BPF_RINGBUF_DISCARD_BIT)) {
			frame(s->output, FRAME_SIGHT, sight, size);
			s->sent_names += sight->type == SIGHT_NAME; /* each is a new key of its map */
			s->sent_files += sight->type == SIGHT_FILE;
			if (sight->type == SIGHT_START)
				write_mounts(s, sight->pid, sight->name.directory);
			count++;
		}
		at += (size + BPF_RINGBUF_HDR_SZ + 7) & ~7ul;
		__atomic_store_n(s->consumed, at, __ATOMIC_RELEASE);
	}
	flush_output(s->output);
	return count;
}

/* ---- the maps, at the end or on the way ---- */

#define BATCH 4096

/* What is in a map becomes frames of this type, if any; `command` says whether it stays there. */
static int read_map(struct sensor *s, int map, u32 type, int command)
{
	struct bpf_map_info info = {};
	union bpf_attr asking = { .info = { .bpf_fd = map, .info_len = sizeof(info), .info = (unsigned long)&info } };
	if (bpf(BPF_OBJ_GET_INFO_BY_FD, &asking))
		return errno;
	u32 key_size = info.key_size, value_size = info.value_size;
	char *keys = malloc((size_t)key_size * BATCH), *values = malloc((size_t)value_size * BATCH), *rows = malloc((size_t)(key_size + value_size) * BATCH);
	u32 from = 0, next = 0;
	int error = 0;
	for (int first = 1; !error; first = 0) {
		union bpf_attr attr = { .batch = { .in_batch = first ? 0 : (u64)(unsigned long)&from, .out_batch = (unsigned long)&next,
			.keys = (unsigned long)keys, .values = (unsigned long)values, .count = BATCH, .map_fd = map } };
		if (bpf(command, &attr))
			error = errno;
		if (error && error != ENOENT)
			break;
		for (u32 i = 0; type && i < attr.batch.count; i++) {
			char *row = rows + (size_t)i * (key_size + value_size);
			memcpy(row, keys + (size_t)i * key_size, key_size);
			memcpy(row + key_size, values + (size_t)i * value_size, value_size);
		}
		if (type && attr.batch.count)
			frame(s->output, type, rows, attr.batch.count * (key_size + value_size));
		if (type == FRAME_ENDPOINTS)
			s->seen_endpoints += attr.batch.count;
		from = next;
	}
	free(keys);
	free(values);
	free(rows);
	return error == ENOENT ? 0 : error;
}

static int drain_map(struct sensor *s, int map, u32 type) { return read_map(s, map, type, BPF_MAP_LOOKUP_AND_DELETE_BATCH); }

static int lookup(int map, const void *key, void *value)
{
	union bpf_attr attr = { .map_fd = map, .key = (unsigned long)key, .value = (unsigned long)value };
	return bpf(BPF_MAP_LOOKUP_ELEM, &attr) ? errno : 0;
}

static int dump_syscalls(struct sensor *s)
{
	static struct scope scope;
	static struct { u32 index; u8 seen[PHASES][SYSCALLS]; } out;
	for (u32 i = 0; i < s->armed_count; i++) {
		int error = lookup(s->scopes, &i, &scope);
		if (error)
			return error;
		out.index = i;
		memcpy(out.seen, scope.seen, sizeof(out.seen));
		frame(s->output, FRAME_SYSCALLS, &out, sizeof(out));
	}
	return 0;
}

/* The highest possible CPU, from "0-3" or "0-1,4-7". */
static u32 possible_cpus(void)
{
	char text[256] = "";
	int fd = open("/sys/devices/system/cpu/possible", O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? 0 : read(fd, text, sizeof(text) - 1);
	if (fd >= 0)
		close(fd);
	u32 last = 0;
	for (char *at = text; at < text + length; at++)
		if (*at >= '0' && *at <= '9')
			last = strtoul(at, &at, 10);
	return last + 1;
}

static int dump_counters(struct sensor *s)
{
	u32 cpus = possible_cpus();
	u64 *values = calloc(cpus, sizeof(u64)), sums[COUNTERS] = {};
	for (u32 i = 0; i < COUNTERS; i++) {
		int error = lookup(s->counters, &i, values);
		if (error)
			return error;
		for (u32 cpu = 0; cpu < cpus; cpu++)
			sums[i] += values[cpu];
	}
	free(values);
	frame(s->output, FRAME_COUNTERS, sums, sizeof(sums));
	return 0;
}

/* The iterators' programs are always loaded, and part of the sensor only where they were used. */
static int is_idle(struct sensor *s, int program)
{
	for (u32 i = 0; i < sizeof(s->take) / sizeof(*s->take); i++)
		if (s->take[i] == program)
			return !s->took;
	return 0;
}

static int dump_programs(struct sensor *s)
{
	for (u32 i = 0; i < s->program_count; i++) {
		struct bpf_prog_info info = {};
		union bpf_attr attr = { .info = { .bpf_fd = s->programs[i], .info_len = sizeof(info), .info = (unsigned long)&info } };
		if (bpf(BPF_OBJ_GET_INFO_BY_FD, &attr))
			return errno;
		struct { u64 misses; char name[BPF_OBJ_NAME_LEN]; } out = { info.recursion_misses - s->missed[i], "" };
		s->missed[i] = info.recursion_misses;
		if (is_idle(s, s->programs[i]))
			continue;
		memcpy(out.name, info.name, sizeof(out.name));
		frame(s->output, FRAME_PROGRAM, &out, sizeof(out));
	}
	return 0;
}

static void detach(struct sensor *s)
{
	for (u32 i = 0; i < s->program_count; i++) {
		if (s->links[i] > 0)
			close(s->links[i]);
		s->links[i] = 0;
	}
	s->idle = 1;
}

static int finish(struct sensor *s)
{
	detach(s);
	usleep(20000); /* programs that were running when they were detached come to their end (one RCU period) */
	consume(s);
	int error = drain_map(s, s->names, FRAME_NAMES);
	error = error ? error : drain_map(s, s->files, FRAME_FILES);
	error = error ? error : drain_map(s, s->endpoints, FRAME_ENDPOINTS);
	error = error ? error : dump_syscalls(s);
	error = error ? error : dump_counters(s);
	error = error ? error : dump_programs(s);
	if (!error)
		frame(s->output, FRAME_END, "", 0);
	flush_output(s->output);
	return error;
}

static int look(struct sensor *s)
{
	s->seen_endpoints = 0;
	int error = read_map(s, s->endpoints, FRAME_ENDPOINTS, BPF_MAP_LOOKUP_BATCH);
	error = error ? error : dump_syscalls(s);
	error = error ? error : dump_counters(s);
	flush_output(s->output);
	return error;
}

static int pause_output(struct sensor *s)
{
	consume(s);
	s->paused = 1;
	return 0;
}

/* The programs go on meanwhile: a name that is deleted between its first sight and its second is sent twice. */
static int forget(struct sensor *s)
{
	*s->sent_text = 0;
	s->sent_names = s->sent_files = s->paused = 0;
	int error = drain_map(s, s->names, FRAME_NAMES);
	error = error ? error : drain_map(s, s->files, FRAME_FILES);
	error = error ? error : drain_map(s, s->endpoints, FRAME_ENDPOINTS);
	s->seen_endpoints = 0;
	flush_output(s->output);
	return error;
}

static int put_value(int map, const void *key, const void *value)
{
	union bpf_attr attr = { .map_fd = map, .key = (unsigned long)key, .value = (unsigned long)value };
	return bpf(BPF_MAP_UPDATE_ELEM, &attr) ? errno : 0;
}

static int clear_arrays(struct sensor *s)
{
	static const struct scope scope;
	u64 *zeros = calloc(possible_cpus(), sizeof(u64));
	int error = 0;
	for (u32 i = 0; !error && i < s->armed_count; i++)
		error = put_value(s->scopes, &i, &scope);
	for (u32 i = 0; !error && i < COUNTERS; i++)
		error = put_value(s->counters, &i, zeros);
	free(zeros);
	return error;
}

/* Loading takes more than a tenth of a second, half of it the verifier's; what was loaded can watch the next container.  The maps that `finish` writes
 * are empty by then. */
static int again(struct sensor *s)
{
	if (!s->idle)
		return EINVAL;
	int error = clear_arrays(s);
	error = error ? error : drain_map(s, s->executables, 0);
	error = error ? error : drain_map(s, s->inside, 0);
	error = error ? error : drain_map(s, s->cwds, 0);
	error = error ? error : drain_map(s, s->asked, 0);
	error = error ? error : drain_map(s, s->armed, 0);
	error = error ? error : drain_map(s, s->attached, 0);
	if (error)
		return error;
	memset(s->state, 0, sizeof(*s->state));
	*s->sent_text = 0;
	s->took = s->armed_count = s->sent_names = s->sent_files = s->seen_endpoints = s->paused = 0;
	error = s->attach_programs(s);
	s->idle = error < 0;
	return error < 0 ? -error : 0;
}

#include "running.h"

/* ---- commands ---- */

static int arm(struct sensor *s, const char *id)
{
	struct container_id key;
	u32 index = s->armed_count;
	if (strlen(id) != ID_LENGTH)
		return EINVAL;
	if (index == SCOPES)
		return ENOSPC;
	memcpy(key.hex, id, ID_LENGTH);
	union bpf_attr attr = { .map_fd = s->armed, .key = (unsigned long)&key, .value = (unsigned long)&index };
	if (bpf(BPF_MAP_UPDATE_ELEM, &attr))
		return errno;
	s->armed_count++;
	return 0;
}

static int set_phase(struct sensor *s, const char *text)
{
	u32 phase = strtoul(text, NULL, 10);
	if (phase >= PHASES)
		return EINVAL;
	__atomic_store_n(&s->state->phase, phase, __ATOMIC_RELEASE);
	return 0;
}

static int set_entering(struct sensor *s, const char *text)
{
	u32 phase = *text ? strtoul(text, NULL, 10) + 1 : 0;
	if (phase > PHASES)
		return EINVAL;
	__atomic_store_n(&s->state->entering, phase, __ATOMIC_RELEASE);
	return 0;
}

static void answer_used(struct sensor *s)
{
	u64 most = s->sent_names * 1000ull / s->max_names, files = s->sent_files * 1000ull / s->max_files, ends = s->seen_endpoints * 1000ull / s->max_endpoints;
	most = files > most ? files : most;
	printf("ok %llu\n", ends > most ? ends : most);
	fflush(stdout);
}

static void obey(void *context, char *line)
{
	struct sensor *s = context;
	if (!strncmp(line, "arm ", 4))
		answer("arm", arm(s, line + 4));
	else if (!strncmp(line, "attach ", 7))
		answer("attach", attach(s, line + 7));
	else if (!strncmp(line, "phase ", 6))
		answer("phase", set_phase(s, line + 6));
	else if (!strncmp(line, "entering", 8))
		answer("entering", set_entering(s, line + 8));
	else if (!strcmp(line, "finish"))
		answer("finish", finish(s));
	else if (!strcmp(line, "again"))
		answer("again", again(s));
	else if (!strcmp(line, "used"))
		answer_used(s);
	else if (!strcmp(line, "look"))
		answer("look", look(s));
	else if (!strcmp(line, "pause"))
		answer("pause", pause_output(s));
	else if (!strcmp(line, "forget"))
		answer("forget", forget(s));
	else
		answer(line, EINVAL);
}

/* A new key costs about 200 bytes and two processes make at most half a million a second: 32 MiB last for 300 ms. */
static void serve(struct sensor *s)
{
	for (int busy = 1;;) {
		struct pollfd input = { .fd = STDIN_FILENO, .events = POLLIN };
		int ready = poll(&input, 1, s->idle || s->paused ? -1 : busy ? 5 : 25);
		busy = !s->paused && consume(s) > 0;
		if (ready > 0 && !read_commands(obey, s))
			return;
	}
}

/* ---- start ---- */

static int load(struct sensor *s, const struct sizes *sizes, const char *only)
{
	static const struct { int (*open)(struct sensor *, const struct sizes *); int (*attach)(struct sensor *); const char *name; } variants[] = {
		{ open_full, attach_full, "full" }, { open_loader, attach_loader, "loader" }, { open_core, attach_core, "core" },
	};
	int error = -EINVAL, output = s->output;
	for (u32 i = 0; i < sizeof(variants) / sizeof(*variants); i++) {
		if (only && strcmp(only, variants[i].name))
			continue;
		error = variants[i].open(s, sizes);
		if (error == -EPERM)
			break;
		if (error)
			continue;
		s->output = output;
		s->attach_programs = variants[i].attach;
		error = s->program_count > PROGRAMS ? -E2BIG : variants[i].attach(s);
		if (error >= 0)
			return 0;
	}
	return fail("load", -error);
}

#define SIZE(type) printf("%s %zu\n", #type, sizeof(struct type))
#define FIELD(type, field) printf("%s.%s %zu\n", #type, #field, offsetof(struct type, field))
static int layout(void)
{
	SIZE(file_key); FIELD(file_key, ino); FIELD(file_key, parent_ino); FIELD(file_key, name);
	SIZE(name_key); FIELD(name_key, directory); FIELD(name_key, hash1); FIELD(name_key, kind); FIELD(name_key, error);
	SIZE(endpoint_key); FIELD(endpoint_key, family); FIELD(endpoint_key, port); FIELD(endpoint_key, direction); FIELD(endpoint_key, length); FIELD(endpoint_key, address);
	SIZE(tally); FIELD(tally, count); FIELD(tally, seen);
	SIZE(file_tally); FIELD(file_tally, count); FIELD(file_tally, seen);
	SIZE(sight); FIELD(sight, file); FIELD(sight, name); FIELD(sight, when_ns); FIELD(sight, mode); FIELD(sight, pid); FIELD(sight, given_length);
	FIELD(sight, reached_length); FIELD(sight, base_length); FIELD(sight, unhashed);
	SIZE(scope); FIELD(scope, seen);
	printf("PHASES %d\nSYSCALLS %d\nKINDS %d\nCOUNTERS %d\n", PHASES, SYSCALLS, KINDS, COUNTERS);
	return 0;
}

static u32 number(const char *text)
{
	u32 value = strtoul(text, NULL, 10);
	if (!value)
		exit(fail("not a number above 0", EINVAL));
	return value;
}

#include "fanotify.h"

int main(int argc, char **argv)
{
	struct sizes sizes = { .names = 512 << 10, .files = 128 << 10, .ring = 32 << 20, .text = 128 << 20 };
	struct sensor sensor = { .output = -1 };
	const char *variant = NULL; /* the first that this kernel takes */
	if (argc == 2 && !strcmp(argv[1], "--layout"))
		return layout();
	if (argc >= 4 && !strcmp(argv[1], "fanotify"))
		return watch_fanotify(number(argv[2]), argv[3], argc > 4 ? argv[4] : NULL);
	for (int i = 1; i + 1 < argc; i += 2) {
		if (!strcmp(argv[i], "--output")) sensor.output = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--names")) sizes.names = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--files")) sizes.files = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--ring")) sizes.ring = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--text")) sizes.text = number(argv[i + 1]);
		else if (!strcmp(argv[i], "--variant")) variant = argv[i + 1];
		else return fail(argv[i], EINVAL);
	}
	if (sensor.output < 0)
		return fail("--output FD is missing", EINVAL);
	if (load(&sensor, &sizes, variant))
		return 1;
	if (map_ring(&sensor))
		return fail("map the ring buffer", errno);
	printf("ready %s\n", sensor.variant);
	fflush(stdout);
	serve(&sensor);
	return 0;
}
