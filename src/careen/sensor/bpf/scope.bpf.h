/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Which processes are watched: a container is armed by its id before it starts, and its processes come in at their exec or by fork. */
#ifndef CAREEN_SCOPE_H
#define CAREEN_SCOPE_H

/* The container id is in the cgroup's name: "<64 hex>" (docker, cgroupfs), "libpod-<64 hex>" (podman, cgroupfs) or
 * "<prefix>-<64 hex>.scope" (systemd driver).  Compared at fixed offsets from the end: a loop over the prefix costs the verifier a million states. */
static __noinline u32 *armed_by_name(struct cgroup *cgroup)
{
	struct container_id id;
	char text[96];
	u32 *index;
	const char *name = BPF_CORE_READ(cgroup, kn, name);
	long length = bpf_probe_read_kernel_str(text, sizeof(text), name) - 1;
	if (length < ID_LENGTH)
		return NULL;
	if (!bpf_probe_read_kernel(id.hex, ID_LENGTH, name + length - ID_LENGTH) && (index = bpf_map_lookup_elem(&armed, &id)))
		return index;
	if (length < ID_LENGTH + 6)
		return NULL;
	if (!bpf_probe_read_kernel(id.hex, ID_LENGTH, name + length - ID_LENGTH - 6) && (index = bpf_map_lookup_elem(&armed, &id)))
		return index;
	return NULL;
}

/* On cgroup v2 with systemd, crun puts the container's processes into a group `container` below the one that is named by the id. */
static __noinline u32 *armed_by_names(struct cgroup *cgroup)
{
	u32 *index = armed_by_name(cgroup);
	if (index)
		return index;
	struct cgroup *above = BPF_CORE_READ(cgroup, self.parent, cgroup);
	return above ? armed_by_name(above) : NULL;
}

/* cgroup v2 is the default hierarchy; on v1 and hybrid hosts every runtime uses the pids controller. */
static __always_inline u32 *armed_scope(struct task_struct *task)
{
	struct css_set *set = BPF_CORE_READ(task, cgroups);
	u32 *index = armed_by_names(BPF_CORE_READ(set, dfl_cgrp));
	if (index || !bpf_core_enum_value_exists(enum cgroup_subsys_id, pids_cgrp_id))
		return index;
	struct cgroup_subsys_state *state = NULL;
	u64 slot = bpf_core_field_offset(struct css_set, subsys) + bpf_core_enum_value(enum cgroup_subsys_id, pids_cgrp_id) * sizeof(void *);
	bpf_probe_read_kernel(&state, sizeof(state), (void *)set + slot);
	return state ? armed_by_names(BPF_CORE_READ(state, cgroup)) : NULL;
}

/* The runtime enters the container's cgroup before it is the container: its own re-exec, OCI hooks and helpers all have the mount
 * namespace or the root directory of their parent.  The container's first exec has neither. */
static __always_inline int is_runtime(struct task_struct *task, struct dentry *root)
{
	struct task_struct *parent = BPF_CORE_READ(task, real_parent);
	return BPF_CORE_READ(parent, nsproxy, mnt_ns) == BPF_CORE_READ(task, nsproxy, mnt_ns) || BPF_CORE_READ(parent, fs, root.dentry) == root;
}

/* A health check that joins the container while its first process ends would look like a restart, but for its number: only the first process is 1 in a
 * process namespace of the container's own.  In the host's namespace nothing tells. */
static __always_inline int may_be_first(struct task_struct *task)
{
	struct pid *pid = BPF_CORE_READ(task, thread_pid);
	u32 level = BPF_CORE_READ(pid, level);
	int number = 1;
	if (level)
		bpf_probe_read_kernel(&number, sizeof(number), (void *)pid + bpf_core_field_offset(struct pid, numbers) +
				      level * bpf_core_type_size(struct upid) + bpf_core_field_offset(struct upid, nr));
	return number == 1;
}

static __always_inline void send_start(u32 who, struct dentry *root, u32 mount_ns, u32 tgid)
{
	struct scratch *s = scratch();
	if (!s)
		return;
	struct sight *sight = begin(s, SIGHT_START, who);
	describe(sight, root);
	sight->name.directory = mount_ns;
	sight->pid = tgid;
	sight->reached_length = walk_up((u64)root, 0) & 4095; /* not empty: the root is a plain directory, and this is the prefix to strip */
	send(s, sight->reached_length, COUNT_INSIDE_FULL);
}

/* A start, or a restart: a new mount namespace and, under docker, a new overlay. */
static __always_inline void note_start(struct scope *scope, u32 who, struct dentry *root, u32 mount_ns, u32 tgid)
{
	scope->mount_ns = mount_ns;
	scope->root_dev = BPF_CORE_READ(root, d_sb, s_dev);
	scope->root_ino = BPF_CORE_READ(root, d_inode, i_ino);
	scope->started_ns = bpf_ktime_get_ns();
	scope->root_pid = tgid;
	scope->starts++;
	send_start(who, root, mount_ns, tgid);
}

/* The container's first process has ended.  A restart may get the same number for its mount namespace, so the number must not outlive it. */
static __always_inline void note_end(u32 who, u32 tgid)
{
	u32 index = scope_of(who);
	struct scope *scope = bpf_map_lookup_elem(&scopes, &index);
	if (scope && scope->root_pid == tgid) {
		u32 mount_ns = scope->mount_ns;
		bpf_map_delete_elem(&attached, &mount_ns);
		scope->mount_ns = 0;
	}
}

static __always_inline void become(u32 who, u32 phase)
{
	u32 tgid = current_tgid();
	struct member member = { .who = who, .phase = phase };
	if (bpf_map_update_elem(&inside, &tgid, &member, BPF_ANY))
		bump(COUNT_INSIDE_FULL);
}

/* An exec of the engine's has brought a process into a container that runs.  What it does next, its own exec first, may have a phase of its own. */
static __always_inline void note_entering(u32 who)
{
	u32 phase = *(volatile u32 *)&state.entering;
	if (!phase)
		return;
	state.entered = 1;
	become(who, phase);
}

/* At an exec of a process that is not watched: is it the one that leaves the container runtime?  Returns who it is, or 0. */
__noinline u32 enter(void)
{
	struct task_struct *task = bpf_get_current_task_btf();
	u32 mount_ns = BPF_CORE_READ(task, nsproxy, mnt_ns, ns.inum);
	u32 *index = armed_scope(task);
	if (!index) /* not by a name that was armed: an exec into the namespace of a container whose cgroup has another */
		index = bpf_map_lookup_elem(&attached, &mount_ns);
	if (!index)
		return 0;
	u32 number = *index, who = (number + 1) << 16;
	struct scope *scope = bpf_map_lookup_elem(&scopes, &number);
	if (!scope)
		return 0;
	struct dentry *root = BPF_CORE_READ(task, fs, root.dentry);
	if (scope->mount_ns != mount_ns) {
		if (is_runtime(task, root) || !may_be_first(task))
			return 0;
		note_start(scope, who, root, mount_ns, current_tgid());
	} else {
		note_entering(who);
	}
	return who;
}

/* Number the executable within its scope, so that every key can name it in 16 bits. */
__noinline u32 number_executable(u32 who, u64 address)
{
	struct dentry *dentry = dentry_at(address);
	struct file_key key = { .who = who & 0xffff0000 };
	identify(dentry, &key);
	u32 *known = bpf_map_lookup_elem(&executables, &key);
	if (known)
		return *known;
	u32 fresh = __sync_fetch_and_add(&state.last_executable, 1) + 1;
	if (fresh > 0xffff || bpf_map_update_elem(&executables, &key, &fresh, BPF_ANY)) {
		bump(COUNT_EXECUTABLES_FULL);
		return 0;
	}
	struct scratch *s = scratch();
	if (!s)
		return 0;
	struct sight *sight = begin(s, SIGHT_EXECUTABLE, key.who | fresh);
	describe(sight, dentry);
	sight->reached_length = walk_up(address, 0) & 4095;
	if (send(s, sight->reached_length, COUNT_EXECUTABLES_FULL))
		bpf_map_delete_elem(&executables, &key);
	return fresh;
}
#endif
