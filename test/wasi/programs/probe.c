/* What a C program with libc asks of its system: arguments, environment, files, directories, streams, an exit code. */
#include <dirent.h>
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int by_name(const void *a, const void *b) { return strcmp(*(char **)a, *(char **)b); }

static void list(const char *path) {
  char *names[64];
  int count = 0;
  DIR *directory = opendir(path);
  if (!directory) {
    printf("no %s: %s\n", path, strerror(errno));
    return;
  }
  /* Not every system lists "." and "..". */
  for (struct dirent *entry; (entry = readdir(directory)) && count < 64;) {
    if (entry->d_name[0] != '.') names[count++] = strdup(entry->d_name);
  }
  closedir(directory);
  qsort(names, count, sizeof *names, by_name);
  printf("%s:", path);
  for (int i = 0; i < count; i++) printf(" %s", names[i]);
  printf("\n");
}

static void copy_file(const char *from, const char *to) {
  char buffer[100];
  FILE *in = fopen(from, "r"), *out = fopen(to, "w");
  if (!in || !out) {
    printf("no copy of %s: %s\n", from, strerror(errno));
    return;
  }
  size_t bytes, all = 0;
  while ((bytes = fread(buffer, 1, sizeof buffer, in)) > 0) all += fwrite(buffer, 1, bytes, out);
  fclose(in);
  fclose(out);
  struct stat status;
  stat(to, &status);
  printf("copied %zu bytes, %lld there\n", all, (long long)status.st_size);
}

int main(int count, char **args) {
  for (int i = 1; i < count; i++) printf("argument %d: %s\n", i, args[i]);
  printf("NAME=%s\n", getenv("NAME") ? getenv("NAME") : "(none)");
  list("/data");
  copy_file("/data/text.txt", "/data/copy.txt");
  mkdir("/data/new", 0777);
  rename("/data/copy.txt", "/data/new/moved.txt");
  list("/data");
  list("/data/new");
  if (rmdir("/data/new") != 0) printf("rmdir: %s\n", strerror(errno));
  FILE *moved = fopen("/data/new/moved.txt", "r+");
  fseek(moved, -4, SEEK_END);
  fputs("END", moved);
  fseek(moved, 0, SEEK_SET);
  char line[200];
  while (fgets(line, sizeof line, moved)) printf("> %s", line);
  fclose(moved);
  remove("/data/new/moved.txt");
  if (!fopen("/data/new/moved.txt", "r")) printf("gone: %s\n", strerror(errno));
  if (!fopen("/../etc/passwd", "r")) printf("outside: not found\n");
  printf("time goes on: %d\n", time(0) >= 0);
  long sum = 0, lines = 0;
  for (int c; (c = getchar()) != EOF; sum += c) lines += c == '\n';
  printf("\nstdin: sum %ld, %ld lines\n", sum, lines);
  fflush(stdout);
  return (int)(sum % 100);
}
