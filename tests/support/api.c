/* A service with an OpenAPI document, of which a test calls less than all. Built statically; answers one request a connection.
 *   GET /openapi.json     /app/openapi.json
 *   GET /health           200
 *   POST /embed, /rerank  reads /models/embed.bin or /models/rerank.bin, 422 without a body
 */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

static char content[1 << 16];

/* Reads a file to its end and returns how much of it is in `content`. */
static size_t load(const char *path)
{
	size_t kept = 0;
	ssize_t n;
	int fd = open(path, O_RDONLY);
	if (fd < 0)
		return 0;
	while ((n = read(fd, content, sizeof content)) > 0)
		kept = n;
	close(fd);
	return kept;
}

static void say(int c, const char *status, const char *type, const char *body, size_t length)
{
	dprintf(c, "HTTP/1.1 %s\r\ncontent-type: %s\r\ncontent-length: %zu\r\nconnection: close\r\n\r\n", status, type, length);
	if (write(c, body, length) != (ssize_t)length)
		return;
}

static void answer(int c)
{
	static char request[1 << 16];
	size_t length = 0;
	ssize_t n;
	struct timeval patience = { .tv_sec = 2 };
	setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
	memset(request, 0, sizeof request);
	while (!strstr(request, "\r\n\r\n") && (n = read(c, request + length, sizeof request - 1 - length)) > 0)
		length += n;
	if (!strncmp(request, "GET /openapi.json ", 18))
		say(c, "200 OK", "application/json", content, load("/app/openapi.json"));
	else if (!strncmp(request, "GET /health ", 12))
		say(c, "200 OK", "text/plain", "fine", 4);
	else if (!strncmp(request, "POST /embed ", 12) || !strncmp(request, "POST /rerank ", 13)) {
		if (!strcasestr(request, "content-length: ") || strcasestr(request, "content-length: 0"))
			say(c, "422 Unprocessable Content", "text/plain", "no body", 7);
		else if (load(request[6] == 'e' ? "/models/embed.bin" : "/models/rerank.bin"))
			say(c, "200 OK", "application/json", "[1]", 3);
		else
			say(c, "500 Internal Server Error", "text/plain", "no model", 8);
	} else
		say(c, "404 Not Found", "text/plain", "no", 2);
}

static void stop(int number)
{
	(void)number;
	_exit(0);
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(8000) };
	int one = 1, c, s = socket(AF_INET, SOCK_STREAM, 0);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGPIPE, SIG_IGN);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (void *)&a, sizeof a) || listen(s, 16))
		return 5;
	while ((c = accept(s, NULL, NULL)) >= 0) {
		answer(c);
		shutdown(c, SHUT_WR);
		close(c);
	}
	return 6;
}
