/*
 * Three sorts of the same pseudo-random numbers (quick, heap, merge), checked against one another.
 *
 * Input: u32 count, u32 seed. More than 262,144 numbers are made and sorted in runs of so many. output = FNV-1a of
 * the sorted runs, u32. Returns 1 if all three agree and are in order, 0 otherwise.
 */
#include "arbiter.h"

uint32_t output[8];

enum { MOST = 262144 };
static uint32_t quick[MOST], heap[MOST], merge[MOST], spare[MOST];

static void swap(uint32_t *a, uint32_t *b) {
  uint32_t t = *a;
  *a = *b, *b = t;
}

static void quick_sort(uint32_t *v, int32_t low, int32_t high) {
  while (low < high) {
    uint32_t pivot = v[low + (high - low) / 2];
    int32_t i = low, j = high;
    while (i <= j) {
      while (v[i] < pivot) i++;
      while (v[j] > pivot) j--;
      if (i <= j) swap(&v[i++], &v[j--]);
    }
    if (j - low < high - i) {
      quick_sort(v, low, j);
      low = i;
    } else {
      quick_sort(v, i, high);
      high = j;
    }
  }
}

static void sift_down(uint32_t *v, uint32_t root, uint32_t count) {
  for (uint32_t child; (child = 2 * root + 1) < count; root = child) {
    if (child + 1 < count && v[child + 1] > v[child]) child++;
    if (v[root] >= v[child]) return;
    swap(&v[root], &v[child]);
  }
}

static void heap_sort(uint32_t *v, uint32_t count) {
  for (uint32_t i = count / 2; i-- > 0;) sift_down(v, i, count);
  for (uint32_t end = count; end-- > 1;) {
    swap(&v[0], &v[end]);
    sift_down(v, 0, end);
  }
}

static void merge_sort(uint32_t *v, uint32_t *other, uint32_t count) {
  for (uint32_t width = 1; width < count; width *= 2) {
    for (uint32_t start = 0; start < count; start += 2 * width) {
      uint32_t middle = start + width < count ? start + width : count;
      uint32_t end = start + 2 * width < count ? start + 2 * width : count;
      uint32_t i = start, j = middle;
      for (uint32_t k = start; k < end; k++)
        other[k] = i < middle && (j >= end || v[i] <= v[j]) ? v[i++] : v[j++];
    }
    __builtin_memcpy(v, other, count * sizeof *v);
  }
}

/* Makes a run of numbers, sorts it three times, and goes on with the hash. Returns 0 if the sorts differ. */
static uint32_t sort_run(uint32_t count, uint32_t *random, uint32_t *hash) {
  for (uint32_t i = 0; i < count; i++) quick[i] = heap[i] = merge[i] = next_random(random);
  quick_sort(quick, 0, (int32_t)count - 1);
  heap_sort(heap, count);
  merge_sort(merge, spare, count);
  uint32_t right = 1;
  for (uint32_t i = 0; i < count; i++) {
    right &= quick[i] == heap[i] && heap[i] == merge[i] && (i == 0 || quick[i - 1] <= quick[i]);
    *hash = fnv(*hash, &quick[i], 4);
  }
  return right;
}

GATEWAY uint32_t gateway(void) {
  uint32_t left = input_word(0, 1000), random = input_word(1, 1) | 1;
  uint32_t right = 1, hash = FNV_START;
  while (left > 0) {
    uint32_t count = left < MOST ? left : MOST;
    right &= sort_run(count, &random, &hash);
    left -= count;
  }
  output[0] = hash;
  return right;
}
