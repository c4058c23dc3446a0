/* SPDX-License-Identifier: GPL-2.0-only OR Apache-2.0 */
/* Frames to the trace, answers to careen, commands from it: what both kinds of sensor share. */
#ifndef CAREEN_OUTPUT_H
#define CAREEN_OUTPUT_H
static int fail(const char *what, int error)
{
	printf("error %s: %d %s\n", what, error, strerror(error));
	fflush(stdout);
	return 1;
}

/* A trace that cannot be written is no trace: end, and the missing FRAME_END says so. */
static void write_all(int fd, const void *data, size_t length)
{
	for (const char *at = data; length;) {
		ssize_t written = write(fd, at, length);
		if (written < 0 && errno == EINTR)
			continue;
		if (written <= 0)
			exit(fail("write the trace", errno));
		at += written;
		length -= written;
	}
}

struct buffer { size_t used; char data[1 << 20]; };
static struct buffer pending;

static void flush_output(int fd)
{
	write_all(fd, pending.data, pending.used);
	pending.used = 0;
}

static void put(int fd, const void *data, size_t length)
{
	if (pending.used + length > sizeof(pending.data))
		flush_output(fd);
	if (length > sizeof(pending.data)) {
		write_all(fd, data, length);
		return;
	}
	memcpy(pending.data + pending.used, data, length);
	pending.used += length;
}

static void frame(int fd, u32 type, const void *data, u32 length)
{
	u32 head[2] = { type, length };
	put(fd, head, sizeof(head));
	put(fd, data, length);
}

static void answer(const char *command, int error)
{
	if (error)
		fail(command, error);
	else
		puts("ok");
	fflush(stdout);
}

/* Read what has come on standard input and obey each whole line.  Returns 0 at its end. */
static int read_commands(void (*obey)(void *, char *), void *context)
{
	static char text[4096];
	static size_t used;
	ssize_t got = read(STDIN_FILENO, text + used, sizeof(text) - 1 - used);
	if (got <= 0)
		return 0;
	used += got;
	text[used] = '\0';
	for (char *end; (end = memchr(text, '\n', used));) {
		*end = '\0';
		obey(context, text);
		used -= end + 1 - text;
		memmove(text, end + 1, used + 1);
	}
	return used < sizeof(text) - 1;
}
#endif
