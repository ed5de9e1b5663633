/*
 * A small Forth: source text is compiled to byte code, which one switch in a loop executes.
 *
 * Input: Forth source. Words: integers, + - * / mod and or xor = < > dup drop swap over rot >r r> i @ ! . emit,
 * : ; if else then begin until while repeat do loop exit. `@` and `!` address 4,096 cells. What the program
 * prints goes to `output` (u32 length, then text) and counts into the result. Returns FNV-1a of the text, or 0 where
 * the program is wrong (unknown word, stack out of bounds, division by zero, unbalanced structure).
 */
#include "arbiter.h"

enum { SOURCE = 65536, CODE = 65536, WORDS = 256, DEPTH = 256, CELLS = 4096, TEXT = 8188 };
struct {
  uint32_t length;
  uint8_t text[TEXT];
} output;

#define PRIMITIVES(X)                                                                               \
  X(ADD, "+") X(SUB, "-") X(MUL, "*") X(DIV, "/") X(MOD, "mod") X(AND, "and") X(OR, "or")            \
  X(XOR, "xor") X(EQ, "=") X(LT, "<") X(GT, ">") X(DUP, "dup") X(DROP, "drop") X(SWAP, "swap")       \
  X(OVER, "over") X(ROT, "rot") X(TO_R, ">r") X(FROM_R, "r>") X(INDEX, "i") X(FETCH, "@")            \
  X(STORE, "!") X(PRINT, ".") X(EMIT, "emit") X(EXIT, "exit")
#define AS_CODE(code, name) code,
#define AS_NAME(code, name) name,
enum { PRIMITIVES(AS_CODE) PRIMITIVE_COUNT, PUSH = PRIMITIVE_COUNT, JUMP, JUMP_IF_0, CALL, DO, LOOP };
static const char *const names[] = {PRIMITIVES(AS_NAME)};

typedef struct {
  const char *name;
  uint32_t length, entry;
} Word;

static char source[SOURCE + 1];
static int32_t code[CODE], stack[DEPTH], returns[DEPTH], cells[CELLS];
static uint32_t code_length, word_count, marks[DEPTH], mark_count;
static Word words[WORDS];
static int failed;

static void compile(int32_t value) {
  if (code_length < CODE) code[code_length++] = value;
  else failed = 1;
}

static void mark(uint32_t at) {
  if (mark_count < DEPTH) marks[mark_count++] = at;
  else failed = 1;
}

static uint32_t unmark(void) {
  if (mark_count > 0) return marks[--mark_count];
  failed = 1;
  return 0;
}

static int equal(const char *name, const char *token, uint32_t length) {
  for (uint32_t i = 0; i < length; i++)
    if (name[i] != token[i]) return 0;
  return name[length] == 0;
}

static int compile_number(const char *token, uint32_t length) {
  uint32_t value = 0, i = token[0] == '-' && length > 1;
  for (; i < length; i++) {
    if (token[i] < '0' || token[i] > '9') return 0;
    value = value * 10 + (uint32_t)(token[i] - '0');
  }
  compile(PUSH);
  compile((int32_t)(token[0] == '-' ? 0 - value : value));
  return 1;
}

/* Forward jump: its target is filled in by `land`. */
static void leap(int32_t opcode) {
  compile(opcode);
  mark(code_length);
  compile(0);
}

static void land(uint32_t at) { code[at] = (int32_t)code_length; }

static int compile_structure(const char *t, uint32_t n) {
  uint32_t at;
  if (equal("if", t, n)) leap(JUMP_IF_0);
  else if (equal("else", t, n)) at = unmark(), leap(JUMP), land(at);
  else if (equal("then", t, n)) land(unmark());
  else if (equal("begin", t, n)) mark(code_length);
  else if (equal("until", t, n)) compile(JUMP_IF_0), compile((int32_t)unmark());
  else if (equal("while", t, n)) leap(JUMP_IF_0);
  else if (equal("repeat", t, n)) {
    at = unmark();
    compile(JUMP), compile((int32_t)unmark());
    land(at);
  } else if (equal("do", t, n)) compile(DO), mark(code_length);
  else if (equal("loop", t, n)) compile(LOOP), compile((int32_t)unmark());
  else return 0;
  return 1;
}

static int compile_word(const char *t, uint32_t n) {
  for (uint32_t i = word_count; i-- > 0;) {
    if (words[i].length != n) continue;
    uint32_t same = 0;
    while (same < n && words[i].name[same] == t[same]) same++;
    if (same < n) continue;
    compile(CALL), compile((int32_t)words[i].entry);
    return 1;
  }
  for (int32_t i = 0; i < PRIMITIVE_COUNT; i++)
    if (equal(names[i], t, n)) return compile(i), 1;
  return 0;
}

static const char *token_from(const char *p, uint32_t *length) {
  while (*p == ' ' || *p == '\n' || *p == '\t') p++;
  for (*length = 0; (uint8_t)p[*length] > ' '; ++*length);
  return p;
}

/* Compiles the text; a definition is jumped over where it stands. */
static void compile_source(void) {
  uint32_t n, over = 0;
  for (const char *t = token_from(source, &n); n > 0 && !failed; t = token_from(t + n, &n)) {
    if (equal(":", t, n)) {
      t = token_from(t + n, &n);
      if (over || n == 0 || word_count == WORDS) failed = 1;
      else {
        compile(JUMP), over = code_length, compile(0);
        words[word_count++] = (Word){t, n, code_length};
      }
    } else if (equal(";", t, n)) {
      compile(EXIT);
      if (over) land(over), over = 0;
      else failed = 1;
    } else if (!compile_word(t, n) && !compile_structure(t, n) && !compile_number(t, n)) failed = 1;
  }
  compile(EXIT);
  failed |= over != 0 || mark_count != 0;
}

static void emit(uint8_t character) {
  if (output.length < TEXT) output.text[output.length++] = character;
}

static void print(int32_t value) {
  uint8_t digits[10];
  uint32_t n = 0, rest = value < 0 ? 0 - (uint32_t)value : (uint32_t)value;
  if (value < 0) emit('-');
  do digits[n++] = (uint8_t)('0' + rest % 10), rest /= 10;
  while (rest > 0);
  while (n > 0) emit(digits[--n]);
  emit(' ');
}

#define BINARY(expression)                                                                          \
  {                                                                                                 \
    int32_t y = stack[--sp], x = stack[sp - 1];                                                     \
    stack[sp - 1] = (int32_t)(expression);                                                          \
    break;                                                                                          \
  }

static int execute(void) {
  uint32_t pc = 0, sp = 4, rp = 2; /* two spare return cells, four spare operands: bounds are checked once a step */
  for (;;) {
    if (sp < 4 || sp > DEPTH - 4 || rp < 2 || rp > DEPTH - 4) return 0;
    switch (code[pc++]) {
    case ADD: BINARY((uint32_t)x + (uint32_t)y)
    case SUB: BINARY((uint32_t)x - (uint32_t)y)
    case MUL: BINARY((uint32_t)x * (uint32_t)y)
    case DIV:
      if (stack[sp - 1] == 0 || stack[sp - 1] == -1) return 0;
      BINARY(x / y)
    case MOD:
      if (stack[sp - 1] == 0 || stack[sp - 1] == -1) return 0;
      BINARY(x % y)
    case AND: BINARY(x & y)
    case OR: BINARY(x | y)
    case XOR: BINARY(x ^ y)
    case EQ: BINARY(-(x == y))
    case LT: BINARY(-(x < y))
    case GT: BINARY(-(x > y))
    case DUP: stack[sp] = stack[sp - 1], sp++; break;
    case DROP: sp--; break;
    case SWAP: { int32_t y = stack[sp - 1]; stack[sp - 1] = stack[sp - 2], stack[sp - 2] = y; break; }
    case OVER: stack[sp] = stack[sp - 2], sp++; break;
    case ROT: {
      int32_t x = stack[sp - 3];
      stack[sp - 3] = stack[sp - 2], stack[sp - 2] = stack[sp - 1], stack[sp - 1] = x;
      break;
    }
    case TO_R: returns[rp++] = stack[--sp]; break;
    case FROM_R: stack[sp++] = returns[--rp]; break;
    case INDEX: stack[sp++] = returns[rp - 1]; break;
    case FETCH: stack[sp - 1] = cells[(uint32_t)stack[sp - 1] % CELLS]; break;
    case STORE: cells[(uint32_t)stack[sp - 1] % CELLS] = stack[sp - 2], sp -= 2; break;
    case PRINT: print(stack[--sp]); break;
    case EMIT: emit((uint8_t)stack[--sp]); break;
    case EXIT:
      if (rp == 2) return 1;
      pc = (uint32_t)returns[--rp];
      if (pc >= code_length) return 0;
      break;
    case PUSH: stack[sp++] = code[pc++]; break;
    case JUMP: pc = (uint32_t)code[pc]; break;
    case JUMP_IF_0: pc = stack[--sp] == 0 ? (uint32_t)code[pc] : pc + 1; break;
    case CALL: returns[rp++] = (int32_t)pc + 1, pc = (uint32_t)code[pc]; break;
    case DO: /* ( limit start -- ) */
      returns[rp] = stack[sp - 2], returns[rp + 1] = stack[sp - 1], rp += 2, sp -= 2;
      break;
    case LOOP:
      if (++returns[rp - 1] < returns[rp - 2]) pc = (uint32_t)code[pc];
      else rp -= 2, pc++;
      break;
    default: return 0;
    }
  }
}

GATEWAY uint32_t gateway(void) {
  uint32_t length = input_size() < SOURCE ? input_size() : SOURCE;
  if (length > 0) input_read(source, 0, length);
  source[length] = 0;
  code_length = word_count = mark_count = output.length = 0;
  failed = 0;
  compile_source();
  if (failed || !execute()) return 0;
  return fnv(FNV_START, output.text, output.length);
}
