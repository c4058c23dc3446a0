/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* arm64: the first argument is beside the registers, since the first register has the result; the calls are those of the generic table
 * (asm-generic/unistd.h), which has none that were superseded: no open, no stat, no rename. */
#ifndef CAREEN_ARCH_AARCH64_H
#define CAREEN_ARCH_AARCH64_H
#define ARCH_RT_SIGRETURN 139
#define ARCH_EXECVE 221
#define ARCH_EXIT 93
#define ARCH_CHROOT 51
#define ARCH_EXIT_GROUP 94
#define ARCH_EXECVEAT 281
#define ARCH_OPENAT2 437
#define ARCH_MAP_ANONYMOUS 0x20

#define TIF_32BIT 22

static __always_inline unsigned long argument(struct pt_regs *regs, u32 number)
{
	switch (number) {
	case 0: return regs->orig_x0;
	case 1: return regs->regs[1];
	case 2: return regs->regs[2];
	case 3: return regs->regs[3];
	case 4: return regs->regs[4];
	default: return regs->regs[5];
	}
}

static __always_inline long call_number(struct pt_regs *regs) { return regs->syscallno; }
static __always_inline long call_number_of(struct pt_regs *untyped) { return BPF_CORE_READ(untyped, syscallno); }
static __always_inline u64 instruction(struct pt_regs *untyped) { return BPF_CORE_READ(untyped, pc); }
static __always_inline int is_compat(struct task_struct *task) { return task->thread_info.flags >> TIF_32BIT & 1; }

const volatile struct call_shape shapes[SYSCALLS] = {
	OPEN(56, 1, 0, 2),                    /* openat */
	OPEN(437, 1, 0, 2),                   /* openat2: argument 2 points to the flags */
	OPEN(265, ABSENT, ABSENT, 2),         /* open_by_handle_at */
	AT(79, KIND_STAT, 1, 0),              /* newfstatat */
	AT(291, KIND_STAT, 1, 0),             /* statx */
	PATH(43, KIND_STAT),                  /* statfs */
	AT(48, KIND_ACCESS, 1, 0),            /* faccessat */
	AT(439, KIND_ACCESS, 1, 0),           /* faccessat2 */
	AT(78, KIND_READLINK, 1, 0),          /* readlinkat */
	PATH(49, KIND_CHDIR),                 /* chdir */
	PATH(51, KIND_CHDIR),                 /* chroot */
	PATH(8, KIND_LOOKUP),                 /* getxattr */
	PATH(9, KIND_LOOKUP),                 /* lgetxattr */
	PATH(11, KIND_LOOKUP),                /* listxattr */
	PATH(12, KIND_LOOKUP),                /* llistxattr */
	AT(464, KIND_LOOKUP, 1, 0),           /* getxattrat */
	AT(465, KIND_LOOKUP, 1, 0),           /* listxattrat */
	AT(27, KIND_LOOKUP, 1, ABSENT),       /* inotify_add_watch */
	AT(263, KIND_LOOKUP, 4, 3),           /* fanotify_mark */
	AT(264, KIND_LOOKUP, 1, 0),           /* name_to_handle_at */
	AT(428, KIND_LOOKUP, 1, 0),           /* open_tree */
	TWO(429, KIND_LOOKUP, 1, 0, 3, 2),    /* move_mount */
	AT(433, KIND_LOOKUP, 1, 0),           /* fspick */
	AT(442, KIND_LOOKUP, 1, 0),           /* mount_setattr */
	AT(467, KIND_LOOKUP, 1, 0),           /* open_tree_attr */
	AT(468, KIND_LOOKUP, 1, 0),           /* file_getattr */
	AT(40, KIND_LOOKUP, 1, ABSENT),       /* mount: the place */
	PATH(39, KIND_LOOKUP),                /* umount2 */
	PATH(41, KIND_LOOKUP),                /* pivot_root */
	PATH(45, KIND_CHANGE),                /* truncate */
	TWO(38, KIND_CHANGE, 1, 0, 3, 2),     /* renameat */
	TWO(276, KIND_CHANGE, 1, 0, 3, 2),    /* renameat2 */
	AT(34, KIND_CHANGE, 1, 0),            /* mkdirat */
	TWO(37, KIND_CHANGE, 1, 0, 3, 2),     /* linkat */
	AT(35, KIND_CHANGE, 1, 0),            /* unlinkat */
	AT(36, KIND_CHANGE, 2, 1),            /* symlinkat */
	AT(53, KIND_CHANGE, 1, 0),            /* fchmodat */
	AT(452, KIND_CHANGE, 1, 0),           /* fchmodat2 */
	AT(54, KIND_CHANGE, 1, 0),            /* fchownat */
	AT(88, KIND_CHANGE, 1, 0),            /* utimensat */
	AT(33, KIND_CHANGE, 1, 0),            /* mknodat */
	PATH(5, KIND_CHANGE),                 /* setxattr */
	PATH(6, KIND_CHANGE),                 /* lsetxattr */
	PATH(14, KIND_CHANGE),                /* removexattr */
	PATH(15, KIND_CHANGE),                /* lremovexattr */
	AT(463, KIND_CHANGE, 1, 0),           /* setxattrat */
	AT(466, KIND_CHANGE, 1, 0),           /* removexattrat */
	AT(469, KIND_CHANGE, 1, 0),           /* file_setattr */
	FD(80, KIND_STAT),                    /* fstat */
	FD(44, KIND_STAT),                    /* fstatfs */
	FD(10, KIND_LOOKUP),                  /* fgetxattr */
	FD(13, KIND_LOOKUP),                  /* flistxattr */
	FD(50, KIND_CHDIR),                   /* fchdir */
	FD(61, KIND_LIST),                    /* getdents64 */
	FD(46, KIND_CHANGE),                  /* ftruncate */
	FD(52, KIND_CHANGE),                  /* fchmod */
	FD(55, KIND_CHANGE),                  /* fchown */
	FD(7, KIND_CHANGE),                   /* fsetxattr */
	FD(16, KIND_CHANGE),                  /* fremovexattr */
	OTHER(222, CALL_MMAP, KIND_MAP_EXEC, ABSENT, ABSENT), /* mmap */
	OTHER(221, CALL_EXEC, KIND_EXEC, 0, ABSENT),     /* execve that failed */
	OTHER(281, CALL_EXEC, KIND_EXEC, 1, 0),          /* execveat */
	OTHER(203, CALL_ADDRESS, DIRECTION_CONNECT, 1, ABSENT), /* connect */
	OTHER(200, CALL_ADDRESS, DIRECTION_BIND, 1, ABSENT), /* bind */
	OTHER(206, CALL_ADDRESS, DIRECTION_SEND, 4, ABSENT), /* sendto */
	OTHER(211, CALL_MESSAGE, DIRECTION_SEND, 1, ABSENT), /* sendmsg */
	OTHER(269, CALL_MESSAGES, DIRECTION_SEND, 1, ABSENT), /* sendmmsg */
	OTHER(425, CALL_URING, 0, ABSENT, ABSENT),       /* io_uring_setup */
};
#endif
