/* Words of the standard input by frequency: C with libc (stdio, malloc, qsort, floats as text). */
#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

struct word { char text[32]; unsigned count; };
static struct word *words[4096];
static struct word *sorted[4096];

static struct word *lookup(const char *text) {
  unsigned hash = 2166136261u;
  for (const char *p = text; *p; p++) hash = (hash ^ (unsigned char)*p) * 16777619u;
  for (unsigned at = hash % 4096;; at = (at + 1) % 4096) {
    if (words[at] == NULL) {
      words[at] = calloc(1, sizeof **words);
      strcpy(words[at]->text, text);
    }
    if (strcmp(words[at]->text, text) == 0) return words[at];
  }
}

static int by_count(const void *a, const void *b) {
  const struct word *x = *(struct word *const *)a, *y = *(struct word *const *)b;
  return x->count != y->count ? (x->count < y->count ? 1 : -1) : strcmp(x->text, y->text);
}

int main(void) {
  char text[32];
  size_t length = 0, total = 0, distinct = 0;
  static char input[1 << 16];
  size_t size = fread(input, 1, sizeof input, stdin);
  for (int round = 0; round < 40; round++) {
    for (size_t i = 0; i <= size; i++) {
      int c = i < size ? (unsigned char)input[i] : ' ';
      if (isalpha(c) && length < sizeof text - 1) text[length++] = (char)tolower(c);
      else if (length > 0) {
        text[length] = 0;
        length = 0;
        lookup(text)->count++;
        total++;
      }
    }
  }
  for (int i = 0; i < 4096; i++) if (words[i]) sorted[distinct++] = words[i];
  qsort(sorted, distinct, sizeof *sorted, by_count);
  printf("%zu words, %zu distinct\n", total, distinct);
  for (size_t i = 0; i < 10 && i < distinct; i++)
    printf("%6u  %5.2f %%  %s\n", sorted[i]->count, 100.0 * sorted[i]->count / total, sorted[i]->text);
  return 0;
}
