// Counts words: each call reads a text, adds its words to a table that goes on from call to call, and returns how many
// different words there are. In C++ without its library: templates, constructors and `new` over an allocator of its own.
#include <stddef.h>
#include <stdint.h>

extern "C" {
__attribute__((import_module("arbiter"), import_name("input_size"))) uint32_t input_size();
__attribute__((import_module("arbiter"), import_name("input_read"))) void
input_read(void *destination, uint32_t offset, uint32_t length);
extern unsigned char __heap_base;
}

static uintptr_t top;

// Never frees; traps when memory cannot grow.
void *operator new(size_t size) {
  if (top == 0) top = reinterpret_cast<uintptr_t>(&__heap_base);
  uintptr_t at = (top + 7) & ~uintptr_t{7};
  top = at + size;
  size_t pages = (top + 65535) / 65536, have = __builtin_wasm_memory_size(0);
  if (pages > have && __builtin_wasm_memory_grow(0, pages - have) == size_t(-1)) __builtin_trap();
  return reinterpret_cast<void *>(at);
}
void *operator new[](size_t size) { return operator new(size); }
void operator delete(void *) noexcept {}
void operator delete(void *, size_t) noexcept {}
void operator delete[](void *) noexcept {}

template <typename T> class Vector {
  T *items = nullptr;
  uint32_t used = 0, room = 0;

public:
  uint32_t size() const { return used; }
  T &operator[](uint32_t i) { return items[i]; }
  void push(T item) {
    if (used == room) {
      room = room ? room * 2 : 8;
      T *larger = new T[room];
      for (uint32_t i = 0; i < used; i++) larger[i] = items[i];
      delete[] items;
      items = larger;
    }
    items[used++] = item;
  }
};

struct Text {
  const char *bytes = nullptr;
  uint32_t length = 0;

  bool operator==(const Text &other) const {
    if (length != other.length) return false;
    for (uint32_t i = 0; i < length; i++)
      if (bytes[i] != other.bytes[i]) return false;
    return true;
  }
  uint32_t hash() const {
    uint32_t hash = 2166136261u;
    for (uint32_t i = 0; i < length; i++) hash = (hash ^ uint8_t(bytes[i])) * 16777619u;
    return hash;
  }
  Text copy() const {
    char *own = new char[length];
    for (uint32_t i = 0; i < length; i++) own[i] = bytes[i];
    return {own, length};
  }
};

struct Word {
  Text text;
  uint32_t count = 0;
};

// Constant initialisation only: without a start file nothing would call constructors.
static Vector<Word> buckets[1024];
static uint32_t words;

static void add(Text text) {
  Vector<Word> &bucket = buckets[text.hash() % 1024];
  for (uint32_t i = 0; i < bucket.size(); i++) {
    if (bucket[i].text == text) {
      bucket[i].count++;
      return;
    }
  }
  bucket.push({text.copy(), 1});
  words++;
}

extern "C" __attribute__((export_name("gateway"))) uint32_t gateway() {
  uint32_t size = input_size(), start = 0;
  char *input = new char[size];
  input_read(input, 0, size);
  for (uint32_t i = 0; i <= size; i++) {
    if (i < size && input[i] > ' ') continue;
    if (i > start) add({input + start, i - start});
    start = i + 1;
  }
  return words;
}
