/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* x86-64: argument registers, the mark of 32-bit system calls, the numbers (asm/unistd_64.h). */
#ifndef CAREEN_ARCH_X86_64_H
#define CAREEN_ARCH_X86_64_H
#define ARCH_RT_SIGRETURN 15
#define ARCH_EXECVE 59
#define ARCH_EXIT 60
#define ARCH_CHROOT 161
#define ARCH_EXIT_GROUP 231
#define ARCH_EXECVEAT 322
#define ARCH_OPENAT2 437
#define ARCH_MAP_ANONYMOUS 0x20

#define TS_COMPAT 2

static __always_inline unsigned long argument(struct pt_regs *regs, u32 number)
{
	switch (number) {
	case 0: return regs->di;
	case 1: return regs->si;
	case 2: return regs->dx;
	case 3: return regs->r10;
	case 4: return regs->r8;
	default: return regs->r9;
	}
}

static __always_inline long call_number(struct pt_regs *regs) { return regs->orig_ax; }
static __always_inline long call_number_of(struct pt_regs *untyped) { return BPF_CORE_READ(untyped, orig_ax); }
static __always_inline u64 instruction(struct pt_regs *untyped) { return BPF_CORE_READ(untyped, ip); }
static __always_inline int is_compat(struct task_struct *task) { return task->thread_info.status & TS_COMPAT; }

const volatile struct call_shape shapes[SYSCALLS] = {
	OPEN(2, 0, ABSENT, 1),                /* open */
	OPEN(85, 0, ABSENT, ABSENT),          /* creat */
	OPEN(257, 1, 0, 2),                   /* openat */
	OPEN(437, 1, 0, 2),                   /* openat2: argument 2 points to the flags */
	OPEN(304, ABSENT, ABSENT, 2),         /* open_by_handle_at */
	PATH(4, KIND_STAT),                   /* stat */
	PATH(6, KIND_STAT),                   /* lstat */
	AT(262, KIND_STAT, 1, 0),             /* newfstatat */
	AT(332, KIND_STAT, 1, 0),             /* statx */
	PATH(137, KIND_STAT),                 /* statfs */
	PATH(21, KIND_ACCESS),                /* access */
	AT(269, KIND_ACCESS, 1, 0),           /* faccessat */
	AT(439, KIND_ACCESS, 1, 0),           /* faccessat2 */
	PATH(89, KIND_READLINK),              /* readlink */
	AT(267, KIND_READLINK, 1, 0),         /* readlinkat */
	PATH(80, KIND_CHDIR),                 /* chdir */
	PATH(161, KIND_CHDIR),                /* chroot */
	PATH(191, KIND_LOOKUP),               /* getxattr */
	PATH(192, KIND_LOOKUP),               /* lgetxattr */
	PATH(194, KIND_LOOKUP),               /* listxattr */
	PATH(195, KIND_LOOKUP),               /* llistxattr */
	AT(464, KIND_LOOKUP, 1, 0),           /* getxattrat */
	AT(465, KIND_LOOKUP, 1, 0),           /* listxattrat */
	AT(254, KIND_LOOKUP, 1, ABSENT),      /* inotify_add_watch */
	AT(301, KIND_LOOKUP, 4, 3),           /* fanotify_mark */
	AT(303, KIND_LOOKUP, 1, 0),           /* name_to_handle_at */
	AT(428, KIND_LOOKUP, 1, 0),           /* open_tree */
	TWO(429, KIND_LOOKUP, 1, 0, 3, 2),    /* move_mount */
	AT(433, KIND_LOOKUP, 1, 0),           /* fspick */
	AT(442, KIND_LOOKUP, 1, 0),           /* mount_setattr */
	AT(467, KIND_LOOKUP, 1, 0),           /* open_tree_attr */
	AT(468, KIND_LOOKUP, 1, 0),           /* file_getattr */
	AT(165, KIND_LOOKUP, 1, ABSENT),      /* mount: the place */
	PATH(166, KIND_LOOKUP),               /* umount2 */
	PATH(155, KIND_LOOKUP),               /* pivot_root */
	PATH(76, KIND_CHANGE),                /* truncate */
	TWO(82, KIND_CHANGE, 0, ABSENT, 1, ABSENT), /* rename */
	TWO(264, KIND_CHANGE, 1, 0, 3, 2),    /* renameat */
	TWO(316, KIND_CHANGE, 1, 0, 3, 2),    /* renameat2 */
	PATH(83, KIND_CHANGE),                /* mkdir */
	AT(258, KIND_CHANGE, 1, 0),           /* mkdirat */
	PATH(84, KIND_CHANGE),                /* rmdir */
	TWO(86, KIND_CHANGE, 0, ABSENT, 1, ABSENT), /* link */
	TWO(265, KIND_CHANGE, 1, 0, 3, 2),    /* linkat */
	PATH(87, KIND_CHANGE),                /* unlink */
	AT(263, KIND_CHANGE, 1, 0),           /* unlinkat */
	AT(88, KIND_CHANGE, 1, ABSENT),       /* symlink: the new name; the text of a link is not looked up */
	AT(266, KIND_CHANGE, 2, 1),           /* symlinkat */
	PATH(90, KIND_CHANGE),                /* chmod */
	AT(268, KIND_CHANGE, 1, 0),           /* fchmodat */
	AT(452, KIND_CHANGE, 1, 0),           /* fchmodat2 */
	PATH(92, KIND_CHANGE),                /* chown */
	PATH(94, KIND_CHANGE),                /* lchown */
	AT(260, KIND_CHANGE, 1, 0),           /* fchownat */
	PATH(132, KIND_CHANGE),               /* utime */
	PATH(235, KIND_CHANGE),               /* utimes */
	AT(261, KIND_CHANGE, 1, 0),           /* futimesat */
	AT(280, KIND_CHANGE, 1, 0),           /* utimensat */
	PATH(133, KIND_CHANGE),               /* mknod */
	AT(259, KIND_CHANGE, 1, 0),           /* mknodat */
	PATH(188, KIND_CHANGE),               /* setxattr */
	PATH(189, KIND_CHANGE),               /* lsetxattr */
	PATH(197, KIND_CHANGE),               /* removexattr */
	PATH(198, KIND_CHANGE),               /* lremovexattr */
	AT(463, KIND_CHANGE, 1, 0),           /* setxattrat */
	AT(466, KIND_CHANGE, 1, 0),           /* removexattrat */
	AT(469, KIND_CHANGE, 1, 0),           /* file_setattr */
	FD(5, KIND_STAT),                     /* fstat */
	FD(138, KIND_STAT),                   /* fstatfs */
	FD(193, KIND_LOOKUP),                 /* fgetxattr */
	FD(196, KIND_LOOKUP),                 /* flistxattr */
	FD(81, KIND_CHDIR),                   /* fchdir */
	FD(78, KIND_LIST),                    /* getdents */
	FD(217, KIND_LIST),                   /* getdents64 */
	FD(77, KIND_CHANGE),                  /* ftruncate */
	FD(91, KIND_CHANGE),                  /* fchmod */
	FD(93, KIND_CHANGE),                  /* fchown */
	FD(190, KIND_CHANGE),                 /* fsetxattr */
	FD(199, KIND_CHANGE),                 /* fremovexattr */
	OTHER(9, CALL_MMAP, KIND_MAP_EXEC, ABSENT, ABSENT),
	OTHER(59, CALL_EXEC, KIND_EXEC, 0, ABSENT),      /* execve that failed */
	OTHER(322, CALL_EXEC, KIND_EXEC, 1, 0),          /* execveat */
	OTHER(42, CALL_ADDRESS, DIRECTION_CONNECT, 1, ABSENT),
	OTHER(49, CALL_ADDRESS, DIRECTION_BIND, 1, ABSENT),
	OTHER(44, CALL_ADDRESS, DIRECTION_SEND, 4, ABSENT),  /* sendto */
	OTHER(46, CALL_MESSAGE, DIRECTION_SEND, 1, ABSENT),  /* sendmsg */
	OTHER(307, CALL_MESSAGES, DIRECTION_SEND, 1, ABSENT), /* sendmmsg */
	OTHER(425, CALL_URING, 0, ABSENT, ABSENT),       /* io_uring_setup */
};
#endif
