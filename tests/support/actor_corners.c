/* The actor's rarer words: what few programs do, and a hostile one would.
 *   uring:P  compat:P  messages:PORT (and the next)  spawn:P  vfork:P  thread:P (exec by a second thread)  deleted:DIR  outside:NAME (below /proc)
 *   execfd:P  memfd:P  root:DIR:P  private:DIR:P (a tmpfs of its own)  rename:FROM:TO  mkdir:P  signal:N  long:BYTES  rawname:P (P and two bytes that are no UTF-8)
 *   flood:N (N names of 3,900 bytes that are not there)  swap:FIFO:P (open FIFO, and write P over the name while the call waits)
 *   execcheck:P (AT_EXECVE_CHECK)  fileattr:P  futimens:P  refused:N (kexec_load, which a filter or the kernel refuses) */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <linux/io_uring.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

static int uring_open(const char *path)
{
	struct io_uring_params p = {};
	int ring = syscall(SYS_io_uring_setup, 4, &p);
	if (ring < 0)
		return ring;
	char *queue = mmap(NULL, p.sq_off.array + p.sq_entries * 4, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQ_RING);
	struct io_uring_sqe *entry = mmap(NULL, p.sq_entries * sizeof *entry, PROT_READ | PROT_WRITE, MAP_SHARED, ring, IORING_OFF_SQES);
	*entry = (struct io_uring_sqe){ .opcode = IORING_OP_OPENAT, .fd = AT_FDCWD, .addr = (unsigned long)path, .open_flags = O_RDONLY };
	((unsigned *)(queue + p.sq_off.array))[0] = 0;
	__atomic_store_n((unsigned *)(queue + p.sq_off.tail), 1, __ATOMIC_RELEASE);
	return syscall(SYS_io_uring_enter, ring, 1, 1, IORING_ENTER_GETEVENTS, NULL, 0);
}

/* open(2) by its 32-bit number, from a 64-bit program; the name must lie below 4 GiB. */
static int compat_open(const char *path)
{
	static char low[256];
	int result;
	strncpy(low, path, sizeof low - 1);
	__asm__ volatile("int $0x80" : "=a"(result) : "a"(5), "b"(low), "c"(0), "d"(0) : "memory", "r8", "r9", "r10", "r11");
	return result;
}

static void messages(int port)
{
	struct sockaddr_in to[2];
	struct iovec data = { "x", 1 };
	struct mmsghdr list[2] = {};
	for (int i = 0; i < 2; i++) {
		to[i] = (struct sockaddr_in){ .sin_family = AF_INET, .sin_port = htons(port + i), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
		list[i].msg_hdr = (struct msghdr){ .msg_name = &to[i], .msg_namelen = sizeof to[i], .msg_iov = &data, .msg_iovlen = 1 };
	}
	int fd = socket(AF_INET, SOCK_DGRAM, 0);
	sendmmsg(fd, list, 2, 0);
	close(fd);
}

static void spawn(const char *path, const char *word)
{
	pid_t child;
	char *argv[] = { (char *)path, (char *)word, NULL };
	if (!posix_spawn(&child, path, NULL, NULL, argv, NULL))
		waitpid(child, NULL, 0);
}

static void by_vfork(const char *path)
{
	pid_t child = vfork();
	if (!child) {
		execl(path, path, "stat:/etc/by-vfork", NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static void *exec_in_thread(void *path)
{
	execl(path, path, "stat:/etc/after-thread", NULL);
	return NULL;
}

static void in_child(void (*action)(char *), char *arg)
{
	pid_t child = fork();
	if (!child) {
		action(arg);
		_exit(0);
	}
	waitpid(child, NULL, 0);
}

static void thread(char *path)
{
	pthread_t other;
	pthread_create(&other, NULL, exec_in_thread, path);
	pthread_join(other, NULL);
}

static void deleted(char *directory)
{
	struct stat st;
	mkdir(directory, 0755);
	if (chdir(directory) || rmdir(directory))
		return;
	stat("lost", &st);
}

static void outside(char *name)
{
	int dir = open("/proc", O_RDONLY | O_DIRECTORY), fd = openat(dir, name, O_RDONLY);
	close(fd);
	close(dir);
}

static void execfd(char *path)
{
	char *argv[] = { path, "stat:/etc/after-execfd", NULL }, *none[] = { NULL };
	int fd = open(path, O_PATH);
	syscall(SYS_execveat, fd, "", argv, none, AT_EMPTY_PATH);
}

/* May it be executed? It is not. (6.14; as an interpreter asks for a script) */
static void execcheck(char *path)
{
	char *argv[] = { path, NULL }, *none[] = { NULL };
	syscall(SYS_execveat, AT_FDCWD, path, argv, none, 0x10000);
}

static void memfd(char *path)
{
	static char data[1 << 16];
	char *argv[] = { "copied", "stat:/etc/after-memfd", NULL }, *none[] = { NULL };
	int from = open(path, O_RDONLY), to = syscall(SYS_memfd_create, "copied", 0);
	for (ssize_t got; (got = read(from, data, sizeof data)) > 0;)
		if (write(to, data, got) != got)
			return;
	fexecve(to, argv, none);
}

static void root(char *text)
{
	struct stat st;
	char *path = strchr(text, ':');
	*path++ = '\0';
	if (chroot(text) || chdir("/"))
		return;
	stat(path, &st);
	close(open(path + 1, O_RDONLY));
}

static void private(char *text)
{
	char *path = strchr(text, ':');
	*path++ = '\0';
	if (unshare(CLONE_NEWNS) || mount("own", text, "tmpfs", 0, ""))
		exit(4);
	close(open(path, O_WRONLY | O_CREAT, 0644));
	close(open(path, O_RDONLY));
	close(open("/etc/other", O_RDONLY));
}

static void nothing(int number) { (void)number; }

static void signals(int count)
{
	signal(SIGUSR1, nothing);
	while (count-- > 0)
		kill(getpid(), SIGUSR1);
}

static void long_path(int bytes)
{
	char *path = malloc(bytes + 64);
	struct stat st;
	strcpy(path, "/etc/");
	while ((int)strlen(path) < bytes - 8)
		strcat(path, "./");
	strcat(path, "file");
	stat(path, &st);
	while ((int)strlen(path) < bytes)
		strcat(path, "x");
	stat(path, &st);
	free(path);
}

/* Components of 199 bytes, so that the kernel looks each name up. */
static void flood(int count)
{
	static char path[3901];
	struct stat st;
	memset(path, 'A', sizeof path - 1);
	for (int at = 0; at < (int)sizeof path - 1; at += 200)
		path[at] = '/';
	for (int i = 0; i < count; i++) {
		path[1 + snprintf(path + 1, 12, "%010d", i)] = 'A';
		stat(path, &st);
	}
}

static void *open_waiting(void *name)
{
	close(open(name, O_RDONLY));
	return NULL;
}

static void swap(char *fifo)
{
	static char name[256];
	pthread_t other;
	char *decoy = strchr(fifo, ':');
	*decoy++ = '\0';
	if (mkfifo(fifo, 0600))
		exit(4);
	strcpy(name, fifo);
	pthread_create(&other, NULL, open_waiting, name);
	usleep(300000);
	strcpy(name, decoy);
	close(open(fifo, O_WRONLY));
	pthread_join(other, NULL);
}

int act_corner(const char *what, char *arg)
{
	struct stat st;
	char text[512];
#define IS(name) (!strcmp(what, name))
	if (IS("uring")) uring_open(arg);
	else if (IS("compat")) compat_open(arg);
	else if (IS("messages")) messages(atoi(arg));
	else if (IS("spawn")) spawn(arg, "stat:/etc/by-spawn");
	else if (IS("vfork")) by_vfork(arg);
	else if (IS("thread")) in_child(thread, arg);
	else if (IS("deleted")) in_child(deleted, arg);
	else if (IS("outside")) outside(arg);
	else if (IS("execfd")) in_child(execfd, arg);
	else if (IS("memfd")) in_child(memfd, arg);
	else if (IS("root")) in_child(root, arg);
	else if (IS("private")) in_child(private, arg);
	else if (IS("rename")) { char *to = strchr(arg, ':'); *to++ = '\0'; rename(arg, to); }
	else if (IS("mkdir")) mkdir(arg, 0755);
	else if (IS("futimens")) futimens(open(arg, O_RDONLY), NULL); /* as touch(1): utimensat with a descriptor and no name */
	else if (IS("signal")) signals(atoi(arg));
	else if (IS("long")) long_path(atoi(arg));
	else if (IS("rawname")) { snprintf(text, sizeof text, "%s\xff\xfe", arg); stat(text, &st); }
	else if (IS("flood")) flood(atoi(arg));
	else if (IS("swap")) swap(arg);
	else if (IS("refused")) syscall(SYS_kexec_load, 0, 0, 0, 0xffff);
	else if (IS("execcheck")) execcheck(arg);
	else if (IS("fileattr")) syscall(468, AT_FDCWD, arg, text, 24, 0); /* file_getattr */
	else return 0;
	return 1;
}
