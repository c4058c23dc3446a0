/* The scale: reads what it was built to read, and hands sums to a calculator. */
#include <stdio.h>
#include <string.h>

static void shown(FILE *from)
{
    int c;
    while (from && (c = getc(from)) != EOF)
        putchar(c);
}

int main(int argc, char **argv)
{
    if (argc > 2 && !strcmp(argv[1], "texts")) {
        char path[200];
        snprintf(path, sizeof path, "%s/%s", "/opt/scale-texts", argv[2]);
        FILE *file = fopen(path, "r");
        if (!file)
            perror(path);
        shown(file);
        return !file;
    }
    FILE *pipe = popen("qrencode --version 2>&1 | head -n 1", "r");
    shown(pipe);
    return pclose(pipe);
}
