/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* A container that runs already: iterators, read once by the helper, let its processes in and record what each has loaded and holds open.  They take it
 * from the kernel's own objects: the text of /proc/PID/maps cannot tell a name that ends in " (deleted)" from a file that was.
 *
 * They run in the helper's context and can be preempted, unlike the tracepoints' programs, hence the scratch of their own (maps.bpf.h). */
#ifndef CAREEN_ATTACH_H
#define CAREEN_ATTACH_H

#define VM_EXEC 4
#define ANCESTORS 8

/* The container's own processes, those that were forked away from them into another mount namespace, and those that an engine's exec brought into
 * such a one: they are in its cgroup, and so is the engine's runtime for a moment, which is in the machine's namespace. */
static __always_inline int belongs(struct task_struct *task, u32 number, u32 mount_ns)
{
	struct task_struct *each = task;
	for (u32 i = 0; i < ANCESTORS; i++) {
		if (BPF_CORE_READ(each, nsproxy, mnt_ns, ns.inum) == mount_ns)
			return 1;
		each = BPF_CORE_READ(each, real_parent);
	}
	u32 *index = armed_scope(task);
	struct task_struct *here = bpf_get_current_task_btf();
	return index && *index == number && BPF_CORE_READ(task, nsproxy, mnt_ns) != BPF_CORE_READ(here, nsproxy, mnt_ns);
}

/* A process of the engine's that has joined the container and not yet become the container's program: what it does is the runtime's (runc, crun), and
 * its exec lets it in.  The parent tells that it came from outside, the file that it is none of the container's. */
#define NAMED(name, a, b, c, d) ((name)[0] == (a) && (name)[1] == (b) && (name)[2] == (c) && (name)[3] == (d))
static __always_inline int is_arriving(struct task_struct *task, struct scope *scope)
{
	char name[4] = {};
	u32 above = BPF_CORE_READ(task, real_parent, nsproxy, mnt_ns, ns.inum);
	if (above == scope->mount_ns || BPF_CORE_READ(task, tgid) == scope->root_pid)
		return 0;
	bpf_core_read(name, sizeof(name), &task->comm);
	if (!NAMED(name, 'r', 'u', 'n', 'c') && !NAMED(name, 'c', 'r', 'u', 'n'))
		return 0;
	return BPF_CORE_READ(task, mm, exe_file, f_path.dentry, d_sb, s_dev) != scope->root_dev;
}

/* Let a process in: who it is by what it executes, and where it is. */
static __always_inline void take_in(struct task_struct *task, u32 tgid, u32 who)
{
	struct dentry *program = BPF_CORE_READ(task, mm, exe_file, f_path.dentry), *cwd = BPF_CORE_READ(task, fs, pwd.dentry);
	if (program) {
		touch(who, (u64)program, KIND_EXEC);
		who |= number_executable(who, (u64)program);
	}
	struct member member = { .who = who };
	if (bpf_map_update_elem(&inside, &tgid, &member, BPF_ANY))
		bump(COUNT_INSIDE_FULL);
	if (!cwd)
		return;
	struct place place = { .dev = BPF_CORE_READ(cwd, d_sb, s_dev), .ino = BPF_CORE_READ(cwd, d_inode, i_ino) };
	touch(who, (u64)cwd, KIND_CHDIR);
	if (bpf_map_update_elem(&cwds, &tgid, &place, BPF_ANY))
		bump(COUNT_INSIDE_FULL);
}

/* Every thread, since a leader that has ended has neither namespaces nor files. */
SEC("iter/task")
int take_process(struct bpf_iter__task *context)
{
	struct task_struct *task = context->task;
	u32 number = state.attaching - 1;
	struct scope *scope = bpf_map_lookup_elem(&scopes, &number);
	if (!task || !scope || !scope->mount_ns)
		return 0;
	state.reader = current_tgid();
	u32 tgid = BPF_CORE_READ(task, tgid), who = (number + 1) << 16, mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	if (!mount_ns || bpf_map_lookup_elem(&inside, &tgid) || !belongs(task, number, scope->mount_ns))
		return 0;
	if (!scope->starts && mount_ns == scope->mount_ns && (!scope->root_pid || scope->root_pid == tgid))
		note_start(scope, who, BPF_CORE_READ(task, fs, root.dentry), mount_ns, tgid);
	if (is_arriving(task, scope))
		return 0;
	take_in(task, tgid, who);
	state.taken++;
	return 0;
}

static __always_inline u32 taken_as(struct task_struct *task)
{
	u32 tgid = BPF_CORE_READ(task, tgid);
	struct member *member = bpf_map_lookup_elem(&inside, &tgid);
	return member && scope_of(member->who) == state.attaching - 1 ? member->who : 0;
}

/* A file that is mapped, executable or not: weights and archives are read so, long after their descriptors were closed. */
SEC("iter/task_vma")
int take_mapping(struct bpf_iter__task_vma *context)
{
	struct task_struct *task = context->task;
	struct vm_area_struct *area = context->vma;
	u32 who = task && area ? taken_as(task) : 0;
	struct dentry *dentry = who ? mapped_file(area, who) : NULL;
	if (!dentry)
		return 0;
	int executable = !bpf_core_field_exists(area->vm_flags) || BPF_CORE_READ(area, vm_flags) & VM_EXEC;
	touch(who, (u64)dentry, executable ? KIND_MAP_EXEC : KIND_OPEN);
	return 0;
}

#define IS_FILE(mode) (((mode) & 0170000) == 0100000 || ((mode) & 0170000) == 0040000) /* or a directory; not a socket, a pipe, a device */

SEC("iter/task_file")
int take_file(struct bpf_iter__task_file *context)
{
	struct task_struct *task = context->task;
	struct file *file = context->file;
	u32 who = task && file ? taken_as(task) : 0;
	if (!who || !IS_FILE(BPF_CORE_READ(file, f_path.dentry, d_inode, i_mode)))
		return 0;
	touch(who, (u64)BPF_CORE_READ(file, f_path.dentry), kind_of_mode(BPF_CORE_READ(file, f_mode)));
	return 0;
}
#endif
