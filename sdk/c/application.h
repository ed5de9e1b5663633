/*
 * What an application in C needs besides its handle (docs/sdk.md §6). Include it in one file, and write
 *
 *   HANDLE uint64_t handle(const struct request *request, uint32_t length) { ... return response(bytes, count); }
 *
 * Invariant: fields lie as the wrapper writes them; the payload stands behind them.
 */
#ifndef APPLICATION_H
#define APPLICATION_H

#include <stdint.h>

#define HANDLE __attribute__((export_name("handle")))

/* A transaction whose client, chain, time and place in its session the wrapper has checked. */
struct request {
  uint8_t client[20];
  uint8_t zero[4];
  uint64_t height; /* of the block */
  uint64_t session;
  uint64_t nonce;
  uint8_t payload[];
};

/* Bytes of the payload. */
static inline uint32_t payload_length(uint32_t length) {
  return length - (uint32_t)sizeof(struct request);
}

/* What handle returns: bytes that the wrapper copies before it calls again. */
static inline uint64_t response(const void *bytes, uint32_t length) {
  return (uint64_t)length << 32 | (uint32_t)(uintptr_t)bytes;
}

/* Room for the longest transaction, in which the wrapper writes. */
__attribute__((export_name("request_buffer"))) void *request_buffer(void) {
  static _Alignas(64) uint8_t buffer[65600];
  return buffer;
}

#endif
