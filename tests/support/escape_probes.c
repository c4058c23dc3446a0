/* What a program in a container may try to get out, or to reach more of the kernel than it needs: each try in a process
 * of its own, one line `name=ok` or `name=ERRNO` for each. A try that succeeds changes nothing outside the process, not
 * even on a machine without a container: files that matter are opened and not written, calls that would change the
 * machine have an argument that is refused after the permission was looked at, and sockets are made and not used.
 * Never tried: a watchdog (to open it starts it), FIFREEZE, a write to sysrq-trigger. */
#define _GNU_SOURCE
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/time.h>
#include <sys/timex.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <sys/xattr.h>
#include <time.h>
#include <unistd.h>

#define SECONDS 5
#define UNKNOWN 200 /* an exit status above every errno: the try itself went wrong */

static char place[] = "/tmp/escape-XXXXXX"; /* what the tries make is in here */

/* Report how one try ended. The try is an expression that is negative and sets errno when it was refused. */
#define TRY(name, expression)                                    \
	do {                                                     \
		fflush(stdout);                                  \
		pid_t child = fork();                            \
		if (!child) {                                    \
			alarm(SECONDS);                          \
			errno = 0;                               \
			long result = (long)(expression);        \
			_exit(result < 0 ? (errno ? errno : UNKNOWN) : 0); \
		}                                                \
		report(name, child);                             \
	} while (0)

static void report(const char *name, pid_t child) {
	int status = 0;
	if (child < 0 || waitpid(child, &status, 0) < 0)
		printf("%s=%s\n", name, strerrorname_np(errno));
	else if (WIFSIGNALED(status))
		printf("%s=SIG%s\n", name, sigabbrev_np(WTERMSIG(status)));
	else if (WEXITSTATUS(status) == UNKNOWN)
		printf("%s=unknown\n", name);
	else
		printf("%s=%s\n", name, WEXITSTATUS(status) ? strerrorname_np(WEXITSTATUS(status)) : "ok");
}

static const char *below(const char *name) {
	static char path[512];
	snprintf(path, sizeof path, "%s/%s", place, name);
	return path;
}

static long writable(const char *path) { return open(path, O_WRONLY | O_CLOEXEC | O_NONBLOCK); }

static long readable(const char *path) {
	char byte;
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, &byte, 1);
	if (n == 0)
		errno = ENODATA; /* masked by /dev/null */
	return n > 0 ? 0 : -1;
}

static long listed(const char *path) {
	DIR *open_ = opendir(path);
	if (!open_)
		return -1;
	struct dirent *entry;
	while ((entry = readdir(open_)))
		if (strcmp(entry->d_name, ".") && strcmp(entry->d_name, ".."))
			return 0;
	errno = ENODATA; /* masked by an empty directory, or empty */
	return -1;
}

static long written(const char *path, const char *text) {
	int fd = open(path, O_WRONLY | O_CLOEXEC);
	return fd < 0 ? -1 : write(fd, text, strlen(text));
}

static long made(const char *path) { return mkdir(path, 0700) ? -1 : rmdir(path); }

static long node(mode_t kind, unsigned major_, unsigned minor_) {
	const char *path = below("node");
	if (mknod(path, kind | 0600, makedev(major_, minor_)))
		return -1;
	int fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY), error = errno;
	unlink(path);
	errno = error;
	return fd;
}

static long cloned(unsigned long flags) {
	long child = syscall(SYS_clone, flags | SIGCHLD, 0, 0, 0, 0);
	if (!child)
		_exit(0);
	return child;
}

static long cloned3(unsigned long flags) {
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	long child = syscall(SYS_clone3, &args, sizeof args);
	if (!child)
		_exit(0);
	return child;
}

static long joined(const char *name) {
	char path[64];
	snprintf(path, sizeof path, "/proc/1/ns/%s", name);
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : setns(fd, 0);
}

/* One socket of the family, of whatever type it has. */
static long family(int number) {
	static const int types[] = {SOCK_STREAM, SOCK_DGRAM, SOCK_RAW, SOCK_SEQPACKET, SOCK_RDM};
	int best = EAFNOSUPPORT;
	for (unsigned i = 0; i < sizeof types / sizeof *types; i++) {
		if (socket(number, types[i] | SOCK_CLOEXEC, 0) >= 0)
			return 0;
		if (errno == EPERM)
			best = EPERM;
	}
	errno = best;
	return -1;
}

static long capability(unsigned number) {
	struct __user_cap_header_struct header = {_LINUX_CAPABILITY_VERSION_3, 0};
	struct __user_cap_data_struct data[2];
	if (syscall(SYS_capget, &header, data))
		return -1;
	data[number / 32].permitted |= 1u << number % 32;
	data[number / 32].effective |= 1u << number % 32;
	return syscall(SYS_capset, &header, data);
}

static long held(unsigned number) {
	int there = prctl(PR_CAPBSET_READ, number);
	errno = EPERM;
	return there == 1 ? 0 : -1;
}

static long foreign_descriptor(void) {
	for (int fd = 3; fd < 1024; fd++)
		if (fcntl(fd, F_GETFD) >= 0)
			return fd;
	errno = EBADF;
	return -1;
}

/* The descriptors of the first process, seen from here. */
static long first_descriptor(void) {
	char path[64], to[256];
	for (int fd = 3; fd < 64; fd++) {
		snprintf(path, sizeof path, "/proc/1/fd/%d", fd);
		ssize_t n = readlink(path, to, sizeof to - 1);
		if (n > 0 && (to[n] = 0, to[0] == '/' && strncmp(to, "/dev/", 5) && strncmp(to, "/proc/", 6)))
			return fd;
	}
	errno = EBADF;
	return -1;
}

static long outside_directory(void) {
	char path[4096];
	if (syscall(SYS_getcwd, path, sizeof path) < 0)
		return -1;
	errno = ENOENT;
	return path[0] == '/' ? -1 : 0; /* "(unreachable)…" is a directory that no root here holds */
}

static long outside_root(void) {
	struct stat here, there;
	if (stat("/", &here) || stat("/proc/1/root/../..", &there))
		return -1;
	errno = ENOENT;
	return here.st_ino == there.st_ino && here.st_dev == there.st_dev ? -1 : 0;
}

static long other_processes(void) {
	DIR *proc = opendir("/proc");
	int count = 0;
	struct dirent *entry;
	while (proc && (entry = readdir(proc)))
		count += entry->d_name[0] >= '1' && entry->d_name[0] <= '9';
	errno = ENOENT;
	return count > 8 ? count : -1;
}

static long second_pidfd(void) {
	int pidfd = syscall(SYS_pidfd_open, getppid(), 0);
	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, 1, 0);
}

static long advised(void) {
	int pidfd = syscall(SYS_pidfd_open, getpid(), 0);
	static char page[8192] __attribute__((aligned(4096)));
	struct iovec area = {page, 4096};
	return pidfd < 0 ? -1 : syscall(SYS_process_madvise, pidfd, &area, 1, 20 /* MADV_COLD */, 0);
}

static long peeked(void) {
	char byte;
	struct iovec local = {&byte, 1}, remote = {&byte, 1};
	return process_vm_readv(getppid(), &local, 1, &remote, 1, 0);
}

static long marked(const char *name) {
	const char *path = below("file");
	close(open(path, O_CREAT | O_WRONLY | O_CLOEXEC, 0600));
	return setxattr(path, name, "y", 1, 0);
}

static long handle(void) {
	struct {
		struct file_handle head;
		unsigned char bytes[8];
	} bogus = {{.handle_bytes = 8, .handle_type = 1}, {2}};
	int root = open("/", O_RDONLY | O_CLOEXEC);
	return open_by_handle_at(root, &bogus.head, O_RDONLY | O_CLOEXEC);
}

static long clocked(void) {
	struct timespec wrong = {0, -1};
	return syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong);
}

static long tuned(void) {
	struct timex wrong = {.modes = ADJ_TICK, .tick = 1};
	return syscall(SYS_adjtimex, &wrong);
}

static long dated(void) {
	struct timeval wrong = {0, -1};
	return syscall(SYS_settimeofday, &wrong, 0);
}

static long hostname_kept(void) {
	char name[65] = "";
	gethostname(name, sizeof name - 1);
	return sethostname(name, strlen(name));
}

static long domain_kept(void) {
	char name[65] = "";
	if (getdomainname(name, sizeof name - 1))
		return -1;
	return setdomainname(name, strlen(name));
}

static long realtime(void) {
	struct sched_param lowest = {.sched_priority = 1};
	return sched_setscheduler(0, SCHED_FIFO, &lowest);
}

static long raised(int which) {
	struct rlimit limit;
	if (getrlimit(which, &limit))
		return -1;
	if (limit.rlim_max == RLIM_INFINITY) {
		errno = EINVAL;
		return -1;
	}
	limit.rlim_max++;
	return setrlimit(which, &limit);
}

/* PERF_TYPE_SOFTWARE, PERF_COUNT_SW_CPU_CLOCK, of this process. */
static long measured(void) {
	struct {
		uint32_t type, size;
		uint64_t config, rest[14];
	} attributes = {.type = 1, .size = 128};
	return syscall(SYS_perf_event_open, &attributes, 0, -1, -1, 0);
}

static long mapped(void) {
	struct {
		uint32_t type, key, value, entries, flags;
	} array = {2, 4, 4, 1, 0};
	return syscall(SYS_bpf, 0, &array, sizeof array);
}

#ifdef __x86_64__
/* The 32-bit call that names a family where no filter of calls can look: socketcall(SYS_SOCKET, {family, type, 0}). */
static long multiplexed(int number, int type) {
	uint32_t *arguments = (uint32_t *)syscall(SYS_mmap, 0, 4096, 3, 0x62 /* private, anonymous, below 4 GiB */, -1, 0);
	if ((long)arguments < 0)
		return -1;
	arguments[0] = number, arguments[1] = type, arguments[2] = 0;
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(102), "b"(1), "c"(arguments) : "memory", "r8", "r9", "r10", "r11");
	if ((int)result >= 0)
		return 0;
	errno = -(int)result;
	return -1;
}

/* The same call by another table of numbers. */
static long old_table(long number, long first) {
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(number), "b"(first), "c"(2), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	if ((int)result >= 0)
		return 0;
	errno = -(int)result;
	return -1;
}
#endif

static void mounts(void) {
	mkdir(below("here"), 0700);
	TRY("mount_tmpfs", mount("x", below("here"), "tmpfs", 0, ""));
	TRY("mount_proc", mount("x", below("here"), "proc", 0, ""));
	TRY("mount_sysfs", mount("x", below("here"), "sysfs", 0, ""));
	TRY("mount_cgroup", mount("x", below("here"), "cgroup2", 0, ""));
	TRY("mount_bind", mount("/proc", below("here"), 0, MS_BIND, 0));
	TRY("mount_remount", mount(0, below("here"), 0, MS_REMOUNT | MS_BIND, 0));
	TRY("mount_shared", mount(0, below("here"), 0, MS_SHARED, 0));
	TRY("mount_move", mount(below("here"), "/nonexistent", 0, MS_MOVE, 0));
	TRY("umount", umount2(below("here"), 0));
	TRY("umount_detach", umount2("/nonexistent", MNT_DETACH));
	TRY("pivot_root", syscall(SYS_pivot_root, "/nonexistent", "/nonexistent"));
	TRY("fsopen", syscall(430, "tmpfs", 0));
	TRY("fsconfig", syscall(431, -1, 0, 0, 0, 0));
	TRY("fsmount", syscall(432, -1, 0, 0));
	TRY("fspick", syscall(433, AT_FDCWD, "/", 0));
	TRY("open_tree_clone", syscall(428, AT_FDCWD, "/", 1));
	TRY("open_tree", syscall(428, AT_FDCWD, "/", 0));
	TRY("open_tree_attr", syscall(467, AT_FDCWD, "/", 0, 0, 0));
	TRY("move_mount", syscall(429, -1, "", -1, "", 0));
	TRY("mount_setattr", syscall(442, AT_FDCWD, "/nonexistent", 0, 0, 0));
	TRY("statmount", syscall(457, 0, 0, 0, 0));
	TRY("listmount", syscall(458, 0, 0, 0, 0));
	TRY("swapon", syscall(SYS_swapon, "/nonexistent", 0));
	TRY("swapoff", syscall(SYS_swapoff, "/nonexistent"));
	TRY("quotactl", syscall(SYS_quotactl, 0, "/nonexistent", 0, 0));
	TRY("quotactl_fd", syscall(443, -1, 0, 0, 0));
	TRY("chroot_again", chroot(place));
	TRY("name_to_handle_at", syscall(SYS_name_to_handle_at, AT_FDCWD, "/nonexistent", 0, 0, 0));
	TRY("open_by_handle_at", handle());
	TRY("fanotify_init", syscall(SYS_fanotify_init, 0, 0));
	TRY("fanotify_init_fid", syscall(SYS_fanotify_init, 0x200, 0));
	TRY("xattr_trusted", marked("trusted.overlay.opaque"));
	TRY("xattr_security", marked("security.careen"));
}

static void namespaces(void) {
	static const struct {
		const char *name;
		unsigned long flag;
	} kinds[] = {{"user", CLONE_NEWUSER}, {"mnt", CLONE_NEWNS}, {"pid", CLONE_NEWPID}, {"net", CLONE_NEWNET},
		     {"ipc", CLONE_NEWIPC},   {"uts", CLONE_NEWUTS}, {"cgroup", CLONE_NEWCGROUP}, {"time", 0x80}};
	char name[64];
	for (unsigned i = 0; i < sizeof kinds / sizeof *kinds; i++) {
		snprintf(name, sizeof name, "unshare_%s", kinds[i].name);
		TRY(name, unshare(kinds[i].flag));
		snprintf(name, sizeof name, "clone3_%s", kinds[i].name);
		TRY(name, cloned3(kinds[i].flag));
		snprintf(name, sizeof name, "setns_%s", kinds[i].name);
		TRY(name, joined(kinds[i].name));
		if (kinds[i].flag == 0x80)
			continue; /* the old call has a part of the signal's number there */
		snprintf(name, sizeof name, "clone_%s", kinds[i].name);
		TRY(name, cloned(kinds[i].flag));
	}
	TRY("unshare_all", unshare(CLONE_NEWUSER | CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWNET));
	TRY("setns_pidfd", setns(syscall(SYS_pidfd_open, 1, 0), CLONE_NEWNS));
	TRY("uid_map", writable("/proc/self/uid_map"));
}

static void kernel_calls(void) {
	char text[16];
	TRY("add_key", syscall(SYS_add_key, "user", "careen", "x", 1, -2));
	TRY("request_key", syscall(SYS_request_key, "user", "careen", 0, 0));
	TRY("keyctl", syscall(SYS_keyctl, 0, -3, 0));
	TRY("bpf_map", mapped());
	TRY("bpf_query", syscall(SYS_bpf, 11 /* BPF_PROG_GET_NEXT_ID */, 0, 0));
	TRY("perf_event_open", measured());
	TRY("init_module", syscall(SYS_init_module, 0, 0, ""));
	TRY("finit_module", syscall(SYS_finit_module, -1, "", 0));
	TRY("delete_module", syscall(SYS_delete_module, "careen_no_such_module", O_NONBLOCK));
	TRY("kexec_load", syscall(SYS_kexec_load, 0, 0, 0, 0xffff));
	TRY("kexec_file_load", syscall(SYS_kexec_file_load, -1, -1, 0, 0, 0xffff));
	TRY("reboot", syscall(SYS_reboot, 0, 0, 0, 0));
	TRY("io_uring_setup", syscall(425, 1, (char[120]){0}));
	TRY("io_uring_enter", syscall(426, -1, 0, 0, 0, 0));
	TRY("io_uring_register", syscall(427, -1, 0, 0, 0));
	TRY("userfaultfd", syscall(SYS_userfaultfd, O_CLOEXEC));
	TRY("userfaultfd_user", syscall(SYS_userfaultfd, O_CLOEXEC | 1));
	TRY("kcmp", syscall(SYS_kcmp, getpid(), getpid(), 0, 0, 1));
	TRY("ptrace_first", ptrace(0x4206 /* PTRACE_SEIZE */, 1, 0, 0));
	TRY("ptrace_parent", ptrace(0x4206, getppid(), 0, 0));
	TRY("ptrace_zero", ptrace(0x4206, 0, 0, 0));
	TRY("process_vm_readv", peeked());
	TRY("pidfd_getfd", second_pidfd());
	TRY("process_madvise", advised());
	TRY("process_mrelease", syscall(448, -1, 0));
	TRY("get_mempolicy", syscall(SYS_get_mempolicy, 0, 0, 0, 0, 0));
	TRY("set_mempolicy", syscall(SYS_set_mempolicy, 0, 0, 0));
	TRY("set_mempolicy_home_node", syscall(450, 0, 0, 0, 0));
	TRY("mbind", syscall(SYS_mbind, 0, 0, 0, 0, 0, 0));
	TRY("migrate_pages", syscall(SYS_migrate_pages, 0, 0, 0, 0));
	TRY("move_pages", syscall(SYS_move_pages, 0, 0, 0, 0, 0, 0));
	TRY("lsm_get_self_attr", syscall(459, 100, 0, 0, 0));
	TRY("lsm_set_self_attr", syscall(460, 0, 0, 0, 0));
	TRY("lsm_list_modules", syscall(461, 0, 0, 0));
	TRY("landlock_version", syscall(444, 0, 0, 1));
	TRY("memfd_secret", syscall(447, 0));
	TRY("seccomp_actions", syscall(SYS_seccomp, 2, 0, (uint32_t[]){0x7fff0000}));
	TRY("personality_zero", personality(0));
	TRY("personality_query", personality(0xffffffff));
	TRY("personality_no_random", personality(ADDR_NO_RANDOMIZE));
	TRY("personality_read_exec", personality(READ_IMPLIES_EXEC));
	TRY("personality_both", personality(READ_IMPLIES_EXEC | ADDR_NO_RANDOMIZE));
	TRY("personality_zero_page", personality(MMAP_PAGE_ZERO));
	TRY("personality_linux32", personality(PER_LINUX32));
	TRY("clock_settime", clocked());
	TRY("settimeofday", dated());
	TRY("adjtimex", tuned());
	TRY("acct", syscall(SYS_acct, "/nonexistent"));
	TRY("syslog", syscall(SYS_syslog, 10, 0, 0));
	TRY("syslog_read", syscall(SYS_syslog, 3, text, sizeof text));
	TRY("sethostname", hostname_kept());
	TRY("setdomainname", domain_kept());
	TRY("vhangup", (setsid(), syscall(SYS_vhangup)));
	TRY("setpriority", setpriority(PRIO_PROCESS, 0, -1));
	TRY("realtime", realtime());
	TRY("ioprio_realtime", syscall(SYS_ioprio_set, 1, 0, 1 << 13));
	TRY("rlimit_nofile", raised(RLIMIT_NOFILE));
	TRY("rlimit_memlock", raised(RLIMIT_MEMLOCK));
	TRY("prctl_set_mm", prctl(PR_SET_MM, PR_SET_MM_BRK, 0, 0, 0));
#ifdef SYS_iopl
	TRY("iopl", syscall(SYS_iopl, 3));
	TRY("ioperm", syscall(SYS_ioperm, 0x80, 1, 1));
	TRY("modify_ldt", syscall(SYS_modify_ldt, 0, text, sizeof text));
	TRY("uselib", syscall(SYS_uselib, "/nonexistent"));
	TRY("ustat", syscall(SYS_ustat, 0, text));
	TRY("sysfs", syscall(SYS_sysfs, 3));
	TRY("_sysctl", syscall(SYS__sysctl, 0));
	TRY("create_module", syscall(SYS_create_module, "x", 1));
	TRY("query_module", syscall(SYS_query_module, 0, 0, 0, 0, 0));
	TRY("get_kernel_syms", syscall(SYS_get_kernel_syms, 0));
	TRY("nfsservctl", syscall(SYS_nfsservctl, 0, 0, 0));
#endif
	TRY("lookup_dcookie", syscall(SYS_lookup_dcookie, 0, 0, 0));
	for (unsigned number = 0; number <= CAP_LAST_CAP; number++) {
		char name[64];
		snprintf(name, sizeof name, "capset_%u", number);
		TRY(name, capability(number));
		snprintf(name, sizeof name, "bounding_%u", number);
		TRY(name, held(number));
	}
}

static void sockets(void) {
	char name[64];
	for (int number = 0; number < 50; number++) {
		snprintf(name, sizeof name, "family_%d", number);
		TRY(name, family(number));
	}
	for (int number = 0; number < 23; number++) {
		snprintf(name, sizeof name, "netlink_%d", number);
		TRY(name, socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, number));
	}
	TRY("raw_ip", socket(AF_INET, SOCK_RAW, 255));
	TRY("raw_ip6", socket(AF_INET6, SOCK_RAW, 255));
	TRY("socketpair_unix", socketpair(AF_UNIX, SOCK_STREAM, 0, (int[2]){0, 0}));
#ifdef __x86_64__
	TRY("socketcall_inet", multiplexed(AF_INET, SOCK_DGRAM));
	TRY("socketcall_alg", multiplexed(AF_ALG, SOCK_SEQPACKET));
	TRY("socketcall_packet", multiplexed(AF_PACKET, SOCK_RAW));
	TRY("socketcall_vsock", multiplexed(AF_VSOCK, SOCK_STREAM));
	TRY("old_table_socket_alg", old_table(359, AF_ALG));
	TRY("old_table_unshare", old_table(310, CLONE_NEWUSER));
	TRY("old_table_personality", old_table(136, READ_IMPLIES_EXEC));
	TRY("x32_socket_alg", syscall(0x40000000 | SYS_socket, AF_ALG, SOCK_SEQPACKET, 0));
	TRY("x32_unshare", syscall(0x40000000 | SYS_unshare, CLONE_NEWUSER));
#endif
}

static void files(void) {
	static const char *const write_[] = {
	    "/proc/sysrq-trigger", "/proc/sys/kernel/core_pattern", "/proc/sys/kernel/modprobe", "/proc/sys/kernel/hostname",
	    "/proc/sys/kernel/randomize_va_space", "/proc/sys/kernel/ns_last_pid", "/proc/sys/vm/panic_on_oom", "/proc/sys/vm/drop_caches",
	    "/proc/sys/fs/binfmt_misc/register", "/proc/sys/fs/suid_dumpable", "/proc/sys/net/ipv4/ip_forward", "/proc/sys/user/max_user_namespaces",
	    "/proc/irq/0/smp_affinity", "/proc/mtrr", "/proc/self/timerslack_ns", "/proc/1/oom_score_adj", "/proc/1/mem", "/proc/1/exe",
	    "/sys/kernel/uevent_helper", "/sys/kernel/mm/transparent_hugepage/enabled", "/sys/power/state", "/sys/module/printk/parameters/time",
	    "/sys/fs/cgroup/release_agent", "/sys/fs/cgroup/cgroup.procs", "/sys/fs/cgroup/memory/release_agent", "/sys/fs/cgroup/memory/cgroup.procs",
	    "/sys/fs/cgroup/memory/memory.limit_in_bytes", "/sys/fs/cgroup/pids/pids.max", "/sys/fs/cgroup/devices/devices.allow",
	    "/sys/fs/cgroup/systemd/release_agent", "/sys/fs/cgroup/unified/cgroup.procs", "/sys/fs/cgroup/memory/notify_on_release"};
	static const char *const read_[] = {
	    "/proc/kcore", "/proc/keys", "/proc/key-users", "/proc/timer_list", "/proc/sched_debug", "/proc/latency_stats", "/proc/timer_stats",
	    "/proc/kmsg", "/proc/kallsyms", "/proc/iomem", "/proc/slabinfo", "/proc/vmallocinfo", "/proc/pagetypeinfo", "/proc/self/pagemap",
	    "/proc/self/stack", "/proc/config.gz", "/dev/kmsg", "/dev/mem", "/dev/port", "/dev/fuse", "/dev/kvm", "/dev/net/tun", "/dev/vda", "/dev/sda",
	    "/dev/loop-control", "/sys/kernel/notes", "/sys/kernel/vmcoreinfo", "/run/docker.sock", "/var/run/docker.sock"};
	static const char *const list_[] = {
	    "/proc/acpi", "/proc/asound", "/proc/scsi", "/proc/bus", "/proc/fs", "/proc/tty", "/sys/firmware", "/sys/kernel/debug", "/sys/kernel/tracing",
	    "/sys/kernel/security", "/sys/kernel/config", "/sys/fs/bpf", "/sys/fs/pstore", "/sys/fs/fuse/connections", "/sys/devices/virtual/powercap",
	    "/proc/1/map_files", "/proc/1/fdinfo", "/dev/mqueue", "/dev/mapper", "/dev/shm", "/dev/hugepages"};
	char name[256];
	for (unsigned i = 0; i < sizeof write_ / sizeof *write_; i++) {
		snprintf(name, sizeof name, "write:%s", write_[i]);
		TRY(name, writable(write_[i]));
	}
	for (unsigned i = 0; i < sizeof read_ / sizeof *read_; i++) {
		snprintf(name, sizeof name, "read:%s", read_[i]);
		TRY(name, readable(read_[i]));
	}
	for (unsigned i = 0; i < sizeof list_ / sizeof *list_; i++) {
		snprintf(name, sizeof name, "list:%s", list_[i]);
		TRY(name, listed(list_[i]));
	}
	TRY("oom_below_zero", written("/proc/self/oom_score_adj", "-1"));
	TRY("oom_least", written("/proc/self/oom_score_adj", "-1000"));
	TRY("oom_zero", written("/proc/self/oom_score_adj", "0"));
	TRY("mkdir_cgroup", made("/sys/fs/cgroup/careen-escape"));
	TRY("mkdir_cgroup_memory", made("/sys/fs/cgroup/memory/careen-escape"));
	TRY("foreign_descriptor", foreign_descriptor());
	TRY("first_descriptor", first_descriptor());
	TRY("outside_directory", outside_directory());
	TRY("outside_root", outside_root());
	TRY("other_processes", other_processes());
}

static void devices(void) {
	static const struct {
		const char *name;
		mode_t kind;
		unsigned major_, minor_;
	} known[] = {{"sda", S_IFBLK, 8, 0},      {"vda_253", S_IFBLK, 253, 0}, {"vda_254", S_IFBLK, 254, 0}, {"loop0", S_IFBLK, 7, 0},
		     {"nvme", S_IFBLK, 259, 0},   {"mem", S_IFCHR, 1, 1},       {"kmem", S_IFCHR, 1, 2},      {"port", S_IFCHR, 1, 4},
		     {"kmsg", S_IFCHR, 1, 11},    {"tty0", S_IFCHR, 4, 0},      {"vcs", S_IFCHR, 7, 0},       {"fuse", S_IFCHR, 10, 229},
		     {"kvm", S_IFCHR, 10, 232},   {"tun", S_IFCHR, 10, 200},    {"cuse", S_IFCHR, 10, 203},   {"loop_control", S_IFCHR, 10, 237},
		     {"mapper", S_IFCHR, 10, 236}, {"btrfs", S_IFCHR, 10, 234}, {"vhost_net", S_IFCHR, 10, 238}, {"vhost_vsock", S_IFCHR, 10, 241},
		     {"vfio", S_IFCHR, 10, 196},  {"uinput", S_IFCHR, 10, 223}, {"hpet", S_IFCHR, 10, 228},   {"userfaultfd", S_IFCHR, 10, 126},
		     {"autofs", S_IFCHR, 10, 235}, {"rtc", S_IFCHR, 10, 135}, {"rfkill", S_IFCHR, 10, 242},
		     {"ptp", S_IFCHR, 248, 0},    {"msr", S_IFCHR, 202, 0},     {"cpuid", S_IFCHR, 203, 0},   {"framebuffer", S_IFCHR, 29, 0},
		     {"input", S_IFCHR, 13, 64},  {"drm", S_IFCHR, 226, 0},     {"sg", S_IFCHR, 21, 0},       {"nvidia", S_IFCHR, 195, 0},
		     {"null", S_IFCHR, 1, 3},     {"random", S_IFCHR, 1, 8},    {"ppp", S_IFCHR, 108, 0},     {"nbd", S_IFBLK, 43, 0}};
	char name[64];
	for (unsigned i = 0; i < sizeof known / sizeof *known; i++) {
		snprintf(name, sizeof name, "device_%s", known[i].name);
		TRY(name, node(known[i].kind, known[i].major_, known[i].minor_));
	}
}

int main(void) {
	if (!mkdtemp(place))
		return 1;
	mounts();
	namespaces();
	kernel_calls();
	sockets();
	files();
	devices();
	unlink(below("file"));
	rmdir(below("here"));
	return rmdir(place) ? 1 : 0;
}
