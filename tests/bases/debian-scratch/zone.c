#include <stdio.h>
#include <time.h>

int main(void) {
  time_t begin = 0;
  puts(localtime(&begin)->tm_zone);
}
