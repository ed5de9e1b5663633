/*
 * Compression in the manner of LZ77: matches found over hash chains, literals and matches written as bytes,
 * then decompressed again and compared.
 *
 * Input: u32 length of the text, u32 seed; or, where the input has more than 8 bytes, the text itself after them
 * (its first MiB). A made text is compressed in blocks of at most 1 MiB, each with a seed of its own. output =
 * compressed length u32, FNV-1a of the compressed bytes u32. Returns the compressed length, or 0 where decompression
 * does not give the text back.
 */
#include "arbiter.h"

uint32_t output[8];

enum { MOST = 1 << 20, HASH = 1 << 14, WINDOW = 1 << 15, CHAIN = 32, SHORTEST = 4, LONGEST = 259 };
static uint8_t text[MOST], packed[MOST + MOST / 8 + 16], unpacked[MOST];
static uint32_t head[HASH], previous[WINDOW];

/* Pseudo-random words from a small vocabulary, so that there is something to find. */
static void make_text(uint32_t length, uint32_t seed) {
  static const char vocabulary[] = "state hash machine judge proof claim fuel step wasm chunk leaf root ";
  uint32_t random = seed | 1, at = 0;
  while (at < length) {
    uint32_t start = next_random(&random) % (sizeof vocabulary - 1);
    uint32_t size = 3 + next_random(&random) % 14;
    for (uint32_t i = 0; i < size && at < length; i++)
      text[at++] = (uint8_t)vocabulary[(start + i) % (sizeof vocabulary - 1)];
    if (at < length && next_random(&random) % 4 == 0) text[at++] = (uint8_t)next_random(&random);
  }
}

static uint32_t hash_at(uint32_t at) {
  uint32_t word;
  __builtin_memcpy(&word, text + at, 4);
  return word * 2654435761u >> 18;
}

static void insert(uint32_t at, uint32_t length) {
  if (at + 4 > length) return;
  uint32_t *slot = &head[hash_at(at)];
  previous[at % WINDOW] = *slot;
  *slot = at + 1;
}

static uint32_t match_length(uint32_t a, uint32_t b, uint32_t most) {
  uint32_t n = 0;
  while (n < most && text[a + n] == text[b + n]) n++;
  return n;
}

/* Longest earlier occurrence of what stands at `at`; 0 if none is worth it. */
static uint32_t find_match(uint32_t at, uint32_t length, uint32_t *distance) {
  uint32_t best = 0;
  if (at + SHORTEST > length) return 0;
  uint32_t most = length - at < LONGEST ? length - at : LONGEST;
  uint32_t candidate = head[hash_at(at)];
  for (uint32_t i = 0; i < CHAIN && candidate > 0 && at - (candidate - 1) < WINDOW; i++) {
    uint32_t n = match_length(candidate - 1, at, most);
    if (n > best) best = n, *distance = at - (candidate - 1);
    uint32_t next = previous[(candidate - 1) % WINDOW];
    if (next >= candidate) break;
    candidate = next;
  }
  return best >= SHORTEST ? best : 0;
}

/* A flag byte stands before every eight items: bit set for a match (distance u16, length − 4 u8). */
static uint32_t compress(uint32_t length) {
  uint32_t out = 0, flags = 0, item = 0;
  for (uint32_t at = 0; at < length; item++) {
    uint32_t distance = 0, n = find_match(at, length, &distance);
    if (item % 8 == 0) flags = out, packed[out++] = 0;
    if (n == 0) packed[out++] = text[at], n = 1;
    else {
      packed[flags] |= (uint8_t)(1 << item % 8);
      packed[out++] = (uint8_t)distance;
      packed[out++] = (uint8_t)(distance >> 8);
      packed[out++] = (uint8_t)(n - SHORTEST);
    }
    for (uint32_t end = at + n; at < end; at++) insert(at, length);
  }
  return out;
}

static uint32_t decompress(uint32_t length) {
  uint32_t at = 0, flags = 0;
  for (uint32_t in = 0, item = 0; in < length; item++) {
    if (item % 8 == 0) flags = packed[in++];
    if (flags >> item % 8 & 1) {
      uint32_t distance = packed[in] | packed[in + 1] << 8, n = packed[in + 2] + SHORTEST;
      in += 3;
      for (uint32_t i = 0; i < n; i++, at++) unpacked[at] = unpacked[at - distance];
    } else unpacked[at++] = packed[in++];
  }
  return at;
}

/* Compresses the text, goes on with the hash, and checks the way back. Returns the length, 0 if the check fails. */
static uint32_t pack_block(uint32_t length, uint32_t *hash) {
  __builtin_memset(head, 0, sizeof head);
  uint32_t size = compress(length);
  *hash = fnv(*hash, packed, size);
  if (decompress(size) != length) return 0;
  for (uint32_t i = 0; i < length; i++)
    if (text[i] != unpacked[i]) return 0;
  return size;
}

GATEWAY uint32_t gateway(void) {
  uint32_t left = input_word(0, 1000), seed = input_word(1, 1), total = 0, hash = FNV_START;
  int is_given = input_size() > 8;
  if (is_given) left = input_size() - 8 < MOST ? input_size() - 8 : MOST;
  while (left > 0) {
    uint32_t length = left < MOST ? left : MOST;
    if (is_given) input_read(text, 8, length);
    else make_text(length, seed++);
    uint32_t size = pack_block(length, &hash);
    if (size == 0) {
      total = 0;
      break;
    }
    total += size;
    left -= length;
  }
  output[0] = total;
  output[1] = hash;
  return total;
}
