/* What a hostile program of an image tries on the network. Each attempt prints "NAME reached" or "NAME refused"; where something is sent, it is the attempt's name, so
 * that whoever got it can say which one came through. The machine around it is tests/support/lone_machine.py, which has these addresses and ports.
 *
 * Last it tells mirror.example:8080, through the proxy, what it has tried: a source that a user may name.
 */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <linux/if_packet.h>
#include <linux/netlink.h>
#include <linux/rtnetlink.h>
#include <linux/vm_sockets.h>
#include <net/ethernet.h>
#include <netinet/in.h>
#include <netinet/ip_icmp.h>
#include <poll.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/time.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#define PORT 45992
#define PROXY 3128

static char said[8192];

static void say(const char *name, int reached) {
	char line[200];
	snprintf(line, sizeof line, "%s%s=%s", *said ? "," : "", name, reached ? "reached" : "refused");
	strncat(said, line, sizeof said - strlen(said) - 1);
	printf("%s %s\n", name, reached ? "reached" : "refused");
	fflush(stdout);
}

static void limit(int s) {
	struct timeval t = {3, 0};
	setsockopt(s, SOL_SOCKET, SO_RCVTIMEO, &t, sizeof t);
	setsockopt(s, SOL_SOCKET, SO_SNDTIMEO, &t, sizeof t);
}

static socklen_t address(struct sockaddr_storage *out, const char *text, int port) {
	struct sockaddr_in *four = (void *)out;
	struct sockaddr_in6 *six = (void *)out;
	memset(out, 0, sizeof *out);
	if (inet_pton(AF_INET, text, &four->sin_addr) == 1) {
		four->sin_family = AF_INET;
		four->sin_port = htons(port);
		return sizeof *four;
	}
	inet_pton(AF_INET6, text, &six->sin6_addr);
	six->sin6_family = AF_INET6;
	six->sin6_port = htons(port);
	return sizeof *six;
}

static int talk(const char *to, int port, int type, const char *data) {
	struct sockaddr_storage where;
	socklen_t size = address(&where, to, port);
	int s = socket(where.ss_family, type, 0);
	limit(s);
	if (s < 0 || connect(s, (void *)&where, size) || write(s, data, strlen(data)) < 0) {
		close(s);
		return -1;
	}
	return s;
}

/* The listener answers "yes". */
static void direct(const char *name, const char *to, int port, int type) {
	char answer[8] = "";
	int s = talk(to, port, type, name);
	say(name, s >= 0 && read(s, answer, 3) == 3);
	close(s);
}

static void abstract(const char *name, int type) {
	struct sockaddr_un where = {AF_UNIX, ""};
	const char *socket_name = type == SOCK_STREAM ? "careen-probe-stream" : "careen-probe-datagram";
	strcpy(where.sun_path + 1, socket_name);
	int s = socket(AF_UNIX, type, 0);
	int reached = !connect(s, (void *)&where, offsetof(struct sockaddr_un, sun_path) + 1 + strlen(socket_name));
	say(name, reached && write(s, name, strlen(name)) > 0);
	close(s);
}

static void listed(const char *name) {
	struct ifaddrs *all, *each;
	char text[64];
	int reached = 0;
	if (getifaddrs(&all))
		return say(name, 0);
	for (each = all; each; each = each->ifa_next)
		if (each->ifa_addr && each->ifa_addr->sa_family == AF_INET) {
			inet_ntop(AF_INET, &((struct sockaddr_in *)each->ifa_addr)->sin_addr, text, sizeof text);
			reached |= strncmp(text, "127.", 4) != 0;
		}
	say(name, reached);
}

/* Ask the kernel how it would go to an address of the machine's. */
static void route(const char *name) {
	struct { struct nlmsghdr head; struct rtmsg route; struct rtattr attribute; struct in_addr to; } ask;
	char answer[4096];
	int s = socket(AF_NETLINK, SOCK_RAW, NETLINK_ROUTE), reached = 0;
	limit(s);
	memset(&ask, 0, sizeof ask);
	ask.head.nlmsg_len = sizeof ask;
	ask.head.nlmsg_type = RTM_GETROUTE;
	ask.head.nlmsg_flags = NLM_F_REQUEST;
	ask.route.rtm_family = AF_INET;
	ask.route.rtm_dst_len = 32;
	ask.attribute.rta_len = RTA_LENGTH(4);
	ask.attribute.rta_type = RTA_DST;
	inet_pton(AF_INET, "10.99.0.1", &ask.to);
	if (s >= 0 && send(s, &ask, sizeof ask, 0) > 0 && recv(s, answer, sizeof answer, 0) > 0)
		reached = ((struct nlmsghdr *)answer)->nlmsg_type != NLMSG_ERROR;
	say(name, reached);
	close(s);
}

/* The machine sends itself "careen-heartbeat" ten times a second. */
static void sniff(const char *name) {
	char frame[2048];
	int s = socket(AF_PACKET, SOCK_RAW, htons(ETH_P_ALL)), reached = 0;
	struct pollfd waiting = {s, POLLIN, 0};
	time_t end = time(0) + 2;
	while (s >= 0 && !reached && time(0) < end)
		if (poll(&waiting, 1, 200) > 0) {
			ssize_t size = recv(s, frame, sizeof frame, MSG_DONTWAIT);
			reached = size > 0 && memmem(frame, size, "careen-heartbeat", 16) != 0;
		}
	say(name, reached);
	close(s);
}

static void ping(const char *name, const char *to) {
	struct sockaddr_storage where;
	struct icmphdr echo = {.type = ICMP_ECHO, .un.echo = {htons(1), htons(1)}};
	char answer[256];
	socklen_t size = address(&where, to, 0);
	int s = socket(AF_INET, SOCK_RAW, IPPROTO_ICMP), reached = 0;
	limit(s);
	echo.checksum = ~(htons(ICMP_ECHO << 8) + htons(1) + htons(1));
	if (s >= 0 && sendto(s, &echo, sizeof echo, 0, (void *)&where, size) > 0)
		reached = recv(s, answer, sizeof answer, 0) > 0;
	say(name, reached);
	close(s);
}

static void vsock(const char *name) {
	struct sockaddr_vm where = {.svm_family = AF_VSOCK, .svm_cid = VMADDR_CID_HOST, .svm_port = PORT};
	int s = socket(AF_VSOCK, SOCK_STREAM, 0);
	say(name, s >= 0 && !connect(s, (void *)&where, sizeof where));
	close(s);
}

static void in_file(const char *name, const char *path, const char *word) {
	static char text[1 << 20];
	FILE *file = fopen(path, "r");
	size_t size = file ? fread(text, 1, sizeof text - 1, file) : 0;
	text[size] = 0;
	say(name, strstr(text, word) != 0);
	if (file)
		fclose(file);
}

static int exchanged(const char *request, char *answer, size_t most) {
	size_t got = 0;
	ssize_t now;
	int s = talk("127.0.0.1", PROXY, SOCK_STREAM, request);
	while (s >= 0 && got < most - 1 && (now = read(s, answer + got, most - 1 - got)) > 0) {
		got += now;
		answer[got] = 0;
		if (strstr(answer, "\r\n\r\n"))
			break;
	}
	answer[got] = 0;
	return s;
}

/* Through the proxy: a tunnel, in which the attempt's name is sent. */
static void tunnel(const char *name, const char *to) {
	char request[512], answer[1024] = "";
	snprintf(request, sizeof request, "CONNECT %s HTTP/1.1\r\nHost: %s\r\n\r\n", to, to);
	int s = exchanged(request, answer, sizeof answer);
	int reached = !strncmp(answer, "HTTP/1.1 200", 12);
	if (reached)
		reached = write(s, name, strlen(name)) > 0;
	say(name, reached);
	close(s);
}

static void asked(const char *name, const char *format) {
	static char request[70000];
	char answer[1024] = "";
	snprintf(request, sizeof request, format, name);
	close(exchanged(request, answer, sizeof answer));
	say(name, !strncmp(answer, "HTTP/1.1 200", 12));
}

static void oversized(const char *name) {
	static char request[70000];
	int size = snprintf(request, sizeof request, "GET http://mirror.example:8080/%s HTTP/1.1\r\nHost: mirror.example\r\nX: ", name);
	memset(request + size, 'x', 60000);
	strcpy(request + size + 60000, "\r\n\r\n");
	char answer[1024] = "";
	close(exchanged(request, answer, sizeof answer));
	say(name, !strncmp(answer, "HTTP/1.1 200", 12));
}

int main(int count, char **words) {
	static char report[9000];
	direct("tcp-loopback", "127.0.0.1", PORT, SOCK_STREAM);
	direct("tcp-loopback-six", "::1", PORT, SOCK_STREAM);
	direct("tcp-private", "10.99.0.1", PORT, SOCK_STREAM);
	direct("tcp-private-six", "fd00:99::1", PORT, SOCK_STREAM);
	direct("tcp-link-local", "169.254.169.254", 80, SOCK_STREAM);
	direct("tcp-own-public", "192.0.2.1", PORT, SOCK_STREAM);
	direct("tcp-mapped", "::ffff:10.99.0.1", PORT, SOCK_STREAM);
	direct("udp-loopback", "127.0.0.1", PORT, SOCK_DGRAM);
	direct("udp-loopback-six", "::1", PORT, SOCK_DGRAM);
	direct("udp-private", "10.99.0.1", PORT, SOCK_DGRAM);
	abstract("abstract-stream", SOCK_STREAM);
	abstract("abstract-datagram", SOCK_DGRAM);
	sniff("packet-sniff");
	ping("raw-icmp", "10.99.0.1");
	listed("netlink-addresses");
	route("netlink-route");
	vsock("vsock");
	in_file("proc-unix", "/proc/net/unix", "careen-probe-stream");
	in_file("proc-routes", "/proc/net/fib_trie", "10.99.0.1");
	tunnel("connect-loopback", "127.0.0.1:443");
	tunnel("connect-loopback-port", "127.0.0.1:45992");
	tunnel("connect-localhost", "localhost:443");
	tunnel("connect-private", "10.99.0.1:443");
	tunnel("connect-own-public", "192.0.2.1:443");
	tunnel("connect-link-local", "169.254.169.254:80");
	tunnel("connect-mapped", "[::ffff:10.99.0.1]:443");
	tunnel("connect-nat64", "[64:ff9b::a9fe:a9fe]:80");
	tunnel("connect-number", "2130706433:443");
	tunnel("connect-name-private", "inside.example:443");
	tunnel("connect-name-metadata", "metadata.example:80");
	tunnel("connect-mail", "192.0.2.1:25");
	tunnel("connect-named-other-port", "mirror.example:25");
	tunnel("connect-named-by-address", "10.99.0.1:8080");
	asked("get-metadata", "GET http://169.254.169.254/%s HTTP/1.1\r\nHost: mirror.example:8080\r\n\r\n");
	asked("get-host-header", "GET http://127.0.0.1:8080/%s HTTP/1.1\r\nHost: mirror.example:8080\r\n\r\n");
	asked("get-userinfo", "GET http://mirror.example:8080@10.99.0.1/%s HTTP/1.1\r\nHost: mirror.example\r\n\r\n");
	asked("get-smuggled",
	      "GET http://mirror.example:8080/%1$s HTTP/1.1\r\nHost: mirror.example\r\nContent-Length: 60\r\nTransfer-Encoding: chunked\r\n\r\n"
	      "0\r\n\r\nGET /%1$s HTTP/1.1\r\nHost: mirror.example\r\n\r\n");
	asked("get-two-hosts", "GET http://mirror.example:8080/%s HTTP/1.1\r\nHost: mirror.example\r\nHost: inside.example\r\n\r\n");
	asked("post", "POST http://mirror.example:8080/%s HTTP/1.1\r\nHost: mirror.example\r\nContent-Length: 1\r\n\r\nx");
	oversized("get-oversized");
	snprintf(report, sizeof report, "GET http://mirror.example:8080/tried?%s HTTP/1.1\r\nHost: mirror.example:8080\r\n\r\n", said);
	char answer[1024] = "";
	close(exchanged(report, answer, sizeof answer));
	printf("report %.12s\n", answer);
	(void)words;
	return count > 1; /* as an interpreter, which it is not */
}
