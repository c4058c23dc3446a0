/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* The kernel's types, only the fields that are read.  Their offsets come from the running kernel's BTF when the program is loaded (CO-RE), so
 * this replaces a generated vmlinux.h, which is of one kernel and 2.8 MB. */
#ifndef CAREEN_KERNEL_TYPES_H
#define CAREEN_KERNEL_TYPES_H
typedef unsigned char u8; typedef unsigned short u16; typedef unsigned int u32; typedef unsigned long long u64;
typedef int s32;
typedef u8 __u8; typedef u16 __u16; typedef u32 __u32; typedef u64 __u64; typedef signed char __s8; typedef short __s16; typedef s32 __s32; typedef long long __s64;
typedef u16 __be16; typedef u32 __be32; typedef u32 __wsum;
typedef _Bool bool;
#define NULL ((void *)0)

enum bpf_map_type { BPF_MAP_TYPE_HASH = 1, BPF_MAP_TYPE_ARRAY = 2, BPF_MAP_TYPE_PERCPU_ARRAY = 6, BPF_MAP_TYPE_LRU_HASH = 9, BPF_MAP_TYPE_RINGBUF = 27 };
enum { BPF_ANY = 0, BPF_NOEXIST = 1 };
enum { BPF_RB_NO_WAKEUP = 1 };

#pragma clang attribute push(__attribute__((preserve_access_index)), apply_to = record)
struct super_block { u32 s_dev; };
struct inode { u16 i_mode; unsigned long i_ino; };
struct qstr { union { struct { u32 hash; u32 len; }; u64 hash_len; }; const unsigned char *name; };
struct hlist_bl_node { struct hlist_bl_node *next, **pprev; };
struct dentry { struct hlist_bl_node d_hash; struct dentry *d_parent; struct qstr d_name; struct inode *d_inode; struct super_block *d_sb; };
struct vfsmount;
struct path { struct vfsmount *mnt; struct dentry *dentry; };
struct file { unsigned int f_mode; struct path f_path; };
struct backing_file { struct file file; struct path user_path; };
struct filename { const char *name; };
struct linux_binprm { struct file *file; const char *filename, *interp, *fdpath; unsigned int have_execfd : 1; int execfd; };
struct ns_common { unsigned int inum; };
struct mnt_namespace { struct ns_common ns; };
struct nsproxy { struct mnt_namespace *mnt_ns; };
struct fs_struct { struct path root, pwd; };
struct kernfs_node { const char *name; };
struct cgroup_subsys_state { struct cgroup *cgroup; struct cgroup_subsys_state *parent; };
struct cgroup { struct cgroup_subsys_state self; struct kernfs_node *kn; };
struct css_set { struct cgroup_subsys_state *subsys[1]; struct cgroup *dfl_cgrp; };
struct fdtable { unsigned int max_fds; struct file **fd; };
struct files_struct { struct fdtable *fdt; };
struct mm_struct { struct file *exe_file; };
struct signal_struct { struct { int counter; } live; };
struct thread_info { u32 status; unsigned long flags; };
struct upid { int nr; };
struct pid { unsigned int level; struct upid numbers[1]; };
struct task_struct {
	struct thread_info thread_info;
	int tgid;
	struct pid *thread_pid;
	struct files_struct *files;
	struct signal_struct *signal;
	struct task_struct *real_parent;
	struct nsproxy *nsproxy;
	struct fs_struct *fs;
	struct css_set *cgroups;
	struct mm_struct *mm;
	char comm[16];
};
struct vm_area_struct { unsigned long vm_flags; struct file *vm_file; };
struct bpf_iter_meta;
struct bpf_iter__task { struct bpf_iter_meta *meta; struct task_struct *task; };
struct bpf_iter__task_vma { struct bpf_iter_meta *meta; struct task_struct *task; struct vm_area_struct *vma; };
struct bpf_iter__task_file { struct bpf_iter_meta *meta; struct task_struct *task; u32 fd; struct file *file; };
struct io_cmd_data { struct file *file; };
struct io_kiocb { struct io_cmd_data cmd; u8 opcode; };
struct io_open { int dfd; struct filename *filename; };
struct io_statx { int dfd; struct filename *filename; };
enum cgroup_subsys_id { pids_cgrp_id = 11 };
#if defined(__TARGET_ARCH_x86)
struct pt_regs { unsigned long di, si, dx, r10, r8, r9, orig_ax, ip; };
#elif defined(__TARGET_ARCH_arm64)
struct pt_regs { u64 regs[31]; u64 pc; u64 orig_x0; s32 syscallno; };
#endif
#pragma clang attribute pop

/* User-space structures: their layout is the system call ABI, nothing to relocate. */
struct user_message { u64 name; u32 name_length, pad; u64 rest[5]; };
struct user_messages { struct user_message message; u32 length, pad; };
#endif
