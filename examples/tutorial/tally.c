/*
 * The tutorial's program in C: counts votes, one byte each, for 16 candidates; the counts go on from call to call.
 * Returns the number of the candidate who leads.
 */
#include <stdint.h>

__attribute__((import_module("arbiter"), import_name("input_size"))) uint32_t input_size(void);
__attribute__((import_module("arbiter"), import_name("input_read"))) void
input_read(void *destination, uint32_t offset, uint32_t length);

static uint32_t counts[16];

__attribute__((export_name("gateway"))) uint32_t gateway(void) {
  uint8_t vote;
  uint32_t leader = 0;
  for (uint32_t i = 0; i < input_size(); i++) {
    input_read(&vote, i, 1);
    if (vote < 16) counts[vote]++;
  }
  for (uint32_t i = 1; i < 16; i++)
    if (counts[i] > counts[leader]) leader = i;
  return leader;
}
