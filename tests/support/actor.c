/* The program of the images that the sensor's tests watch: each word of its command line is one thing to do. Built statically.
 *   open:P  write:P  rdwr:P  stat:P  lstat:P  access:P  readlink:P  chdir:P  list:P  unlink:P  fstat:P  at:DIR:NAME  run:P  sleep:MS
 *   shift:WORD (each character one too high)
 *   exec:P  map:P  connect:PORT  message:PORT  unix:P  many:DIR:N (N names that are not there)  again:P:N (N times)  badpath  emptyat:P  wait:P
 * As `-c LINE` it is the shell of the image: the words of LINE. */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

int act_corner(const char *what, char *arg);  /* actor_corners.c */
int act_running(const char *what, char *arg); /* actor_running.c */
int act_links(const char *what, char *arg);   /* actor_links.c */

static int opened(const char *path, int flags)
{
	int fd = open(path, flags, 0644);
	if (fd >= 0)
		close(fd);
	return fd;
}

static void list(const char *path)
{
	char buffer[4096];
	int fd = open(path, O_RDONLY | O_DIRECTORY);
	while (syscall(SYS_getdents64, fd, buffer, sizeof buffer) > 0)
		;
	close(fd);
}

static void run(const char *path)
{
	pid_t child = fork();
	if (!child) {
		execl(path, path, "stat:/etc/in-child", NULL);
		_exit(127);
	}
	waitpid(child, NULL, 0);
}

static void map(const char *path)
{
	int fd = open(path, O_RDONLY);
	mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
	close(fd);
}

static void reach(int port, int by_message)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, by_message ? SOCK_DGRAM : SOCK_STREAM, 0);
	struct iovec data = { "x", 1 };
	struct msghdr message = { .msg_name = &to, .msg_namelen = sizeof to, .msg_iov = &data, .msg_iovlen = 1 };
	if (by_message)
		sendmsg(fd, &message, 0);
	else
		connect(fd, (void *)&to, sizeof to);
	close(fd);
}

static void bind_unix(const char *path)
{
	struct sockaddr_un at = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	strncpy(at.sun_path, path, sizeof at.sun_path - 1);
	bind(fd, (void *)&at, sizeof at);
	close(fd);
}

static void many(char *text)
{
	char *count = strrchr(text, ':'), path[512];
	struct stat st;
	*count++ = '\0';
	for (long i = 0; i < atol(count); i++) {
		snprintf(path, sizeof path, "%s/absent-%07ld", text, i);
		stat(path, &st);
	}
}

static void again(char *text)
{
	char *count = strrchr(text, ':');
	*count++ = '\0';
	for (long i = 0; i < atol(count); i++)
		opened(text, O_RDONLY);
}

static void at(char *text)
{
	char *name = strchr(text, ':');
	*name++ = '\0';
	int dir = open(text, O_RDONLY | O_DIRECTORY), fd = openat(dir, name, O_RDONLY);
	close(fd);
	close(dir);
}

static void empty_at(const char *path)
{
	struct stat st;
	int fd = open(path, O_RDONLY);
	fstatat(fd, "", &st, AT_EMPTY_PATH);
	close(fd);
}

static void act(char *word);

/* A word whose characters are each one too high: what it names stands nowhere in the image. */
static void shifted(char *word)
{
	for (char *at = word; *at; at++)
		(*at)--;
	act(word);
}

static void act(char *word)
{
	char *what = strsep(&word, ":"), *arg = word, text[4096];
	struct stat st;
#define IS(name) (!strcmp(what, name))
	if (IS("open")) opened(arg, O_RDONLY);
	else if (IS("write")) opened(arg, O_WRONLY | O_CREAT);
	else if (IS("rdwr")) opened(arg, O_RDWR | O_CREAT);
	else if (IS("stat")) stat(arg, &st);
	else if (IS("lstat")) lstat(arg, &st);
	else if (IS("access")) access(arg, R_OK);
	else if (IS("readlink")) { if (readlink(arg, text, sizeof text) < 0) return; }
	else if (IS("chdir")) { if (chdir(arg)) return; }
	else if (IS("list")) list(arg);
	else if (IS("unlink")) unlink(arg);
	else if (IS("fstat")) { int fd = open(arg, O_RDONLY); syscall(SYS_fstat, fd, &st); close(fd); }
	else if (IS("emptyat")) empty_at(arg);
	else if (IS("at")) at(arg);
	else if (IS("run")) run(arg);
	else if (IS("exec")) execl(arg, arg, NULL);
	else if (IS("map")) map(arg);
	else if (IS("connect")) reach(atoi(arg), 0);
	else if (IS("message")) reach(atoi(arg), 1);
	else if (IS("unix")) bind_unix(arg);
	else if (IS("many")) many(arg);
	else if (IS("again")) again(arg);
	else if (IS("sleep")) usleep(atoi(arg) * 1000);
	else if (IS("wait")) while (access(arg, F_OK)) usleep(20000);
	else if (IS("shift")) shifted(arg);
	else if (IS("badpath")) syscall(SYS_openat, AT_FDCWD, (void *)8, O_RDONLY);
	else if (!act_corner(what, arg) && !act_running(what, arg) && !act_links(what, arg)) exit(3);
}

int main(int argc, char **argv)
{
	if (argc > 1 && !strcmp(argv[1], "-c")) {
		char *line = strdup(argv[2]), *word;
		while ((word = strsep(&line, " ")))
			act(word);
		return 0;
	}
	for (int i = 1; i < argc; i++)
		if (strchr(argv[i], ':') || !strcmp(argv[i], "badpath"))
			act(argv[i]);
	return 0;
}
