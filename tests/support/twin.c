/* A service with paths that its tests do not take. Built statically.
 *   GET /health    200
 *   GET /words     200 with /usr/share/twin/words.txt, 500 without it
 *   GET /plugins   200 with a member for each plugin that /etc/twin.conf names; one that cannot be read is logged and left out
 *   GET /greeting  200 in the language of /usr/share/locale/de/twin, in English without it, and nobody is told */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char document[] =
	"{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"twin\", \"version\": \"1\"}, \"paths\": {"
	"\"/words\": {\"get\": {\"responses\": {}}}, \"/plugins\": {\"get\": {\"responses\": {}}}, \"/greeting\": {\"get\": {\"responses\": {}}}}}";

static int slurp(const char *path, char *to, size_t size)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return -1;
	to[fread(to, 1, size - 1, f)] = '\0';
	fclose(f);
	return 0;
}

static void say(int c, const char *status, const char *type, const char *body)
{
	dprintf(c, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nX-Request-Id: %d\r\nConnection: close\r\n\r\n%s", status, type, strlen(body),
		rand(), body);
}

static void plugins(int c)
{
	char names[256] = "", body[4096], path[512], value[256];
	size_t n = snprintf(body, sizeof body, "{\"asked_at\": %ld, \"plugins\": {\"core\": 1", (long)time(NULL));
	slurp("/etc/twin.conf", names, sizeof names);
	for (char *name = strtok(names, "\n"); name; name = strtok(NULL, "\n")) {
		snprintf(path, sizeof path, "/usr/lib/twin/plugins/%s", name);
		if (slurp(path, value, sizeof value))
			fprintf(stderr, "error: plugin %s: not found\n", name);
		else
			n += snprintf(body + n, sizeof body - n, ", \"%s\": %d", name, atoi(value));
	}
	snprintf(body + n, sizeof body - n, "}}");
	say(c, "200 OK", "application/json", body);
}

static void answer(int c)
{
	char request[8192] = "", text[4096] = "", *path, *end;
	ssize_t n = read(c, request, sizeof request - 1);
	usleep(5000); /* so that one request's look-ups are told from the next one's, which are timed to the millisecond */
	if (n < 5 || (strncmp(request, "GET ", 4) && !strstr(request, " HTTP/1.")) || !(path = strchr(request, ' ')) || !(end = strpbrk(++path, " ?\r\n")))
		return;
	*end = '\0';
	if (strncmp(request, "GET ", 4))
		say(c, "405 Method Not Allowed", "text/plain", "only GET\n");
	else if (!strcmp(path, "/openapi.json"))
		say(c, "200 OK", "application/json", document);
	else if (!strcmp(path, "/health"))
		say(c, "200 OK", "text/plain", "healthy\n");
	else if (!strcmp(path, "/plugins"))
		plugins(c);
	else if (!strcmp(path, "/words"))
		slurp("/usr/share/twin/words.txt", text, sizeof text) ? say(c, "500 Internal Server Error", "text/plain", "no words\n")
								       : say(c, "200 OK", "text/plain", text);
	else if (!strcmp(path, "/greeting"))
		say(c, "200 OK", "text/plain", slurp("/usr/share/locale/de/twin", text, sizeof text) ? "hello\n" : text);
	else
		say(c, "404 Not Found", "text/plain", "nothing here\n");
}

static void stop(int number)
{
	(void)number;
	_exit(0);
}

int main(void)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons(8000) };
	struct timeval patience = { .tv_usec = 500000 };
	char rest[4096];
	int one = 1, c, s = socket(AF_INET, SOCK_STREAM, 0);
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGPIPE, SIG_IGN);
	srand(getpid() ^ time(NULL));
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
	if (bind(s, (void *)&a, sizeof a) || listen(s, 64))
		return 5;
	printf("listening since %ld\n", (long)time(NULL));
	fflush(stdout);
	while ((c = accept(s, NULL, NULL)) >= 0) {
		setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
		answer(c);
		shutdown(c, SHUT_WR);
		/* Closing with bytes unread resets the connection, and the client may lose the answer. */
		while (read(c, rest, sizeof rest) > 0)
			;
		close(c);
	}
	return 6;
}
