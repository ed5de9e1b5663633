/*
 * Numbers of WASI preview 1 (wasi_snapshot_preview1.witx) that this adapter uses: error numbers, file types, rights,
 * flags, and where the fields of its structures lie.
 *
 * Invariant: a number stands here once, under the name that the specification gives it.
 */
#pragma once

typedef unsigned char u8;
typedef unsigned short u16;
typedef unsigned int u32;
typedef unsigned long long u64;
typedef long long i64;

/** Error number; the result of every function. */
typedef u32 errno_t;
enum {
  OK = 0,
  EBADF = 8,
  EEXIST = 20,
  EFAULT = 21,
  EFBIG = 22,
  EILSEQ = 25,
  EINVAL = 28,
  EISDIR = 31,
  ELOOP = 32,
  EMFILE = 33,
  ENAMETOOLONG = 37,
  ENOENT = 44,
  ENOMEM = 48,
  ENOSPC = 51,
  ENOSYS = 52,
  ENOTDIR = 54,
  ENOTEMPTY = 55,
  ENOTSOCK = 57,
  ENOTSUP = 58,
  EPERM = 63,
  ESPIPE = 70,
  ENOTCAPABLE = 76,
};

enum { TYPE_CHARACTERS = 2, TYPE_DIRECTORY = 3, TYPE_FILE = 4, TYPE_LINK = 7 };

#define RIGHT(bit) (1ull << (bit))
enum {
  BIT_DATASYNC,
  BIT_READ,
  BIT_SEEK,
  BIT_SET_FLAGS,
  BIT_SYNC,
  BIT_TELL,
  BIT_WRITE,
  BIT_ADVISE,
  BIT_ALLOCATE,
  BIT_CREATE_DIRECTORY,
  BIT_CREATE_FILE,
  BIT_LINK_SOURCE,
  BIT_LINK_TARGET,
  BIT_OPEN,
  BIT_READDIR,
  BIT_READLINK,
  BIT_RENAME_SOURCE,
  BIT_RENAME_TARGET,
  BIT_PATH_STAT,
  BIT_PATH_SET_SIZE,
  BIT_PATH_SET_TIMES,
  BIT_STAT,
  BIT_SET_SIZE,
  BIT_SET_TIMES,
  BIT_SYMLINK,
  BIT_REMOVE_DIRECTORY,
  BIT_UNLINK,
  BIT_POLL,
};
/** What a regular file, a directory and the standard streams can be asked for. */
#define FILE_RIGHTS                                                                                  \
  (RIGHT(BIT_DATASYNC) | RIGHT(BIT_READ) | RIGHT(BIT_SEEK) | RIGHT(BIT_SET_FLAGS) | RIGHT(BIT_SYNC) | \
   RIGHT(BIT_TELL) | RIGHT(BIT_WRITE) | RIGHT(BIT_ADVISE) | RIGHT(BIT_ALLOCATE) | RIGHT(BIT_STAT) |   \
   RIGHT(BIT_SET_SIZE) | RIGHT(BIT_SET_TIMES) | RIGHT(BIT_POLL))
#define DIRECTORY_RIGHTS                                                                              \
  (RIGHT(BIT_SET_FLAGS) | RIGHT(BIT_SYNC) | RIGHT(BIT_ADVISE) | RIGHT(BIT_CREATE_DIRECTORY) |         \
   RIGHT(BIT_CREATE_FILE) | RIGHT(BIT_LINK_SOURCE) | RIGHT(BIT_LINK_TARGET) | RIGHT(BIT_OPEN) |       \
   RIGHT(BIT_READDIR) | RIGHT(BIT_READLINK) | RIGHT(BIT_RENAME_SOURCE) | RIGHT(BIT_RENAME_TARGET) |   \
   RIGHT(BIT_PATH_STAT) | RIGHT(BIT_PATH_SET_SIZE) | RIGHT(BIT_PATH_SET_TIMES) | RIGHT(BIT_STAT) |    \
   RIGHT(BIT_SET_TIMES) | RIGHT(BIT_SYMLINK) | RIGHT(BIT_REMOVE_DIRECTORY) | RIGHT(BIT_UNLINK) |      \
   RIGHT(BIT_POLL))
#define STREAM_RIGHTS (RIGHT(BIT_SET_FLAGS) | RIGHT(BIT_STAT) | RIGHT(BIT_POLL))

enum { OPEN_CREATE = 1, OPEN_DIRECTORY = 2, OPEN_EXCLUSIVE = 4, OPEN_TRUNCATE = 8 };
enum { FLAG_APPEND = 1, FLAGS_KNOWN = 31 };
enum { LOOKUP_FOLLOW = 1 };
enum { SEEK_SET = 0, SEEK_CURRENT = 1, SEEK_END = 2 };
enum { TIME_ACCESS = 1, TIME_ACCESS_NOW = 2, TIME_CHANGE = 4, TIME_CHANGE_NOW = 8 };
enum { CLOCK_REALTIME = 0, CLOCK_MONOTONIC = 1, CLOCK_THREAD = 3 };
enum { EVENT_CLOCK = 0, EVENT_READ = 1, EVENT_WRITE = 2, EVENT_HANGUP = 1, CLOCK_ABSOLUTE = 1 };

/** Bytes of the structures, in the program's memory. */
enum {
  FDSTAT_BYTES = 24,
  FILESTAT_BYTES = 64,
  PRESTAT_BYTES = 8,
  DIRENT_BYTES = 24,
  SUBSCRIPTION_BYTES = 48,
  EVENT_BYTES = 32,
  IOVEC_BYTES = 8,
};
