/* The program of the image that the command's tests harden: a small service, a batch job, and its own health check. Built statically.
 *   serve PORT        GET /health answers 200 once the model is read; GET /file/PATH answers 200 with the file, or 404;
 *                     GET /eat takes memory until it is killed
 *   health PORT       exits 0 when a service there answers
 *   copy FROM TO      the batch job
 *   cat PATH          prints a file, or exits 1
 *   exit N | sleep S  what they say */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static int copy(const char *from, int to)
{
	char buffer[65536];
	ssize_t n;
	int fd = open(from, O_RDONLY);
	if (fd < 0)
		return 1;
	while ((n = read(fd, buffer, sizeof buffer)) > 0)
		if (write(to, buffer, n) != n)
			return 1;
	close(fd);
	return 0;
}

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int s = socket(AF_INET, SOCK_STREAM, 0);
	return connect(s, (void *)&a, sizeof a) ? -1 : s;
}

static int health(int port)
{
	char answer[16] = "";
	int s = dial(port);
	if (s < 0 || write(s, "GET /health HTTP/1.0\r\n\r\n", 24) != 24)
		return 1;
	return read(s, answer, 15) < 12 || strncmp(answer + 9, "200", 3);
}

static void answer(int c)
{
	char request[4096] = "", *path, *end;
	if (read(c, request, sizeof request - 1) < 5)
		return;
	while (!strncmp(request, "GET /eat", 8))
		memset(malloc(1 << 20), 1, 1 << 20);
	path = request + 4;
	if ((end = strchr(path, ' ')))
		*end = '\0';
	if (!strncmp(path, "/file/", 6) && access(path + 5, R_OK))
		dprintf(c, "HTTP/1.0 404 Not Found\r\n\r\nno file\n");
	else {
		dprintf(c, "HTTP/1.0 200 OK\r\n\r\n");
		if (!strncmp(path, "/file/", 6))
			copy(path + 5, c);
		else
			dprintf(c, "healthy\n");
	}
}

static void stop(int number)
{
	(void)number;
	_exit(0);
}

static int serve(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1, c, s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (copy("/app/current/settings.txt", 1) || copy("/usr/share/service/model.bin", open("/dev/null", O_WRONLY)))
		return fprintf(stderr, "service: its settings or its model is missing\n"), 4;
	if (bind(s, (void *)&a, sizeof a) || listen(s, 16))
		return 5;
	while ((c = accept(s, NULL, NULL)) >= 0) {
		answer(c);
		shutdown(c, SHUT_WR);
		close(c);
	}
	return 6;
}

int main(int argc, char **argv)
{
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	const char *verb = argc > 1 ? argv[1] : "", *word = argc > 2 ? argv[2] : "";
	if (!strcmp(verb, "serve"))
		return serve(atoi(word));
	if (!strcmp(verb, "health"))
		return health(atoi(word));
	if (!strcmp(verb, "cat"))
		return copy(word, 1);
	if (!strcmp(verb, "copy") && argc > 3)
		return copy(word, open(argv[3], O_WRONLY | O_CREAT | O_TRUNC, 0644));
	if (!strcmp(verb, "exit"))
		return atoi(word);
	if (!strcmp(verb, "sleep"))
		return sleep(atoi(word)), 0;
	return 2;
}
