/* A command around gofmt: formats the Go program of the standard input. The library has a memory of its own. */
#include <stdio.h>
#include <stdlib.h>

#define FROM(module, name) __attribute__((import_module(module), import_name(name)))
FROM("gofmt", "_initialize") void gofmt_initialize(void);
FROM("gofmt", "alloc") unsigned gofmt_alloc(unsigned size);
FROM("gofmt", "format") int gofmt_format(void);
FROM("gofmt", "output_ptr") unsigned gofmt_output(void);
FROM("gofmt", "output_len") unsigned gofmt_output_size(void);
FROM("glue", "put") void put(unsigned to, const char *from, unsigned size);
FROM("glue", "get") void get(char *to, unsigned from, unsigned size);

int main(void) {
  static char source[1 << 16];
  unsigned size = fread(source, 1, sizeof source, stdin);
  gofmt_initialize();
  put(gofmt_alloc(size), source, size);
  int result = gofmt_format();
  if (result == 0) {
    fwrite(source, 1, size, stdout);
    return 0;
  }
  unsigned length = gofmt_output_size();
  char *text = malloc(length);
  get(text, gofmt_output(), length);
  fwrite(text, 1, length, stdout);
  return result == 1 ? 0 : 1;
}
