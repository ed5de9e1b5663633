/* A shell around SQLite: executes the standard input on a database in memory; rows are lines. */
#include <stdio.h>
#include <stdlib.h>
#include "sqlite3.h"
static int row(void *u, int n, char **v, char **names) { for (int i = 0; i < n; i++) printf("%s%s", i ? "|" : "", v[i] ? v[i] : "NULL"); putchar('\n'); return 0; }
int main(void) {
  size_t n = 0, room = 65536; char *s = malloc(room + 1), *e = 0;
  for (size_t k; (k = fread(s + n, 1, room - n, stdin)) > 0;) { n += k; if (n == room) s = realloc(s, (room *= 2) + 1); }
  s[n] = 0; sqlite3 *db;
  if (sqlite3_open(":memory:", &db)) return 2;
  if (sqlite3_exec(db, s, row, 0, &e)) { printf("error: %s\n", e); return 1; }
  return 0;
}
