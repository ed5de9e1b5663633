/**
 * Counts words: each call reads a text, adds its words to a map that goes on from call to call, and returns how many
 * different words there are. With AssemblyScript's strings, maps and garbage collector.
 */
@external("arbiter", "input_size")
declare function inputSize(): u32;
@external("arbiter", "input_read")
declare function inputRead(destination: usize, offset: u32, length: u32): void;

const counts = new Map<string, u32>();

function input(): string {
  const bytes = new Uint8Array(inputSize());
  inputRead(bytes.dataStart, 0, bytes.length);
  return String.UTF8.decode(bytes.buffer);
}

export function gateway(): u32 {
  const words = input().replaceAll("\n", " ").split(" ");
  for (let i = 0; i < words.length; i++) {
    const word = words[i];
    if (word.length == 0) continue;
    counts.set(word, counts.has(word) ? counts.get(word) + 1 : 1);
  }
  return counts.size;
}
