/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Attaching to a container that runs already: its scope is filled in, then the iterators of attach.bpf.h are read, each to its end. */
#ifndef CAREEN_RUNNING_H
#define CAREEN_RUNNING_H
#include <sys/utsname.h>

enum { TAKE_PROCESS, TAKE_MAPPING, TAKE_FILE };
#define ROUNDS 16

/* Read an iterator to its end: of the threads of one process, or with 0 of all that there are. */
static int iterate(int program, u32 pid)
{
	union bpf_iter_link_info only = { .task = { .pid = pid } };
	union bpf_attr link = { .link_create = { .prog_fd = program, .attach_type = BPF_TRACE_ITER, .iter_info = pid ? (unsigned long)&only : 0, .iter_info_len = pid ? sizeof(only) : 0 } };
	int link_fd = bpf(BPF_LINK_CREATE, &link), error = 0;
	if (link_fd < 0)
		return errno;
	union bpf_attr create = { .iter_create = { .link_fd = link_fd } };
	int fd = bpf(BPF_ITER_CREATE, &create);
	char nothing[64];
	if (fd < 0)
		error = errno;
	for (ssize_t got = 1; !error && got;)
		if ((got = read(fd, nothing, sizeof(nothing))) < 0 && errno != EAGAIN && errno != EINTR) /* EAGAIN: a million things passed over, go on */
			error = errno;
	if (fd >= 0)
		close(fd);
	close(link_fd);
	return error;
}

/* From 6.1 on an iterator can be told its process: others are then left in peace, and one that hangs with its address space locked is not waited for. */
static int can_choose(void)
{
	struct utsname name;
	u32 major = 0, minor = 0;
	return !uname(&name) && sscanf(name.release, "%u.%u", &major, &minor) == 2 && (major > 6 || (major == 6 && minor >= 1));
}

static int iterate_inside(struct sensor *s, int program)
{
	u32 key, next;
	union bpf_attr attr = { .map_fd = s->inside, .next_key = (unsigned long)&next };
	char path[32];
	if (!can_choose() || namespace_of(getpid(), "pid") != INITIAL_PID_NAMESPACE)
		return iterate(program, 0);
	while (!bpf(BPF_MAP_GET_NEXT_KEY, &attr)) {
		int error = iterate(program, next);
		snprintf(path, sizeof(path), "/proc/%u", next);
		if (error && !access(path, F_OK))
			return error;
		consume(s);
		key = next;
		attr.key = (unsigned long)&key;
	}
	return 0;
}

/* Let all processes in. One that is forked meanwhile by a process that is not yet in is found by the next round. */
static int take_processes(struct sensor *s)
{
	s->state->taken = 0;
	for (u32 round = 0, before = 0; round < ROUNDS; round++) {
		int error = iterate(s->take[TAKE_PROCESS], 0);
		consume(s);
		if (error)
			return error;
		if (s->state->taken == before)
			break;
		before = s->state->taken;
	}
	return s->state->taken ? 0 : ESRCH;
}

static int take_running(struct sensor *s, u32 pid, const char *id)
{
	static struct scope scope;
	u32 index = s->armed_count, here = namespace_of(getpid(), "mnt"), machine = namespace_of(1, "mnt");
	memset(&scope, 0, sizeof(scope));
	if (index == SCOPES)
		return ENOSPC;
	if (*id && strlen(id) != ID_LENGTH)
		return EINVAL;
	if (!(scope.mount_ns = namespace_of(pid, "mnt")))
		return errno;
	if (scope.mount_ns == here || scope.mount_ns == machine) /* else all that runs on this machine would be of the container */
		return EXDEV;
	if (namespace_of(getpid(), "pid") == INITIAL_PID_NAMESPACE)
		scope.root_pid = pid;
	int error = put_value(s->scopes, &index, &scope);
	error = error ? error : put_value(s->attached, &scope.mount_ns, &index);
	error = error || !*id ? error : put_value(s->armed, id, &index);
	if (error)
		return error;
	s->armed_count++;
	s->state->attaching = index + 1;
	error = take_processes(s);
	error = error ? error : iterate_inside(s, s->take[TAKE_MAPPING]);
	error = error ? error : iterate_inside(s, s->take[TAKE_FILE]);
	consume(s);
	s->state->attaching = 0;
	s->took = 1;
	return error;
}

/* "PID" or "PID 64-hex" */
static int attach(struct sensor *s, const char *words)
{
	char *rest;
	u32 pid = strtoul(words, &rest, 10);
	if (!pid || (*rest && *rest != ' '))
		return EINVAL;
	return take_running(s, pid, *rest ? rest + 1 : rest);
}
#endif
