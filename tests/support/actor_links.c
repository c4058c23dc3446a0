/* The actor's words for names that are spelled in other ways, and for what is made at run time.
 *   hold:P (opens a directory and keeps it: the first is descriptor 3)  make:P (O_RDONLY | O_CREAT)  symlink:P:TEXT  link:FROM:TO  node:P (a fifo)
 *   chmod:P  tmpfile:DIR:NAME (made without a name, then linked)  rm:P
 *   exec2:PROGRAM:WORD */
#define _GNU_SOURCE
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static void tmpfile_at(char *text)
{
	char *name = strchr(text, ':'), self[64];
	*name++ = '\0';
	int fd = open(text, O_TMPFILE | O_WRONLY, 0644), ok = fd >= 0;
	snprintf(self, sizeof self, "/proc/self/fd/%d", fd);
	if (ok && linkat(AT_FDCWD, self, AT_FDCWD, name, AT_SYMLINK_FOLLOW))
		ok = 0;
	close(fd);
	if (!ok)
		_exit(5);
}

static int two(char *text, int (*call)(const char *, const char *))
{
	char *second = strchr(text, ':');
	*second++ = '\0';
	return call(text, second);
}

static int symlink_at(const char *place, const char *text) { return symlink(text, place); }

/* PROGRAM:WORD: become that program with that word, and stay a while. */
static void become(char *text)
{
	char *word = strchr(text, ':');
	*word++ = '\0';
	execl(text, text, word, "sleep:500", NULL);
	_exit(7);
}

int act_links(const char *what, char *arg)
{
	int bad = 0;
#define IS(name) (!strcmp(what, name))
	if (IS("hold")) bad = open(arg, O_RDONLY | O_DIRECTORY) < 0;
	else if (IS("make")) bad = close(open(arg, O_RDONLY | O_CREAT, 0644));
	else if (IS("symlink")) bad = two(arg, symlink_at);
	else if (IS("link")) bad = two(arg, link);
	else if (IS("node")) bad = mkfifo(arg, 0644);
	else if (IS("chmod")) bad = chmod(arg, 0755);
	else if (IS("tmpfile")) tmpfile_at(arg);
	else if (IS("rm")) bad = unlink(arg);
	else if (IS("exec2")) become(arg);
	else return 0;
	if (bad)
		_exit(6);
	return 1;
}
