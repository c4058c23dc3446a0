/* sensor_ops MODE N: one thread, N operations, prints nanoseconds of CPU time per operation (the sensor's part runs in the caller's context, so
 * it is in there; other load on the machine is not).
 *   open1, stat1, miss1  the same name again and again      open100k, stat100k  N distinct files, once each, made before the clock starts
 *   getppid              a system call that has no path */
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
	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return t.tv_sec * 1e9 + t.tv_nsec;
}

static void path_of(char *out, size_t size, long i) { snprintf(out, size, "/tree/d%03ld/some_module_name_%05ld.py", i / 1000, i % 1000); }

static void must(int good)
{
	if (!good)
		exit(3);
}

/* mknod is another use of the same name, so that the timed open or stat is a first sight. */
static void make_tree(long n)
{
	char path[128];
	for (long i = 0; i < n; i++) {
		snprintf(path, sizeof path, "/tree/d%03ld", i / 1000);
		must(i % 1000 || !mkdir(path, 0755));
		path_of(path, sizeof path, i);
		must(!mknod(path, S_IFREG | 0644, 0));
	}
}

static void open_close(const char *path)
{
	int fd = open(path, O_RDONLY);
	must(fd >= 0);
	close(fd);
}

static void operate(const char *mode, long i)
{
	char path[128];
	struct stat st;
	switch (mode[0] == 'g' ? 'g' : strstr(mode, "100k") ? mode[0] - 'a' + 'A' : mode[0]) {
	case 'g': syscall(SYS_getppid); break;
	case 'o': open_close("/tree/name"); break;
	case 's': must(!stat("/tree/name", &st)); break;
	case 'm': must(stat("/tree/not-there", &st)); break;
	case 'O': path_of(path, sizeof path, i); open_close(path); break;
	case 'S': path_of(path, sizeof path, i); must(!stat(path, &st)); break;
	default: exit(2);
	}
}

int main(int argc, char **argv)
{
	must(argc == 3);
	long n = atol(argv[2]);
	must(!mknod("/tree/name", S_IFREG | 0644, 0));
	if (strstr(argv[1], "100k"))
		make_tree(n);
	double begin = now();
	for (long i = 0; i < n; i++)
		operate(argv[1], i);
	printf("%.1f\n", (now() - begin) / n);
	return 0;
}
