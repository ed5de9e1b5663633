/* Loops, inlined calls and libc, for the comparison of its lines with LLVM's. */
#include <stdio.h>
#include <stdlib.h>

static inline int square(int x) { return x * x; }

static inline int sum_of_squares(const int *values, int count) {
  int sum = 0;
  for (int i = 0; i < count; i++)
    sum += square(values[i]) + square(values[i] + 1);
  return sum;
}

int dropped_by_the_linker(int a) { return a / 3; }

static int descending(const void *a, const void *b) {
  return *(const int *)b - *(const int *)a;
}

int main(int argc, char **argv) {
  int values[8];
  for (int i = 0; i < 8; i++)
    values[i] = i * argc;
  qsort(values, 8, sizeof *values, descending);
  printf("%d %d %s\n", sum_of_squares(values, 8), values[0], argv[0]);
  return 0;
}
