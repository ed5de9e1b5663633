/*
 * What embedded processors are measured by: a linked list that is searched, reversed and merge-sorted, small
 * integer matrices, a state machine that scans numbers, and a CRC over everything.
 *
 * Input: u32 iterations, u32 seed. output = the CRC of each part, u32 each. Returns the CRC of them all.
 */
#include "arbiter.h"

uint32_t output[8];

enum { NODES = 256, SIZE = 12, TEXT = 512 };

typedef struct Node {
  struct Node *next;
  int16_t key, value;
} Node;

static Node nodes[NODES];
static int16_t left[SIZE * SIZE], right[SIZE * SIZE];
static int32_t product[SIZE * SIZE];
static uint8_t text[TEXT];

static uint32_t crc(uint32_t sum, uint32_t value) {
  for (int i = 0; i < 32; i++, value >>= 1) {
    uint32_t carry = (sum ^ value) & 1;
    sum = sum >> 1 ^ (carry ? 0xedb88320u : 0);
  }
  return sum;
}

static Node *build_list(uint32_t *random) {
  for (int i = 0; i < NODES; i++) {
    nodes[i].key = (int16_t)next_random(random);
    nodes[i].value = (int16_t)i;
    nodes[i].next = i + 1 < NODES ? &nodes[i + 1] : 0;
  }
  return nodes;
}

static Node *reverse(Node *list) {
  Node *done = 0;
  while (list) {
    Node *next = list->next;
    list->next = done, done = list, list = next;
  }
  return done;
}

static int by_key(const Node *a, const Node *b) { return a->key - b->key; }
static int by_value(const Node *a, const Node *b) { return a->value - b->value; }

static Node *merge(Node *a, Node *b, int (*order)(const Node *, const Node *)) {
  Node first, *last = &first;
  while (a && b) {
    Node **from = order(a, b) <= 0 ? &a : &b;
    last = last->next = *from;
    *from = (*from)->next;
  }
  last->next = a ? a : b;
  return first.next;
}

static Node *sort(Node *list, int (*order)(const Node *, const Node *)) {
  if (!list || !list->next) return list;
  Node *slow = list, *fast = list->next;
  while (fast && fast->next) slow = slow->next, fast = fast->next->next;
  Node *half = slow->next;
  slow->next = 0;
  return merge(sort(list, order), sort(half, order), order);
}

static uint32_t list_part(uint32_t *random) {
  uint32_t sum = 0, position = 0;
  Node *list = sort(reverse(build_list(random)), by_key);
  for (Node *node = list; node; node = node->next, position++)
    if (node->value % 7 == 0) sum = crc(sum, (uint32_t)node->key ^ position);
  list = sort(list, by_value);
  return crc(sum, (uint32_t)list->key);
}

static uint32_t matrix_part(uint32_t *random) {
  uint32_t sum = 0;
  for (int i = 0; i < SIZE * SIZE; i++) {
    left[i] = (int16_t)next_random(random);
    right[i] = (int16_t)(next_random(random) >> 5);
  }
  for (int i = 0; i < SIZE; i++) {
    for (int j = 0; j < SIZE; j++) {
      int32_t cell = 0;
      for (int k = 0; k < SIZE; k++) cell += (left[i * SIZE + k] >> 2) * (right[k * SIZE + j] & 0xff);
      product[i * SIZE + j] = cell;
    }
  }
  for (int i = 0; i < SIZE * SIZE; i += 5) sum = crc(sum, (uint32_t)product[i]);
  return sum;
}

enum { START, SIGN, INTEGER, POINT, FRACTION, EXPONENT, EXPONENT_SIGN, POWER, WRONG, STATES };

static int next_state(int state, uint8_t c) {
  int digit = c >= '0' && c <= '9', sign = c == '+' || c == '-';
  switch (state) {
  case START: return digit ? INTEGER : sign ? SIGN : c == '.' ? POINT : WRONG;
  case SIGN: return digit ? INTEGER : c == '.' ? POINT : WRONG;
  case INTEGER: return digit ? INTEGER : c == '.' ? FRACTION : c == 'e' ? EXPONENT : WRONG;
  case POINT: return digit ? FRACTION : WRONG;
  case FRACTION: return digit ? FRACTION : c == 'e' ? EXPONENT : WRONG;
  case EXPONENT: return digit ? POWER : sign ? EXPONENT_SIGN : WRONG;
  case EXPONENT_SIGN: return digit ? POWER : WRONG;
  case POWER: return digit ? POWER : WRONG;
  default: return WRONG;
  }
}

static uint32_t state_part(uint32_t *random) {
  static const uint8_t alphabet[] = "0123456789+-.e,,1";
  uint32_t counts[STATES] = {0}, sum = 0;
  int state = START;
  for (int i = 0; i < TEXT; i++) text[i] = alphabet[next_random(random) % (sizeof alphabet - 1)];
  for (int i = 0; i < TEXT; i++) {
    if (text[i] == ',') counts[state]++, state = START;
    else state = next_state(state, text[i]);
  }
  for (int i = 0; i < STATES; i++) sum = crc(sum, counts[i]);
  return sum;
}

GATEWAY uint32_t gateway(void) {
  uint32_t iterations = input_word(0, 1), random = input_word(1, 1) | 1, sum = 0;
  for (int i = 0; i < 3; i++) output[i] = 0;
  for (uint32_t i = 0; i < iterations; i++) {
    output[0] = crc(output[0], list_part(&random));
    output[1] = crc(output[1], matrix_part(&random));
    output[2] = crc(output[2], state_part(&random));
  }
  for (int i = 0; i < 3; i++) sum = crc(sum, output[i]);
  return sum;
}
