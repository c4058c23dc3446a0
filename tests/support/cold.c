/* The program of the image that the exploration tests explore: it reads a file of its own on each of its cold paths, so that a test sees which were taken.
 *   serve PORT   GET /openapi.json its document; POST /convert (JSON with "text") a table, or for anything else an error text;
 *                GET /drip answers for ever, GET /silent never; GET /end ends it; everything else is 404
 *   health PORT  the health check
 *   job          a batch job
 *   --help | --version */
#define _GNU_SOURCE
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

static char text[65536];

static int reading(const char *name)
{
	char path[256];
	snprintf(path, sizeof path, "/usr/share/cold/%s", name);
	int fd = open(path, O_RDONLY);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
	if (fd >= 0)
		close(fd);
	text[n < 0 ? 0 : n] = 0;
	return n >= 0;
}

static void say(int c, int status, const char *kind, const char *body)
{
	dprintf(c, "HTTP/1.1 %d Some Reason\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status, kind, strlen(body), body);
}

static void serve_one(int c)
{
	static char request[262144];
	ssize_t got = 0, n;
	char *body = NULL;
	while (got < (ssize_t)sizeof request - 1 && (n = read(c, request + got, sizeof request - 1 - got)) > 0) {
		request[got += n] = 0;
		if ((body = strstr(request, "\r\n\r\n"))) {
			char *length = strcasestr(request, "\r\ncontent-length:");
			if (!length || length > body || got - (body + 4 - request) >= atoi(length + 17))
				break;
		}
	}
	if (!got)
		return;
	if (!body || !strstr(request, " HTTP/1.")) {
		reading("nonsense.txt");
		say(c, 400, "text/plain", text);
	} else if (!strncmp(request, "GET /openapi.json", 17)) {
		reading("openapi.json");
		say(c, 200, "application/json", text);
	} else if (!strncmp(request, "POST /convert ", 14)) {
		int good = strstr(body, "\"text\": \"") != NULL;
		reading(good ? "table.bin" : "errors.txt");
		say(c, good ? 200 : 422, "application/json", good ? "{\"converted\": true}" : "{\"error\": \"no text\"}");
	} else if (!strncmp(request, "GET /drip ", 10)) {
		dprintf(c, "HTTP/1.1 200 OK\r\nContent-Type: text/plain\r\n\r\n");
		while (write(c, "drip ", 5) == 5)
			usleep(20000);
	} else if (!strncmp(request, "GET /silent ", 12)) {
		sleep(600);
	} else if (!strncmp(request, "POST /shutdown ", 15)) {
		reading("end.txt");
		kill(getppid(), SIGTERM); /* the first process of a container cannot be killed from inside */
	} else {
		reading("not-found.txt");
		say(c, 404, "text/plain", "not found\n");
	}
}

static void ended(int number)
{
	reading(number == SIGINT ? "interrupted.txt" : "terminated.txt");
	_exit(number == SIGINT ? 3 : 0);
}

static void reload(int number)
{
	(void)number;
	reading("reload.txt");
}

static int listening(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port) };
	int one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	return bind(s, (void *)&a, sizeof a) || listen(s, 64) ? -1 : s;
}

static int circumstances(void)
{
	const char *zone = getenv("TZ"), *locale = getenv("LC_ALL"), *fragile = getenv("FRAGILE");
	char path[300];
	int fd;
	if (zone) {
		snprintf(path, sizeof path, "zone/%s", zone);
		reading(path);
	}
	if (locale && !strncmp(locale, "de", 2))
		reading("german.txt");
	if (getuid() == 12345) {
		reading("stranger.txt");
		if (fragile)
			return 7;
	}
	if ((fd = open("/var/cold/started", O_RDWR | O_CREAT | O_EXCL, 0666)) >= 0)
		close(fd);
	else
		reading(errno == EEXIST ? "warm.txt" : "no-cache.txt");
	return 0;
}

static int serve(int port)
{
	signal(SIGTERM, ended);
	signal(SIGINT, ended);
	signal(SIGHUP, reload);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	int status = circumstances(), c, s = listening(port);
	if (status)
		return status;
	puts("listening");
	fflush(stdout);
	for (;;) {
		if ((c = accept(s, NULL, NULL)) < 0)
			continue;
		if (!fork()) {
			serve_one(c);
			_exit(0);
		}
		close(c);
	}
}

static int health(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	return !reading("health.txt") || connect(socket(AF_INET, SOCK_STREAM, 0), (void *)&a, sizeof a);
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "", *word = argc > 2 ? argv[2] : "";
	if (!strcmp(verb, "serve"))
		return serve(atoi(word));
	if (!strcmp(verb, "health"))
		return health(atoi(word));
	if (!strcmp(verb, "job"))
		return circumstances();
	if (!strcmp(verb, "--help") || !strcmp(verb, "--version")) {
		reading(verb[2] == 'h' ? "help.txt" : "version.txt");
		fputs(text, stdout);
		return 0;
	}
	return 2;
}
