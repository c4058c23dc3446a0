/* What the sensor's test program does before and after somebody attaches to it: things that are held, and processes that live beside the first one.
 *   keep:P  keeprw:P (opened, made if need be, and never closed)  view:P (mapped, not executable, and closed)
 *   beside:P (a child waits for P, then opens /etc/other and runs /bin/second)  unshare: (leaves the mount namespace)
 *   chain:P (until P is there, a process each millisecond, forked by the one before, which ends) */
#define _GNU_SOURCE
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

static void view(const char *path)
{
	int fd = open(path, O_RDONLY);
	mmap(NULL, 4096, PROT_READ, MAP_PRIVATE, fd, 0);
	close(fd);
}

static void beside(const char *path)
{
	if (fork())
		return;
	while (access(path, F_OK))
		usleep(20000);
	close(open("/etc/other", O_RDONLY));
	execl("/bin/second", "/bin/second", "stat:/etc/by-child", NULL);
	_exit(127);
}

static void chain(const char *path)
{
	struct stat st;
	signal(SIGCHLD, SIG_IGN); /* the first process inherits them all, and none is to stay as a zombie */
	if (fork())
		return;
	while (access(path, F_OK)) {
		usleep(1000);
		if (fork())
			_exit(0);
	}
	stat("/etc/end-of-chain", &st);
	_exit(0);
}

int act_running(const char *what, char *arg)
{
#define IS(name) (!strcmp(what, name))
	if (IS("keep")) open(arg, O_RDONLY);
	else if (IS("keeprw")) open(arg, O_RDWR | O_CREAT, 0644);
	else if (IS("view")) view(arg);
	else if (IS("beside")) beside(arg);
	else if (IS("chain")) chain(arg);
	else if (IS("unshare")) { if (unshare(CLONE_NEWNS)) exit(4); }
	else return 0;
	return 1;
}
