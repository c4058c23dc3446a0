/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The fallback where BPF is refused: a fanotify mark on the container's mounted root file system, set before its first exec.
 *
 * It sees opens and execs with the resolved path; not stat, access, readlink, names that are not there, system calls or endpoints.  A mark on
 * the *mount* would be useless: the container gets a copy of the mount, so the file system is marked.
 * Commands as in helper.c: phase, finish.  FRAME_COUNTERS holds one number: the queue's overflows, and events that could not be read. */
#ifndef CAREEN_FANOTIFY_H
#define CAREEN_FANOTIFY_H
#include <limits.h>
#include <sys/fanotify.h>
#include <sys/stat.h>
#include <time.h>

#define SEEN_SLOTS (1u << 20)
#define MAX_WRITTEN (128u << 20) /* bytes of events: as max_text in maps.bpf.h */
enum { FLAG_EXEC = 1, FLAG_DIRECTORY = 2 };

struct watcher { int output, queue; const char *id, *root; u32 phase; u64 overflows, stored, written; u64 *seen; dev_t device; };

static u64 mix(u64 hash, const char *text)
{
	for (; *text; text++)
		hash = (hash ^ (u8)*text) * 0x100000001b3ull;
	return (hash ^ 0xff) * 0x100000001b3ull;
}

/* Each distinct event is written once.  When the table is full no event is known to be old, and what is not written is lost. */
static int is_new(struct watcher *w, u64 hash)
{
	hash += !hash;
	for (u32 i = hash % SEEN_SLOTS; w->stored < SEEN_SLOTS / 2; i = (i + 1) % SEEN_SLOTS) {
		if (w->seen[i] == hash)
			return 0;
		if (!w->seen[i]) {
			w->seen[i] = hash;
			w->stored++;
			return 1;
		}
	}
	w->overflows++;
	return 0;
}

static int read_text(const char *path, char *text, size_t size)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t length = fd < 0 ? -1 : read(fd, text, size - 1);
	if (fd >= 0)
		close(fd);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

static int read_link(const char *path, char *text, size_t size)
{
	ssize_t length = readlink(path, text, size - 1);
	text[length > 0 ? length : 0] = '\0';
	return length > 0;
}

/* Whether a process's program lies on the file system that is watched: then it is the container's own, whatever it is called. */
static int is_of_container(struct watcher *w, int pid)
{
	char path[64];
	struct stat status;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	return !stat(path, &status) && status.st_dev == w->device;
}

/* The runtime joins the container's cgroup before it is the container, and reads /etc/passwd there. */
static int is_runtime_program(const char *executable)
{
	const char *base = strrchr(executable, '/');
	base = base ? base + 1 : executable;
	return !strncmp(executable, "/memfd:runc", 11) || !strcmp(base, "runc") || !strcmp(base, "crun") || !strncmp(base, "containerd-shim", 15);
}

enum whose { OUTSIDE, RUNTIME, INSIDE };

/* Whose the event is.  A process that is gone already is taken for one of the container: too much evidence removes nothing. */
static enum whose whose_event(struct watcher *w, int pid, char *executable, size_t size)
{
	char path[64], text[8192];
	snprintf(path, sizeof(path), "/proc/%d/cgroup", pid);
	executable[0] = '\0';
	if (!read_text(path, text, sizeof(text)))
		return INSIDE;
	if (!strstr(text, w->id))
		return OUTSIDE;
	snprintf(path, sizeof(path), "/proc/%d/exe", pid);
	if (!read_link(path, executable, size) || !is_runtime_program(executable) || is_of_container(w, pid))
		return INSIDE;
	executable[0] = '\0';
	return RUNTIME;
}

/* The event itself says so only where it reports file handles. */
static int is_directory(int fd)
{
	struct stat status;
	return !fstat(fd, &status) && S_ISDIR(status.st_mode);
}

static u64 monotonic_ns(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return now.tv_sec * 1000000000ull + now.tv_nsec;
}

static void report(struct watcher *w, const struct fanotify_event_metadata *event)
{
	char link[64], executable[PATH_MAX], path[PATH_MAX], *text = path;
	static char out[2 * sizeof(u32) + sizeof(u64) + 2 * PATH_MAX];
	snprintf(link, sizeof(link), "/proc/self/fd/%d", event->fd);
	enum whose whose = whose_event(w, event->pid, executable, sizeof(executable));
	/* What the runtime opens is its own set-up; what it executes on this file system is the container's first program, or that of an exec. */
	if (whose == OUTSIDE || (whose == RUNTIME && !(event->mask & FAN_OPEN_EXEC)))
		return;
	if (!read_link(link, path, sizeof(path))) { /* a path longer than PATH_MAX */
		w->overflows++;
		return;
	}
	if (!strncmp(text, w->root, strlen(w->root)) && text[strlen(w->root)] == '/')
		text += strlen(w->root);
	u32 head[2] = { (event->mask & FAN_OPEN_EXEC ? FLAG_EXEC : 0) | (is_directory(event->fd) ? FLAG_DIRECTORY : 0), w->phase };
	if (!is_new(w, mix(mix(head[0] << 1 | head[1], executable), text)))
		return;
	u64 when = monotonic_ns(); /* the event has no time: this is when it was read, a little later */
	memcpy(out, head, sizeof(head));
	memcpy(out + sizeof(head), &when, sizeof(when));
	size_t used = sizeof(head) + sizeof(when);
	memcpy(out + used, executable, strlen(executable) + 1);
	used += strlen(executable) + 1;
	memcpy(out + used, text, strlen(text) + 1);
	w->written += used + strlen(text) + 1;
	if (w->written > MAX_WRITTEN) {
		w->overflows++;
		return;
	}
	frame(w->output, FRAME_OPENED, out, used + strlen(text) + 1);
}

/* One event at a time.  Each brings a descriptor, and a process may have 1024; an event whose file the kernel cannot open for us is gone from the queue,
 * and read tells so only if no other event was read with it.  That is a loss. */
static void read_events(struct watcher *w)
{
	struct fanotify_event_metadata event;
	ssize_t length;
	while ((length = read(w->queue, &event, sizeof(event))) > 0 || (length < 0 && errno == EINTR)) {
		if (length < 0)
			continue;
		if (event.mask & FAN_Q_OVERFLOW)
			w->overflows++;
		if (event.fd < 0)
			continue;
		report(w, &event);
		close(event.fd);
	}
	if (length < 0 && errno != EAGAIN)
		w->overflows++;
	flush_output(w->output);
}

static void obey_fanotify(void *context, char *line)
{
	struct watcher *w = context;
	read_events(w); /* what came before the command belongs before it */
	if (!strcmp(line, "phase 0") || !strcmp(line, "phase 1")) {
		w->phase = line[6] - '0';
	} else if (!strcmp(line, "finish")) {
		frame(w->output, FRAME_COUNTERS, &w->overflows, sizeof(w->overflows));
		frame(w->output, FRAME_END, "", 0);
		flush_output(w->output);
	} else {
		answer(line, EINVAL);
		return;
	}
	answer(line, 0);
}

static int watch_fanotify(int output, const char *id, const char *root)
{
	struct watcher w = { .output = output, .id = id, .root = root, .seen = calloc(SEEN_SLOTS, sizeof(u64)) };
	w.queue = fanotify_init(FAN_CLASS_NOTIF | FAN_CLOEXEC | FAN_NONBLOCK | FAN_UNLIMITED_QUEUE, O_RDONLY | O_LARGEFILE | O_CLOEXEC);
	if (w.queue < 0)
		return fail("fanotify_init", errno);
	struct stat status;
	if (root && !stat(root, &status))
		w.device = status.st_dev;
	if (root && fanotify_mark(w.queue, FAN_MARK_ADD | FAN_MARK_FILESYSTEM, FAN_OPEN | FAN_OPEN_EXEC | FAN_ONDIR, AT_FDCWD, root))
		return fail("fanotify_mark", errno);
	puts("ready fanotify");
	fflush(stdout);
	for (;;) {
		struct pollfd ready[2] = { { .fd = w.queue, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN } };
		poll(ready, 2, -1);
		if (ready[0].revents)
			read_events(&w);
		if (ready[1].revents && !read_commands(obey_fanotify, &w))
			return 0;
	}
}
#endif
