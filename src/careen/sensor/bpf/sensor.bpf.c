// SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0
/* The kernel part: tracepoints only (raw_syscalls, sched), so it loads where kprobes and trampolines are refused.
 *
 * A light skeleton loads all or nothing, so the programs that not every kernel has are compiled in or out: WITH_LOADER (on_loader,
 * bpf_find_vma) and WITH_URING (the io_uring_submit_req tracepoint). */
#include "kernel_types.h"
#include "abi.h"
#include <bpf/bpf_helpers.h>
#include <bpf/bpf_tracing.h>
#include <bpf/bpf_core_read.h>
#include "arch.h"
#include "maps.bpf.h"
#include "paths.bpf.h"
#include "record.bpf.h"
#include "scope.bpf.h"
#include "endpoints.bpf.h"

char LICENSE[] SEC("license") = "GPL"; /* what the kernel checks before it offers its tracing helpers */

#define FMODE_READ 1
#define FMODE_WRITE 2
#define FMODE_PATH 0x4000
#define FMODE_CREATED 0x100000 /* this open made the file (4.19) */
#define O_ACCMODE 3
#define O_PATH 010000000
#define PROT_EXEC 4
#define EPERM_ 1
#define ENOSYS_ 38
#define RETURNED_FROM_SIGNAL -1ULL /* rt_sigreturn restores all registers, and the number is gone */

static __always_inline void see_call(u32 who, u32 number)
{
	u32 index = scope_of(who);
	struct scope *scope = bpf_map_lookup_elem(&scopes, &index);
	if (!scope)
		return;
	u8 *seen = &scope->seen[current_phase()][number & (SYSCALLS - 1)];
	if (!*seen)
		*seen = 1;
}

/* The script or the program, as it was called, and what runs it.  Who did it is the program that called execve. */
static __always_inline void record_exec(u32 who, struct linux_binprm *program, struct dentry *file, struct dentry *guest)
{
	const char *called = BPF_CORE_READ(program, filename), *interpreter = BPF_CORE_READ(program, interp);
	struct query q = { .text = (u64)called, .dfd = AT_FDCWD, .who = who, .kind = KIND_EXEC };
	if (interpreter == called)
		q.reached = (u64)file; /* not so for a script: there the file is the interpreter's */
	name(&q);
	if (interpreter != called) {
		q.text = (u64)interpreter;
		q.reached = (u64)file;
		name(&q);
	}
	touch(who, (u64)(guest ? guest : file), KIND_EXEC);
}

/* What a handler of binfmt_misc runs (qemu-user, for example) if the handler gets it as an open descriptor (flag O or C), else NULL.  The program that
 * the kernel has is the handler's then, and the process is this one's all the same. */
static __always_inline struct dentry *handled_program(struct linux_binprm *program)
{
	if (!bpf_core_field_exists(program->have_execfd) || !BPF_CORE_READ_BITFIELD_PROBED(program, have_execfd))
		return NULL;
	struct file *file = file_of(BPF_CORE_READ(program, execfd));
	return file ? BPF_CORE_READ(file, f_path.dentry) : NULL;
}

/* The kernel lets every exec look like execve by the time it returns. By a descriptor it was execveat. */
static __always_inline u32 call_that_executes(struct linux_binprm *program)
{
	return bpf_core_field_exists(program->fdpath) && BPF_CORE_READ(program, fdpath) ? ARCH_EXECVEAT : ARCH_EXECVE;
}

SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_exec, struct task_struct *task, int old_pid, struct linux_binprm *program)
{
	u32 who = whoami();
	if (!who)
		who = enter();
	if (!who)
		return 0;
	see_call(who, call_that_executes(program));
	struct dentry *file = BPF_CORE_READ(program, file, f_path.dentry), *guest = handled_program(program);
	record_exec(who, program, file, guest);
	who = (who & 0xffff0000) | number_executable(who, (u64)(guest ? guest : file));
	become(who, own_phase());
	note_cwd(who);
	return 0;
}

/* overlayfs maps its lower file, and the path that user space sees is beside it (6.5+).  The flag that tells a backing file from
 * others moved from bit 25 to 24, so the neighbour is trusted only if it is on the container's root file system. */
static __always_inline struct dentry *mapped_file(struct vm_area_struct *area, u32 who)
{
	struct file *file = BPF_CORE_READ(area, vm_file);
	if (!file)
		return NULL;
	u32 index = scope_of(who);
	struct scope *scope = bpf_map_lookup_elem(&scopes, &index);
	if (scope && bpf_core_field_exists(struct backing_file, user_path)) {
		struct dentry *user = BPF_CORE_READ((struct backing_file *)file, user_path.dentry);
		if (user && BPF_CORE_READ(user, d_sb, s_dev) == scope->root_dev)
			return user;
	}
	return BPF_CORE_READ(file, f_path.dentry);
}

#ifdef WITH_LOADER
static long see_mapping(struct task_struct *task, struct vm_area_struct *area, u32 *who)
{
	struct dentry *dentry = mapped_file(area, *who);
	if (dentry)
		touch(*who, (u64)dentry, KIND_LOADER);
	return 0;
}

/* The ELF interpreter is opened by the kernel, not by a system call: it is the file that the new instruction pointer is in.
 * Attached after on_exec, which lets the process in. */
SEC("tp_btf/sched_process_exec")
int BPF_PROG(on_loader, struct task_struct *unused)
{
	u32 who = whoami();
	if (!who)
		return 0;
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	if (bpf_find_vma(task, instruction(regs), see_mapping, &who, 0))
		bump(COUNT_LOADER_UNKNOWN);
	return 0;
}
#endif

/* Fires before the child first runs. */
SEC("tp_btf/sched_process_fork")
int BPF_PROG(on_fork, struct task_struct *parent, struct task_struct *child)
{
	u32 from = parent->tgid, to = child->tgid;
	if (from == to)
		return 0;
	struct member *member = bpf_map_lookup_elem(&inside, &from);
	if (!member)
		return 0;
	struct member same = *member;
	if (bpf_map_update_elem(&inside, &to, &same, BPF_ANY))
		bump(COUNT_INSIDE_FULL);
	struct place *cwd = bpf_map_lookup_elem(&cwds, &from);
	if (cwd) {
		struct place copy = *cwd;
		bpf_map_update_elem(&cwds, &to, &copy, BPF_ANY);
	}
	return 0;
}

/* Neither comes to sys_exit. A task that ends is in one of them, or a signal has ended it. */
static __always_inline void see_exit(u32 who)
{
	struct task_struct *task = bpf_get_current_task_btf();
	struct pt_regs *regs = (void *)bpf_task_pt_regs(task);
	long number = call_number_of(regs);
	if (!is_compat(task) && (number == ARCH_EXIT || number == ARCH_EXIT_GROUP))
		see_call(who, number);
}

SEC("tp_btf/sched_process_exit")
int BPF_PROG(on_exit, struct task_struct *task)
{
	u32 tgid = task->tgid;
	struct member *member = bpf_map_lookup_elem(&inside, &tgid);
	if (member)
		see_exit(member->who);
	if (!member || task->signal->live.counter != 0) /* not "the leader died": its threads may live on */
		return 0;
	note_end(member->who, tgid);
	bpf_map_delete_elem(&inside, &tgid);
	bpf_map_delete_elem(&cwds, &tgid);
	return 0;
}

static __always_inline u32 kind_of_flags(u64 flags)
{
	if (flags & O_PATH)
		return KIND_LOOKUP;
	return (flags & O_ACCMODE) == 0 ? KIND_OPEN : (flags & O_ACCMODE) == 1 ? KIND_WRITE : KIND_OPEN_WRITE;
}

/* For an open that failed, or whose descriptor another thread has closed already: what it asked for. */
static __always_inline u32 asked_for(struct pt_regs *regs, struct call_shape *shape, u32 number)
{
	u64 flags = shape->flags == ABSENT ? 1 : argument(regs, shape->flags);
	if (number == ARCH_OPENAT2 && bpf_probe_read_user(&flags, sizeof(flags), (void *)flags))
		flags = 2;
	return kind_of_flags(flags);
}

static __always_inline u32 kind_of_mode(u32 mode)
{
	if (mode & FMODE_PATH)
		return KIND_LOOKUP;
	return !(mode & (FMODE_WRITE | FMODE_CREATED)) ? KIND_OPEN : mode & FMODE_READ ? KIND_OPEN_WRITE : KIND_WRITE;
}

#include "attach.bpf.h"

static __always_inline void after_open(struct pt_regs *regs, struct call_shape *shape, u32 number, struct query *q, long result)
{
	struct file *file = q->error ? NULL : file_of(result);
	if (file) {
		q->reached = (u64)BPF_CORE_READ(file, f_path.dentry);
		q->kind = kind_of_mode(BPF_CORE_READ(file, f_mode));
	} else {
		q->kind = asked_for(regs, shape, number);
		if (!q->error) /* the name stays, and user space walks it: not a loss of evidence unless there is no name */
			bump(q->text ? COUNT_UNRESOLVED_FD : COUNT_FD_GONE);
	}
	if (q->text)
		name(q);
	else if (q->reached)
		touch(q->who, q->reached, q->kind);
}

__noinline int touch_descriptor(u32 who, u32 fd, u32 kind)
{
	struct file *file = file_of(fd);
	bump(COUNT_EVENTS);
	if (file)
		touch(who, (u64)BPF_CORE_READ(file, f_path.dentry), kind);
	else if ((int)fd != AT_FDCWD)
		bump(COUNT_FD_GONE);
	return 0;
}

static __always_inline void after_path(struct pt_regs *regs, struct call_shape *shape, struct query *q)
{
	if (!name(q) && !q->error && shape->dfd != ABSENT)
		touch_descriptor(q->who, argument(regs, shape->dfd), q->kind);
	if (shape->path2 == ABSENT)
		return;
	q->second = 1;
	q->text = argument(regs, shape->path2);
	q->dfd = shape->dfd2 == ABSENT ? AT_FDCWD : (int)argument(regs, shape->dfd2);
	name(q);
}

static __always_inline void after_socket(struct pt_regs *regs, struct call_shape *shape, u32 who, long result)
{
	u64 pointer = argument(regs, shape->path);
	if (shape->call == CALL_ADDRESS)
		endpoint(who, pointer, argument(regs, shape->path + 1), shape->kind);
	else if (shape->call == CALL_MESSAGE)
		message_endpoint(who, pointer, shape->kind);
	else
		message_endpoints(who, pointer, result < 1 ? 1 : result, shape->kind);
}

/* A page that is not in memory yet cannot be read here: then there is nothing to compare with, and the hash stays 0. */
static __always_inline void hash_name(u64 text, struct hash *out)
{
	struct scratch *s = scratch();
	long length = s && text ? bpf_probe_read_user_str(s->text, PATH_BYTES + 1, (void *)text) : 0;
	if (length <= 1 || length > PATH_BYTES)
		return;
	*(u64 *)&s->text[length & 8191] = 0;
	hash_text(length & 8191, out);
}

SEC("tp_btf/sys_enter")
int BPF_PROG(sys_enter, struct pt_regs *regs, long number)
{
	if (!whoami() || number < 0 || number >= SYSCALLS || is_compat(bpf_get_current_task_btf()))
		return 0;
	struct call_shape shape = shapes[number & (SYSCALLS - 1)];
	if (shape.call != CALL_OPEN && shape.call != CALL_PATH && shape.call != CALL_EXEC)
		return 0;
	u64 thread = bpf_get_current_pid_tgid();
	struct asked now = {};
	if (shape.path != ABSENT)
		hash_name(argument(regs, shape.path), &now.first);
	if (shape.path2 != ABSENT)
		hash_name(argument(regs, shape.path2), &now.second);
	bpf_map_update_elem(&asked, &thread, &now, BPF_ANY);
	return 0;
}

SEC("tp_btf/sys_exit")
int BPF_PROG(sys_exit, struct pt_regs *regs, long result)
{
	u32 who = whoami();
	if (!who)
		return 0;
	u64 number = call_number(regs);
	if (number == RETURNED_FROM_SIGNAL)
		number = ARCH_RT_SIGRETURN;
	if (is_compat(bpf_get_current_task_btf()) || number >= SYSCALLS) { /* 32-bit, or x32: other numbers */
		if (result != -ENOSYS_)
			bump(COUNT_COMPAT32);
		return 0;
	}
	/* A filter's refusal looks like the kernel's own. Were it listed, a profile made of the list would allow what was refused until now. */
	if (result != -EPERM_ && result != -ENOSYS_)
		see_call(who, number);
	struct call_shape shape = shapes[number];
	if (shape.call == CALL_NONE)
		return 0;
	long error = result < 0 && result > -4096 ? result : 0;
	struct query q = { .error = error, .who = who, .kind = shape.kind, .in_user = 1, .dfd = AT_FDCWD };
	if (shape.dfd != ABSENT)
		q.dfd = (int)argument(regs, shape.dfd);
	if (shape.path != ABSENT)
		q.text = argument(regs, shape.path);
	switch (shape.call) {
	case CALL_OPEN:
		after_open(regs, &shape, number, &q, result);
		break;
	case CALL_PATH:
		if (!error && shape.kind == KIND_CHDIR)
			q.moved = number == ARCH_CHROOT ? MOVED_ROOT : MOVED_CWD;
		after_path(regs, &shape, &q);
		if (q.moved == MOVED_ROOT)
			note_root(who);
		else if (q.moved)
			note_cwd(who);
		break;
	case CALL_EXEC:
		if (!error && number == ARCH_EXECVEAT)
			q.kind = KIND_ACCESS; /* AT_EXECVE_CHECK: it only asked whether it may (6.14) */
		if (error || number == ARCH_EXECVEAT)
			name(&q); /* on_exec has those that succeeded */
		break;
	case CALL_FD:
		if (!error)
			touch_descriptor(who, argument(regs, 0), shape.kind);
		if (!error && shape.kind == KIND_CHDIR)
			note_cwd(who);
		break;
	case CALL_MMAP:
		if (!error && argument(regs, 2) & PROT_EXEC && !(argument(regs, 3) & ARCH_MAP_ANONYMOUS))
			touch_descriptor(who, argument(regs, 4), KIND_MAP_EXEC);
		break;
	case CALL_URING:
		if (!error)
			bump(COUNT_URINGS);
		break;
	default:
		if (error != -14)
			after_socket(regs, &shape, who, result);
	}
	return 0;
}

#ifdef WITH_URING
enum { URING_OPENAT = 18, URING_STATX = 21, URING_OPENAT2 = 28, URING_RENAMEAT = 35, URING_LINKAT = 39, URING_FSETXATTR = 41, URING_GETXATTR = 44 };

static __always_inline int is_path_operation(u32 code)
{
	return code == URING_OPENAT || code == URING_STATX || code == URING_OPENAT2 || (code >= URING_RENAMEAT && code <= URING_LINKAT) ||
	       (code >= URING_FSETXATTR && code <= URING_GETXATTR);
}

/* io_uring opens and stats are no system calls.  The tracepoint comes after the request was prepared, so its name is in the kernel;
 * its outcome is not known here, and that is counted. */
SEC("tp_btf/io_uring_submit_req")
int BPF_PROG(on_uring, struct io_kiocb *request)
{
	u32 who = whoami();
	if (!who)
		return 0;
	u32 code = BPF_CORE_READ(request, opcode);
	if (!is_path_operation(code))
		return 0;
	bump(COUNT_URING_OUTCOME);
	void *command = (void *)request + bpf_core_field_offset(struct io_kiocb, cmd);
	struct query q = { .who = who, .kind = KIND_OPEN };
	if (code == URING_OPENAT || code == URING_OPENAT2) {
		q.text = (u64)BPF_CORE_READ((struct io_open *)command, filename, name);
		q.dfd = BPF_CORE_READ((struct io_open *)command, dfd);
	} else if (code == URING_STATX) {
		q.text = (u64)BPF_CORE_READ((struct io_statx *)command, filename, name);
		q.dfd = BPF_CORE_READ((struct io_statx *)command, dfd);
		q.kind = KIND_STAT;
	} else {
		return 0;
	}
	name(&q);
	return 0;
}
#endif
