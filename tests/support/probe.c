/* The one program of the images that the engine tests run: it says how its container looks from inside. Built statically. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <grp.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <unistd.h>

extern char **environ;

static void copy(int from, int to) {
	static char buffer[65536];
	ssize_t n;
	while ((n = read(from, buffer, sizeof buffer)) > 0)
		for (ssize_t done = 0; done < n;) {
			ssize_t m = write(to, buffer + done, n - done);
			if (m <= 0)
				return;
			done += m;
		}
}

static int fail(const char *what) {
	fprintf(stderr, "%s: %s\n", what, strerrorname_np(errno));
	return 1;
}

static int show(const char *path) {
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return fail(path);
	copy(fd, 1);
	close(fd);
	return 0;
}

/* Prints each line of a file that starts with one of the words. */
static void lines(const char *path, const char **words) {
	char line[4096];
	FILE *in = fopen(path, "r");
	while (in && fgets(line, sizeof line, in))
		for (const char **word = words; *word; word++)
			if (!strncmp(line, *word, strlen(*word)))
				fputs(line, stdout);
	if (in)
		fclose(in);
}

static int identity(void) {
	const char *words[] = {"Uid:", "Gid:", "Groups:", "CapInh:", "CapPrm:", "CapEff:", "CapBnd:", "CapAmb:", "NoNewPrivs:", "Seccomp:", NULL};
	char cwd[4096];
	lines("/proc/self/status", words);
	printf("cwd: %s\n", getcwd(cwd, sizeof cwd) ? cwd : "?");
	printf("umask: %o\n", umask(0));
	printf("pid: %d\n", getpid());
	return 0;
}

static int list(const char *path) {
	struct dirent **found;
	int n = scandir(path, &found, NULL, alphasort);
	if (n < 0)
		return fail(path);
	for (int i = 0; i < n; i++)
		if (strcmp(found[i]->d_name, ".") && strcmp(found[i]->d_name, ".."))
			puts(found[i]->d_name);
	return 0;
}

static int metadata(const char *path) {
	struct stat s;
	if (lstat(path, &s))
		return fail(path);
	printf("%o %u:%u %lld\n", s.st_mode, s.st_uid, s.st_gid, S_ISREG(s.st_mode) ? (long long)s.st_size : 0);
	return 0;
}

static int put(const char *path, const char *text) {
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		return fail(path);
	if (write(fd, text, strlen(text)) < 0)
		return fail(path);
	close(fd);
	return 0;
}

static int mounted(const char *path) {
	char line[4096], at[4096], options[1024];
	FILE *in = fopen("/proc/self/mountinfo", "r");
	while (in && fgets(line, sizeof line, in))
		if (sscanf(line, "%*s %*s %*s %*s %4095s %1023s", at, options) == 2 && !strcmp(at, path)) {
			struct statvfs v;
			statvfs(path, &v);
			printf("%s %llu\n", options, (unsigned long long)v.f_blocks * v.f_frsize);
		}
	return 0;
}

/* Echoes each connection until the other side has said all, then says "end" and closes: a half-closed connection must go on in the other direction. */
static int serve(int port) {
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons(port)};
	int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	signal(SIGCHLD, SIG_IGN);
	if (bind(s, (void *)&a, sizeof a) || listen(s, 128))
		return fail("bind");
	puts("listening");
	fflush(stdout);
	for (;;) {
		int c = accept(s, NULL, NULL);
		if (c < 0)
			continue;
		if (!fork()) {
			copy(c, c);
			if (write(c, "end", 3) < 0)
				_exit(1);
			_exit(0);
		}
		close(c);
	}
}

static void report(int number) {
	char text[64];
	int n = snprintf(text, sizeof text, "signal %d\n", number);
	if (write(1, text, n) < 0)
		_exit(2);
	_exit(40 + number);
}

static void wait_for(const char *how) {
	for (int number = 1; number < 16; number++)
		if (number != SIGKILL)
			signal(number, strcmp(how, "deaf") ? report : SIG_IGN);
	puts("waiting");
	fflush(stdout);
	for (;;)
		pause();
}

/* Takes all the memory it can get, after the seconds that a test needs to set a limit. */
static int eat(int delay) {
	puts("hungry");
	fflush(stdout);
	sleep(delay);
	for (int i = 0; i < 4096; i++)
		memset(malloc(1 << 20), 1 + i % 100, 1 << 20);
	return 0;
}

static int try_syscall(const char *name) {
	char area[256] = {0};
	long result = -1;
	errno = 0;
	if (!strcmp(name, "io_uring"))
		result = syscall(SYS_io_uring_setup, 1, area);
	else if (!strcmp(name, "unshare"))
		result = syscall(SYS_unshare, 0x10000000);
	else if (!strcmp(name, "clone3"))
		result = syscall(SYS_clone3, area, 64);
	else if (!strcmp(name, "keyctl"))
		result = syscall(SYS_keyctl, 0, -3, 0);
	else if (!strcmp(name, "vsock"))
		result = socket(AF_VSOCK, SOCK_STREAM, 0);
	else if (!strcmp(name, "mount"))
		result = mount("none", "/tmp", "tmpfs", 0, NULL);
	printf("%s %s\n", name, result >= 0 ? "allowed" : strerrorname_np(errno));
	return 0;
}

/* Has as many processes as it is asked for, or can get, and says how many. */
static int fork_all(int wanted) {
	int made = 0;
	for (; made < wanted; made++) {
		pid_t child = fork();
		if (child < 0)
			break;
		if (!child)
			for (;;)
				pause();
	}
	printf("forked %d\n", made);
	fflush(stdout);
	return 0;
}

/* Writes a file without end; on a full disk it goes on trying. */
static int fill(const char *path) {
	static char block[1 << 16];
	memset(block, 'x', sizeof block);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	if (fd < 0)
		return fail(path);
	for (;;)
		if (write(fd, block, sizeof block) < 0)
			usleep(10000);
}

int main(int argc, char **argv) {
	const char *verb = argc > 1 ? argv[1] : "", *word = argc > 2 ? argv[2] : "";
	if (!strcmp(verb, "env")) {
		for (char **e = environ; *e; e++)
			puts(*e);
		return 0;
	}
	if (!strcmp(verb, "args")) {
		for (int i = 0; i < argc; i++)
			puts(argv[i]);
		return 0;
	}
	if (!strcmp(verb, "both")) {
		fputs("to stdout\n", stdout);
		fflush(stdout);
		fputs("to stderr\n", stderr);
		return 0;
	}
	if (!strcmp(verb, "id"))
		return identity();
	if (!strcmp(verb, "cat"))
		return show(word);
	if (!strcmp(verb, "ls"))
		return list(word);
	if (!strcmp(verb, "stat"))
		return metadata(word);
	if (!strcmp(verb, "put"))
		return put(word, argc > 3 ? argv[3] : "");
	if (!strcmp(verb, "mount"))
		return mounted(word);
	if (!strcmp(verb, "serve"))
		return serve(atoi(word));
	if (!strcmp(verb, "wait"))
		wait_for(word);
	if (!strcmp(verb, "sleep"))
		return sleep(atoi(word)), 0;
	if (!strcmp(verb, "exit"))
		return atoi(word);
	if (!strcmp(verb, "raise"))
		return signal(atoi(word), SIG_DFL), kill(getpid(), atoi(word));
	if (!strcmp(verb, "eat"))
		return eat(atoi(word));
	if (!strcmp(verb, "forks"))
		return fork_all(atoi(word));
	if (!strcmp(verb, "fill"))
		return fill(word);
	if (!strcmp(verb, "try")) {
		for (int i = 2; i < argc; i++)
			try_syscall(argv[i]);
		return 0;
	}
	if (!strcmp(verb, "print")) {
		for (int i = atoi(word); i > 0; i--)
			puts("0123456789012345678901234567890123456789012345678901234567890123456789");
		return 0;
	}
	fprintf(stderr, "probe: no verb %s\n", verb);
	return 2;
}
