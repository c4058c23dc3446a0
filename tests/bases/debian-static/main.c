#include <stdio.h>
#include <time.h>

int main(void) {
  time_t start = 0;
  char text[32];
  strftime(text, sizeof text, "%H:%M %Z", localtime(&start));
  puts(text);
  return 0;
}
