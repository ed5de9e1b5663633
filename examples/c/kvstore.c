/*
 * A key-value store with a transaction log: an open-addressed table in memory, and a log to which every
 * command that changed something is appended before the table changes, as a database writes ahead.
 *
 * Input: u32 rounds, then commands: kind u8 (1 put, 2 delete, 3 get) · key length u8 · value length u16 ·
 * key · value. All commands run `rounds` times; the round's number is mixed into every key. The table and the
 * log outlive the gateway call. output = live keys u32, log bytes u32, hits u32, FNV-1a of the log u32.
 * Returns the number of commands refused (bad kind, no room, or cut short).
 */
#include "arbiter.h"

uint32_t output[8];

enum { SLOTS = 8192, KEY = 32, VALUE = 88, LOG = 4 << 20, MOST_INPUT = 1 << 20 };

typedef struct {
  uint32_t hash; /* 0: never used, 1: deleted */
  uint8_t key_length, value_length, key[KEY], value[VALUE];
} Slot;

static Slot slots[SLOTS];
static uint8_t transactions[LOG], input[MOST_INPUT];
static uint32_t log_length, log_hash = FNV_START, live, hits;

static int same(const uint8_t *a, const uint8_t *b, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

/* The key's slot; otherwise a free one if `create`, or 0. */
static Slot *find(uint32_t hash, const uint8_t *key, uint32_t length, int create) {
  Slot *free_slot = 0;
  for (uint32_t probe = 0; probe < SLOTS; probe++) {
    Slot *slot = &slots[(hash + probe) % SLOTS];
    if (slot->hash == hash && slot->key_length == length && same(slot->key, key, length)) return slot;
    if (slot->hash <= 1 && !free_slot) free_slot = slot;
    if (slot->hash == 0) break;
  }
  return create ? free_slot : 0;
}

static void append(const uint8_t *command, uint32_t length, uint32_t round) {
  if (log_length + length + 4 > LOG) log_length = 0; /* the log is a ring; its hash goes on */
  uint8_t *entry = transactions + log_length;
  __builtin_memcpy(entry, &round, 4);
  __builtin_memcpy(entry + 4, command, length);
  log_hash = fnv(log_hash, entry, length + 4);
  log_length += length + 4;
}

static int put(Slot *slot, uint32_t hash, const uint8_t *key, uint32_t key_length,
               const uint8_t *value, uint32_t value_length) {
  if (!slot) return 0;
  live += slot->hash <= 1;
  slot->hash = hash;
  slot->key_length = (uint8_t)key_length;
  slot->value_length = (uint8_t)value_length;
  __builtin_memcpy(slot->key, key, key_length);
  __builtin_memcpy(slot->value, value, value_length);
  return 1;
}

/* Applies the command at `p`; `length` is that of the whole command. Returns 0 if it is refused. */
static int apply(const uint8_t *p, uint32_t length, uint32_t round) {
  uint32_t kind = p[0], key_length = p[1], value_length = p[2] | p[3] << 8;
  if (kind < 1 || kind > 3 || key_length > KEY || value_length > VALUE) return 0;
  uint32_t hash = fnv(FNV_START + round % 64, p + 4, key_length) | 2;
  Slot *slot = find(hash, p + 4, key_length, kind == 1);
  if (kind == 3) {
    hits += slot != 0;
    return 1;
  }
  if (!slot) return kind == 2;
  append(p, length, round);
  if (kind == 1) return put(slot, hash, p + 4, key_length, p + 4 + key_length, value_length);
  slot->hash = 1;
  live--;
  return 1;
}

static uint32_t run_round(uint32_t length, uint32_t round) {
  uint32_t refused = 0;
  for (uint32_t at = 0; at < length;) {
    if (length - at < 4) return refused + 1;
    uint32_t size = 4u + input[at + 1] + (input[at + 2] | input[at + 3] << 8);
    if (size > length - at) return refused + 1;
    refused += !apply(input + at, size, round);
    at += size;
  }
  return refused;
}

GATEWAY uint32_t gateway(void) {
  uint32_t rounds = input_word(0, 0), refused = 0;
  uint32_t length = input_size() > 4 ? input_size() - 4 : 0;
  if (length > MOST_INPUT) length = MOST_INPUT;
  if (length > 0) input_read(input, 4, length);
  for (uint32_t round = 0; round < rounds; round++) refused += run_round(length, round);
  output[0] = live, output[1] = log_length, output[2] = hits, output[3] = log_hash;
  return refused;
}
