/* sensor_ops MODE N: one thread, N operations, prints nanoseconds per operation.
 * open1, stat1, miss1: the same name again and again; open100k, stat100k: N distinct files, once each (made first, not timed). */
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

static double now(void)
{
	struct timespec t;
	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void path_of(char *out, size_t size, long i)
{
	snprintf(out, size, "/tree/d%03ld/some_module_name_%05ld.py", i / 1000, i % 1000);
}

static void make_tree(long n)
{
	char path[128];
	mkdir("/tree", 0755);
	for (long i = 0; i < n; i++) {
		if (i % 1000 == 0) {
			snprintf(path, sizeof path, "/tree/d%03ld", i / 1000);
			mkdir(path, 0755);
		}
		path_of(path, sizeof path, i);
		if (mknod(path, S_IFREG | 0644, 0)) /* a change by this name: the timed open or stat is another use, so a first sight */
			exit(4);
	}
}

static void operate(const char *mode, long i)
{
	char path[128];
	struct stat st;
	int fd;
	if (!strcmp(mode, "getppid"))
		syscall(SYS_getppid);
	else if (!strcmp(mode, "open1") && (fd = open("/etc/name", O_RDONLY)) >= 0)
		close(fd);
	else if (!strcmp(mode, "stat1"))
		stat("/etc/name", &st);
	else if (!strcmp(mode, "miss1"))
		stat("/etc/not-there", &st);
	else if (path_of(path, sizeof path, i), !strcmp(mode, "open100k") && (fd = open(path, O_RDONLY)) >= 0)
		close(fd);
	else if (!strcmp(mode, "stat100k"))
		stat(path, &st);
	else if (strcmp(mode, "open1"))
		exit(3);
}

int main(int argc, char **argv)
{
	if (argc != 3)
		return 2;
	long n = atol(argv[2]);
	if (strstr(argv[1], "100k"))
		make_tree(n);
	for (long i = 0; i < (strstr(argv[1], "100k") ? n : n / 10); i += strstr(argv[1], "100k") ? n : 1)
		operate(argv[1], i);
	double begin = now();
	for (long i = strstr(argv[1], "100k") ? 1 : 0; i < n; i++)
		operate(argv[1], i);
	printf("%.1f\n", (now() - begin) / n);
	return 0;
}
