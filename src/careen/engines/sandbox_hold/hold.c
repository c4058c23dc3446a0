/* The first process of a bench: it does nothing until it is told to end, and reaps what others leave to it.
 *
 * Static, so that it runs in an image that has nothing at all. Without handlers SIGTERM and SIGINT would not end a container's first process.
 */
#define _POSIX_C_SOURCE 200809L
#include <signal.h>
#include <stddef.h>
#include <sys/wait.h>

int main(void)
{
	sigset_t awaited;
	int number;

	sigemptyset(&awaited);
	sigaddset(&awaited, SIGTERM);
	sigaddset(&awaited, SIGINT);
	sigaddset(&awaited, SIGQUIT);
	sigaddset(&awaited, SIGHUP);
	sigaddset(&awaited, SIGCHLD);
	if (sigprocmask(SIG_BLOCK, &awaited, NULL))
		return 1;
	for (;;) {
		if (sigwait(&awaited, &number))
			continue;
		if (number == SIGTERM || number == SIGINT || number == SIGQUIT)
			return 0;
		while (waitpid(-1, NULL, WNOHANG) > 0)
			;
	}
}
