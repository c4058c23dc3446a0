/* A service whose answers differ from one time to the next though it works alike. Built statically. Three processes answer, each by its own count.
 *   GET /metrics   170 lines: values, histograms, and series that are there once a process has counted anything
 *   GET /work      JSON: a flag of a cache, the process, threads, durations, an identifier; the words of /usr/share/noise/words.txt, in whose place null
 *   GET /top       a profiler's list: the functions, their order and figures are of that time; below it the plugin of /usr/lib/noise/plugin, or none
 *   GET /progress  a bar that is drawn over itself, and how far it got at times */
#include <arpa/inet.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

static const char document[] =
	"{\"openapi\": \"3.0.0\", \"info\": {\"title\": \"noise\", \"version\": \"1\"}, \"paths\": {"
	"\"/metrics\": {\"get\": {\"responses\": {}}}, \"/work\": {\"get\": {\"responses\": {}}}, \"/top\": {\"get\": {\"responses\": {}}}, "
	"\"/progress\": {\"get\": {\"responses\": {}}}}}";
static int asked[8], cached;
static char text[65536];

static unsigned chance(unsigned below)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (unsigned)(now.tv_nsec / 100 + rand()) % below;
}

static int slurp(const char *path, char *to, size_t size)
{
	FILE *f = fopen(path, "r");
	if (!f)
		return -1;
	to[fread(to, 1, size - 1, f)] = '\0';
	to[strcspn(to, "\n")] = '\0';
	fclose(f);
	return 0;
}

static void say(int c, const char *status, const char *type, const char *body)
{
	dprintf(c, "HTTP/1.1 %s\r\nContent-Type: %s\r\nContent-Length: %zu\r\nConnection: close\r\n\r\n%s", status, type, strlen(body), body);
}

static void metrics(int c)
{
	size_t n = 0;
	for (int family = 0; family < 10; family++) {
		n += snprintf(text + n, sizeof text - n, "# HELP noise_%d_seconds how long\n# TYPE noise_%d_seconds histogram\n", family, family);
		for (int bucket = 1; bucket <= 13; bucket++)
			n += snprintf(text + n, sizeof text - n, "noise_%d_seconds_bucket{le=\"%d.5\"} %u\n", family, bucket, chance(90));
		n += snprintf(text + n, sizeof text - n, "noise_%d_seconds_sum %u.%u\n", family, chance(90), chance(90));
	}
	for (int path = 0; path < 8; path++)
		if (asked[path])
			n += snprintf(text + n, sizeof text - n, "asked_total{path=\"/%c\",pid=\"%d\"} %d\n", 'a' + path, getpid(), asked[path]);
	snprintf(text + n, sizeof text - n, "process_threads %u\nprocess_uptime_seconds %ld\n", 4 + chance(9), (long)time(NULL) % 1000);
	say(c, "200 OK", "text/plain", text);
}

static void work(int c)
{
	char words[256], *quote = slurp("/usr/share/noise/words.txt", words, sizeof words - 2) ? "" : "\"";
	snprintf(text, sizeof text,
		"{\"cached\": %s, \"worker\": %d, \"threads\": %u, \"spent\": %u, \"id\": \"%x-%u\", \"alive\": [%d%s], \"words\": %s%s%s}", cached++ ? "true" : "false",
		getpid(), 4 + chance(9), chance(9000), chance(1 << 30), chance(99), getpid(), chance(2) ? ", 1" : "", quote, *quote ? words : "null", quote);
	say(c, "200 OK", "application/json", text);
}

static void top(int c)
{
	static const char *names[] = {"load", "read", "encode", "softmax", "matmul", "poll", "collect"};
	char plugin[256] = "none";
	size_t n = 0;
	for (unsigned i = 0, first = chance(7), count = 3 + chance(4); i < count; i++)
		n += snprintf(text + n, sizeof text - n, "%6u calls %u.%03u %s\n", chance(900), chance(9), chance(1000), names[(first + i) % 7]);
	slurp("/usr/lib/noise/plugin", plugin, sizeof plugin);
	snprintf(text + n, sizeof text - n, "plugin: %s\n", plugin);
	say(c, "200 OK", "text/plain", text);
}

static void progress(int c)
{
	size_t n = 0;
	for (unsigned percent = 0; percent < 100; percent += 7 + chance(20))
		n += snprintf(text + n, sizeof text - n, "load: %u%%|%.*s%c", percent, (int)percent / 10, "##########", chance(5) ? '\r' : '\n');
	snprintf(text + n, sizeof text - n, "\rload: 100%%|##########| 40/40 [00:0%u<00:00, %u.%uit/s]\n", chance(9), chance(900), chance(90));
	say(c, "200 OK", "text/plain", text);
}

static void answer(int c)
{
	char request[8192] = "", *path, *end;
	ssize_t n = read(c, request, sizeof request - 1);
	if (n < 5 || !strstr(request, " HTTP/1.") || !(path = strchr(request, ' ')) || !(end = strpbrk(++path, " ?\r\n")))
		return;
	*end = '\0';
	asked[chance(8)]++;
	if (strncmp(request, "GET ", 4))
		say(c, "405 Method Not Allowed", "text/plain", "only GET\n");
	else if (!strcmp(path, "/openapi.json"))
		say(c, "200 OK", "application/json", document);
	else if (!strcmp(path, "/health"))
		say(c, "200 OK", "text/plain", "healthy\n");
	else if (!strcmp(path, "/metrics"))
		metrics(c);
	else if (!strcmp(path, "/work"))
		work(c);
	else if (!strcmp(path, "/top"))
		top(c);
	else if (!strcmp(path, "/progress"))
		progress(c);
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
	struct sockaddr_in to = {.sin_family = AF_INET, .sin_port = htons(8000)};
	int s = socket(AF_INET, SOCK_STREAM, 0), on = 1;
	signal(SIGTERM, stop);
	signal(SIGINT, stop);
	signal(SIGCHLD, SIG_IGN);
	signal(SIGPIPE, SIG_IGN);
	for (volatile unsigned work = 0; work < 100000000; work++) /* a start that takes longer on a busy machine */
		;
	setsockopt(s, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(s, (struct sockaddr *)&to, sizeof to) || listen(s, 64))
		return 1;
	for (int worker = 0; worker < 3 && fork(); worker++)
		;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	srand(getpid() ^ time(NULL));
	fprintf(stderr, "ERROR [%d] worker with %u threads took %u ms\n", getpid(), 4 + chance(9), chance(999));
	if (chance(2))
		fprintf(stderr, "ERROR: worker %d was slow to answer\n", getpid());
	for (int c; (c = accept(s, NULL, NULL)) >= 0 || 1;)
		if (c >= 0) {
			struct timeval patience = {.tv_sec = 1};
			setsockopt(c, SOL_SOCKET, SO_RCVTIMEO, &patience, sizeof patience);
			answer(c);
			close(c);
		}
}
