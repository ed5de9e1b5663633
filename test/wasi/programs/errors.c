/* What WASI answers to what cannot be done: one line a call, its name and the error number. */
#include <stdio.h>
#include <string.h>
#include <wasi/api.h>

static unsigned char buffer[256];
static void line(const char *what, int error) { printf("%s %d\n", what, error); }
#define ALL (~0ull >> 36)

static int open_at(int fd, const char *path, int flags, int fdflags, __wasi_fd_t *opened) {
  return __wasi_path_open(fd, 1, path, flags, ALL & ~((flags & 2) ? 1ull << 6 : 0), ALL, fdflags, opened);
}

static void of_descriptors(int root) {
  __wasi_size_t size;
  __wasi_filesize_t place;
  __wasi_iovec_t in = {buffer, 4};
  __wasi_ciovec_t out = {buffer, 4};
  __wasi_fdstat_t status;
  __wasi_prestat_t prestat;
  __wasi_fd_t file, other;
  line("close closed", __wasi_fd_close(99));
  line("read closed", __wasi_fd_read(99, &in, 1, &size));
  line("prestat of stdin", __wasi_fd_prestat_get(0, &prestat));
  line("prestat after the last", __wasi_fd_prestat_get(root + 1, &prestat));
  line("name too short", __wasi_fd_prestat_dir_name(root, buffer, 0));
  line("seek stdin", __wasi_fd_seek(0, 0, 0, &place));
  line("open", open_at(root, "file", 1, 0, &file));
  line("open exclusively", open_at(root, "file", 1 | 4, 0, &other));
  line("write", __wasi_fd_write(file, &out, 1, &size));
  line("seek before", __wasi_fd_seek(file, -1, 0, &place));
  line("seek nowhere", __wasi_fd_seek(file, 0, 7, &place));
  line("seek beyond", __wasi_fd_seek(file, 1000, 2, &place));
  line("tell", place == 1004 ? 0 : 1);
  line("read at the end", __wasi_fd_read(file, &in, 1, &size) + size);
  line("allocate nothing", __wasi_fd_allocate(file, 0, 0));
  line("allocate", __wasi_fd_allocate(file, 10, 100));
  line("set size", __wasi_fd_filestat_set_size(file, 7));
  line("times twice", __wasi_fd_filestat_set_times(file, 1, 1, 1 | 2));
  line("advise", __wasi_fd_advise(file, 0, 0, 0));
  line("sync", __wasi_fd_sync(file));
  line("readdir of a file", __wasi_fd_readdir(file, buffer, 16, 0, &size));
  line("more rights", __wasi_fd_fdstat_set_rights(file, ~0ull, 0));
  line("fewer rights", __wasi_fd_fdstat_set_rights(file, 2, 0));
  line("write without right", __wasi_fd_write(file, &out, 1, &size));
  line("status", __wasi_fd_fdstat_get(file, &status) + (int)status.fs_rights_base);
  line("renumber closed", __wasi_fd_renumber(99, file));
  line("open again", open_at(root, "file", 0, 1, &other));
  line("renumber", __wasi_fd_renumber(other, file));
  line("closed by it", __wasi_fd_close(other));
  line("close", __wasi_fd_close(file));
}

static const char *not_utf8[] = {
    "\x80", "\xbf", "\xc0\xaf", "\xc1\xbf", "a\xff", "\xc3(", "\xe2\x82", "\xe2(\xa1", "\xe0\x9f\xbf", "\xed\xa0\x80",
    "\xf0\x8f\xbf\xbf", "\xf0\x9f\x98", "\xf0\x9f\x98\x28", "\xf4\x90\x80\x80", "\xf5\x80\x80\x80", "x\xfe/y",
};
static const char *in_utf8[] = {
    "\xc2\x80", "\xdf\xbf", "\xe0\xa0\x80", "\xed\x9f\xbf", "\xee\x80\x80", "\xf0\x90\x80\x80", "\xf4\x8f\xbf\xbf", "\xe2\x82\xacz",
};

static void of_letters(int root) {
  __wasi_fd_t opened;
  for (unsigned i = 0; i < sizeof not_utf8 / sizeof *not_utf8; i++)
    line("not UTF-8", open_at(root, not_utf8[i], 0, 0, &opened));
  for (unsigned i = 0; i < sizeof in_utf8 / sizeof *in_utf8; i++)
    line("UTF-8", open_at(root, in_utf8[i], 0, 0, &opened));
  line("link to what is not UTF-8", __wasi_path_symlink("a/\xff", root, "odd"));
  line("link to UTF-8", __wasi_path_symlink("\xe2\x82\xac", root, "euro"));
}

static void of_paths(int root) {
  __wasi_filestat_t status;
  __wasi_fd_t opened;
  __wasi_size_t size;
  line("missing", open_at(root, "missing", 0, 0, &opened));
  line("through a file", open_at(root, "file/x", 0, 0, &opened));
  line("file as directory", open_at(root, "file", 2, 0, &opened));
  line("missing parent", __wasi_path_create_directory(root, "missing/x"));
  line("create directory", __wasi_path_create_directory(root, "dir"));
  line("create twice", __wasi_path_create_directory(root, "dir"));
  line("unlink directory", __wasi_path_unlink_file(root, "missing"));
  line("remove file", __wasi_path_remove_directory(root, "file"));
  line("create inner", open_at(root, "dir/inner", 1, 0, &opened));
  line("remove full", __wasi_path_remove_directory(root, "dir"));
  line("rename onto full", __wasi_path_create_directory(root, "two") + __wasi_path_rename(root, "two", root, "dir"));
  line("rename into itself", __wasi_path_rename(root, "dir", root, "dir/x"));
  line("rename file onto directory", __wasi_path_rename(root, "file", root, "two"));
  line("rename directory onto file", __wasi_path_rename(root, "two", root, "file"));
  line("rename missing", __wasi_path_rename(root, "missing", root, "x"));
  line("rename", __wasi_path_rename(root, "dir/inner", root, "dir/other"));
  line("stat renamed", __wasi_path_filestat_get(root, 0, "dir/other", &status) + (int)status.size);
  line("stat old", __wasi_path_filestat_get(root, 0, "dir/inner", &status));
  line("symlink", __wasi_path_symlink("dir/other", root, "link"));
  line("symlink twice", __wasi_path_symlink("x", root, "link"));
  line("readlink", __wasi_path_readlink(root, "link", buffer, sizeof buffer, &size) + memcmp(buffer, "dir/other", 9));
  line("readlink of a file", __wasi_path_readlink(root, "file", buffer, sizeof buffer, &size));
  line("stat link", __wasi_path_filestat_get(root, 0, "link", &status) + status.filetype);
  line("stat through link", __wasi_path_filestat_get(root, 1, "link", &status) + status.filetype);
  line("loop", __wasi_path_symlink("circle", root, "circle") + open_at(root, "circle", 0, 0, &opened));
  line("link", __wasi_path_link(root, 0, "file", root, "second"));
  line("link count", __wasi_path_filestat_get(root, 0, "second", &status) + (int)status.nlink);
  line("link onto", __wasi_path_link(root, 0, "file", root, "second"));
  line("unlink", __wasi_path_unlink_file(root, "file") + __wasi_path_unlink_file(root, "second"));
  line("empty path", open_at(root, "", 0, 0, &opened));
  line("socket", __wasi_sock_shutdown(root, 1));
  line("no subscriptions", __wasi_poll_oneoff((void *)buffer, (void *)buffer, 0, &size));
  line("no such clock", __wasi_clock_time_get(9, 0, (void *)buffer));
  line("outside", open_at(root, "dir/../../x", 0, 0, &opened));
}

int main(void) {
  of_descriptors(3);
  of_paths(3);
  of_letters(3);
  return 0;
}
