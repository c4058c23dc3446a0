/* What a program in a container may try in order to get out, or to reach more of the kernel than a service needs.
 *
 * Each try runs in a process of its own. One line for each on standard output: `name=0` if it worked, `name=ERRNO`, or
 * `name=killed`. A try that works changes nothing outside its process: calls that would change the machine get an
 * argument that is refused after the permission was checked, and files are made and removed again.
 *
 * Its words are the directories in which it tries to write and to run a program: `wrote-N`, `run-written-N`.
 *
 * The program itself makes only calls that every profile allows (policy/data/floor.toml): no wait, no alarm.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/ptrace.h>
#include <sys/reboot.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/types.h>
#include <sys/uio.h>
#include <time.h>
#include <unistd.h>

#define OTHER_USER 54321
#define NAME "/.careen-probe-program"
#define LONGEST 4096
#define SEIZE 0x4206 /* PTRACE_SEIZE */

static void say(const char *text) {
	size_t left = strlen(text);
	while (left) {
		ssize_t n = write(1, text, left);
		if (n <= 0)
			_exit(1);
		text += n, left -= (size_t)n;
	}
}

static void number(int value) {
	char digits[12], *at = digits + sizeof digits - 1;
	*at = 0;
	do
		*--at = (char)('0' + value % 10);
	while (value /= 10);
	say(at);
}

/* Run one try in a child, which sends its result through a pipe; `at` is a part of its name, if not negative. */
static void attempt(const char *name, int at, long (*try)(void), int is_exec) {
	int ends[2], result = 0;
	say(name);
	if (at >= 0)
		number(at);
	say("=");
	if (pipe2(ends, O_CLOEXEC))
		_exit(1);
	pid_t child = fork();
	if (child < 0)
		_exit(1);
	if (!child) {
		errno = 0;
		result = try() < 0 ? (errno ? errno : EINVAL) : 0;
		_exit(write(ends[1], &result, sizeof result) != sizeof result);
	}
	close(ends[1]);
	if (read(ends[0], &result, sizeof result) == sizeof result)
		number(result);
	else
		say(is_exec ? "0" : "killed");
	say("\n");
	close(ends[0]);
}

/* An exec that works closes the pipe without a result. */
static long shell(void) { return execve("/bin/sh", (char *[]){"sh", "-c", ":", 0}, (char *[]){0}); }

static long written(const char *path) {
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	if (fd < 0)
		return -1;
	close(fd);
	return unlinkat(AT_FDCWD, path, 0), 0;
}

static long write_usr(void) { return written("/usr/.careen-probe-file"); }
static long write_etc(void) { return written("/etc/.careen-probe-file"); }
static long write_root(void) { return written("/.careen-probe-file"); }

/* A program that was written at run time, as what is fetched after a break-in. */
static char program[LONGEST + sizeof NAME];

static long write_program(int how) {
	static const char script[] = "#!/.careen-probe/probe exit\n";
	int fd = openat(AT_FDCWD, program, O_WRONLY | O_CREAT | O_NOFOLLOW | O_CLOEXEC | how, 0700);
	if (fd < 0)
		return -1;
	if (write(fd, script, sizeof script - 1) < 0)
		return -1;
	return close(fd);
}

static long wrote(void) { return write_program(O_EXCL); }

/* The file of `wrote` may be there still: a profile need not allow its removal. */
static long run_written(void) {
	if (write_program(O_TRUNC))
		return -1;
	return execve(program, (char *[]){"careen-probe", 0, 0}, (char *[]){0});
}

static void attempt(const char *name, int at, long (*try)(void), int is_exec);

static void try_in(const char *directory, int at) {
	size_t length = strlen(directory);
	if (length > LONGEST)
		_exit(1);
	memcpy(program, directory, length);
	memcpy(program + length, NAME, sizeof NAME);
	attempt("wrote-", at, wrote, 0);
	attempt("run-written-", at, run_written, 1);
	unlinkat(AT_FDCWD, program, 0);
}

static long kcore(void) {
	char byte;
	int fd = openat(AT_FDCWD, "/proc/kcore", O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	ssize_t n = read(fd, &byte, 1);
	if (n == 0)
		errno = ENODATA; /* /dev/null is mounted over it */
	return n > 0 ? 0 : -1;
}

static long sysrq(void) { return openat(AT_FDCWD, "/proc/sysrq-trigger", O_WRONLY | O_CLOEXEC); }
static long core_pattern(void) { return openat(AT_FDCWD, "/proc/sys/kernel/core_pattern", O_WRONLY | O_CLOEXEC); }
static long engine_socket(void) { return faccessat(AT_FDCWD, "/run/docker.sock", R_OK, 0); }

static long raw_socket(void) { return socket(AF_INET, SOCK_RAW | SOCK_CLOEXEC, 255); }
static long packet_socket(void) { return socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC, 0); }
static long crypto_socket(void) { return socket(AF_ALG, SOCK_SEQPACKET | SOCK_CLOEXEC, 0); }
static long vsock_socket(void) { return socket(AF_VSOCK, SOCK_STREAM | SOCK_CLOEXEC, 0); }

static long trace(void) { return ptrace(SEIZE, getppid(), 0, 0); }

static long other_memory(void) {
	/* Its own page: the permission is checked before any byte is read. */
	static char byte;
	char here;
	struct iovec local = {&here, 1}, remote = {&byte, 1};
	return process_vm_readv(getppid(), &local, 1, &remote, 1, 0);
}

static long other_descriptor(void) {
	int pidfd = (int)syscall(SYS_pidfd_open, getppid(), 0);
	return pidfd < 0 ? -1 : syscall(SYS_pidfd_getfd, pidfd, 1, 0);
}

static long mount_tmpfs(void) { return mount("x", "/tmp", "tmpfs", 0, ""); }
static long new_mount(void) { return syscall(430 /* fsopen */, "tmpfs", 0); }
static long user_namespace(void) { return unshare(CLONE_NEWUSER); }
static long mount_namespace(void) { return unshare(CLONE_NEWNS); }

static long clone_user(void) {
	long child = syscall(SYS_clone, CLONE_NEWUSER | SIGCHLD, 0, 0, 0, 0);
	if (!child)
		_exit(0);
	return child;
}

static long join_namespace(void) {
	int fd = openat(AT_FDCWD, "/proc/1/ns/mnt", O_RDONLY | O_CLOEXEC);
	return fd < 0 ? -1 : setns(fd, 0);
}

static long change_root(void) { return chroot("/"); }
static long pivot(void) { return syscall(SYS_pivot_root, "/nonexistent", "/nonexistent"); }
static long other_user(void) { return syscall(SYS_setuid, OTHER_USER); }

static long gain(void) {
	int set = prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0);
	errno = EPERM;
	return set == 1 ? -1 : 0;
}

static long device(void) {
	static const char path[] = "/tmp/.careen-probe-device";
	if (mknodat(AT_FDCWD, path, S_IFCHR | 0600, makedev(1, 3)))
		return -1;
	return unlinkat(AT_FDCWD, path, 0), 0;
}

static long module(void) { return syscall(SYS_init_module, 0, 0, ""); }
static long module_file(void) { return syscall(SYS_finit_module, -1, "", 0); }
static long kernel_image(void) { return syscall(SYS_kexec_load, 0, 0, 0, 0xffff); }

static long bpf_map(void) {
	struct {
		uint32_t type, key, value, entries, flags;
	} array = {2, 4, 4, 1, 0};
	return syscall(SYS_bpf, 0, &array, sizeof array);
}

static long keyring(void) { return syscall(SYS_keyctl, 0, -3, 0); }
static long add_key(void) { return syscall(SYS_add_key, "user", "careen", "x", 1, -2); }
static long fault_handler(void) { return syscall(SYS_userfaultfd, O_CLOEXEC | 1 /* of its own faults only */); }
static long ring(void) { return syscall(425 /* io_uring_setup */, 1, (char[120]){0}); }

static long counters(void) {
	struct {
		uint32_t type, size;
		uint64_t config, rest[14];
	} clock = {.type = 1, .size = 128};
	return syscall(SYS_perf_event_open, &clock, 0, -1, -1, 0);
}

static long by_handle(void) {
	struct {
		struct file_handle head;
		unsigned char bytes[8];
	} bogus = {{.handle_bytes = 8, .handle_type = 1}, {2}};
	return open_by_handle_at(AT_FDCWD, &bogus.head, O_RDONLY | O_CLOEXEC);
}

static long watch_files(void) { return syscall(SYS_fanotify_init, 0, 0); }
static long kernel_log(void) { char text[16]; return syscall(SYS_syslog, 3, text, sizeof text); }
static long set_clock(void) { struct timespec wrong = {0, -1}; return syscall(SYS_clock_settime, CLOCK_REALTIME, &wrong); }
static long executable_data(void) { return personality(READ_IMPLIES_EXEC); }
static long restart(void) { return syscall(SYS_reboot, 0, 0, 0, 0); }

#ifdef __x86_64__
/* personality by the 32-bit table, past a filter that knows one table alone. */
static long old_table(void) {
	long result;
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(136), "b"(0xffffffff), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	if ((int)result >= 0)
		return 0;
	errno = -(int)result;
	return -1;
}
#endif

static const struct {
	const char *name;
	long (*try)(void);
	int is_exec;
} tries[] = {
	{"shell", shell, 1},
	{"write-usr", write_usr, 0},
	{"write-etc", write_etc, 0},
	{"write-root", write_root, 0},
	{"kcore", kcore, 0},
	{"sysrq", sysrq, 0},
	{"core-pattern", core_pattern, 0},
	{"engine-socket", engine_socket, 0},
	{"raw-socket", raw_socket, 0},
	{"packet-socket", packet_socket, 0},
	{"crypto-socket", crypto_socket, 0},
	{"vsock-socket", vsock_socket, 0},
	{"ptrace", trace, 0},
	{"other-memory", other_memory, 0},
	{"other-descriptor", other_descriptor, 0},
	{"mount", mount_tmpfs, 0},
	{"new-mount", new_mount, 0},
	{"user-namespace", user_namespace, 0},
	{"mount-namespace", mount_namespace, 0},
	{"clone-user", clone_user, 0},
	{"join-namespace", join_namespace, 0},
	{"chroot", change_root, 0},
	{"pivot-root", pivot, 0},
	{"setuid", other_user, 0},
	{"gain-privileges", gain, 0},
	{"device", device, 0},
	{"module", module, 0},
	{"module-file", module_file, 0},
	{"kexec", kernel_image, 0},
	{"bpf", bpf_map, 0},
	{"keyctl", keyring, 0},
	{"add-key", add_key, 0},
	{"userfaultfd", fault_handler, 0},
	{"io-uring", ring, 0},
	{"perf", counters, 0},
	{"file-handle", by_handle, 0},
	{"fanotify", watch_files, 0},
	{"kernel-log", kernel_log, 0},
	{"set-clock", set_clock, 0},
	{"personality", executable_data, 0},
	{"reboot", restart, 0},
#ifdef __x86_64__
	{"old-table", old_table, 0},
#endif
};

int main(int count, char **words) {
	if (count > 1 && !strcmp(words[1], "exit"))
		return 0;
	for (unsigned i = 0; i < sizeof tries / sizeof *tries; i++)
		attempt(tries[i].name, -1, tries[i].try, tries[i].is_exec);
	for (int i = 1; i < count; i++)
		try_in(words[i], i - 1);
	return 0;
}
