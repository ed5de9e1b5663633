/* The ledger on the SDK, in C; assembly/ledger.ts tells its transactions and answers. */
#include "../../sdk/c/application.h"

enum { DONE, UNKNOWN, INSUFFICIENT, OVERFLOW, FULL };
enum { DEPOSIT = 1, WITHDRAWAL, TRANSFER, BALANCE };
enum { ACCOUNTS = 65536, PLACES = 64 };

struct account {
  uint8_t address[20];
  uint8_t is_open;
  uint64_t balance;
};

static struct account ledger[ACCOUNTS];

static int is_same(const uint8_t *a, const uint8_t *b) {
  for (int i = 0; i < 20; i++)
    if (a[i] != b[i]) return 0;
  return 1;
}

/* An address's account, opened if it is new; 0 if there is no place for it. */
static struct account *account_of(const uint8_t *address) {
  uint32_t first = address[0] | (uint32_t)address[1] << 8;
  for (uint32_t i = 0; i < PLACES; i++) {
    struct account *account = &ledger[(first + i) % ACCOUNTS];
    if (account->is_open && is_same(account->address, address)) return account;
    if (account->is_open) continue;
    for (int j = 0; j < 20; j++) account->address[j] = address[j];
    account->is_open = 1;
    return account;
  }
  return 0;
}

/* Checks everything first, then writes: what is not done changes nothing. */
static uint32_t apply(struct account *own, const uint8_t *payload, uint32_t length) {
  uint8_t kind = length > 0 ? payload[0] : 0;
  if (kind == BALANCE && length == 1) return DONE;
  int is_transfer = kind == TRANSFER && length == 29;
  if (!is_transfer && !((kind == DEPOSIT || kind == WITHDRAWAL) && length == 9)) return UNKNOWN;
  uint64_t amount = 0;
  for (int i = 8; i > 0; i--) amount = amount << 8 | payload[i];
  if (kind == DEPOSIT) {
    if (own->balance + amount < amount) return OVERFLOW;
    own->balance += amount;
    return DONE;
  }
  if (own->balance < amount) return INSUFFICIENT;
  if (is_transfer) {
    struct account *to = account_of(payload + 9);
    if (!to) return FULL;
    if (to == own) return DONE;
    if (to->balance + amount < amount) return OVERFLOW;
    to->balance += amount;
  }
  own->balance -= amount;
  return DONE;
}

HANDLE uint64_t handle(const struct request *request, uint32_t length) {
  static struct {
    uint32_t outcome, zero;
    uint64_t balance;
  } answer;
  struct account *own = account_of(request->client);
  answer.outcome = own ? apply(own, request->payload, payload_length(length)) : FULL;
  answer.balance = own ? own->balance : 0;
  return response(&answer, sizeof answer);
}
