/* The program of the images that repair is tested on.
 *   greet             calls the library that it is linked with
 *   count DIR LETTER N  exits 0 when N names in DIR begin with LETTER, else 3: it opens and looks up none of them
 *   read FILE…        exits 0 when each can be read, else says which cannot
 *   mark FILE         makes it
 *   wait              says that it is up, and ends by SIGTERM
 */
#include <dirent.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

int greet(void);

static int count(const char *where, char letter, int wanted)
{
	DIR *directory = opendir(where);
	struct dirent *entry;
	int found = 0;
	while (directory && (entry = readdir(directory)))
		found += entry->d_name[0] == letter;
	printf("%s\n", found == wanted ? "complete" : "incomplete");
	return found == wanted ? 0 : 3;
}

static void leave(int number)
{
	(void)number;
	_exit(0);
}

int main(int argc, char **argv)
{
	if (argc > 4 && !strcmp(argv[1], "count"))
		return count(argv[2], argv[3][0], atoi(argv[4]));
	if (argc > 2 && !strcmp(argv[1], "read")) {
		for (char **name = argv + 2; *name; name++) {
			FILE *file = fopen(*name, "r");
			if (!file)
				return perror(*name), 4;
			fclose(file);
		}
		return 0;
	}
	if (argc > 2 && !strcmp(argv[1], "mark"))
		return fopen(argv[2], "w") ? 0 : 5;
	if (argc > 1 && !strcmp(argv[1], "wait")) {
		signal(SIGTERM, leave);
		puts("up");
		fflush(stdout);
		for (;;)
			pause();
	}
	return greet();
}
